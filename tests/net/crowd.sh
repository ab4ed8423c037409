#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# 250 VMs appear at once: each is a veth that is named as the tap of a domain, with a MAC and an
# address of its own, and a share.  All are served; what the service takes is counted, while it
# works and when nothing happens any more.  With --long eight of them are real guests.
# Alone: what the service takes is measured.
# shellcheck disable=SC2016,SC2119 # scripts for another shell; begin has options
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
count=250
begin --no-libvirt --no-dhcp

ip_of() { echo "172.16.10.$((1 + $1))"; }
vm_mac() { printf '52:54:00:00:01:%02x' "$1"; }
uuid_of() { printf 'c0ffee00-0000-4000-8000-%012d' "$1"; }
now() { echo $((${EPOCHREALTIME//[.,]/} / 1000)); }
real=0
[[ -z ${HUBSHARE_LONG:-} ]] || real=8

# What libvirt says: all of them run.  What hubshare kept: a share for each, permanent.
describe() {
	local i
	echo "<node>"
	for ((i = 1; i <= count; i++)); do
		cat <<-END
			<domain type='test'><name>vm-$i</name><uuid>$(uuid_of "$i")</uuid><memory>1</memory>
			<os><type>hvm</type></os><devices><interface type='bridge'><mac address='$(vm_mac "$i")'/>
			<source bridge='br-hub'/><target dev='tap-$i'/></interface></devices></domain>
		END
	done
	echo "</node>"
}
prepare() {
	local i
	for ((i = 1; i <= count; i++)); do
		echo "# UUID: $(uuid_of "$i")"
	done | in_lab sh -c 'while read -r _ _ uuid; do
		printf "# Made by hubshare.  Use hubshare to change it; other changes are noticed and not used.\n# UUID: %s\n# VM: vm-%d\n\n[mine]\n# hubshare: owner=0\nguest ok = yes\nread only = yes\ncreate mask = 0664\ndirectory mask = 0775\npath = /srv/mine\n" \
			"$uuid" "$(echo "${uuid##*-}" | sed "s/^0*//")" >"/etc/samba/perm.conf.d/$uuid.conf"
	done; mkdir /srv/mine; yes "secret-of-all" | head -c 4096 >/srv/mine/file'
}
describe | in_lab tee /etc/domains.xml >/dev/null
in_lab mkdir -p /etc/hubshare
printf '[hubshare]\nconnect = test:///etc/domains.xml\n' | in_lab tee /etc/hubshare/hubshare.conf >/dev/null
prepare

# The cards, in one namespace; each answers for its own address only and leaves by it.
cards() {
	local i
	for ((i = real + 1; i <= count; i++)); do
		echo "link add tap-$i type veth peer name eth$i address $(vm_mac "$i") netns crowd"
	done
}
addresses() {
	local i
	for ((i = real + 1; i <= count; i++)); do
		echo "address add $(ip_of "$i")/32 dev eth$i"
		echo "rule add from $(ip_of "$i") table $i"
	done
}
batch() { in_lab ip -batch - "$@"; }
in_lab ip netns add crowd
cards | batch
in_client crowd sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore
	echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce; echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter'
addresses | batch -n crowd

# A real guest without libvirt, which knows of it from the file: QEMU on a tap of that name.
guest_alone() {
	in_lab ip tuntap add "tap-$1" mode tap
	in_lab ip link set "tap-$1" master br-hub up
	in_lab sh -c "exec qemu-system-x86_64 -machine q35 -m 128 -nodefaults -nographic \
		-kernel $LAB_CACHE/vmlinuz -initrd $LAB_CACHE/initramfs \
		-append 'console=ttyS0 quiet panic=-1 lab.name=vm-$1 lab.address=$(ip_of "$1")/24' \
		-netdev tap,id=n,ifname=tap-$1,script=no,downscript=no \
		-device virtio-net-pci,netdev=n,mac=$(vm_mac "$1"),romfile= \
		-serial file:/var/log/console-$1.log -device virtio-serial \
		-chardev socket,id=c,path=/run/lab/vm-$1.sock,server=on,wait=off \
		-device virtconsole,chardev=c >/var/log/qemu-$1.log 2>&1 </dev/null &"
}

service_start --verbose
appear() {
	local i
	for ((i = real + 1; i <= count; i++)); do
		echo "link set tap-$i master br-hub up"
	done | batch
	for ((i = real + 1; i <= count; i++)); do
		echo "link set eth$i up"
		echo "route add 172.16.10.1 dev eth$i src $(ip_of "$i") table $i"
	done | batch -n crowd
	in_client crowd python3 - $((real + 1)) $count <<-'END'
		# Each says which address it has, as most systems do when they have one.
		import socket, sys
		everybody = b"\xff" * 6
		cards = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		for i in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
		    mac, ip = bytes.fromhex("5254000001%02x" % i), bytes((172, 16, 10, 1 + i))
		    cards.sendto(everybody + mac + bytes.fromhex("08060001080006040001")
		                 + mac + ip + everybody + ip + bytes(18), ("eth%d" % i, 0))
	END
}

rendered() { in_lab sh -c 'grep -ls "^\[mine\]" /run/samba/hubshare/*.conf | wc -l'; }
all_rendered() { (($(rendered) == count)); }
let_in() { in_lab nft list table bridge hubshare | grep -oE 'tap-[0-9]+" *\. *52:54:[0-9a-f:]+ *\. *172[0-9.]+' | sort -u | wc -l; }
all_let_in() { (($(let_in) == count)); }
read_there() { in_client crowd timeout 20 liar -1 -c 2 -b "$(ip_of "$1")" "$LAB_ADDRESS" file secret-of-all mine; }
not_there() { ! in_client crowd timeout 20 liar -1 -c 2 -b "$(ip_of "$1")" "$LAB_ADDRESS" file secret-of-all other; }

# pss: KiB of all processes of the service; cpu: ns they have run.
pss() { service_pids | in_lab sh -c 'while read -r p; do cat /proc/$p/smaps_rollup 2>/dev/null; done; true' | awk '/^Pss:/ { sum += $2 } END { print sum + 0 }'; }
cpu() { service_pids | in_lab sh -c 'while read -r p; do cat /proc/$p/task/*/schedstat 2>/dev/null; done; true' | awk '{ sum += $1 } END { printf "%d\n", sum }'; }

for ((vm = 1; vm <= real; vm++)); do guest_alone $vm; done
for ((vm = 1; vm <= real; vm++)); do
	soon 300 "the real guest vm-$vm is up" in_lab grep -qs "lab: ready" "/var/log/console-$vm.log"
	liar_start "real-$vm" "vm-$vm" secret-of-all -c 2 mine
done
for ((vm = 1; vm <= real; vm++)); do
	soon 60 "the real guest vm-$vm reads" liar_reads "real-$vm"
done

since=$(now)
appear
took=$(($(now) - since))
echo "| $((count - real)) VMs appear within $took ms"
soon 60 "each has its rendering" all_rendered
soon 60 "each is let in" all_let_in
echo "| all are served after $(($(now) - since)) ms"
for vm in $((real + 1)) 100 $count; do
	ok "vm-$vm reads" read_there $vm
	status=0
done
for ((vm = 1; vm <= real; vm++)); do
	soon 60 "the real guest vm-$vm reads on" liar_reads "real-$vm"
	liar_end "real-$vm" >/dev/null
done

kib=$(pss)
echo "| the service's processes take $kib KiB (PSS)"
ok "they take less than 32 MiB" test "$kib" -lt $((32 * 1024))

# It comes to rest; then what it runs for 10 s is counted.
settled() {
	local before
	before=$(cpu)
	! wait_for 2 false
	(($(cpu) - before < 40000000))
}
soon 60 "it comes to rest" settled
before=$(cpu)
! wait_for 10 false
us=$((($(cpu) - before) / 1000))
echo "| and run $us µs in 10 s when nothing happens: $((us / 1000)).$((us / 100 % 10)) of 10000 ms"
ok "which is less than 0.5 % of one core" test $us -lt 50000

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The service keeps it true by itself: real guests that appear, move, stop, are renamed, get a
# second card and lose it, while libvirtd comes and goes and the service is killed.  Lines that
# begin with | are what was measured; what is asserted is a generous bound.
# Alone: times are measured.
# shellcheck disable=SC2016,SC2119 # scripts for another shell; begin has options
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin
in_lab sh -c 'for vm in a b; do mkdir /srv/$vm; yes "secret-of-$vm" | head -c 4096 >/srv/$vm/file; done'
static=172.16.10.11 # outside of what DHCP gives

now() { echo $((${EPOCHREALTIME//[.,]/} / 1000)); }
# timed SECONDS NAME COMMAND...: soon, and says how soon.
timed() {
	local since
	since=$(now)
	soon "$@"
	echo "| $2: $(($(now) - since)) ms"
}
# witness IP...: lab/witness.py looks on from now on.
witness() {
	in_lab sh -c '[ ! -e /run/lab/witness.pid ] || kill $(cat /run/lab/witness.pid)'
	in_lab sh -c "$LAB_SRC/witness.py $* >/run/lab/witness 2>&1 </dev/null &
		echo \$! >/run/lab/witness.pid"
	wait_for 20 in_lab grep -q ready /run/lab/witness
}
# witnessed NAME IP: what it saw there.
witnessed() {
	soon 20 "$1: bytes were seen" in_lab grep -q "^$2 read" /run/lab/witness
	echo "| $1, from the first frame with the address: $(in_lab awk -v ip="$2" \
		'$1 == ip && $2 != "frame" { printf "%s%s after %s ms", sep, $2, $3; sep = ", " }' \
		/run/lab/witness)"
	ok "$1: the host answers within 5 seconds" in_lab awk -v ip="$2" \
		'$1 == ip && $2 == "answered" && $3 < 5000 { found = 1 } END { exit !found }' \
		/run/lab/witness
}

# is_open IP, is_shut IP: as the host has it.  Shut is what smbd does not include, and what the
# gate keeps from it.
rendered() {
	in_lab sh -c "grep -qs '^\[' /etc/samba/perm.conf.d/$1.conf /etc/samba/temp.conf.d/$1.conf"
}
kept_out() { in_lab nft list table bridge hubshare >"$LAB_STATE/gate" && ! grep -qF " $1" "$LAB_STATE/gate"; }
is_open() { rendered "$1" && ! kept_out "$1"; }
is_shut() { ! rendered "$1" || kept_out "$1"; }

# address GUEST ADDRESS [DEVICE]: as somebody in the guest would set it.
address() {
	in_guest "$1" "ip address flush dev ${3:-eth0}; ip address add $2/24 dev ${3:-eth0}"
}
# leases GUEST OLD NEW: DHCP gives it another address, and its client sets it.
leases() {
	local client
	client="server=$LAB_ADDRESS id=01$(mac_of "$1" | tr -d :)"
	same "DHCP gives $1 another address" "ack $3" "$(in_guest "$1" "
		frames eth0 dhcp release ip=$2 $client; frames eth0 dhcp request ip=$3 $client")"
	address "$1" "$3"
}
# solo: one session of alpha's beside the others; it is not cut while it is looked at.
solo() { liar_start solo alpha secret-of-a -c 1 a; soon 20 "$1" liar_reads solo; }
not_cut() {
	soon 20 "$1" liar_reads solo
	same "$1, in the same session" 1 "$(liar_said solo sessions)"
}

service_start --verbose

# --- a VM appears ---

guest_define alpha "" "$static/24"
says "parked" "a share for a VM that has never booted" hs -p add -g -r alpha /srv/a a
witness $static
guest_start alpha
guest_wait alpha
liar_start a alpha secret-of-a a
soon 20 "it is open when the VM is there" liar_reads a
witnessed "a VM appears" $static
guest_define beta
ok "a share for another that is off" hs -p add -g -r beta /srv/b b
guest_start beta
guest_wait beta
old=$(guest_address beta)
liar_start b beta secret-of-b b
soon 20 "it is open, too" liar_reads b

# --- it gets another address ---

new=172.16.10.249
witness $new
leases beta "$old" $new
timed 10 "a new lease: shut at the old address" is_shut "$old"
soon 20 "a new lease: open at the new one" liar_reads b
witnessed "a new lease" $new
witness 172.16.10.12
address alpha 172.16.10.12
timed 20 "an address set by hand: shut at the old one" is_shut $static
soon 20 "an address set by hand: open at the new one" liar_reads a
witnessed "an address set by hand" 172.16.10.12
address alpha $static
soon 20 "and back" liar_reads a

# --- it goes off, and comes back under another name ---

at=$(guest_address beta)
in_lab virsh -q destroy beta
timed 10 "a VM goes off: shut" is_shut "$at"
lists() { hs list | grep -qE "$1"; }
soon 10 "its share is not lost" lists "beta +\| - +\| b "
in_lab virsh -q domrename beta gamma
soon 10 "it is renamed: so is the share's VM" lists "gamma +\| - +\| b "
in_lab rm -f /var/log/libvirt/console-beta.log
guest_start gamma # its console is still beta's
guest_wait beta
liar_start b beta secret-of-b b
soon 20 "under its new name it has its share" liar_reads b

# --- a clone ---

guest_define clone
guest_start clone
guest_wait clone
liar_start clone clone secret-of-b a b

# --- a second card, plugged and pulled ---

second=172.16.10.13
in_lab virsh -q attach-interface alpha bridge br-hub --mac 52:54:00:00:00:13 --model virtio --live
soon 20 "a card is plugged" in_guest alpha 'ip link set eth1 up'
address alpha $second eth1
# One network on two cards: each address is left by its own.
in_guest alpha "for n in 0:$static 1:$second; do
	echo 2 >/proc/sys/net/ipv4/conf/eth\${n%%:*}/arp_announce
	echo 1 >/proc/sys/net/ipv4/conf/eth\${n%%:*}/arp_ignore
	ip rule add from \${n#*:} table 10\${n%%:*}; ip route add 172.16.10.0/24 dev eth\${n%%:*} table 10\${n%%:*}
done"
liar_start second alpha secret-of-a -b $second a
soon 20 "the VM is served on both: there" liar_reads second
soon 20 "the VM is served on both: here" liar_reads a
in_lab virsh -q detach-interface alpha bridge --mac 52:54:00:00:00:13 --live
timed 20 "the card is pulled: shut" is_shut $second
soon 20 "the other goes on" liar_reads a
liar_end second >/dev/null

# --- libvirtd restarts, hangs, is away: nothing is closed for good ---

solo "alpha has a session"
service_stop libvirtd
not_cut "libvirtd is away: alpha reads"
in_lab bash "$LAB_SRC/services.sh" libvirt
not_cut "libvirtd is back: alpha reads"
service_signal STOP libvirtd
not_cut "libvirtd hangs: alpha reads"
liar_end solo >/dev/null
soon 10 "libvirtd hangs: and the other" liar_reads b
address alpha 172.16.10.14
timed 20 "libvirtd hangs: alpha moves and is followed" is_open 172.16.10.14
soon 20 "libvirtd hangs: it reads there" liar_reads a
address alpha $static
soon 20 "libvirtd hangs: and back" liar_reads a
service_signal CONT libvirtd
soon 10 "libvirtd goes on: alpha reads" liar_reads a
in_lab virsh -q destroy gamma
timed 20 "after that, too, it is seen that a VM goes off" is_shut "$at"

# --- the service is killed ---

solo "alpha has a session"
service_kill
not_cut "the service is killed: what was open is open"
in_lab rm -f /var/log/libvirt/console-beta.log
guest_start gamma
guest_wait beta
liar_start b beta secret-of-b b
ok "what was closed stays closed" is_shut "$at"
refused "for the VM itself" liar_reads b 0
service_start --verbose
soon 20 "the next start opens it" liar_reads b
not_cut "and leaves the other alone"
service_kill
in_lab virsh -q destroy gamma
service_start --verbose
timed 20 "a VM went off while no service ran: the next start shuts" is_shut "$at"

# --- the host boots anew: what lies on a tmpfs is gone, and nobody is there ---

liar_judged clone
service_kill
for vm in alpha clone; do in_lab virsh -q destroy $vm; done
service_stop libvirtd
in_lab sh -c 'rm -rf /run/hubshare /run/samba/hubshare/* /etc/samba/temp.conf.d/*; nft flush ruleset'
ok "after a boot nothing is open" is_shut $static
in_lab bash "$LAB_SRC/services.sh" libvirt
service_start --verbose
ok "nor before its VM is there" is_shut $static
in_lab rm -f /var/log/libvirt/console-alpha.log
guest_start alpha
guest_wait alpha
liar_start a alpha secret-of-a a
soon 20 "its share is there again" liar_reads a

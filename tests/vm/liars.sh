#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# A real guest that lies: about its address, its MAC, the host, to the DHCP server; while
# another, whose secret it wants, is there, is away, is cloned, has its card pulled.  It tries
# to read all the time and must not read a byte.
# shellcheck disable=SC2016,SC2119,SC2154 # scripts for another shell; begin has options; lies.sh's
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
# shellcheck source=tests/lab/lies.sh
. "$LAB_SRC/lies.sh"
begin
guest_add alpha beta
tap_of() { in_lab virsh -q domiflist "$1" | awk 'NR == 1 { print $1 }'; }
lies_begin "$(guest_address alpha)" "$(mac_of alpha)" "$(tap_of alpha)" \
	"$(guest_address beta)" "$(mac_of beta)" "$(tap_of beta)"
says "secret-of-a" "alpha has its share mounted" in_guest alpha \
	"mount.cifs //$LAB_ADDRESS/secret /mnt -o guest,cache=none && head -1 /mnt/file"
mounted() { in_guest alpha 'head -1 /mnt/file'; }

lies_of_address lease
lies_of_mac
lie_of_flood
says "secret-of-a" "through all of that it was mounted" mounted

# --- to the DHCP server ---

leased() { in_lab grep -c " $1 " /var/lib/misc/dnsmasq.leases; }
id_of() { echo "01$(tr -d : <<<"$1")"; }
leases() { in_lab sh -c 'cut -d" " -f2- /var/lib/misc/dnsmasq.leases | sort'; }
before=$(leases)
# asks NAME SCRIPT: beta says that to the server, and is told nothing.
asks() { same "$1: no answer" none "$(in_guest beta "$2")"; }
asks "DHCP with alpha's chaddr" "frames eth0 dhcp request mac=$a_mac from=$b_mac ip=$a_ip id=$(id_of "$a_mac")"
asks "DHCP with alpha's chaddr and MAC" "frames eth0 dhcp request mac=$a_mac ip=$a_ip id=$(id_of "$a_mac")"
for kind in decline release; do
	ok "DHCP: beta says $kind for alpha" in_guest beta "frames eth0 dhcp $kind mac=$a_mac \
		from=$b_mac ip=$a_ip server=$LAB_ADDRESS id=$(id_of "$a_mac")"
	ok "DHCP: beta says $kind of alpha's address" in_guest beta \
		"frames eth0 dhcp $kind ip=$a_ip server=$LAB_ADDRESS"
done
same "DHCP: beta drains the pool under other MACs: it gets nothing" 0 \
	"$(in_guest beta "frames eth0 drain count=5")"
same "DHCP: the leases are what they were" "$before" "$(leases)"
goes_on "DHCP"

# With alpha's client-id it gets alpha's lease from a server that goes by that, and from then on
# the lease says that alpha's address is beta's: alpha loses it, and beta gets nothing with it.
taken=$(in_guest beta "frames eth0 dhcp request ip=$a_ip id=$(id_of "$a_mac")")
echo "| DHCP with alpha's client-id: $taken"
ok "DHCP with alpha's client-id: beta takes what it gets" in_guest beta "$(becomes "$a_ip")"
soon 30 "DHCP with alpha's client-id: the leases say whose it is" leased "$b_mac $a_ip"
ok "DHCP with alpha's client-id: beta is back" in_guest beta "$(becomes "$b_ip")
	frames eth0 dhcp release ip=$a_ip server=$LAB_ADDRESS id=$(id_of "$a_mac")"
ok "DHCP with alpha's client-id: alpha asks again" in_guest alpha \
	"frames eth0 dhcp request ip=$a_ip id=$(id_of "$a_mac")"
is_as_before "DHCP with alpha's client-id"

# --- alpha's address is given to beta while alpha has a session ---

in_lab sh -c ': >/var/lib/misc/dnsmasq.leases'
service_stop dnsmasq
in_lab bash "$LAB_SRC/services.sh" dhcp "$a_ip,$a_ip"
same "the server gives alpha's address to beta" "ack $a_ip" \
	"$(in_guest beta "frames eth0 dhcp request ip=$a_ip")"
soon 30 "alpha, who has no lease for it any more, is cut" liar_quiet alpha 1500
ok "beta takes it" in_guest beta "$(becomes "$a_ip")"
had=$(liar_said own bytes)
soon 30 "and has its own share there" liar_reads own "$had"
same "and not alpha's" 0 "$(liar_said beta bytes)"
in_lab sh -c ': >/var/lib/misc/dnsmasq.leases'
service_stop dnsmasq
in_lab bash "$LAB_SRC/services.sh" dhcp
ok "beta has its own address again" in_guest beta "$(becomes "$b_ip")
	frames eth0 dhcp request ip=$b_ip id=$(id_of "$b_mac")"
ok "and alpha its" in_guest alpha "frames eth0 dhcp request ip=$a_ip id=$(id_of "$a_mac")"
is_as_before "alpha's address was beta's"

# --- alpha's card is pulled and plugged ---

in_lab virsh -q detach-interface alpha bridge --mac "$a_mac" --live
no_card() { [[ -z $(tap_of alpha) ]]; }
wait_for 30 no_card
ok "alpha's card is pulled: beta takes its address" in_guest beta "$(becomes "$a_ip")"
ok "and its MAC, too" in_guest beta "$(becomes "$a_ip" "$a_mac")"
soon 20 "who has tried" more_tries
in_lab virsh -q attach-interface alpha bridge br-hub --mac "$a_mac" --model virtio --live
soon 20 "alpha's card is plugged" in_guest alpha \
	"ip link set eth0 up; ip address add $a_ip/24 dev eth0"
goes_on_anew() { soon 30 "$1" liar_reads alpha; }
goes_on_anew "alpha reads while beta says to be alpha"
ok "beta is itself again" in_guest beta "$(becomes "$b_ip" "$b_mac")"
is_as_before "alpha's card was pulled"

# --- a clone with the same MAC ---

guest_define clone "$a_mac"
guest_start clone
soon 60 "a clone with alpha's MAC: alpha is in doubt" liar_quiet alpha 1500
guest_wait clone
liar_start clone clone secret-of-a -b "$a_ip" secret
in_guest clone "$(becomes "$a_ip")"
soon 20 "the clone has tried" more_tries clone
liar_judged clone
in_lab virsh -q destroy clone
is_as_before "the clone is gone"

# --- alpha is off ---

in_lab virsh -q destroy alpha
ok "alpha is off: beta takes its address" in_guest beta "$(becomes "$a_ip")"
soon 20 "and tries" more_tries
ok "alpha is off: it takes its MAC, too" in_guest beta "$(becomes "$a_ip" "$a_mac")"
soon 20 "and tries there" more_tries
same "alpha is off: beta reads nothing" 0 "$(liar_said beta bytes)"
in_lab rm -f /var/log/libvirt/console-alpha.log
guest_start alpha
guest_wait alpha
liar_start alpha alpha secret-of-a -c 1 -r 50 secret
liar_start alpha-anew alpha secret-of-a -c 2 -r 50 secret
soon 30 "alpha is back beside it: alpha reads" liar_reads alpha
same "alpha is back beside it: beta reads nothing" 0 "$(liar_said beta bytes)"
ok "beta is itself again" in_guest beta "$(becomes "$b_ip" "$b_mac")"
is_as_before "alpha was off"

# --- no service runs, and beta lies ---

service_kill
ok "the service is killed: beta takes alpha's address" in_guest beta "$(becomes "$a_ip" "$a_mac")"
soon 20 "and tries" more_tries
goes_on "the service is killed"
same "the service is killed: beta reads nothing" 0 "$(liar_said beta bytes)"
in_guest beta "$(becomes "$b_ip" "$b_mac")" >/dev/null
service_start --verbose
is_as_before "the service runs again"
lies_end

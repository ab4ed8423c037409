#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Real guests that come, go, and inherit each other's address by DHCP.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-dhcp
# One address in all: when the first guest has left, the second gets the same.
in_lab bash "$LAB_SRC/services.sh" dhcp 172.16.10.50,172.16.10.50
in_lab sh -c 'mkdir /srv/a; echo secret >/srv/a/file'
mounts() { in_guest "$1" "mount.cifs //$LAB_ADDRESS/$2 /mnt -o guest && cat /mnt/file; umount -l /mnt"; }

# waits NAME: begins to wait for it in the background.
waits() {
	hs_user wait -t 60 "$1" >"$LAB_STATE/wait" 2>&1 &
	waiting=$!
	wait_for 10 running hubscan
}
heard() {
	status=0
	wait "$waiting" || status=$?
	seen="$status: $(cat "$LAB_STATE/wait")"
	same "$1" "0: $2" "$(head -1 <<<"$seen")"
}

waits first
guest_define first
guest_start first
heard "wait for a VM that was not even defined" "172.16.10.50 is first ($(mac_of first))"
guest_wait first

ok "it gets a permanent share" hs -p add -g -r first /srv/a perm
ok "and a temporary one" hs add -g -r -e first /srv/a temp
says secret "it reads" mounts first perm
says secret "both" mounts first temp
guest_define second
ok "a share for a VM that is off is kept" hs add -g -r second /srv/a own
says "parked" "and said to be parked" hs -p add -g -r second /srv/a own2
says "second +\| - +\| own " "list shows no address for it" hs_user list
says "second.*off|off.*second" "find says that it is off" hs find

in_lab virsh -q destroy first
in_lab sh -c ': >/var/lib/misc/dnsmasq.leases; kill "$(cat /run/lab/dnsmasq.pid)"'
wait_for 5 in_lab sh -c '! grep -qsx dnsmasq /proc/[0-9]*/comm'
in_lab bash "$LAB_SRC/services.sh" dhcp 172.16.10.50,172.16.10.50
waits second
guest_start second
heard "wait for a VM that takes the address over" "172.16.10.50 is second ($(mac_of second))"
guest_wait second
ok "sync" hs sync
refused "the second does not get the first one's permanent share" mounts second perm
refused "nor the temporary one" mounts second temp
says secret "its own, parked ones are open" mounts second own
says secret "both of them" mounts second own2
says "first +\| - +\| perm" "the first one's are parked" hs_user list

guest_del second
silent "first" "clean does not take what is off" hs clean
says "first +\| - +\| perm" "the first one's are kept" hs_user list
silent "second" "those of the VM that is gone are gone" hs_user list
gives 3 "delete of a VM that is gone" hs delete second
says "2" "delete of one that is off says how many" hs delete first

in_lab sh -c 'kill "$(cat /run/lab/libvirtd.pid)"'
wait_for 10 in_lab sh -c '! grep -qsx libvirtd /proc/[0-9]*/comm'
gives 7 "without libvirt add says so" hs add -g -r first /srv/a x
gives 7 "and so does clean" hs clean

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Guests with a kernel of their own that hold on to what they are to lose, sleep through it, or
# take another's place.  What nothing but a filter at layer 2 can stop is said so here, and
# asserted to leak: whoever adds that gate turns those lines round.
#
# Alone: a guest that is short of time may spin in its kernel for ever, once its share is gone.
# shellcheck disable=SC2016,SC2119 # scripts for another shell; begin has options
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin
guest_add untrusted-0 untrusted-1
address=$(guest_address untrusted-0)
other=$(guest_address untrusted-1)
in_lab sh -c 'mkdir -m 777 /srv/open; echo secret >/srv/open/file; chmod 666 /srv/open/file'
leaks=" (expected to leak until the gate is there)"

share=first
mounts() {
	in_guest "$1" "umount -l /mnt 2>/dev/null
		mount.cifs //$LAB_ADDRESS/$share /mnt -o guest && cat /mnt/file"
}
# flushes GUEST: has its kernel send what it has kept, if it can; it may hang on that.
flushes() {
	in_guest "$1" '(sync; umount /mnt; echo >/tmp/flushed) >/dev/null 2>&1 &'
	wait_for 5 in_guest "$1" 'test -e /tmp/flushed' || true
}
# anew GUEST: it is killed, with all that it holds, and starts again.
anew() {
	in_lab virsh -q destroy "$1"
	guest_start "$1"
	guest_wait "$1"
}
# state: everything in the share, and what is in it.
state() { in_lab sh -c 'cd /srv/open && ls && cat * 2>&1; true' | md5sum; }
has() { in_lab test -e "/srv/open/$1"; }
grows() { (($(in_lab stat -c %s /srv/open/poured) > 100000)); }

# The guest has the share mounted; it keeps a file open, locks another, has one in its cache
# (a lease) with writes not sent yet, pours into one and renames one all the time.  When remove
# has ended with 0 its kernel can carry out none of it, nor the writes it has kept.
ok "a share" hs_sudo add -g untrusted-0 /srv/open $share
says secret "it is mounted" mounts untrusted-0
ok "the guest holds what it can" in_guest untrusted-0 'cd /mnt && echo whole >name.0 && : >locked
	(exec 3>>held; echo first >&3; while [ ! -e /tmp/removed ]; do usleep 10000; done
		echo late >&3; cat held <&3; sync) >/tmp/held.log 2>&1 &
	flock locked -c "while [ ! -e /tmp/removed ]; do usleep 10000; done; echo late >locked" >/tmp/lock.log 2>&1 &
	(while dd if=/dev/zero bs=64k count=1 conv=fsync >>poured; do :; done; echo >/tmp/poured.cut) 2>/tmp/pour.log &
	(n=0; while mv name.$n name.$((1 - n)); do n=$((1 - n)); done; echo >/tmp/shuffled.cut) >/tmp/shuffle.log 2>&1 &'
soon 30 "it pours" grows
soon 30 "it holds a file" has held
ok "it has written what it does not send" in_guest untrusted-0 \
	'echo cached >/mnt/cached; exec 4<>/mnt/cached; dd if=/dev/zero of=/mnt/cached bs=4k count=50 conv=notrunc 2>&1'
ok "remove" hs_sudo remove untrusted-0 $share
before=$(state)
in_guest untrusted-0 'touch /tmp/removed' >/dev/null
soon 60 "the pouring ends" in_guest untrusted-0 'test -e /tmp/poured.cut'
soon 60 "the renaming ends" in_guest untrusted-0 'test -e /tmp/shuffled.cut'
refused "nothing is read that was not read before" in_guest untrusted-0 'cat /mnt/poured | tail -c 1 | cat; cat /mnt/name.* '
refused "nor written" in_guest untrusted-0 'echo late >/mnt/late'
refused "nor mounted" in_guest untrusted-0 "mkdir -p /new; mount.cifs //$LAB_ADDRESS/$share /new -o guest"
flushes untrusted-0
same "nothing has changed since" "$before" "$(state)"
same "the file that was renamed is there once, whole" whole "$(in_lab sh -c 'cat /srv/open/name.?')"
ok "another guest can lock and write what was held" hs_sudo add -g untrusted-1 /srv/open $share
says secret "it mounts" mounts untrusted-1
ok "and writes" in_guest untrusted-1 'cd /mnt && echo mine >locked && flock -n held -c "echo mine >held"; cd /; umount /mnt'
ok "its share is removed" hs_sudo remove untrusted-1 $share

# The guest is stopped in its tracks while its share is removed, and when it goes on it has lost
# it: what it had not sent yet never arrives.
share=second
anew untrusted-0
ok "a share again" hs_sudo add -g untrusted-0 /srv/open $share
says secret "it is mounted" mounts untrusted-0
ok "the guest pours" in_guest untrusted-0 'rm -f /tmp/*.cut; : >/mnt/poured
	(while dd if=/dev/zero bs=64k count=1 conv=fsync >>/mnt/poured; do :; done; echo >/tmp/poured.cut) 2>/tmp/pour.log &'
soon 30 "it pours" grows
ok "it is suspended" in_lab virsh -q suspend untrusted-0
ok "remove" hs_sudo remove untrusted-0 $share
before=$(state)
ok "it is resumed" in_lab virsh -q resume untrusted-0
soon 60 "the pouring ends" in_guest untrusted-0 'test -e /tmp/poured.cut'
refused "it does not read" in_guest untrusted-0 'cat /mnt/held'
flushes untrusted-0
same "nothing has changed since" "$before" "$(state)"

# The guest is killed while it has the share open: nobody says good-bye to smbd.  Another takes
# its address.
share=third
anew untrusted-0
ok "a share, for good" hs_sudo add -p -g -e untrusted-0 /srv/open $share
says secret "it is mounted" mounts untrusted-0
takes() { # MAC|-
	in_guest untrusted-1 "ip addr flush dev eth0
		[ $1 = - ] || { ip link set eth0 down; ip link set eth0 address $1; ip link set eth0 up; }
		ip addr add $address/24 dev eth0; arping -q -U -c 1 -I eth0 $address
		ping -q -c 1 -W 2 $LAB_ADDRESS"
}
ok "untrusted-0 is killed" in_lab virsh -q destroy untrusted-0
soon 30 "untrusted-1 takes its address" takes -
says secret "and reads its share, until sync$leaks" mounts untrusted-1
ok "sync" hs sync
refused "untrusted-1 has lost it" in_guest untrusted-1 'cat /mnt/held'
refused "and cannot mount it" mounts untrusted-1
soon 30 "it takes the MAC address, too" takes "$(mac_of untrusted-0)"
ok "sync: a VM that is off is nowhere" hs sync
refused "untrusted-1 does not read" mounts untrusted-1

# The same beside one that is on and cannot answer.
in_guest untrusted-1 "ip link set eth0 down; ip link set eth0 address $(mac_of untrusted-1)
	ip link set eth0 up; ip addr flush dev eth0; ip addr add $other/24 dev eth0" >/dev/null
guest_start untrusted-0
guest_wait untrusted-0
same "untrusted-0 is back" "$address" "$(guest_address untrusted-0)"
ok "sync" hs sync
says secret "and has its share" mounts untrusted-0
ok "it is suspended" in_lab virsh -q suspend untrusted-0
soon 30 "untrusted-1 takes its address and its MAC address" takes "$(mac_of untrusted-0)"
ok "sync" hs sync
says secret "it is untrusted-0 to everybody$leaks" mounts untrusted-1
ok "delete takes it from both" hs_sudo delete untrusted-0
refused "untrusted-1 does not read" mounts untrusted-1
ok "it is resumed" in_lab virsh -q resume untrusted-0
refused "nor does untrusted-0" in_guest untrusted-0 'cat /mnt/held'

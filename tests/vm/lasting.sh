#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Shares that last until their VM is shut off: a real guest that is suspended, shut off, started
# again, seen or unseen, and a libvirtd that comes and goes.
# shellcheck disable=SC2119 # begin has options
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin
in_lab sh -c 'mkdir /srv/a; echo secret >/srv/a/file'
mounts() { in_guest "$1" "mount.cifs //$LAB_ADDRESS/$2 /mnt -o guest && cat /mnt/file; umount -l /mnt"; }
stored() { in_lab grep -rq "^\[$1\]" /etc/samba/perm.conf.d /etc/samba/temp.conf.d /run/samba/hubshare; }
gone() { ! stored "$1"; }
id_of() { in_lab virsh -q domid "$1"; }

service_start
watch_start
guest_define a
guest_define off
gives 2 "a VM that is off" hs add -g -r off /srv/a off --until-stop
guest_start a
guest_wait a
id=$(id_of a)
ok "until the VM is shut off" hs add -g -r a /srv/a stop --until-stop
ok "for an hour" hs add -g -r -p a /srv/a hour --for 1h
says secret "it reads" mounts a stop
says secret "both" mounts a hour
says "stop .* open, until stop" "list says so" hs_user list --state

in_lab virsh -q suspend a
ok "sync" hs sync
says "stop .* until stop" "it is suspended, which is no stop" hs list --state
in_lab virsh -q resume a
says secret "it reads" mounts a stop
service_kill libvirtd
in_lab bash "$LAB_SRC/services.sh" libvirt
same "libvirtd was killed: the number is the same" "$id" "$(id_of a)"
says "stop .* open, until stop" "which is no stop either" hs list --state
soon 20 "the service hears of libvirt again" told libvirt-back
says secret "it reads" mounts a stop

watch_mark
in_lab virsh -q destroy a
soon 20 "it is shut off: that is its end" told share-expired a stop
soon 20 "nothing is left of it" gone stop
ok "the other share is kept" stored hour
says "hour .* parked, expires in (1h|[0-9]+m)" "and parked" hs list --state
guest_start a
guest_wait a
soon 20 "it is started again: the other one is open" mounts a hour
refused "and not that which ended" mounts a stop

# Nobody looks while it is shut off: its number tells.
ok "until the VM is shut off" hs add -g -r a /srv/a unseen --until-stop
says secret "it reads" mounts a unseen
service_kill
in_lab virsh -q destroy a
guest_start a
says "unseen .* expired" "another start, which nobody has seen" hs list --state
gives 3 "it is not there to be changed" hs edit a unseen --read-write
ok "sync" hs sync
ok "nothing is left of it" gone unseen

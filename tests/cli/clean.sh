#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare clean: what belongs to VMs that are no more, and nothing else.
. "$(dirname "$0")/lib.sh"

vms here 1 on gone 2 on gone-too 3 off
heard 172.16.10.11 1 172.16.10.12 2
for vm in here gone gone-too; do
	hub add "$vm" "$data" one
	hub add "$vm" "$data" two -p
done
unchanged "everybody exists" 0 clean
says "is said" '^Every VM'
cp "$root/vms.xml" "$root/all.xml"
vms here 1 off
unchanged "libvirt is away" 7 clean --connect "$away"
hub clean --connect test:///nonexistent.xml
ok "no list at all" test "$status" = 7
unchanged "libvirt's list is not to be had" 7 clean --connect bogus:///x
unchanged "a dry run" 0 clean --dry-run
ok "says what would go" test "$(grep -c 'no longer exists, would lose 1' "$root/out")" = 4
unchanged "the store is not there" 7 clean --root "$root/none"

fake_smbd
echo '172.16.10.12 102 one' >"$root/sessions"
gives "clean" 0 clean
ok "says each" test "$(grep -c 'no longer exists, loses 1' "$root/out")" = 4
serves "what was open is closed" 172.16.10.12 ""
not "and cut" test -s "$root/sessions"
not "nothing of them is left" grep -rqE "$(uuid 2)|$(uuid 3)" "$samba" "$run"
ok "who exists, though off, keeps his" grep -qxF '[two]' "$perm/$(uuid 1).conf"
serves "and what is open" 172.16.10.11 "one two"
unchanged "clean again" 0 clean

# The original tool's files, and what is nobody's, are not deleted.
printf '# VM: gone\n# MAC: 52:54:00:00:00:02\n[old]\npath=/tmp\n' >"$temp/172.16.10.50.conf"
echo x >"$perm/notes.txt"
unchanged "what is not ours" 0 clean
finish

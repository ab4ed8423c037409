#!/bin/bash
# SPDX-License-Identifier: ISC
# hubconf: renders, checks and prints what Samba reads; Samba's own parser is the judge.
. "$(dirname "$0")/lib.sh"

hub() {
	"$build/hubconf" --root "$root" "$@" >"$root/out" 2>"$root/err"
	status=$?
}
gives "a share" 0 "$data" name
ok "the path is last" test "$(tail -n 1 "$root/out")" = "path = $data"
ok "defaults" test "$(grep -cxE 'guest ok = no|read only = no|create mask = 0664|directory mask = 0775' "$root/out")" = 4
gives "with everything" 0 -r -g -a 10.0.0.7/8 --user nobody --vm 'a
b' --uuid "$(uuid 1)" --mac 52:54:00:00:00:01 --ip 172.16.10.11 "$data" "a b"
cp "$root/out" "$root/172.16.10.11.conf"
says "hosts" '^hosts allow = 10.0.0.0/8$'
says "user" '^force user = nobody$'
says "a name that is one line" '^# VM: a\\nb$'
says "a sum" '^# sum: [0-9a-f]{64}$'
gives "private" 0 -e --ip 172.16.10.11 "$data" name
says "is the address" '^hosts allow = 172.16.10.11$'
gives "private of whom?" 2 -e "$data" name
gives "a bad name" 2 "$data" global
gives "a bad path" 2 relative name
gives "a user that is two lines" 2 "$data" name --user 'x
guest ok = yes'
gives "a bad address" 2 "$data" name --ip 172.16.10
gives "a bad MAC" 2 "$data" name --mac x
gives "a UUID that is two lines" 2 "$data" name --uuid 'x
guest ok = yes'
gives "too few words" 2 "$data"
gives "too many" 2 "$data" a b
gives "--check of what?" 2 --check
gives "a file that is not there" 3 --check "$root/none"
gives "-h" 0 -h
gives "--version" 0 --version

if ! command -v testparm >/dev/null; then
	echo "# skipped: there is no testparm"
	finish
fi
gives "Samba sees what was written" 0 --check "$root/172.16.10.11.conf"
says "which is" "\[a b\] $data, read only, guest ok"
printf '[x]\npath = %s\nread onyl = yes\n' "$data" >"$root/typo"
hub --check "$root/typo"
ok "an unknown parameter" test "$status" = 1
says "is named" "'read onyl = yes' is unknown to Samba"
printf '[x]\npath = %s\nread only = maybe\n' "$data" >"$root/bad"
gives "what Samba refuses" 1 --check "$root/bad"
printf 'path = /\n[x]\npath = %s\n' "$data" >"$root/early"
gives "a line before the first share" 1 --check "$root/early"
printf '[x]\npath = %s\n[X]\nread only = no\n' "$data" >"$root/twice"
gives "a name twice" 1 --check "$root/twice"

gives "--smb-conf" 0 --smb-conf
cp "$root/out" "$root/smb.conf"
says "the includes are last" "^include = /etc/samba/perm.conf.d/%I.conf$"
ok "really last" test "$(tail -n 1 "$root/smb.conf")" = 'include = /etc/samba/temp.conf.d/%I.conf'
testparm -s "$root/smb.conf" >"$root/dump" 2>"$root/said"
ok "testparm takes it" test $? = 0
not "and knows every parameter" grep -qiE 'unknown parameter|ignoring' "$root/said"
value() { testparm -s "$root/smb.conf" --parameter-name "$1" 2>/dev/null; }
ok "multi channel is off" test "$(value 'server multi channel support')" = No
ok "bound to its interfaces" test "$(value 'bind interfaces only')" = Yes
ok "the bridge and lo" test "$(value interfaces)" = "lo br-hub"
ok "one port" test "$(value 'smb ports')" = 445
ok "no NetBIOS" test "$(value 'disable netbios')" = Yes
ok "no names are looked up" test "$(value 'hostname lookups')" = No
ok "no wide links" test "$(value 'wide links')" = No
ok "bad users are guests" test "$(value 'map to guest')" = "Bad User"
ok "SMB2 or later" test "$(value 'server min protocol')" = SMB2_02
ok "VMshare" grep -qxF '[VMshare]' "$root/dump"
share() { testparm -s "$root/smb.conf" --section-name VMshare --parameter-name "$1" 2>/dev/null; }
ok "is for guests" test "$(share 'guest ok')" = Yes
ok "and read-only" test "$(share 'read only')" = Yes
ok "at /VMshare" test "$(share path)" = /VMshare
finish

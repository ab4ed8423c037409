#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare add: what is given, and all that is refused.
. "$(dirname "$0")/lib.sh"

vms untrusted-0 1 on other 2 on sleeping 3 off
heard 172.16.10.11 1 172.16.10.12 2
mkdir -p "$data/tmp" "$data/a b" "$data/deep/er" && : >"$data/file"

gives "by name" 0 add untrusted-0 "$data/tmp" user-temp
says "what was given" "^untrusted-0 \(172.16.10.11\) has $data/tmp as 'user-temp'$"
says "the line for Linux" "^Linux: +mount -t cifs '//172.16.10.1/user-temp' "
says "the line for Windows" '^Windows: .*\\\\172.16.10.1\\user-temp'
serves "that VM" 172.16.10.11 user-temp
serves "and no other" 172.16.10.12 ""
file=$temp/172.16.10.11.conf
ok "create mask" grep -qxF 'create mask = 0664' "$file"
ok "directory mask" grep -qxF 'directory mask = 0775' "$file"
ok "writable" grep -qxF 'read only = no' "$file"
ok "not for guests" grep -qxF 'guest ok = no' "$file"
not "no hosts allow" grep -q '^hosts allow' "$file"
not "no force user" grep -q '^force user' "$file"
ok "the path is last" test "$(tail -n 1 "$file")" = "path = $data/tmp"

gives "by address" 0 add 172.16.10.12 "$data/tmp" x -r
serves "that VM" 172.16.10.12 x
ok "read-only" grep -qxF 'read only = yes' "$temp/172.16.10.12.conf"
gives "by UUID, in capitals" 0 add "$(uuid 2 | tr '[:lower:]' '[:upper:]')" "$data/tmp" y
serves "that VM" 172.16.10.12 "x y"
gives "a default name" 0 add other "$data/deep/er/"
ok "is the path with dashes" grep -qxF "[$(tr / - <<<"${data#/}/deep/er")]" "$temp/172.16.10.12.conf"
gives "a path with a blank" 0 add other "$data/a b" ab
ok "as it is" grep -qxF "path = $data/a b" "$temp/172.16.10.12.conf"
ln -s "$data/deep" "$data/link"
gives "a link" 0 add other "$data/link/er" er
ok "is resolved" grep -qxF "path = $data/deep/er" "$temp/172.16.10.12.conf"
gives "permanent" 0 add other "$data/tmp" kept -p
ok "is a link of ours" test "$(readlink "$perm/172.16.10.12.conf")" = "$run/172.16.10.12.conf"
ok "has its truth" grep -qxF '[kept]' "$perm/$(uuid 2).conf"

gives "a name with a quotation mark" 0 add other "$data/tmp" "it's"
says "is one word of a shell" "^Linux: +mount -t cifs '//172.16.10.1/it'\\\\''s' "
gives "private" 0 add untrusted-0 "$data/tmp" mine -e -a 10.0.0.1
ok "is the VM's address, before -a" test "$(grep '^hosts allow' "$file")" = "hosts allow = 172.16.10.11"
gives "allowed hosts" 0 add untrusted-0 "$data/tmp" some -a '10.0.0.7/8 ::1'
ok "are canonical" grep -qxF 'hosts allow = 10.0.0.0/8, ::1' "$file"
for list in "" "," ALL "0.0.0.0/0 EXCEPT 10.0.0.1" host.example @group 10.0.0.0/33 172.16.10.; do
	unchanged "-a '$list'" 2 add untrusted-0 "$data/tmp" z -a "$list"
done

gives "one that is off" 0 add sleeping "$data/tmp" later
says "is parked" "^sleeping will have .* as 'later': it is parked, since the VM is off;"
ok "the truth is kept" grep -qxF '[later]' "$temp/$(uuid 3).conf"
not "nothing is open" grep -qrF '[later]' "$temp/172.16.10.11.conf" "$temp/172.16.10.12.conf"
heard 172.16.10.11 1 172.16.10.12 2 172.16.10.13 3
vms untrusted-0 1 on other 2 on sleeping 3 on
gives "sync" 0 sync
serves "opens it" 172.16.10.13 later
heard 172.16.10.11 1 172.16.10.12 2

for name in global GLOBAL homes printers 'print$' 'ipc$' 'admin$' netlogon sysvol '[x' 'x]' \
	$'two\nlines' $'x\e[31m' 'a/b' 'a\b' '%U' ' x' 'x ' .x x. -- '#x' 'a;b' 'a"b' 'a,b' \
	"$(printf 'x%.0s' {1..81})" $'\xff' ''; do
	unchanged "the name '$(printf %q "$name")'" 2 add untrusted-0 "$data/tmp" -- "$name"
done
unchanged "a name that begins with a dash" 2 add untrusted-0 "$data/tmp" -- -x
for path in relative . "" "$data/none" "$data/file" /dev/null; do
	unchanged "the path '${path#"$root"}'" 2 add untrusted-0 "$path" z
done
mkdir "$data/per%cent" "$data/two  blanks" "$data/end " "$data/new
line" "$data/back\\" "$data"/$'\xff'
for path in 'per%cent' 'two  blanks' 'end ' $'new\nline' "back\\" $'\xff'; do
	unchanged "the path $(printf %q "$path")" 2 add untrusted-0 "$data/$path" z
done
ln -s "$data/per%cent" "$data/innocent"
unchanged "a link to such a path" 2 add untrusted-0 "$data/innocent" z
unchanged "a default name that is none" 2 add untrusted-0 /

unchanged "no such VM" 3 add untrusted "$data/tmp" z
unchanged "no such address" 3 add 172.16.10.99 "$data/tmp" z
unchanged "a name twice" 5 add untrusted-0 "$data/tmp" user-temp
unchanged "in another case" 5 add untrusted-0 "$data/tmp" USER-Temp
unchanged "in the other tenure" 5 add -p untrusted-0 "$data/tmp" User-temp
unchanged "the other way round" 5 add other "$data/tmp" Kept
gives "another VM may have it" 0 add other "$data/tmp" user-temp
cat >"$samba/smb.conf" <<-END
	[global]
	[VMshare]
	path = /
END
unchanged "what smb.conf has" 5 add untrusted-0 "$data/tmp" vmSHARE
unchanged "libvirt is away" 7 add untrusted-0 "$data/tmp" z --connect "$away"
unchanged "the scanner is away" 7 add untrusted-0 "$data/tmp" z --scanner /nonexistent

heard 172.16.10.11 1 172.16.10.11 99
unchanged "a contested address names nobody" 5 add 172.16.10.11 "$data/tmp" z
gives "the VM's name does" 0 add untrusted-0 "$data/tmp" contested
says "but its shares are parked" 'is parked'
serves "and closed" 172.16.10.11 ""
heard 172.16.10.11 1 172.16.10.12 2

# Whose a guest's files are.
chmod 777 "$data/tmp"
if (($(id -u) == 0)); then
	chmod 755 "$data" "$root"
	SUDO_UID=$(id -u daemon) gives "guests under sudo" 0 add -g untrusted-0 "$data/tmp" g
	ok "are who called" grep -qxF "force user = daemon" "$file"
	ok "as the note says" grep -qxF "# hubshare: owner=$(id -u daemon)" "$file"
	SUDO_UID=4000000000 unchanged "a caller without account" 2 add -g untrusted-0 "$data/tmp" h
	chmod 755 "$data/tmp"
	SUDO_UID=0 unchanged "root itself, who lets nobody write" 6 add -g untrusted-0 "$data/tmp" h
	gives "read-only it may be" 0 add -g -r untrusted-0 "$data/tmp" h
	not "nobody is root" grep -q '^force user = root' "$file"
else
	gives "guests" 0 add -g untrusted-0 "$data/tmp" g
	ok "are who called" grep -qxF "force user = $(id -un)" "$file"
fi
ok "guest ok" grep -qxF 'guest ok = yes' "$file"

# Many at once: none is lost.
vms many 7 on
heard 172.16.10.17 7
for i in {1..12}; do
	"$build/hubshare" --root "$root" --connect "$connect" --scanner "$root/bin/scan" \
		add many "$data/tmp" "n$i" >/dev/null 2>"$root/err.$i" &
	pids[i]=$!
done
lost=0
for i in {1..12}; do wait "${pids[i]}" || lost=$((lost + 1)); done
ok "many adds at once" test "$lost" = 0
ok "none is lost" test "$(shares 172.16.10.17 | wc -w)" = 12
for i in {1..4}; do
	"$build/hubshare" --root "$root" --connect "$connect" --scanner "$root/bin/scan" \
		add many "$data/tmp" same >/dev/null 2>&1 &
	pids[i]=$!
done
won=0
for i in {1..4}; do wait "${pids[i]}" && won=$((won + 1)); done
ok "of the same name one wins" test "$won" = 1

fake_smbd
gives "with an smbd" 0 add many "$data/tmp" told
ok "it loads once" test "$(grep -c 'reload-config' "$root/calls")" = 1
finish

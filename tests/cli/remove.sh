#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare remove and delete: what goes, whom it cuts, and what is proved.
. "$(dirname "$0")/lib.sh"

vms vm-1 1 on vm-10 2 on vm 3 on
heard 172.16.10.11 1 172.16.10.12 2 172.16.10.13 3
mkdir -p "$data/a" "$data/b"

give() {
	local vm
	for vm in vm-1 vm-10 vm; do
		hub add "$vm" "$data/a" one && hub add "$vm" "$data/b" two -p
	done
}
give
unchanged "no such VM" 3 delete v
unchanged "the beginning of one" 3 remove vm- "$data/a" one
unchanged "no such share" 3 remove vm-1 "$data/a" three
unchanged "a path that is not its" 3 remove vm-1 "$data/b" one
unchanged "the beginning of its path" 3 remove vm-1 "$data" one
unchanged "not permanent" 3 remove -p vm-1 "$data/a" one
unchanged "libvirt is away" 7 remove vm-1 one --connect "$away"
gives "with path and name" 0 remove vm-1 "$data/a/" One
serves "it is gone" 172.16.10.11 two
serves "of another nothing" 172.16.10.12 "one two"
serves "of a third nothing" 172.16.10.13 "one two"
mv "$data/b" "$data/gone"
gives "the path need not be there" 0 remove vm-1 "$data/b" two -p
serves "all is gone" 172.16.10.11 ""
not "no rendering is left" test -e "$temp/172.16.10.11.conf"
not "nor a link" test -L "$perm/172.16.10.11.conf"
not "nor a truth" test -e "$perm/$(uuid 1).conf"
unchanged "nothing there" 3 delete vm-1
mv "$data/gone" "$data/b"
gives "without a path" 0 remove 172.16.10.12 two
serves "by address" 172.16.10.12 one

gives "delete" 0 delete vm
says "how many" '^vm no longer has its 2 shares$'
serves "all of it" 172.16.10.13 ""
serves "of vm-10 nothing" 172.16.10.12 one
give
gives "delete -p" 0 delete -p vm-1
says "how many" '^vm-1 no longer has its 1 permanent share$'
serves "only the permanent" 172.16.10.11 one
unchanged "and none is left" 3 delete -p vm-1

# With an smbd: the order in which sessions are cut.
fake_smbd
give
hub delete vm && hub delete vm-10 && give
printf '%s\n' '172.16.10.11 101 one' '172.16.10.11 101 two' '172.16.10.12 102 one' >"$root/sessions"
: >"$root/calls"
gives "remove with a session open" 0 remove vm-1 one
ok "only that share of that VM" test "$(sort "$root/sessions" | paste -sd,)" = \
	"172.16.10.11 101 two,172.16.10.12 102 one"
ok "is closed in its smbd" grep -qxF 'smbcontrol 101 close-share one' "$root/calls"
not "in no other" grep -qE '^smbcontrol (smbd|102) close-share|kill-client' "$root/calls"
ok "after loading" test "$(grep -nE 'reload-config' "$root/calls" | head -n 1 | cut -d: -f1)" -lt \
	"$(grep -n close-share "$root/calls" | head -n 1 | cut -d: -f1)"
ok "and the last look comes after" test "$(grep -n smbstatus "$root/calls" | tail -n 1 | cut -d: -f1)" -gt \
	"$(grep -n close-share "$root/calls" | tail -n 1 | cut -d: -f1)"
not "what is cut cannot be opened again" grep -A9 -F "$(uuid 1)" "$root/at-close-share" | grep -qxF '[one]'
: >"$root/calls"
gives "add reloads" 0 add vm-1 "$data/a" one
ok "once" test "$(grep -c reload-config "$root/calls")" = 1
not "and cuts nobody" grep -q -e close-share -e kill-client "$root/calls"

printf '%s\n' '172.16.10.11 101 one' '172.16.10.11 103 ONE' >"$root/sessions"
echo 5 >"$root/patience"
gives "a session that goes slowly, and two of them" 0 remove vm-1 one
not "none is left" grep -q 172.16.10.11 "$root/sessions"

echo '172.16.10.12 102 one' >"$root/sessions"
echo -1 >"$root/patience"
gives "a session that never goes" 8 delete vm-10
warns "is named" "172.16.10.12 .*'one'"
serves "it cannot be opened again" 172.16.10.12 ""
ok "the journal is left" grep -qxF '# cut: one' "$temp/172.16.10.12.conf"
not "the truth is gone" test -e "$temp/$(uuid 2).conf"
gives "list tells of it" 0 list
warns "as of something to end" "^'one' at 172.16.10.12 is still to be cut"
echo 0 >"$root/patience"
gives "whoever comes next ends it, also for another VM" 0 add vm "$data/a" later
not "the stub is gone" test -e "$temp/172.16.10.12.conf"
not "the session too" grep -q 172.16.10.12 "$root/sessions"

: >"$root/down"
hub add vm-1 "$data/a" new
ok "no smbd: add" test "$status" = 7
ok "is saved" grep -qxF '[new]' "$temp/$(uuid 1).conf"
hub remove vm-1 new
ok "no smbd: remove" test "$status" = 7
warns "says what is" 'saved'
not "is not served" grep -qxF '[new]' "$temp/172.16.10.11.conf"
rm "$root/down"
gives "sync ends it" 0 sync
not "nothing is left to cut" grep -rq '^# cut' "$temp" "$run"

# An smbd that cannot be looked at proves nothing.
hub add vm-1 "$data/a" new
printf '#!/bin/sh\necho "{}"\n' >"$root/bin/smbstatus"
: >"$root/calls"
gives "no proof, no success" 8 remove vm-1 new
ok "but the client is cut off whole" grep -q 'kill-client-ip 172.16.10.11' "$root/calls"
gives "another VM's command is not disturbed by it" 0 add vm "$data/a" meanwhile

# One that looks too slowly for its deadline still closes: a guest chooses how many files it
# has open.
fake_smbd
echo '172.16.10.12 102 slow' >"$root/sessions"
hub add vm-10 "$data/a" slow
mv "$root/bin/smbstatus" "$root/bin/smbstatus.quick"
printf '#!/bin/sh\nsleep 3\nexec "$0.quick" "$@"\n' >"$root/bin/smbstatus"
chmod +x "$root/bin/smbstatus"
gives "a slow look" 0 remove vm-10 slow
not "closes all the same" grep -q slow "$root/sessions"
finish

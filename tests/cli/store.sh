#!/bin/bash
# SPDX-License-Identifier: ISC
# What somebody else put into the store is told of, neither followed nor removed.
. "$(dirname "$0")/lib.sh"

vms a 1 on
heard 172.16.10.11 1
mkdir "$data/x"
hub add a "$data/x" mine
secret=$root/secret
printf '[secret]\npath = /etc\n' >"$secret"
mkfifo "$temp/172.16.10.21.conf"
mkdir "$temp/172.16.10.22.conf"
ln -s "$secret" "$temp/172.16.10.23.conf"
ln -s "$secret" "$perm/172.16.10.24.conf"
ln -s "$secret" "$perm/$(uuid 5).conf"
ln "$secret" "$temp/172.16.10.25.conf"
echo "not a fragment" >"$temp/172.16.10.26.conf"
printf '[x]\npath = /\0etc\n' >"$temp/172.16.10.27.conf"
echo x >"$temp/README"
echo x >"$temp/example.conf"
before=$(store)
timeout 20 "$build/hubshare" --root "$root" list >"$root/out" 2>"$root/err"
status=$?
ok "list does not hang" test "$status" = 0
for name in 172.16.10.21 172.16.10.22 172.16.10.23 172.16.10.24 "$(uuid 5)" 172.16.10.26 \
	172.16.10.27 README example; do
	warns "$name is told of" "/$name"
done
not "no link is followed" grep -q '172.16.10.2[34].*secret' "$root/out"
warns "a file of others is told of" '172.16.10.25.conf'
ok "links are called links" test "$(grep -c 'is a link that hubshare did not make$' "$root/err")" = 3
ok "all is as it was" test "$(store)" = "$before"
for action in "add a $data/x new" sync clean "remove a new"; do
	# shellcheck disable=SC2086 # words
	gives "they stop nobody: ${action%% *}" 0 $action
done
for name in 172.16.10.21 172.16.10.22 172.16.10.23 172.16.10.25 172.16.10.26 172.16.10.27; do
	ok "$name is still there" test -e "$temp/$name.conf"
done
ok "what a link led to is as it was" test "$(cat "$secret")" = "$(printf '[secret]\npath = /etc')"
heard 172.16.10.23 1
hub add a "$data/x" there
ok "a link in the VM's own place is not written through" test "$(cat "$secret")" = \
	"$(printf '[secret]\npath = /etc')"

chmod 775 "$perm"
unchanged "who else may write there could share anything" 6 add a "$data/x" z
chmod 755 "$perm"
ln -s "$temp" "$samba/elsewhere"
unchanged "the store is not there" 7 sync --root "$data"
printf 'a\0b' >"$settings"
gives "settings with a NUL byte" 1 list
rm "$settings"

# Somebody holds the lock: a reader does not wait for it.
exec 9>"$run/.lock"
flock 9
gives "readers need no lock" 0 list
exec 9>&-
finish

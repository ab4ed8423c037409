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

# What hubshare cannot read, smbd may still serve: nothing is claimed, nothing is lost.
heard 172.16.10.11 1
hub sync
hub add a "$data/x" two
sed -i '1i browseable = yes' "$temp/172.16.10.11.conf"
gives "a rendering that cannot be read: delete is refused" 5 delete a
ok "and nothing has changed" grep -qxF '[two]' "$temp/172.16.10.11.conf"
hub sync --discard
ok "sync --discard makes it new" grep -q '^# UUID' "$temp/172.16.10.11.conf"
ok "and keeps what was there" grep -qx 'browseable = yes' "$temp/172.16.10.11.conf.edited"
rm -f "$temp/172.16.10.11.conf.edited"
truth=$temp/$(uuid 1).conf
echo '[unclosed' >>"$truth"
cp "$truth" "$root/truth"
for action in "add a $data/x third" "remove a two" "delete a" sync; do
	# shellcheck disable=SC2086 # words
	unchanged "a truth that cannot be read: ${action%% *} is refused" 5 $action
done
ok "and it is as it was" cmp -s "$truth" "$root/truth"
ok "what it gave is served on" grep -qxF '[two]' "$temp/172.16.10.11.conf"
sed -i '$d' "$truth"
gives "mended, it serves again" 0 remove a two

# A copy in the place of our link would outlive a reboot.
hub add -p a "$data/x" kept
cp --remove-destination "$run/172.16.10.11.conf" "$perm/172.16.10.11.conf"
gives "a copy in the place of a link is an edit" 5 remove a kept
gives "which sync --discard" 0 sync --discard
ok "makes a link again" test -L "$perm/172.16.10.11.conf"
hub remove a kept
rm -f "$perm"/*.edited

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

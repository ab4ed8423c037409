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
mkfifo "$temp/$(uuid 6).conf" "$run/172.16.10.28.conf"
mkdir "$temp/$(uuid 7).conf" "$run/172.16.10.29.conf"
ln "$secret" "$perm/$(uuid 8).conf"
ln "$secret" "$run/172.16.10.30.conf"
ln -s "$secret" "$run/172.16.10.31.conf"
cp "$secret" "$run/172.16.10.32.conf"
echo x >"$run/README"
python3 - "$temp/172.16.10.33.conf" <<-'END' 2>/dev/null || mkfifo "$temp/172.16.10.33.conf"
	import socket, sys
	socket.socket(socket.AF_UNIX).bind(sys.argv[1])
END
install -m 666 "$secret" "$temp/172.16.10.34.conf"
foreign="172.16.10.21 172.16.10.22 172.16.10.23 172.16.10.24 172.16.10.25 172.16.10.28 172.16.10.29
	172.16.10.30 172.16.10.31 172.16.10.32 172.16.10.33 172.16.10.34"
if (($(id -u) == 0)); then
	install -m 644 -o nobody "$secret" "$temp/172.16.10.35.conf"
	mknod "$temp/172.16.10.36.conf" c 1 5 # which has no end
	foreign+=" 172.16.10.35 172.16.10.36"
fi
echo x >"$temp/README"
echo x >"$temp/example.conf"
before=$(store)
# Who waits to write into it goes on as soon as anybody opens it.
sh -c 'exec 3>"$1" && : >"$2"' sh "$temp/172.16.10.21.conf" "$root/opened" &
writer=$!
timeout 20 "$build/hubshare" --root "$root" list >"$root/out" 2>"$root/err"
status=$?
ok "list does not hang" test "$status" = 0
kill "$writer" 2>/dev/null
wait "$writer" 2>/dev/null
ok "a FIFO is not even opened" test ! -e "$root/opened"
# shellcheck disable=SC2086 # words
for name in $foreign "$(uuid 5)" "$(uuid 6)" "$(uuid 7)" "$(uuid 8)" 172.16.10.26 172.16.10.27 example; do
	warns "$name is told of" "/$name\.conf "
done
ok "and what is no .conf, in both" test "$(grep -c '/README ' "$root/err")" = 2
# What is not hubshare's is not opened, whatever it is.
for kind in 21:FIFO 22:directory '25:hard link' 28:FIFO 29:directory '30:hard link' 31:link '34:can be written'; do
	warns "${kind#*:} is named" "/172.16.10.${kind%%:*}.conf cannot be used: it (is a )?${kind#*:}"
done
not "no link is followed" grep -q '172.16.10.2[34].*secret' "$root/out"
warns "a file of others is told of" '172.16.10.25.conf'
ok "links are called links" test "$(grep -c 'is a link that hubshare did not make$' "$root/err")" = 3
not "what they hold is not shown" grep -q secret "$root/out"
ok "all is as it was" test "$(store)" = "$before"
for action in "add a $data/x new" sync clean "remove a new"; do
	# shellcheck disable=SC2086 # words
	gives "they stop nobody: ${action%% *}" 0 $action
done
for name in $foreign 172.16.10.26 172.16.10.27; do
	ok "$name is still there" test -e "$temp/$name.conf" -o -e "$perm/$name.conf" -o -e "$run/$name.conf"
done
# In a place that is needed they are not replaced either.
for name in $foreign; do
	heard "$name" 1
	hub sync # closes what it had elsewhere
	unchanged "$name is needed: sync" 5 sync
	warns "$name is needed: the way out" "^$name.conf \\((permanent|temporary)\\) was not made by hubshare .*; move it away$"
	unchanged "$name is needed: add" 5 add a "$data/x" here
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

# Who comes next ends what another VM's command began: where its number is still in the lock, and
# where only a head says so.
rm -rf "$temp"/172.16.10.[23]* "$perm"/172.16.10.[23]* "$run"/172.16.10.[23]* "$run/README" "$temp/$(uuid 6).conf"
vms a 1 on b 2 on
heard 172.16.10.11 1 172.16.10.12 2
fake_smbd
gives "all is ended" 0 sync
ok "no number is left" test "$(cat "$run/.lock")" = 0
hub add a "$data/x" stays
hub add a "$data/x" goes
sed -i '/^\[goes\]/,$d' "$temp/$(uuid 1).conf"
echo 1 >"$run/.lock" # killed after the truth, before the rendering
gives "killed halfway: another VM's add" 0 add b "$data/x" one
ok "ends it" test "$(sed -n 's/^\[\(.*\)\]$/\1/p' "$temp/172.16.10.11.conf" | paste -sd' ')" = "mine stays"
hub add a "$data/x" goes
touch "$root/down"
gives "smbd is down" 7 remove a goes
not "a number is left" test "$(cat "$run/.lock")" = 0
ok "and what is to be cut" grep -qx '# cut: goes' "$temp/172.16.10.11.conf"
rm "$root/down"
printf 0 >"$run/.lock"
gives "another VM's add" 0 add b "$data/x" two
not "ends that too" grep -q '^# cut' "$temp/172.16.10.11.conf"
hub add -p a "$data/x" kept
heard 172.16.10.13 1 172.16.10.12 2
gives "a VM that moved" 0 add a "$data/x" moved
ok "has nothing left where it was" test ! -e "$temp/172.16.10.11.conf" -a ! -e "$run/172.16.10.11.conf"
serves "but there" 172.16.10.13 "kept mine moved stays"
heard 172.16.10.13 2 172.16.10.12 1
gives "two that changed places" 0 add a "$data/x" third
serves "the one" 172.16.10.12 "kept mine moved stays third"
not "the other has not its shares" grep -qE '^\[(kept|moved|stays)\]' "$temp/172.16.10.13.conf"

# Somebody holds the lock: a reader does not wait for it, and who changes does not for ever.
echo $$ >"$run/.lock"
exec 9<>"$run/.lock"
flock 9
gives "readers need no lock" 0 list
unchanged "the lock is held" 4 add a "$data/x" z
warns "by whom" "locked by process $$ \\($(</proc/$$/comm)\\) for 30 s"
exec 9>&-
for kind in fifo link hard directory others; do
	rm -f "$run/.lock"
	case $kind in
	fifo) mkfifo "$run/.lock" ;;
	link) ln -s "$secret" "$run/.lock" ;;
	hard) ln "$secret" "$run/.lock" ;;
	directory) mkdir "$run/.lock" ;;
	others) install -m 666 /dev/null "$run/.lock" ;;
	esac
	unchanged "a lock that is not hubshare's: $kind" 6 add a "$data/x" z
	warns "a lock that is not hubshare's: $kind: the way out" "/\.lock is not hubshare's: .*; move it away$"
	rmdir "$run/.lock" 2>/dev/null
done
ok "nothing is written through it" test "$(cat "$secret")" = "$(printf '[secret]\npath = /etc')"
rm -f "$run/.lock"
gives "which mends it" 0 add a "$data/x" z

# Nobody can add until a VM's shares cannot be read any more, and so not be taken away either.
hub delete a
hosts=$(seq -f '10.0.%g.0/24' -s, 0 250)
gives "a share for many hosts" 0 add -a "$hosts" a "$data/x" big
unchanged "for more than are taken" 2 add -a "$hosts,$(seq -f '10.1.%g.0/24' -s, 0 250)" a "$data/x" huge
truth=$temp/$(uuid 1).conf
printf 'comment = %050000d\n' 0 >>"$truth"
section=$(sed -n '/^\[big\]/,$p' "$truth")
text=$(<"$truth")
{
	printf '%s\n' "$text"
	for ((i = 0; i < (8 << 20) / (${#section} + 8) - 1; i++)); do
		printf '\n%s\n' "${section/big/big$i}"
	done
} >"$truth"
printf '#%0*d\n' $(((8 << 20) - $(stat -c %s "$truth") - 100)) 0 >>"$truth"
unchanged "a share too much" 6 add -a "$hosts" a "$data/x" over
warns "a share too much: the way out" "remove some first$"
gives "one of them can be taken away" 0 remove a big
gives "then there is room" 0 add -r a "$data/x" over
gives "and all can" 0 delete a
finish

#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare edit: what a share becomes, and whose sessions it ends.
. "$(dirname "$0")/lib.sh"

vms vm-1 1 on vm-2 2 on off 3 off
heard 172.16.10.11 1 172.16.10.12 2
mkdir -p "$data/a"
chmod 777 "$data/a"
chmod 755 "$root" "$data"
hub add vm-1 "$data/a" one -r
hub add vm-2 "$data/a" one -r
hub add off "$data/a" one -p

# what IP: the parameters of "one" there.
what() {
	sed -nE 's/^[[:space:]]*(read only|guest ok|hosts allow|force user) = (.*)/\1=\2/p' \
		"$temp/$1.conf" | sort | paste -sd,
}
is() { if [[ $(what "$2") == "$3" ]]; then pass "$1"; else fail "$1: $(what "$2")"; fi; }

unchanged "nothing to change" 2 edit vm-1 one
unchanged "both ways" 2 edit vm-1 one -r --read-write
unchanged "guests both ways" 2 edit vm-1 one -g --no-guest
unchanged "hosts both ways" 2 edit vm-1 one -a 10.0.0.1 --no-allow
unchanged "a host by name" 2 edit vm-1 one -a localhost
unchanged "everybody" 2 edit vm-1 one -a ''
unchanged "no such VM" 3 edit vm-3 one -r
unchanged "no such share" 3 edit vm-1 two -r
unchanged "not permanent" 3 edit -p vm-1 one --read-write
unchanged "as it is" 0 edit vm-1 one -r
gives "read-write" 0 edit vm-1 one --read-write
prints "says what it is now" "vm-1 has 'one' ($data/a) read-write, without guest access"
is "is read-write" 172.16.10.11 "guest ok=no,read only=no"
is "another VM's is as it was" 172.16.10.12 "guest ok=no,read only=yes"
gives "read-only again, by address and name in other case" 0 edit 172.16.10.11 ONE -r
is "is read-only" 172.16.10.11 "guest ok=no,read only=yes"
gives "its own address" 0 edit vm-1 one -e
is "is for it alone" 172.16.10.11 "guest ok=no,hosts allow=172.16.10.11,read only=yes"
gives "a list" 0 edit vm-1 one -a 172.16.10.0/24,172.16.10.11
is "the list takes its place" 172.16.10.11 \
	"guest ok=no,hosts allow=172.16.10.0/24, 172.16.10.11,read only=yes"
gives "no list" 0 edit vm-1 one --no-allow
is "the list is gone" 172.16.10.11 "guest ok=no,read only=yes"
gives "one that is parked" 0 edit off one -r
ok "is changed too" grep -q 'read only = yes' "$perm/$(uuid 3).conf"
if [[ $(id -u) == 0 ]]; then
	SUDO_UID=65534 gives "guests, for somebody" 0 edit vm-1 one -g
	is "they are who called" 172.16.10.11 "force user=nobody,guest ok=yes,read only=yes"
	chmod 755 "$data/a"
	unchanged "he may not write" 6 edit vm-1 one --read-write
	chmod 777 "$data/a"
	SUDO_UID=1 gives "less, by somebody else" 0 edit vm-1 one -e
	is "they stay who they were" 172.16.10.11 \
		"force user=nobody,guest ok=yes,hosts allow=172.16.10.11,read only=yes"
	chmod 700 "$data/a"
	gives "less, of what he may not read any more" 0 edit vm-1 one --no-allow
	chmod 777 "$data/a"
	gives "no guests" 0 edit vm-1 one --no-guest
	is "they are nobody any more" 172.16.10.11 "guest ok=no,read only=yes"
else
	echo "skip guests, for somebody: only root can call for others"
fi

# With an smbd: only who has it open loses it.
fake_smbd
printf '%s\n' '172.16.10.11 101 one' '172.16.10.12 102 one' >"$root/sessions"
gives "with sessions" 0 edit vm-1 one --read-write
ok "only its own is cut" test "$(cat "$root/sessions")" = "172.16.10.12 102 one"
# In three truths, and in the rendering of another.
ok "while it is cut nobody gets it" test "$(grep -c '^\[one\]' "$root/at-close-share")" = 4
is "then it is read-write" 172.16.10.11 "guest ok=no,read only=no"
touch "$root/down"
gives "smbd is down" 7 edit vm-1 one -r
ok "it is saved" grep -q 'read only = yes' "$temp/$(uuid 1).conf"
not "and not served as it was" grep -q 'read only = no' "$temp/172.16.10.11.conf"
rm "$root/down"
gives "sync ends it" 0 sync
is "it is read-only" 172.16.10.11 "guest ok=no,read only=yes"
finish

#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare sync: what is served follows VMs and addresses; edits by hand and the original's
# files are neither used nor lost.
. "$(dirname "$0")/lib.sh"

vms a 1 on b 2 on
heard 172.16.10.11 1 172.16.10.12 2
mkdir "$data/x" "$data/y"
hub add a "$data/x" ax
hub add a "$data/x" axp -p
hub add a "$data/x" mine -e
hub add b "$data/y" by
unchanged "nothing to do" 0 sync
not "nothing said" test -s "$root/out"

# An address changes hands.
fake_smbd
echo '172.16.10.11 101 ax' >"$root/sessions"
heard 172.16.10.11 2 172.16.10.20 1
gives "a has another address, b has a's" 0 sync
serves "b has its own at a's" 172.16.10.11 by
serves "a has its own at the new" 172.16.10.20 "ax axp mine"
serves "nothing is where b was" 172.16.10.12 ""
ok "who had a's open is cut off whole" grep -qxF 'smbcontrol smbd kill-client-ip 172.16.10.11' "$root/calls"
not "and is gone" test -s "$root/sessions"
ok "private follows" grep -qxF 'hosts allow = 172.16.10.20' "$temp/172.16.10.20.conf"
gives "list shows it" 0 list
says "at its address" '^a +\| 172.16.10.20 '

heard 172.16.10.11 2
gives "one that was not heard" 0 sync
serves "stays while it runs" 172.16.10.20 "ax axp mine"
vms a 1 off b 2 on
gives "one that is off" 0 sync
serves "is closed" 172.16.10.20 ""
gives "but not lost" 0 list
says "parked" '^a +\| - '
vms a 1 on b 2 on
heard 172.16.10.20 1 172.16.10.11 2
gives "back again" 0 sync
serves "open again" 172.16.10.20 "ax axp mine"
heard 172.16.10.20 1 172.16.10.20 2 172.16.10.11 2
gives "a contested address" 0 sync
serves "is closed" 172.16.10.20 ""
heard 172.16.10.20 1 172.16.10.11 2
hub sync
rm -rf "$run"
gives "after a reboot" 0 list
serves "permanent shares are closed" 172.16.10.20 "ax mine"
gives "and sync" 0 sync
serves "opens them" 172.16.10.20 "ax axp mine"

vms a-renamed 1 on b 2 on
gives "a VM is renamed" 0 sync
gives "and listed so" 0 list
says "by its new name" '^a-renamed '
ok "in what is served too" grep -qxF '# VM: a-renamed' "$temp/172.16.10.20.conf"
vms a 1 on b 2 on
hub sync

# Edited by hand.
file=$temp/172.16.10.20.conf
sed -i 's/read only = no/read only = yes/' "$file"
gives "list notices an edit" 0 list
warns "and says so" '172.16.10.20.conf .* was edited by hand'
unchanged "add is refused" 5 add a "$data/y" new
unchanged "remove too" 5 remove a ax
warns "with the way out" 'sync --take.*sync --discard'
gives "another VM's is not" 0 add b "$data/x" bx
unchanged "sync leaves it" 5 sync
gives "--discard" 0 sync --discard
ok "undoes it" grep -qxF 'read only = no' "$file"
ok "and keeps a copy" grep -qxF 'read only = yes' "$file.edited"
rm "$file.edited"
sed -i 's/read only = no/read only = yes/' "$file"
echo '172.16.10.20 105 ax' >"$root/sessions"
gives "--take" 0 sync --take
ok "makes it the truth" grep -qxF 'read only = yes' "$temp/$(uuid 1).conf"
ok "private stays private" grep -qxF '# hubshare: private' "$temp/$(uuid 1).conf"
not "who had it open otherwise is cut" test -s "$root/sessions"
# As one that was killed after the truth was saved leaves it: what was open is not known.
sed -i 's/^# sum: .*/# sum: 0/' "$file"
echo '172.16.10.20 105 before' >"$root/sessions"
gives "--take, once more" 0 sync --take
not "who has anything open from before is cut" test -s "$root/sessions"
unchanged "and that is all" 0 sync
sed -i 's/^path = .*/path = relative/' "$file"
unchanged "an edit that cannot be" 2 sync --take
hub sync --discard
sed -i 's|^path = .*|path = /etc|' "$file"
unchanged "an edit that policy refuses" 6 sync --take
hub sync --discard
sed -i 's/^\[ax\]/[AXP]/' "$file"
unchanged "an edit that takes a permanent share's name" 5 sync --take
hub sync --discard
rm -f "$file.edited"
sed -i 's/read only = yes/read only = no/' "$file"
sed -i 's/^path = .*/path = relative/' "$temp/172.16.10.11.conf"
unchanged "a good edit and a bad one: neither is taken" 2 sync --take
hub sync --discard
rm -f "$file.edited" "$temp/172.16.10.11.conf.edited"
printf '\n[BY]\npath = /etc\n' >>"$temp/172.16.10.11.conf"
unchanged "a name twice cannot be either" 0 list
warns "it is told of" '172.16.10.11.conf cannot be used: .*stands twice'
rm "$temp/172.16.10.11.conf"
hub sync

# The original tool's.
rm -f "$temp"/*.edited
cat >"$temp/172.16.10.12.conf" <<-END
	# VM: c
	# MAC: 52:54:00:00:00:03
	[old]
	path=$data/y
	guest ok=yes
	strict locking = no
END
vms a 1 on b 2 on c 3 on
unchanged "its VM was not heard: left alone" 0 sync
gives "list shows it" 0 list
says "as it is" "^c +\| 172.16.10.12 +\| old "
warns "and whose it is" 'made by the original tool'
unchanged "clean leaves it" 0 clean
unchanged "remove knows why not" 3 remove c old
warns "and says so" "original tool; 'hubshare sync'"
heard 172.16.10.20 1 172.16.10.11 2 172.16.10.12 3
cp "$temp/172.16.10.12.conf" "$root/original"
gives "its VM is there: taken over" 0 sync
ok "with all parameters" grep -qxF 'strict locking = no' "$temp/$(uuid 3).conf"
serves "and served on" 172.16.10.12 old
ok "as ours" grep -qF "# UUID: $(uuid 3)" "$temp/172.16.10.12.conf"
unchanged "once" 0 sync
gives "and can be removed" 0 remove c "$data/y" old
sed 's/^# VM: c/# VM: d/' "$root/original" >"$temp/172.16.10.12.conf"
unchanged "another VM's: not taken over" 5 sync
sed 's|^\tpath=.*|path=/etc|; s|^path=.*|path=/etc|' "$root/original" >"$temp/172.16.10.12.conf"
unchanged "what policy refuses: not taken over" 5 sync
warns "with the way out" "allow-roots"
rm "$temp/172.16.10.12.conf"
cp "$root/original" "$perm/172.16.10.12.conf"
gives "a permanent one" 0 sync
ok "becomes a link of ours" test -L "$perm/172.16.10.12.conf"
serves "and is served on" 172.16.10.12 old

# What a killed process left.
printf '# Made by hubshare.\n# UUID: %s\n# VM: b\n# MAC: 52:54:00:00:00:02\n# cut: by\n' \
	"$(uuid 2)" >"$temp/172.16.10.30.conf"
echo '172.16.10.30 106 by' >"$root/sessions"
: >"$temp/.172.16.10.31.conf.999.new"
gives "what a killed process left" 0 add a "$data/y" last
not "a stub is ended" test -e "$temp/172.16.10.30.conf"
not "what it named is cut" test -s "$root/sessions"
not "half a file is gone" test -e "$temp/.172.16.10.31.conf.999.new"

# What another VM's command has begun and cannot be ended is in nobody's way.
hub add b "$data/x" b1
hub add b "$data/x" b2
touch "$root/down"
gives "begun" 7 remove b b1
rm "$root/down"
sed -i 's/create mask = .*/create mask = 99/' "$temp/$(uuid 2).conf"
gives "of another VM something is taken away" 0 remove a last
not "and gone" grep -q '^\[last\]' "$temp/172.16.10.20.conf"
# What was taken away goes, also where Samba's parser cannot look at what is left.
sed -i 's/create mask = .*/create mask = 0664/' "$temp/$(uuid 2).conf"
hub sync
cp "$temp/172.16.10.11.conf" "$root/before"
hub remove b b2
cp "$root/before" "$temp/172.16.10.11.conf" # as one leaves it that was killed in between
serves "something is left to do" 172.16.10.11 "b2 bx by"
printf 'testparm = %s\n' "$root/nothing" >>"$settings"
gives "sync without a parser" 7 sync
serves "rather too little than too much" 172.16.10.11 ""
ok "and it is known" grep -qx '# cut: b2' "$temp/172.16.10.11.conf"
sed -i '/^testparm/d' "$settings"
gives "sync with one" 0 sync
serves "gives the rest" 172.16.10.11 "bx by"
finish

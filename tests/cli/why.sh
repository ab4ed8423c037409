#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare why: the links of a share's chain, each broken in turn.  Those which need a real smbd
# and a real bridge are in tests/net/why.sh.
. "$(dirname "$0")/lib.sh"

# chain NAME STATUS LINKS REGEX ARGUMENTS...: the links that are well, in one line, by their keys,
# and then the broken one, which says REGEX; so does standard error.
chain() {
	local name=$1 wanted=$2 links=$3 regex=$4 seen
	shift 4
	hub why "$@" --json
	seen=$(sed -n 's/.*"key": "\(.*\)",/\1/p' "$root/out" | paste -sd' ')
	if [[ $status != "$wanted" || $seen != "$links" ]]; then
		fail "$name: $seen"
	elif ! tail -8 "$root/out" | grep -qE -- "\"text\": \".*$regex"; then
		fail "$name: not the reason"
	elif ! grep -qE -- "\"message\": \"(vm|off|elsewhere).* cannot open '.*$regex" "$root/err"; then
		fail "$name: not on standard error"
	elif [[ $(grep -c '"verdict": "ok"' "$root/out") != $(($(wc -w <<<"$links") - 1)) ]]; then
		fail "$name: verdicts"
	else
		pass "$name"
	fi
}
mends() { if grep -qE -- "\"mend\": \"$2\"" "$root/out"; then pass "$1"; else fail "$1"; fi; }

host=$samba/smb.conf
good() {
	vms vm-1 1 on vm-2 2 on off 3 off elsewhere 4 on
	sed -i '/00:04/,/interface/ s/br-hub/br-other/' "$root/vms.xml"
	heard 172.16.10.11 1 172.16.10.12 2
	"$build/hubconf" --root "$root" --smb-conf >"$host"
	sed -i "s|$root||" "$host"
}
good
mkdir -m 777 "$data/a"
chmod 755 "$root" "$data"
hub add vm-1 "$data/a" one -r
hub add vm-1 "$data/a" open -g
hub add vm-1 "$data/a" ever -p -a 172.16.10.8/29
hub add off "$data/a" one
hub add elsewhere "$data/a" one
mine=$temp/172.16.10.11.conf

# What is asked for has to be there.
unchanged "no such VM" 3 why vm-3 one
unchanged "no such share" 3 why vm-1 two
unchanged "another VM's share" 3 why vm-2 one
gives "one word" 2 why vm-1
gives "three words" 2 why vm-1 one two
connect=$away gives "no libvirt" 7 why vm-1 one

all="vm share end running nic tap heard address rendering served hosts path account includes name testparm smbd"
before=$(store)
chain "all that can be said without an smbd" 7 "$all" "No smbd serves" vm-1 one
chain "by address, in other case" 7 "$all" "No smbd serves" 172.16.10.11 ONE
chain "a permanent one" 7 "$all" "No smbd serves" vm-1 ever
hub why vm-1 one
says "for people: the VM" "^ok +VM +vm-1 \($(uuid 1)\)$"
says "for people: the share" "^ok +share +temporary, read-only, without guest access: $data/a$"
warns "for people: the reason" "^vm-1 cannot open 'one': No smbd serves"
ok "one line of it" test "$(wc -l <"$root/err")" = 1

says "for people: its end" "^ok +its end +it ends with the host's next boot$"
hub why vm-1 ever
says "nor of a permanent one" "^ok +its end +it does not end by itself$"

upto() { echo "${all%% "$1"*} $1"; }
# note SHARE NOTE: that share of vm-1 has that note; "": none.
note() { sed -i "/^\[$1\]/,/^path/ { /^# hubshare: until/d; ${2:+s/^\[$1\]/&\n# hubshare: $2/} }" "$temp/$(uuid 1).conf"; }
boot=$(</proc/sys/kernel/random/boot_id)
note one "until=1 since=1 boot=$boot"
chain "it has expired" 1 "$(upto end)" "'one' has expired; give it again" vm-1 one
note one "until=stop domain=1 boot=$boot"
hub why vm-1 one
says "it ends with the VM" "^ok +its end +until stop$"
note one "until=stop domain=2 boot=$boot"
chain "the VM was started again" 1 "$(upto end)" "'one' has expired" vm-1 one
note one "until=86400000000 since=1 boot=$boot"
hub why vm-1 one
says "it ends some day" "^ok +its end +expires in [0-9]+w"
note one ""
chain "the VM is off" 1 "$(upto running)" "off is off" off one
mends "how to start it" "virsh start $(uuid 3)"
chain "no NIC on the bridge" 1 "$(upto nic)" "elsewhere has no network interface on br-hub" elsewhere one
mends "how to give it one" "virsh attach-interface $(uuid 4) bridge br-hub .*"
sed -i '/00:01/ s|$|<link state="down"/>|' "$root/vms.xml"
chain "its link is down" 1 "$(upto nic)" "link of 52:54:00:00:00:01 is set down" vm-1 one
mends "how to set it up" "virsh domif-setlink $(uuid 1) 52:54:00:00:00:01 up"
good
heard 172.16.10.12 2
# The test driver gives it a tap which does not exist.
chain "nobody heard it" 1 "$(upto tap)" "libvirt's end of it, testnet0, is not there" vm-1 one
sed -i '/00:01/ s|$|<target dev="lo"/>|' "$root/vms.xml"
chain "its tap is elsewhere" 1 "$(upto tap)" "lo is no port of br-hub" vm-1 one
mends "how to plug it in" "ip link set lo master br-hub"
good
heard 172.16.10.11 1 172.16.10.11 9
chain "another one claims its address" 1 "$(upto address)" \
	"172.16.10.11 is contested: .*vm-1 \(52:54:00:00:00:01\), unknown \(52:54:00:00:00:09\)" vm-1 one
heard 172.16.10.13 1
chain "it has moved" 1 "$(upto rendering)" "No temporary shares are served at 172.16.10.13" vm-1 one
mends "how to open it" "hubshare sync"
heard 172.16.10.11 1 172.16.10.12 2 172.16.10.13 1
chain "of two addresses it is that with the share" 7 "$all" "No smbd serves" vm-1 one
good

cp -p "$mine" "$root/mine"
restore() { cp -p "$root/mine" "$mine"; }
echo '# mine' >>"$mine"
chain "edited by hand" 1 "$(upto rendering)" "was edited by hand; .*--take.*--discard" vm-1 one
sed -i 's/^# UUID: .*/# UUID: c0ffee00-0000-4000-8000-000000000002/' "$mine"
chain "another VM's" 1 "$(upto rendering)" "Another VM's shares are served at 172.16.10.11" vm-1 one
echo 'a line of no share' >"$mine"
chain "nothing that can be read" 1 "$(upto rendering)" "cannot be used" vm-1 one
restore
rm "$mine"
chain "nothing is served" 1 "$(upto rendering)" "No temporary shares are served" vm-1 one
restore

# As commands leave it that were killed halfway: the truth has changed, its rendering has not.
cp -p "$temp/$(uuid 1).conf" "$root/truth"
sed -i '/^\[one\]/,/^\[/ s/read only = yes/read only = no/' "$temp/$(uuid 1).conf"
chain "not yet as it is now" 1 "$(upto served)" "'one' is not served at 172.16.10.11 as it is now" vm-1 one
sed -i 's/^\[one\]/[fresh]/' "$temp/$(uuid 1).conf"
chain "not yet there" 1 "$(upto served)" "'fresh' is not among those at 172.16.10.11" vm-1 fresh
mends "how to end it" "hubshare sync"
cp -p "$root/truth" "$temp/$(uuid 1).conf"

hub edit vm-1 ever -a 10.0.0.0/8,172.16.10.12,fe80::1
chain "for others only" 1 "$(upto hosts)" "172.16.10.11 is not among the allowed hosts" vm-1 ever
hub edit vm-1 ever -e
chain "for itself only" 7 "$all" "No smbd serves" vm-1 ever

mv "$data/a" "$data/b"
chain "the directory is gone" 1 "$(upto path)" "$data/a: No such file or directory" vm-1 one
touch "$data/a"
chain "it is a file now" 1 "$(upto path)" "$data/a is no directory" vm-1 one
rm "$data/a"
mv "$data/b" "$data/a"
if [[ $(id -u) == 0 ]]; then
	chmod 750 "$data/a"
	chain "guests may not write" 1 "$(upto account)" "nobody's, who may not read and write in $data/a" \
		vm-1 open
	chmod 755 "$data/a"
	chain "not even read is not the same" 1 "$(upto account)" "may not read and write in" vm-1 open
	hub edit vm-1 open -r
	chain "to read is enough for a read-only one" 7 "$all" "No smbd serves" vm-1 open
	chmod 777 "$data/a"
else
	echo "skip guests may not write: only root can ask for others"
fi

sed -i '/temp.conf.d/d' "$host"
chain "an include is missing" 1 "$(upto includes)" "includes" vm-1 one
good
{ echo '[ONE]'; cat "$host"; } >"$root/conf"
mv "$root/conf" "$host"
chain "smb.conf has a share of that name" 1 "$(upto name)" "smb.conf has a share 'one' too" vm-1 one
good

# Samba's parser, which for once sees something else.
printf '#!/bin/sh\ncase $3 in *172.16.10.11*) sed "s/read only = yes/read only = no/" "$3" ;; esac\n' >"$root/bin/testparm"
chmod +x "$root/bin/testparm"
printf '[hubshare]\ntestparm = %s\n' "$root/bin/testparm" >"$settings"
chain "Samba reads it otherwise" 1 "$(upto testparm)" "Samba sees it otherwise in .*'read only' is 'no'" vm-1 one
rm "$settings"

fake_smbd
touch "$root/down"
chain "smbd is down" 7 "$all" "smbd does not run" vm-1 one
rm "$root/down"
chain "nobody listens" 7 "$all listening" "has no address" vm-1 one
rm "$settings"
hub why vm-1 one
# The chain is read, and nothing else is done.
ok "no smbd was told anything but a ping" test "$(grep -cv ' ping$' "$root/calls")" = 0
finish

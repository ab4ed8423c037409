#!/bin/bash
# SPDX-License-Identifier: ISC
# Shares that end by themselves: --for, --until-stop, and what list --state says of all.
. "$(dirname "$0")/lib.sh"

# What the service listens with; it has nothing to tell.
service_up() {
	rm -f "$root/tell" "$root/served"
	mkfifo "$root/tell"
	"$build/tests/cli/feed" "$root" <"$root/tell" >"$root/served" 2>&1 &
	service=$!
	exec 4>"$root/tell"
	until grep -qsx ready "$root/served" || ! kill -0 $service; do read -rt 0.02 <> <(:); done
}
service_down() {
	exec 4>&-
	wait $service
}

# truth NUMBER perm|temp: the file of the VM's shares.
truth() { echo "$([[ $2 == perm ]] && echo "$perm" || echo "$temp")/$(uuid "$1").conf"; }
# ends FILE SHARE NOTE: the share's note of its end is that from now on; "": it has none.
ends() {
	sed -i "/^\[$2\]/,/^path/ { /^# hubshare: until/d; ${3:+s/^\[$2\]/&\n# hubshare: $3/} }" "$1"
}
boot=$(</proc/sys/kernel/random/boot_id)
up_ms() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }
date_of() { date -u -d "$1" +%Y-%m-%dT%H:%M:%S.000Z; }

fake_smbd
vms vm-1 1 on vm-2 2 on off 3 off
heard 172.16.10.11 1 172.16.10.12 2
mkdir "$data/a" "$data/b"

hub add vm-2 "$data/b" b

# Nobody would end it.
unchanged "a time without a service" 7 add vm-1 "$data/a" a --for 2h
warns "what to do" "no service runs: 'systemctl start hubshare' or .* leave --for out"
unchanged "until stop without a service" 7 add vm-1 "$data/a" a --until-stop
mkdir -p "$root/run/hubshare"
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$root/run/hubshare/events"
unchanged "the socket of one that was killed" 7 add vm-1 "$data/a" a --for 2h
service_up
unchanged "no time" 2 add vm-1 "$data/a" a --for soon
warns "how it is written" "^'soon' is no time that a share can be for: write 90m, 1h30m or 2d"
for bad in '' 0s 2 h 2x 1.5h -1h ' 2h' '2h ' 1m1h 1h1h 521w 99999999999s 2H 2hm; do
	unchanged "no time: '$bad'" 2 add vm-1 "$data/a" a --for "$bad"
done
unchanged "both" 2 add vm-1 "$data/a" a --for 2h --until-stop
unchanged "a VM that is off" 2 add off "$data/a" a --until-stop
warns "why" "off is off, so nothing can last until it is shut off"

gives "a time" 0 add vm-1 "$data/a" a --for 1h30m
says "how long" "^vm-1 \(172.16.10.11\) has $data/a as 'a', expires in 1h30m$"
ok "by the time since boot" grep -qE "^# hubshare: until=[0-9]+ since=[0-9]+ boot=$boot$" "$(truth 1 temp)"
gives "a permanent one" 0 add -p vm-1 "$data/a" p --for 2d
ok "by the date" grep -qE "^# hubshare: until=[0-9T:.-]+Z since=[0-9T:.-]+Z$" "$(truth 1 perm)"
gives "until the VM is shut off" 0 add vm-1 "$data/a" s --until-stop
says "which it says" "as 's', until stop$"
ok "by libvirt's number" grep -q "^# hubshare: until=stop domain=1 boot=$boot$" "$(truth 1 temp)"
gives "one for good" 0 add vm-1 "$data/a" ever
gives "off" 0 add off "$data/a" later --for 1w
says "which is parked" "will have $data/a as 'later', expires in 1w: it is parked"
serves "they are served" 172.16.10.11 "a ever p s"
before=$(store)
gives "a sync that has nothing to do" 0 sync
ok "changes nothing" test "$(store)" = "$before"
gives "nor does a change of another VM" 0 remove vm-2 b
serves "so" 172.16.10.11 "a ever p s"

# Each in its own way; what was is served until somebody looks.
t=$(truth 1 temp) p=$(truth 1 perm)
cp "$t" "$root/t" && cp "$p" "$root/p"
# over NAME FILE SHARE NOTE: with that note the share has ended.
over() {
	local left
	left=$(sed "s/\b$3\b *//; s/ $//" <<<"a ever p s")
	cp "$root/t" "$t" && cp "$root/p" "$p"
	hub sync
	serves "$1: before" 172.16.10.11 "a ever p s"
	ends "$2" "$3" "$4"
	hub list --state
	says "$1: list" "\| $3 +\|.*\| expired"
	gives "$1: sync" 0 sync
	serves "$1: it is closed" 172.16.10.11 "$left"
	not "$1: nothing of it is left" grep -rq "^\[$3\]" "$temp" "$perm" "$run"
}
now=$(up_ms)
over "its time is over" "$t" a "until=$((now - 1)) since=1 boot=$boot"
over "another boot" "$t" a "until=$((now + 3600000)) since=1 boot=c0ffee00-0000-4000-8000-00000000000b"
over "a boot clock before its birth" "$t" a "until=$((now + 7200000)) since=$((now + 3600000)) boot=$boot"
over "a day that is past" "$p" p "until=$(date_of -1min) since=$(date_of -1hour)"
over "a date before its birth" "$p" p "until=$(date_of +2days) since=$(date_of +1day)"
over "another start of the VM" "$t" s "until=stop domain=7 boot=$boot"
over "another boot of the host" "$t" s "until=stop domain=1 boot=c0ffee00-0000-4000-8000-00000000000b"
over "what cannot be read" "$t" ever "until=tomorrow"
over "half of it" "$t" a "until=$((now + 3600000)) boot=$boot"

# What is not over stays, whatever else ends.
cp "$root/t" "$t" && cp "$root/p" "$p"
hub sync
vms vm-1 1 off vm-2 2 on off 3 off
heard 172.16.10.12 2
gives "the VM is shut off" 0 sync
not "which ends one of them" grep -q '^\[s\]' "$t"
ok "and keeps the others" grep -q '^\[a\]' "$t"
vms vm-1 1 on vm-2 2 on off 3 off
heard 172.16.10.11 1 172.16.10.12 2
gives "it is there again" 0 sync
serves "with what is left" 172.16.10.11 "a ever p"

# Sessions are cut as those of a share that was removed.
hub add vm-1 "$data/a" s --until-stop
printf '%s\n' "172.16.10.11 501 s" "172.16.10.11 502 ever" >"$root/sessions"
vms vm-0 9 on vm-1 1 on vm-2 2 on off 3 off # vm-1 is number 2 now
gives "started again, unseen" 0 sync
serves "it has lost it" 172.16.10.11 "a ever p"
ok "who had it open is cut" test "$(cat "$root/sessions")" = "172.16.10.11 502 ever"

# What has ended is not there for whoever changes the VM, and he takes it away.
ends "$t" a "until=1 since=1 boot=$boot"
unchanged "it cannot be removed" 3 remove vm-1 a
unchanged "nor edited" 3 edit vm-1 a -r
gives "its name is free" 0 add vm-1 "$data/b" a
serves "for another one" 172.16.10.11 "a ever p"
ok "which is that" test "$(grep -c "^path = $data/a$" "$t")" = 1
ends "$t" ever "until=1 since=1 boot=$boot"
gives "any change of the VM" 0 add vm-1 "$data/b" b
not "takes it away" grep -q '^\[ever\]' "$t"
serves "and closes it" 172.16.10.11 "a b p"

# edit
gives "an end" 0 edit vm-1 b --for 90s
says "which it says" "'b' \($data/b\) read-write, without guest access, expires in 1m30s$"
cut=$(grep -c close-share "$root/calls")
gives "another one" 0 edit vm-1 b --until-stop
gives "none" 0 edit vm-1 b --no-end
says "which it says" "without guest access$"
not "it has none" grep -A1 '^\[b\]' "$t" -m1 | grep -q until
ok "nobody was cut for that" test "$(grep -c close-share "$root/calls")" = "$cut"
gives "a permanent one" 0 edit vm-1 p --for 3h
ok "by the date" grep -qE "^# hubshare: until=[0-9T:.-]+Z " "$p"
unchanged "two of them" 2 edit vm-1 b --for 2h --no-end
unchanged "no end for what is added" 2 add vm-1 "$data/b" c --no-end
printf 'deny-roots = %s\n' "$data/b" >>"$settings"
gives "less is always right" 0 edit vm-1 b --for 3h
gives "still less" 0 edit vm-1 b --for 2h
unchanged "more is asked for as if it were new" 6 edit vm-1 b --for 4h
unchanged "without an end too" 6 edit vm-1 b --no-end
sed -i '$d' "$settings"
service_down
unchanged "nobody would end it" 7 edit vm-1 b --for 4h
gives "for no end no service is needed" 0 edit vm-1 b --no-end

# list --state
service_up
printf '[hubshare]\nallow-roots = /tmp\n  /var/tmp\n' >"$settings" # where the store may be
rm -f "$perm"/* "$temp"/* "$run"/*
vms personal-0 1 on off-1 2 off
heard 172.16.10.59 1
gives "for good" 0 add -p personal-0 /var/tmp logs
gives "for a time" 0 add personal-0 /tmp tmp --for 72m
gives "for a run" 0 add personal-0 /tmp stop --until-stop
gives "for later" 0 add off-1 /tmp parked --for 2d
sed -i "s/^# hubshare: until=[0-9]* since=\([0-9]*\)/# hubshare: until=$(($(up_ms) + 4319000)) since=\1/" "$(truth 1 temp)"
gives "with the state" 0 list --state
prints "a column more" "#### Permanent Shares ####
VM          | IP            | Name    | Path      | Read Only | Guest OK | State                 
-------------------------------------------------------------------------------------------------
personal-0  | 172.16.10.59  | logs    | /var/tmp  | False     | False    | open                  

#### Temporary Shares ####
VM          | IP            | Name    | Path      | Read Only | Guest OK | State                 
-------------------------------------------------------------------------------------------------
off-1       | -             | parked  | /tmp      | False     | False    | parked, expires in 2d 
personal-0  | 172.16.10.59  | tmp     | /tmp      | False     | False    | open, expires in 1h12m
personal-0  | 172.16.10.59  | stop    | /tmp      | False     | False    | open, until stop      
"
gives "as JSON" 0 list --state --json
says "the state" '"state": "open"'
says "a date" '"until": "20[0-9-]+T[0-9:]+Z"'
says "or a stop" '"until": "stop"'
says "or nothing" '"until": null'
gives "without it" 0 list --json
not "nothing of it" grep -qE '"(state|until)"' "$root/out"
heard
hub list --state
says "not heard, but not gone" "172.16.10.59 +\| logs .*\| open"
heard 172.16.10.60 1
hub list --state
says "it has moved, and nobody has seen it" "172.16.10.59 +\| logs .*\| parked"
heard 172.16.10.59 1 172.16.10.59 7
hub list --state
says "contested" "172.16.10.59 +\| logs .*\| suspended"
hub sync
hub list --state
says "contested, and closed" "- +\| logs .*\| suspended"
heard 172.16.10.59 1
hub list --state
says "the conflict is over" "- +\| logs .*\| parked"
hub sync
sed -i 's/read only = no/read only = yes/' "$temp/172.16.10.59.conf"
hub list --state
says "edited by hand" "172.16.10.59 +\| tmp .*\| suspended, expires in"
says "the other tenure is not" "172.16.10.59 +\| logs .*\| open"
: >"$root/scanned"
hub list
ok "without it nobody is asked" test ! -s "$root/scanned"
connect=$away gives "without libvirt there is no state" 7 list --state
service_down
finish

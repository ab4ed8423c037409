#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Shares that end by themselves, with a real service, a real smbd and sessions that are open.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11@tap-a
client_add a 172.16.10.11 52:54:00:00:00:11 tap-a
for share in ever soon date slept; do
	in_lab sh -c "mkdir -m 777 /srv/$share; echo 'in $share' >/srv/$share/file"
done
gives 7 "no service: nobody would end it" hs add -g alpha /srv/soon soon --for 3s
service_start
watch_start

opens() { session "$1" "get file -" >/dev/null; }
# truths SHARE: the files that have it, of any kind.
truths() { in_lab grep -rl "^\[$1\]" /etc/samba/perm.conf.d /etc/samba/temp.conf.d /run/samba/hubshare; }
gone() { ! truths "$1"; }
# until_ms SHARE: when it ends, in ms since 1970, from its note in the truth.
until_ms() {
	local until up
	until=$(in_lab sed -n "/^\[$1\]/,/^path/ s/^# hubshare: until=\([^ ]*\) .*/\1/p" "$(truths "$1" | grep -E '[0-9a-f]-[0-9a-f]')")
	up=$(awk '{ printf "%d", $1 * 1000 }' /proc/uptime)
	if [[ $until == *Z ]]; then date -d "$until" +%s%3N; else echo $(($(date +%s%3N) - up + until)); fi
}
# told_ms SHARE: when the service told that it has expired.
told_ms() {
	date +%s%3N -d "$(in_lab grep -F share-expired /var/log/watch.json | grep -F "\"share\": \"$1\"" |
		grep -oE '"time": "[^"]*' | cut -d'"' -f4)"
}
# ends NAME SHARE OPTION...: a share that lasts some seconds does just that.
ends() {
	local name=$1 share=$2 until took
	shift 2
	ok "$name: given" hs add -g alpha "/srv/$share" "$share" --for 4s "$@"
	until=$(until_ms "$share")
	session_open "$share" a "$share"
	says "in $share" "$name: its VM reads" session "$share" "get file -"
	liar_start "$share" a "in $share" -c 2 "$share"
	soon 30 "$name: it ends" told share-expired alpha "$share" "$(tenure "$@")"
	soon 10 "$name: it is closed" told share-closed alpha "$share" 172.16.10.11
	took=$(($(told_ms "$share") - until))
	# The clocks are read one after the other; a second, and what a busy machine needs.
	ok "$name: when its time is over, which is told $took ms after" test "$took" -gt -100 -a "$took" -lt 10000
	took=$(($(date +%s%3N) - $(liar_said "$share" ago) - until))
	ok "$name: its VM has read until then, by $took ms" test "$took" -gt -200 -a "$took" -lt 10000
	echo "| $(liar_end "$share")"
	refused "$name: the session reads no more" session "$share" "get file -"
	refused "$name: nor does a new one" client_smb a "$share" "get file -"
	ok "$name: nothing is left of it" gone "$share"
}
tenure() { [[ ${1:-} == -p ]] && echo permanent || echo temporary; }

ok "one for good" hs add -g alpha /srv/ever ever
session_open ever a ever
ok "its VM reads" opens ever
ends "by the time since boot" soon
ends "by the date" date -p
ok "the other one goes on in its session" opens ever
says "ever .* open *$" "which list shows" hs list --state
silent "soon|date" "and nothing else" hs list --state

# Sleep is time: a host that has slept for two hours is one whose CLOCK_BOOTTIME is two hours on.
slept() { in_lab unshare --time --boottime "$1" -- hubshare "${@:2}"; }
ok "for an hour" hs add -g alpha /srv/slept slept --for 1h
session_open slept a slept
ok "its VM reads" opens slept
says "slept .* open, expires in (30|29)m" "half an hour's sleep" slept 1770 list --state
service_kill
ok "which ends nothing" slept 1800 sync
ok "its VM reads on" opens slept
says "slept .* expired" "two hours' sleep" slept 7200 list --state
ok "end it" slept 7200 sync
refused "its VM reads no more" opens slept
ok "nothing is left of it" gone slept
ok "the other one goes on" opens ever

# What was to end while no service ran is ended when the next one begins.
service_start
ok "for a moment" hs add -g alpha /srv/soon soon --for 2s
service_kill
ok "it is there" truths soon
wait_for 30 sh -c "[ \$(date +%s%3N) -gt $(($(date +%s%3N) + 2000)) ]"
ok "nobody ends it" truths soon
says "soon .* expired" "which list shows" hs list --state
service_start --verbose
soon 10 "the next service does" gone soon
ok "which says so" in_lab grep -q "'soon' of alpha has expired" /var/log/hubshare.log
refused "its VM reads nothing" client_smb a soon "get file -"
ok "the other one goes on" opens ever
service_stop

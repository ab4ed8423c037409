#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Guests that send and connect without measure: VMs are found and waited for all the same, in
# bounded time and memory, and what is removed is cut or not said to be.
# Alone: it takes all the time of a processor.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:fa
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.250 52:54:00:00:00:fa
client_add mad none 52:54:00:00:00:66
in_lab sh -c 'mkdir -m 777 /srv/open; echo secret >/srv/open/file'
ok "alpha has a share" hs add -g alpha /srv/open open
ok "beta has one" hs add -g -r beta /srv/open own
cc -O2 -o "$LAB_STATE/storm" "$LAB_TOP/tests/wire/storm.c"

# Mad sends 100,000 frames a second and claims the addresses .2 to .199, alpha's among them, each
# for as many MACs as it can.  find, wait and hubscan know beta, which it does not claim, in 64
# MiB and in the time they take at most; that of alpha's nobody is sure.
lean() { in_lab prlimit --data=$((64 << 20)) -- "$@"; }
in_client mad sh -c 'echo $$ >"$0.pid"; exec "$0" eth0 100000 600' "$LAB_STATE/storm" >/dev/null 2>&1 &
lean sh -c 'echo $$ >"$0.pid"; exec hubscan --watch br-hub >"$0" 2>&1' "$LAB_STATE/watch" 2>/dev/null &
frames() { in_lab cat /sys/class/net/veth-mad/statistics/rx_packets; }
storms() { (($(frames) - before > 20000)); }
before=$(frames)
soon 20 "the storm is there" storms
within() { # SECONDS NAME COMMAND...
	local since=$SECONDS
	ok "$2" "${@:3}"
	seen="it took $((SECONDS - since)) s"
	if ((SECONDS - since <= $1)); then pass "$2: within $1 s"; else fail "$2: within $1 s"; fi
}
within 30 "find" lean hubshare find --json
ok "it knows beta" grep -q '"beta"' <(lean hubshare find --json)
says '172\.16\.10\.250 +\| 52:54:00:00:00:fa \| beta *$' "and is sure of it" lean hubshare find
# A sweep ends with the last VM that it expects, and may do so before another claim comes.
doubts() { lean hubshare find | grep -q '172\.16\.10\.11 .*contested'; }
closes() { lean hubshare sync && ! client_smb a open ls; }
soon 60 "but not of alpha's address" doubts
within 30 "wait for beta" lean hubshare wait -t 30 beta
soon 30 "hubscan --watch has seen it" grep -q $'^172.16.10.250\t52:54:00:00:00:fa\tnew' "$LAB_STATE/watch"
client_del b
lean hubshare wait -t 60 beta >"$LAB_STATE/wait" 2>&1 &
waiting=$!
client_add b 172.16.10.251 52:54:00:00:00:fa
status=0
wait $waiting || status=$?
# It may still be known by the address that it had before.
ok "beta comes with another address while it is waited for" \
	grep -qE '^172\.16\.10\.25[01] is beta' "$LAB_STATE/wait"
soon 30 "hubscan --watch has seen that" grep -q $'^172.16.10.251\t52:54:00:00:00:fa\tnew' "$LAB_STATE/watch"
ok "hubscan --watch goes on" in_lab kill -0 "$(cat "$LAB_STATE/watch.pid")"
within 30 "add for beta" hs add -g -r beta /srv/open more
says secret "which it reads" client_smb b more "get file -"
gives 4 "who is not there is not found" lean hubshare wait -t 1 nobody
within 30 "sync" hs sync
soon 60 "alpha's share is closed, while its address is claimed" closes
in_lab kill "$(cat "$LAB_STATE/storm.pid")" "$(cat "$LAB_STATE/watch.pid")"
calm() { before=$(frames) && hs find 2>/dev/null | grep -q '172\.16\.10\.11 .* alpha *$'; }
soon 60 "when it is over alpha is known again" calm
ok "sync" hs sync
ok "and has its share" client_smb a open ls

# Mad begins 1,000 connections and never goes on with them; the kernel holds them off.
in_lab ip -n mad address add 172.16.10.66/24 dev eth0
in_lab ip -n mad route del table local local 172.16.10.66 dev eth0
session_rude open a
ok "alpha has a session" session open 'tcon open'
session_start knock in_client mad python3 "$LAB_TOP/tests/net/rude.py" "$LAB_ADDRESS" knock 1000
soon 30 "1,000 connections are begun" grep -q here "$LAB_STATE/session/knock.log"
ok "and open" in_lab sh -c 'test $(ss -Htn state syn-recv sport = :445 | wc -l) -ge 50'
within 30 "remove meanwhile" hs remove alpha open
refused "the session is cut" session open 'tcon open'
within 30 "add" hs add -g alpha /srv/open open
within 30 "a new session" client_smb a open ls

# Alpha connects a hundred times (a thousand with --long), first without a word, then to open its
# share in each.  remove ends with 0 and all of them have lost it, or with 8, and the next sync
# ends it.
crowd=$((${HUBSHARE_LONG:+9}00 + 100))
session_start crowd in_client a python3 "$LAB_TOP/tests/net/rude.py" "$LAB_ADDRESS" crowd $crowd
# can COUNT: all of them try to open it; so many can.
can() {
	local before
	before=$(grep -c ' of ' "$LAB_STATE/session/crowd.log" || true)
	session_say crowd open
	wait_for 300 tried $((before + 1))
	grep ' of ' "$LAB_STATE/session/crowd.log" | tail -1
	[[ $(tail -1 "$LAB_STATE/session/crowd.log") == "$1 of $crowd" ]]
}
tried() { (($(grep -c ' of ' "$LAB_STATE/session/crowd.log") == $1)); }
removed() {
	attempt hs remove alpha open
	case $status in
	0) pass "$1: remove" ;;
	8) ok "$1: remove was not sure; sync" hs sync ;;
	*) fail "$1: remove" ;;
	esac
}
soon 300 "$crowd are connected" grep -q here "$LAB_STATE/session/crowd.log"
removed "$crowd that are silent"
ok "none of them opens it" can 0
ok "alpha has it again" hs add -g alpha /srv/open open
soon 300 "all of them open it" can $crowd
removed "$crowd that have it open"
ok "none of them can any more" can 0

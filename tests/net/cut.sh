#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Removed means removed: a client that tries all the time, in sessions of every kind, reads
# nothing once remove has ended with 0; and what cannot be shown to be cut is not called so.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:12
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.12 52:54:00:00:00:12
in_lab sh -c 'mkdir -m 755 /srv/open; echo "in /srv/open" >/srv/open/file'
smbds() { in_lab sh -c "smbstatus -p --json | grep -o '\"pid\": \"[0-9]*' | grep -o '[0-9]*'"; }

# Eight that connect and read without end, each noting what it began before and after.
in_lab mkdir /run/tries
triers=()
for n in 1 2 3 4 5 6 7 8; do
	in_client a sh -c 'while [ ! -e /run/tries/stop ]; do
		state=before; [ ! -e /run/tries/removed ] || state=after
		smbclient -s /dev/null -N -U % //172.16.10.1/open -c "get file -" >/run/tries/out.'$n' 2>&1
		if grep -q "^in /srv/open" /run/tries/out.'$n'; then got=read; else got=refused; fi
		echo $state $got >>/run/tries/'$n'
	done' &
	triers+=($!)
done
tried() { [[ $(in_lab sh -c 'cat /run/tries/[1-8] 2>/dev/null' | grep -cx "$1") -ge $2 ]]; }
# In the last round others come all the time and stay a little, so that whenever hubshare
# looks there is an smbd that it has not seen yet.
for round in 1 2 3; do
	in_lab rm -f /run/tries/removed
	for n in 1 2 3 4 5 6 7 8; do
		[[ $round == 3 ]] || break
		in_client a sh -c 'while [ ! -e /run/tries/stop ]; do
			sleep 0.5 | smbclient -s /dev/null -N -U % "//172.16.10.1/IPC$"
		done' >/dev/null 2>&1 &
		triers+=($!)
	done
	ok "round $round: add" hs add -g -r alpha /srv/open open
	from=$(in_lab sh -c 'cat /run/tries/[1-8] 2>/dev/null' | grep -cx "before read" || true)
	soon 30 "round $round: they read" tried "before read" $((from + 16))
	ok "round $round: remove under all of them" hs remove alpha open
	in_lab touch /run/tries/removed
	from=$(in_lab sh -c 'cat /run/tries/[1-8]' | grep -cx "after refused" || true)
	soon 30 "round $round: they go on trying" tried "after refused" $((from + 40))
done
in_lab touch /run/tries/stop
wait "${triers[@]}"
all=$(in_lab sh -c 'cat /run/tries/[1-8]')
same "nothing was read after it ($(wc -l <<<"$all") tries, $(grep -c 'before read' <<<"$all") read before)" \
	0 "$(grep -c 'after read' <<<"$all" || true)"

# A session that is logged on and has another share open; it knows the configuration of then.
hs add -g -r alpha /srv/open open >/dev/null
session_open idle a VMshare
ok "a session with another share" session idle ls
ok "remove" hs remove alpha open
refused "it cannot open the share any more" session idle 'tcon open'

# An smbd that does not listen proves nothing.
hs add -g -r alpha /srv/open open >/dev/null
session_open held a open
ok "a session with the share" session held ls
for pid in $(smbds); do in_lab kill -STOP "$pid"; done
gives 8 "its smbd is stopped: not proved" hs remove alpha open
says "still to be cut" "list says so" in_lab sh -c 'hubshare list 2>&1'
ok "another VM's command goes on" hs add -g -r beta /srv/open other
for pid in $(smbds); do in_lab kill -CONT "$pid"; done
ok "sync ends it" hs sync
refused "the session has lost it" session held ls
silent "still to be cut" "nothing is left to do" in_lab sh -c 'hubshare list 2>&1'

# smbd itself is killed while one has the share open.
hs add -g -r alpha /srv/open open >/dev/null
in_lab sh -c 'kill -9 $(cat /run/samba/smbd.pid)'
gives 7 "smbd is not there: saved" hs remove alpha open
in_lab smbd -D
soon 10 "smbd is back" client_smb b other ls
refused "the share is not" client_smb a open ls
ok "sync" hs sync
same "and no fragment of it stays" "" "$(in_lab sh -c 'ls /etc/samba/temp.conf.d | grep 172.16.10.11')"

# smbd ends and starts again while a session has the share open.  What is commanded meanwhile is
# saved, which exit status 7 and a sentence say; the smbd that starts serves just that, before
# anybody commands anything.
smbd_ends() {
	in_lab sh -c 'kill "$(cat /run/samba/smbd.pid)"'
	wait_for 30 in_lab sh -c '! grep -qsx smbd /proc/[0-9]*/comm'
}
smbd_starts() { in_lab smbd -D && wait_for 30 in_lab smbcontrol smbd ping; }
without_smbd() { # STATUS SENTENCE COMMAND...
	gives "$1" "without smbd: ${*:3}" hs "${@:3}"
	ok "without smbd: ${*:3}: says $2" grep -q "$2" <<<"$seen"
}
in_lab sh -c 'chmod 777 /srv/open; mkdir -m 777 /srv/else; echo "in /srv/else" >/srv/else/file'
for name in taken changed kept; do hs add -g alpha /srv/open $name >/dev/null; done
session_rude over a
ok "a session has a share open" session over 'tcon taken'
ok "and makes a file" session over 'open f made'
smbd_ends
saved="saved.* smbd .*when it starts"
without_smbd 7 "$saved" remove alpha taken
without_smbd 7 "$saved" edit alpha changed -r
without_smbd 7 "$saved" add -g -r alpha /srv/else added
without_smbd 7 "$saved" sync
refused "its session is gone" session over 'write f x'
smbd_starts
says "in /srv/else" "smbd starts: what was added is served" client_smb a added 'get file -'
refused "what was removed is not" client_smb a taken ls
refused "what was made read-only is not written" client_smb a changed 'put /etc/hostname x'
ok "what was left as it was is" client_smb a kept 'put /etc/hostname x'
ok "sync" hs sync
silent "still to be cut" "and nothing is left to do" in_lab sh -c 'hubshare list 2>&1'

# smbd starts again in the midst of a removal: it is done, or said not to be, and never said to
# be while the share can be used.
for round in 1 2 3; do
	hs add -g alpha /srv/open taken >/dev/null
	session_rude midst$round a
	ok "a session, round $round" session midst$round 'tcon taken'
	(smbd_ends && smbd_starts) &
	restart=$!
	attempt hs remove alpha taken
	case $status in
	0) refused "removed meanwhile: it is cut" session midst$round 'tcon taken' ;;
	7 | 8) pass "removed meanwhile: not proved, status $status" ;;
	*) fail "removed meanwhile: status $status" ;;
	esac
	wait $restart
	refused "the share is not served again" client_smb a taken ls
	ok "sync" hs sync
	silent "still to be cut" "nothing is left to do" in_lab sh -c 'hubshare list 2>&1'
done

# A client has connected and said nothing; its smbd, which nobody sees yet, sleeps through the
# removal.  What it wakes up to first is that the share is gone.
hs add -g alpha /srv/open open >/dev/null
smbds_of_alpha() {
	in_lab ss -Htnp state established sport = :445 dst 172.16.10.11 | grep -o 'pid=[0-9]*' | sort
}
smbds_of_alpha >"$LAB_STATE/before" || true
session_start late in_client a python3 "$LAB_TOP/tests/net/rude.py" "$LAB_ADDRESS" crowd 1
came() { silent_smbd=$(comm -13 "$LAB_STATE/before" <(smbds_of_alpha) | grep -o '[0-9]*'); }
soon 20 "a client connects" came
in_lab kill -STOP "$silent_smbd"
ok "its smbd sleeps: remove" hs remove alpha open
session_say late open
in_lab kill -CONT "$silent_smbd"
soon 20 "it wakes up, and is asked for the share" grep -q " of 1" "$LAB_STATE/session/late.log"
ok "which it does not have" grep -qx "0 of 1" "$LAB_STATE/session/late.log"

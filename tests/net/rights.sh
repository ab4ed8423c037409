#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Who may change shares without sudo: members of the group, by the service's socket, with what is
# theirs; and what they cannot do by it.  A real service, a real smbd, real accounts.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11@tap-a beta 52:54:00:00:00:12@tap-b
client_add a 172.16.10.11 52:54:00:00:00:11 tap-a
client_add b 172.16.10.12 52:54:00:00:00:12 tap-b
in_lab sh -c 'for who in alice bob carol; do
		useradd -m -s /bin/bash $who && mkdir /home/$who/data && echo "of $who" >/home/$who/data/file
		chown -R $who: /home/$who && chmod 755 /home/$who
	done
	usermod -aG hubshare alice; usermod -aG hubshare bob
	mkdir -m 700 /srv/closed; mkdir -m 755 /srv/readable; echo open >/srv/readable/file'
# A directory that the admin wants kept back, and one with a disk of a VM.
in_lab sh -c 'echo "deny-roots = /home/alice/secret" >>/etc/hubshare/hubshare.conf
	mkdir -p /home/alice/secret/in /home/alice/vm && : >/home/alice/vm/disk.img && chown -R alice: /home/alice
	sed -i "0,/<devices>/ s|<devices>|&<disk type=\"file\" device=\"disk\"><source file=\"/home/alice/vm/disk.img\"/><target dev=\"vda\"/></disk>|" /etc/domains.xml'
as() { in_lab runuser -u "$1" -- env HOME="/home/$1" "${@:2}"; }
asks() { as "$1" python3 "$LAB_TOP/tests/net/rights.py" "${@:2}"; }
reads() { client_smb "$1" "$2" "get file -"; }
writes() { client_smb "$1" "$2" "put /etc/hostname from-$1"; }
# truth: all that the store holds.
truth() { in_lab sh -c 'cat /etc/samba/perm.conf.d/*-*.conf /etc/samba/temp.conf.d/*-*.conf 2>/dev/null; true'; }
# unchanged STATUS NAME COMMAND...: it ends with that, and has changed nothing.
unchanged() {
	local before
	before=$(truth)
	gives "$@"
	if [[ $before == "$(truth)" ]]; then pass "$2: nothing is changed"; else fail "$2: something is changed"; fi
}

# said PATTERN NAME: what was seen last has it.
said() { if grep -qE -- "$1" <<<"$seen"; then pass "$2"; else fail "$2: no \"$1\""; fi; }

gives 6 "no service: only root may" as alice hubshare add -g alpha /home/alice/data mine
said "use sudo.*where the service runs" "which says both ways"
service_start --verbose
watch_start
same "the socket is the group's" "660 root hubshare" "$(in_lab stat -c '%a %U %G' /run/hubshare/control)"

# What a member may.
alice=$(in_lab id -u alice)
says "^alpha .172.16.10.11. has /home/alice/data as 'mine'" "a member adds" \
	as alice hubshare add -g alpha /home/alice/data mine
says "of alice" "the VM reads" reads a mine
ok "and writes" writes a mine
same "what it writes is the member's" alice "$(in_lab stat -c %U /home/alice/data/from-a)"
same "the share is, too" "# hubshare: owner=$alice" "$(truth | grep owner= | tr -d '\t')"
same "others cannot read the store" "640 root hubshare" \
	"$(in_lab sh -c 'stat -c "%a %U %G" /etc/samba/temp.conf.d/*-*-*.conf')"
soon 10 "it is told of" told command alice "$alice" "add -g alpha /home/alice/data mine" "done"
refused "another VM does not read" reads b mine
in_lab ln -s alice/data /home/link
says "//172\.16\.10\.1/later" "options anywhere, a link, a slash, a permanent one" \
	as alice hubshare add alpha -p /home/link/ --readonly -- later
ok "it can be changed" as alice hubshare edit alpha later -e
same "and stays the member's" 2 "$(truth | grep -c "owner=$alice")"
same "of the directory that the link meant" 2 "$(truth | grep -c "path = /home/alice/data$")"
ok "the name of the path" as alice hubshare add -r beta /home/link/
ok "is as it was written" as alice hubshare remove beta /home/link home-link
ok "for a while, in /tmp" as alice sh -c 'mkdir /tmp/alice && hubshare add -g beta /tmp/alice while --for 1h'
gives 2 "a fault" as alice hubshare add --json beta home x
said '"status": 2' "is JSON where that is asked for"
gives 3 "no such VM" as alice hubshare add gamma /home/alice/data x
gives 5 "a name taken" as alice hubshare add -r alpha /srv/readable mine
gives 2 "no such directory" as alice hubshare add alpha /home/alice/nothing x
gives 2 "no directory" as alice hubshare add alpha /home/alice/data/file x
ok "read-only what he may only read" as alice hubshare add -g -r beta /srv/readable look
says "open" "its VM reads" reads b look
refused "and does not write" writes b look

# And what not.
unchanged 6 "what he may not read" as alice hubshare add -g -r alpha /srv/closed closed
unchanged 6 "what he may not write" as alice hubshare add -g alpha /srv/readable open
said "read-only with -r" "says what would do"
unchanged 6 "to have it written later" as alice hubshare edit beta look --read-write
unchanged 6 "the host's configuration" as alice hubshare add -g -r alpha /etc/ssl etc
unchanged 6 "what runs on the host" as alice hubshare add -g -r alpha /run run
unchanged 6 "what the admin keeps back" as alice hubshare add alpha /home/alice/secret/in x
unchanged 6 "or holds it" as alice hubshare add alpha /home/alice x
unchanged 6 "where a disk of a VM lies" as alice hubshare add beta /home/alice/vm x
said "a disk of the VM alpha" "says so"
unchanged 2 "a name that is none" as alice hubshare add -r alpha /srv/readable 'a]b'
unchanged 6 "who is no member" as carol hubshare add -g alpha /home/carol/data hers
said "usermod -aG hubshare" "is told how to become one"
unchanged 1 "nor by hand" asks carol call delete alpha
said "PermissionError" "since he cannot connect"
in_lab chmod 666 /run/hubshare/control
unchanged 6 "nor where somebody has opened the socket to all" asks carol call delete alpha
said "Only members of the group 'hubshare'" "says so"
unchanged 6 "nobody is anybody" in_lab setpriv --reuid=65534 --regid=65534 \
	--groups="$(in_lab getent group hubshare | cut -d: -f3)" \
	python3 "$LAB_TOP/tests/net/rights.py" call delete alpha
in_lab chmod 660 /run/hubshare/control
unchanged 6 "root asks nobody, of whatever group" in_lab setpriv \
	--groups="$(in_lab getent group hubshare | cut -d: -f3)" \
	python3 "$LAB_TOP/tests/net/rights.py" call delete alpha
said "Root does it himself" "says so"

# Another's.
ok "another member" as bob hubshare add -g alpha /home/bob/data his
for act in "edit alpha mine -r" "remove alpha mine" "remove alpha /home/alice/data mine" \
	"edit alpha later --no-end" "delete -p alpha"; do
	# shellcheck disable=SC2086 # words
	unchanged 6 "may not: $act" as bob hubshare $act
	said "alice" "since it is alice's"
done
unchanged 6 "a member may not delete all" as alice hubshare delete alpha
said "'his' was given by bob" "since one is another's"
ok "but the permanent ones, which are all his" as alice hubshare -p delete alpha
ok "root gives one" hs add -g -r alpha /srv/readable roots
unchanged 6 "it is not a member's to take away" as alice hubshare remove alpha roots
ok "one given by sudo" hs_sudo add -g alpha /home/user/tmp bysudo
ok "is his by the service, too" as user hubshare remove alpha bysudo
soon 10 "it is told of, too" told command user "remove alpha bysudo" "done"
ok "a share of his" as alice hubshare edit alpha mine -r
in_lab sh -c 'sed -i "s/force user = alice/force user = bob/" /etc/samba/temp.conf.d/*-*.conf'
hs sync --discard >/dev/null
unchanged 6 "made another's by hand: nobody lends his rights" as alice hubshare edit alpha mine --read-write
said "are bob" "says whose"
ok "less is always right" as alice hubshare edit alpha mine --no-guest
ok "then as new" as alice hubshare edit alpha mine -g --read-write
ok "his own again" writes a mine
same "which is what the VM writes as" alice "$(in_lab stat -c %U /home/alice/data/from-a)"
ok "root may everything" hs edit beta look -e
same "the owner stays" 1 "$(truth | grep -A9 '^\[look\]' | grep -c "owner=$alice")"

# What is the service's alone.
for option in --root=/tmp --roo=/tmp --scanner=/bin/sh --connect=test:///x --bridge=lo --network=10.0.0.0/8; do
	unchanged 2 "through the socket: $option" asks alice call -- "$option" delete beta
	said "for root alone" "says so"
done
for act in list find "sync --take" clean doctor "wait alpha" watch --help --version "add --help" "frob x" ""; do
	# shellcheck disable=SC2086 # words
	unchanged 2 "nor does the service: '$act'" asks alice call -- $act
done
unchanged 2 "an option of another action" asks alice call remove -g beta while
unchanged 2 "too few words" asks alice call remove beta
gives 6 "with settings of his own the client does not ask" as alice hubshare --bridge br-hub delete beta
same "the environment is the service's" 0 \
	"$(as alice env SUDO_UID=0 PKEXEC_UID=0 HUBSHARE_TALLOC_REPORT=/tmp/x hubshare add -g -r beta /srv/readable env >/dev/null; echo $?)"
same "the share is who called's" 1 "$(truth | grep -A9 '^\[env\]' | grep -c "owner=$alice")"

# What is sent along.
ok "a directory" asks alice call --directory /home/alice/data add -g beta /home/alice/data sent
says "of alice" "is shared" reads b sent
unchanged 2 "none" asks alice call add -g beta /home/alice/data x
unchanged 2 "a file" asks alice call --open /home/alice/data/file add -g beta /home/alice/data x
unchanged 2 "a directory that is open to be read" asks alice call --open /home/alice/data add -g beta /home/alice/data x
unchanged 2 "a pipe" asks alice call --pipe add -g beta /home/alice/data x
unchanged 2 "a socket" asks alice call --socket add -g beta /home/alice/data x
unchanged 2 "two" asks alice call --directory /home/alice/data --directory /tmp add -g beta /home/alice/data x
unchanged 6 "one that is gone" asks alice call --gone /home/alice/gone add -g beta /home/alice/gone x
in_lab sh -c 'mkdir "/home/alice/a
path = b"; chown alice: /home/alice/a*'
unchanged 2 "a name that would be a line" asks alice call --directory "/home/alice/a
path = b" add -g beta /home/alice/data x
unchanged 6 "/proc/self/root" as alice hubshare add -g -r beta /proc/self/root x
unchanged 6 "a directory that another word names" asks alice call --directory /etc/ssl add -g -r beta /home/alice/data x

# A mount namespace in which names lie, made by a member who is root there.
lies() { as alice unshare --user --map-root-user --mount sh -c "$1" sh "${@:2}"; }
ask="python3 $LAB_TOP/tests/net/rights.py call --directory"
in_lab sh -c 'mkdir /home/alice/lie; chown alice: /home/alice/lie'
ok "such a namespace can be made" lies 'mount --bind /etc/ssl /home/alice/lie && test -d /home/alice/lie/certs'
unchanged 6 "his directory is another one" \
	lies "mount --bind /etc/ssl /home/alice/lie; $ask /home/alice/lie add -g -r beta /home/alice/lie x"
said "the service finds another directory there" "says so"
in_lab sh -c 'rmdir /home/alice/lie; ln -s /etc/ssl /home/alice/lie'
unchanged 6 "and the host's is a link there" \
	lies "mount -t tmpfs none /home/alice; mkdir /home/alice/lie; mount --bind /etc/ssl /home/alice/lie
		$ask /home/alice/lie add -g -r beta /home/alice/lie x"
in_lab sh -c 'rm /home/alice/lie; mkdir /home/alice/lie; ln -s /etc /home/alice/lie/on'
unchanged 6 "or on the way there" \
	lies "mount -t tmpfs none /home/alice; mkdir -p /home/alice/lie/on; mount --rbind /etc /home/alice/lie/on
		$ask /home/alice/lie/on/ssl add -g -r beta /home/alice/data x"
unchanged 6 "root of such a namespace is nobody here" lies "python3 $LAB_TOP/tests/net/rights.py call remove alpha his"
said "given by bob" "but who he is"
unchanged 6 "a file system of his own" lies "mount -t tmpfs none /home/alice/data
	$ask /home/alice/data add -g beta /home/alice/data x"

# What is put in the place of a directory later is served as the member himself.
ok "one that can be swapped" as alice sh -c '
	mkdir /home/alice/swap && echo old >/home/alice/swap/file
	hubshare add -g -r beta /home/alice/swap swap'
says "old" "its VM reads" reads b swap
in_lab sh -c 'echo secret >/srv/closed/file; mv /home/alice/swap /home/alice/swapped; ln -s /srv/closed /home/alice/swap'
refused "swapped for what the member may not read: the VM does not" reads b swap
refused "not a byte" grep -q secret <<<"$seen"
unchanged 6 "nor may the member give more of it" as alice hubshare edit beta swap --read-write
ok "he takes it away all the same" as alice hubshare remove beta swap

# What is no command.
unchanged 2 "nothing" asks alice raw ''
unchanged 2 "half a command" asks alice raw '{"version": 1, "words": ["delete", "be'
unchanged 2 "no JSON" asks alice raw 'delete beta\n'
unchanged 2 "two commands" asks alice raw '{"version": 1, "words": ["remove", "beta", "while"]}\n{}\n'
unchanged 2 "a NUL" asks alice raw '{"version": 1, "words": ["remove", "beta", "while"]}\x00\n'
unchanged 2 "a NUL in JSON" asks alice raw '{"version": 1, "words": ["delete", "beta\\u0000"]}\n'
unchanged 2 "control characters" asks alice raw '{"version": 1, "words": ["frob\\u001b[2J"]}\n'
refused "are not printed" grep -q $'\e' <<<"$seen"
unchanged 2 "more than a command" asks alice raw "$(printf '%070000d' 0)"
unchanged 4 "one that does not come" asks alice raw '{"version"' --more

# Many, and slow ones.
# calls: how many processes of the service carry one out.
calls() { in_lab sh -c 'grep -slx hubshare-call /proc/[0-9]*/comm | wc -l'; }
calls_are() { (($(calls) == $1)); }
# keep NAME WORD...: alice's, in the background; let_go NAME: ends it.
declare -A kept
keep() {
	asks alice "${@:2}" >"$LAB_STATE/$1" 2>&1 &
	kept[$1]=$!
	wait_for 20 grep -q '^pid ' "$LAB_STATE/$1" || die "$1 does not begin"
}
let_go() {
	in_lab kill "$(sed -n 's/^pid //p' "$LAB_STATE/$1")"
	wait "${kept[$1]}" || true
}
keep held hold 2
soon 10 "two of alice's are at work" calls_are 2
gives 1 "a third one is told so" asks alice call delete beta
said "at work already" "says so"
ok "bob's is carried out" as bob hubshare edit alpha his -r
let_go held
soon 20 "who is gone is at work no more" calls_are 0
keep held hold 14
ok "another's is carried out though fourteen of alice's wait" as bob hubshare edit alpha his --read-write
let_go held
keep deaf deaf remove beta sent
soon 10 "one that reads no answer" told command alice "remove beta sent" "done"
soon 20 "is not waited for" calls_are 0
let_go deaf

# Two at once.
as alice hubshare add -g -r beta /srv/readable race >"$LAB_STATE/one" 2>&1 &
one=$!
as bob hubshare add -g -r beta /srv/readable race >"$LAB_STATE/two" 2>&1 &
two=$!
statuses=(0 0)
wait "$one" || statuses[0]=$?
wait "$two" || statuses[1]=$?
seen=$(cat "$LAB_STATE/one" "$LAB_STATE/two")
same "two of one name at once: one has it" "0 5" "$(printf "%s\n" "${statuses[@]}" | sort | xargs)"
same "which is there once" 1 "$(truth | grep -c '^\[race\]')"

# A file system of his own, which does not answer.
# silent OPTION...: one, on $own; unheard: it keeps silent from now on, unheard USR2: but to
# her; gone: it is gone, once those who are in it are.
silent() {
	rm -f "$LAB_STATE/own" "$LAB_STATE/own.log"
	mkfifo "$LAB_STATE/own"
	in_lab python3 "$LAB_TOP/tests/net/silent.py" "$own" "$alice" "$@" \
		<"$LAB_STATE/own" >"$LAB_STATE/own.log" 2>&1 &
	server=$!
	exec {server_input}>"$LAB_STATE/own"
	wait_for 20 grep -q '^[0-9]' "$LAB_STATE/own.log" || die "no file system: $(cat "$LAB_STATE/own.log")"
}
unheard() { in_lab kill -s "${1:-USR1}" "$(cat "$LAB_STATE/own.log")"; }
gone() {
	exec {server_input}>&-
	wait "$server"
	wait_for 10 in_lab umount "$own" || die "the file system is in use"
}
own=/home/alice/own
in_lab sh -c 'mkdir /home/alice/own; chown alice: /home/alice/own'
silent
unchanged 6 "it does not let root look" as alice hubshare add -g beta /home/alice/own own
said "allow_other" "which would do"
gone
silent allow_other
ok "it does" as alice hubshare add -g -r beta /home/alice/own own
unheard
ok "a share of another" as bob hubshare add -g beta /home/bob/data bobs
as alice hubshare edit beta own --read-write >"$LAB_STATE/edit" 2>&1 &
edit=$! since=$EPOCHREALTIME
soon 5 "it is asked, by a process of its own" calls_are 2
ok "the other does not wait for what does not answer" as bob hubshare edit beta bobs --no-guest
ok "not for 5 s" test $(((${EPOCHREALTIME/./} - ${since/./}) / 1000)) -lt 5000
status=0
wait "$edit" || status=$?
same "who asked is told" 4 "$status"
for time in second third fourth; do
	unchanged 4 "a $time time" as alice hubshare edit beta own --read-write
	said "does not answer within 1 s" "says so"
done
unchanged 4 "more do not wait for it" as alice hubshare edit beta own --read-write
said "4 commands of yours wait for directories that do not answer" "says so"
ok "others may go on" as bob hubshare edit beta bobs -g
ok "what gives less is not asked" as alice hubshare edit beta own --no-guest
gone
soon 10 "once it is gone nobody waits" calls_are 0
ok "and he may again" as alice hubshare edit beta own -g
ok "all" as alice hubshare remove beta own
silent allow_other
unheard USR2
ok "one that does not answer root" as alice timeout 20 hubshare add -g -r beta /home/alice/own own
soon 5 "leaves a process that waits" calls_are 1
ok "but not with the store" as bob timeout 10 hubshare edit beta bobs --no-guest
gone
soon 10 "until it is gone" calls_are 0
own=/home/alice/vm # where a disk of alpha's lies
silent allow_other
unheard
unchanged 4 "where a disk of a VM lies, another member is told so" as bob timeout 20 hubshare add -g beta /home/bob/data disk
said "A directory of the settings, or of a VM's disks, does not answer within" "says what"
unchanged 4 "and so is root" in_lab timeout 20 hubshare add -g -r beta /srv/readable disk
gone
ok "and then not" as bob hubshare add -g beta /home/bob/data disk
ok "as before" as bob hubshare remove beta disk
ok "and its share" as alice hubshare remove beta own
ok "is taken away" as bob hubshare remove beta bobs

# The service is killed while it is at work: whatever was begun is ended by the next.
smbds() { in_lab sh -c 'kill -s "$0" $(grep -slx smbd /proc/[0-9]*/comm | cut -d/ -f3)' "$1"; }
session_open a a mine
ok "a session is open" session a ls
smbds STOP
as alice hubshare remove alpha mine >"$LAB_STATE/cut" 2>&1 &
cut=$!
begun() { ! truth | grep -q '^\[mine\]'; }
soon 20 "a share is about to go" begun
service_kill
status=0
wait "$cut" || status=$?
seen=$(cat "$LAB_STATE/cut")
same "the service is killed: who asked is told" 7 "$status"
soon 10 "its processes end with it" calls_are 0
smbds CONT
service_start --verbose
refused "the next one ends it: the session is cut" session a ls
refused "and the share is gone" reads a mine
same "nothing is left of it" "" "$(in_lab sh -c 'grep -rl "^\[mine\]" /etc/samba/*.conf.d /run/samba/hubshare; true')"
says "of bob" "the others go on" reads a his

# Root's are in the journal alone (tests/net/unit.sh); the service misses nothing.
refused "the service could do all that it should" in_lab grep -q "cannot do all" /var/log/hubshare.log
service_stop
refused "nothing is left of the socket" in_lab test -e /run/hubshare/control

#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare watch: a line for each thing that the service tells.
. "$(dirname "$0")/lib.sh"

# soon NAME COMMAND...: it becomes true.
soon() {
	if comes "${@:2}"; then pass "$1"; else fail "$1"; fi
}
served() { grep -qx -- "$1" "$root/served"; }
# serve: a service, which tells what is written to descriptor 4.
serve() {
	rm -f "$root/tell"
	mkfifo "$root/tell"
	: >"$root/served"
	"$build/tests/cli/feed" "$root" <"$root/tell" >"$root/served" 2>&1 &
	service=$!
	exec 4>"$root/tell"
	soon "$1" served ready
}
# watch ARGUMENT...: in the background, into $root/out and $root/err; once it listens.
watch() {
	local before
	before=$(grep -cx watched "$root/served")
	"$build/hubshare" --root "$root" watch "$@" >"$root/out" 2>"$root/err" 4>&- &
	watcher=$!
	soon "it listens: watch $*" listens "$before"
}
listens() { (($(grep -cx watched "$root/served") > $1)); }
# event KIND [KEY VALUE]...: is told.
event() {
	local key text="{\"kind\": \"$1\", \"time\": \"2026-01-31T12:00:00.123Z\", \"message\": \"\""
	local -A values=()
	shift
	while (($#)); do
		values[$1]=$2
		shift 2
	done
	for key in vm uuid ip mac tap share tenure uid account result text; do
		text+=", \"$key\": ${values[$key]:+\"}${values[$key]:-null}${values[$key]:+\"}"
	done
	echo "$text}" >&4
}
ended() { [[ ! -e /proc/$1 || $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == Z* ]]; }
# ends NAME STATUS: the watch does, with that.
ends() {
	soon "$1: in time" ended "$watcher"
	kill -KILL "$watcher" 2>/dev/null
	wait "$watcher"
	status=$?
	if ((status == $2)); then pass "$1"; else fail "$1"; fi
	soon "$1: the service is alone again" last_served alone
}
last_served() { [[ ! -e /proc/$service || $(grep -xE 'alone|watched' "$root/served" | tail -1) == "$1" ]]; }
printed() { (($(wc -l <"$root/out") >= $1)); }

export TZ=UTC
gives "no service runs" 7 watch
warns "says how to start it" "^No service runs .*'systemctl start hubshare' or 'hubshare sync --watch' starts it\$"
hub watch --json
ok "as JSON" [ "$status" = 7 ]
ok "the error is, too" "$build/tests/cli/json" <"$root/err"
gives "two VMs" 2 watch a b

serve "a service is there"
"$build/tests/cli/feed" "$root" </dev/null >"$root/out" 2>"$root/err"
status=$?
ok "another one is refused" [ "$status" = 7 ]
warns "says why" "^'hubshare sync --watch' runs already;"
ok "the socket is the group's" [ "$(stat -c '%a %U %G' "$root/run/hubshare/events")" = \
	"660 $(id -un) $(if ((EUID)); then id -gn; else echo root; fi)" ]

watch
event share-opened vm untrusted-0 uuid "$(uuid 1)" ip 172.16.10.51 share user-temp tenure temporary
event conflict vm 'a\nb\u001b[2J' uuid "$(uuid 2)" ip 172.16.10.51 mac 52:54:00:00:00:02 tap vnet1
soon "each line at once" printed 2
prints "for a person" "2026-01-31 12:00:00.123 'user-temp' of untrusted-0 is open at 172.16.10.51
2026-01-31 12:00:00.123 Conflict over 172.16.10.51, claimed by a\\nb\\033[2J (52:54:00:00:00:02) on vnet1"
kill -INT "$watcher"
ends "Ctrl-C ends it well" 0

watch --json
event share-opened vm untrusted-0 uuid "$(uuid 1)" ip 172.16.10.51 share user-temp tenure temporary
event libvirt-lost
soon "an object a line" printed 2
prints "the same keys in each" "{\"version\": 1, \"kind\": \"share-opened\", \"time\": \"2026-01-31T12:00:00.123Z\", \"message\": \"'user-temp' of untrusted-0 is open at 172.16.10.51\", \"vm\": \"untrusted-0\", \"uuid\": \"$(uuid 1)\", \"ip\": \"172.16.10.51\", \"mac\": null, \"tap\": null, \"share\": \"user-temp\", \"tenure\": \"temporary\", \"uid\": null, \"account\": null, \"result\": null, \"text\": null}
{\"version\": 1, \"kind\": \"libvirt-lost\", \"time\": \"2026-01-31T12:00:00.123Z\", \"message\": \"libvirt does not answer\", \"vm\": null, \"uuid\": null, \"ip\": null, \"mac\": null, \"tap\": null, \"share\": null, \"tenure\": null, \"uid\": null, \"account\": null, \"result\": null, \"text\": null}"
kill -TERM "$watcher"
ends "SIGTERM ends it well" 0

# only NAME ARGUMENT "VMS": of all events those of VMS are shown.
only() {
	watch "$2"
	event vm-started vm untrusted uuid "$(uuid 3)"
	event vm-heard vm untrusted-0 uuid "$(uuid 1)" ip 172.16.10.51
	event vm-heard vm untrusted-1 uuid "$(uuid 2)" ip 172.16.10.5
	event gate-mended
	event conflict ip 172.16.10.51 tap vnet1
	event vm-stopped vm last uuid "$(uuid 4)" ip 172.16.10.51
	event vm-stopped vm "$2" uuid "$2" ip 172.16.10.6 text end
	soon "$1: to the end" grep -q end "$root/out"
	if [[ $(grep -v end "$root/out" | cut -d' ' -f3 | paste -sd' ') == "$3" ]]; then pass "$1"; else fail "$1"; fi
	kill -TERM "$watcher"
	ends "$1: ends" 0
}
only "by name" untrusted-0 "untrusted-0"
only "by UUID" "$(uuid 2 | tr '[:lower:]' '[:upper:]')" "untrusted-1"
only "by address" 172.16.10.51 "untrusted-0 Conflict last"
only "a name is not a beginning" untrusted "untrusted"

# One that nobody reads is stuck writing, and ends all the same.
mkfifo "$root/full"
exec 5<>"$root/full"
head -c 65536 /dev/zero >&5
before=$(grep -cx watched "$root/served")
"$build/hubshare" --root "$root" watch >"$root/full" 2>"$root/err" 4>&- &
watcher=$!
soon "one listens whom nobody reads" listens "$before"
event libvirt-lost
stuck() { [[ $(cat "/proc/$watcher/wchan" "/proc/$watcher/syscall" 2>/dev/null) == *pipe_w* ||
	$(cut -d' ' -f1 "/proc/$watcher/syscall" 2>/dev/null) == 1 ]]; }
soon "it is stuck" stuck
kill -TERM "$watcher"
ends "it ends all the same" 0
exec 5>&-

before=$(grep -cx watched "$root/served")
"$build/hubshare" --root "$root" watch >/dev/full 2>"$root/err" 4>&- &
watcher=$!
soon "one listens whose disk is full" listens "$before"
event libvirt-lost
ends "it ends" 1
warns "says why" '^Standard output takes nothing more$'

watch
exec 4>&-
wait "$watcher"
status=$?
ok "the service ends" [ "$status" = 7 ]
warns "says the way out" "^The service has ended: 'systemctl start hubshare' or 'hubshare sync --watch' starts it\$"
wait "$service"

serve "the next service"
watch --json
kill -KILL "$service"
{ wait "$service"; } 2>/dev/null
wait "$watcher"
status=$?
ok "the service is killed" [ "$status" = 7 ]
warns "says so in JSON" '"message": "The service has ended: '
exec 4>&-
serve "one comes after it"
exec 4>&-
wait "$service"

if ((EUID == 0)); then
	serve "a service for the group"
	chmod 755 "$root"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$build/hubshare" --root "$root" watch \
		>"$root/out" 2>"$root/err"
	status=$?
	ok "others may not" [ "$status" = 6 ]
	warns "says who may" "^Only root and members of the group 'hubshare' may watch\$"
	exec 4>&-
	wait "$service"
fi
finish

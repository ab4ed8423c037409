#!/bin/bash
# SPDX-License-Identifier: ISC
# What a person sees on a terminal: tables and sentences that fit it, and colours; and that nothing
# of it goes into a file or a pipe.
. "$(dirname "$0")/lib.sh"
unset COLUMNS NO_COLOR
export TERM=xterm

# seen COLUMNS ARGUMENTS...: as hub, on a terminal.
seen() {
	python3 "$srcdir/tests/cli/terminal.py" "$1" "$build/hubshare" --root "$root" \
		--connect "$connect" --scanner "$root/bin/scan" "${@:2}" >"$root/out" 2>"$root/err"
	status=$?
}
# fits COLUMNS NAME: no line of the last one is wider.
fits() {
	# shellcheck disable=SC2016 # it is Python's
	ok "$2" python3 -c 'import re, sys
lines = re.sub("\033\\[[0-9]*m", "", open(sys.argv[2], encoding="utf-8").read()).splitlines()
sys.exit(max(map(len, lines)) > int(sys.argv[1]))' "$1" "$root/out"
}
colourless() { not "$1" grep -q $'\033' "$root/out"; }

long=customer-with-a-very-long-name
vms $long-1 1 on $long-2 2 on off-1 3 off
heard 172.16.10.59 1 172.16.10.60 2 172.16.10.60 3 172.16.10.61 99
printf '[hubshare]\nallow-roots = %s\n' "$data" >"$settings"
deep=$data/projects/2026/some-directory/of-a-customer
mkdir -p "$deep"
hub add $long-1 "$deep" documents -a 10.0.0.0/8,192.168.0.0/16,172.16.0.0/12
hub add -p off-1 "$data" data
hub add -p $long-2 "$data" data
hub list
cp "$root/out" "$root/list"
hub find
cp "$root/out" "$root/find"

seen 300 list
ok "a wide terminal: as in a file" cmp "$root/list" "$root/out"
seen 0 list
ok "one that does not know its width" cmp "$root/list" "$root/out"
seen 120 list
fits 120 "list in 120 columns"
says "its path has lost its middle" '\| /[^ ]*…[^ ]*customer +\|'
says "and the hosts the last of them, whole" '\| 10.0.0.0/8, (192.168.0.0/16, )?… *$'
says "an address stays" '\| 172.16.10.59 +\|'
ok "the rule is as wide as the table" test "$(grep -c '^-*$' "$root/out")" = 4
seen 10 list
says "never less than that: an address" '\| 172.16.10.59 +\|'
says "the first host" '\| 10.0.0.0/8, …'
COLUMNS=300 seen 80 list
ok "COLUMNS wins" cmp "$root/list" "$root/out"
COLUMNS=none seen 120 list
fits 120 "one that is no number does not"
COLUMNS=60 hub list
ok "in a file COLUMNS says nothing" cmp "$root/list" "$root/out"

seen 62 find
fits 62 "find in 62 columns"
says "which VM it is" '\| customer-wit…long-name-1$'
says "and the other, contested" "\\| "$'\033\\[31m'"customer-wit…\\(contested\\)"$'\033\\[0m$'
says "who is not known" $'\\| \033\\[33m\\(unknown\\)\033\\[0m$'
says "MACs are whole" '\| 52:54:00:00:00:99 \|'
seen 30 find
ok "the rule is no wider than the terminal" test "$(grep -xE -- '-+' "$root/out" | wc -c)" = 31
hub find
ok "a file has neither" cmp "$root/find" "$root/out"
colourless "no colours in a file"
NO_COLOR=1 seen 300 find
colourless "with NO_COLOR"
NO_COLOR='' seen 300 find
ok "not with an empty one" grep -q $'\033' "$root/out"
TERM=dumb seen 300 find
colourless "with TERM=dumb"
(unset TERM && seen 300 find)
colourless "without TERM"
seen 40 find --json
colourless "nor in JSON"
ok "which is not shortened" grep -q "\"$long-1\"" "$root/out"

seen 300 list --state
says "what is suspended has a colour" $'\033\\[31msuspended'
hub doctor
cp "$root/out" "$root/doctor"
seen 300 doctor
says "a verdict has a colour" $'^\033\\[31mwrong\033\\[0m    '
ok "else it is as in a file" cmp "$root/doctor" <(sed $'s/\033\\[[0-9]*m//g' "$root/out")
seen 100 doctor
ok "a sentence goes on below itself" grep -qE '^ {42}[^ ]' "$root/out"
ok "no sentence is too wide" test "$(sed $'s/\033\\[[0-9]*m//g' "$root/out" | grep -v 'mend it with' |
	awk 'length > 100 && / .* /' | wc -l)" = 0
# A word that is wider than what is left for it stays whole, as paths do.
ok "and nothing is lost" cmp <(tr -s ' \n' '\n' <"$root/doctor") \
	<(sed $'s/\033\\[[0-9]*m//g' "$root/out" | tr -s ' \n' '\n')
seen 50 doctor
ok "a narrow one: sentences have their own lines" grep -qE '^ {9}[^ ]' "$root/out"
ok "and nothing is lost there" cmp <(tr -s ' \n' '\n' <"$root/doctor") \
	<(sed $'s/\033\\[[0-9]*m//g' "$root/out" | tr -s ' \n' '\n')
seen 80 why $long-1 documents
ok "why: a sentence goes on below itself" grep -qE '^ {42}[^ ]' "$root/out"

# An event as the service tells it, which tests/cli/feed plays.
mkfifo "$root/tell"
"$build/tests/cli/feed" "$root" <"$root/tell" >"$root/served" 2>&1 &
exec 4>"$root/tell"
comes grep -qx ready "$root/served"
(exec 4>&- && seen 50 watch) &
ok "watch: it listens" comes grep -qx watched "$root/served"
echo '{"kind": "degraded", "time": "2026-01-31T12:00:00.123Z", "message": "", "vm": null, "uuid": null,
	"ip": null, "mac": null, "tap": null, "share": null, "tenure": null,
	"uid": null, "account": null, "result": null, "text": "one two three"}' | tr -d '\n' >&4
echo >&4
ok "an event goes on below itself" comes grep -qE '^ {24}[^ ].*: one two' "$root/out"
exec 4>&- # with the service the watch ends
wait
finish

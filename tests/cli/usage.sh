#!/bin/bash
# SPDX-License-Identifier: ISC
# The command line itself: usage, options anywhere, exit codes of what is wrong with it.
. "$(dirname "$0")/lib.sh"

vms personal-0 1 on
heard 172.16.10.59 1

gives "-h" 0 -h
says "the original's first line" \
	'^usage: hubshare \[-h\] \[-r\] \[-g\] \[-p\] \[-t TIMEOUT\] \[-a ALLOW\] \[-e\] action \[vm\] \[path\] \[name\]$'
cp "$root/out" "$root/usage"
gives "--help without an action that is one" 0 --help show
ok "the same" cmp "$root/out" "$root/usage"
gives "--help after an action" 0 add x --help
says "its usage" '^usage: hubshare add \[-r\] .* VM PATH \[NAME\]$'
says "an example" '^  sudo hubshare add '
not "no other action's options" grep -q -- --timeout "$root/out"
cp "$root/out" "$root/usage"
gives "-h before it, and what is wrong beside it" 0 -h --root add -x add
ok "the same" cmp "$root/out" "$root/usage"
gives "--version" 0 --version
says "name and number" '^hubshare [0-9]+\.[0-9]+'
gives "no action" 2
gives "an action that is none" 2 show
gives "an option that is none" 2 find --frobnicate
gives "a letter that is none" 2 find -x
gives "an option of another action" 2 find -r
gives "-p where it says nothing" 2 wait x -p
gives "too few words" 2 add personal-0
gives "too many words" 2 list all
gives "a number that is none" 2 wait personal-0 -t soon
gives "a number below zero" 2 wait personal-0 -t -1
gives "--take and --discard" 2 sync --take --discard
gives "a root that is not absolute" 2 find --root somewhere
gives "a network that is none" 0 find --network 172.16.10.0/24

mkdir "$data/d=e"
gives "options after the action, and a path with =" 0 add personal-0 "$data/d=e" --readonly one -p
says "as asked" "^personal-0 \(172.16.10.59\) has $data/d=e as 'one'"
gives "options before it" 0 -r --permanent add personal-0 "$data/d=e" two
ok "both are the same" test "$(grep -c '^read only = yes' "$perm/172.16.10.59.conf")" = 2
ok "the path is whole" test "$(grep -cxF "path = $data/d=e" "$perm/172.16.10.59.conf")" = 2

echo "bridge = x" >"$settings"
gives "settings without a section" 2 list
printf '[hubshare]\nbrigde = br-x\n' >"$settings"
gives "a setting that is none" 2 list
warns "is named" brigde
printf '[hubshare]\nbridge = br-x\nnetwork = 10.9.0.0/24\n' >"$settings"
: >"$root/scanned"
gives "settings are used" 0 find
ok "for the scanner" grep -q 'br-x 10.9.0.0/24$' "$root/scanned"
gives "the command line before the file" 0 find --bridge br-y
ok "for the scanner too" grep -q 'br-y 10.9.0.0/24$' "$root/scanned"
rm "$settings"

hub --json add nobody "$data" x
ok "a failure as JSON has its status" test "$status" = 3
ok "and says so" grep -q '"status": 3' "$root/err"
not "not on stdout" test -s "$root/out"

export HUBSHARE_TALLOC_REPORT=$root/report
for action in find list "add personal-0 $data three" "remove personal-0 three" sync clean \
	"delete personal-0" "delete personal-0" "add nobody $data x" "wait nobody -t 0" bogus \
	"--json list" "--json find"; do
	rm -f "$root/report"
	# shellcheck disable=SC2086 # words
	hub $action
	# libtevent keeps its list of what it can wait with, and of signals, for good.
	same "nothing is left of: ${action//$root/}" "full talloc report on 'null_context'" \
		"$(sed -E '/^ +struct tevent_(ops_list|sig_state) /d; s/ \(total.*//' "$root/report")"
done
finish

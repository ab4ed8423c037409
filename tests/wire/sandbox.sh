#!/bin/bash
# SPDX-License-Identifier: ISC
# The sandbox: what hubscan is while it runs, and that what it does not need kills it.
# shellcheck source=tests/wire/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
hub_enter "$@"
hub_up
[ "${HUBSCAN_SECCOMP:-yes}" = yes ] || { echo "# built without seccomp"; exit 77; }

guest_up a 172.16.10.5 52:54:00:00:00:0a
watch_start --verbose
watch_line 172.16.10.5 2; say "it works in there" $?
status=$(cat /proc/$watch_pid/status)
field() { awk -v name="$1:" '$1 == name { $1 = ""; print substr($0, 2) }' <<<"$status"; }
for caps in CapInh CapPrm CapEff CapAmb; do
	is "$caps is empty" "$(field $caps)" 0000000000000000
done
is "no new privileges" "$(field NoNewPrivs)" 1
is "a seccomp filter" "$(field Seccomp)" 2
echo "# $(cat "$tmp/watch.err")"
if grep -q "user nobody" "$tmp/watch.err"; then
	is "another user" "$(field Uid)" "65534 65534 65534 65534"
	is "another group" "$(field Gid)" "65534 65534 65534 65534"
	is "no further groups" "$(field Groups)" ""
	is "the bounding set is empty too" "$(field CapBnd)" 0000000000000000
fi

try=$build/tests/wire/sandbox-try
is "nothing: lives" "$("$try" nothing)" "ENTERED
DONE"
for what in open stat socket packet-socket exec fork code make-code root kill type send-to; do
	out=$("$try" $what 2>/dev/null); status=$?
	is "$what: killed" "$status $out" "159 ENTERED"
done
exit "$failed"

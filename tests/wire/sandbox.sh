#!/bin/bash
# SPDX-License-Identifier: ISC
# The sandbox: what hubscan is while it runs, and that what it does not need kills it.
# shellcheck source=tests/wire/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
hub_enter "$@"
hub_up
[ "${HUBSCAN_SECCOMP:-yes}" = yes ] || { echo "# built without seccomp"; exit 77; }

guest_up a 172.16.10.5 52:54:00:00:00:0a
watch_start --verbose --claims 17216-17223
watch_line 172.16.10.5 20; say "it works in there" $?
status=$(cat /proc/$watch_pid/status)
field() { awk -v name="$1:" '$1 == name { $1 = ""; print substr($0, 2) }' <<<"$status"; }
for caps in CapInh CapPrm CapEff CapAmb; do
	is "$caps is empty" "$(field $caps)" 0000000000000000
done
is "no new privileges" "$(field NoNewPrivs)" 1
is "a seccomp filter" "$(field Seccomp)" 2
echo "# $(cat "$tmp/watch.err")"
grep -q "heard before the gate, in group 17216" "$tmp/watch.err"
say "it was permitted to hear claims" $?
if grep -q "user nobody" "$tmp/watch.err"; then
	is "another user" "$(field Uid)" "65534 65534 65534 65534"
	is "another group" "$(field Gid)" "65534 65534 65534 65534"
	is "no further groups" "$(field Groups)" ""
	is "the bounding set is empty too" "$(field CapBnd)" 0000000000000000
fi

# An ordinary user, who may because the program has the file capability.
cp "$hubscan" "$tmp/hubscan"
chmod 755 "$tmp" "$tmp/hubscan"
if setcap cap_net_raw+ep "$tmp/hubscan" 2>/dev/null; then
	user="setpriv --reuid 1000 --regid 1000 --clear-groups"
	is "a user: it works" "$($user "$tmp/hubscan" 172.16.10.5)" "172.16.10.5	52:54:00:00:00:0a"
	exec {fd}< <(exec $user "$tmp/hubscan" --watch 172.16.10.5)
	user_pid=$!
	read -r -t 20 -u "$fd"
	status=$(cat /proc/$user_pid/status)
	is "a user: CapPrm is empty" "$(field CapPrm)" 0000000000000000
	is "a user: CapEff is empty" "$(field CapEff)" 0000000000000000
	is "a user: no new privileges" "$(field NoNewPrivs)" 1
	is "a user: stays who it is" "$(field Uid)" "1000 1000 1000 1000"
	kill $user_pid
	setcap -r "$tmp/hubscan"
	$user "$tmp/hubscan" 172.16.10.5 2>"$tmp/err"; is "a user who may not: exit 6" $? 6
	is "a user who may not: one sentence" "$(wc -l <"$tmp/err")" 1
else
	echo "# no file capabilities here: not tried"
fi

# Long lists take other ways through the C library than short ones.
for ((i = 0; i < 2000; i++)); do printf '52:54:01:00:%02x:%02x\n' $((i / 256)) $((i % 256)); done >"$tmp/macs"
for ((i = 0; i < 2000; i++)); do printf '10.7.%d.%d=52:54:01:00:00:00\n' $((i / 256)) $((i % 256)); done >"$tmp/known"
"$hubscan" --tries 1 --expect "@$tmp/macs" --known "@$tmp/known" 10.7.0.0/16 172.16.10.0/24 >"$tmp/out"
is "long lists: lives" "$? $(cat "$tmp/out")" "0 172.16.10.5	52:54:00:00:00:0a"

# The closer of a sweep: it can do nothing, and ends with the sweep whatever ends that.
"$hubscan" --expect 52:54:00:00:00:0e >/dev/null 2>&1 &
sweep_pid=$!
until closer_pid=$(tr -d ' ' 2>/dev/null </proc/$sweep_pid/task/$sweep_pid/children) &&
	[ -n "$closer_pid" ] && grep -qs "^Seccomp:.1" "/proc/$closer_pid/status"; do
	kill -0 $sweep_pid 2>/dev/null || break
done
status=$(cat "/proc/$closer_pid/status")
is "the closer: strict seccomp" "$(field Seccomp)" 1
is "the closer: no capability" "$(field CapPrm)" 0000000000000000
is "the closer: holds the wire and nothing else" \
	"$(readlink "/proc/$closer_pid/fd/"* | cut -d : -f 1 | tr '\n' ' ')" "pipe socket "
kill -9 $sweep_pid
wait $sweep_pid 2>/dev/null
timeout 20 tail --pid=$closer_pid -f /dev/null; is "the closer ends" $? 0

try=$build/tests/wire/sandbox-try
is "nothing: lives" "$("$try" nothing)" "ENTERED
DONE"
for what in open stat socket packet-socket exec fork code make-code root kill type send-to; do
	out=$("$try" $what 2>/dev/null); status=$?
	is "$what: killed" "$status $out" "159 ENTERED"
done
exit "$failed"

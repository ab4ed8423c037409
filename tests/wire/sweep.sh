#!/bin/bash
# SPDX-License-Identifier: ISC
# A sweep finds real guests, and says what it should say when it cannot.
# shellcheck source=tests/wire/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
hub_enter "$@"

out=$("$hubscan" 2>&1); status=$?
is "no bridge: exit 7" $status 7
[[ $out == *br-hub* && $out != *$'\n'* ]]; say "no bridge: one sentence that names it" $?

hub_up
ip link set br-hub down
"$hubscan" 172.16.10.0/24 2>"$tmp/err"; is "bridge down: exit 7" $? 7
grep -q 'ip link set br-hub up' "$tmp/err"; say "bridge down: the way out is told" $?
ip link set br-hub up

guest_up a 172.16.10.5 52:54:00:00:00:0a
guest_up b 172.16.10.200 52:54:00:00:00:0b
tab=$'\t'
both="172.16.10.200${tab}52:54:00:00:00:0b
172.16.10.5${tab}52:54:00:00:00:0a"
is "without operands: the bridge's network" "$("$hubscan" | sort)" "$both"
is "a range" "$("$hubscan" br-hub 172.16.10.0/24 | sort)" "$both"
is "a range leaves the others out" "$("$hubscan" 172.16.10.1-172.16.10.9)" \
	"172.16.10.5${tab}52:54:00:00:00:0a"
is "two ranges" "$("$hubscan" 172.16.10.5 172.16.10.200/31 | sort)" "$both"
is "JSON" "$("$hubscan" --json 172.16.10.5)" '{"ip":"172.16.10.5","mac":"52:54:00:00:00:0a"}'
is "the host is not listed" "$("$hubscan" 172.16.10.1)" ""
"$hubscan" >/dev/full 2>/dev/null; is "output that cannot be written: exit 1" $? 1

# One who expects those two leaves with the first round; 4 rounds take 375 ms.
# A busy machine may keep one from it, and not each of ten.
is "expected" "$("$hubscan" --expect 52:54:00:00:00:0a,52:54:00:00:00:0b | sort)" "$both"
for ((i = 0, ms = 300; i < 10 && ms >= 300; i++)); do
	began=$(date +%s%N)
	"$hubscan" --expect 52:54:00:00:00:0a,52:54:00:00:00:0b >/dev/null
	ms=$((($(date +%s%N) - began) / 1000000))
done
[ $ms -lt 300 ]; say "expected: leaves at once ($ms ms)" $?
began=$(date +%s%N)
"$hubscan" --expect 52:54:00:00:00:0c >/dev/null
ms=$((($(date +%s%N) - began) / 1000000))
[ $ms -ge 2000 ] && [ $ms -lt 20000 ]; say "expected and missing: patient for 2 s ($ms ms)" $?

# see NAME INTERFACE FILTER: what tcpdump in a guest sees first is for seen to read.
see() {
	exec {fd}< <(guest "$1" tcpdump -Z root -nlpi "$2" --immediate-mode -c 1 "$3" 2>&1)
	read -r -t 20 -u "$fd" line && read -r -t 20 -u "$fd" line && [[ $line == listening* ]]
}
seen() { line=; read -r -t "$1" -u "$fd" line; }

# Known ones get a unicast, so another guest on the bridge cannot see it.  (tcpdump does not
# run where there is but one user.)
if see b eth0 'arp and dst host 172.16.10.5'; then
	"$hubscan" --known 172.16.10.5=52:54:00:00:00:0a --tries 1 172.16.10.5 >/dev/null
	seen 1; is "known: others do not see the question" "$line" ""
	"$hubscan" --all-claims --known 172.16.10.5=52:54:00:00:00:0a --tries 1 172.16.10.5 >/dev/null
	seen 20; [[ $line == *"who-has 172.16.10.5"*"tell 172.16.10.1"* ]]
	say "all claims: they see it, from the bridge's own address" $?
else
	echo "# no tcpdump: $line"
fi

# On a terminal: columns with a heading, and how far it is where it takes long.
terminal() { script -qec "$1" /dev/null </dev/null | tr -d '\r'; }
is "a terminal gets columns" "$(terminal "$hubscan 172.16.10.5 2>/dev/null")" \
	"IP               MAC
172.16.10.5      52:54:00:00:00:0a"
terminal "$hubscan --expect 52:54:00:00:00:0c" | grep -q 'round [5-7], 100 % asked'
say "a terminal sees how far a long sweep is" $?
is "who reads a pipe does not" "$("$hubscan" --expect 52:54:00:00:00:0c 172.16.10.9 2>&1)" ""

# A guest whose MAC changed is found although the old one is known.
guest b ip link set eth0 down
guest b ip link set eth0 address 52:54:00:00:00:bb
guest b ip link set eth0 up
is "known wrongly: asked by broadcast" \
	"$("$hubscan" --known 172.16.10.200=52:54:00:00:00:0b 172.16.10.200)" \
	"172.16.10.200${tab}52:54:00:00:00:bb"

# Two claimants.
guest_up c 172.16.10.5 52:54:00:00:00:0c
out=$("$hubscan" 172.16.10.5 | cut -f 1-3 | sort)
[[ $out == *"172.16.10.5${tab}52:54:00:00:00:0a${tab}contested"* &&
	$out == *"172.16.10.5${tab}52:54:00:00:00:0c${tab}contested"* ]]
say "two claimants: both are contested" $?

# An interface without address asks by probes (spa 0).
# shellcheck disable=SC2154 # guest_up sets it
ip link add v0 type veth peer name v1 netns "$pid_a"
ip link set v0 up
guest a ip link set v1 up
if see a v1 arp; then
	"$hubscan" --tries 1 v0 10.1.2.3
	seen 20; [[ $line == *"who-has 10.1.2.3 tell 0.0.0.0"* ]]; say "no own address: a probe" $?
fi
out=$("$hubscan" v0 2>&1); is "no own address, no range: exit 2" $? 2

exit $failed

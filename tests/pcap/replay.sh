#!/bin/bash
# SPDX-License-Identifier: ISC
# The recordings of this directory through hubscan --read: what each must say.  Needs no
# privilege.
here=$(dirname "$(readlink -f "$0")")
hubscan=${HUBSCAN_BUILD:-$PWD}/hubscan
failed=0
a=52:54:00:00:00:0a
b=52:54:00:00:00:0b
t=2026-01-31T12:00:0

# heard WHAT NAME WANTED ARGS...: lines with blanks for tabs.
heard() {
	local what=$1 got wanted=$3
	if got=$("$hubscan" --read "$here/$2.pcap" --own 172.16.10.1=02:00:00:00:00:01 "${@:4}" \
		172.16.10.0/24 | tr '\t' ' '; exit "${PIPESTATUS[0]}") &&
		[ "$got" = "$wanted" ]; then
		echo "ok $what"
	else
		printf 'FAIL %s\n#   got:    %s\n#   wanted: %s\n' "$what" "$got" "$wanted"
		failed=1
	fi
}

heard "padding is no matter" padded "172.16.10.5 $a
172.16.10.6 $b
172.16.10.7 $b"
heard "short frames" short ""
heard "tags: only a priority is skipped" vlan "172.16.10.5 $a"
heard "tags: who is in another VLAN is not here" vlan "172.16.10.5 $a new ${t}0.000Z" --watch
heard "a wrong field" wrong ""
heard "a sender that is not the frame's" sender ""
heard "a probe claims nothing, announcements do" probe "172.16.10.5 $a
172.16.10.6 $b"
heard "two claimants" claimants "172.16.10.5 $a
172.16.10.5 $b contested ${t}0.001Z
172.16.10.5 $a contested ${t}0.001Z"
heard "the host's address" own "172.16.10.1 $a contested ${t}0.000Z"
heard "a sweep does not tell of links" link "172.16.10.5 $a"
heard "a watch does, once" link "- $a link ${t}0.000Z
172.16.10.5 $a new ${t}0.002Z" --watch
heard "a watch of a probe" probe "- $a link ${t}0.000Z
172.16.10.5 $a new ${t}0.002Z
172.16.10.6 $b new ${t}0.003Z" --watch
heard "JSON" claimants '{"ip":"172.16.10.5","mac":"52:54:00:00:00:0a"}
{"ip":"172.16.10.5","mac":"52:54:00:00:00:0b","event":"contested","time":"2026-01-31T12:00:00.001Z"}
{"ip":"172.16.10.5","mac":"52:54:00:00:00:0a","event":"contested","time":"2026-01-31T12:00:00.001Z"}' --json
heard "JSON of a watch" link '{"ip":null,"mac":"52:54:00:00:00:0a","event":"link","time":"2026-01-31T12:00:00.000Z"}
{"ip":"172.16.10.5","mac":"52:54:00:00:00:0a","event":"new","time":"2026-01-31T12:00:00.002Z"}' --json --watch

heard "the packet log: ports" ports "172.16.10.5 $a #3
172.16.10.6 $b #4
172.16.10.5 $a contested ${t}0.004Z #4
172.16.10.5 $a contested ${t}0.004Z #3
172.16.10.1 02:00:00:00:00:01 contested ${t}0.005Z #4
172.16.10.8 $a #4"
heard "the packet log: a watch" ports "- $a link ${t}0.000Z #3
172.16.10.5 $a new ${t}0.001Z #3
172.16.10.6 $b new ${t}0.003Z #4
172.16.10.5 $a contested ${t}0.004Z #4
172.16.10.5 $a contested ${t}0.004Z #3
172.16.10.1 02:00:00:00:00:01 contested ${t}0.005Z #4
172.16.10.8 $a new ${t}0.006Z #4" --watch
heard "the packet log: what is none of ours" logged "172.16.10.5 $a #3"

# The storm: 4 claimants an address, whoever is expected, and who claims an address alone.
lines() { "$hubscan" --read "$here/storm.pcap" "$@" 172.16.10.0/24 2>/dev/null; }
is() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "FAIL $1: $2, not $3"; failed=1; fi; }
is "storm: at most 4 claimants an address" \
	"$(lines | grep contested | cut -f 1,2 | sort -u | cut -f 1 | uniq -c | awk '$1 > 4' | wc -l)" 0
is "storm: nobody else's place is taken" "$(lines | grep -c "250	$b$")" 1
is "storm: who is expected finds room" "$(lines --expect $a | grep -c "\.5	$a	contested")" 1
is "storm: it is told" "$("$hubscan" --read "$here/storm.pcap" 172.16.10.0/24 2>&1 >/dev/null)" \
	"501 claims were not kept: their addresses have too many claimants already"

"$hubscan" --read "$0" 172.16.10.0/24 2>/dev/null; is "no recording: exit 1" $? 1
"$hubscan" --read "$here/none.pcap" 172.16.10.0/24 2>/dev/null; is "none at all: exit 1" $? 1
"$hubscan" --read "$here/own.pcap" 2>/dev/null; is "without a range: exit 2" $? 2
# What is in the tree is what the generator makes (on machines of the same byte order).
if [ "$(printf '\1\0' | od -An -d | tr -d ' ')" = 1 ]; then
	new=$(mktemp -d)
	make=$PWD/tests/pcap/make
	(cd "$new" && "$make")
	for file in "$here"/*.pcap; do
		cmp -s "$file" "$new/${file##*/}"; is "${file##*/} is made by make.c" $? 0
	done
	rm -r "$new"
fi
exit "$failed"

#!/bin/bash
# SPDX-License-Identifier: ISC
# A watch tells what is new, contested, moved and gone, and that the bridge is gone.
# shellcheck source=tests/wire/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
hub_enter "$@"
hub_up
tab=$'\t'
stamp='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$'

guest_up a 172.16.10.5 52:54:00:00:00:0a
watch_start br-hub 172.16.10.0/24
watch_line "^172\.16\.10\.5${tab}52:54:00:00:00:0a${tab}new${tab}$stamp" 20
say "who is there already is new" $?

# Once the first rounds are over nobody is asked without a reason.
watch_line never 1

# A guest that says nothing in ARP by itself: only IPv6 multicast shows that it is there.
guest_up b - 52:54:00:00:00:0b
guest b sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0
watch_line "^-${tab}52:54:00:00:00:0b${tab}link${tab}$stamp" 20
say "a MAC without address is a link" $?
guest b ip addr add 172.16.10.6/24 dev eth0
watch_line "^172\.16\.10\.6${tab}52:54:00:00:00:0b${tab}new" 20
say "it is asked until its address is known" $?

# A second claimant is contested at once, both lines, before anything else.
guest_up c 172.16.10.5 52:54:00:00:00:0c
guest c arping -q -U -c 1 -I eth0 172.16.10.5 2>/dev/null || guest c arping -q -c 1 -w 1 -I eth0 172.16.10.1
watch_line "^172\.16\.10\.5${tab}52:54:00:00:00:0[ac]${tab}contested" 20
say "two claimants: contested" $?
watch_line "^172\.16\.10\.5${tab}52:54:00:00:00:0[ac]${tab}contested" 20
say "the other of them too" $?
guest_down c
began=$(date +%s%N)
watch_line "^172\.16\.10\.5${tab}52:54:00:00:00:0c${tab}gone" 60
say "one of them ends: gone" $?
# Who contests an address is asked every two seconds, and gone after four more.
ms=$((($(date +%s%N) - began) / 1000000))
[ $ms -lt 8000 ]; say "soon ($ms ms)" $?
watch_line "^172\.16\.10\.5${tab}52:54:00:00:00:0a${tab}new" 20
say "the other one is no longer contested" $?

# A guest that takes another address: new at once, moved once the old one is silent.
guest b ip addr flush dev eth0 scope global
guest b ip addr add 172.16.10.7/24 dev eth0
guest b ping -c 1 -W 1 172.16.10.1 >/dev/null
watch_line "^172\.16\.10\.7${tab}52:54:00:00:00:0b${tab}new" 20
say "another address: new at once" $?
watch_line "^172\.16\.10\.7${tab}52:54:00:00:00:0b${tab}moved" 20
say "and moved when the old one is silent" $?
[[ $seen == *"172.16.10.6${tab}52:54:00:00:00:0b${tab}gone"* ]]
say "the old one is gone" $?
# It is asked four times within 600 ms for that, and not within four seconds.
stamp_of() { date -d "$(grep -m 1 "$1" <<<"$all" | cut -f 4)" +%s%3N; }
ms=$(($(stamp_of "10\.6$tab.*gone") - $(stamp_of "10\.7$tab.*new")))
[ $ms -ge 500 ] && [ $ms -lt 3000 ]; say "soon after ($ms ms)" $?

# Away and back again at once: it is not new where it was, and gone from where it went.
moves() {
	guest b ip addr flush dev eth0 scope global
	guest b ip addr add "$1/24" dev eth0
	guest b arping -q -U -c 1 -w 1 -I eth0 "$1" >/dev/null 2>&1 &
}
moves 172.16.10.8
watch_line "^172\.16\.10\.8${tab}52:54:00:00:00:0b${tab}new" 20; say "away" $?
moves 172.16.10.7
watch_line "^172\.16\.10\.8${tab}52:54:00:00:00:0b${tab}gone" 4; say "and back: gone there" $?

# Somebody claims the host's own address.
guest_up d 172.16.10.1 52:54:00:00:00:0d
guest d ping -c 1 -W 1 172.16.10.5 >/dev/null
watch_line "^172\.16\.10\.1${tab}52:54:00:00:00:0d${tab}contested" 20
say "who claims the host's address contests it" $?
guest_down d

# The link goes down and up again, and the watch goes on.
ip link set br-hub down
ip link set br-hub up
guest_up e 172.16.10.9 52:54:00:00:00:0e
guest e ping -c 1 -W 1 172.16.10.1 >/dev/null
watch_line "^172\.16\.10\.9${tab}52:54:00:00:00:0e${tab}new" 20
say "a link that went down and up" $?

[[ $all != *"172.16.10.5${tab}52:54:00:00:00:0a${tab}gone"* ]]
say "who answers is never gone" $?

# It stays down until all are gone; when it is up they are asked though none says a word.
ip link set br-hub down
watch_line "^172\.16\.10\.9${tab}52:54:00:00:00:0e${tab}gone" 60
say "behind a link that is down they are gone" $?
ip link set br-hub up
watch_line "^172\.16\.10\.9${tab}52:54:00:00:00:0e${tab}new" 8
say "when it is up again they are found" $?
kill -0 $watch_pid; say "it still runs" $?

ip link del br-hub
watch_line "^bridge gone$" 20
say "the bridge is deleted: told" $?
wait $watch_pid; is "and exit 7" $? 7
is "one sentence about it" "$(cat "$tmp/watch.err")" "The interface br-hub is gone"
watch_pid=
exit "$failed"

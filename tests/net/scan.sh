#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# hubscan on a real bridge: what it says, what it asks, what it may.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.250 52:54:00:00:00:12

same "a line for each: address, tab, MAC" \
	$'172.16.10.11\t52:54:00:00:00:11\n172.16.10.250\t52:54:00:00:00:12' \
	"$(in_lab sh -c 'hubscan br-hub | sort -V')"
says "172\.16\.10\.1 .*lladdr" "it asks in the name of the bridge" in_client a ip neigh show 172.16.10.1
same "a range asks for that only" $'172.16.10.250\t52:54:00:00:00:12' \
	"$(in_lab hubscan br-hub 172.16.10.200-172.16.10.254)"
same "as CIDR, too" $'172.16.10.11\t52:54:00:00:00:11' "$(in_lab hubscan br-hub 172.16.10.8/29)"
says '"172\.16\.10\.11"' "--json" in_lab hubscan --json br-hub
same "a member of the group may" $'172.16.10.11\t52:54:00:00:00:11' \
	"$(as_user /usr/sbin/hubscan br-hub 172.16.10.11)"
refused "others may not" in_lab runuser -u stranger -- /usr/sbin/hubscan br-hub
refused "an interface that is not there" in_lab hubscan nope

heard=$LAB_STATE/heard
in_lab hubscan --watch br-hub >"$heard" 2>&1 &
soon 5 "a watch prints who is there" grep -q "172.16.10.250.*52:54:00:00:00:12" "$heard"
hubscan=$(in_lab sh -c 'grep -lsx hubscan /proc/[0-9]*/comm | head -1 | cut -d/ -f3')
of_hubscan() { in_lab sed -n "s/^$1:[[:space:]]*//p" "/proc/$hubscan/status"; }
for set in CapEff CapPrm CapInh CapAmb; do
	same "it has no $set any more" 0000000000000000 "$(of_hubscan $set)"
done
same "nor can it get any" 1 "$(of_hubscan NoNewPrivs)"
same "a filter is on its system calls" 2 "$(of_hubscan Seccomp)"

client_add c 172.16.10.13 52:54:00:00:00:13
soon 10 "who comes later is printed" grep -q "172.16.10.13.*52:54:00:00:00:13" "$heard"
client_del b
client_add d 172.16.10.250 52:54:00:00:00:14
soon 30 "an address that moves is printed" grep -q "172.16.10.250.*52:54:00:00:00:14" "$heard"
client_add e 172.16.10.13 52:54:00:00:00:15
in_client e ping -c 1 -W 1 172.16.10.1 >/dev/null 2>&1 || true # it is heard, asking
soon 10 "two that claim one address are contested" grep -qi "contested" "$heard"
in_lab kill "$hubscan"

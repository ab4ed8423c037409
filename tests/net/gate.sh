#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The gate, frame by frame: what passes it, what does not, and what is heard of that.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp --no-samba
gate=$HUBSHARE_BUILD/tests/net/gate-try

# alpha and beta are verified; early has a tap and no address yet; odd has a port of which no
# MAC is known; late has a port that the gate has not been told of; outer is on another network.
client_add alpha 172.16.10.11 52:54:00:00:00:11
client_add beta 172.16.10.12 52:54:00:00:00:12
client_add early none 52:54:00:00:00:15
client_add odd none 52:54:00:00:00:16
client_add late none 52:54:00:00:00:17
in_lab sh -c 'ip netns add outer
	ip link add outer type veth peer name eth0 netns outer
	ip address add 10.97.0.1/24 dev outer; ip link set outer up
	ip -n outer address add 10.97.0.2/24 dev eth0; ip -n outer link set eth0 up
	ip address add 10.98.0.1/24 dev lo
	ip route add 10.99.0.0/24 via 10.97.0.2
	echo 1 >/proc/sys/net/ipv4/ip_forward'
in_lab tee /run/plan >/dev/null <<'END'
port veth-alpha
port veth-beta
port veth-early
port veth-odd
tap veth-alpha 52:54:00:00:00:11
tap veth-beta 52:54:00:00:00:12
tap veth-early 52:54:00:00:00:15
bind veth-alpha 52:54:00:00:00:11 172.16.10.11
bind veth-beta 52:54:00:00:00:12 172.16.10.12
END

in_lab python3 "$LAB_TOP/tests/net/gate.py" "$gate" /run/plan || failed=$((failed + 1))

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# doctor --probe: a station asks as a new VM would.  All is well on a host that is set up; each
# thing that a VM should not get is seen by its row and by no other row of the probe; and
# nothing of the station stays, also when it is killed.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt
domains alpha 52:54:00:00:00:11
client_add a 172.16.10.11 52:54:00:00:00:11
in_lab chmod 711 /root

# rows: the keys of the probe's rows that are not well, "?" behind those that are unknown.
rows() {
	in_lab hubshare doctor --probe --json 2>/dev/null | tr -d '\n' |
		grep -oE '"key": "probe-[^"]*", +"title": "[^"]*", +"verdict": "[^"]*"' |
		sed -E 's/"key": "probe-([^"]*)".*"verdict": "([^"]*)"/\1\2/' |
		sed -nE 's/wrong$//p; s/unknown$/?/p' | paste -sd' '
}
# broken KEYS NAME: those rows are wrong now, and no others.
broken() { same "$2" "$1" "$(rows)"; }
stations() { in_lab sh -c 'ls /sys/class/net | grep ^hubprobe' | paste -sd' '; }
no_station() { [[ -z $(stations) ]]; }
has_station() { [[ -n $(stations) ]]; }

# The gate is for a service, and here is none.
in_lab sed -i "\$ a gate = off" /etc/hubshare/hubshare.conf
# What a guest hears of it, and what it leaves.  The host's end of the guest's own veth speaks too.
in_client a sh -c 'echo $$ >/tmp/tcpdump.pid
	exec tcpdump -i eth0 --immediate-mode -U -w /tmp/heard "not ether src 52:54:00:00:00:11 and \
	not ether src 52:54:00:a0:00:01 and not ether src $1" 2>/tmp/tcpdump.log' sh \
	"$(in_lab cat /sys/class/net/veth-a/address)" &
soon 10 "a guest listens" in_lab grep -q listening /tmp/tcpdump.log
kept() { in_lab sh -c 'cat /var/lib/misc/dnsmasq.leases; ip -4 neigh show dev br-hub' 2>/dev/null || true; }
before=$(kept)
mac=$(in_lab cat /sys/class/net/br-hub/address)
since=$(date +%s%N)
ok "all is well" hs doctor --probe
took=$((($(date +%s%N) - since) / 1000000))
ok "takes a moment ($took ms)" test "$took" -lt 10000
same "nothing is plugged in any more" "" "$(stations)"
same "no lease is taken, and nobody is remembered" "$before" "$(kept)"
same "the bridge keeps its MAC" "$mac" "$(in_lab cat /sys/class/net/br-hub/address)"
in_lab sh -c 'kill $(cat /tmp/tcpdump.pid); while kill -0 $(cat /tmp/tcpdump.pid); do :; done' 2>/dev/null || true
heard() { in_lab tcpdump -enr /tmp/heard "$@" 2>/dev/null | wc -l; }
ok "the guest heard ARP probes" test "$(heard arp and ether broadcast)" -gt 0
ok "and a DISCOVER" test "$(heard udp port 67 and ether broadcast)" -gt 0
same "and nothing else" "" "$(in_lab tcpdump -enr /tmp/heard 'not (arp and ether broadcast) and
	not (udp port 67 and ether broadcast)' 2>/dev/null)"
same "which claim nothing" 0 "$(in_lab tcpdump -nr /tmp/heard arp 2>/dev/null | grep -cv 'tell 0.0.0.0')"

# listen ADDRESS PORT: somebody does, until hush.
listen() {
	in_lab python3 -c 'import os, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen(100)
if os.fork() == 0:
    open("/tmp/listener.pid", "w").write(str(os.getpid()))
    while True:
        s.accept()' "$@"
	soon 10 "somebody listens at $*" in_lab test -s /tmp/listener.pid
}
hush() { in_lab sh -c 'p=$(cat /tmp/listener.pid); rm /tmp/listener.pid; kill $p; while kill -0 $p; do :; done' 2>/dev/null || true; }
in_lab ip link add other type bridge
in_lab ip address add 192.0.2.7/24 dev other
in_lab ip link set other up
listen 192.0.2.7 8080
broken "others" "a service at another address of the host"
seen=$(hs doctor --probe 2>/dev/null) || true
says '192[.]0[.]2[.]7:8080' "is named" echo "$seen"
in_lab nft 'table inet t { chain c { type filter hook input priority 0; iifname "br-hub" ip daddr != 172.16.10.1 tcp dport 1-65535 drop; }; }'
broken "" "a firewall keeps guests off it"
in_lab nft flush ruleset
hush
listen 127.0.0.1 8080
broken "" "a service of the host for itself"
hush
listen 0.0.0.0 8080
broken "bridge others" "a service at all addresses"
hush
listen :: 8080
broken "bridge others" "one that takes IPv6 too"
in_lab sh -c 'echo 0 >/proc/sys/net/ipv6/conf/br-hub/disable_ipv6; ip address add fe80::1/64 dev br-hub nodad'
broken "bridge others ipv6" "with IPv6 on the bridge"
hush
broken "ipv6" "IPv6 on the bridge"
in_lab sh -c 'echo 1 >/proc/sys/net/ipv6/conf/br-hub/disable_ipv6'

# dhcp OPTION...: another dnsmasq.
dhcp() {
	in_lab sh -c 'kill $(cat /run/lab/dnsmasq.pid); while kill -0 $(cat /run/lab/dnsmasq.pid); do :; done' 2>/dev/null || true
	(($# == 0)) || in_lab dnsmasq --conf-file=/dev/null --interface=br-hub --bind-interfaces \
		--except-interface=lo --dhcp-range="${range:-172.16.10.50,172.16.10.250},255.255.255.0,12h" \
		--dhcp-authoritative --no-ping --user=root --no-resolv \
		--dhcp-leasefile=/var/lib/misc/dnsmasq.leases --pid-file=/run/lab/dnsmasq.pid "$@"
}
dhcp --port=0 --dhcp-option=6
broken "dhcp-options" "DHCP gives a route"
dhcp --port=0 --dhcp-option=3 --dhcp-option=6,172.16.10.1
broken "dhcp-options" "DHCP gives a DNS server"
dhcp --port=0 --dhcp-option=3 --dhcp-option=6 --dhcp-option=121,10.0.0.0/8,172.16.10.1
broken "dhcp-options" "DHCP gives a route by option 121"
range=172.16.10.11,172.16.10.11 dhcp --port=0 --dhcp-option=3 --dhcp-option=6
broken "dhcp" "DHCP gives what a guest has"
dhcp --dhcp-option=3 --dhcp-option=6
broken "dns" "DNS is answered"
dhcp --port=0 --dhcp-option=3 --dhcp-option=6
broken "" "all is well again"

# Somebody who answers for the host's address.
client_add liar none 52:54:00:00:00:66
in_lab ip -n liar address add 172.16.10.1/24 dev eth0
broken "arp" "a guest answers for the host"
client_del liar

in_lab sh -c 'kill $(cat /run/samba/smbd.pid)'
smbd_gone() { ! in_lab smbcontrol smbd ping; }
soon 20 "smbd ends" smbd_gone
broken "smb" "no smbd"
listen 172.16.10.1 445
broken "smb" "something that is no smbd"
hush
in_lab smbd -D
soon 20 "smbd again" in_lab smbcontrol smbd ping
in_lab nft 'table inet t { chain c { type filter hook input priority 0; iifname "br-hub" tcp dport 445 drop; }; }'
broken "smb" "a firewall before smbd"
in_lab nft flush ruleset

dhcp
broken "dhcp dhcp-options?" "no DHCP"

# Killed in the middle: it waits for DHCP, which is not there.
no_hubshare() { ! running hubshare; }
# killed NAME SCRIPT: the script gets the station's pid.
killed() {
	local pid station
	hs doctor --probe >/dev/null 2>&1 &
	pid=$!
	soon 10 "$1: it is plugged in" has_station
	station=$(stations)
	in_lab sh -c "$2" sh $((16#${station#hubprobe}))
	soon 10 "$1: nothing is plugged in any more" no_station
	wait "$pid" || true
	soon 10 "$1: no process is left" no_hubshare
}
killed "the station is killed" 'kill -KILL "$1"'
# It does not end by itself either: it is stopped.
killed "hubshare is killed" 'kill -STOP "$1"; kill -KILL "$(sed "s/.*) [A-Z] \([0-9]*\) .*/\1/" "/proc/$1/stat")"'
killed "it is interrupted" 'kill -INT "$1"'

gives 6 "not for everybody" hs_user doctor --probe
in_lab ip link set br-hub down
in_lab ip address flush dev br-hub
broken "dhcp? dhcp-options? arp? smb? shares? bridge? others? dns? ipv6?" "no address on the bridge"

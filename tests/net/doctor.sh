#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# doctor: all is well on a host that is set up; what is broken is seen by its row and no other,
# and the command that it prints mends it.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt
# The gate is for a service, and is looked at by itself below.
gate() { in_lab sed -i "/^gate/d; \$ a gate = $1" /etc/hubshare/hubshare.conf; }
domains alpha 52:54:00:00:00:11@veth-a
gate off
client_add a 172.16.10.11 52:54:00:00:00:11
in_lab sh -c 'mkdir -m 755 /srv/open; chmod 711 /root'
hs add -g -r alpha /srv/open open >/dev/null

# look: what doctor finds, kept for those that follow; it ends with $status.
look() {
	status=0
	found=$(in_lab hubshare doctor --json 2>/dev/null) || status=$?
}
# found VERDICT: the keys of the rows that have it, in their order; rows VERDICT: anew.
found() {
	tr -d '\n' <<<"$found" | grep -oE '"key": "[^"]*", +"title": "[^"]*", +"verdict": "[^"]*"' |
		sed -nE "s/\"key\": \"([^\"]*)\".*\"verdict\": \"$1\"/\\1/p" | paste -sd' '
}
rows() {
	look
	found "$1"
}
ok "all is well" hs doctor

# wrong KEYS NAME: doctor finds these rows wrong, and no other; broken KEYS NAME COMMAND...: after it.
wrong() {
	look
	same "$2: is seen, by its row" "1 $1" "$status $(found wrong)"
}
broken() {
	in_lab "${@:3}"
	wrong "$1" "$2"
}
# mended NAME: the commands that doctor gave when it was asked last are run; all is well.
mended() {
	local mends
	mends=$(python3 -c 'import json, sys
for row in json.load(sys.stdin)["checks"]:
	if row["verdict"] == "wrong" and row["mend"]: print(row["mend"])' <<<"$found")
	ok "$1: has a command ($mends)" test -n "$mends"
	ok "$1: which runs" in_lab bash -ec "$mends"
	look
	same "$1: and mends it" "0 " "$status $(found wrong)"
}
conf=/etc/samba/smb.conf
set_global() { printf '%s' "sed -i '/^[[:space:]]*$1 = /s/=.*/= $2/' $conf"; }

broken "bridge-up" "the bridge is down" ip link set br-hub down
mended "the bridge is down"
broken "bridge-address" "its address is gone" ip addr flush dev br-hub
mended "its address is gone"
broken "bridge-ipv6" "it has IPv6" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/br-hub/disable_ipv6
	ip addr add fe80::1/64 dev br-hub nodad'
mended "it has IPv6"
broken "includes" "a share behind the includes" sh -c "printf '[late]\npath = /srv/open\n' >>$conf"
mended "a share behind the includes"
broken "includes" "an include is gone" sed -i '/temp.conf.d/d' $conf
mended "an include is gone"
broken "multi-channel" "multi channel" sh -c "$(set_global 'server multi channel support' yes)"
mended "multi channel"
broken "bind-only" "every interface" sh -c "$(set_global 'bind interfaces only' no)"
mended "every interface"
broken "interfaces" "another interface" sh -c "$(set_global interfaces lo)"
mended "another interface"
broken "map-to-guest" "no guests" sh -c "$(set_global 'map to guest' never)"
mended "no guests"
broken "wide-links" "links lead out" sh -c "$(set_global 'wide links' yes)"
mended "links lead out"
broken "min-protocol" "SMB1" sh -c "$(set_global 'server min protocol' NT1)"
mended "SMB1"
broken "wide-links" "in a section of another spelling, on two lines" \
	sh -c "sed -i -e 's/^\[global\]/[ Global ]/' -e 's/^[[:space:]]*wide links = .*/WideLinks = \\\\\\n yes/' $conf"
mended "another spelling"
in_lab install -d -m 1777 /var/lib/samba/usershares
broken "usershares" "a user's share" sh -c "printf '#VERSION 2\npath=/srv\nguest_ok=y\n' >/var/lib/samba/usershares/mine"
says "users of this host share: \[mine\]" "says which" in_lab sh -c 'hubshare doctor 2>/dev/null || true'
in_lab rm /var/lib/samba/usershares/mine
broken "smb-conf" "no smb.conf" mv $conf $conf.away
mended "no smb.conf"
broken "temporary-directory" "others may write the temporary ones" chmod 1777 /etc/samba/temp.conf.d
mended "others may write the temporary ones"
in_lab umount /etc/samba/temp.conf.d
wrong "temporary-tmpfs" "not on a tmpfs"
mended "not on a tmpfs"
hs sync >/dev/null
hs add -g -r alpha /srv/open open >/dev/null
broken "permanent-directory" "others may write there" chmod 777 /etc/samba/perm.conf.d
mended "others may write there"
broken "firewall" "a rule" nft 'table inet t { chain c { type filter hook input priority 0; iifname "br-hub" drop; }; }'
mended "a rule"
same "which stays" 1 "$(in_lab nft list ruleset | grep -c 'iifname "br-hub" drop')"
broken "firewall" "a policy" nft 'add chain inet t d { type filter hook input priority 1; policy drop; }'
mended "a policy"
in_lab nft flush ruleset
in_lab nft 'table inet t { chain c { type filter hook input priority 0; iifname br-hub tcp dport 445 accept
	iifname br-hub udp dport 67 accept; iifname br-hub drop; }; }'
ok "guests are let in there, and nowhere else" hs doctor
in_lab nft flush ruleset
broken "scanner" "hubscan has no right" setcap -r /usr/sbin/hubscan
mended "hubscan has no right"

gate on
wrong "gate bridge-frames" "no gate"
service_start
soon 20 "with the service it stands" hs doctor
says "^ok +the gate +stands: 1 ports, 1 verified" "and lets alpha in" hs doctor
client_add stray 172.16.10.77 52:54:00:00:00:77
shut_out() { [[ $(rows wrong) == stations ]]; }
soon 20 "who is no VM is seen" shut_out
says "52:54:00:00:00:77 \(172.16.10.77 by veth-stray\) is shut out; 'allow-stations = 52:54:00:00:00:77'" \
	"and how to let it in" in_lab sh -c 'hubshare doctor 2>/dev/null || true'
client_del stray
in_lab ip link set br-hub type bridge no_linklocal_learn 0
wrong "bridge-frames" "who learns by LLDP"
mended "who learns by LLDP"
in_lab ip link set br-hub type bridge stp_state 1
wrong "bridge-frames" "who runs STP"
mended "who runs STP"
service_stop
wrong "gate" "a gate that nobody keeps"
gate off
wrong "gate" "one that is off, and stands"
mended "one that is off, and stands"
says "^ok +the gate +off in the settings: a VM that takes" "and what that means" hs doctor

# Those that a person has to decide.
broken "entries" "a file that is not ours" touch /etc/samba/temp.conf.d/note.conf
in_lab rm /etc/samba/temp.conf.d/note.conf
broken "homes" "homes for everybody" sed -i 's/^\[VMshare\]/[homes]\n&/' $conf
in_lab sed -i '/^\[homes\]/d' $conf
broken "paths" "the directory is gone" mv /srv/open /srv/away
in_lab mv /srv/away /srv/open
broken "paths" "guests may not read it" chmod 700 /srv/open
in_lab chmod 755 /srv/open
broken "edited served" "edited by hand" sed -i 's/read only = yes/read only = no/' \
	/etc/samba/temp.conf.d/172.16.10.11.conf
mended "edited by hand"
in_lab sh -c 'kill $(cat /run/samba/smbd.pid)'
soon 20 "smbd ends" in_lab sh -c '! smbcontrol smbd ping'
wrong "smbd listening" "no smbd: is seen"
gives 7 "a share is removed meanwhile" hs remove alpha open
in_lab smbd -D
soon 20 "smbd again" in_lab smbcontrol smbd ping
wrong "unfinished served" "work that was not ended"
mended "work that was not ended"
hs add -g -r alpha /srv/open open >/dev/null
domains beta 52:54:00:00:00:12
gate off
wrong "orphans served" "a VM that is gone"
says "^ *mend it with: hubshare clean$" "is for clean" in_lab sh -c 'hubshare doctor 2>/dev/null || true'
ok "which runs" hs clean
ok "and all is well" hs doctor
in_lab sh -c 'kill $(cat /run/lab/dnsmasq.pid)'
no_dhcp() { [[ $(rows wrong) == dhcp ]]; }
soon 20 "no DHCP" no_dhcp
# Who is only called like it: a shell of another user, of another network; believed is root's.
in_lab sh -c 'ln -s /bin/sh /srv/dnsmasq; mkdir -m 777 /srv/called'
called=(/srv/dnsmasq -c 'echo $$ >/srv/called/$$; sleep infinity; :' x --port=0
	--interface=br-hub --dhcp-option=3)
as_user "${called[@]}" >/dev/null 2>&1 &
in_lab unshare -n "${called[@]}" >/dev/null 2>&1 &
two_called() { in_lab sh -c '[ "$(cat /srv/called/* | wc -l)" = 2 ]'; }
soon 20 "two are called dnsmasq" two_called
wrong "dhcp" "who are not believed"
in_lab "${called[@]}" >/dev/null 2>&1 &
soon 20 "but one of root's" hs doctor
in_lab sh -c 'kill $(cat /srv/called/*)'
soon 20 "no DHCP again" no_dhcp
in_lab dnsmasq --conf-file=/dev/null --interface=br-hub --bind-interfaces --user=root \
	--except-interface=lo --dhcp-range=172.16.10.50,172.16.10.250,255.255.255.0,12h \
	--port=0 --pid-file=/run/lab/dnsmasq.pid
wrong dhcp-options "DHCP that gives a route"
hs_options=(--connect test:///nowhere.xml)
gives 1 "libvirt does not answer" hs doctor
same "which its row says" 1 "$(grep -c '^wrong *libvirt answers' <<<"$seen")"
hs_options=()
gives 1 "not root" hs_user doctor
same "sees what he may" "" "$(as_user hubshare doctor 2>/dev/null | grep -E '^unknown' | grep -vE 'the gate|firewall|AppArmor')"

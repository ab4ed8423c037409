#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# setup where somebody else than libvirt keeps the bridge, or a firewall stands before it: a real
# systemd-networkd, NetworkManager, ifupdown and firewalld.  What a VM gets there is asked by
# doctor's probe.
# shellcheck disable=SC2016 # scripts for the lab
# shellcheck source=script/lib.sh
. "$(dirname -- "$0")/../../script/lib.sh"
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
fetch "${KEEPER_PACKAGES[@]}"
prepare
# host PACKAGE...: a new one, with these, smbd and the bus, and without a bridge.
host() {
	lab_down
	lab_bare
	domains none 52:54:00:00:00:99
	in_lab sh -c 'echo "gate = off" >>/etc/hubshare/hubshare.conf
		mkdir -p /etc/samba /run/samba /run/dbus /run/network /var/lib/samba/private /var/cache/samba /var/log/samba
		cp /usr/share/samba/smb.conf /etc/samba/
		printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d'
	in_lab env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --no-download \
		-o Dir::Cache::archives="$TOP/build-lab/archives" install dbus "$@" \
		>>"$LAB_STATE/log" 2>&1 || die "cannot install $*: $(tail -5 "$LAB_STATE/log")"
	in_lab sh -c 'smbd -D; dbus-daemon --system --fork'
	wait_for 20 in_lab smbcontrol smbd ping
}
listing() {
	in_lab sh -c 'find /etc -xdev \( -path /etc/NetworkManager/NetworkManager-intern.conf \) -prune -o -type f \
		-printf "%y %m %U:%G %p\n" -exec cksum {} + -o -printf "%y %m %U:%G %p %l\n" | sort
		find /run/samba/*hubshare* /run/samba/temp* /var/lib/hubshare /VMshare; ip -o link show br-hub' 2>/dev/null || true
}
# kept_by NAME [COMMAND...]: all of it, with COMMAND after setup.
kept_by() {
	local keeper=$1 text
	shift
	listing >"$LAB_STATE/before"
	ok "$keeper: the host is set up" hs setup --bridge-by "$keeper"
	(($# == 0)) || "$@"
	ok "$keeper: once more" hs setup
	text=$seen
	same "$keeper: has nothing to do" "" "$(grep -E 'missing|making|bringing' <<<"$text")"
	soon 20 "$keeper: all is well" hs doctor
	says "^ok +a new VM gets an address +172.16.10" "$keeper: a new VM gets an address" in_lab sh -c 'hubshare doctor --probe || true'
	text=$seen
	same "$keeper: and nothing else with it, and reaches Samba" "" \
		"$(grep -vE '^ok |^ |^[0-9]|^\(in_lab' <<<"$text")"
	in_lab ip netns pids a >/dev/null 2>&1 || client_add a none
	gives 5 "$keeper: a VM is on the bridge" hs setup --undo
	text=$seen
	ok "$keeper: which is said" grep -qx "br-hub: 1 port is in use on it; left as it is" <<<"$text"
	ok "$keeper: and it stays" in_lab test -e /sys/class/net/br-hub/brif/veth-a
	client_del a
	ok "$keeper: it is undone" hs setup --undo
}
undone() { same "$1: all is as it was" "" "$(diff "$LAB_STATE/before" <(listing))"; }
# What systemd would start, as the unit says.
dhcp_start() {
	in_lab sh -c '$(sed -n "s/^ExecStart=//p" /etc/systemd/system/hubshare-dhcp.service) \
		>/var/log/dnsmasq.log 2>&1 </dev/null & echo $! >/run/lab/dnsmasq.pid'
}

host ifupdown
kept_by ifupdown dhcp_start
service_stop dnsmasq
undone ifupdown

host network-manager
in_lab sh -c 'NetworkManager -n >/var/log/nm.log 2>&1 </dev/null &'
ok "NetworkManager runs" wait_for 20 in_lab nmcli general
kept_by nm dhcp_start
service_stop dnsmasq
no_bridge() { ! in_lab ip link show br-hub; }
soon 10 "nm: it takes its bridge away" no_bridge
undone nm

host
# As in a container: nobody waits for udev.
in_lab sh -c 'mount -o remount,ro /sys; mkdir -p /run/systemd
	/lib/systemd/systemd-networkd >/var/log/networkd.log 2>&1 </dev/null &'
ok "networkd runs" wait_for 20 in_lab networkctl status
networkd_waits() {
	ok "networkd: smbd waits for its address" in_lab sh -c \
		'$(sed -n "s/^ExecStartPre=-//p" /etc/systemd/system/smbd.service.d/hubshare.conf)'
	# It gives addresses once somebody is there to ask.
	client_add a none
}
kept_by networkd networkd_waits
soon 10 "networkd: it takes its bridge away" no_bridge
undone networkd

# libvirt with firewalld, which would put the bridge where everything of libvirt's is.
host firewalld
in_lab sh -c 'rm -r /etc/hubshare; firewalld --nofork --nopid >/var/log/firewalld.log 2>&1 </dev/null &'
ok "firewalld runs" wait_for 30 in_lab firewall-cmd -q --state
in_lab bash "$LAB_SRC/services.sh" libvirt
listing >"$LAB_STATE/before"
ok "firewalld: the host is set up" hs setup
same "the bridge is in its zone" hubshare "$(in_lab firewall-cmd --get-zone-of-interface=br-hub)"
ok "firewalld understands it by itself" in_lab firewall-offline-cmd --check-config
client_add a 172.16.10.11
says "VMshare" "a VM reaches Samba" in_client a smbclient -s /dev/null -N -U % -L 172.16.10.1
in_lab sh -c 'ip address add 192.168.9.1/24 dev lo
	python3 -m http.server 8000 >/dev/null 2>&1 </dev/null &'
reaches() { "$@" python3 -c 'import socket; socket.create_connection(("172.16.10.1", 8000), 3)'; }
soon 20 "somebody serves something else" reaches in_lab
refused "which no VM reaches" reaches in_client a
client_del a
service_start
soon 20 "all is well" hs doctor
service_stop
ok "firewalld: it is undone" hs setup --undo
refused "it has no such zone any more" in_lab firewall-cmd -q --info-zone=hubshare
same "firewalld: all is as it was" "" "$(diff "$LAB_STATE/before" <(listing) | grep -v libvirt | grep '^[<>]' || true)"

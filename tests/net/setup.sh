#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# setup on a host with a real libvirtd and smbd and nothing set up: doctor finds all well then,
# and a guest reads a share; --undo takes it all back.  Then on a host of an admin's own.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
prepare
lab_bare
conf=/etc/samba/smb.conf

# As after `apt install samba libvirt-daemon-system`: no bridge of hubshare's, nothing in its name.
in_lab sh -c 'setcap -r /usr/sbin/hubscan; chmod 755 /usr/sbin/hubscan
	chown root:root /usr/sbin/hubscan
	usermod -r -G hubshare user 2>/dev/null || gpasswd -q -d user hubshare; groupdel hubshare
	mkdir -p /etc/samba /run/samba /var/lib/samba/private /var/cache/samba /var/log/samba
	cp /usr/share/samba/smb.conf /etc/samba/
	mkdir -p /etc/apparmor.d/local
	: >/etc/apparmor.d/local/usr.sbin.smbd
	printf "include <tunables/global>\nprofile smbd /usr/sbin/smbd {\n  include <local/usr.sbin.smbd>\n}\n" \
		>/etc/apparmor.d/usr.sbin.smbd'
in_lab bash "$LAB_SRC/services.sh" libvirt
in_lab smbd -D
ok "smbd runs" wait_for 20 in_lab smbcontrol smbd ping

# What is there that setup could have made: kind, mode, owner, content.
listing() {
	in_lab sh -c 'find / -xdev -maxdepth 1 -printf "%y %m %U:%G %p %l\n" | sort
		find /etc /run/samba/*hubshare* /run/samba/temp* /var/lib/hubshare -xdev \
			\( -path "/etc/*-" -o -path "/etc/*.cache" -o -path "/etc/gshadow" -o -path /etc/libvirt \) -prune \
			-o -type d -printf "%y %m %U:%G %p\n" -o -type f -printf "%y %m %U:%G %p\n" -exec cksum {} + \
			-o -printf "%y %m %U:%G %p %l\n" 2>/dev/null | sort
		stat -c "%a %U:%G" /usr/sbin/hubscan; getcap /usr/sbin/hubscan; getent group hubshare
		virsh -q net-list --all; ip -o link show br-hub' 2>/dev/null || true
}
rows() {
	in_lab hubshare doctor --json 2>/dev/null | tr -d '\n' |
		grep -oE '"key": "[^"]*", +"title": "[^"]*", +"verdict": "[^"]*"' |
		sed -nE "s/\"key\": \"([^\"]*)\".*\"verdict\": \"$1\"/\\1/p" | paste -sd' '
}
listing >"$LAB_STATE/before"
says "^hub: libvirt has no such network, defining it" "it would be set up" hs setup --dry-run
same "and nothing is changed by that" "" "$(diff "$LAB_STATE/before" <(listing))"
mends() { in_lab hubshare doctor 2>/dev/null | sed -n 's/^ *mend it with: //p' | sort -u; }
same "doctor says that this mends all but the gate" $'hubshare setup\nsystemctl enable --now hubshare' \
	"$(mends)"

ok "it is set up" hs setup
same "the group is there" hubshare "$(in_lab stat -c %G /usr/sbin/hubscan)"
same "with nobody in it" "" "$(in_lab getent group hubshare | cut -d: -f4)"
same "hubscan is root's and the group's" "750 root:hubshare" "$(in_lab stat -c '%a %U:%G' /usr/sbin/hubscan)"
says "cap_net_raw=ep" "and may listen" in_lab getcap /usr/sbin/hubscan
says "active +yes +yes" "libvirt has the network" in_lab virsh -q net-list --all
before=$(listing; in_lab find /etc /VMshare /var/lib/hubshare -printf '%p %T@ %C@\n')
ok "once more" hs setup
text=$seen
same "changes nothing" "$before" "$(listing; in_lab find /etc /VMshare /var/lib/hubshare -printf '%p %T@ %C@\n')"
same "nor says that it does" "" "$(grep -E 'missing|making|adding|starting' <<<"$text")"
ok "the service runs" service_start
ok "all is well" hs doctor

# A guest as real as it gets: its port, its MAC, DHCP by libvirt's own dnsmasq.
guest_define alpha
guest_start alpha
guest_wait alpha
in_lab sh -c 'mkdir -p /srv/one && echo "in one" >/srv/one/file && echo "for all" >/VMshare/file'
ok "a share is given" hs add -g -r alpha /srv/one one
mount='mkdir -p /mnt && mount.cifs //172.16.10.1'
says "in one" "the guest reads it" in_guest alpha "$mount/one /mnt -o guest && cat /mnt/file && umount /mnt"
says "for all" "and VMshare" in_guest alpha "$mount/VMshare /mnt -o guest && cat /mnt/file && umount /mnt"
in_lab sh -c 'printf "secret\nsecret\n" | smbpasswd -s -a user >/dev/null'
refused "but no home" in_guest alpha "$mount/user /mnt -o username=user,password=secret"
says "session setup|tmp" "which the host sees" in_lab smbclient -U user%secret //127.0.0.1/user -c ls
gives 5 "a guest is on the network" hs setup --undo
text=$seen
ok "which stays" grep -qx "hub: VM alpha has a network interface on it; left as it is" <<<"$text"
ok "with it its definition" in_lab virsh -q net-dumpxml hub
says "active +yes +yes" "and all else of it" in_lab virsh -q net-list --all
refused "but smbd serves it nothing any more" in_guest alpha "$mount/one /mnt -o guest"
service_stop
guest_del alpha
hs sync >/dev/null 2>&1 || true
in_lab sh -c 'rm -r /VMshare/* /etc/samba/perm.conf.d/* /run/samba/*.conf.d/* /run/samba/hubshare/* 2>/dev/null
	for f in bridge inet arp; do nft delete table $f hubshare; done'
ok "without the guest the rest goes" hs setup --undo
same "all is as it was" "" "$(diff "$LAB_STATE/before" <(listing))"
same "and doctor finds it wrong again" "bridge includes" \
	"$(rows wrong | grep -oE '^bridge|includes' | paste -sd' ')"

# An admin's own host: a share for the LAN, on an interface that smb.conf names.
in_lab sh -c "mkdir -p /srv/lan && echo 'for the LAN' >/srv/lan/file
	printf '[global]\n\tinterfaces = lo veth-lan\n\tbind interfaces only = yes\n\tmap to guest = bad user\n[lan]\n\tpath = /srv/lan\n\tguest ok = yes\n' >$conf"
in_lab ip netns add lan
in_lab ip link add veth-lan type veth peer name eth0 netns lan
in_lab sh -c 'ip address add 192.168.9.1/24 dev veth-lan; ip link set veth-lan up
	ip -n lan address add 192.168.9.2/24 dev eth0; ip -n lan link set eth0 up'
in_lab service smbd restart >/dev/null
lan() { in_client lan smbclient -s /dev/null -t 10 -N -U % //192.168.9.1/lan -c "get file -"; }
soon 20 "a client on the LAN reads the admin's share" lan
text=$(in_lab cat $conf)
ok "his host is set up" hs setup
soon 20 "the client still does" lan
same "no line of his is another" "$text" "$(in_lab sed '/^$/,$d' $conf)"
client_add beta 172.16.10.12 52:54:00:00:00:12
says "VMshare" "a VM reaches Samba" in_client beta smbclient -s /dev/null -N -U % -L 172.16.10.1
client_del beta
service_start
ok "all is well" hs doctor
service_stop
ok "undone" hs setup --undo
same "his smb.conf is his to the byte" "$text" "$(in_lab cat $conf)"
soon 20 "and serves the LAN" lan
in_lab sed -i '/interfaces/d' $conf
gives 5 "one who names no interface" hs setup
text=$seen
ok "is told" grep -q 'smb.conf: serves \[lan\] on every network' <<<"$text"
soon 20 "and the LAN is served" lan
ok "undone again" hs setup --undo

# Where something is away, the rest is done, and it says what.
in_lab sh -c "echo 'not a rule' >>/etc/apparmor.d/local/usr.sbin.smbd"
gives 7 "libvirt is away" hs --connect "qemu+unix:///system?socket=/nowhere" setup
text=$seen
ok "which it says" grep -q "^libvirt cannot be reached at" <<<"$text"
ok "a profile that AppArmor does not take is left" \
	grep -q "^/etc/apparmor.d/usr.sbin.smbd: is not understood by AppArmor (.*local/usr.sbin.smbd" <<<"$text"
same "and so is what it includes" "not a rule" "$(in_lab tail -n 1 /etc/apparmor.d/local/usr.sbin.smbd)"
ok "smb.conf is set up" in_lab grep -q "temp.conf.d" $conf
ok "all is undone" hs setup --undo
in_lab sed -i '/^not a rule$/d' /etc/apparmor.d/local/usr.sbin.smbd

# Another bridge and network, which later commands need not name.
in_lab sed -i '/^\[global\]/a interfaces = lo veth-lan\nbind interfaces only = yes' $conf
gives 5 "a network that the host is on already" hs setup --bridge br-vms --network 192.168.9.0/24
text=$seen
ok "is named, with the interface" grep -q '^veth-lan has 192.168.9.1' <<<"$text"
refused "and nothing is made" in_lab test -e /var/lib/hubshare/setup.json
ok "another network" hs setup --bridge br-vms --network 10.7.0.0/24
before=$(listing)
ok "later it need not be named" hs setup
gives 5 "one who names what it was before" hs setup --bridge br-hub --network 172.16.10.0/24
text=$seen
ok "is told" grep -q 'set up for another bridge or network than br-hub' <<<"$text"
gives 5 "nor who names another network" hs setup --bridge br-vms --network 10.8.0.0/24
same "and nothing is changed" "$before" "$(listing)"
in_lab sh -c 'ip link add vm0 type veth peer name vm0-peer; ip link set vm0 master br-vms'
gives 5 "a VM is on it" hs setup --undo
text=$seen
ok "which is seen" grep -qx "hub: 1 port is in use on it; left as it is" <<<"$text"
ok "and it keeps its bridge" in_lab ip link show br-vms
in_lab ip link delete vm0
ok "without it the rest goes" hs setup --undo
refused "with the bridge" in_lab ip link show br-vms
refused "and what names it" in_lab test -e /etc/hubshare

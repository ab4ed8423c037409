#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# why: where it says that a VM can open its share the VM's own smbclient can, and where it names
# a broken link it cannot; each link is broken for real, and mended.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11
in_lab sed -i "/00:11/ s|\$|<target dev='veth-a'/>|" /etc/domains.xml
client_add a 172.16.10.11 52:54:00:00:00:11
in_lab sh -c 'mkdir -m 777 /srv/open; echo text >/srv/open/file'
mine=/etc/samba/temp.conf.d/172.16.10.11.conf
conf=/etc/samba/smb.conf
in_lab cp "$conf" /tmp/good.conf

# last: the key of the last link that is told, and its verdict.
last() { sed -nE 's/^ *"(key|verdict)": "(.*)",$/\2/p' <<<"$seen" | tail -2 | paste -sd' '; }

# broken STATUS KEY NAME: why ends so at that link, and the guest cannot open the share.
broken() {
	status=0
	seen=$(hs why alpha open --json 2>/dev/null) || status=$?
	mend=$(sed -n 's/^ *"mend": "\(.*\)"$/\1/p' <<<"$seen")
	if [[ $status == "$1" && $(last) == "$2 wrong" ]]; then
		pass "$3: breaks '$2'"
	else
		fail "$3: status $status, $(last)"
	fi
	case $2 in
	heard | tap) refused "$3: the guest does not reach the host" in_client a ping -qc1 -W1 172.16.10.1 ;;
	*) refused "$3: the guest cannot open it" client_smb a open 'get file -' ;;
	esac
}
# whole NAME: no link is broken, and the guest can.
whole() {
	ok "$1: no link is broken" hs why alpha open
	says text "$1: the guest can open it" client_smb a open 'get file -'
}
# mends NAME: the command that why told is run, and all is whole.
mends() {
	ok "$1: why mends it ($mend)" in_lab sh -ec "${mend:-false}"
	whole "$1"
}
smbd_stop() {
	in_lab sh -c 'kill $(cat /run/samba/smbd.pid)'
	wait_for 20 smbd_gone
}
smbd_gone() { ! in_lab smbcontrol smbd ping; }
smbd_start() {
	in_lab smbd -D
	wait_for 20 in_lab smbcontrol smbd ping
}

gives 3 "no share yet" hs why alpha open
gives 3 "no such VM" hs why gamma open
ok "a share" hs add -g alpha /srv/open open
gives 6 "not for everybody" hs_user why alpha open
whole "as it is"
says '^ok +session +172.16.10.11 does not have it open$' "no session" hs why alpha open
session_open a a open
ok "a session" session a 'get file /dev/null'
says '^ok +session +172.16.10.11 has it open \(smbd [0-9]+\)$' "is seen" hs why alpha open
says "\"key\": \"session\"" "also by a program" hs why alpha open --json

in_lab ip -n a link set eth0 down
broken 1 heard "the guest's interface is down"
in_lab ip -n a link set eth0 up
in_lab ip link set veth-a nomaster
broken 1 tap "its port is unplugged"
mends "its port is unplugged"
in_lab ip link set veth-a down
broken 1 tap "its port is down"
mends "its port is down"
in_lab ip -n a address flush dev eth0
in_lab ip -n a address add 172.16.10.21/24 dev eth0
broken 1 rendering "it has another address"
mends "it has another address"
in_lab ip -n a address flush dev eth0
in_lab ip -n a address add 172.16.10.11/24 dev eth0
broken 1 rendering "the first address again"
mends "the first address again"

# Who is contested is served until a command has closed it: this one changes nothing.
client_add b 172.16.10.11 52:54:00:00:00:99
attempt hs why alpha open
seen=$(grep ^wrong <<<"$seen")
says '^wrong +address +172.16.10.11 is contested' "its address is claimed by another" echo "$seen"
client_del b
in_lab ip neighbour flush dev br-hub # where it was; the kernel asks again by itself later
whole "the other one is gone"

ok "for others only" hs edit alpha open -a 172.16.10.12
broken 1 hosts "for others only"
ok "for all" hs edit alpha open --no-allow
in_lab mv /srv/open /srv/away
broken 1 path "the directory is gone"
in_lab mv /srv/away /srv/open
in_lab chmod 700 /srv/open
broken 1 account "the guest's account may not read it"
in_lab chmod 777 /srv/open
whole "it may again"

in_lab mv "$mine" /tmp/mine
broken 1 rendering "nothing is served"
mends "nothing is served"
in_lab sed -i 's/path = .*/path = \/srv\/none/' "$mine"
broken 1 rendering "edited by hand"
ok "discarded" hs sync --discard
in_lab sh -c "sed -i '/temp.conf.d/d' $conf"
broken 1 includes "no include"
mends "no include"
in_lab sh -c "{ printf '[global]\nmap to guest = bad user\n[open]\npath = /srv/open\nvalid users = root\n'; cat /tmp/good.conf; } >$conf"
broken 1 name "smb.conf has a share of that name"
in_lab cp /tmp/good.conf "$conf"

smbd_stop
broken 7 smbd "no smbd"
# One that began before the bridge was there.
in_lab sed -i 's/interfaces = lo br-hub/interfaces = lo/' "$conf"
smbd_start
in_lab cp /tmp/good.conf "$conf"
broken 7 listening "smbd does not listen on the bridge"
smbd_stop
smbd_start
whole "smbd again"
in_lab ip link set br-hub down
gives 7 "no bridge" hs why alpha open

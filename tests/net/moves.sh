#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Shares belong to a VM, not to an address: they follow it, wait for it, and never go along
# with an address that changes hands.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:12
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.12 52:54:00:00:00:12
in_lab sh -c 'mkdir /srv/perm /srv/temp; echo secret >/srv/perm/file; echo secret >/srv/temp/file'
reads() { client_smb "$1" "$2" "get file -"; }
# moves CLIENT ADDRESS: as a new lease would make it.
moves() {
	in_lab ip -n "$1" address flush dev eth0
	[[ $2 == none ]] || in_lab ip -n "$1" address add "$2/24" dev eth0
}

ok "alpha gets a permanent share" hs -p add -g -r alpha /srv/perm perm
ok "and a temporary, private one" hs add -g -r -e alpha /srv/temp temp
ok "it reads one" reads a perm
ok "and the other" reads a temp

moves a 172.16.10.44
ok "alpha has a new address: sync" hs sync
ok "the permanent share followed" reads a perm
ok "and the private one" reads a temp
says "172\.16\.10\.44" "list knows the new address" hs list
silent "172\.16\.10\.11 " "and no more the old one" hs list

session_open b b VMshare
ok "beta has a session" session b ls
moves a none
moves b 172.16.10.44
ok "its address is beta's now: sync" hs sync
refused "beta does not read the permanent share" reads b perm
refused "nor the private one" reads b temp
says "alpha +\| - +\| perm" "alpha's shares are parked" hs list

moves a 172.16.10.45
ok "alpha is back: sync" hs sync
ok "its share is open again" reads a perm
ok "and the private one" reads a temp
refused "still not for beta" reads b perm

ok "who leaves is parked" moves a none
ok "sync" hs sync
says "parked" "a share for a VM that is not there is parked" hs add -g -r alpha /srv/temp later
moves a 172.16.10.45
ok "sync when it is there" hs sync
ok "opens it" reads a later

domains beta 52:54:00:00:00:12
says "alpha" "clean --dry-run names the VM that is no more" hs clean --dry-run
ok "and touches nothing" in_lab sh -c 'grep -rq secret /srv && ls /etc/samba/perm.conf.d/*.conf'
gives 7 "clean without a list of domains" hs --connect test:///nowhere.xml clean
ok "deletes nothing" in_lab sh -c 'ls /etc/samba/perm.conf.d/*.conf'
says "alpha" "clean" hs clean
refused "what was alpha's is gone" reads a perm
silent "alpha" "from the list, too" hs list
same "and from the store" "" "$(in_lab sh -c 'find /etc/samba/*.conf.d /run/samba/hubshare -name "*.conf"')"

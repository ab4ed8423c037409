#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Guests that say they are somebody else, or come by another way.  What nothing but a filter
# at layer 2 can stop is said so here, and asserted to leak: whoever adds that gate turns those
# lines round.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:12
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.12 52:54:00:00:00:12
in_lab sh -c 'mkdir /srv/open; echo secret >/srv/open/file'
in_lab sh -c 'ip link add br-other type bridge && ip address add 10.9.9.1/24 dev br-other &&
	ip link set br-other up && ip address add 10.8.8.8/32 dev lo'
leaks=" (expected to leak until the gate is there)"

reads() { client_smb "$1" open "get file -"; }
# asks CLIENT ADDRESS SHARE: may it open the share there?
asks() {
	[[ $(in_client "$1" python3 "$LAB_TOP/tests/net/rude.py" "$2" <<<"tcon $3") == "done" ]]
}
# smbd_anew [OPTION]: with that parameter over what smb.conf says.
smbd_anew() {
	in_lab sh -c 'kill $(cat /run/samba/smbd.pid)'
	wait_for 20 in_lab sh -c '! grep -qsx smbd /proc/[0-9]*/comm'
	in_lab smbd -D ${1:+"--option=$1"}
	wait_for 20 in_lab smbcontrol smbd ping
}
# becomes CLIENT ADDRESS [MAC]: until the host takes it for that.
becomes() {
	in_lab ip -n "$1" address flush dev eth0
	if [[ -n ${3:-} ]]; then
		in_lab ip -n "$1" link set eth0 down
		in_lab ip -n "$1" link set eth0 address "$3"
		in_lab ip -n "$1" link set eth0 up
	fi
	in_lab ip -n "$1" address add "$2/24" dev eth0
	wait_for 20 is_taken_for "$@"
}
is_taken_for() {
	in_client "$1" arping -q -U -c 1 -I eth0 "$2"
	in_client "$1" ping -q -c 1 -W 1 172.16.10.1
}
off() { in_lab ip link set "veth-$1" down; }
on() { in_lab ip link set "veth-$1" up; }

ok "alpha has a share" hs add -g -r -e alpha /srv/open open
says secret "it reads it" reads a
refused "beta does not" reads b

# Beta presents alpha's ClientGUID while alpha has a session, to be handed to alpha's smbd.  It
# gets one of its own, for its own address; with multi channel, which our smb.conf turns off,
# it reads alpha's share.
as_guid() {
	in_client "$1" stdbuf -i0 -o0 smbclient -s /dev/null -N -U % "//$LAB_ADDRESS/open" \
		--option=libsmb:client_guid=11111111-2222-3333-4444-555555555555 "${@:2}"
}
session_start guid as_guid a
ok "alpha has a session with a ClientGUID" session guid ls
refused "beta presents the same: it is not taken for alpha" as_guid b -c "get file -"
smbd_anew "server multi channel support=yes"
session_start multi as_guid a
ok "with multi channel: alpha has a session" session multi ls
says secret "with multi channel it would be: that is why it is off" as_guid b -c "get file -"
smbd_anew

# Beta comes by the bridge's IPv6 link-local address, where no rule for IPv4 holds.  Our bridge
# has none; on one that has, smbd as we configure it does not listen there; and one that does
# has no rendering for such an address, so that nobody's shares are served.
link_local=fe80::5054:ff:fea0:1%eth0 # of the bridge's MAC address
refused "by IPv6 link-local: a bridge without IPv6 is not there" \
	in_client b ping -6 -c 1 -W 2 $link_local
in_lab sh -c 'echo 0 >/proc/sys/net/ipv6/conf/br-hub/disable_ipv6'
soon 20 "by IPv6 link-local: a bridge with IPv6 is there" in_client b ping -6 -c 1 -W 1 $link_local
smbd_anew
refused "by IPv6 link-local: smbd does not listen there" asks b $link_local VMshare
smbd_anew "bind interfaces only=no"
ok "by IPv6 link-local: an smbd that does serves what is for all" asks b $link_local VMshare
refused "by IPv6 link-local: nothing of alpha's" asks b $link_local open
refused "by IPv6 link-local: not for alpha either" asks a $link_local open
in_lab sh -c 'echo 1 >/proc/sys/net/ipv6/conf/br-hub/disable_ipv6'

# Beta comes to other addresses of the host: of another bridge, and of lo, on which smbd listens.
# No address makes it alpha; but it reaches whatever else listens there.
smbd_anew
for client in a b; do in_lab ip -n $client route add default via 172.16.10.1; done
refused "at another bridge's address: smbd does not listen" asks b 10.9.9.1 VMshare
ok "at an address of lo: alpha has its share" asks a 10.8.8.8 open
refused "at an address of lo: beta has not" asks b 10.8.8.8 open
ok "at an address of lo: but what is for all" asks b 10.8.8.8 VMshare
in_lab sh -c 'exec socat TCP-LISTEN:2222,fork,reuseaddr SYSTEM:"echo another service"' 2>/dev/null &
disown
for address in 172.16.10.1 10.9.9.1; do
	soon 20 "other services at $address$leaks" in_client b sh -c \
		"socat -u TCP:$address:2222,connect-timeout=5 - </dev/null | grep -q another"
done

# Beta takes alpha's address while alpha is away.
off a
becomes b 172.16.10.11
says secret "beta takes alpha's address: it reads, until sync$leaks" reads b
session_rude taken b
ok "and has a session$leaks" session taken 'tcon open'
ok "sync" hs sync
refused "beta reads no more" reads b
refused "nor in its session" session taken 'tcon open'
# Both are there.
on a
wait_for 20 is_taken_for a 172.16.10.11
says "172\.16\.10\.11 .*contested" "both have the address: find says so" hs find
says "is parked" "nothing is opened there" hs add -g -r alpha /srv/open other
ok "sync" hs sync
refused "nor was anything" reads a
# Beta is alpha by its MAC address too.
off a
becomes b 172.16.10.11 52:54:00:00:00:11
ok "beta takes alpha's MAC address, too: sync" hs sync
says secret "it is alpha to everybody$leaks" reads b
becomes b 172.16.10.12 52:54:00:00:00:12
on a
wait_for 20 is_taken_for a 172.16.10.11
ok "all is as it was: sync" hs sync
says secret "alpha reads" reads a
refused "beta does not" reads b

# A stranger answers for every address but the host's: find shows it, no VM's shares are open to
# it, and what was open is closed by the next sync, since nobody knows any more who is who
# (so it can keep others from theirs: the gate would stop that, too).
client_add c none 52:54:00:00:00:0c
for net in 2/31 4/30 8/29 16/28 32/27 64/26 128/25; do
	in_lab ip -n c route add local "172.16.10.$net" dev lo
done
in_lab ip -n c route add 172.16.10.1 dev eth0 src 172.16.10.77
# A sweep ends with the last VM that it expects, and may do so before another claim comes.
doubts() { hs find | grep -qE '172\.16\.10\.11 +\| 52:54:00:00:00:11 \| alpha .*contested'; }
closes() { hs sync && ! in_lab sh -c 'ls /etc/samba/temp.conf.d | grep ^172'; }
soon 60 "a stranger claims every address: find shows whose are contested" doubts
says "172\.16\.10\.77 +\| 52:54:00:00:00:0c \| .unknown" "and who it is" hs find
soon 60 "sync closes what is open" closes
in_lab ip -n c route replace 172.16.10.1 dev eth0 src 172.16.10.11
wait_for 20 is_taken_for c 172.16.10.11
refused "the stranger reads nothing, at alpha's address neither" reads c
refused "nor does alpha, for now" reads a
client_del c
wait_for 20 is_taken_for a 172.16.10.11
ok "it is gone: sync" hs sync
says secret "alpha reads again" reads a

# A guest names itself by escape sequences when it asks for its address; so does a line that
# another DHCP server might let into its list of leases.
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:12 gamma 52:54:00:00:00:13
client_add g none 52:54:00:00:00:13
in_lab sh -c 'printf "#!/bin/sh\n[ \"\$1\" != bound ] || ip address add \$ip/24 dev eth0\n" >/run/lease
	chmod 755 /run/lease'
name=$'\e[31m\e]0;owned\a'
ok "a guest named by escape sequences gets an address" \
	in_client g busybox udhcpc -q -n -f -i eth0 -s /run/lease -x "hostname:gamma$name"
has_no_escapes() { [[ $1 != *[$'\x01'-$'\x08'$'\x0b'-$'\x1f'$'\x7f'-$'\x9f']* ]]; }
plain=$(hs find 2>&1) json=$(hs find --json 2>&1)
ok "find knows it ($(grep -o 'gamma *$' <<<"$plain"))" grep -q "13 | gamma" <<<"$plain"
ok "nothing of its name in find" has_no_escapes "$plain"
ok "nor in find --json" has_no_escapes "$json"
printf '1 52:54:00:00:00:13 172.16.10.9 %s 01%s\n%s %s %s\n' "$name" "$name" "$name" "$name" "$name" |
	in_lab tee -a /var/lib/misc/dnsmasq.leases >/dev/null
same "the same with such a list of leases" "$plain" "$(hs find 2>&1)"
same "and with --json" "$json" "$(hs find --json 2>&1)"

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What others do to the rules: a firewall that is loaded anew takes the gate away, and it is
# put up again; where it cannot be, nothing is open.  And a command works where only the gate
# was left of the service.
# Alone: times are measured.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11@tap-a beta 52:54:00:00:00:12@tap-b
client_add alpha 172.16.10.11 52:54:00:00:00:11 tap-a
client_add beta 172.16.10.12 52:54:00:00:00:12 tap-b
in_lab sh -c 'mkdir /srv/a /srv/b; yes secret-of-a | head -c 4096 >/srv/a/file; echo b >/srv/b/file'
ok "a share" hs -p add -g -r alpha /srv/a a
reads() { client_smb "$1" "$2" "get file -"; }
stands() { in_lab nft list table "${2:-bridge}" hubshare | grep -q "$1"; }
told() { in_lab grep -q "$1" /var/log/hubshare.log; }
parked() { hs list | grep -qE "alpha +\| - +\| a "; }

service_start --verbose
soon 20 "it is open" reads alpha a
soon 5 "through the gate" stands "tap-a"
liar_start a alpha secret-of-a a
soon 20 "alpha reads" liar_reads a

# --- what is asked before one is let in is dropped, and nobody has to ask again after a second ---

now() { echo $((${EPOCHREALTIME//[.,]/} / 1000)); }
quickest=99999
for ((i = 0; i < 6 && quickest >= 700; i++)); do
	in_lab ip -n beta address flush dev eth0
	in_lab ip -n beta address add 172.16.10.$((40 + i))/24 dev eth0
	in_lab ip -n beta neigh flush dev eth0
	since=$(now)
	in_client beta timeout 5 bash -c ': </dev/tcp/172.16.10.1/445' || true
	took=$(($(now) - since))
	((took >= quickest)) || quickest=$took
done
ok "who comes is asked when he is let in ($quickest ms)" test $quickest -lt 700
in_lab ip -n beta address flush dev eth0
in_lab ip -n beta address add 172.16.10.12/24 dev eth0
soon 20 "beta is back" stands '"tap-b" . 52:54:00:00:00:12 . 172.16.10.12'

# --- the rules are loaded anew ---

in_lab nft flush ruleset
soon 5 "all rules flushed: the gate stands again" stands "tap-a"
soon 5 "all of it" stands "not verified" arp
soon 5 "it is told" told "somebody had taken it away"
in_lab nft delete element bridge hubshare bindings '{ "tap-a" . 52:54:00:00:00:11 . 172.16.10.11 }'
soon 5 "alpha was taken out: it is in again" stands '"tap-a" . 52:54:00:00:00:11 . 172.16.10.11'
in_lab nft add element bridge hubshare bindings '{ "tap-b" . 52:54:00:00:00:12 . 172.16.10.11 }'
soon 5 "beta was let in at alpha's address: it is out again" \
	in_lab sh -c '! nft list set bridge hubshare bindings | grep -q "tap-b.*172.16.10.11 "'
soon 20 "alpha reads on" liar_reads a

# --- somebody else holds our table, and the kernel lets nobody change it: flag owner ---

in_lab sh -c 'mkfifo /run/lab/nft; nft -i </run/lab/nft >/run/lab/nft.log 2>&1 & echo $! >/run/lab/nft.pid
	exec 9>/run/lab/nft; echo "delete table bridge hubshare; add table bridge hubshare { flags owner; }" >&9
	tail --pid=$! -f /dev/null >/dev/null 2>&1 &'
soon 5 "another owns the table" stands "flags owner"
soon 20 "what cannot be mended closes the shares" parked
refused "alpha reads nothing" reads alpha a
service_signal TERM nft
soon 20 "when he is gone the gate stands" stands "tap-a"
soon 20 "and the share is open" reads alpha a
liar_end a >/dev/null

# --- a file that the original tool left, at an address that is another VM's now ---

in_lab sh -c 'printf "# VM: alpha\n[old]\nguest ok = yes\npath = /srv/a\n" >/etc/samba/temp.conf.d/172.16.10.12.conf'
soon 20 "it is told" told "172.16.10.12.conf"
soon 20 "and beta shut out" in_lab sh -c '! nft list set bridge hubshare bindings | grep -q "172.16.10.12 "'
refused "beta does not read it" client_smb beta old "get file -"
in_lab rm /etc/samba/temp.conf.d/172.16.10.12.conf

# --- what is left when the service is gone ---

service_kill
ok "beta gets a share" hs add -g -r beta /srv/b b
ok "and is let in" reads beta b
soon 5 "in the gate" stands '"tap-b" . 52:54:00:00:00:12 . 172.16.10.12'
ok "alpha still has its own" reads alpha a
in_lab ip -n beta address flush dev eth0
in_lab ip -n beta address add 172.16.10.13/24 dev eth0
in_lab sh -c '(cd / && ip netns exec beta ping -c 1 -W 1 172.16.10.1) >/dev/null 2>&1 || true'
refused "beta moves: unseen it is out" reads beta b
ok "sync" hs sync
ok "lets it in there" reads beta b
ok "and it is not where it was" in_lab sh -c '! nft list set bridge hubshare bindings | grep -q "172.16.10.12 "'

# --- off ---

in_lab sh -c 'echo "gate = off" >>/etc/hubshare/hubshare.conf'
service_start --verbose
refused "gate = off: none stands" stands "tap-a"
ok "alpha reads" reads alpha a

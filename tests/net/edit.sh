#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What edit changes holds for the session that has the share open, within a second, both ways.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:12
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.12 52:54:00:00:00:12
in_lab sh -c 'mkdir -m 777 /srv/open; echo text >/srv/open/file'
for vm in alpha beta; do ok "$vm has it" hs add -g "$vm" /srv/open open; done
session_open a a open
session_open b b open
ok "alpha writes" session a 'put /etc/hostname from-a'
ok "beta too" session b 'put /etc/hostname from-b'

since=$(date +%s%N)
ok "read-only" hs edit alpha open -r
took=$((($(date +%s%N) - since) / 1000000))
# It is a bound on behaviour: a second, and what a busy machine needs.
ok "takes a moment ($took ms)" test "$took" -lt 4000
refused "the session writes no more" session a 'put /etc/hostname from-a-2'
same "nothing was written" "" "$(in_lab sh -c 'ls /srv/open | grep from-a-2')"
refused "nor does a new one" client_smb a open 'put /etc/hostname from-a-2'
says text "which reads" client_smb a open 'get file -'
ok "beta writes on in its session" session b 'put /etc/hostname from-b-2'

ok "read-write again" hs edit alpha open --read-write
ok "a new session writes" client_smb a open 'put /etc/hostname from-a-3'
session_open c a open
ok "a session of a guest" session c 'get file /dev/null'
ok "no guests" hs edit alpha open --no-guest
refused "the guest's session reads no more" session c 'get file /dev/null'
refused "nor does a guest's new one" client_smb a open 'get file -'
ok "guests again" hs edit alpha open -g
says text "a guest reads" client_smb a open 'get file -'
session_open d a open
ok "a session" session d 'get file /dev/null'
ok "for another address" hs edit alpha open -a 172.16.10.99
refused "its session reads no more" session d 'get file /dev/null'
refused "nor does a new one" client_smb a open 'get file -'
ok "for its own" hs edit alpha open -e
says text "it reads" client_smb a open 'get file -'
ok "for all that get there" hs edit alpha open --no-allow
says text "it reads on" client_smb a open 'get file -'
ok "beta's session went on all the time" session b 'put /etc/hostname from-b-3'

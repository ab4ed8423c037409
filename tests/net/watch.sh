#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# hubshare watch beside a real service: who is heard, what is opened, who has it open.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11@tap-a beta 52:54:00:00:00:12@tap-b
client_add a 172.16.10.11 52:54:00:00:00:11 tap-a
in_lab sh -c 'mkdir -p /srv/one; echo "in one" >/srv/one/file; chmod 777 /srv/one'
refused "no service: root may not watch either" hs watch
same "no service: unreachable" 7 "$status"
service_start
gives 7 "a second service is refused" in_lab hubshare sync --watch

# told ID PATTERN: a watch has said so.
told() { grep -qE -- "$2" "$LAB_STATE/$1"; }
# looks: smbd's sessions are looked at.
looks() { running hubshare-smb; }
looks_not() { ! looks; }

refused "nobody watches: sessions are not looked at" looks
as_user hubshare watch --json >"$LAB_STATE/json" 2>&1 &
json=$!
hs watch beta >"$LAB_STATE/beta" 2>&1 &
soon 10 "somebody watches: they are" looks
hs add -g alpha /srv/one one
soon 10 "a share is opened" told json '"kind": "share-opened".* "vm": "alpha".* "share": "one"'
session_open a a one
says "in one" "the VM reads" session a "get file -"
soon 10 "it has opened the share" \
	told json '"kind": "session-opened".* "vm": "alpha".* "ip": "172.16.10.11".* "share": "one"'
client_add b 172.16.10.12 52:54:00:00:00:12 tap-b
in_client b arping -q -c 1 -U -I eth0 172.16.10.12
soon 10 "a VM is heard" told beta 'beta is at 172.16.10.12 \(52:54:00:00:00:12\) on tap-b'
hs remove alpha one
soon 10 "a share is closed" told json '"kind": "share-closed".* "vm": "alpha".* "share": "one"'
soon 10 "its session, too" \
	told json '"kind": "session-closed".* "vm": "alpha".* "ip": "172.16.10.11".* "share": "one"'
refused "each is told once" awk '/"session-opened"/ { n++ } END { exit n < 2 }' "$LAB_STATE/json"
refused "one who watches beta hears nothing of alpha" told beta alpha

service_kill
soon 10 "the service is killed: a watch ends" test ! -d "/proc/$json"
same "as it should" 7 "$(wait "$json"; echo $?)"
says "The service has ended" "and says why" cat "$LAB_STATE/json"
refused "what is left is no service" hs watch
soon 10 "nobody looks at sessions any more" looks_not
service_start
ok "the next one takes its place" in_lab hubshare watch --version
service_stop
refused "one that ends leaves no socket" in_lab test -e /run/hubshare/events
in_lab sed -i 's|^connect = .*|connect = qemu+unix:///system?socket=/nobody|' /etc/hubshare/hubshare.conf
ok "libvirt is away: the service is ready all the same" service_start
service_stop

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# find hears who is on the bridge by ARP and knows whose they are.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains personal-0 52:54:00:f3:88:e7
client_add personal 172.16.10.59 52:54:00:f3:88:e7
same "the example of the README, byte for byte" "$(printf '%s\n' \
	"IP              | MAC               | VM" \
	"---------------------------------------------" \
	"172.16.10.59    | 52:54:00:f3:88:e7 | personal-0")" "$(hs find 2>/dev/null)"

domains personal-0 52:54:00:f3:88:e7 alpha 52:54:00:00:00:11
client_add alpha 172.16.10.11 52:54:00:00:00:11
in_lab ip -n alpha address add 172.16.10.111/24 dev eth0
client_add other 172.16.10.13 52:54:00:00:00:13
says "^172\.16\.10\.11 +\| 52:54:00:00:00:11 \| alpha$" "a VM has a row" hs find
says "^172\.16\.10\.111 +\| 52:54:00:00:00:11 \| alpha$" "each address has a row" hs find
says "^172\.16\.10\.13 +\| 52:54:00:00:00:13 \| .*unknown" "a stranger is told, and as such" hs find
says '"172\.16\.10\.11"' "find --json has the address" hs find --json
says '"alpha"' "find --json has the VM" hs find --json

says "172\.16\.10\.59.*personal-0" "a member of group hubshare needs no root" hs_user find
same "nor is anything else said to one" "" "$(hs_user find 2>&1 >/dev/null)"
refused "others may not scan" in_lab runuser -u stranger -- hubshare find
gives 7 "a bridge that is not there" hs --bridge nope find
gives 7 "a libvirt that is not there" hs --connect test:///nowhere.xml find

client_del other
silent "172\.16\.10\.13 " "who has left is not found" hs find

# Such a VM is waited for a little longer, so it comes last.
domains personal-0 52:54:00:f3:88:e7 alpha 52:54:00:00:00:11 silent 52:54:00:00:00:99
says "silent" "a VM that does not answer is told of" hs find
silent "silent" "but not among those who do" in_lab sh -c 'hubshare find 2>/dev/null'

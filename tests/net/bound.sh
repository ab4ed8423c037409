#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Who is let in is bound in the host's table of neighbours, which believes nobody else about his
# address; and what the settings say of the gate counts from the service's next start.
# shellcheck disable=SC2016 # for the lab
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
a_mac=52:54:00:00:00:11 b_mac=52:54:00:00:00:12 c_mac=52:54:00:00:00:13
conf=/etc/hubshare/hubshare.conf
domains alpha $a_mac@veth-alpha beta $b_mac@veth-beta gamma $c_mac@veth-gamma
client_add alpha 172.16.10.11 $a_mac
client_add beta 172.16.10.12 $b_mac
in_lab sh -c 'mkdir -m 755 /srv/own; echo secret >/srv/own/file'
lets_in() { in_lab nft list set bridge hubshare bindings | grep -q "\"veth-$1\" . $2 . $3\>"; }
shuts_out() { ! lets_in "$@"; }
reads() { client_smb "$1" own "get file -"; }
neighbour() { in_lab ip neigh show "$1" dev br-hub; }
bound() { [[ $(neighbour "$1") == "$1 lladdr $2 PERMANENT proto 75"* ]]; }
unbound() { [[ $(neighbour "$1") != *PERMANENT* ]]; }

service_start --verbose
ok "alpha has a share" hs add -g -r alpha /srv/own own
soon 20 "alpha is let in" lets_in alpha $a_mac 172.16.10.11
soon 20 "and beta" lets_in beta $b_mac 172.16.10.12
soon 20 "alpha is bound to its address" bound 172.16.10.11 $a_mac
soon 20 "and beta to its own" bound 172.16.10.12 $b_mac

# A DHCP server enters whom it gives an address, whoever is bound there.
in_lab ip neigh replace 172.16.10.11 lladdr $b_mac dev br-hub nud stale
soon 20 "bound to another by somebody: it is mended" bound 172.16.10.11 $a_mac
in_lab ip neigh del 172.16.10.12 dev br-hub
soon 20 "forgotten: it is mended" bound 172.16.10.12 $b_mac
in_lab nft add element bridge hubshare bindings "{ veth-beta . $b_mac . 172.16.10.11 }"
soon 20 "let in at alpha's address by somebody: beta is out again" \
	shuts_out beta $b_mac 172.16.10.11
soon 20 "and alpha bound there" bound 172.16.10.11 $a_mac
soon 20 "alpha reads" reads alpha

# The table by itself: no gate, and nobody who mends it.
service_signal STOP
in_lab nft flush ruleset
client_add liar 172.16.10.77 52:54:00:00:00:66
ok "somebody who is not bound speaks" in_lab ping -q -c 1 -W 5 172.16.10.77
in_lab ip neigh replace 172.16.10.77 lladdr 52:54:00:00:00:99 dev br-hub nud stale
in_client liar frames eth0 claim ip=172.16.10.11 >/dev/null 2>&1 &
in_client liar frames eth0 answer ip=172.16.10.11 >/dev/null 2>&1 &
in_client liar frames eth0 claim ip=172.16.10.77 >/dev/null 2>&1 &
moved() { neighbour 172.16.10.77 | grep -q 52:54:00:00:00:66; }
soon 20 "without a gate the table believes what is said of him" moved
ok "but not of alpha" bound 172.16.10.11 $a_mac
client_del liar
service_signal CONT
soon 20 "the gate stands when the service runs on" lets_in alpha $a_mac 172.16.10.11
# Without the gate the liar's claims were heard like any other; alpha is in doubt until he is gone.
counts() { in_lab grep -c "$1" /var/log/hubshare.log || true; }
settled() {
	local begun over
	begun=$(counts ' Conflict') over=$(counts ' No conflict any more')
	((begun > 0 && begun == over)) && lets_in alpha $a_mac 172.16.10.11
}
soon 60 "and alpha is in, and no more in doubt" settled

# Who comes and goes.
client_add gamma 172.16.10.13 $c_mac
soon 20 "who comes is let in" lets_in gamma $c_mac 172.16.10.13
soon 20 "and bound" bound 172.16.10.13 $c_mac
client_del gamma
soon 20 "whose port goes is shut out" shuts_out gamma $c_mac 172.16.10.13
soon 20 "and not bound any more" unbound 172.16.10.13
service_kill
ok "the service is killed: alpha reads" reads alpha
client_del beta
in_lab nft flush ruleset
ok "beta goes, and is bound still" bound 172.16.10.12 $b_mac
service_start --verbose
soon 20 "the next start finds that" unbound 172.16.10.12
soon 20 "alpha is bound on" bound 172.16.10.11 $a_mac

# The settings count from the next start.
client_add beta 172.16.10.12 $b_mac
soon 20 "beta is back" lets_in beta $b_mac 172.16.10.12
reaches() { in_client alpha ping -q -c 1 -W 1 172.16.10.12; }
refused "it is not for alpha" reaches
service_stop
in_lab sed -i '$ a gate-allow = guests' $conf
service_start --verbose
soon 20 "gate-allow = guests: it is" reaches
service_stop
in_lab sed -i '$ a gate = off' $conf
service_start --verbose
lowered() { ! in_lab nft list tables | grep -q hubshare; }
soon 20 "gate = off: it is taken down" lowered
soon 20 "nobody is bound" unbound 172.16.10.11
ok "alpha reads" reads alpha
in_lab sed -i '/^gate = /d' $conf
in_lab sed -i '$ a gate = no' $conf
gives 2 "gate = no is refused" hs find
says "takes on or off, not 'no'" "saying what it takes" in_lab sh -c 'hubshare find 2>&1 || true'

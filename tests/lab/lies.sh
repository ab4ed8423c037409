# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What a guest may say that is not true, told by the station beta while alpha has its shares
# open: for real guests (vm/liars.sh) and for namespaces that play them (net/liars.sh).
# Alpha's secret is /srv/a/file, its share "secret"; beta's are /srv/b/file and "own".
# shellcheck disable=SC2154 # session_* and seen are check.sh's

# lies_begin A_IP A_MAC A_TAP B_IP B_MAC B_TAP: both have their shares and are served.
lies_begin() {
	a_ip=$1 a_mac=$2 b_ip=$4 b_mac=$5 b_tap=$6
	in_lab sh -c 'for vm in a b; do mkdir -p /srv/$vm; yes "secret-of-$vm" | head -c 4096 >/srv/$vm/file; done'
	service_start --verbose
	watch_start
	ok "alpha has a share" hs -p add -g -r alpha /srv/a secret
	ok "beta has one" hs add -g -r beta /srv/b own
	# Those who may read do so now and then, and leave the processors to the one that may not.
	liar_start alpha alpha secret-of-a -c 1 -r 50 secret
	liar_start alpha-anew alpha secret-of-a -c 2 -r 50 secret
	liar_start own beta secret-of-b -c 4 -r 50 own
	liar_start beta beta secret-of-a -b "$a_ip" -b "$b_ip" secret
	soon 30 "alpha reads: that can be done in this way" liar_reads alpha
	soon 30 "beta reads its own" liar_reads own
	sessions=$(liar_said alpha sessions)
}

# lie NAME OUTCOME CLAIM SCRIPT UNDO: beta runs SCRIPT, and after that UNDO.  Told are beta, its
# tap and CLAIM.  OUTCOME is a list of
#	goes-on		alpha's session is not cut
#	in-doubt	nothing tells who is right: alpha, too, reads no more until it is over
#	suspended	beta's own share is closed until it is over
#	and-on		the next lie follows at once
lie() {
	local name=$1 outcome=$2 claim=$3 script=$4 undo=$5
	watch_mark
	ok "$name" station beta "$script"
	[[ $claim == - ]] || soon 30 "$name: who lies is told" told conflict beta "$b_tap" "$claim"
	[[ $outcome != *goes-on* ]] || goes_on "$name"
	[[ $outcome != *in-doubt* ]] || soon 30 "$name: alpha is in doubt" liar_quiet alpha 1500
	[[ $outcome != *suspended* ]] || soon 30 "$name: beta's own is suspended" liar_quiet own 1500
	same "$name: beta reads nothing" 0 "$(liar_said beta bytes)"
	ok "$name: it ends" station beta "$undo"
	[[ $outcome != *and-on* ]] || return 0
	[[ $claim == - ]] || soon 60 "$name: that it is over is told" told conflict-over beta
	is_as_before "$name"
}

goes_on() {
	soon 20 "$1: alpha reads on" liar_reads alpha
	same "$1: in the same session" "$sessions" "$(liar_said alpha sessions)"
	soon 20 "$1: and in a new one" can_begin
}
can_begin() { station alpha "timeout 5 liar -1 -c 2 $LAB_ADDRESS file secret-of-a secret"; }

is_as_before() {
	# What was read before the lie took effect says nothing of now.
	liar_had[alpha]=$(liar_said alpha bytes)
	# shellcheck disable=SC2034 # liar_reads looks at it
	liar_had[own]=$(liar_said own bytes)
	soon 60 "$1: it is over: alpha reads" liar_reads alpha
	soon 60 "$1: it is over: beta reads its own" liar_reads own
	soon 60 "$1: it is over: find shows no doubt" no_doubt
	sessions=$(liar_said alpha sessions)
}
no_doubt() { ! hs find | grep -qE "contested|claims"; }

# becomes IP [MAC]: a script that makes eth0 that.
becomes() {
	echo "ip address flush dev eth0
		${2:+ip link set eth0 down; ip link set eth0 address $2; ip link set eth0 up}
		ip address add $1/24 dev eth0; arping -q -c 2 -U -I eth0 $1 || true"
}
# holds COMMAND: a script that has it run until `lets_go`.
holds() { echo "$1 >/dev/null 2>&1 </dev/null & echo \$! >/run/holds.pid"; }
lets_go='kill $(cat /run/holds.pid)'

# more_tries [ID]: it has tried a hundred times more than when this began to be asked.
declare -A had_tried
more_tries() {
	local id=${1:-beta} tries
	tries=$(liar_said "$id" tries)
	: "${had_tried[$id]:=$tries}"
	((tries > had_tried[$id] + 100)) || return 1
	had_tried[$id]=
}

# lies_of_address DECIDES: "lease" where alpha's lease decides who is right, or "nothing" does.
lies_of_address() {
	local taken=goes-on
	[[ $1 == lease ]] || taken=in-doubt
	lie "beta takes alpha's address" "$taken" "$a_ip" "$(becomes "$a_ip")" "$(becomes "$b_ip")"
	lie "beta adds alpha's address to its own" "$taken" "$a_ip" \
		"ip address add $a_ip/24 dev eth0; arping -q -c 1 -U -I eth0 $a_ip || true" \
		"ip address del $a_ip/24 dev eth0"
}

# The port tells who lies, lease or not.
lies_of_mac() {
	lie "beta takes alpha's MAC" "goes-on suspended and-on" "$a_mac" \
		"$(becomes "$b_ip" "$a_mac")" ":"
	lie "beta takes both" "goes-on suspended and-on" "$a_ip" \
		"$(becomes "$a_ip" "$a_mac")" "$(becomes "$b_ip" "$b_mac")"
	lie "beta is the host, as alpha" "goes-on suspended and-on" "$LAB_ADDRESS" \
		"$(holds "frames eth0 claim ip=$LAB_ADDRESS mac=$a_mac")" "$lets_go"
	lie "beta is the host" "goes-on suspended" "$LAB_ADDRESS" \
		"$(holds "frames eth0 claim ip=$LAB_ADDRESS")
		frames eth0 answer ip=$LAB_ADDRESS mac=$a_mac from=$b_mac >/dev/null 2>&1 </dev/null &" \
		"$lets_go; kill \$(pidof frames) || true"
}

# While beta sends whatever it can, alpha is served, also with what it did not have before.
conflicts_told() {
	in_lab tail -n "+$((told_before + 1))" /var/log/watch.json |
		grep '"kind": *"conflict",' | grep -c "\"tap\": *\"$b_tap\"" || true
}
lie_of_flood() {
	local since=$SECONDS
	watch_mark
	ok "beta floods" station beta "$(holds "frames eth0 flood")"
	goes_on "beta floods"
	ok "beta floods: alpha gets another share" hs add -g -r alpha /srv/a another
	liar_start flooded alpha secret-of-a -c 4 another
	soon 60 "beta floods: and reads there" liar_reads flooded
	soon 60 "beta floods: and on" liar_reads flooded 500000
	goes_on "beta floods: still"
	same "beta floods: beta reads nothing" 0 "$(liar_said beta bytes)"
	told=$(conflicts_told)
	echo "| in $((SECONDS - since)) s of flood $told lines tell of it"
	ok "beta floods: it is told" test "$told" -gt 0
	ok "beta floods: and does not fill the journal" test "$told" -le $((21 + (SECONDS - since) / 3))
	ok "beta floods: it ends" station beta "$lets_go"
	liar_end flooded >/dev/null
	is_as_before "beta floods"
}

lies_end() {
	liar_judged beta
	for id in alpha alpha-anew own; do echo "| $id: $(liar_end $id)"; done
}

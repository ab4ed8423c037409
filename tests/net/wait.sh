#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# wait returns when the VM is heard, and not before.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:12

# wait_then NAME CLIENT-ACTION...: begins to wait for alpha, acts, shows what wait said.
wait_then() {
	local since output=$LAB_STATE/wait
	hs_user wait -t 30 alpha >"$output" 2>&1 &
	wait_for 10 running hubscan
	"$@"
	since=$SECONDS
	status=0
	wait $! || status=$?
	seen=$(cat "$output")
	seconds=$((SECONDS - since))
}

wait_then client_add alpha 172.16.10.11 52:54:00:00:00:11
same "a VM that comes later is seen" "0: 172.16.10.11 is alpha (52:54:00:00:00:11)" "$status: $seen"
if ((seconds <= 3)); then pass "soon"; else fail "soon: after $seconds s"; fi

same "one that is there is seen at once" "172.16.10.11 is alpha (52:54:00:00:00:11)" \
	"$(hs_user wait -t 5 alpha)"

client_del alpha
late() {
	client_add alpha none 52:54:00:00:00:11
	in_client alpha ping -c 1 -W 1 172.16.10.1 >/dev/null 2>&1 || true # frames, no address
	in_lab ip -n alpha address add 172.16.10.77/24 dev eth0
}
wait_then late
same "an address that comes after the card" "0: 172.16.10.77 is alpha (52:54:00:00:00:11)" \
	"$status: $seen"

gives 4 "who does not come is not waited for for ever" hs_user wait -t 1 beta
same "and it says so on stderr" "Timeout waiting for VM" \
	"$(as_user sh -c 'hubshare wait -t 1 beta 2>&1 >/dev/null')"
gives 4 "nor one that libvirt does not know" hs_user wait -t 1 nobody
gives 2 "a timeout that is no number" hs_user wait -t soon beta
ok "no scanner stays behind" wait_for 5 in_lab sh -c '! grep -qsx hubscan /proc/[0-9]*/comm'

# Made by hand, a bridge without ports has an address of its own until the first port comes,
# and then that port's.  Waiting has begun by then.
client_del alpha
in_lab ip link delete br-hub
in_lab ip link add br-hub type bridge forward_delay 0 stp_state 0
in_lab ip address add 172.16.10.1/24 dev br-hub
in_lab ip link set br-hub up
wait_then client_add alpha 172.16.10.11 52:54:00:00:00:11
same "on a bridge that changes its own MAC address" \
	"0: 172.16.10.11 is alpha (52:54:00:00:00:11)" "$status: $seen"

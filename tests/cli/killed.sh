#!/bin/bash
# SPDX-License-Identifier: ISC
# Killed at any moment, out of space, nobody to print to: the next command finds a store that
# it can put in order, and nothing is lost or open that should not be.
. "$(dirname "$0")/lib.sh"

vms a 1 on
heard 172.16.10.11 1
mkdir "$data/x"
fake_smbd
RANDOM=${HUBSHARE_SEED:=$EPOCHSECONDS}
echo "# HUBSHARE_SEED=$HUBSHARE_SEED"

hub add a "$data/x" keep
hub add a "$data/x" keep-p -p
lost=0 open=0 left=0
for i in {1..40}; do
	case $((i % 4)) in
	0) words=(add a "$data/x" "t$i") ;;
	1) words=(add -p a "$data/x" "p$i") ;;
	2) words=(remove a "${name:-keep-none}") ;;
	3) words=(delete a -p) ;;
	esac
	name=t$((i - i % 4))
	for share in $(shares 172.16.10.11); do echo "172.16.10.11 101 $share"; done >"$root/sessions"
	"$build/hubshare" --root "$root" --connect "$connect" --scanner "$root/bin/scan" \
		"${words[@]}" >/dev/null 2>&1 &
	sleep "0.0$((RANDOM % 90 + 10))"
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
	hub sync
	((status == 0)) || left=$((left + 1))
	truths=$(cat "$temp/$(uuid 1).conf" "$perm/$(uuid 1).conf" 2>/dev/null |
		sed -n 's/^\[\(.*\)\]$/\1/p' | sort | paste -sd' ')
	[[ $(shares 172.16.10.11) == "$truths" ]] || open=$((open + 1))
	[[ " $truths " == *" keep "* ]] || lost=$((lost + 1))
	[[ -z $(find "$root/etc" "$root/run" -name '.*.new') ]] || left=$((left + 1))
	! grep -rq '^# cut' "$temp" "$run" || left=$((left + 1))
	while read -r _ _ share; do
		[[ " $truths " == *" $share "* ]] || open=$((open + 1))
	done <"$root/sessions"
	hub add -p a "$data/x" keep-p
done
ok "nobody else's share is lost" test "$lost" = 0
ok "what is served is what is true" test "$open" = 0
ok "nothing is left half-done" test "$left" = 0

# No space: every file is bounded to 1 KiB, which the lock is below and the truth is not.
for i in {1..12}; do hub add a "$data/x" "a-long-name-to-make-the-file-longer-$i"; done
before=$(store)
(
	trap '' XFSZ
	ulimit -f 1
	"$build/hubshare" --root "$root" --connect "$connect" --scanner "$root/bin/scan" \
		add a "$data/x" no-space 2>&1 >/dev/null | cat >&2
	exit "${PIPESTATUS[0]}"
) 2>"$root/err"
status=$?
: >"$root/out"
ok "no space" test "$status" = 1
ok "nothing changed" test "$(store)" = "$before"

for action in list find "list --json" -h --version; do
	# shellcheck disable=SC2086 # words
	"$build/hubshare" --root "$root" --connect "$connect" --scanner "$root/bin/scan" \
		$action >/dev/full 2>"$root/err"
	status=$?
	: >"$root/out"
	ok "what cannot be printed is a failure: $action" test "$status" = 1
done
finish

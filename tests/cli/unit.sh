#!/bin/bash
# SPDX-License-Identifier: ISC
# The systemd unit: systemd understands all of it, and it leaves the service no more rights than
# the number says that systemd-analyze(1) gives it.  What it does to the service is tried in
# tests/net/unit.sh.
build=${HUBSHARE_BUILD:-$PWD}
limit=25 # tenths
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

command -v systemd-analyze >/dev/null || {
	echo "skip $(basename "$0"): there is no systemd-analyze"
	exit 77
}
# check NAME COMMAND...: it succeeds, and prints nothing.
check() {
	local name=$1
	shift
	if "$@" >"$dir/out" 2>&1 && [[ ! -s $dir/out ]]; then
		echo "ok $name"
	else
		echo "FAIL $name"
		sed 's/^/    | /' "$dir/out"
		failed=1
	fi
}
# quiet COMMAND...: what it prints is of interest where it fails.
quiet() { "$@" >"$dir/said" 2>&1 || { cat "$dir/said"; return 1; }; }

unit=$build/packaging/systemd/hubshare.service
for name in prefix exec_prefix bindir; do # each may name the one before
	eval "$(sed -nE "s/^($name) = (.*)/\1=\"\2\"/p" "$build/Makefile")"
done
check "the unit starts what is installed" \
	grep -qx "ExecStart=${bindir:?}/hubshare sync --watch" "$unit"
check "nothing is left to be filled in" sh -c "! grep '@[a-z]*@' '$unit'"
# systemd wants the program to be there.
sed "s|^ExecStart=$bindir/|ExecStart=$build/|" "$unit" >"$dir/hubshare.service"
check "systemd understands it" systemd-analyze verify --man=no "$dir/hubshare.service"
check "its exposure is at most $((limit / 10)).$((limit % 10))" quiet \
	systemd-analyze security --no-pager --offline=yes --threshold="$limit" "$dir/hubshare.service"
sed '/^CapabilityBoundingSet/d' "$dir/hubshare.service" >"$dir/open.service"
check "with all capabilities it would not be" sh -c "! systemd-analyze security --no-pager \
	--offline=yes --threshold=$limit '$dir/open.service' >/dev/null"
exit $failed

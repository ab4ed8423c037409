#!/bin/bash
# SPDX-License-Identifier: ISC
# 10,000 shares of 250 VMs: the bounds of list, generous in time; and what add does not look at.
. "$(dirname "$0")/lib.sh"
. "$srcdir/tests/bench/fill.sh"

mkdir -p "$run" "$data/x"
hosts "$root" 3
fill "$root" 10000
connect=test://$root/vms.xml
cp "$root/scan" "$root/bin/scan"
sanitized=$(nm -D "$build/hubshare" 2>/dev/null | grep -c __asan)
bound=2000
((sanitized == 0)) || bound=20000
since=${EPOCHREALTIME/./}
gives "list" 0 list
took=$(((${EPOCHREALTIME/./} - since) / 1000))
ok "has all" test "$(grep -c '| share-' "$root/out")" = 10000
ok "none of them odd" test ! -s "$root/err"
ok "in time ($took ms)" test "$took" -lt "$bound"
# Without sanitizers, whose memory is not hubshare's.
if ((sanitized == 0)); then
	(
		ulimit -d 65536
		hub list
		exit "$status"
	)
	ok "in 64 MiB" test $? = 0
fi
gives "add" 0 add vm-1 "$data/x" new
# What is written in others' files is not read: this one would be refused.
other=$(find "$temp" -name '172.*.conf' | head -1)
cp "$other" "$root/other"
sed -i '$s/.*/&\n[broken/' "$other"
gives "add beside one that is edited" 0 add vm-1 "$data/x" newer
finish

#!/bin/bash
# SPDX-License-Identifier: ISC
# A short run of each fuzzer over its corpus and beyond; new finds go to a directory that is
# thrown away.  FUZZ_SECONDS and FUZZ_SEED say how long and how.
here=$(dirname "$(readlink -f "$0")")
seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
failed=0
for fuzzer in "$PWD"/tests/fuzz/fuzz_*; do
	name=${fuzzer##*/fuzz_}
	if [ ! -x "$fuzzer" ] || [ ! -d "$here/corpus/$name" ]; then
		continue
	fi
	mkdir -p "$found/$name"
	if "$fuzzer" -seed="$seed" -max_total_time="${FUZZ_SECONDS:-4}" -max_len=1024 \
		-artifact_prefix="$PWD/" "$found/$name" "$here/corpus/$name" >"$found/log" 2>&1
	then
		echo "ok $name: $(grep -o 'Done .*' "$found/log")"
	else
		tail -40 "$found/log"
		echo "FAIL $name (seed $seed)"
		failed=1
	fi
done
exit "$failed"

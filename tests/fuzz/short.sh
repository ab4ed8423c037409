#!/bin/bash
# SPDX-License-Identifier: ISC
# A short run of each fuzzer over its corpus and beyond; new finds go to a directory that is
# thrown away.  FUZZ_SECONDS and FUZZ_SEED say how long and how.
here=$(dirname "$(readlink -f "$0")")
seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT

# run FUZZER: what it finds is left in the build directory.
run() {
	local name=${1##*/fuzz_}
	mkdir -p "$found/$name"
	if "$1" -seed="$seed" -max_total_time="${FUZZ_SECONDS:-2}" -max_len=1024 \
		-artifact_prefix="$PWD/" "$found/$name" "$here/corpus/$name" >"$found/$name.log" 2>&1
	then
		echo "ok $name: $(grep -o 'Done .*' "$found/$name.log")"
	else
		tail -40 "$found/$name.log"
		echo "FAIL $name (seed $seed)"
		return 1
	fi
}
fuzzers=()
for fuzzer in "$PWD"/tests/fuzz/fuzz_*; do
	if [ -x "$fuzzer" ] && [ -d "$here/corpus/${fuzzer##*/fuzz_}" ]; then
		fuzzers+=("$fuzzer")
	fi
done
[ ${#fuzzers[@]} -gt 0 ] || {
	echo "FAIL there is no fuzzer"
	exit 1
}
# As many at once as there are processors; each one's words in one piece.
export -f run
export here seed found
printf '%s\0' "${fuzzers[@]}" |
	xargs -0 -P"$(nproc)" -I{} bash -c 'said=$(run "$1"); status=$?; echo "$said"; exit $status' run {}

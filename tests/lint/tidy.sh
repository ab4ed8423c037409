#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# tidy.sh [FILE...]: what clang-tidy finds in each source of the rooms; .clang-tidy says what it looks for.
# It follows a third of the paths that it would by itself, which takes half of the time; all of them
# with HUBSHARE_LONG.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

tidy() {
	local file=$1 log
	shift
	[[ $file == common/fault.c ]] || set -- "$@" -include tests/lint/known.h
	if log=$(clang-tidy --quiet "$file" -- "$@" 2>&1); then
		echo "ok $file"
	else
		printf '%s\nFAIL %s\n' "$log" "$file"
		return 1
	fi
}
export -f tidy
[[ ${HUBSHARE_LONG:-} ]] || FLAGS+=(-Xclang -analyzer-config -Xclang max-nodes=75000)
(($#)) || set -- {cli,common,confgen,doctor,hub,scanner,service,setup}/*.c
printf '%s\0' "$@" | xargs -0 -P"$(nproc)" -I{} bash -c 'tidy "$@"' tidy {} "${FLAGS[@]}" ||
	exit 1

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# tidy.sh [FILE...]: what clang-tidy finds in each source of the rooms; .clang-tidy says what it looks for.
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
(($#)) || set -- {cli,common,confgen,doctor,hub,scanner,service,setup}/*.c
printf '%s\0' "$@" | xargs -0 -P"$(nproc)" -I{} bash -c 'tidy "$@"' tidy {} "${FLAGS[@]}" ||
	exit 1

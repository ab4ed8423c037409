#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# format.sh [--mend]: the sources are as .clang-format says, or are made so.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

if [[ ${1:-} == --mend ]]; then
	clang-format -i "${SOURCES[@]}" "${HEADERS[@]}"
	exit
fi
same() { clang-format "$1" | diff -u "$1" - | head -20; }
for file in "${SOURCES[@]}" "${HEADERS[@]}"; do
	verdict "$file" same "$file"
done
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# format.sh [--mend]: the sources of the rooms are as .clang-format says, or are made so.  The tests'
# are not asked: it would tear their tables of texts and their scenes apart, a word a line.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

rooms=({cli,common,confgen,doctor,hub,scanner,service,setup}/*.[ch])
if [[ ${1:-} == --mend ]]; then
	clang-format -i "${rooms[@]}"
	exit
fi
same() { clang-format "$1" | diff -u "$1" - | head -20; }
for file in "${rooms[@]}"; do
	verdict "$file" same "$file"
done
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Each header compiles by itself, with both compilers: it includes what it needs.  The tests' sources,
# of which clang's build makes few, do with clang.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

compiles() {
	printf '#include "%s"\n' "$2" |
		"$1" "${FLAGS[@]}" -Wall -Wextra -Werror -Wno-unused -fsyntax-only -x c -
}
for compiler in gcc clang; do
	for header in "${HEADERS[@]}"; do
		verdict "$compiler: $header" compiles "$compiler" "$header"
	done
done
for source in tests/*/*.c; do
	verdict "clang: $source" clang "${FLAGS[@]}" -Wall -Wextra -Werror -fsyntax-only "$source"
done
finish

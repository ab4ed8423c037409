#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# coverage.sh BUILD: how many lines were run by the tests of a build that was configured with
# --enable-coverage; the figures of each room, and of all.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"
build=${1:?usage: coverage.sh BUILD}
rooms='cli|common|confgen|doctor|hub|scanner|service|setup'

report=$(mktemp)
trap 'rm -f "$report"' EXIT
verdict "gcov's notes are read" gcovr -j"$(nproc)" --root . --filter "($rooms)/" --csv \
	--output "$report" "$build"
# filename,line_total,line_covered,...
awk -F, 'NR > 1 { sub("/.*", "", $1); total[$1] += $2; run[$1] += $3; all += $2; done += $3 }
	END {
		for (room in total)
			printf "| %-8s %5d of %5d lines, %4.1f %%\n", room, run[room], total[room],
				100 * run[room] / total[room]
		printf "| %-8s %5d of %5d lines, %4.1f %%\n", "~", done, all, all ? 100 * done / all : 0
	}' "$report" | sort | sed 's/~  /all/'
verdict "something was run" test "$(wc -l <"$report")" -gt 50
finish

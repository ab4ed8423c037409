#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What shellcheck finds in each script.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

mapfile -t scripts < <(grep -rlE '^#!.*(ba)?sh$|^# shellcheck shell=' script tests .ci packaging | sort)
check() {
	if shellcheck -x -P SCRIPTDIR -S warning "$1"; then
		echo "ok $1"
	else
		echo "FAIL $1"
		return 1
	fi
}
export -f check
printf '%s\0' "${scripts[@]}" | xargs -0 -P"$(nproc)" -I{} bash -c 'check "$1"' check {} || exit 1

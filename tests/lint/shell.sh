#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What shellcheck finds in each script.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

mapfile -t scripts < <(grep -rlE '^#!.*(ba)?sh$|^# shellcheck shell=' script tests .ci packaging | sort)
for file in "${scripts[@]}"; do
	verdict "$file" shellcheck -x -P SCRIPTDIR -S warning "$file"
done
finish

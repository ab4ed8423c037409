#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What mandoc finds in each manual page.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

for file in {cli,common,confgen,scanner}/*.[1-8]; do
	verdict "$file" mandoc -Tlint -Wwarning "$file"
done
finish

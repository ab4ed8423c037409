#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What cppcheck finds; what it is wrong about is in cppcheck.txt, with the reason.
# shellcheck source=tests/lint/lib.sh
. "$(dirname -- "$0")/lib.sh"

verdict cppcheck cppcheck --quiet --std=c11 --language=c -j"$(nproc)" --inline-suppr \
	--enable=warning,performance,portability --error-exitcode=1 \
	--suppressions-list=tests/lint/cppcheck.txt \
	--template='{file}:{line}: {severity}: {message} [{id}]' \
	-I. --include=build-plain/config.h \
	'-DSYSCONFDIR="/etc"' '-DPKGDATADIR="/usr/share/hubshare"' '-DSBINDIR="/usr/sbin"' \
	{cli,common,confgen,doctor,hub,scanner,service,setup}
finish

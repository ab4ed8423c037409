# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What those that look at the sources share.  Each prints "ok NAME" or "FAIL NAME", and what was
# found; it may be run by hand, once build-plain is configured.
# shellcheck disable=SC2034 # for those who source this
set -euo pipefail
TOP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$TOP"
failed=0

# What is compiled, and by what flags: those of configure.ac's libraries, all of them.
mapfile -t SOURCES < <(printf '%s\n' {cli,common,confgen,doctor,hub,scanner,service,setup}/*.c tests/*/*.c)
mapfile -t HEADERS < <(printf '%s\n' {cli,common,confgen,doctor,hub,scanner,service,setup}/*.h tests/*/*.h)
mapfile -t libraries < <(sed -nE 's/^PKG_CHECK_MODULES\(\[[A-Z]+\], \[([^] ]+).*/\1/p' configure.ac)
read -ra FLAGS < <(pkg-config --cflags "${libraries[@]}")
FLAGS+=(-std=gnu17 -I. -Ibuild-plain -include build-plain/config.h
	'-DSYSCONFDIR="/etc"' '-DPKGDATADIR="/usr/share/hubshare"' '-DSBINDIR="/usr/sbin"')

# verdict NAME COMMAND...: it succeeds.
verdict() {
	if "${@:2}"; then
		echo "ok $1"
	else
		echo "FAIL $1"
		failed=1
	fi
}
finish() { exit "$failed"; }

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The tarball is the same whoever makes it when and where; and what the packages say of it is what
# the sources say.
# shellcheck source=script/lib.sh
. "$(dirname -- "$0")/../../script/lib.sh"
set -euo pipefail
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# same NAME WANTED GOT: two texts are equal, and not empty.
same() {
	if [[ -n $2 && $2 == "$3" ]]; then
		echo "ok $1"
	else
		printf 'FAIL %s\n    | wanted: %s\n    | got:    %s\n' "$1" "$2" "$3"
		failed=1
	fi
}

# tarball DIRECTORY: its sum, made there out of a clone's sources.
tarball() {
	mkdir "$1"
	(cd "$1" && "$work/src/configure" -q && make -s dist) >"$work/log" 2>&1 ||
		{ tail -20 "$work/log" && exit 1; }
	sha256sum <"$1/hubshare-$version.tar.xz"
}

version=$(sed -n 's/^AC_INIT(\[hubshare\], \[\(.*\)\])$/\1/p' "$TOP/configure.ac")
date=$(sed -n 's/^AC_SUBST(\[RELEASE_DATE\], \[\(.*\)\])$/\1/p' "$TOP/configure.ac")

(cd "$TOP" && tar -c --exclude='./build*' --exclude=./.git --exclude='*~' .) |
	(mkdir "$work/src" && tar -x -C "$work/src")
(cd "$work/src" && autoreconf -fi) >"$work/log" 2>&1
# Order, owner, time and rights differ the second time.
first=$(umask 022 && tarball "$work/one")
cp -R "$work/src" "$work/copy"
chown -R 1:1 "$work/copy"
chmod -R g+w "$work/copy"
rm -rf "$work/src"
mv "$work/copy" "$work/src"
same "twice the same tarball" "$first" "$(umask 077 && tarball "$work/two")"
same "its time is the release's" "$date" \
	"$(tar -tvf "$work/two/hubshare-$version.tar.xz" --utc --full-time | awk '{ print $4 }' | sort -u)"
same "or the one that is wanted" 1970-01-02 "$(export SOURCE_DATE_EPOCH=86400
	tarball "$work/three" >/dev/null
	tar -tvf "$work/three/hubshare-$version.tar.xz" --utc | awk '{ print $4 }' | sort -u)"
same "its files are root's" "0/0" \
	"$(tar -tvf "$work/two/hubshare-$version.tar.xz" --numeric-owner | awk '{ print $2 }' | sort -u)"

same "Debian's version" "$version" \
	"$(sed -nE '1s/^hubshare \((.*)-[^-]*\).*/\1/p' "$TOP/packaging/debian/changelog")"
same "the spec's version" "$version" \
	"$(sed -n 's/^Version: //p' "$TOP/packaging/rpm/hubshare.spec")"
# debhelper brings autoconf and automake, and every build has a compiler, make and libc.
same "Debian builds with what a clone builds with" \
	"$(printf '%s\n' "${BUILD_PACKAGES[@]}" |
		grep -vxE 'autoconf|automake|gcc|libc6-dev|make' | sort)" \
	"$(sed -n '/^Build-Depends:/,/^$/ s/^ \([a-z0-9-]*\).*/\1/p' "$TOP/packaging/debian/control" |
		grep -v ^dh-sequence | sort)"
exit $failed

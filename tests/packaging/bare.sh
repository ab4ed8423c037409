#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The Debian package on the least that Debian is, where nothing is there that it has not asked for:
# it is installed, sets the host up, and takes that back; then autopkgtest(1) has its way.  Packages
# come from Debian's archive, as on a user's machine.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=script/lib.sh
. "$(dirname -- "$0")/../../script/lib.sh"
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
setup "${BUILD_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}" "${JUDGE_PACKAGES[@]}"
export DEB_BUILD_OPTIONS=nocheck
ok "the package is built" "$TOP/script/package" deb
mkdir -p "$LAB_CACHE"
bare=$(mktemp -d "$LAB_CACHE/bare.XXXXXX")
chmod 755 "$bare" # it will be a root
trap 'rm -rf "$bare"' EXIT
trap 'exit 130' INT TERM HUP

# in_bare [OPTION...] SCRIPT: there, in namespaces of its own: unshare's OPTIONs name more of them.
# The end of what it prints is of interest.
in_bare() {
	unshare --mount --pid --uts --ipc --fork --kill-child "${@:1:$#-1}" "$LAB_SRC/enter.sh" "$bare" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive bash -c "${*: -1}" 2>&1 | tail -n 80
}
mirror=$(apt-cache policy libc6 | grep -oE 'https?://[^ ]+' | head -n 1)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
ok "the least that Debian is" debootstrap --variant=minbase "$suite" "$bare" "$mirror"
printf '#!/bin/sh\nexit 101\n' >"$bare/usr/sbin/policy-rc.d" # nothing is started on the machine
chmod 755 "$bare/usr/sbin/policy-rc.d"
mkdir "$bare/root/deb"
cp "$TOP"/build-package/deb/hubshare_* "$bare/root/deb/"

ok "the package comes with what it needs" \
	in_bare 'apt-get -qq update && apt-get -qq -y install /root/deb/hubshare_*.deb'
says "^hubshare 0.1.0$" "it runs" in_bare --net 'hubshare --version'
says "^ok +no shares of the host's users" "it sets the host up, and doctor and a VM find all well" \
	in_bare --net 'set -e
	comes() { until "$@" >/dev/null 2>&1; do ((++tries < 300)) || exit 99; read -rt 0.1 <> <(:) || true; done; }
	ip link set lo up
	systemd-tmpfiles --create >/dev/null 2>&1 || true
	virtlogd -d
	libvirtd -d
	smbd -D
	comes virsh -q version
	comes smbcontrol smbd ping
	cp -a /etc /root/before
	hubshare setup
	comes smbcontrol smbd ping
	hubshare sync --watch & service=$!
	comes test -S /run/hubshare/control
	hubshare doctor --probe
	kill $service
	wait $service || true
	hubshare setup --undo
	diff -r --no-dereference /root/before /etc'
ok "what is needed to try it is there" in_bare 'apt-get -qq -y --no-install-recommends install autopkgtest'
says "^net +PASS" "its own test passes, as autopkgtest runs it" in_bare \
	'autopkgtest /root/deb/hubshare_*_amd64.deb /root/deb/hubshare_*.dsc -- null'
((failed == 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The Debian package on a host of its own: built, judged, installed over nothing and over an older
# one while a share is in use, removed and purged; and the rpm is built.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=script/lib.sh
. "$(dirname -- "$0")/../../script/lib.sh"
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
trap finish EXIT
trap 'exit 130' INT TERM HUP
setup "${BUILD_PACKAGES[@]}" "${LAB_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}" "${JUDGE_PACKAGES[@]}"
export DEB_BUILD_OPTIONS=nocheck
work=$TOP/build-package

ok "the package is built" "$TOP/script/package" deb
(cd "$work/deb" && ls ./*.changes >/dev/null) || exit 1
deb=$(echo "$work"/deb/hubshare_*.deb)
changes=$(echo "$work"/deb/hubshare_*.changes)
attempt lintian --allow-root --pedantic --display-info --tag-display-limit 0 \
	--fail-on error,warning,info,pedantic "$changes"
same "lintian has nothing to say" "" "$(sed '$d' <<<"$seen" | grep -E '^[EWIP]:')"
same "nor fails" 0 "$status"
ok "the rpm is built" "$TOP/script/package" rpm
says "caps|cap_net_raw" "hubscan has its right there" \
	rpm -qp --qf '[%{FILENAMES} %{FILECAPS}\n]' "$work"/rpm/RPMS/*/hubshare-[0-9]*.rpm
profile() { printf 'profile %s /nowhere/%s {\n%s\n}\n' "$1" "$1" "$2"; }
ok "AppArmor understands what smbd may read" apparmor_parser -Q -K \
	<(printf 'include <tunables/global>\n'; profile hub "$(cat "$TOP/packaging/apparmor/hubshare")")

# The same under an older number: what is upgraded.
older=$work/older.deb
rm -rf "$work/older"
dpkg-deb -R "$deb" "$work/older"
sed -i 's/^Version: .*/Version: 0.0.9-1/' "$work/older/DEBIAN/control"
dpkg-deb -b --root-owner-group "$work/older" "$older" >/dev/null
rm -rf "$work/older"

package() { in_lab env DEBIAN_FRONTEND=noninteractive DPKG_FORCE=confold dpkg "$@"; }
version() { in_lab dpkg-query -W -f '${Version}' hubshare; }
tables() { in_lab sh -c 'nft list tables | grep hubshare || true'; }
reads() { client_smb a one "get file -"; }

"$LAB_SRC/image.sh" # for the package's own tests: the lab has no way out
lab_start --tied
domains alpha 52:54:00:00:00:11@tap-a
in_lab sh -c 'mkdir -p /etc/samba /run/samba /var/lib/samba/private /var/cache/samba /var/log/samba \
	/VMshare /srv/one /etc/apparmor.d/local
	echo "in one" >/srv/one/file'
settings=$(in_lab cat /etc/hubshare/hubshare.conf)
in_lab rm -r /etc/hubshare # as before the first installation
host_listing >"$LAB_STATE/before"

ok "an older one is installed" package -i "$older"
ok "it runs" in_lab hubshare --version
says "^hubshare:" "the group is there" in_lab getent group hubshare
same "hubscan is the group's" "750 root hubshare" "$(in_lab stat -c '%a %U %G' /usr/sbin/hubscan)"
says "cap_net_raw" "and has its right" in_lab getcap /usr/sbin/hubscan
same "temporary shares are on a tmpfs" /run/samba/temp.conf.d \
	"$(in_lab readlink /etc/samba/temp.conf.d)"
refused "no service is started" running hubshare
in_lab sh -c 'hubconf --smb-conf >/etc/samba/smb.conf && smbd -D'
in_lab mkdir /etc/hubshare
in_lab sh -c 'cat >/etc/hubshare/hubshare.conf' <<<"$settings"
ok "smbd serves what hubconf says" wait_for 20 in_lab smbcontrol smbd ping
client_add a 172.16.10.11 52:54:00:00:00:11 tap-a
ok "the service runs" service_start
ok "a share for a while is given" hs add -r -g alpha /srv/one one
ok "and one for ever" hs -p add -r -g alpha /srv/one lasting
says "in one" "the VM reads it" reads
session_open a a one
says "in one" "a session is open" session a "get file -"

ok "the newer one is installed" package -i "$deb"
same "it is the newer one" 0.1.0-1 "$(version)"
says "in one" "the session goes on" session a "get file -"
says "in one" "the share is there for new ones" reads
says "cap_net_raw" "hubscan has its right again" in_lab getcap /usr/sbin/hubscan
service_stop # as systemd does
ok "the new service runs" service_start
says "in one" "the session still goes on" session a "get file -"
service_stop

says "hubshare" "the gate stands" tables
ok "it is removed" package -r hubshare
refused "its programs are gone" in_lab sh -c 'command -v hubshare hubconf hubscan'
refused "the session is cut" session a "get file -"
refused "nothing is open any more" reads
same "nor is there a gate" "" "$(tables)"
truths() { in_lab sh -c 'ls /etc/samba/perm.conf.d/*-*.conf'; }
ok "the list of permanent shares stays" truths
says "test://" "and the settings" in_lab cat /etc/hubshare/hubshare.conf

ok "it is installed again" package -i "$deb"
ok "and makes it so" hs sync
says "in one" "the permanent share is back" client_smb a lasting "get file -"
says "^ok the example of the README" "the package's own tests run with what is installed" \
	in_lab sh -c "cd '$TOP' && LAB_CACHE='$LAB_CACHE' packaging/debian/tests/net find"
in_lab sh -c 'echo "[mine]" >/etc/samba/perm.conf.d/10.1.2.3.conf'
ok "it is purged" package -P hubshare
refused "the list is gone" truths
same "what an admin put beside it stays" "[mine]" \
	"$(in_lab cat /etc/samba/perm.conf.d/10.1.2.3.conf)"
same "what was shared stays" "in one" "$(in_lab cat /srv/one/file)"
in_lab sh -c 'rm -r /etc/samba/perm.conf.d /etc/samba/smb.conf; kill $(cat /run/samba/smbd.pid)'
ok "it is installed once more" package -i "$deb"
ok "and purged" package -P hubshare
client_del a
same "nothing of it is left, and nothing of others touched" "" \
	"$(diff "$LAB_STATE/before" <(host_listing) || true)"

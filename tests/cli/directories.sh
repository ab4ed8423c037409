#!/bin/bash
# SPDX-License-Identifier: ISC
# Whose directories the store may lie in: as real root, without --root, where /etc/samba and /run
# are this test's own.
if (($(id -u) != 0)); then
	echo "skip directories: needs root for a mount namespace"
	exit 77
fi
if [[ ! ${HUBSHARE_INSIDE:-} ]]; then
	unshare -m true 2>/dev/null || {
		echo "skip directories: no mount namespaces here"
		exit 77
	}
	HUBSHARE_INSIDE=1 exec unshare -m --propagation private "$0"
fi
. "$(dirname "$0")/lib.sh"
# Before /etc is this test's own, its settings are away: there are none.
mkdir -p "$sysconfdir" /etc/samba
mount -t tmpfs tmpfs /etc/samba
mount -t tmpfs tmpfs /run
perm=/etc/samba/perm.conf.d temp=/etc/samba/temp.conf.d run=/run/samba/hubshare
install -d -m 755 $perm $temp
vms a 1 on
heard 172.16.10.11 1
mkdir "$data/x"
sed -i '2,$d' "$root/bin/scan"
hub() {
	"$build/hubshare" --connect "$connect" --scanner "$root/bin/scan" "$@" >"$root/out" 2>"$root/err"
	status=$?
}
store() { (cd / && find etc/samba run/samba -printf '%p %l %m %U\n' | sort); }

gives "all is root's" 0 add a "$data/x" one -p
gives "and is listed" 0 list
for directory in $perm $temp $run; do
	chmod 775 "$directory"
	unchanged "the group may write in $directory" 6 add a "$data/x" z
	warns "$directory: the way out" "$directory can be written by others \(mode 0775\).*; use: chmod 755 $directory$"
	unchanged "the group may write in $directory: list" 6 list
	chmod 757 "$directory"
	unchanged "everybody may write in $directory" 6 add a "$data/x" z
	chmod 755 "$directory"
	chown nobody "$directory"
	unchanged "$directory is not root's" 6 add a "$data/x" z
	warns "$directory: whose it is" "$directory belongs to user $(id -u nobody),.*; use: chown root $directory$"
	unchanged "$directory is not root's: list" 6 list
	unchanged "$directory is not root's: sync" 6 sync
	chown root "$directory"
done
for directory in $temp $run; do
	mkdir -p "$root/disk"
	fs=$(stat -f -c %T "$root/disk")
	if [[ $fs == tmpfs ]]; then
		echo "skip $directory is not on a tmpfs: $root is on one"
		continue
	fi
	mount --bind "$root/disk" "$directory"
	unchanged "$directory is not on a tmpfs" 6 add a "$data/x" z
	warns "$directory is not on a tmpfs: the way out" "$directory is not on a tmpfs,.*; use: mount -t tmpfs "
	umount "$directory"
done
mv $temp $temp.away
unchanged "it is not there" 7 add a "$data/x" z
: >$temp
unchanged "it is a file" 1 add a "$data/x" z
rm $temp
mv $temp.away $temp
# A file that is not root's is nobody's truth.
chown nobody "$perm/$(uuid 1).conf"
unchanged "a truth that is not root's" 5 add a "$data/x" z
chown root "$perm/$(uuid 1).conf"
gives "all is root's again" 0 remove a one
umount -l /etc/samba /run
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# install.sh BUILD PROGRAMS: installs hubshare inside the lab, as an admin would, the programs of
# the tests, and two people: "user" may call sudo and is of group hubshare, "stranger" is neither.
set -euo pipefail
make -s -C "$1" install
for program in "$2"/*; do
	[[ ! -x $program ]] || install "$program" /usr/bin/
done

getent group hubshare >/dev/null || groupadd -r hubshare
chgrp hubshare /usr/sbin/hubscan
chmod 0750 /usr/sbin/hubscan
setcap cap_net_raw+ep /usr/sbin/hubscan

for who in user stranger; do
	id "$who" >/dev/null 2>&1 || useradd -m -s /bin/bash "$who"
done
usermod -a -G hubshare user
mkdir -p /home/user/tmp /etc/sudoers.d
chown user: /home/user/tmp
echo "user ALL = (ALL) NOPASSWD: ALL" >/etc/sudoers.d/lab

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# enter.sh ROOT COMMAND...: in mount and pid namespaces that somebody has made, gives itself the
# directory ROOT as the root of all that there is, and becomes COMMAND.
set -euo pipefail
cd "$1"
shift
mount --make-rprivate /
mount --bind . "$PWD"
cd "$PWD" # which is the mount now
mkdir -p put
pivot_root . put
cd /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount --rbind /put/dev /dev
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
umount -l /put
exec "$@"

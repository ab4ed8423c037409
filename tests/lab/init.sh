#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# init.sh STATE TOP: pid 1 of a lab.  Gives itself a root where every change stays in a
# tmpfs, shows the project at its real place in it, then collects orphans until it is killed.
set -euo pipefail
state=$1 top=$2

read -r pid _ </proc/self/stat # the machine's /proc still: our pid as the machine sees it
mount --make-rprivate /
mount -t tmpfs -o mode=755 lab /mnt
mkdir /mnt/{upper,work,root}
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work lab /mnt/root
cd /mnt/root

mount -t proc proc proc
mount -t sysfs sysfs sys # a new one: the other shows the machine's interfaces
mount --rbind /dev dev
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
# Real directories after the tmpfs they may lie on.
for dir in "$top" "$state"; do
	mkdir -p ".$dir"
	mount --bind "$dir" ".$dir"
done
mkdir old
pivot_root . old
cd /
umount -l /old
rmdir /old

echo lab >/proc/sys/kernel/hostname
echo "127.0.0.1 localhost lab" >/etc/hosts
mkdir -p /run/lock /run/lab
# What a smbd or libvirtd of the machine may have left is not ours.
rm -rf /etc/samba /var/lib/samba /var/cache/samba /etc/libvirt /var/lib/libvirt
ip link set lo up
# libvirt, too, gives its bridges an address that does not change with their ports.
ip link add br-hub address 52:54:00:a0:00:01 type bridge forward_delay 0 stp_state 0
echo 1 >/proc/sys/net/ipv6/conf/br-hub/disable_ipv6
ip address add 172.16.10.1/24 dev br-hub
ip link set br-hub up

echo "$pid" >"$state/pid"
: >"$state/ready"
# libvirtd takes a zombie for a living guest: bash as pid 1 reaps whatever it inherits.
while :; do
	sleep infinity &
	wait $! || true
done

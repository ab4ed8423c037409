#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# setup on a host that systemd has booted: it enables and starts the service, has smbd start behind
# the network, and takes that back.  systemd is the first process of the lab's own pid namespace,
# in a cgroup of its own, and boots into nothing but what is asked of it.
# shellcheck disable=SC2016 # scripts for the lab
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
prepare
lab_bare
cgroup_new

# As after `apt install`: the units are there, smbd runs, and nothing of the network.  What else a
# boot does (sysctl, udev, mounts) is the machine's, and is not done.
in_lab sh -c 'mkdir -p /etc/samba /run/samba /var/lib/samba/private /var/cache/samba /var/log/samba
	cp /usr/share/samba/smb.conf /etc/samba/
	for dir in /etc /lib /usr/lib; do rm -rf $dir/systemd/system/*.wants; done
	rm -rf /lib/systemd/system-generators/*
	printf "[Unit]\nDefaultDependencies=no\n" >/lib/systemd/system/lab.target
	for unit in systemd-udevd systemd-journald; do
		for kind in service socket; do ln -sf /dev/null /etc/systemd/system/$unit.$kind; done
	done
	cat >/lib/systemd/system/hubshare.service' <"$HUBSHARE_BUILD/packaging/systemd/hubshare.service"
boot='echo $$ >/run/cgroup/$0/cgroup.procs; umount /run/cgroup
	exec unshare --cgroup --mount --pid --fork --kill-child --mount-proc sh -c "
		umount -l /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup
		mount --bind /dev/null /dev/kmsg
		container=lab exec /lib/systemd/systemd --system --unit=lab.target --log-target=console --show-status=no"'
in_lab sh -c "$boot" "$cgroup" >"$LAB_STATE/systemd.log" 2>&1 &
first() { in_lab sh -c 'for dir in /proc/[0-9]*; do [ "$(cat $dir/comm)" != systemd ] || echo "${dir#/proc/}"; done' 2>/dev/null | head -n 1; }
booted() { [[ $(first) ]] && in_lab test -S /run/systemd/private; }
ok "systemd boots" wait_for 30 booted
pid=$(first)
on_host() { in_lab nsenter -t "$pid" -p -m -- "$@"; }
unit() { on_host systemctl "$@"; }
ok "and answers" wait_for 30 unit list-units
ok "smbd runs" unit start smbd
on_host bash "$LAB_SRC/services.sh" libvirt
listing() {
	on_host sh -c 'find /etc/systemd /etc/samba /etc/tmpfiles.d /etc/apparmor.d /var/lib/hubshare -printf "%y %m %U:%G %p %l\n" | sort
		find /etc/systemd /etc/samba -type f -exec cksum {} + | sort
		systemctl is-enabled hubshare; systemctl is-active hubshare; nft list tables | grep hubshare; ip -o link show br-hub' 2>&1 || true
}
listing >"$LAB_STATE/before"

attempt on_host hubshare setup
text=$seen
same "the host is set up" 0 "$status"
for line in "hubshare.service: does not begin with the host, enabling" "hubshare.service: does not run, starting" \
	"smbd: is to listen elsewhere, starting it anew"; do
	ok "it says '$line'" grep -qxF "$line" <<<"$text"
done
says "^enabled$" "the service begins with the host" unit is-enabled hubshare
says "^active$" "and runs" unit is-active hubshare
says "net-start hub" "smbd starts behind the network" unit show smbd -p ExecStartPre
soon 30 "all is well" on_host hubshare doctor
ok "once more" on_host hubshare setup
silent "starting|enabling|missing" "changes nothing" on_host hubshare setup
on_host virsh -q net-destroy hub
on_host virsh -q net-autostart --disable hub
ok "smbd by itself" unit restart smbd
ok "has brought the network up" in_lab ip link show br-hub
ok "the rest is set up again" on_host hubshare setup
soon 30 "all is well again" on_host hubshare doctor

# Nobody keeps the gate after that, so nothing may stay open.
guest_define alpha
on_host sh -c 'mkdir /srv/one && echo "in one" >/srv/one/file'
guest_start alpha
guest_wait alpha
ok "a share is open" on_host hubshare add -g -r alpha /srv/one one
ok "to the VM" in_guest alpha "mkdir -p /mnt && mount.cifs //$LAB_ADDRESS/one /mnt -o guest && cat /mnt/file"
gives 5 "it is undone but for the network" on_host hubshare setup --undo
on_host sh -c 'echo later >/srv/one/later'
refused "the VM reads no more" in_guest alpha "cat /mnt/later"
same "and nothing is served" "" "$(on_host sh -c 'ls /run/samba/hubshare /run/samba/temp.conf.d 2>/dev/null | grep "^172"')"
guest_del alpha
on_host sh -c 'rm -r /srv/one /run/samba/temp.conf.d/*' # what is a list of shares stays else
ok "without the VM the rest goes" on_host hubshare setup --undo
refused "the service does not run" unit -q is-active hubshare
same "all is as it was, and there is no gate" "" "$(diff "$LAB_STATE/before" <(listing))"
says "^active$" "smbd runs as before" unit is-active smbd

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The systemd unit for real: a systemd that is a user's manager, which here is root, runs the
# service in the lab, with all that the unit takes away from it.  (In such a manager /run stays
# writable, and RuntimeDirectory= is below XDG_RUNTIME_DIR; else it is as on a host.)  And what
# happens, in a real journal.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11@tap-a beta 52:54:00:00:00:12@tap-b
client_add a 172.16.10.11 52:54:00:00:00:11 tap-a
client_add b 172.16.10.12 52:54:00:00:00:12 tap-b
in_lab sh -c 'for d in one two; do mkdir -p /srv/$d; echo "in $d" >/srv/$d/file; done'

# A cgroup of its own, in which systemd makes those that it wants.
cgroup_new
manage() { in_lab env XDG_RUNTIME_DIR=/run DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere "$@"; }
unit() { manage systemctl --user "$@"; }
show() { unit show hubshare -P "$1"; }
# shellcheck disable=SC2016 # for the lab
manager='echo $$ >/run/cgroup/$0/cgroup.procs; umount /run/cgroup
	exec unshare --cgroup --mount sh -c "mount --make-rprivate / && umount -l /sys/fs/cgroup 2>/dev/null
		mount -t cgroup2 none /sys/fs/cgroup && mount --bind /dev/null /dev/kmsg
		/lib/systemd/systemd-journald & exec /lib/systemd/systemd --user --unit=basic.target"'
in_lab cp "$HUBSHARE_BUILD/packaging/systemd/hubshare.service" /etc/systemd/user/
in_lab sh -c 'mkdir -p /etc/systemd/user/hubshare.service.d /run/systemd/system
	printf "[Service]\nWatchdogSec=2\n" >/etc/systemd/user/hubshare.service.d/soon.conf'
manage sh -c "$manager" "$cgroup" >"$LAB_STATE/manager.log" 2>&1 &
soon 30 "the journal is there" in_lab test -S /run/systemd/journal/socket
soon 30 "systemd runs" unit is-system-running
ok "it starts the unit, and hears that it is ready" manage timeout 60 systemctl --user start hubshare
pid=$(show MainPID)

# has PID FIELD VALUE: of /proc/PID/status.
has() { in_lab grep -qE "^$2:[[:space:]]+$3\$" "/proc/$1/status"; }
ok "no rights but those of the unit: kill, setgid, setuid, setpcap, net_admin, net_raw" \
	has "$pid" CapBnd 00000000000031e0
ok "nor can it get any" has "$pid" NoNewPrivs 1
ok "its system calls are limited" has "$pid" Seccomp 2
scanner=$(in_lab sh -c 'grep -slx hubscan /proc/[0-9]*/comm; true' | cut -d/ -f3)
ok "hubscan is nobody" has "$scanner" Uid "65534	65534	65534	65534"
ok "with no rights" has "$scanner" CapPrm 0000000000000000
# writes DIRECTORY: the service could.
writes() { in_lab nsenter -t "$pid" -m sh -c "touch $1/.probe && rm $1/.probe" 2>/dev/null; }
for dir in /run/hubshare /run/samba /run/samba/hubshare /etc/samba/{perm,temp}.conf.d \
	/var/lib/samba; do
	ok "it can write $dir" writes "$dir"
done
for dir in / /home/user /etc /etc/samba /etc/hubshare /usr/bin /srv/one /var/lib /var/spool /boot; do
	refused "it cannot write $dir" writes "$dir"
done
ok "it sees homes" in_lab nsenter -t "$pid" -m test -d /home/user

# told PATTERN: a watch has said so.
told() { grep -qE -- "$1" "$LAB_STATE/told"; }
as_user hubshare watch --json >"$LAB_STATE/told" 2>&1 &
watch=$!
reads() { client_smb "$1" "$2" "get file -"; }
hs add -r -g alpha /srv/one one >/dev/null
hs add -r -g beta /srv/two two >/dev/null
says "in one" "a VM reads its share" reads a one
refused "another does not" reads b one
ok "the gate stands" in_lab nft list table bridge hubshare
session_open a a one
says "in one" "a session is open" session a "get file -"
soon 20 "it is seen" told '"session-opened".* "vm": "alpha"'
in_lab ip -n a address flush dev eth0
in_lab ip -n a address add 172.16.10.21/24 dev eth0
in_client a arping -q -c 1 -U -I eth0 172.16.10.21
soon 20 "the VM moves: its share is opened there" told '"share-opened".*"172.16.10.21"'
soon 20 "and closed where it was" told '"share-closed".*"172.16.10.11"'
soon 20 "its session is cut" told '"session-closed".*"172.16.10.11"'
says "in one" "it reads" reads a one
refused "the service missed no right" told '"degraded"'
# journal_says PATTERN ARGUMENT...: of journalctl.
journal_says() { in_lab journalctl --no-pager --quiet "${@:2}" | grep -qE -- "$1"; }
soon 10 "the journal has it" \
	journal_says "MESSAGE=alpha has moved from 172.16.10.11 to 172.16.10.21 .* on tap-a" \
	-o verbose HUBSHARE_KIND=address-moved
soon 10 "by its ID" journal_says "PRIORITY=6" \
	-o verbose MESSAGE_ID=04e3511be6604baab1bbd55f109748f4 HUBSHARE_TAP=tap-a
soon 10 "as a person reads it" journal_says "'one' of alpha is closed at 172.16.10.11" \
	-t hubshare HUBSHARE_VM=alpha HUBSHARE_SHARE=one

# What a member of the group does by it, with nothing but what the unit leaves.
in_lab sh -c 'echo "of user" >/home/user/tmp/file; chmod 700 /home/user; chown user: /home/user/tmp/file'
says "^alpha .* has /home/user/tmp as 'mine'" "a member adds what lies in his own home" \
	hs_user add -g alpha /home/user/tmp mine
says "of user" "its VM reads" reads a mine
ok "and writes" client_smb a mine "put /etc/hostname from-a"
same "as he does" user "$(in_lab stat -c %U /home/user/tmp/from-a)"
same "what the service writes is the group's" "640 root hubshare" \
	"$(in_lab sh -c 'stat -c "%a %U %G" /etc/samba/temp.conf.d/*-*-*.conf' | sort -u)"
same "and its sockets" "660 root hubshare" \
	"$(in_lab sh -c 'stat -c "%a %U %G" /run/hubshare/control /run/hubshare/events' | sort -u)"
ok "he changes it" hs_user edit alpha mine -r
ok "and lets it be written again" hs_user edit alpha mine --read-write
ok "read-only what he may only read" hs_user add -g -r beta /srv/two look
gives 6 "and no more, though the service sees all read-only" hs_user edit beta look --read-write
gives 6 "nor at once" hs_user add -g beta /srv/two write
gives 6 "what is another's he does not" hs_user remove alpha one
gives 6 "nor what he may not read" hs_user add -g -r alpha /root x
in_lab sh -c 'mkdir /tmp/user; chown user: /tmp/user'
gives 6 "nor what lies in /tmp, which is another for the service" hs_user add -g alpha /tmp/user x
ok "as is said" grep -q "as of what lies in /tmp" <<<"$seen"
session_open m a mine
says "of user" "a session is open" session m "get file -"
ok "he takes it away" hs_user remove alpha mine
refused "the session is cut" session m "get file -"
refused "the service missed no right for that" told '"degraded"'
soon 10 "the journal has who did what" \
	journal_says "MESSAGE=user .user $(in_lab id -u user). called 'hubshare remove alpha mine': done" \
	-o verbose HUBSHARE_KIND=command HUBSHARE_ACCOUNT=user
soon 10 "also what was refused" journal_says "called 'hubshare remove alpha one': 'one' was given by root" \
	-o cat HUBSHARE_KIND=command
soon 10 "and what root did" journal_says "root .user 0. called 'hubshare add -r -g alpha /srv/one one': done" \
	-o cat MESSAGE_ID=8904335d43e6476b8afe06fc368b1395 HUBSHARE_UID=0

hs clean --dry-run
hs clean
soon 10 "also that he has cleaned up" journal_says "called 'hubshare clean': done" -o cat HUBSHARE_UID=0
refused "what only looks is not in it" journal_says "hubshare (list|clean --dry-run)" -o cat HUBSHARE_KIND=command

# restarted COUNT: so often by now, and it is ready again.
restarted() { (($(show NRestarts) >= $1)) && [[ $(show ActiveState) == active ]]; }
in_lab kill -KILL "$pid"
soon 30 "killed: it is started again" restarted 1
soon 10 "who watched is told" test ! -d "/proc/$watch"
says "in one" "nothing is lost" reads a one
in_lab kill -STOP "$(show MainPID)"
soon 60 "hung: it is started again" restarted 2
says "in two" "and serves" reads b two
ok "it stops" unit stop hubshare
same "well" success "$(show Result)"
refused "nothing of it is left" in_lab test -e /run/hubshare
says "in one" "but what was open is open" reads a one

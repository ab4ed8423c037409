#!/bin/bash
# SPDX-License-Identifier: ISC
# setup and its --undo, killed at each system call by which they change something: undo leaves
# the tree as it was before, and setup ends what it began.
. "$(dirname "$0")/lib.sh"

tree=$root/tree
before=$root/before after=$root/after

new_tree() {
	mkdir -p "$before"/etc/{samba/temp.conf.d,apparmor.d/local,firewalld} "$before"/var/lib \
		"$before"/lib/systemd/system
	printf '[global]\n\tworkgroup = X\n\tserver string = a \\' >"$before/etc/samba/smb.conf"
	chmod 640 "$before/etc/samba/smb.conf"
	: >"$before/etc/apparmor.d/usr.sbin.smbd"
	: >"$before/lib/systemd/system/smbd.service"
	: >"$before/lib/systemd/system/hubshare.service"
}
picture_of() {
	(cd "$1" && find . -printf '%y %m %U:%G %p %l\n' | sort &&
		find . -type f -exec cksum {} + | sort)
}
# from DIRECTORY: that is the tree.
from() {
	rm -rf "$tree"
	cp -a "$1" "$tree"
}
set_up() {
	"$build/hubshare" --root "$tree" setup "$@" >"$root/out" 2>"$root/err"
	status=$?
}
# killed N ARGUMENTS...: at the Nth of its calls.
killed() {
	"$meddle" "$tree" "$root/journal" kill "$1" "$build/hubshare" --root "$tree" setup \
		"${@:2}" >"$root/out" 2>"$root/err"
	status=$?
	((status != 77)) || {
		echo "skip $(basename "$0"): no seccomp_unotify(2) here"
		exit 77
	}
}
# wrong TEXT
tries=0 wrongs=0
wrong() {
	wrongs=$((wrongs + 1))
	echo "# $*"
}
# is WHAT DIRECTORY: the tree is that.
is() {
	local difference
	difference=$(diff <(picture_of "$2") <(picture_of "$tree") | head -5)
	[[ ! $difference ]] || wrong "$1: $difference"
}

new_tree
from "$before"
killed 0
same "setup ends" 0 "$status"
journal() {
	calls=$(wc -l <"$root/journal")
	cp "$root/journal" "$root/calls"
}
# Setup again is tried at one of some points, by the seed.
every=$([[ ${HUBSHARE_LONG-} ]] && echo 1 || echo 6)
journal
cp -a "$tree" "$after"
ok "it has many calls ($calls)" test "$calls" -gt 100
for ((n = 1; n <= calls; n++)); do
	point="setup killed at $(sed -n "${n}p" "$root/calls" | cut -c1-100)"
	tries=$((tries + 1))
	from "$before"
	killed "$n"
	((status == 137)) || wrong "$point: it ended with $status"
	rm -rf "$root/half"
	cp -a "$tree" "$root/half"
	set_up --undo
	((status == 0)) || wrong "$point, undone: $status, $(<"$root/err")"
	is "$point, undone" "$before"
	((RANDOM % every == 0)) || continue
	from "$root/half"
	set_up
	((status == 0)) || wrong "$point, again: $status, $(<"$root/err")"
	set_up --undo
	is "$point, again, and undone" "$before"
done
same "setup: of $tries points" 0 "$wrongs"

tries=0 wrongs=0
from "$after"
killed 0 --undo
is "undone" "$before"
journal
for ((n = 1; n <= calls; n++)); do
	point="undo killed at $(sed -n "${n}p" "$root/calls" | cut -c1-100)"
	tries=$((tries + 1))
	from "$after"
	killed "$n" --undo
	((status == 137)) || wrong "$point: it ended with $status"
	set_up --undo
	((status == 0)) || wrong "$point, again: $status, $(<"$root/err")"
	is "$point, again" "$before"
done
same "undo: of $tries points" 0 "$wrongs"

# Another version, whose pieces are others, comes after it.
mkdir "$root/old"
cp -rL "$(readlink -f "$build/hubshare")" "$build/setup-snippets/" "$build/samba-snippets/" "$root/old"
sed -i 's/^# Made by/# Older.\n&/' "$root/old"/setup-snippets/{tmpfiles,smbd-libvirt}.conf
sed -i 's/Files for all VMs/Files/' "$root/old/samba-snippets/vmshare.conf"
tries=0 wrongs=0
from "$before"
"$root/old/hubshare" --root "$tree" setup >"$root/out"
rm -rf "$root/half"
cp -a "$tree" "$root/half"
killed 0
same "what an older one has made is replaced" "0 3" \
	"$status $(grep -cE "is an older one|VMshare. missing" "$root/out")"
ok "by the same" diff -r --no-dereference --exclude=setup.json "$after" "$tree"
journal
for ((n = 1; n <= calls; n++)); do
	point="an upgrade killed at $(sed -n "${n}p" "$root/calls" | cut -c1-100)"
	tries=$((tries + 1))
	from "$root/half"
	killed "$n"
	((status == 137)) || wrong "$point: it ended with $status"
	set_up
	((status == 0)) || wrong "$point, again: $status, $(<"$root/err") $(<"$root/out")"
	set_up --undo
	is "$point, again, and undone" "$before"
done
same "upgrade: of $tries points" 0 "$wrongs"
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# A stranger's way: a host with libvirtd, Samba as Debian brings it, a VM without a card, and
# README.md alone.  Each line that the README has typed is typed, and what it shows is what is seen
# ("..." stands for what it leaves out); at the end the host is as it was.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=script/lib.sh
. "$(dirname -- "$0")/../../script/lib.sh"
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
trap finish EXIT
trap 'exit 130' INT TERM HUP
setup "${BUILD_PACKAGES[@]}" "${LAB_PACKAGES[@]}" "${PACKAGE_PACKAGES[@]}" zsh
vm=untrusted-0
export DEB_BUILD_OPTIONS=nocheck
ok "the package is built" "$TOP/script/package" deb
"$LAB_SRC/image.sh"

lab_start --tied
in_lab sh -c "ip link delete br-hub
	mkdir -p /etc/samba /run/samba /var/lib/samba/private /var/cache/samba /var/log/samba
	cp /usr/share/samba/smb.conf /etc/samba/
	useradd -m -s /bin/bash user
	echo 'user ALL = (ALL) NOPASSWD: ALL' >/etc/sudoers.d/lab
	echo 'APT::Install-Recommends \"false\";' >/etc/apt/apt.conf.d/lab # there is no way out
	cp '$TOP'/build-package/deb/hubshare_*.deb /home/user/
	install -d -o user /home/user/tmp && echo 'for the guest' >/home/user/tmp/hello
	mkdir -p /etc/libvirt/qemu/networks/autostart /var/lib/libvirt/dnsmasq
	# Debian's default is none of them.
	rm -rf /etc/firewalld /etc/apparmor.d/usr.sbin.smbd /etc/apparmor.d/local/usr.sbin.smbd"
in_lab bash "$LAB_SRC/services.sh" libvirt
in_lab smbd -D
ok "smbd runs" wait_for 20 in_lab smbcontrol smbd ping
guest_define $vm
in_lab virsh -q detach-interface $vm bridge --config
in_lab virsh -q start $vm
ready() { in_lab grep -qs "lab: ready" "/var/log/libvirt/console-$vm.log"; }
ok "a VM runs, without a card" wait_for 120 ready
host_listing >"$LAB_STATE/before"

# like TEXT: with what differs from host to host made equal.
like() {
	sed -E 's/172\.16\.10\.([2-9]|[0-9]{2,3})\>/ADDRESS/g; s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g
		s/[[:space:]]+$//' | sed '/^$/d'
}
# as_shown SHOWN SEEN: the same, with any lines for "...".
as_shown() {
	local pattern
	pattern=$(like <<<"$1" | sed 's/[][*?\\]/\\&/g; s/^\.\.\.$/*/')
	# shellcheck disable=SC2053 # a pattern
	[[ $(like <<<"$2") == $pattern ]]
}
typed() {
	echo "$1"
	case $1 in
	'$ '*) said=$(as_user bash -c "cd && ${1#\$ }" 2>&1) && status=0 || status=$? ;;
	'# '*) said=$(in_guest $vm "$(busybox_says "${1#\# }")" 2>&1) && status=0 || status=$? ;;
	esac
	[[ -z $said ]] || printf '%s\n' "$said"
}
# The guests' mount is busybox's, which does not look for mount.cifs.
busybox_says() { sed 's/^mount -t cifs/mount.cifs/' <<<"$1"; }
# walk: the commands of the README's section "From nothing to a file in the guest".
walk() {
	local line command='' shown=''
	while IFS= read -r line; do
		case $line in
		'$ '* | '# '* | end)
			if [[ $command ]]; then
				typed "$command" </dev/null
				same "it works: $command" 0 "$status"
				[[ -z $shown ]] || ok "and says what is shown" as_shown "$shown" "$said"
				after "$command"
			fi
			command=$line shown=''
			;;
		*) shown+=$line$'\n' ;;
		esac
	done
}
# What happens by itself elsewhere: systemd starts the service, the guest's system asks by DHCP.
after() {
	case $1 in
	*'hubshare setup') ok "the service runs" service_start ;;
	*attach-interface*)
		soon 20 "the guest has its card" in_guest $vm "ip link set eth0 up"
		ok "and an address" in_guest $vm "udhcpc -i eth0 -s /bin/lease -t 20 -T 1 -n -q"
		ok "the VM is heard" hs wait -t 20 $vm
		;;
	esac
}
section() {
	sed -n '/^## From nothing/,/^## /p' "$TOP/README.md" |
		awk '/^```/ { inside = !inside; next } inside' | sed '/^$/d'
	echo end
}
walk < <(section)
says "^_hubshare$" "zsh finds what completes it" \
	in_lab zsh -fc 'autoload -Uz compinit && compinit -u -D && print $_comps[hubshare]'
in_lab sh -c 'echo later >/home/user/tmp/later' # what it has read it may remember
refused "and it is gone" in_guest $vm "cat /mnt/later"
in_lab rm /home/user/tmp/later
ok "all is well" hs doctor

# And back.
in_guest $vm "umount -l /mnt" >/dev/null || true
card=$(in_lab virsh -q domiflist $vm | awk '{ print $5 }')
in_lab virsh -q detach-interface $vm network --mac "$card" --live --config
service_stop
ok "it is purged" as_user sudo apt-get -qq -y purge hubshare
same "nothing of it is left, and nothing of others touched" "" \
	"$(diff "$LAB_STATE/before" <(host_listing) || true)"

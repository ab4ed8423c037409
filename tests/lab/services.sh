#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# services.sh samba|dhcp [RANGE]|libvirt|hubshare [OPTION...]: starts a service inside the lab and
# returns once it answers.
set -euo pipefail
# shellcheck source=tests/lab/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

serve_samba() {
	mkdir -p /etc/samba/{perm,temp}.conf.d /VMshare /run/samba/hubshare \
		/var/lib/samba/private /var/cache/samba /var/log/samba
	mount -t tmpfs -o mode=755 temp.conf.d /etc/samba/temp.conf.d
	echo "Hello from the host" >/VMshare/hello.txt
	# The configuration is the project's own, as an admin would make it.
	hubconf --smb-conf >/etc/samba/smb.conf
	smbd -D
	wait_for 10 smbcontrol smbd ping
}

# As on the real bridge: an address and nothing else.  No ping before a lease, it costs 3 s.
serve_dhcp() {
	mkdir -p /var/lib/misc
	dnsmasq --conf-file=/dev/null --port=0 --interface=br-hub --bind-interfaces \
		--except-interface=lo --dhcp-range="${1:-172.16.10.50,172.16.10.250},255.255.255.0,12h" \
		--dhcp-option=3 --dhcp-option=6 --dhcp-authoritative --no-ping --user=root \
		--dhcp-leasefile=/var/lib/misc/dnsmasq.leases \
		--pid-file=/run/lab/dnsmasq.pid --log-facility=/var/log/dnsmasq.log
}

serve_libvirt() {
	mkdir -p /etc/libvirt /var/lib/libvirt /var/log/libvirt /run/libvirt
	# libvirtd resolves these names although its guests run as root here.
	getent group kvm >/dev/null || groupadd -r kvm
	getent group libvirt-qemu >/dev/null || groupadd -r libvirt-qemu
	getent passwd libvirt-qemu >/dev/null ||
		useradd -r -M -g kvm -d /var/lib/libvirt -s /usr/sbin/nologin libvirt-qemu
	cat >/etc/libvirt/libvirtd.conf <<-END
		host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
		auth_unix_ro = "none"
		auth_unix_rw = "none"
		unix_sock_rw_perms = "0700"
		log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
	END
	# No cgroups, no security driver, no virtlogd in here; the kernel image stays whose it is.
	cat >/etc/libvirt/qemu.conf <<-END
		user = "root"
		group = "root"
		dynamic_ownership = 0
		remember_owner = 0
		security_driver = "none"
		namespaces = [ ]
		cgroup_controllers = [ ]
		stdio_handler = "file"
	END
	libvirtd -d -p /run/lab/libvirtd.pid
	wait_for 30 virsh -c qemu:///system version ||
		die "libvirtd does not answer: $(tail -5 /var/log/libvirt/libvirtd.log)"
}

# As systemd runs it (Type=notify): what it says of itself is in /run/lab/notify.log.
serve_hubshare() {
	local log=/var/log/hubshare.log
	: >/run/lab/notify.log
	if [[ ! -S /run/lab/notify ]]; then
		socat -u UNIX-RECV:/run/lab/notify OPEN:/run/lab/notify.log,append \
			</dev/null >/dev/null 2>&1 &
		wait_for 10 test -S /run/lab/notify
	fi
	NOTIFY_SOCKET=/run/lab/notify hubshare sync --watch "$@" </dev/null >>"$log" 2>&1 &
	echo $! >/run/lab/hubshare.pid
	wait_for 60 hubshare_ready_or_ended
	grep -qs READY=1 /run/lab/notify.log || die "hubshare does not serve: $(tail -5 "$log")"
}
hubshare_ready_or_ended() {
	grep -qs READY=1 /run/lab/notify.log || [[ ! -d /proc/$(cat /run/lab/hubshare.pid) ]]
}

service=$1
shift
"serve_$service" "$@"

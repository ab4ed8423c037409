# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What the scripts share: packages and builds.
# shellcheck disable=SC2034 # the lists are for those who source this

TOP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

stop() {
	echo "${0##*/}: $*" >&2
	exit 1
}

((EUID == 0)) || stop "needs root for packages and namespaces: sudo script/${0##*/}"

# To build; one line for each reason.
BUILD_PACKAGES=(
	autoconf automake gcc libc6-dev make pkg-config
	libtalloc-dev libbsd-dev libmd-dev libinih-dev libjansson-dev libxml2-dev
	libpcap-dev libcap-ng-dev libseccomp-dev libvirt-dev libmnl-dev libnftables-dev
	libsystemd-dev libtevent-dev libcmocka-dev
)
# To run: the host's services, the guests, who calls and looks.
LAB_PACKAGES=(
	libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86
	samba smbclient dnsmasq-base iproute2 socat
	busybox-static kmod cifs-utils # into the guests' initramfs
	libcap2-bin sudo               # hubscan's capability; a user who types sudo
	iputils-ping iputils-arping    # namespaces that speak as guests do
	procps tcpdump nftables        # sysctl; what is on the wire, and what may not be
	python3                        # a client that speaks SMB as no well-behaved one does
	apparmor                       # judges what setup has smbd's profile take in
)
# To build with the other compiler, and to fuzz.
FUZZ_PACKAGES=(clang libclang-rt-dev)
# Who may keep the bridge and the firewall of a host that is set up, where that is tried: they are
# installed in labs alone, since on the machine they would begin to keep its own.
KEEPER_PACKAGES=(dbus firewalld ifupdown network-manager)
# To look into memory, with script/test --long.
LONG_PACKAGES=(valgrind)
# To make packages, and to judge them, where that is tested.
PACKAGE_PACKAGES=(debhelper fakeroot rpm)
JUDGE_PACKAGES=(lintian apparmor-profiles debootstrap)
# To look at the sources; the shell whose completion is tried beside bash's.
LINT_PACKAGES=(
	shellcheck mandoc systemd zsh
	clang-format clang-tidy cppcheck # the sources' form, and what is wrong in them
	gcovr                            # how much of them is run
	python3-jsonschema               # what is printed for programs
)

# setup PACKAGE...: installs what is missing, from Debian alone.
setup() {
	local package missing=()
	for package; do
		[[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] ||
			missing+=("$package")
	done
	((${#missing[@]})) || return 0
	echo "Installing ${missing[*]}"
	(
		export DEBIAN_FRONTEND=noninteractive
		# Without this, packages would start smbd and others on the machine itself.
		if [[ ! -e /usr/sbin/policy-rc.d ]]; then
			trap 'rm -f /usr/sbin/policy-rc.d' EXIT
			printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
			chmod 755 /usr/sbin/policy-rc.d
		fi
		install=(apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0
			-o DPkg::Lock::Timeout=300 install "${missing[@]}")
		"${install[@]}" || { apt-get -qq update && "${install[@]}"; }
	) >"$TOP/build-setup.log" 2>&1 || {
		tail -20 "$TOP/build-setup.log" >&2
		stop "cannot install ${missing[*]}"
	}
}

# fetch PACKAGE...: puts what they need and the machine has not into build-lab/archives, from where
# labs install it.
fetch() {
	local archives=$TOP/build-lab/archives get
	mkdir -p "$archives/partial"
	get=(apt-get -qq -y --no-install-recommends --download-only -o DPkg::Lock::Timeout=300
		-o APT::Sandbox::User=root -o Dir::Cache::archives="$archives" install "$@")
	{ "${get[@]}" || { apt-get -qq update && "${get[@]}"; }; } >"$TOP/build-fetch.log" 2>&1 || {
		tail -20 "$TOP/build-fetch.log" >&2
		stop "cannot fetch $*"
	}
}

# as_owner COMMAND...: as whoever the clone belongs to, so that no file of root's is left.
as_owner() {
	local uid gid
	read -r uid gid < <(stat -c '%u %g' "$TOP")
	if ((uid == 0)); then
		"$@"
	else
		setpriv --reuid="$uid" --regid="$gid" --clear-groups "$@"
	fi
}

# configured NAME [CONFIGURE ARGUMENT...]: build-NAME is there, ready for make.
configured() { make_target='' build "$@"; }

# There is a configure as new as what it is made of; one makes it at a time.
prepare() {
	flock 9
	if [[ ! -x $TOP/configure || $TOP/configure.ac -nt $TOP/configure ||
		$TOP/Makefile.am -nt $TOP/Makefile.in ]]; then
		as_owner autoreconf -fi "$TOP"
	fi
} 9>"$TOP/build.lock"

# build NAME [CONFIGURE ARGUMENT...]: builds in build-NAME, what has changed only.
build() {
	local dir=$TOP/build-$1
	shift
	[[ ! -e $TOP/config.status ]] ||
		stop "the sources are configured in place; say 'make distclean' first"
	as_owner mkdir -p "$dir"
	(
		prepare
		flock 9
		cd "$dir"
		[[ $dir/config.status -nt $TOP/configure ]] ||
			as_owner "$TOP/configure" -q --prefix=/usr --sysconfdir=/etc \
				--localstatedir=/var "$@"
		[[ -z ${make_target-all} ]] || as_owner make -s -j"$(nproc)" all
	) 9>"$dir/build.lock" >"$dir/build.log" 2>&1 || {
		tail -40 "$dir/build.log" >&2
		stop "the build in ${dir##*/} failed"
	}
}

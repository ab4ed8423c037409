#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# image.sh: makes the guests' kernel and initramfs in $LAB_CACHE from Debian's packages, and in
# $LAB_CACHE/bin the programs of the tests that run in guests and in namespaces.
# Does nothing when they are there and newer than what they are made of.
set -euo pipefail
# shellcheck source=tests/lab/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
mkdir -p "$LAB_CACHE"
exec {lock}>"$LAB_CACHE/lock"
flock "$lock"

work=$(mktemp -d "$LAB_CACHE/image.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The package is unpacked, never installed: that would make an initramfs for this machine.
kernel() {
	local package
	package=$(apt-cache depends linux-image-cloud-amd64 |
		awk '$1 == "Depends:" && $2 ~ /^linux-image/ { print $2; exit }')
	mkdir "$work/deb"
	(cd "$work/deb" && apt-get -qq -o APT::Sandbox::User=root download "$package")
	dpkg-deb -x "$work"/deb/*.deb "$work/kernel"
	depmod -b "$work/kernel" "$(ls "$work/kernel/lib/modules")"
	rm -rf "$LAB_CACHE/kernel"
	mv "$work/kernel" "$LAB_CACHE/kernel"
	cp "$LAB_CACHE"/kernel/boot/vmlinuz-* "$work/vmlinuz"
	mv "$work/vmlinuz" "$LAB_CACHE/vmlinuz"
}

# modules LIST NAME...: what modprobe would load, in its order, goes into /modules/LIST.
modules() {
	local list=$1 name file
	shift
	for name; do
		modprobe -d "$LAB_CACHE/kernel" -S "$(ls "$LAB_CACHE/kernel/lib/modules")" \
			--show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		[[ -e $root/modules/${file##*/} ]] || {
			cp "$file" "$root/modules/"
			echo "${file##*/}" >>"$root/modules/$list"
		}
	done
}

# Linked statically: a guest has no libraries but mount.cifs's.
programs() {
	local name
	mkdir -p "$LAB_CACHE/bin"
	for name in frames liar; do
		[[ $LAB_SRC/$name.c -nt $LAB_CACHE/bin/$name ]] || continue
		gcc -static -O2 -g -std=gnu17 -Wall -Wextra "$LAB_SRC/$name.c" -o "$work/$name"
		mv "$work/$name" "$LAB_CACHE/bin/$name"
	done
}

initramfs() {
	local root=$work/root applet library
	mkdir -p "$root"/{bin,dev,etc,mnt,modules,proc,run,sys,tmp}
	ln -s bin "$root/sbin"
	cp /bin/busybox "$root/bin/"
	for applet in $(/bin/busybox --list); do
		ln -s busybox "$root/bin/$applet" 2>/dev/null || true
	done
	cp --remove-destination "$(command -v mount.cifs)" "$root/bin/mount.cifs"
	cp "$LAB_CACHE"/bin/* "$root/bin/"
	ldd "$root/bin/mount.cifs" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$root/${library%/*}"
		cp -L "$library" "$root/$library"
	done
	modules boot virtio_pci virtio_net virtio_console
	# cifs asks for its ciphers by name and nobody in the guest would load them then.
	modules cifs ccm ghash_generic gcm cmac ecb ctr md5 sha256_generic sha512_generic \
		aes_generic nls_utf8 cifs
	install -m 755 "$LAB_SRC/guest-init" "$root/init"
	install -m 755 "$LAB_SRC/guest-lease" "$root/bin/lease"
	echo root:x:0:0:root:/:/bin/sh >"$root/etc/passwd"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initramfs"
	mv "$work/initramfs" "$LAB_CACHE/initramfs"
}

newer_than_initramfs() {
	local made_of
	for made_of in vmlinuz "$LAB_CACHE"/bin/* "$LAB_SRC"/guest-* "$LAB_SRC/image.sh" \
		"$(command -v mount.cifs)"; do
		[[ ${made_of/#vmlinuz/$LAB_CACHE/vmlinuz} -ot $LAB_CACHE/initramfs ]] || return 0
	done
	return 1
}

[[ -e $LAB_CACHE/vmlinuz ]] || kernel
programs
! newer_than_initramfs || initramfs

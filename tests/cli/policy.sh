#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare add: which directories may be shared, and by whom; the line that allows it.
. "$(dirname "$0")/lib.sh"

vms untrusted-0 1 on
heard 172.16.10.11 1
# configure LINE...: what hubshare.conf says.
configure() { printf '%s\n' '[hubshare]' "$@" >"$settings"; }
shown() { sed "s|$root|ROOT|" <<<"$1"; }

for path in / /etc /etc/ssl /proc /proc/self /sys /dev /run /var/lib "$samba" "$perm" "$run" \
	"$root/etc" "$root"; do
	mkdir -p "$run"
	unchanged "$(shown "$path")" 6 add -r untrusted-0 "$path" z
	warns "$(shown "$path"): the way out" "'allow-roots = /.*' in hubshare.conf would allow it$"
done
ln -s /etc "$data/innocent"
unchanged "a link into it" 6 add -r untrusted-0 "$data/innocent/ssl" z
warns "says where it leads" "^'/etc/ssl' cannot be shared: it lies in /etc "

mkdir -p "$data/keys/pub" "$data/tmp"
configure 'allow-roots = /etc/ssl ; for the tests' "deny-roots = /none" "    $data/keys"
gives "what is allowed" 0 add -r untrusted-0 "$data/innocent/ssl/certs" certs
says "is shown as it is" "has /etc/ssl/certs as 'certs'$"
unchanged "what is denied" 6 add untrusted-0 "$data/keys" z
unchanged "what lies in it" 6 add untrusted-0 "$data/keys/pub" z
unchanged "what holds it" 6 add untrusted-0 "$data" z
warns "says so" "it holds $data/keys \(deny-roots\)"
gives "what lies beside it" 0 add untrusted-0 "$data/tmp" beside
configure 'deny-roots = tmp'
unchanged "a root that is none" 2 add untrusted-0 "$data/tmp" z
configure "deny-roots = /$(printf 'x%.0s' {1..200})"
unchanged "a line that is too long" 2 add untrusted-0 "$data/tmp" z
configure

# The disks of a VM, its own or another's, on or off; a CD is none.
mkdir -p "$data/vms/shared" "$data/cds"
: >"$data/vms/real.qcow2"
ln -s real.qcow2 "$data/vms/link.qcow2"
mkdir "$data/links" && ln -s ../vms/link.qcow2 "$data/links/two.qcow2"
: >"$data/cds/one.iso"
vms untrusted-0 1 on other 2 off
sed -i "0,/<interface/s||<disk type='file' device='cdrom'><source file='$data/cds/one.iso'/>\
<target dev='sda'/></disk>&|; \$!b" "$root/vms.xml"
awk -v disk="<disk type='file'><source file='$data/links/two.qcow2'/><target dev='vda'/></disk>" \
	'/<interface/ && ++n == 2 { print disk } { print }' "$root/vms.xml" >"$root/vms.new"
mv "$root/vms.new" "$root/vms.xml"
unchanged "where the disk of a VM is" 6 add untrusted-0 "$data/vms" z
warns "names it" "it holds $data/vms/real.qcow2 \(a disk of the VM other\)"
gives "a directory beside the disk" 0 add untrusted-0 "$data/vms/shared" vms
gives "where a CD is" 0 add untrusted-0 "$data/cds" cds
configure "allow-roots = $data/vms"
gives "where the disk of a VM is, allowed" 0 add -r untrusted-0 "$data/vms" disks
configure

# A disk that is a volume of a pool; one that libvirt does not find there; a pool that is gone.
mkdir -p "$data/pool/beside" "$data/boot"
volume() {
	vms untrusted-0 1 on
	sed -i "0,/<interface/s||<disk type='volume'><source pool='$1' volume='$2'/>\\
<target dev='vda'/></disk>&|; s|<os>|&<kernel>$data/boot/kernel</kernel>|; s|</node>|<pool type='dir'>\\
<name>p</name><target><path>$data/pool</path></target>\\
<volume type='file'><name>one</name><capacity>1</capacity><target><path>$data/pool/one</path>\\
</target></volume></pool>&|" "$root/vms.xml"
}
volume p one
unchanged "where a volume of a VM is" 6 add untrusted-0 "$data/pool" z
warns "names it" "it holds $data/pool/one \(a disk of the VM untrusted-0\)"
unchanged "where its kernel is" 6 add untrusted-0 "$data/boot" z
gives "a directory beside the volume" 0 add -r untrusted-0 "$data/pool/beside" beside1
volume p none
unchanged "a pool with a volume that is not found" 6 add untrusted-0 "$data/pool/beside" z
warns "names the pool" "it lies in $data/pool \("
volume gone one
gives "a pool that there is not" 0 add -r untrusted-0 "$data/pool" gone
hub remove untrusted-0 gone
hub remove untrusted-0 beside1
vms untrusted-0 1 on other 2 off

# Another name by a mount, in a namespace of its own.
mkdir -p "$data/mounted/here" "$root/bound"
cat >"$root/bound/hubshare" <<END
#!/bin/sh
exec unshare -m sh -c 'mount --bind "\$BIND" "$data/mounted/here" && exec "$build/hubshare" "\$@"' sh "\$@"
END
chmod +x "$root/bound/hubshare"
if unshare -m mount --bind /etc "$data/mounted/here" 2>/dev/null; then
	plain=$build build=$root/bound
	export BIND=/etc/ssl
	unchanged "a mount of what is refused" 6 add -r untrusted-0 "$data/mounted/here" z
	warns "says of what" "it is $data/mounted/here \(.*, by a mount of /etc/ssl\)"
	unchanged "what holds such a mount" 6 add -r untrusted-0 "$data/mounted" z
	BIND=$data/pool
	gives "a mount of what is free" 0 add -r untrusted-0 "$data/mounted" mounted
	build=$plain
	hub remove untrusted-0 mounted
else
	echo "skip mounts: they are root's"
fi

# Whoever calls must have himself what he gives.
mkdir -m 755 "$data/own" "$data/others"
if (($(id -u) == 0)); then
	chmod 755 "$root" "$data"
	chown daemon "$data/own"
	export SUDO_UID
	SUDO_UID=$(id -u daemon)
	gives "the caller's own" 0 add untrusted-0 "$data/own" own
	unchanged "where he may not write" 6 add untrusted-0 "$data/others" z
	warns "says what would do" "^'$data/others' cannot be shared: daemon may not write in it; .* -r$"
	gives "he may read" 0 add -r untrusted-0 "$data/others" others
	unchanged "nor write later" 6 edit untrusted-0 others --read-write
	gives "what he has may become less" 0 edit untrusted-0 own -r
	gives "and his own again" 0 edit untrusted-0 own --read-write
	configure "deny-roots = $data/own"
	gives "what is denied since may become less" 0 edit untrusted-0 own -r
	unchanged "and not more" 6 edit untrusted-0 own --read-write
	configure
	chmod 700 "$data/others"
	unchanged "where he may not read" 6 add -r untrusted-0 "$data/others" z
	warns "says so" "daemon may not read it"
	chmod 744 "$data/others"
	unchanged "where he may not search" 6 add -r untrusted-0 "$data/others" z
	mkdir -m 755 "$data/others/deep"
	unchanged "nor below" 6 add -r untrusted-0 "$data/others/deep" z
	SUDO_UID=0
	gives "root may" 0 add untrusted-0 "$data/others" root
	SUDO_UID=$(id -u daemon)
	mkdir -m 755 "$data/swap" "$data/swap/in"
	chown daemon "$data/swap/in"
	gives "under root's directory" 0 add untrusted-0 "$data/swap/in" quiet
	not "nothing is said" test -s "$root/err"
	chown nobody "$data/swap"
	gives "under another one's" 0 add untrusted-0 "$data/swap/in" swap
	serves "is shared" 172.16.10.11 "beside cds certs disks others own quiet root swap vms"
	warns "with a warning" "^$data/swap/in may become another .*: $data/swap, in which it lies, belongs to nobody$"
	chmod 1777 "$data/swap"
	chown root "$data/swap"
	gives "in a sticky directory" 0 add untrusted-0 "$data/swap/in" sticky
	not "nothing is said" test -s "$root/err"
	unset SUDO_UID
else
	chmod 555 "$data/own"
	unchanged "where he may not write" 6 add untrusted-0 "$data/own" z
	gives "he may read" 0 add -r untrusted-0 "$data/own" own
	chmod 755 "$data/own"
fi
mkdir -p "$data/any/body"
chmod 777 "$data/any"
gives "where anybody may write" 0 add untrusted-0 "$data/any/body" any
warns "a warning" "^$data/any/body may become .* can be written by anybody$"
ok "that is all" test "$(wc -l <"$root/err")" = 1
finish

#!/bin/bash
# SPDX-License-Identifier: ISC
# setup on a tree of files: an empty one, and one full of an admin's settings, which stay to the
# byte.  Twice is once, --dry-run is nothing, --undo is before.
. "$(dirname "$0")/lib.sh"

tree=$root/tree
conf=$tree/etc/samba/smb.conf
own=$tree${sysconfdir:?}/hubshare/hubshare.conf
mkdir "$tree"

# set_up ARGUMENTS...: setup on the tree, as gives has it from hub.
set_up() {
	"$build/hubshare" --root "$tree" setup "$@" >"$root/out" 2>"$root/err"
	status=$?
}
# ends NAME STATUS ARGUMENTS...
ends() {
	local name=$1 wanted=$2
	shift 2
	set_up "$@"
	if ((status == wanted)); then pass "$name"; else fail "$name"; fi
}
# What the tree is: kind, mode, owner, content, where links lead; "now" also has the times.
picture() {
	(cd "$tree" && find . -printf '%y %m %U:%G %p %l\n' | sort &&
		find . -type f -exec cksum {} + | sort)
}
now() { (cd "$tree" && find . -printf '%p %T@ %C@\n' | sort); }

# goes_round NAME STATUS ARGUMENTS...: --dry-run says what is done and does nothing, setup ends
# with STATUS, again says and does nothing new, and --undo leaves the tree as it was.
goes_round() {
	local name=$1 wanted=$2 before times
	shift 2
	before=$(picture) times=$(now)
	ends "$name: it would be set up" "$wanted" --dry-run "$@"
	same "$name: nothing is changed" "$times" "$(now)"
	cp "$root/out" "$root/said"
	ends "$name: it is set up" "$wanted" "$@"
	ok "$name: as was said" cmp "$root/said" "$root/out"
	not "$name: it is another tree now" test "$before" = "$(picture)"
	cp "$root/out" "$root/made"
	times=$(now)
	ends "$name: once more" "$wanted" "$@"
	not "$name: nothing is missing" grep -E 'missing|making|adding' "$root/out"
	same "$name: nothing is changed any more" "$times" "$(now)"
	ends "$name: it is undone" 0 --undo
	same "$name: the tree is as it was" "$before" "$(picture)"
}
# What setup makes of it, for a look in between.
made() { grep -qE -- "$1" "$root/made"; }

goes_round "an empty tree" 0
ends "the empty tree again" 0
ends "with another keeper of the bridge" 5 --bridge-by ifupdown
says "is told who keeps it" "^br-hub: is libvirt's by an earlier setup"
ends "as before" 0 --bridge-by libvirt
same "it has" "d 755 /VMshare
d 755 /etc
d 755 /etc/libvirt
d 755 /etc/libvirt/qemu
d 755 /etc/libvirt/qemu/networks
d 755 /etc/libvirt/qemu/networks/autostart
d 755 /etc/samba
d 755 /etc/samba/perm.conf.d
d 755 /etc/sysusers.d
d 755 /etc/tmpfiles.d
d 755 /run
d 755 /run/samba
d 755 /run/samba/hubshare
d 755 /run/samba/temp.conf.d
d 755 /var
d 755 /var/lib
d 755 /var/lib/hubshare
f 600 /etc/libvirt/qemu/networks/hub.xml
f 600 /var/lib/hubshare/setup.json
f 644 /etc/samba/smb.conf
f 644 /etc/sysusers.d/hubshare.conf
f 644 /etc/tmpfiles.d/hubshare.conf
l 777 /etc/libvirt/qemu/networks/autostart/hub.xml /etc/libvirt/qemu/networks/hub.xml
l 777 /etc/samba/temp.conf.d /run/samba/temp.conf.d" \
	"$(cd "$tree" && find . -mindepth 1 -printf '%y %m /%P %l\n' | sed 's/ $//' | sort)"
same "its smb.conf is what hubconf prints" "$("$build/hubconf" --smb-conf)" \
	"$(sed '/^# hubshare setup: /d' "$conf")"
same "its network is the one that packaging has" \
	"$(sed '/^<!--/,/^-->/d' "$srcdir/packaging/libvirt/br-hub.xml")" \
	"$(<"$tree/etc/libvirt/qemu/networks/hub.xml")"
for file in sysusers tmpfiles; do
	same "its $file.d is what packaging has" \
		"$(grep -v '^#' "$srcdir/packaging/$file.d/hubshare.conf")" \
		"$(grep -v '^#' "$tree/etc/$file.d/hubshare.conf")"
done
ends "it is undone" 0 --undo
ends "and once more" 0 --undo
same "of which nothing is said" "" "$(cat "$root/out" "$root/err")"

# What somebody has changed since stays, and is named.
ends "a tree for somebody" 0
echo "# mine" >>"$tree/etc/tmpfiles.d/hubshare.conf"
echo "[x]" >"$tree/etc/samba/perm.conf.d/note"
mkdir "$tree/VMshare/packages"
sed -i 's/^# hubshare setup: end/\tcomment = mine\n&/' "$conf"
cp "$conf" "$root/edited"
ends "what was changed is not made again" 5
says "the file is named" '^/etc/tmpfiles.d/hubshare.conf: is there, and not hubshare.s or changed since'
says "the block is named" '^/etc/samba/smb.conf: was changed between hubshare.s marks'
ok "and stays" cmp "$conf" "$root/edited"
ends "nor taken away" 5 --undo
says "a file" '^/etc/tmpfiles.d/hubshare.conf: was changed since; left as it is'
says "lines between the marks" '^/etc/samba/smb.conf: was changed since; left as it is'
says "a directory with something in it" '^/VMshare: something is in it; left as it is'
ok "all of it is there" test -e "$tree/etc/samba/perm.conf.d/note" -a -d "$tree/VMshare/packages"
ok "lines too" cmp "$conf" "$root/edited"
not "the rest is gone" test -e "$tree/etc/libvirt"
sed -i '/comment = mine/d' "$conf"
sed -i '/# mine/d' "$tree/etc/tmpfiles.d/hubshare.conf"
rm -r "$tree/etc/samba/perm.conf.d/note" "$tree/VMshare/packages"
ends "what is as it was made goes later" 0 --undo
same "to the last" "" "$(find "$tree" -mindepth 1)"

# A Debian host with an admin who has been there for long.
admin_tree() {
	rm -rf "$tree"
	mkdir -p "$tree"/etc/{samba,network/interfaces.d,apparmor.d/local,firewalld/zones,tmpfiles.d} \
		"$tree"/etc/{NetworkManager/system-connections,systemd/network,hubshare} \
		"$tree"/etc/libvirt/qemu/networks/autostart "$tree"/{srv/daten,var/lib,usr/lib/sysusers.d} \
		"$tree"/lib/systemd/system "$tree"/etc/systemd/system/multi-user.target.wants
	cat >"$conf" <<-'END'
		# My server.  Do not touch!
		[global]
		   workgroup = HOME
		   interfaces = lo eth0
		   bind interfaces only = yes
		   map to guest = bad user
		;   wide links = yes
		   log file = /var/log/samba/log.%m

		[homes]
		   browseable = no
		   hosts deny = 10.0.0.0/8

		[Daten]
		   path = /srv/daten
		   read only = no
		   valid users = anna, \
		      bert
		   veto files = /.git/
		[printers]
		   printable = yes
		   path = /var/tmp
	END
	printf '\n; the end' >>"$conf" # and no newline
	chmod 640 "$conf"
	printf 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n' \
		>"$tree/etc/network/interfaces"
	printf 'profile smbd /usr/sbin/smbd {\n}\n' >"$tree/etc/apparmor.d/usr.sbin.smbd"
	printf '/srv/daten/** rwk,' >"$tree/etc/apparmor.d/local/usr.sbin.smbd"
	printf '<zone><short>home</short></zone>\n' >"$tree/etc/firewalld/zones/home.xml"
	mkdir -p "${own%/*}"
	printf '[hubshare]\n' >"$own"
	printf "<network><name>default</name><bridge name='virbr0'/></network>\n" \
		>"$tree/etc/libvirt/qemu/networks/default.xml"
	ln -s ../default.xml "$tree/etc/libvirt/qemu/networks/autostart/default.xml"
	printf '[Unit]\n' | tee "$tree"/lib/systemd/system/{smbd,hubshare}.service >/dev/null
	printf 'g hubshare -\n' >"$tree/usr/lib/sysusers.d/hubshare.conf"
	ln -s /nowhere "$tree/etc/dangling"
}
admin_tree
cp -a "$tree" "$root/kept"
goes_round "an admin's tree" 0
for line in "/usr/lib/sysusers.d/hubshare.conf: is there" \
	"/etc/firewalld/zones/hubshare.xml: missing, making" \
	"/etc/apparmor.d/local/usr.sbin.smbd: hubshare's lines missing, adding" \
	"/etc/systemd/system/smbd.service.d/hubshare.conf: missing, making" \
	"/etc/systemd/system/multi-user.target.wants/hubshare.service: missing, making" \
	"/etc/samba/smb.conf: VMs are offered [Daten] too" \
	"/etc/samba/smb.conf: 'interfaces = lo eth0 br-hub' missing, adding" \
	"/etc/samba/smb.conf: 'server multi channel support = No' missing, adding" \
	"/etc/samba/smb.conf: [homes] is open to VMs, closing it to 172.16.10.0/24" \
	"/etc/samba/smb.conf: [VMshare] missing, adding" \
	"/etc/samba/smb.conf: include missing, adding"; do
	ok "it says '$line'" grep -qxF -- "$line" "$root/made"
done
before=$(picture)
ends "the admin's tree again" 0
for file in etc/samba/smb.conf etc/apparmor.d/local/usr.sbin.smbd; do
	ok "the admin's bytes of $file are as they were" \
		cmp -n "$(stat -c %s "$root/kept/$file")" "$root/kept/$file" "$tree/$file"
done
same "nor its mode" 640 "$(stat -c %a "$conf")"
value() { testparm -sl --section-name="$1" --parameter-name="$2" "$conf" 2>/dev/null; }
same "homes are closed to VMs, and to whom they were" "172.16.10.0/24 10.0.0.0/8" "$(value homes 'hosts deny')"
same "the admin's share is his" "anna bert" "$(value Daten 'valid users' | tr -d ,)"
same "and writable" No "$(value Daten 'read only')"
same "smbd is on the bridge too" "lo eth0 br-hub" "$(value global interfaces)"
gives_doctor() { "$build/hubshare" --root "$tree" --connect "$connect" doctor 2>/dev/null | grep -E "^[a-z]+ +($1) "; }
not "doctor finds nothing wrong in it" grep -v '^ok' <(gives_doctor \
	"smb.conf|the includes of smb.conf|multi channel is off|Samba serves chosen interfaces|the bridge is one of them|guests are let in|no homes for everybody|where permanent shares are")

# Who writes behind the block writes before it from then on.
printf '\n[Filme]\n\tpath = /srv/filme\n' >>"$conf"
ends "something follows" 0
says "is said" '^/etc/samba/smb.conf: something follows hubshare.s lines, moving them to the end'
same "they are the last lines" "# hubshare setup: end" "$(tail -n 1 "$conf")"
same "the share is there" /srv/filme "$(value Filme path)"
ends "it is undone" 0 --undo
ok "the new share stays" grep -q '^\[Filme\]' "$conf"
sed -i '/^; the end/,$d' "$conf"
printf '; the end' >>"$conf"
same "and that is all" "$before" "$(picture)"

# conflict NAME LINE PATTERN [LEFT]: an admin says otherwise in [global]; setup says which line,
# and, with LEFT, does nothing at all to the file.
conflict() {
	admin_tree
	sed -i "/map to guest/d; s/^   workgroup.*/&\n   $2/" "$conf"
	local text
	text=$(<"$conf")
	ends "$1" 5
	says "$1: the line and why" "^/etc/samba/smb.conf: $3"
	if [[ ${4-} ]]; then
		same "$1: nothing is added" "$text" "$(<"$conf")"
	else
		ok "$1: the rest is done" grep -q 'include = .*temp.conf.d' "$conf"
	fi
	ok "$1: the line stays" grep -qF "   $2" "$conf"
	ends "$1: once more" 5
	ends "$1: undone" 0 --undo
	same "$1: as it was" "$text" "$(<"$conf")"
}
conflict "multi channel" "server multi channel support = yes" \
	"line 4 has 'server multi channel support = yes', so that .*; write 'server multi channel support = No' there" left
conflict "wide links" "wide links = yes" "line 4 has 'wide links = yes', so that a link"
conflict "SMB1" "server min protocol = NT1" "line 4 has 'server min protocol = NT1', so that VMs may speak SMB1"
conflict "no guests" "Map To  Guest = never" "line 4 has 'Map To  Guest = never'"
conflict "a domain controller" "server role = active directory domain controller" "is a domain controller's" left
conflict "shares in the registry" "config backend = registry" "keeps its shares in the registry" left
conflict "some of them" "registry shares = yes" "keeps shares in the registry" left
conflict "another file" "config file = other.conf" "has a .config file., which" left
conflict "hosts of the LAN alone" "hosts allow = 192.168.1. 127." \
	".hosts allow. or .hosts deny. in .global. lets no VM of 172.16.10.0/24 in"
conflict "VMs let in, also to homes" "allow hosts = 192.168.1. 172.16.10." \
	".global. says whom it allows .192.168.1. 172.16.10.., which goes before whom .homes. denies"
ends "which stays so" 5
not "VMs are let in" grep -q "lets no VM" "$root/out"
not "doctor knows that homes are open" grep -q '^ok' <(gives_doctor "no homes for everybody")
ends "undone" 0 --undo
admin_tree
sed -i 's/bind interfaces only = yes/bind interfaces only = no/' "$conf"
ends "every interface" 5
says "the line and why" "^/etc/samba/smb.conf: line 5 has 'bind interfaces only = no'"
ends "undone" 0 --undo
sed -i '/interfaces/d' "$conf"
ends "shares for a network that is not named" 5
says "are explained" '^/etc/samba/smb.conf: serves \[Daten\] on every network that the host is on; write'
same "nobody is cut off" "" "$(sed -n '/^# hubshare setup: begin/,$ { /interfaces/p; }' "$conf")"
ends "undone" 0 --undo
sed -i '/^\[Daten\]/,/^\[printers\]/ { /^\[printers\]/!d; }' "$conf"
mkdir -p "$tree/var/lib/samba/usershares"
: >"$tree/var/lib/samba/usershares/mine"
ends "what users share, on a network that is not named" 5
says "is explained" '^/etc/samba/smb.conf: serves \[mine\] on every network that the host is on; write'
says "and told" '^/etc/samba/smb.conf: VMs are offered what users of this host share too: \[mine\]$'
ends "undone" 0 --undo
sed -i 's/^   workgroup.*/&\n   usershare max shares = 0/' "$conf"
ends "none may" 0
not "what they shared is not there" grep -F '[mine]' "$root/out"
ends "undone" 0 --undo
sed -i '/usershare/d' "$conf"
rm -r "$tree/var/lib/samba"
sed -i 's|^   workgroup.*|&\n   include = /etc/samba/client.%m|' "$conf"
ends "what is included by who comes, on a network that is not named" 5
says "is explained" '^/etc/samba/smb.conf: serves what line [0-9]* includes on every network that the host is on; write'
same "it may be shown to others as before" "No" "$(value global 'bind interfaces only')"
ends "undone" 0 --undo
sed -i '/client/d' "$conf"
ends "a distribution's shares alone" 0
same "are not shown to others any more" "Yes lo br-hub" "$(value global 'bind interfaces only') $(value global interfaces)"
ends "undone" 0 --undo
admin_tree
sed -i 's/hosts deny = .*/hosts allow = 172.16.0.0\/12/' "$conf"
ends "homes that say whom they allow" 5
says "are explained" '^/etc/samba/smb.conf: \[homes\] says whom it allows'
ends "undone" 0 --undo
admin_tree
printf '[global]\n\twide links = yes\n' >"$tree/etc/samba/more.conf"
sed -i "s|^   workgroup.*|&\n   include = $tree/etc/samba/more.conf|" "$conf"
ends "a line in a file that is included" 5
says "is explained" "^/etc/samba/smb.conf: a file that it includes has 'wide links = Yes', so that a link"
not "and not gone over" grep -q '^.wide links' "$conf"
says "what holds over it is said to" "'server multi channel support = No' missing, adding; it holds over what is included$"
ends "undone" 0 --undo
admin_tree
printf '\ninclude = /etc/samba/perm.conf.d/%%I.conf\n[late]\n' >>"$conf"
text=$(<"$conf")
ends "an include by hand, before something else" 5
says "is named" '^/etc/samba/smb.conf: includes VMs. shares in line [0-9]+, and something'
same "and left" "$text" "$(<"$conf")"
ends "undone" 0 --undo

# What is no text of an admin's to add to.
admin_tree
mv "$conf" "$conf.real"
ln -s smb.conf.real "$conf"
ends "a link" 5
says "is explained" '^/etc/samba/smb.conf: is no regular file'
ok "and stays" test -L "$conf"
ends "undone" 0 --undo
admin_tree
ln "$conf" "$conf.too"
ends "a file of two names" 5
says "is explained" '^/etc/samba/smb.conf: has another name'
ends "undone" 0 --undo
admin_tree
sed -i 's|^   workgroup|   include = registry\n   include = /etc/samba/more.conf\n&|' "$conf"
ends "a registry by include" 5
ends "undone" 0 --undo
admin_tree
printf '\n# hubshare setup: begin\n' >>"$conf"
text=$(<"$conf")
ends "a mark without the other" 5
says "is explained" '^/etc/samba/smb.conf: .* are not a pair any more'
same "and stays" "$text" "$(<"$conf")"
ends "undone" 0 --undo

# The last bytes of a file: whatever they are, they are the same afterwards.
last() {
	admin_tree
	printf '%b' "$2" >"$conf"
	goes_round "$1" 0
}
last "an empty file" ""
last "a newline alone" "\n"
last "a comment" "# x"
last "a line that goes on" "[global]\n\tserver string = a \\\\"
last "lines of DOS" "[global]\r\n\tworkgroup = X\r\n"
last "many empty lines" "[global]\n\n\n\n"

# Links in the tree that lead out of it are not followed; others are.
mkdir -p "$root/outside/record"
for out in etc/samba etc/systemd/system var/lib; do
	admin_tree
	rm -rf "$root/outside/it"
	mv "$tree/$out" "$root/outside/it"
	ln -s "$root/outside/it" "$tree/$out"
	text=$(cd "$root/outside" && find . -printf '%p %T@ %C@\n')
	ends "$out leads out of the tree" 6
	ok "which is said" grep -qF "/$out" <(grep "leads out of $tree by a link" "$root/err")
	same "nothing is changed there" "$text" "$(cd "$root/outside" && find . -printf '%p %T@ %C@\n')"
	[[ $out == var/lib ]] || ends "undone" 0 --undo
done
admin_tree
mv "$tree/etc/samba" "$tree/srv/samba"
ln -s ../srv/samba "$tree/etc/samba"
goes_round "a link that stays in the tree" 0
ends "it is set up" 0
mv "$tree/srv/samba" "$root/outside/late"
ln -s "$root/outside/late" "$tree/srv/samba"
text=$(cd "$root/outside/late" && find . -printf '%p %T@ %C@\n')
ends "and out of it since: what is there" 6 --undo
same "stays" "$text" "$(cd "$root/outside/late" && find . -printf '%p %T@ %C@\n')"
rm "$tree/srv/samba"
mv "$root/outside/late" "$tree/srv/samba"
ends "undone" 0 --undo

# Others who keep the bridge.
admin_tree
goes_round "networkd" 0 --bridge-by networkd
ends "networkd again" 0 --bridge-by networkd
ok "has an address" grep -qx 'Address=172.16.10.1/24' "$tree/etc/systemd/network/50-hubshare.network"
ok "and gives nothing but addresses" test "$(grep -cE '^Emit(Router|DNS)=no|^Pool(Offset=50|Size=201)$' "$tree/etc/systemd/network/50-hubshare.network")" = 4
not "libvirt has none" test -e "$tree/etc/libvirt/qemu/networks/hub.xml"
ends "somebody else" 5 --bridge-by nm
says "has to wait" "^br-hub: is networkd's by an earlier setup"
ends "the same without a word" 0
ends "undone" 0 --undo
goes_round "NetworkManager" 0 --bridge-by nm
ends "NetworkManager again" 0 --bridge-by nm
same "nobody else reads its file" 600 "$(stat -c %a "$tree/etc/NetworkManager/system-connections/hubshare.nmconnection")"
ok "the connection is in our zone" grep -qx zone=hubshare "$tree/etc/NetworkManager/system-connections/hubshare.nmconnection"
ok "DHCP gives nothing but addresses" test "$(grep -cxE 'port=0|dhcp-option=[36]|interface=br-hub' "$tree/etc/hubshare/dnsmasq.conf")" = 4
if command -v dnsmasq >/dev/null; then
	ok "dnsmasq understands that" dnsmasq --test --conf-file="$tree/etc/hubshare/dnsmasq.conf" 2>/dev/null
else
	echo "skip dnsmasq understands that: there is none"
fi
same "it begins with the host" /etc/systemd/system/hubshare-dhcp.service \
	"$(readlink "$tree/etc/systemd/system/multi-user.target.wants/hubshare-dhcp.service")"
ends "undone" 0 --undo
goes_round "ifupdown" 0 --bridge-by ifupdown
sed -i '/^source/d' "$tree/etc/network/interfaces"
ends "ifupdown that reads one file" 5 --bridge-by ifupdown
says "is explained" '^/etc/network/interfaces: does not take in interfaces.d'
ends "undone" 0 --undo
goes_round "nobody" 0 --bridge-by none
ends "another network, which the settings do not say" 5 --bridge br-vms --network 10.7.0.0/16
says "is told" "^$sysconfdir/hubshare/hubshare.conf: says otherwise; write 'bridge = br-vms' and 'network = 10.7.0.0/16' there"
ends "undone" 0 --undo
mv "$own" "$tree/mine"
ends "another network" 0 --bridge br-vms --network 10.7.0.0/16
ok "the settings say so" grep -qx "bridge = br-vms" "$own"
ok "is written" grep -q "start='10.7.0.50' end='10.7.255.250'" "$tree/etc/libvirt/qemu/networks/hub.xml"
ok "with its bridge" grep -q "bridge name='br-vms'" "$tree/etc/libvirt/qemu/networks/hub.xml"
ends "undone" 0 --undo
not "which is not said any more" test -e "$own"
mv "$tree/mine" "$own"
printf "<network><name>vms</name><bridge name='br-hub'/></network>\n" >"$tree/etc/libvirt/qemu/networks/vms.xml"
ends "a network that is there" 0
says "is taken as it is" '^/etc/libvirt/qemu/networks/vms.xml: is a network with the bridge br-hub'
not "no other one" test -e "$tree/etc/libvirt/qemu/networks/hub.xml"
ends "undone" 0 --undo

ends "--bridge-by nobody we know" 2 --bridge-by systemd
ends "a bridge with an odd name" 2 --bridge "br'x"
ends "a network without room" 2 --network 10.7.0.0/30
ends "an odd network" 2 --network 10.7.0.0/x
same "nothing is left of these" "" "$(find "$tree" -path '*hubshare/setup.json')"
mkdir "$tree/var/lib/hubshare"
exec 8<"$tree/var/lib/hubshare"
flock 8
text=$(picture)
ends "while another one is at work" 5
same "nothing is done" "$text" "$(picture)"
ends "but said, what would be" 0 --dry-run
exec 8<&-
admin_tree
"$build/hubshare" --root "$tree" --json setup >"$root/out" 2>"$root/err"
ok "as JSON" "$build/tests/cli/json" <"$root/out"
echo "{" >"$tree/var/lib/hubshare/setup.json"
text=$(picture)
ends "a record that cannot be read" 1 --undo
same "nothing is touched" "$text" "$(picture)"
finish

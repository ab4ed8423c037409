# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# A store with many shares of many VMs, for the bench and the test of its bounds.
vm_uuid() { printf 'c0ffee00-0000-4000-8000-%012d' "$1"; }
vm_mac() { printf '52:54:00:01:%02x:%02x' $(($1 / 256)) $(($1 % 256)); }
vm_address() { echo "172.16.10.$((2 + $1))"; }

# hosts ROOT COUNT: that many VMs, vm-1 and on, all running and heard.
hosts() {
	local i
	echo "<node>" >"$1/vms.xml"
	printf '#!/bin/sh\n' >"$1/scan"
	for ((i = 1; i <= $2; i++)); do
		cat >>"$1/vms.xml" <<-END
			<domain type='test'><name>vm-$i</name><uuid>$(vm_uuid $i)</uuid><memory>1</memory>
			<os><type>hvm</type></os><devices><interface type='bridge'><mac address='$(vm_mac $i)'/>
			<source bridge='br-hub'/></interface></devices></domain>
		END
		printf "echo '%s\t%s'\n" "$(vm_address $i)" "$(vm_mac $i)" >>"$1/scan"
	done
	echo "</node>" >>"$1/vms.xml"
	chmod +x "$1/scan"
}

# fill ROOT SHARES: that many, over 249 VMs that are not vm-1, as hubshare has them while all are
# on; half of them permanent.
fill() {
	local i
	rm -rf "$1"/etc/samba/*.conf.d/* "$1"/run/samba/hubshare/*
	for ((i = 1; i <= $2; i++)); do
		printf '\n[share-%d]\n# hubshare: owner=1000\nguest ok = no\nread only = no\ncreate mask = 0664\ndirectory mask = 0775\npath = /srv/of/somebody/%d\n' $i $i >>"$1/part.$((2 + i % 249)).$((i / 249 % 2))"
	done
	for i in "$1"/part.*; do
		local vm=${i%.*} tenure=${i##*.} file=$1/etc/samba/temp.conf.d
		vm=${vm##*.}
		((tenure)) && file=$1/etc/samba/perm.conf.d
		printf '# Made by hubshare.  Use hubshare to change it; other changes are noticed and not used.\n# UUID: %s\n# VM: vm-%s\n' \
			"$(vm_uuid "$vm")" "$vm" | cat - "$i" >"$file/$(vm_uuid "$vm").conf"
		if ((tenure)); then
			ln -s "$1/run/samba/hubshare/$(vm_address "$vm").conf" "$file/$(vm_address "$vm").conf"
			file=$1/run/samba/hubshare
		fi
		printf '# Made by hubshare.  Use hubshare to change it; other changes are noticed and not used.\n# UUID: %s\n# VM: vm-%s\n# MAC: %s\n' \
			"$(vm_uuid "$vm")" "$vm" "$(vm_mac "$vm")" >"$1/head"
		cat "$1/head" "$i" >"$1/whole"
		{ cat "$1/head"; echo "# sum: $(sha256sum <"$1/whole" | cut -d' ' -f1)"; cat "$i"; } >"$file/$(vm_address "$vm").conf"
	done
	rm -f "$1"/part.* "$1/head" "$1/whole"
}

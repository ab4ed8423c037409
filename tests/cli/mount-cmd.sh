#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare mount-cmd: each line says to whom reads it just what the share is called, and
# nothing else.
. "$(dirname "$0")/lib.sh"

vms personal-0 1 on -dash 2 off other-0 3 off
heard 172.16.10.59 1
chmod 755 "$root" && chmod 777 "$data" # for guests, who are nobody

# way KEY: what the last one, with --json, printed for KEY; several shares one after another.
way() {
	python3 - "$1" "$root/out" <<-'END'
		import json, sys
		for mount in json.load(open(sys.argv[2]))["mounts"]:
		    for line in mount["lines"]:
		        if line["key"] == sys.argv[1]:
		            print(line["text"])
	END
}
# A shell in which nothing is done, but each command is told with its words.
told() {
	printf '%s\n' "$1" | bash -c 'sudo() { printf "<%s>" "$@"; echo; }
		open() { printf "<%s>" open "$@"; echo; }
		id() { echo "7$1"; }
		. /dev/stdin'
}
gives "a share with a password" 0 add personal-0 "$data" papers
gives "a guest's, read only" 0 add -r -g personal-0 "$data" "my-user temp"
gives "one for the VM alone" 0 add -p -e personal-0 "$data" own
gives "a share of a VM that is off" 0 add other-0 "$data" later
rm "$root/scanned"

gives "all of a VM" 0 mount-cmd personal-0
says "one" "^'papers' of personal-0 \\($data\\), read and write, for NAME"
says "another" "^'my-user temp' of personal-0 \\($data\\), read only, no password asked"
says "who may" "^Only from the VM's own address"
gives "of one that is off" 0 mount-cmd other-0
gives "by UUID" 0 mount-cmd "$(uuid 1)" papers
gives "by the address at which it was served" 0 mount-cmd 172.16.10.59 papers
gives "not by another" 3 mount-cmd 172.16.10.60 papers
gives "a share that is none" 3 mount-cmd personal-0 nothing
gives "a VM that is none" 3 mount-cmd nobody
gives "a VM without a share" 3 mount-cmd -- -dash
gives "an OS that is none" 2 mount-cmd personal-0 papers --os plan9
warns "says those there are" 'linux, windows or macos.*plan9'
not "the bridge is not asked" test -e "$root/scanned"

gives "for Linux alone" 0 mount-cmd personal-0 "my-user temp" --os linux
not "nothing of Windows" grep -qi 'windows\|net use\|smb:' "$root/out"
gives "for macOS alone" 0 mount-cmd personal-0 "my-user temp" --os macos
prints "both lines of it" "'my-user temp' of personal-0 ($data), read only, no password asked

macOS, in a terminal:
    open 'smb://172.16.10.1/my-user%20temp'

macOS, in the Finder with Cmd-K:
    smb://172.16.10.1/my-user%20temp"

hub mount-cmd personal-0 papers --json
same "with a password: it is asked for" \
	"<mkdir><-p></mnt/papers>
<mount><-t><cifs><//172.16.10.1/papers></mnt/papers><-o><username=NAME,uid=7-u,gid=7-g>" \
	"$(told "$(way mount)")"
same "or stands in a file" \
	"//172.16.10.1/papers /mnt/papers cifs credentials=/etc/hub.credentials,uid=1000,gid=1000,_netdev,nofail 0 0" \
	"$(way fstab)"
same "of that form" $'username=NAME\npassword=PASSWORD' "$(way credentials)"
same "on Windows" 'net use * "\\172.16.10.1\papers" /user:NAME' "$(way net-use)"
same "which refuses nothing then" "" "$(way insecure-guest)$(way account)$(way powershell)"

hub mount-cmd personal-0 "my-user temp" --json
same "a guest's: nothing is asked" \
	"<mount><-t><cifs><//172.16.10.1/my-user temp></mnt/my-user temp><-o><guest,ro,uid=7-u,gid=7-g>" \
	"$(told "$(way mount)" | tail -1)"
same "nor kept" "" "$(way credentials)"
same "when it is used" \
	'//172.16.10.1/my-user\040temp /mnt/my-user\040temp cifs guest,ro,uid=1000,gid=1000,_netdev,nofail,x-systemd.automount,x-systemd.idle-timeout=5min 0 0' \
	"$(way fstab-automount)"
same "as a unit" '# /etc/systemd/system/mnt-my\x2duser\x20temp.mount
[Mount]
What=//172.16.10.1/my-user temp
Where=/mnt/my-user temp
Type=cifs
Options=guest,ro,uid=1000,gid=1000,_netdev' "$(way mount-unit)"
same "which another starts" '# /etc/systemd/system/mnt-my\x2duser\x20temp.automount
[Automount]
Where=/mnt/my-user temp
TimeoutIdleSec=5min

[Install]
WantedBy=multi-user.target' "$(way automount-unit)"
same "on Windows" 'net use * "\\172.16.10.1\my-user temp"' "$(way net-use)"
same "where it refuses guests, on the host" "<hubshare><user><add><NAME>" \
	"$(told "$(way account-host)")"
same "and there" 'net use * "\\172.16.10.1\my-user temp" /user:NAME' "$(way account)"

# systemd itself reads the lines for it.  generated KEY UNIT: what it makes of that line of fstab.
generated() {
	rm -rf "$root/units"
	mkdir "$root/units"
	way "$1" >"$root/fstab"
	SYSTEMD_FSTAB=$root/fstab "$generator" "$root/units" "$root/units" "$root/units" &&
		cat "$root/units/$2"
}
generator=/usr/lib/systemd/system-generators/systemd-fstab-generator
unit='mnt-my\x2duser\x20temp'
if [[ -x $generator ]]; then
	same "systemd reads the line of fstab" "What=//172.16.10.1/my-user temp
Where=/mnt/my-user temp
Type=cifs
Options=guest,ro,uid=1000,gid=1000,_netdev,nofail" \
		"$(generated fstab "$unit.mount" | sed -n '/^\[Mount\]/,$ { /=/p }')"
	same "and when it is used" "Where=/mnt/my-user temp
TimeoutIdleSec=5min" "$(generated fstab-automount "$unit.automount" | sed -n '/^\[Automount\]/,$ { /=/p }')"
	rm -rf "$root/units"
	mkdir "$root/units"
	way mount-unit >"$root/units/$unit.mount"
	way automount-unit >"$root/units/$unit.automount"
	same "and finds no fault with the units" "" \
		"$(SYSTEMD_UNIT_PATH=$root/units: systemd-analyze verify --man=no --recursive-errors=no \
			"$root/units/$unit.mount" "$root/units/$unit.automount" 2>&1 |
			grep -F "$unit")"
else
	echo "# systemd is not installed: what it makes of its lines is not tried"
fi

# What means something to a shell, to fstab, to a unit, to PowerShell or in a URL.
quotes=$'\u00fcmlaut \u2018\u2019'
names=("it's \$(id)" "\`id\`\$HOME !x" 'a#&b ~(c)' "$quotes")
for name in "${names[@]}"; do
	hub add -g personal-0 "$data" -- "$name"
	hub mount-cmd --json personal-0 -- "$name"
	word=$(printf '<%s>' "//172.16.10.1/$name" "/mnt/$name")
	same "a hostile name in a shell" "<mount><-t><cifs>$word<-o><guest,uid=7-u,gid=7-g>" \
		"$(told "$(way mount)" | tail -1)"
	same "on a Mac" "<open><smb://172.16.10.1/$(python3 -c 'import sys, urllib.parse
print(urllib.parse.quote(sys.argv[1], safe=""))' "$name")>" "$(told "$(way open)")"
	ok "in fstab" python3 - "$(way fstab)" "$name" <<-'END'
		import re, sys
		fields = sys.argv[1].split(" ")
		read = [re.sub(rb"\\([0-7]{3})", lambda m: bytes([int(m[1], 8)]), f.encode())
		        for f in fields]
		name = sys.argv[2].encode()
		sys.exit(not (len(fields) == 6 and "#" not in sys.argv[1] and
		              read[:2] == [b"//172.16.10.1/" + name, b"/mnt/" + name]))
	END
	same "in a unit" "What=//172.16.10.1/$name" "$(way mount-unit | grep ^What)"
	if command -v systemd-escape >/dev/null; then
		same "its name" "# /etc/systemd/system/$(systemd-escape -p --suffix=mount "/mnt/$name")" \
			"$(way mount-unit | sed -n 1p)"
	fi
done
hub mount-cmd --json personal-0 -- "$quotes"
same "quotes that PowerShell takes for its own" "net use * '\\\\172.16.10.1\\"$'\u00fcmlaut \u2018\u2018\u2019\u2019\'' \
	"$(way powershell)"
hub mount-cmd --json personal-0 -- "it's \$(id)"
same "a dollar for PowerShell" "net use * '\\\\172.16.10.1\\it''s \$(id)'" "$(way powershell)"

finish

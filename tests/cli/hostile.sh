#!/bin/bash
# SPDX-License-Identifier: ISC
# Text that others chose (names of VMs, files edited by hand, what tools say, the command line)
# through every action: nothing of it reaches a terminal that a terminal would obey, and what
# is printed as JSON is JSON that says it exactly.
. "$(dirname "$0")/lib.sh"

# tame NAME: what the last one printed is UTF-8 without control characters (newlines end
# lines), and without those that hide or turn text around.
unsafe='[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]'
unsafe+='|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xef\xbf[\xb9-\xbb]|\xf3\xa0'
tame() {
	local stream
	for stream in out err; do
		if LC_ALL=C grep -qaP "$unsafe" "$root/$stream" ||
			! iconv -f UTF-8 -t UTF-8 "$root/$stream" >"$root/converted"; then
			fail "$1: $stream"
			return
		fi
	done
	pass "$1"
}

# TEXT for the name of a test.
shown() {
	local LC_ALL=C
	printf %q "$1"
}

# all NAME STATUS ARGUMENTS...: it ends so, tame as text and as JSON; where that is a fault it
# is one line, or one JSON document.
all() {
	local name=$1 wanted=$2
	shift 2
	gives "$name" "$wanted" "$@"
	tame "$name is tame"
	hub --json "$@"
	tame "$name is tame as JSON"
	((status == 0)) || ok "$name fails as JSON" "$build/tests/cli/json" <"$root/err"
}

# Each as XML, and as bytes.  XML knows no ESC; C1 has a CSI of its own.
xml=('two&#10;lines' '&#9;&#x9b;31m&#x7f;&#x202e;bidi&#x200b;&#xfeff;&#x2028;&#xe0001;'
	'br]acket[ # &lt;x&gt;' '%U%n%s\n' '-x' 'q&quot;u&apos;ote' '..' 'ünï' '172.16.10.200')
bytes=($'two\nlines' $'\t\xc2\x9b31m\x7f\xe2\x80\xaebidi\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8\xf3\xa0\x80\x81'
	'br]acket[ # <x>' '%U%n%s\n' '-x' "q\"u'ote" '..' 'ünï' '172.16.10.200')
domains=() stations=()
for i in "${!xml[@]}"; do
	domains+=("${xml[i]}" $((i + 1)) on)
	stations+=("172.16.10.$((i + 1))" $((i + 1)))
done
mkdir -p "$data/d"
vms "${domains[@]}"
heard "${stations[@]}"
gives "find, as text" 0 find
says "shows what it hides" '\| \\t\\302\\23331m\\177\\342\\200\\256bidi'
all "find" 0 find
"$build/tests/cli/json" guests vm <"$root/out" >"$root/names"
ok "find: JSON has every name as it is" cmp -s "$root/names" <(printf '%s\n' "${bytes[@]}")
for i in "${!bytes[@]}"; do
	vm=${bytes[i]} ip=172.16.10.$((i + 1))
	name=$(shown "$vm")
	gives "$name: add" 0 add -r -- "$vm" "$data/d" one
	tame "$name: add is tame"
	serves "$name: has its share" "$ip" one
	all "$name: twice" 5 add -r -- "$vm" "$data/d" one
	hub why -- "$vm" one
	tame "$name: why is tame"
	gives "$name: edit" 0 edit --read-write -- "$vm" one
	tame "$name: edit is tame"
	all "$name: no such share" 3 remove -- "$vm" "$vm"
	gives "$name: wait" 0 wait -t 9 -- "$vm"
	tame "$name: wait is tame"
	hub --json wait -t 9 -- "$vm"
	tame "$name: wait is tame as JSON"
	ok "$name: wait is JSON" "$build/tests/cli/json" <"$root/out"
done
ok "no file is called like a VM" test -z "$(cd "$samba" && find . "$run" -type f ! -name '*-*-*-*-*.conf' \
	! -name '172.16.10.*.conf' ! -name '.lock')"
all "list" 0 list
"$build/tests/cli/json" shares vm <"$root/out" | sort >"$root/names"
ok "list: JSON has every name as it is" cmp -s "$root/names" <(printf '%s\n' "${bytes[@]}" | sort)
hub doctor
tame "doctor is tame"
hub doctor --json
tame "doctor is tame as JSON"
ok "doctor is JSON" "$build/tests/cli/json" <"$root/out"
cp "$root/vms.xml" "$root/all.xml"
sed -i 's|<test:runstate>1|<test:runstate>5|' "$root/vms.xml"
heard
gives "find when all are off" 0 find
tame "find when all are off is tame"
heard 172.16.10.200 99 172.16.10.201 1 172.16.10.201 2
cp "$root/all.xml" "$root/vms.xml"
all "an address that two claim" 5 add 172.16.10.201 "$data/d" x
heard "${stations[@]}"
gives "sync" 0 sync
echo "read only = yes" >>"$temp/172.16.10.1.conf"
all "sync of what was edited" 5 sync
sed -i '$d' "$temp/172.16.10.1.conf"
sed -i 's/<name>/&new-/' "$root/vms.xml"
gives "sync after all were renamed" 0 sync
tame "sync after all were renamed is tame"
heard
gives "sync when nobody is there" 0 sync
tame "sync when nobody is there is tame"
cp "$root/all.xml" "$root/vms.xml"
gives "sync: named back" 0 sync
vms nobody 99 off
gives "clean, dry" 0 clean --dry-run
tame "clean, dry, is tame"
gives "clean" 0 clean
tame "clean is tame"
ok "clean says each" test "$(wc -l <"$root/out")" = "${#bytes[@]}"
cp "$root/all.xml" "$root/vms.xml"
heard "${stations[@]}"
for i in "${!bytes[@]}"; do
	hub add -p -- "${bytes[i]}" "$data/d" one
	hub add -- "${bytes[i]}" "$data/d" two
	gives "$(shown "${bytes[i]}"): remove" 0 remove -- "${bytes[i]}" one
	tame "$(shown "${bytes[i]}"): remove is tame"
	gives "$(shown "${bytes[i]}"): delete" 0 delete -- "${bytes[i]}"
	tame "$(shown "${bytes[i]}"): delete is tame"
done

# What is written back to a person who typed it, or whom somebody made type it.
esc=$'\e]0;x\a\e[31m\xff\x9b\xe2\x80\xae'
all "an action" 2 "$esc"
all "an option" 2 "--$esc"
all "a VM" 3 add "$esc" "$data/d" x
all "a path" 2 add -- -x "/$esc" x
all "a name" 2 add -- -x "$data/d" "$esc"
all "a list of hosts" 2 add -a "$esc" -- -x "$data/d" x
all "a number" 2 wait -t "$esc" x
all "a network" 2 find --network "$esc"
all "a libvirt" 7 find --connect "$esc"
all "a scanner" 7 find --scanner "/$esc"
all "a root" 2 --root "$esc" list
all "a root that is not there" 7 --root "/$esc" list
mkdir "$data/$esc"
all "a directory that is there" 2 add -- -x "$data/$esc" x
ln -s "/etc" "$data/${esc//$'\xff'/}"
gives "a link to what is refused" 2 add -- -x "$data/${esc//$'\xff'/}" x

# Files that a hand made, or another tool; what other programs say.
temp_uuid=$temp/$(uuid 1).conf
printf '# UUID: %s\n# VM: a%sb\n[%s]\npath = /%s\nread only = yes\nx%s = %s\n' \
	"$(uuid 1)" "$esc" "n$esc" "$esc" "$esc" "$esc" >"$temp_uuid"
printf '# VM: a%sb\n[n%s]\npath = /%s\n' "$esc" "$esc" "$esc" >"$temp/172.16.10.50.conf"
printf '%s\n[%s\n' "$esc" "$esc" >"$temp/172.16.10.51.conf"
: >"$temp/foreign-$esc"
for arguments in list sync find "clean --dry-run" doctor; do
	# shellcheck disable=SC2086 # words
	hub $arguments
	tame "files of hands: $arguments is tame"
	# shellcheck disable=SC2086
	hub --json $arguments
	tame "files of hands: $arguments is tame as JSON"
done
hub list --json
ok "what it lists is JSON" "$build/tests/cli/json" <"$root/out"
rm -f "$temp"/*
printf '#!/bin/sh\nprintf "%%s" %q\n' "$esc" >"$root/bin/scan"
hub find
tame "a scanner's line"
printf '#!/bin/sh\nprintf "%%s\\\\n" %q >&2\nexit 7\n' "$esc" >"$root/bin/scan"
all "a scanner's complaint" 7 find
printf '[hubshare]\n%s = 1\n' "$esc" >"$settings"
all "a setting" 2 list
printf '[%s]\nbridge = 1\n' "$esc" >"$settings"
all "a section" 2 list
printf '[hubshare]\ntestparm = %s/testparm\n' "$root/bin" >"$settings"
printf '[global]\n' >"$samba/smb.conf"
heard "${stations[@]}"
printf '#!/bin/sh\nprintf "[%%s]\\\\n%%s\\\\n" %q %q; printf "%%s\\\\n" %q >&2\n' "$esc" "$esc" "$esc" >"$root/bin/testparm"
chmod +x "$root/bin/testparm"
hub add -- -x "$data/d" x
tame "what testparm says"
finish

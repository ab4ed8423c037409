#!/bin/bash
# SPDX-License-Identifier: ISC
# Before a text is put in place, Samba's own parser has seen in it what it was made from; else
# nothing is changed: neither what is true nor what is served.
. "$(dirname "$0")/lib.sh"

vms a 1 on b 2 on c 3 off
heard 172.16.10.11 1 172.16.10.12 2
mkdir "$data/x" "$data/y"
fake_smbd

# parser SCRIPT...: what is asked instead of testparm; $real is testparm's own answer.
parser() {
	printf '#!/bin/bash\nreal=$(testparm "$@" 2>/dev/null) || exit\nprintf "%%s\\n" "$*" >>%q\n' "$root/asked" >"$root/bin/parser"
	printf '%s\n' "$@" >>"$root/bin/parser"
	chmod +x "$root/bin/parser"
	sed -i /^testparm/d "$settings"
	echo "testparm = $root/bin/parser" >>"$settings"
	: >"$root/asked"
}
honest() { parser 'printf "%s\n" "$real"'; }
# refused NAME SENTENCE ARGUMENTS...: with status 1, this sentence and nothing changed.
refused() {
	local name=$1 sentence=$2 calls
	shift 2
	calls=$(<"$root/calls")
	unchanged "$name" 1 "$@"
	if grep -qF -- "$sentence" "$root/err"; then pass "$name: says it"; else fail "$name: says it"; fi
	ok "$name: smbd is not told" test "$(<"$root/calls")" = "$calls"
	ok "$name: nothing is left beside" test -z "$(find "$root/etc" "$root/run" -name '.*.new')"
}

honest
gives "one that agrees" 0 add a "$data/x" one
ok "has looked at a file that no client can name" grep -qE -- "-s -l $temp/\.172\.16\.10\.11\.conf\.[0-9.]+new$" "$root/asked"
ok "and at the truth" grep -qE -- "-s -l $temp/\.$(uuid 1)\.conf\.[0-9.]+new$" "$root/asked"
hub add -p a "$data/x" kept -r
hub add -p b "$data/x" one -e
serves "what is given" 172.16.10.11 "kept one"

parser 'printf "%s\n" "$real" | sed "s/read only = No/read only = Yes/"'
refused "another right" "[new]: 'read only' is 'yes' to Samba, not 'no'" add b "$data/y" new
refused "for one that is off, too" "[new]: 'read only' is 'yes' to Samba, not 'no'" add c "$data/y" new
parser 'printf "%s\n" "$real" | sed "s,^\tpath = .*/y$,\tpath = /etc,"'
refused "another path" "[new]: 'path' is '/etc' to Samba, not '$data/y'" add -p b "$data/y" new
parser 'printf "%s\n" "$real" | grep -v "hosts allow"'
refused "everybody" "[new]: 'hosts allow' is '' to Samba, not '172.16.10.12'" add b "$data/y" new -e
parser 'printf "%s\n\n[more]\n\tpath = /\n" "$real"'
refused "one share too many" "[more]: Samba sees it, and nobody wrote it" add b "$data/y" new
parser 'printf "%s\n" "$real" | sed "s/^\[one\]/[0ne]/"'
refused "one too few" "[one]: Samba does not see it" add a "$data/y" new
parser 'printf "%s\n\troot preexec = id\n" "$real"'
refused "a parameter too many" "[new]: Samba sees 'root preexec = id', which nobody wrote" add b "$data/y" new
parser 'case $* in */dev/null) ;; *) more="\tmap to guest = Bad User\n" ;; esac' \
	'printf "%s\n" "$real" | sed "s/^\tidmap/$more&/"'
refused "something for all" "[global]: Samba sees 'map to guest = Bad User', which nobody wrote" add b "$data/y" new
parser 'exit 1'
refused "one that refuses it" "Samba's parser refuses $temp/." add b "$data/y" new
parser 'kill -9 $$'
refused "one that dies" "Samba's parser refuses $temp/." add b "$data/y" new
# Only of what smbd includes: the truth, which comes first, is not changed either.
parser 'case $3 in */.172*) printf "%s\n" "$real" | sed "s/read only = No/read only = Yes/" ;; *) printf "%s\n" "$real" ;; esac'
refused "of the rendering alone" "[new]: 'read only' is 'yes' to Samba, not 'no'" add b "$data/y" new
# It cannot be asked at all.
mv "$root/bin/parser" "$root/bin/away"
unchanged "no parser" 7 add b "$data/y" new
warns "is named" "$root/bin/parser cannot be run"
unchanged "no parser: a VM that is off" 7 add c "$data/y" new
unchanged "no parser: edit" 7 edit b one -r
gives "to take away all it is not needed" 0 delete b
serves "nothing is left" 172.16.10.12 ""

# A hand's edit is taken as Samba sees it, or not at all.
honest
file=$temp/172.16.10.11.conf
hub add a "$data/x" two
cp "$file" "$root/untouched"
sed -i 's/^path = .*x$/read onyl = yes\n&/' "$file"
refused "a slip of the pen" "[one]: 'read onyl = yes' is unknown to Samba" sync --take
cp "$root/untouched" "$file"
sed -i '0,/^path = /s//strict locking = auto\nbrowsable = no\npath = /' "$file"
gives "what Samba knows by another name, and at its default" 0 sync --take
ok "is kept" test "$(grep -cxE 'strict locking = auto|browsable = no' "$file")" = 2
sed -i "s,^path = .*,path = $data/x\ty," "$file"
unchanged "a tab is not another path's blank" 2 sync --take
cp "$root/untouched" "$file"
hub sync
sed -i 's/^path = /include = \/etc\/passwd\n&/' "$file"
unchanged "what is included is not seen" 2 sync --take
cp "$root/untouched" "$file"
hub sync

# The original tool's, of which one line is unknown.
vms a 1 on d 4 on
heard 172.16.10.11 1 172.16.10.14 4
printf '# VM: d\n[old]\npath=%s\nread onyl = yes\n' "$data/x" >"$temp/172.16.10.14.conf"
refused "the original tool's file: add" "[old]: 'read onyl = yes' is unknown to Samba" add d "$data/y" new
hub add a "$data/y" to-be-closed
vms a 1 off d 4 on
heard 172.16.10.14 4
gives "the original tool's file: sync" 1 sync
warns "says it" "'read onyl = yes' is unknown to Samba"
ok "and leaves it" grep -qx 'read onyl = yes' "$temp/172.16.10.14.conf"
serves "but closes what is to be closed" 172.16.10.11 ""
finish

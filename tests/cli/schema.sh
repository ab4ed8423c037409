#!/bin/bash
# SPDX-License-Identifier: ISC
# What is printed for programs is what hubshare-json(5) and the schema say, of every action.
. "$(dirname "$0")/lib.sh"

# Debian's, which has the package; or the one that is found first.
for python in /usr/bin/python3 python3; do
	! "$python" -c 'import jsonschema' 2>/dev/null || break
	python=
done
[[ $python ]] || {
	echo "skip schema.sh: no python3 has jsonschema"
	exit 77
}
schema() { "$python" "$srcdir/tests/cli/schema.py" "$srcdir/cli/hubshare.schema.json" "$@"; }

# printed NAME STATUS DEFINITION ARGUMENTS...: it ends so with --json; standard output is one
# document of that definition ("": it is empty), standard error notes, and an error if it fails.
declare -A covered
printed() {
	local name=$1 wanted=$2 definition=$3
	shift 3
	hub "$@" --json
	if ((status == wanted)); then pass "$name"; else fail "$name"; fi
	if [[ $definition ]]; then
		covered[$definition]=yes
		valid "$name" out "$definition"
		ok "$name: one document" test "$(grep -c '^}' "$root/out")" = 1
	else
		not "$name: nothing on stdout" test -s "$root/out"
	fi
	[[ ! -s $root/err ]] || valid "$name: on stderr" err error note
	same "$name: as many errors" "$((status != 0))" "$(grep -c '^  "error"' "$root/err")"
}
valid() {
	local said
	if said=$(schema check "${@:3}" <"$root/$2"); then
		pass "$1: as the schema says"
	else
		fail "$1: $said"
	fi
}
# has NAME PYTHON: it is true of the document d on standard output.
has() {
	ok "$1" "$python" -c "import json, sys; d = json.load(open(sys.argv[1])); sys.exit(not ($2))" \
		"$root/out"
}

hub --help
mapfile -t actions < <(sed -n '/^actions:/,$ s/^  \([a-z][a-z-]*\).*/\1/p' "$root/out" | sort)
if said=$(schema page "$srcdir/cli/hubshare-json.5" "${actions[@]}"); then
	pass "the page and the schema are one"
else
	fail "the page and the schema are one: $said"
fi

fake_smbd
echo "allow-roots = $data" >>"$settings"
chmod 755 "$root"
vms personal-0 1 on off-1 2 off 'two&#10;lines&#x9b;' 3 on gone 4 on
heard 172.16.10.59 1 172.16.10.60 99 172.16.10.61 3 172.16.10.61 4
mkdir "$data/d"

printed "add" 0 add add personal-0 "$data" one
has "says where it is open" 'd["share"]["addresses"] == ["172.16.10.59"] and d["share"]["parked"] is None'
printed "add to a VM that is off" 0 add add -p -r off-1 "$data/d" two -a 10.0.0.7/8
has "says why it is not" 'd["share"]["addresses"] == [] and "is off" in d["share"]["parked"]'
has "and for whom" 'd["share"]["hosts_allow"] == "10.0.0.0/8" and d["share"]["tenure"] == "permanent"'
printed "add, with a warning" 0 add add personal-0 "$data/d" private -e
printed "add to a hostile name" 0 add add "$(uuid 3)" "$data" x
has "is its name" 'd["share"]["vm"] == "two\nlines\x9b"'
printed "add twice" 5 '' add personal-0 "$data" one
printed "add nothing" 2 '' add personal-0 "$data/nothing" none
printed "add to nobody" 3 '' add nobody "$data" none
printed "add of wrong words" 2 '' add
printed "edit" 0 edit edit personal-0 one -r -a 172.16.10.0/28
has "says how it is now" 'd["share"]["read_only"] and d["share"]["hosts_allow"] == "172.16.10.0/28"'
printed "edit nothing" 2 '' edit personal-0 one

printf '# VM: stranger\n\n[old]\npath=%s\n' "$data" >"$temp/172.16.10.77.conf"
printed "list" 0 list list
has "all of it" 'len(d["shares"]) == 5'
printed "list --state" 0 list list --state
has "how each stands" '{s["state"] for s in d["shares"]} == {"open", "parked", "suspended", None}'
printed "list -p" 0 list list -p
printed "find" 0 find find
has "strangers too" 'None in [g["vm"] for g in d["guests"]] and True in [g["contested"] for g in d["guests"]]'
ok "and notes" grep -q '^{"version": 1, "note": "off-1 is off' "$root/err"
printed "wait" 0 wait wait personal-0
printed "wait in vain" 4 '' wait nobody -t 0
printed "mount-cmd" 0 mount-cmd mount-cmd personal-0
has "each share" '[m["name"] for m in d["mounts"]] == ["one", "private"]'
printed "mount-cmd of none" 3 '' mount-cmd gone
printed "doctor" 1 doctor doctor
printed "why" 1 why why personal-0 one
printed "why of none" 3 '' why personal-0 none

vms personal-0 1 on off-1 2 on gone 4 on
heard 172.16.10.59 1 172.16.10.62 2
printed "sync" 0 sync sync
has "opens" '[c["ip"] for c in d["changes"] if c["change"] == "opened" and c["vm"] == "off-1"] == ["172.16.10.62"]'
sed -i 's/^read only = .*/read only = no/' "$temp/172.16.10.59.conf"
printed "sync, with what was edited" 5 '' sync
printed "sync --discard" 0 sync sync --discard
heard 172.16.10.63 1 172.16.10.62 2
printed "sync to another address" 0 sync sync
has "opens and closes" '{c["change"] for c in d["changes"]} == {"opened", "closed"}'
printed "sync, and nothing is to be done" 0 sync sync
has "says nothing" 'd["changes"] == []'
printed "sync --watch, for people" 2 '' sync --watch --verbose

printed "remove" 0 remove remove personal-0 one
has "says what" '[(s["vm"], s["name"], s["path"]) for s in d["removed"]] == [("personal-0", "one", "'"$data"'")]'
printed "remove nothing" 3 '' remove personal-0 one
printed "delete" 0 delete delete personal-0
has "says what" '[s["name"] for s in d["removed"]] == ["private"]'
printed "delete nothing" 3 '' delete personal-0
vms personal-0 1 on off-1 2 on
printed "clean --dry-run" 0 clean clean --dry-run
has "says what would go" '[s["vm"] for s in d["would_remove"]] == ["two\nlines\x9b"]'
printed "clean" 0 clean clean
has "says what went" '[s["vm"] for s in d["removed"]] == ["two\nlines\x9b"]'
printed "clean of nothing" 0 clean clean
has "says nothing" 'd["removed"] == []'
mkdir -p "$root/tree"
printed "setup of a tree" 0 setup setup --root "$root/tree"
has "says what it did" '"changed" in [s["verdict"] for s in d["setup"]]'
if ((EUID == 0)); then
	printed "user list" 0 user user list
else
	printed "user list, for root only" 6 '' user list
fi
covered[user]=yes # tests/net/user.sh makes accounts
connect=$away printed "no libvirt" 7 '' clean

# What the service tells, which tests/cli/feed plays.
mkfifo "$root/tell"
"$build/tests/cli/feed" "$root" <"$root/tell" >"$root/served" 2>&1 &
feed=$!
exec 4>"$root/tell"
comes grep -qx ready "$root/served"
"$build/hubshare" --root "$root" watch --json >"$root/out" 2>"$root/err" 4>&- &
watch=$!
comes grep -qx watched "$root/served"
event='"time": "2026-01-31T12:00:00.123Z", "message": "", "vm": "a\u009b", "uuid": null, "mac": null, "tap": null, "tenure": "temporary", "uid": null, "account": null, "result": null'
echo "{\"kind\": \"share-opened\", $event, \"ip\": \"172.16.10.59\", \"share\": \"one\", \"text\": null}" >&4
echo "{\"kind\": \"degraded\", $event, \"ip\": null, \"share\": null, \"text\": \"why\"}" >&4
two_lines() { (($(wc -l <"$root/out") == 2)); }
ok "watch: an object in each line" comes two_lines
kill "$watch"
wait "$watch"
covered[watch]=yes
valid "watch" out watch
exec 4>&-
wait "$feed"

for action in "${actions[@]}"; do
	ok "$action was tried" test "${covered[$action]-}"
done
finish

# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# What the tests of interruption share: a store with something of everything in it, a table of
# the verbs that change it, and the judge of what a verb leaves that was stopped on its way.
# All of it lies under a root of its own, as in tests/cli.

# In memory where that can be, since each point makes the store anew, with an fsync a file.
if [[ ! ${TMPDIR-} ]] && probe=$(mktemp -p /dev/shm 2>/dev/null); then
	cp /bin/true "$probe" && chmod +x "$probe" && "$probe" 2>/dev/null && export TMPDIR=/dev/shm
	rm -f "$probe"
fi
: "${srcdir:=$(dirname "$(readlink -f "$0")")/../..}"
. "$srcdir/tests/cli/lib.sh"

export LC_ALL=C # one order for all that is compared
RANDOM=${HUBSHARE_SEED:=$EPOCHSECONDS}
echo "# HUBSHARE_SEED=$HUBSHARE_SEED"
meddle=$build/tests/crash/meddle
states=$root/states
mkdir -p "$states" "$data"/{x,y}

# Every verb, as COMMAND NAME SETUP END ARGUMENTS...: SETUP makes what is there before; END says
# what is wanted of one that was stopped, once somebody has come after it:
#   whole  the next `sync` ends it, as if it had succeeded or never begun;
#   parts  the next `sync` ends each VM's or tenure's part so; the verb again ends it all;
#   again  the verb again ends it, as if it had succeeded.
verbs() {
	"$@" "add" house whole add a "$data/x" new
	"$@" "add -p" house whole add -p a "$data/x" new
	"$@" "add -p, its first" house whole add -p e "$data/x" new
	"$@" "add to a VM that is off" house whole add c "$data/y" new
	"$@" "add, of the original tool's" original whole add f "$data/x" new
	"$@" "remove" house whole remove a "$data/y" two
	"$@" "remove -p" house whole remove -p a three
	"$@" "remove -p, its last" house whole remove b three
	"$@" "edit to read-only" house whole edit a one -r
	"$@" "edit -p, to fewer hosts" house whole edit a four -a 172.16.10.0/30
	"$@" "delete" house parts delete a
	"$@" "delete -p" house whole delete -p a
	"$@" "clean" abandoned parts clean
	"$@" "sync opens" appeared whole sync
	"$@" "sync closes" gone_off whole sync
	"$@" "sync follows" moved whole sync
	"$@" "sync, addresses changed hands" swapped whole sync
	"$@" "sync, a VM renamed" renamed whole sync
	"$@" "sync, what has ended" expired whole sync
	"$@" "sync --take" house again sync --take
	"$@" "sync --discard" house again sync --discard
	"$@" "sync, the original tool's" original whole sync
}

everybody=(a 1 on b 2 on c 3 off d 4 on e 5 on)
all_heard=(172.16.10.11 1 172.16.10.12 2 172.16.10.14 4 172.16.10.15 5)

# Every share that is served is also open.
open_all() {
	local file ip share n=100
	for file in "$perm"/*.conf "$temp"/*.conf; do
		ip=${file##*/} ip=${ip%.conf}
		[[ $ip == *[!0-9.]* ]] || echo "$ip"
	done | sort -u | while read -r ip; do
		n=$((n + 1))
		for share in $(shares "$ip"); do echo "$ip $n $share"; done
	done >"$root/sessions"
}

# given ARGUMENTS...: hub, of which nothing is to be seen.
given() {
	hub "$@"
	((status == 0)) || fail "$*"
}

# a has two shares of each tenure, b one of each, c waits for its start, d was edited by hand, e
# has none; there are files of others beside them.
build_house() {
	fake_smbd
	swift_smbd
	echo "allow-roots = $data" >>"$settings" # it may lie in /dev
	vms "${everybody[@]}"
	heard "${all_heard[@]}"
	given add a "$data/x" one
	given add a "$data/y" two
	given add -p a "$data/x" three
	given add -p a "$data/y" four -e
	given add b "$data/x" one -r
	given add -p b "$data/x" three -a 172.16.10.0/28
	given add c "$data/x" parked
	given add d "$data/x" mine
	open_all
	sed -i 's/^read only = no/read only = yes/' "$temp/172.16.10.14.conf"
	printf '# VM: stranger\n\n[old]\npath=%s\n' "$data/y" >"$temp/172.16.10.77.conf"
	echo "of somebody else" >"$temp/README"
	echo "of somebody else" >"$perm/172.16.10.11.conf.edited"
	keep house
}

# The same smbd, in the shell that starts soonest; its calls are not written down, and "fate" is
# what happens to it in each, before anything else.  Samba's parser says that it sees what is
# written: with HUBSHARE_LONG it is the real one.
swift_smbd() {
	cat >"$root/bin/smbcontrol" <<-END
		#!/bin/dash
		cd $root
		[ ! -e fate ] || . ./fate
		case \$2 in
		close-share) grep " \$1 \$3\$" sessions >>closing ;;
		kill-client-ip) grep "^\$3 " sessions >>closing ;;
		esac
		exit 0
	END
	sed -i -e "1s/bash/dash/; 2s|.*|cd $root|; 3s|.*|[ ! -e fate ] \|\| . ./fate|" -e 's/^patience=.*/read -r patience <patience/' \
		"$root/bin/smbstatus"
	[[ ! ${HUBSHARE_LONG-} ]] || return 0
	cat >"$root/bin/testparm" <<-'END'
		#!/bin/dash
		for file; do :; done
		exec grep -v '^#' "$file"
	END
	chmod +x "$root/bin/testparm"
	echo "testparm = $root/bin/testparm" >>"$settings"
}

# Setups: what is there, and who.
house() {
	restore house
	vms "${everybody[@]}"
	heard "${all_heard[@]}"
}
abandoned() {
	house
	vms "${everybody[@]}" gone 9 on
	heard "${all_heard[@]}" 172.16.10.19 9
	hub add gone "$data/x" left
	hub add -p gone "$data/y" left-p
	vms "${everybody[@]}"
	heard "${all_heard[@]}"
}
appeared() {
	house
	vms a 1 on b 2 on c 3 on d 4 on e 5 on
	heard "${all_heard[@]}" 172.16.10.13 3
}
gone_off() {
	house
	vms a 1 off b 2 on c 3 off d 4 on e 5 on
	heard 172.16.10.12 2 172.16.10.14 4
}
moved() {
	house
	heard 172.16.10.21 1 172.16.10.12 2 172.16.10.14 4
}
swapped() {
	house
	heard 172.16.10.11 2 172.16.10.12 1 172.16.10.14 4
}
renamed() {
	house
	vms anew 1 on b 2 on c 3 off d 4 on e 5 on
}
expired() {
	local share
	house
	for share in one two three; do
		sed -i "s/^\[$share\]/&\n# hubshare: until=1 since=1 boot=$(uuid 0)/" "$temp/$(uuid 2).conf" \
			"$perm/$(uuid 1).conf"
	done
	sed -i "s/^\[two\]/&\n# hubshare: until=stop domain=99 boot=$(uuid 0)/" "$temp/$(uuid 1).conf"
}
original() {
	house
	vms "${everybody[@]}" f 6 on
	heard "${all_heard[@]}" 172.16.10.16 6
	printf '# VM: f\n# MAC: 52:54:00:00:00:06\n\n[old]\nguest ok = yes\nread only = no\npath = %s\n' "$data/y" |
		tee "$temp/172.16.10.16.conf" | sed 's/old/oldest/' >"$perm/172.16.10.16.conf"
	open_all
}

# keep NAME, restore NAME: the store and who has what open.
keep() {
	rm -rf "${states:?}/$1"
	mkdir "$states/$1"
	cp -a "$root/etc" "$root/run" "$root/sessions" "$states/$1"
}
# bring DIRECTORY: what is in it becomes the store, of which nobody is to be cut off.
bring() {
	rm -rf "${root:?}/etc" "${root:?}/run"
	cp -a "$1/." "$root"
	: >"$root/closing"
}
restore() {
	bring "$states/$1"
	rm -f "$root/fate"
}

# meddled WHAT N ARGUMENTS...: hub, with one of its system calls meddled with.
meddled() {
	local what=$1 n=$2
	shift 2
	"$meddle" "$root" "$root/journal" "$what" "$n" "$build/hubshare" --root "$root" \
		--connect "$connect" --scanner "$root/bin/scan" "$@" >"$root/out" 2>"$root/err"
	status=$?
	((status != 77)) || {
		echo "skip $(basename "$0"): no seccomp_unotify(2) here"
		exit 77
	}
}

# The command that comes after one that was stopped.
come_after() {
	if [[ $end == again ]]; then hub "${words[@]}"; else hub sync; fi
}

# begin_verb NAME SETUP END ARGUMENTS...: runs it undisturbed, and keeps what was before and is
# after it, each also as it is once somebody has come after it.  False if it is not wanted.
begin_verb() {
	# shellcheck disable=SC2053 # it is a pattern
	[[ $1 == ${HUBSHARE_VERB:-*} ]] || return
	verb=$1 setup=$2 end=$3 words=("${@:4}") problem=''
	"$setup"
	keep old
	picture >"$states/OLD"
	meddled kill 0 "${words[@]}"
	status_done=$status
	cp "$root/journal" "$states/journal"
	mapfile -t journal < <(cut -f1-4 "$states/journal" | cut -c1-160)
	keep new
	picture >"$states/NEW"
	come_after
	status_after=$status
	picture >"$states/NEW-AFTER"
	restore old
	come_after
	picture >"$states/OLD-AFTER"
	# The verb is what it is said to be here.
	if ((status_done != 0 && status_done != 5)) || ((!${#journal[@]})) ||
		cmp -s "$states/OLD" "$states/NEW"; then
		fail "$verb: it does nothing"
	fi
	return 0
}

# A rendering on its way: it names what is to be cut, its sum is its own, and each share in it is
# as it was or as it shall be.
is_cutting() {
	local file=$root/$1 known=() place
	for place in old new; do
		[[ ! -f $states/$place/$1 ]] || known+=("$states/$place/$1")
	done
	grep -q '^# cut: ' "$file" &&
		[[ $(sed -n 's/^# sum: //p' "$file") == $(grep -v '^# sum: ' "$file" | sha256sum | cut -d' ' -f1) ]] &&
		[[ -z $(awk -v RS= -v new="$file" 'FILENAME != new { known[$0]; next }
			/^\[/ && !($0 in known)' "${known[@]}" "$file") ]]
}

# Whoever has a share open has it as it was before, or a rendering says that it is to be cut.
unguarded() {
	local files=() file
	for file in "$states"/old/{etc/samba/*.conf.d,run/samba/hubshare}/*[0-9].conf \
		"$perm"/*[0-9].conf "$temp"/*[0-9].conf; do
		[[ ! -f $file || ($file == "$states"* && -L $file) ]] || files+=("$file")
	done
	awk -v old="$states/old" '
		FILENAME ~ /sessions$/ {
			if (($1, $3) in cut) next
			if (!(($1, $3) in now)) print $1 " has " $3 " open, which is not served"
			else if (now[$1, $3] != was[$1, $3]) print $1 " has " $3 " open as it was"
			next
		}
		{ ip = FILENAME; sub(/.*\//, "", ip); sub(/\.conf$/, "", ip); before = index(FILENAME, old) == 1 }
		/^\[/ {
			name = substr($0, 2, index($0, "]") - 2)
			if (before) was[ip, name] = $0; else now[ip, name] = $0
			next
		}
		!before {
			for (i = split($0, line, "\n"); i; i--)
				if (line[i] ~ /^# cut: /) cut[ip, substr(line[i], 8)]
		}' RS= "${files[@]}" RS='\n' "$root/sessions"
}

# What a stopped verb has left: each file is as it was (or as anybody else would make it: many
# verbs end first what they find) or as it shall be, or a rendering on its way, or of a name that nobody reads; what is not the verb's business is there.
judge_left() {
	local line path
	while read -r line; do
		case $line in
		[0-9]*' '*) path=${line##* } ;;
		*) path=${line%% *} ;;
		esac
		[[ $path == */.*.new ]] || is_cutting "$path" || problem+="; $path is neither old nor new"
	done < <(sort "$states/OLD" "$states/OLD-AFTER" "$states/NEW" | comm -13 - "$states/NOW" )
	line=$(comm -12 "$states/OLD" "$states/NEW" | comm -23 - "$states/NOW" | head -1)
	[[ ! $line ]] || problem+="; $line is lost"
	line=$(unguarded | head -1)
	[[ ! $line ]] || problem+="; $line"
}

picture() { store | sort; }
same_as() { cmp -s "$states/NOW" "$states/$1"; }

# What is there once somebody has come after it.
judge_after() {
	local line
	if grep -qs '^# cut: ' "$temp"/*.conf "$root"/run/samba/hubshare/*.conf; then
		# Whoever comes, also for another VM.
		hub add b "$data/y" other
		((status == 0)) || problem+="; then add to b: $status, $(<"$root/err")"
		! grep -qs '^# cut: ' "$temp"/*.conf "$root"/run/samba/hubshare/*.conf ||
			problem+="; what was to be cut still is"
		hub remove b other
	fi
	come_after
	((status == status_after)) || problem+="; whoever comes after it: $status, $(<"$root/err")"
	picture >"$states/NOW"
	case $end in
	whole) same_as OLD-AFTER || same_as NEW-AFTER || problem+="; not put in order: $(difference NEW-AFTER)" ;;
	again) same_as NEW-AFTER || problem+="; not put in order: $(difference NEW-AFTER)" ;;
	parts)
		line=$(comm -23 "$states/NOW" <(sort "$states/OLD-AFTER" "$states/NEW-AFTER") &&
			comm -12 "$states/OLD-AFTER" "$states/NEW-AFTER" | comm -23 - "$states/NOW")
		[[ ! $line ]] || problem+="; not put in order: $line"
		hub "${words[@]}"
		picture >"$states/NOW"
		same_as NEW-AFTER || problem+="; the verb again: $(difference NEW-AFTER)"
		;;
	esac
	line=$(unguarded | head -1)
	[[ ! $line ]] || problem+="; $line"
}
# difference NAME: of what is there now to what should be.
difference() { diff "$states/$1" "$states/NOW" | grep '^[<>]' | head -3 | paste -sd' '; }

# What is left, and is there afterwards; what was judged before in this verb is not again:
# it is the same if nothing differs but what is in files that nobody reads.
declare -A judged
judge_all() {
	local key before=$problem
	problem=''
	picture >"$states/NOW"
	key=$verb:$(sed -e '/^[0-9].*\.new$/d' -e 's/\.conf\.[0-9.]*new/.conf.new/' "$states/NOW" | cat - "$root/sessions" "$root/closing" | cksum)
	[[ ${judged[$key]-} ]] || {
		judge_left
		judge_after
		judged[$key]=${problem:--}
	}
	problem=$before${judged[$key]#-}
}

# Of one that was not killed: it ended as it does undisturbed and all is done, or it says, in one
# sentence, why not.
judge_end() {
	picture >"$states/NOW"
	if ((status < 0 || status > 8)); then
		problem+="; it ended with $status"
	elif ((status == status_done)); then
		{ same_as NEW && cmp -s "$root/sessions" "$states/new/sessions"; } ||
			problem+="; it ended with $status, and it is not done"
	elif ((status == 0)) || [[ $(wc -l <"$root/err") != 1 ]]; then
		problem+="; it ended with $status and $(wc -l <"$root/err") lines: $(<"$root/err")"
	fi
}

# judge KIND POINT [TIMES]: the verdict on one point, and what was wrong; it came out that often.
declare -A tried survived
judge() {
	tried[$verb,$1]=$((${tried[$verb,$1]-0} + ${3-1}))
	if [[ ! $problem ]]; then
		survived[$verb,$1]=$((${survived[$verb,$1]-0} + ${3-1}))
	else
		echo "# $verb, $1 at $2: ${problem#; }"
	fi
	problem=''
}

# end_verb KIND...: one line for each.
end_verb() {
	local kind
	for kind; do
		status=''
		rm -f "$root/out" "$root/err" # the last point's are not what failed
		ok "$verb: $kind, ${tried[$verb,$kind]-0} points" \
			test "${survived[$verb,$kind]-0}" = "${tried[$verb,$kind]-0}"
	done
}

# table KIND...: points survived of those tried, for each verb.
table() {
	local kind width=30
	printf '| %-*s |' $width verb
	printf ' %-12s |' "$@"
	printf '\n'
	row() {
		# shellcheck disable=SC2053 # it is a pattern
		[[ $1 == ${HUBSHARE_VERB:-*} ]] || return 0
		printf '| %-*s |' $width "$1"
		for kind in "${kinds[@]}"; do
			printf ' %-12s |' "${survived[$1,$kind]-0} of ${tried[$1,$kind]-0}"
		done
		printf '\n'
	}
	local kinds=("$@")
	verbs row
}

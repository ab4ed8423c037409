# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What a test in net/ and vm/ begins with: a lab of its own and the assertions.  Each prints
# one line, "ok NAME" or "FAIL NAME", and what was seen if it failed.
set -euo pipefail
LAB=$(basename -- "$0" .sh)-$$
# shellcheck source=tests/lab/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

failed=0
seen=

pass() { echo "ok $*"; }
fail() {
	echo "FAIL $*"
	[[ -z $seen ]] || printf '%s\n' "$seen" | sed 's/^/    | /'
	failed=$((failed + 1))
}

# prepare: builds what has changed; what was begun is ended with the test.
prepare() {
	trap finish EXIT
	trap 'exit 130' INT TERM HUP
	if [[ -z ${HUBSHARE_BUILD:-} ]]; then
		# shellcheck source=script/lib.sh
		(. "$LAB_TOP/script/lib.sh" && build plain)
		HUBSHARE_BUILD=$LAB_TOP/build-plain
	fi
	"$LAB_SRC/image.sh"
}

# shellcheck disable=SC2120 # options are optional
# begin [lab_up's options]: brings the lab up.
begin() {
	prepare
	lab_up --tied "$@" "$HUBSHARE_BUILD"
}

# lab_bare: one in which hubshare is installed, and nothing is set up.
lab_bare() {
	lab_start --tied
	in_lab bash "$LAB_SRC/install.sh" "$HUBSHARE_BUILD" "$LAB_CACHE/bin" >>"$LAB_STATE/log" 2>&1
	in_lab ip link delete br-hub
}

# cgroup_new: /run/cgroup/$cgroup in the lab, for a systemd there.  Ends the test where it cannot be.
cgroup=
cgroup_new() {
	cgroup=hubshare-$$
	in_lab sh -c "mkdir -p /run/cgroup && mount -t cgroup2 none /run/cgroup && mkdir /run/cgroup/$cgroup" \
		2>/dev/null || {
		echo "skip $(basename -- "$0"): no cgroup can be made here, so systemd cannot run"
		exit 0
	}
}
cgroup_end() {
	local mount
	mount=$(mktemp -d)
	mount -t cgroup2 none "$mount" && find "$mount/$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
	umount "$mount"
	rmdir "$mount"
}

finish() {
	local status=$?
	lab_down
	[[ -z $cgroup ]] || cgroup_end || true
	((status == 0 || failed > 0)) || echo "FAIL $(basename -- "$0"): ended early, status $status"
	((failed == 0)) || exit 1
}

# attempt COMMAND...: runs it; output in $seen, exit status in $status.
attempt() {
	status=0
	seen=$("$@" 2>&1) || status=$?
	seen="$seen"$'\n'"($* -> $status)"
}

# ok NAME COMMAND...: it succeeds.
ok() {
	local name=$1
	shift
	attempt "$@"
	if ((status == 0)); then pass "$name"; else fail "$name"; fi
}

# gives STATUS NAME COMMAND...: it exits with just this status.
gives() {
	local want=$1 name=$2
	shift 2
	attempt "$@"
	if ((status == want)); then pass "$name"; else fail "$name: status $status, not $want"; fi
}

# refused NAME COMMAND...: it fails, whatever the status.
refused() {
	local name=$1
	shift
	attempt "$@"
	if ((status != 0)); then pass "$name"; else fail "$name"; fi
}

# says PATTERN NAME COMMAND...: it succeeds and its output matches the extended regex.
says() {
	local pattern=$1 name=$2
	shift 2
	attempt "$@"
	if ((status == 0)) && grep -qE -- "$pattern" <<<"$seen"; then
		pass "$name"
	else
		fail "$name: no \"$pattern\""
	fi
}

# silent PATTERN NAME COMMAND...: it succeeds and its output does not match.
silent() {
	local pattern=$1 name=$2
	shift 2
	attempt "$@"
	if ((status == 0)) && ! grep -qE -- "$pattern" <<<"${seen%$'\n('*}"; then
		pass "$name"
	else
		fail "$name: \"$pattern\" is there"
	fi
}

# same NAME WANTED GOT: two texts are equal.
same() {
	seen="wanted: $2"$'\n'"got:    $3"
	if [[ $2 == "$3" ]]; then pass "$1"; else fail "$1"; fi
}

# soon SECONDS NAME COMMAND...: it succeeds within that time.
soon() {
	local seconds=$1 name=$2
	shift 2
	seen="($* did not within $seconds s)"
	if wait_for "$seconds" "$@"; then pass "$name"; else fail "$name"; fi
}

# How hubshare is called: by root, by root for "user" (as sudo says it), by "user" alone;
# each with what stands in hs_options.
hs_options=()
hs() { in_lab hubshare "${hs_options[@]}" "$@"; }
hs_sudo() { as_user sudo hubshare "${hs_options[@]}" "$@"; }
hs_user() { as_user hubshare "${hs_options[@]}" "$@"; }
as_user() { in_lab runuser -u user -- env HOME=/home/user "$@"; }

# domains NAME MAC[@PORT]...: hubshare is told of these running VMs by libvirt's test driver,
# for tests in which network namespaces play the guests; PORT is the NIC's tap.
domains() {
	local sum port
	{
		echo "<node>"
		while (($#)); do
			sum=$(md5sum <<<"$1")
			port=
			[[ $2 != *@* ]] || port="<target dev='${2#*@}'/>"
			cat <<-END
				<domain type='test'>
				  <name>$1</name>
				  <uuid>${sum:0:8}-${sum:8:4}-4${sum:13:3}-8${sum:17:3}-${sum:20:12}</uuid>
				  <memory>1024</memory>
				  <os><type>hvm</type></os>
				  <devices>
				    <interface type='bridge'>
				      <mac address='${2%@*}'/>
				      <source bridge='br-hub'/>$port
				    </interface>
				  </devices>
				</domain>
			END
			shift 2
		done
		echo "</node>"
	} | in_lab tee /etc/domains.xml >/dev/null
	in_lab mkdir -p /etc/hubshare
	printf '[hubshare]\nconnect = test:///etc/domains.xml\n' |
		in_lab tee /etc/hubshare/hubshare.conf >/dev/null
}

# host_listing: what is there, but for the notes that dpkg, systemd and Samba make of what they did.
host_listing() {
	in_lab sh -c 'ls -A /; cd /; find etc home lib64 opt root run srv usr var -xdev \
		\( -path var/lib/dpkg -o -path var/log -o -path "var/cache/*" -o -path var/lib/samba \
		-o -path "run/samba/*" ! -path "run/samba/*.conf.d*" ! -path "run/samba/hubshare*" \
		-o -path run/lab -o -path run/libvirt -o -name "*.cache" -o -name "*.pid" -o -path run/lock \
		-o -path "etc/*-" -o -path "run/netns*" \
		-o -path "*/deb-systemd-helper-*" -o -path run/systemd/journal \) -prune \
		-o -type d -printf "%y %m %U:%G %p\n" -o -printf "%y %m %U:%G %s %p %l\n" | sort
		find etc -xdev -type f ! -path "etc/*-" ! -name "*.cache" -exec sha256sum {} + | sort -k 2'
}

# running NAME: a program of that name runs in the lab.
running() { in_lab sh -c "grep -qsx '$1' /proc/[0-9]*/comm"; }

# session_start ID COMMAND...: what reads commands from its input, in the background.
session_start() {
	local id=$1
	shift
	mkdir -p "$LAB_STATE/session"
	mkfifo "$LAB_STATE/session/$id"
	"$@" <"$LAB_STATE/session/$id" >"$LAB_STATE/session/$id.log" 2>&1 &
	exec {session_fd}>"$LAB_STATE/session/$id"
	eval "session_$id=$session_fd"
}

# session_open ID CLIENT SHARE: an SMB session that stays open.
session_open() { session_start "$1" client_smb_session "$2" "$3"; }
client_smb_session() {
	in_client "$1" stdbuf -i0 -o0 smbclient -s /dev/null -N -U % "//$LAB_ADDRESS/$2"
}

# session_rude ID CLIENT: one without manners; its commands are those of net/rude.py.
session_rude() {
	session_start "$1" in_client "$2" python3 "$LAB_TOP/tests/net/rude.py" "$LAB_ADDRESS"
}

# session_say ID COMMAND: one that is not waited for.
session_say() {
	local fd=session_$1
	printf '%s\n' "$2" >&"${!fd}"
}

# session_begin ID COMMAND: one that goes on until session_ended.
session_begin() {
	session_say "$1" "$2"
	wait_for 30 grep -q "^begun" "$LAB_STATE/session/$1.log"
}
session_ended() { grep "^[0-9]* acknowledged" "$LAB_STATE/session/$1.log"; }

# session ID COMMAND: one command in it; prints what smbclient says, fails if that is a fault.
session() {
	local said
	said=$(session_says "$@") || return 1
	printf '%s\n' "$said"
	! grep -qE 'NT_STATUS|SMBecho|not connected|closed' <<<"$said"
}

# session_says ID COMMAND: the same, and a fault is what it says, too.
session_says() {
	local log=$LAB_STATE/session/$1.log from mark
	from=$(stat -c %s "$log")
	mark="mark-$from-$RANDOM"
	session_say "$1" "$2"$'\n'"!echo $mark"
	wait_for 30 grep -q "^$mark" "$log" || return 1
	tail -c "+$((from + 1))" "$log"
}

# station NAME SCRIPT: a shell script in a guest, or in a client that stands in for one.
station() {
	if in_lab test -e "/run/netns/$1"; then
		in_client "$1" sh -c "$2"
	else
		in_guest "$1" "$2"
	fi
}

# liar_start ID STATION SECRET [OPTION...] SHARE...: lab/liar.c tries there, all the time until
# liar_end, to read /file of these shares; what begins with SECRET counts.  The rightful VM is
# asked in the same way: what can never read proves nothing.
declare -A liar_at liar_had
liar_start() {
	local id=$1 secret=$3 options=()
	liar_at[$id]=$2 liar_had[$id]=0
	shift 3
	while [[ $1 == -* ]]; do
		options+=("$1" "$2")
		shift 2
	done
	station "${liar_at[$id]}" "mkdir -p /run/liar; rm -f /run/liar/$id
		liar -o /run/liar/$id ${options[*]} $LAB_ADDRESS file $secret $* \
			>/run/liar/$id.log 2>&1 </dev/null & echo \$! >/run/liar/$id.pid"
	wait_for 20 liar_said "$id" tries || die "the client $id does not begin"
}

# liar_said ID FIELD: one of its numbers.
liar_said() {
	station "${liar_at[$1]}" "cat /run/liar/$1" | number "$2"
}
number() { grep -oE "\<$1 -?[0-9]+" | grep -oE -- '-?[0-9]+$'; }

# liar_reads ID [SINCE]: it has read more than SINCE bytes (than when it was asked last).
liar_reads() {
	local bytes
	bytes=$(liar_said "$1" bytes)
	((bytes > ${2:-${liar_had[$1]:-0}})) || return 1
	liar_had[$1]=$bytes
}

# liar_quiet ID MS: it has read nothing for that long.
liar_quiet() { (($(liar_said "$1" ago) >= $2)); }

# liar_end ID: prints its last line.
liar_end() {
	local at=${liar_at[$1]}
	station "$at" "kill \$(cat /run/liar/$1.pid)"
	wait_for 30 station "$at" "! test -d /proc/\$(cat /run/liar/$1.pid)" || die "the client $1 does not end"
	station "$at" "cat /run/liar/$1.log"
}

# liar_judged ID: ends it; it has tried, and read not a byte.
liar_judged() {
	local line
	line=$(liar_end "$1")
	echo "| $1: $line"
	same "$1 has read nothing" "0 of many" \
		"$(number bytes <<<"$line") of $( (($(number tries <<<"$line") > 20)) && echo many || echo few)"
}

# watch_start: from now on what the service tells of is kept.  watch_mark: it counts from here.
watch_start() {
	in_lab sh -c 'hubshare watch --json >>/var/log/watch.json 2>/var/log/watch.err </dev/null &'
	watch_mark
}
watch_mark() { told_before=$(in_lab sh -c 'cat /var/log/watch.json 2>/dev/null | wc -l'); }

# told KIND VALUE...: an event of that kind with these values has been told of.
told() {
	local value lines
	lines=$(in_lab tail -n "+$((told_before + 1))" /var/log/watch.json)
	for value; do
		lines=$(grep -F "\"$value\"" <<<"$lines") || return 1
	done
}

# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# What the tests of the command line share.  Each has a root of its own, in which libvirt is
# its test driver, the scanner a script of two lines, and smbd a pair of scripts: fakes for
# what the real ones cannot be made to do at will (end, hang, never let go).  What the real
# ones do is tried in tests/net and tests/vm.

command -v testparm >/dev/null || {
	echo "skip $(basename "$0"): there is no testparm, without which nothing is changed"
	exit 77
}
build=${HUBSHARE_BUILD:-$PWD}
# shellcheck disable=SC2034 # for those who source this
srcdir=${srcdir:-$(dirname "$(readlink -f "$0")")/../..}
root=$(mktemp -d "${TMPDIR:-/tmp}/hubshare-cli-XXXXXX") || exit 1
root=$(readlink -f "$root")
trap 'rm -rf "$root"' EXIT
# shellcheck disable=SC2034 # for those who source this
samba=$root/etc/samba
perm=$samba/perm.conf.d
temp=$samba/temp.conf.d
# shellcheck disable=SC2034 # for those who source this
run=$root/run/samba/hubshare
data=$root/data
umask 022
mkdir -p "$perm" "$temp" "$data" "$root/bin"
unset SUDO_UID DOAS_USER PKEXEC_UID
failed=0

# Where this build looks for its settings, below the root.
eval "$(sed -nE 's/^(prefix|sysconfdir) = (.*)/\1="\2"/p' "$build/Makefile")"
settings=$root${sysconfdir:?}/hubshare/hubshare.conf
mkdir -p "$(dirname "$settings")"

pass() { echo "ok $1"; }
fail() {
	echo "FAIL $1"
	printf '#   status %s\n' "${status-}"
	sed 's/^/#   out: /' "$root/out" 2>/dev/null
	sed 's/^/#   err: /' "$root/err" 2>/dev/null
	failed=1
}
# At the end of each test.
finish() { exit "$failed"; }

uuid() { printf 'c0ffee00-0000-4000-8000-%012d' "$1"; }

# vms [NAME NUMBER on|off]...: these are all VMs.  NAME is XML text; NUMBER makes the UUID and
# the MAC 52:54:00:00:00:NUMBER.
vms() {
	{
		echo "<node>"
		while (($#)); do
			cat <<-END
				<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
				  <name>$1</name>
				  <uuid>$(uuid "$2")</uuid>
				  <test:runstate>$([[ $3 == on ]] && echo 1 || echo 5)</test:runstate>
				  <memory>1024</memory>
				  <os><type>hvm</type></os>
				  <devices>
				    <interface type='bridge'>
				      <mac address='52:54:00:00:00:$(printf %02d "$2")'/>
				      <source bridge='br-hub'/>
				    </interface>
				  </devices>
				</domain>
			END
			shift 3
		done
		echo "</node>"
	} >"$root/vms.xml"
}

# heard [IP NUMBER]...: these answer on the bridge.
heard() {
	{
		echo '#!/bin/sh'
		echo "echo \"\$@\" >>'$root/scanned'"
		while (($#)); do
			printf "printf '%s\\\\t52:54:00:00:00:%02d\\\\n'\n" "$1" "$2"
			shift 2
		done
	} >"$root/bin/scan"
	chmod +x "$root/bin/scan"
}

connect=test://$root/vms.xml
# shellcheck disable=SC2034 # for those who source this
away="qemu+unix:///system?socket=$root/nobody" # a libvirt that does not answer
# hub ARGUMENTS...: sets status and leaves the output in $root/out and $root/err.
hub() {
	"$build/hubshare" --root "$root" --connect "$connect" --scanner "$root/bin/scan" "$@" \
		>"$root/out" 2>"$root/err"
	status=$?
}

# comes COMMAND...: waits until it succeeds, for a minute at most.
comes() {
	local end=$((SECONDS + 60))
	until "$@"; do
		((SECONDS < end)) || return 1
		read -rt 0.02 <> <(:) || true
	done
}

# gives NAME STATUS ARGUMENTS...: it ends so; where it fails, it prints nothing but one line
# on standard error.
gives() {
	local name=$1 wanted=$2
	shift 2
	hub "$@"
	if ((status != wanted)); then
		fail "$name"
	elif ((status)) && [[ -s $root/out || $(wc -l <"$root/err") != 1 ]]; then
		fail "$name (one line on stderr, nothing on stdout)"
	else
		pass "$name"
	fi
}

# says NAME REGEX, warns NAME REGEX: what the last one printed on stdout, on stderr.
says() { if grep -qE -- "$2" "$root/out"; then pass "$1"; else fail "$1"; fi; }
warns() { if grep -qE -- "$2" "$root/err"; then pass "$1"; else fail "$1"; fi; }

# prints NAME TEXT: the last one printed exactly that on stdout.
prints() {
	if [[ $(cat "$root/out"; echo x) == "$2"$'\n'x ]]; then pass "$1"; else fail "$1"; fi
}

# ok NAME COMMAND..., not NAME COMMAND...
ok() { local name=$1; shift; if "$@"; then pass "$name"; else fail "$name"; fi; }
not() { local name=$1; shift; if "$@"; then fail "$name"; else pass "$name"; fi; }

# same NAME WANTED GOT
same() {
	if [[ $2 == "$3" ]]; then
		pass "$1"
	else
		fail "$1"
		diff <(echo "$2") <(echo "$3") | sed 's/^/#   /'
	fi
}

# All that is in the store, with its content: to see that nothing changed.
store() {
	(cd "$root" && find etc/samba run -printf '%p %l %m\n' 2>/dev/null | sort &&
		find etc/samba run -type f ! -name .lock -exec cksum {} + 2>/dev/null | sort)
}

# unchanged NAME STATUS ARGUMENTS...: as gives, and the store is as it was before.
unchanged() {
	local before
	before=$(store)
	gives "$@"
	if [[ $(store) == "$before" ]]; then pass "$1: nothing changed"; else fail "$1: changed"; fi
}

# shares IP: the names that smbd would find for that client, sorted, in one line.
shares() {
	cat "$perm/$1.conf" "$temp/$1.conf" 2>/dev/null | sed -n 's/^\[\(.*\)\]$/\1/p' | sort |
		paste -sd' '
}
# serves NAME IP "SHARES"
serves() {
	if [[ $(shares "$2") == "$3" ]]; then pass "$1"; else fail "$1: $(shares "$2")"; fi
}

# An smbd that is a pair of scripts.  "sessions" has a line "IP PID SHARE" for each share that
# is open; one that is told to close goes after "patience" more looks; "down": no smbd runs.
fake_smbd() {
	: >"$root/sessions"
	: >"$root/closing"
	: >"$root/calls"
	echo 0 >"$root/patience"
	cat >"$root/bin/smbcontrol" <<-'END'
		#!/bin/bash
		cd "$(dirname "$0")/.." || exit 1
		echo "smbcontrol $*" >>calls
		[ ! -e down ] || { echo "Can't find pid for destination 'smbd'" >&2; exit 1; }
		# What a client could still read at the moment it is cut off.
		cat etc/samba/*.conf.d/*[0-9].conf >"at-$2" 2>/dev/null
		case $2 in
		close-share) grep " $1 $3\$" sessions >>closing ;;
		kill-client-ip) grep "^$3 " sessions >>closing ;;
		esac
		exit 0
	END
	cat >"$root/bin/smbstatus" <<-'END'
		#!/bin/bash
		cd "$(dirname "$0")/.." || exit 1
		echo "smbstatus $*" >>calls
		[ ! -e down ] || exit 1
		patience=$(<patience)
		if [ -s closing ] && [ "$patience" = 0 ]; then
			grep -vxFf closing sessions >left
			mv left sessions
			: >closing
		elif [ -s closing ] && [ "$patience" -gt 0 ]; then
			echo $((patience - 1)) >patience
		fi
		n=0 between=
		printf '{"sessions": {'
		while read -r ip pid share; do
			n=$((n + 1))
			printf '%s"%d": {"session_id": "%d", "server_id": {"pid": "%d"}, "hostname": "ipv4:%s:%d"}' \
				"$between" $n $n "$pid" "$ip" $((50000 + n))
			between=', '
		done <sessions
		n=0 between=
		printf '}, "tcons": {'
		while read -r ip pid share; do
			n=$((n + 1))
			printf '%s"%d": {"service": "%s", "server_id": {"pid": "%d"}, "session_id": "%d", "machine": "x"}' \
				"$between" $n "$share" "$pid" $n
			between=', '
		done <sessions
		printf '}}\n'
	END
	chmod +x "$root/bin/smbcontrol" "$root/bin/smbstatus"
	printf '[hubshare]\nsmbcontrol = %s\nsmbstatus = %s\n' "$root/bin/smbcontrol" \
		"$root/bin/smbstatus" >"$settings"
}

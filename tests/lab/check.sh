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

# begin [lab_up's options]: builds what has changed, brings the lab up.
begin() {
	trap finish EXIT
	trap 'exit 130' INT TERM HUP
	if [[ -z ${HUBSHARE_BUILD:-} ]]; then
		# shellcheck source=script/lib.sh
		(. "$LAB_TOP/script/lib.sh" && build plain)
		HUBSHARE_BUILD=$LAB_TOP/build-plain
	fi
	"$LAB_SRC/image.sh"
	lab_up --tied "$@" "$HUBSHARE_BUILD"
}

finish() {
	local status=$?
	lab_down
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

# How hubshare is called: by root, by root for "user" (as sudo says it), by "user" alone.
hs() { in_lab hubshare "$@"; }
hs_sudo() { as_user sudo hubshare "$@"; }
hs_user() { as_user hubshare "$@"; }
as_user() { in_lab runuser -u user -- env HOME=/home/user "$@"; }

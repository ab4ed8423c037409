# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # variables for those who source this
# A hub in namespaces of its own: sourced by the tests of this directory.
#
# hub_enter "$@"           run the script again inside new namespaces, as root of them
# hub_up                   br-hub, 172.16.10.1/24
# guest_up NAME IP MAC     a guest behind a port of the bridge (IP "-": none yet)
# guest NAME COMMAND...    run something in it
# guest_down NAME
# No packet can leave: the namespaces have no other interfaces.  Nothing here sleeps; whoever
# waits reads from a pipe with a limit.

here=$(dirname "$(readlink -f "$0")")
build=${HUBSCAN_BUILD:-$PWD}
hubscan=$build/hubscan
failed=0

hub_enter() {
	if [ -z "${HUB_INSIDE:-}" ]; then
		export HUB_INSIDE=1
		# A PID namespace: whatever was started ends with the test.
		set -- unshare -nmpf --kill-child --mount-proc -- "$0" "$@"
		[ "$(id -u)" = 0 ] && exec "$@"
		unshare -rnmpf --mount-proc true 2>/dev/null ||
			{ echo "# no namespaces for this user"; exit 77; }
		exec unshare -r "${@:2}"
	fi
	trap hub_end EXIT
}

hub_end() {
	[ -n "${tmp:-}" ] && rm -rf "$tmp"
}

hub_up() {
	tmp=$(mktemp -d)
	ip link set lo up
	ip link add br-hub type bridge mcast_snooping 0
	ip link set br-hub address 02:00:00:00:00:01
	ip addr add 172.16.10.1/24 dev br-hub
	ip link set br-hub up
	sysctl -qw net.ipv6.conf.default.disable_ipv6=1
}

guest_up() {
	local name=$1 ip=$2 mac=$3 fd pid
	exec {fd}< <(exec unshare -n sh -c 'echo $$; exec sleep infinity')
	read -r -u "$fd" pid
	eval "pid_$name=$pid"
	guest "$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	ip link add "v$name" type veth peer name eth0 address "$mac" netns "$pid"
	ip link set "v$name" master br-hub up
	guest "$name" ip link set lo up
	[ "$ip" = - ] || guest "$name" ip addr add "$ip/24" dev eth0
	guest "$name" ip link set eth0 up
}

guest() {
	local pid=pid_$1
	shift
	nsenter -t "${!pid}" -n -- "$@"
}

guest_down() {
	local pid=pid_$1
	ip link del "v$1"
	kill "${!pid}"
}

# say WHAT STATUS: one line of result.
say() {
	if [ "$2" = 0 ]; then echo "ok $1"; else echo "FAIL $1"; failed=1; fi
}

# is WHAT GOT WANTED
is() {
	[ "$2" = "$3" ]
	say "$1" $?
	[ "$2" = "$3" ] || printf '#   got:    %s\n#   wanted: %s\n' "$2" "$3"
}

# watch_start ARGS...: hubscan --watch, its lines to be read by watch_line.
watch_start() {
	exec {watch_fd}< <(exec "$hubscan" --watch "$@" 2>"$tmp/watch.err")
	watch_pid=$!
}

# watch_line PATTERN SECONDS: reads until a line matches the extended regular expression; it
# is in $line then.  What was read is in $seen, and of all calls in $all.
watch_line() {
	local end=$(($(date +%s%N) / 1000000 + $2 * 1000)) left
	seen=
	while left=$((end - $(date +%s%N) / 1000000)) && [ $left -gt 0 ]; do
		read -r -t "$((left / 1000)).$(printf %03d $((left % 1000)))" -u "$watch_fd" line ||
			return 1
		seen="$seen$line
"
		all="${all:-}$line
"
		[[ $line =~ $1 ]] && return 0
	done
	return 1
}

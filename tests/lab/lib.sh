# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# The lab's functions; ./lab makes commands of them and the tests source them.
#
# A lab is one private host: a process in its own network, mount, pid, uts and ipc
# namespaces, whose root is an overlay of this machine's.  Everything of a lab ends with its
# pid 1; nothing of it has a name on the machine but its directory in build-lab/.

LAB_SRC=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
LAB_TOP=${LAB_SRC%/tests/lab}
: "${LAB:=lab}"                       # the name of this lab; several may be up at once
: "${LAB_CACHE:=$LAB_TOP/build-lab}"  # kernel and initramfs of the guests, state of labs
LAB_STATE=$LAB_CACHE/state/$LAB
LAB_ADDRESS=172.16.10.1
export LAB LAB_CACHE

die() {
	echo "lab $LAB: $*" >&2
	exit 1
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds, looked at every 20 ms, and every 100 ms once
# half a second is over, since looking takes time from what is waited for.
# The only place in the tests where time passes by itself.
wait_for() {
	local since=${EPOCHREALTIME//[.,]/} seconds=$1 waited
	shift
	until "$@" >/dev/null 2>&1; do
		waited=$((${EPOCHREALTIME//[.,]/} - since))
		((waited < seconds * 1000000)) || return 1
		if ((waited < 500000)); then sleep 0.02; else sleep 0.1; fi
	done
}

# lab_find: the pid of the lab's init, seen from here, in $lab_init; fails when the lab is down.
lab_find() {
	local word
	read -r lab_init 2>/dev/null <"$LAB_STATE/pid" || return 1
	# A pid is used again some day: look at whose it is.
	while IFS= read -r -d '' word; do
		[[ $word != "$LAB_STATE" ]] || return 0
	done 2>/dev/null <"/proc/$lab_init/cmdline"
	return 1
}

# Namespaces are entered with the machine's own environment left outside.
in_lab() {
	lab_find || die "is not up"
	nsenter -t "$lab_init" -m -n -p -u -i -- \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
		TERM="${TERM:-dumb}" LAB="$LAB" "$@"
}

# lab_start [--tied]: the namespaces and the root file system, nothing that serves yet.
# Tied means: the lab dies with the shell that calls this, however that shell ends.
lab_start() {
	local tie=()
	[[ ${1-} != --tied ]] || tie=(setpriv --pdeathsig KILL)
	! lab_find || die "is up already"
	mkdir -p "$LAB_STATE"
	rm -f "$LAB_STATE"/{pid,ready}
	# setsid: Ctrl-C is for the caller, which then ends the lab by itself.
	"${tie[@]}" setsid unshare --net --mount --pid --uts --ipc --fork --kill-child -- \
		bash "$LAB_SRC/init.sh" "$LAB_STATE" "$LAB_TOP" \
		</dev/null >"$LAB_STATE/log" 2>&1 &
	wait_for 10 test -e "$LAB_STATE/ready" || {
		cat "$LAB_STATE/log" >&2
		die "does not come up"
	}
}

# lab_up [--tied] [--no-libvirt] [--no-dhcp] [BUILD]: a lab that serves.  BUILD is the
# directory hubshare was built in (build-plain): it is installed in the lab from there.
lab_up() {
	local tie=() services=(samba dhcp libvirt) build=$LAB_TOP/build-plain
	for arg; do
		case $arg in
		--tied) tie=(--tied) ;;
		--no-*) services=("${services[@]/${arg#--no-}/}") ;;
		*) build=$arg ;;
		esac
	done
	lab_start "${tie[@]}"
	in_lab bash "$LAB_SRC/install.sh" "$build" "$LAB_CACHE/bin" >>"$LAB_STATE/log" 2>&1 || {
		tail -20 "$LAB_STATE/log" >&2
		die "cannot install from $build"
	}
	for service in "${services[@]}"; do
		[[ -z $service ]] || in_lab bash "$LAB_SRC/services.sh" "$service"
	done
}

# Ends the lab and everything that ran in it; no fault if it is down.
lab_down() {
	if lab_find; then
		kill -KILL "$lab_init"
		wait_for 10 test ! -d "/proc/$lab_init" || die "pid $lab_init does not end"
	fi
	rm -rf "${LAB_STATE:?}"
}

# --- hubshare's service, and the others: ended by their pid ---

# service_start [OPTION...]: `hubshare sync --watch`; returns once it says that it is ready.
service_start() { in_lab bash "$LAB_SRC/services.sh" hubshare "$@"; }

# service_signal SIGNAL [NAME]: to hubshare, or libvirtd, dnsmasq.
service_signal() { in_lab sh -c "kill -s $1 \$(cat /run/lab/${2:-hubshare}.pid)"; }
service_runs() { in_lab sh -c "kill -0 \$(cat /run/lab/${1:-hubshare}.pid)" 2>/dev/null; }
service_ended() { ! service_runs "$@"; }

# service_stop [NAME], service_kill [NAME]: return when it is gone.
service_stop() {
	service_signal TERM "$@"
	wait_for 30 service_ended "$@" || die "${1:-hubshare} does not end"
}
service_kill() {
	service_signal KILL "$@"
	wait_for 30 service_ended "$@" || die "${1:-hubshare} cannot be killed"
}

# service_pids: of all its processes, as the lab sees them.
service_pids() {
	# shellcheck disable=SC2016 # for the lab
	in_lab sh -c 'tree() { echo "$1"; for child in $(cat /proc/$1/task/*/children); do tree "$child"; done; }
		tree "$(cat /run/lab/hubshare.pid)"'
}

# --- clients: network namespaces that stand in for guests where only frames matter ---

# client_add NAME ADDRESS|none [MAC] [PORT]: PORT is the name of its end on br-hub.
client_add() {
	local name=$1 address=$2 mac=${3:-} port=${4:-veth-$1}
	in_lab ip netns add "$name"
	in_lab ip link add "$port" type veth peer name eth0 ${mac:+address "$mac"} netns "$name"
	in_lab ip link set "$port" master br-hub up
	in_lab ip -n "$name" link set lo up
	[[ $address == none ]] || in_lab ip -n "$name" address add "$address/24" dev eth0
	in_lab ip -n "$name" link set eth0 up
}

client_del() {
	# The name goes at once; the veth goes with it, not with the last process inside.
	in_lab ip -n "$1" link delete eth0
	in_lab ip netns delete "$1"
}

# in_client NAME COMMAND...: the client's network, the lab's files.
in_client() {
	local name=$1
	shift
	in_lab nsenter --net="/run/netns/$name" -- "$@"
}

# client_smb NAME SHARE COMMANDS [USER%PASSWORD]: smbclient there, as guest by default.
client_smb() {
	local who=(-N -U %)
	[[ -z ${4:-} ]] || who=(-U "$4")
	in_client "$1" smbclient -s /dev/null -t 10 "${who[@]}" "//$LAB_ADDRESS/$2" -c "$3"
}

# --- guests: real virtual machines ---

# mac_of NAME: the same for the same name every time, of QEMU's prefix.
mac_of() {
	local sum
	sum=$(md5sum <<<"$1")
	echo "52:54:00:${sum:0:2}:${sum:2:2}:${sum:4:2}"
}

# guest_define NAME [MAC] [ADDRESS/LEN]: known to libvirt, not started.
guest_define() {
	local name=$1 mac=${2:-}
	: "${mac:=$(mac_of "$1")}"
	in_lab env NAME="$name" MAC="$mac" ADDRESS="${3:-dhcp}" CACHE="$LAB_CACHE" \
		bash "$LAB_SRC/domain.sh"
}

# guest_start NAME...: starts what is defined; with guest_wait one sees it up.
guest_start() {
	local name
	for name; do
		in_lab virsh -q start "$name"
	done
}

guest_said() { in_lab grep -qsE "$2|Kernel panic" "/var/log/libvirt/console-$1.log"; }

# guest_wait NAME...: until each has its address and takes commands.
guest_wait() {
	local name
	for name; do
		if ! wait_for 120 guest_said "$name" 'lab: ready' ||
			! wait_for 60 guest_said "$name" 'lab: address'; then
			in_lab tail -5 "/var/log/libvirt/console-$name.log" >&2
			die "guest $name does not come up"
		fi
	done
}

# guest_add NAME...: defines, starts, waits.
guest_add() {
	local name
	for name; do
		guest_define "$name"
		guest_start "$name"
	done
	guest_wait "$@"
}

guest_del() {
	local name
	for name; do
		in_lab virsh -q destroy "$name" 2>/dev/null || true
		in_lab virsh -q undefine "$name"
	done
}

# in_guest NAME SCRIPT [SECONDS]: runs a shell script in the guest, not over the network;
# its output, its exit status; 124 if there is no answer in time.
in_guest() {
	in_lab bash "$LAB_SRC/channel.sh" "/run/lab/$1.sock" "${3:-60}" "$2"
}

guest_address() {
	in_guest "$1" "ip -4 -o addr show eth0 | awk '{ sub(\"/.*\", \"\", \$4); print \$4; exit }'"
}

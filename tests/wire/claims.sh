#!/bin/bash
# SPDX-License-Identifier: ISC
# Claims before the gate: who is dropped in the bridge is heard all the same, with the port,
# and a scanner that may not listen there, or finds no gate, hears what it always did.
# shellcheck source=tests/wire/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
command -v nft >/dev/null || { echo "# no nft"; exit 77; }
hub_enter "$@"
hub_up
tab=$'\t'
a=172.16.10.5${tab}52:54:00:00:00:0a
b=172.16.10.6${tab}52:54:00:00:00:0b

# gate_up VERDICT: ARP, and IPv4, is copied to two groups, as the gate does, and then comes
# VERDICT.
gate_up() {
	nft -f - <<-END
		table bridge gate {
			chain claims {
				type filter hook prerouting priority -250;
				ether type { arp, ip } log group 17216
				ether type { arp, ip } log group 17217
				$1
			}
		}
	END
}
gate_down() { nft delete table bridge gate; }
claims=(--claims 17216-17217)

# says NAME: the guest says who it is.  It is not waited for; the watch hears it.
says() { guest "$1" arping -q -U -c 1 -w 1 -I eth0 "$2" >/dev/null 2>&1 & }

for bad in "" x 17216- -17217 17217-17216 65536 17216-65536 1-65 1-2-3 " 1" 1x +1; do
	"$hubscan" --claims "$bad" 2>"$tmp/err"
	is "'$bad' is no group: exit 2" "$? $(wc -l <"$tmp/err")" "2 1"
done

guest_up a 172.16.10.5 52:54:00:00:00:0a
guest_up b 172.16.10.6 52:54:00:00:00:0b
is "without a gate: as before" "$("$hubscan" "${claims[@]}" 172.16.10.5)" "$a"

gate_up drop
is "a scanner that does not listen there hears nobody" "$("$hubscan" --tries 1)" ""
is "one that does hears them, with the port" "$("$hubscan" "${claims[@]}" | sort)" \
	"$a${tab}va
$b${tab}vb"
is "JSON" "$("$hubscan" "${claims[@]}" --json 172.16.10.5)" \
	'{"ip":"172.16.10.5","mac":"52:54:00:00:00:0a","port":"va"}'
is "columns" "$(script -qec "$hubscan ${claims[*]} 172.16.10.5 2>/dev/null" /dev/null \
	</dev/null | tr -d '\r')" \
	"IP               MAC                PORT
172.16.10.5      52:54:00:00:00:0a  va"

# Who may open the interface, but not the log.
out=$(setpriv --bounding-set -net_admin "$hubscan" --verbose "${claims[@]}" --tries 1 2>&1)
is "not permitted: goes on" $? 0
[[ $out == *"claims: not heard before the gate: "* ]]; say "and says so if asked" $?
is "else it does not" \
	"$(setpriv --bounding-set -net_admin "$hubscan" "${claims[@]}" --tries 1 2>&1)" ""

# A watch, which hears at once what is dropped.
watch_start "${claims[@]}" --verbose br-hub 172.16.10.0/24
watch_line "^$a${tab}new${tab}.*Z${tab}va$" 20; say "a watch: who is there" $?
watch_line never 1
grep -q "group 17216" "$tmp/watch.err"; say "in the first group" $?
is "a second one in the next group" \
	"$("$hubscan" "${claims[@]}" --verbose --tries 1 172.16.10.6 2>&1 | tail -2)" \
	"$("$hubscan" --verbose --tries 1 172.16.10.99 2>&1 | tail -1)
$b${tab}vb"
"$hubscan" --claims 17216 --verbose --tries 1 172.16.10.6 2>&1 | grep -q "not heard before the gate"
say "none is free: goes on without" $?

# The kernel would hold a packet back for a second.  A busy machine may take as long, but not
# each of ten times.
for ((i = 10, ms = 900; i < 20 && ms >= 500; i++)); do
	guest b ip addr add "172.16.10.$i/24" dev eth0
	began=$(date +%s%N)
	says b "172.16.10.$i"
	watch_line "^172.16.10.$i${tab}52:54:00:00:00:0b${tab}new${tab}.*Z${tab}vb$" 20 || break
	ms=$((($(date +%s%N) - began) / 1000000))
done
[ $ms -lt 500 ]; say "heard at once ($ms ms)" $?

# Who sends from a new address without a word of ARP is asked for it.
guest b ip neigh replace 172.16.10.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
guest b ip addr add 172.16.10.30/24 dev eth0
guest b ping -c 1 -W 1 -I 172.16.10.30 172.16.10.1 >/dev/null 2>&1 &
watch_line "^172.16.10.30${tab}52:54:00:00:00:0b${tab}new${tab}.*Z${tab}vb$" 20
say "a new address that only IPv4 shows" $?

# The MAC and the address of one at the port of another: two claimants.
guest b ip addr flush dev eth0 scope global
guest b ip link set eth0 down
guest b ip link set eth0 address 52:54:00:00:00:0a
guest b ip addr add 172.16.10.5/24 dev eth0
guest b ip link set eth0 up
says b 172.16.10.5
watch_line "^$a${tab}contested${tab}.*Z${tab}v[ab]$" 20; say "the wrong port: contested" $?
first=${line##*"$tab"}
watch_line "^$a${tab}contested${tab}.*Z${tab}v[ab]$" 20 && [ "$first" != "${line##*"$tab"}" ]
say "both ports are told" $?

# A VM that is started again has another port, and does not contest itself; nor does a liar
# whose port is gone.
guest_down a
guest_down b
guest_up c 172.16.10.5 52:54:00:00:00:0a
says c 172.16.10.5
watch_line "^$a${tab}new${tab}.*Z${tab}vc$" 20; say "at another port: new" $?
[[ $seen == *"$a${tab}gone${tab}"*"${tab}va"* && $seen == *"$a${tab}gone${tab}"*"${tab}vb"* ]]
say "ports that were deleted claim nothing" $?
[[ $seen != *contested* ]]; say "and contest nothing" $?

# While the gate lets it through a frame comes both ways: told once, with the port.
gate_down
gate_up accept
guest_up d 172.16.10.9 52:54:00:00:00:0d
says d 172.16.10.9
watch_line "^172\.16\.10\.9${tab}52:54:00:00:00:0d${tab}new${tab}.*Z${tab}vd$" 20
say "through the gate: with the port" $?
watch_line never 2
[[ $seen != *"52:54:00:00:00:0d${tab}new"* ]]; say "and once" $?

# Without a gate the claims stand, and whoever comes has no port until there is one again.
gate_down
guest_up e 172.16.10.10 52:54:00:00:00:0e
says e 172.16.10.10
watch_line "^172\.16\.10\.10${tab}52:54:00:00:00:0e${tab}new${tab}[^$tab]*$" 20
say "without a gate: no port" $?
gate_up accept
says e 172.16.10.10
watch_line "^172\.16\.10\.10${tab}52:54:00:00:00:0e${tab}new${tab}.*Z${tab}ve$" 20
say "told again when the port is known" $?

# A port has the name it has now; one that cannot stand in a line goes by its index.
guest_up i 172.16.10.13 52:54:00:00:00:13
ip link set vi down
ip link set vi name $'v\xe4'
ip link set $'v\xe4' up
says i 172.16.10.13
watch_line "^172\.16\.10\.13${tab}52:54:00:00:00:13${tab}new${tab}.*Z${tab}#[0-9]+$" 20
say "a port of a strange name goes by its index" $?

# Ports of another bridge are none of ours.
ip link add br-other type bridge mcast_snooping 0
ip link set br-other up
guest_up x 172.16.10.11 52:54:00:00:00:0f
ip link set vx master br-other
guest x ip addr add 172.16.10.12/24 dev eth0
says x 172.16.10.12
says e 172.16.10.10
watch_line never 2
[[ $all != *"172.16.10.12"* ]]; say "another bridge is not heard" $?
kill -0 $watch_pid; say "it still runs" $?

# The host's own address, with the host's own MAC: from a port that is a lie.
guest_up g 172.16.10.1 02:00:00:00:00:01
says g 172.16.10.1
watch_line "^172\.16\.10\.1${tab}02:00:00:00:00:01${tab}contested${tab}.*Z${tab}vg$" 20
say "the host's MAC at a port contests the host's address" $?
exit $failed

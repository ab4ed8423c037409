#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What may happen to VMs and their shares, in an order drawn from HUBSHARE_SEED, beside a model
# that says who may read what.  After each step every guest tries: what the model gives it is
# read, what it takes is not, and what is another's is tried all the time by everybody, also by
# a station that is no VM, and never read.  HUBSHARE_STEPS=N draws so many; with --long there are
# 50 sequences.
# shellcheck disable=SC2016,SC2119 # scripts for another shell; begin has options
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
RANDOM=$((${HUBSHARE_SEED:-1} % 32768))
sequences=1 steps=${HUBSHARE_STEPS:-12}
[[ -z ${HUBSHARE_LONG:-} ]] || sequences=50

# --- the model: of each VM, by its number ---

vms=(1 2 3 4)
declare -A name on at leased has frozen # has, frozen (read-only): by "VM share"
declare -A doubted                      # VMs whose shares are closed for a conflict
may_read() { [[ ${on[$1]} && -z ${doubted[$1]:-} && ${has[$1 $2]:-} ]]; }

# --- the guests ---

share() { echo "of-$1-$2"; }
# tries VM: in that guest, a reader of each share that can be its own, and a thief of the others'.
tries() {
	local other others=()
	for other in "${vms[@]}"; do
		[[ $other == "$1" ]] || others+=("$(share "$other" a)" "$(share "$other" b)")
	done
	echo "mkdir -p /run/liar
		for s in a b; do
			liar -o /run/liar/\$s -c 2 -r 20 $LAB_ADDRESS file secret-of-$1 of-$1-\$s </dev/null >/dev/null 2>&1 &
		done
		liar -o /run/liar/thief -c 8 -r 100 $LAB_ADDRESS file secret-of- ${others[*]} </dev/null >/dev/null 2>&1 &"
}
# seen VM: "a tries 1 ... bytes 2 ... ago 3", a line each.
seen_by() { station "vm-$1" 'cd /run/liar && for f in a b thief; do echo "$f $(cat $f)"; done'; }
field() { awk -v who="$1" -v what="$2" '$1 == who { for (i = 2; i < NF; i += 2) if ($i == what) print $(i + 1) }'; }

boot() {
	in_lab rm -f "/var/log/libvirt/console-vm-$1.log"
	in_lab virsh -q start "${name[$1]}"
	guest_wait "vm-$1"
	on[$1]=yes leased[$1]=yes at[$1]=$(guest_address "vm-$1")
	in_guest "vm-$1" "$(tries "$1")" >/dev/null
}

# --- what every guest sees agrees with the model ---

# agrees VM: with what was seen when this began to be asked.
declare -A began
agrees() {
	local s now ago
	if [[ -z ${on[$1]} ]]; then
		! in_lab sh -c "grep -ls '^path = /srv/$1-' /run/samba/hubshare/172* /etc/samba/temp.conf.d/172*"
		return
	fi
	now=$(seen_by "$1")
	for s in a b; do
		if may_read "$1" $s; then
			(($(field $s bytes <<<"$now") > $(field $s bytes <<<"${began[$1]}"))) || return 1
		else
			ago=$(field $s ago <<<"$now")
			((ago == -1 || ago > 1000)) || return 1
		fi
	done
}
nobody_stole() {
	local vm bytes
	for vm in "${vms[@]}"; do
		[[ ${on[$vm]} ]] || continue
		bytes=$(seen_by "$vm" | field thief bytes)
		[[ $bytes == 0 ]] || echo "vm-$vm has read $bytes bytes of another's"
	done
	bytes=$(station outsider 'cat /run/liar/outsider' | number bytes)
	[[ $bytes == 0 ]] || echo "the outsider has read $bytes bytes"
}
settles() {
	local vm unlike=()
	for vm in "${vms[@]}"; do
		[[ -z ${on[$vm]} ]] || began[$vm]=$(seen_by "$vm")
	done
	for vm in "${vms[@]}"; do
		wait_for 40 agrees "$vm" || unlike+=("vm-$vm (${name[$vm]}) does not agree: on=${on[$vm]} at=${at[$vm]} a=${has[$vm a]:-} b=${has[$vm b]:-} doubted=${doubted[$vm]:-}: ${began[$vm]:-} -- $([[ -z ${on[$vm]} ]] || seen_by "$vm")")
	done
	stolen=$(nobody_stole)
	seen="${unlike[*]}"$'\n'"$stolen"
	if ((${#unlike[@]} == 0)) && [[ -z $stolen ]]; then pass "$1"; else fail "$1"; fi
}

# --- what may happen ---

any() { # any [on|off]: $vm is one of them
	local one some=()
	for one in "${vms[@]}"; do
		[[ $* == on && -z ${on[$one]} || $* == off && ${on[$one]} ]] || some+=("$one")
	done
	((${#some[@]})) || return 1
	vm=${some[RANDOM % ${#some[@]}]}
}
# They set $told to what they did, or fail where they cannot.
do_stop() {
	any on || return 1
	in_lab virsh -q destroy "${name[$vm]}"
	on[$vm]=
	told="vm-$vm stops"
}
do_start() {
	any off || return 1
	boot "$vm"
	told="vm-$vm starts"
}
do_move() {
	any on || return 1
	local new=172.16.10.$((11 + vm * 8 + RANDOM % 8)) by=hand client said
	[[ $new != "${at[$vm]}" ]] || return 1
	if ((RANDOM % 2)); then
		new=172.16.10.$((60 + vm * 30 + RANDOM % 30))
		client="server=$LAB_ADDRESS id=01$(mac_of "vm-$vm" | tr -d :)"
		said=$(in_guest "vm-$vm" "frames eth0 dhcp release ip=${at[$vm]} $client
			frames eth0 dhcp request ip=$new $client")
		if [[ $said != "ack $new" ]]; then # somebody has it; all is as it was
			[[ -z ${leased[$vm]} ]] ||
				in_guest "vm-$vm" "frames eth0 dhcp request ip=${at[$vm]} $client" >/dev/null
			return 1
		fi
		by=DHCP leased[$vm]=yes
	else
		leased[$vm]=
	fi
	in_guest "vm-$vm" "ip address flush dev eth0; ip address add $new/24 dev eth0" >/dev/null
	at[$vm]=$new
	told="vm-$vm moves to $new, by $by"
}
do_add() {
	any || return 1
	local s=a permanent=()
	((RANDOM % 2)) || s=b
	[[ -z ${has[$vm $s]:-} ]] || return 1
	((RANDOM % 2)) || permanent=(-p)
	hs "${permanent[@]}" add -g "${name[$vm]}" "/srv/$vm-$s" "$(share "$vm" $s)" >/dev/null
	has[$vm $s]=yes frozen[$vm $s]=
	told="vm-$vm gets a share ${permanent[*]}"
}
do_remove() {
	any || return 1
	local s=a
	((RANDOM % 2)) || s=b
	[[ ${has[$vm $s]:-} ]] || return 1
	hs remove "${name[$vm]}" "$(share "$vm" $s)" >/dev/null
	has[$vm $s]=
	told="vm-$vm loses a share"
}
do_rename() {
	any off || return 1
	in_lab virsh -q domrename "${name[$vm]}" "vm-$vm-$RANDOM"
	name[$vm]=$(in_lab virsh -q list --all --name | grep "^vm-$vm-")
	told="vm-$vm is renamed"
}
do_edit() {
	any on || return 1
	local s=a want=0 got=0
	[[ ${has[$vm $s]:-} && -z ${doubted[$vm]:-} ]] || return 1
	if [[ ${frozen[$vm $s]} ]]; then
		hs edit --read-write "${name[$vm]}" "$(share "$vm" $s)" >/dev/null
		frozen[$vm $s]=
	else
		hs edit -r "${name[$vm]}" "$(share "$vm" $s)" >/dev/null
		frozen[$vm $s]=yes want=1
	fi
	writes() {
		in_guest "vm-$vm" "mkdir -p /m; mount.cifs //$LAB_ADDRESS/$(share "$vm" $s) /m -o guest || exit 3
			touch /m/written; got=\$?; umount -l /m; exit \$got"
	}
	writes >/dev/null 2>&1 || got=$?
	((got == want)) || wrong="writes: $got, not $want"
	told="vm-$vm has its share read-only: ${frozen[$vm $s]:-no}"
}
# One takes another's address beside its own, or also the MAC; then all is as it was.
do_lie() {
	local liar victim script undo
	any on || return 1
	liar=$vm
	any on || return 1
	victim=$vm
	[[ $liar != "$victim" ]] || return 1
	undo="ip address flush dev eth0; ip address add ${at[$liar]}/24 dev eth0; arping -q -c 1 -U -I eth0 ${at[$liar]} || true"
	if ((RANDOM % 2)); then
		told="vm-$liar adds the address of vm-$victim"
		script="ip address add ${at[$victim]}/24 dev eth0; arping -q -c 1 -U -I eth0 ${at[$victim]} || true"
		[[ ${leased[$victim]} ]] || doubted[$victim]=yes
	else
		told="vm-$liar takes the address and the MAC of vm-$victim"
		script="ip link set eth0 down; ip link set eth0 address $(mac_of "vm-$victim"); ip link set eth0 up
			ip address flush dev eth0; ip address add ${at[$victim]}/24 dev eth0; arping -q -c 1 -U -I eth0 ${at[$victim]} || true"
		undo="ip link set eth0 down; ip link set eth0 address $(mac_of "vm-$liar"); ip link set eth0 up; $undo"
		doubted[$liar]=yes
	fi
	watch_mark
	in_guest "vm-$liar" "$script" >/dev/null
	wait_for 30 told conflict "${name[$liar]}" "${at[$victim]}" || wrong="nobody tells of it"
	settles "$round $told"
	in_guest "vm-$liar" "$undo" >/dev/null
	doubted=()
	told="vm-$liar lies no more"
}
# Another domain of the same MAC runs for a while: nobody knows who is who.
do_clone() {
	any on || return 1
	in_lab virsh -q undefine clone 2>/dev/null || true
	guest_define clone "$(mac_of "vm-$vm")"
	in_lab virsh -q start clone
	doubted[$vm]=yes
	settles "$round vm-$vm has a clone of the same MAC"
	in_lab virsh -q destroy clone
	doubted=()
	told="the clone of vm-$vm is gone"
}
# What is no VM takes the address of one that is off, or of any.
do_usurp() {
	any off || any on || return 1
	in_lab ip -n outsider address flush dev eth0
	in_lab ip -n outsider address add "${at[$vm]}/24" dev eth0
	[[ -z ${on[$vm]} || ${leased[$vm]} ]] || doubted[$vm]=yes
	in_client outsider arping -q -c 1 -U -I eth0 "${at[$vm]}"
	settles "$round an outsider takes the address of vm-$vm"
	in_lab ip -n outsider address flush dev eth0
	in_lab ip -n outsider address add 172.16.10.9/24 dev eth0
	doubted=()
	told="the outsider has its own address"
}
do_kill() {
	local meanwhile=(stop add remove move)
	service_kill
	told=
	"do_${meanwhile[RANDOM % 4]}" || true
	service_start --verbose
	watch_start
	told="the service is killed and starts again${told:+; meanwhile $told}"
}

# --- a sequence ---

happenings=(stop start start move move add add remove rename edit lie lie clone usurp kill)
for vm in "${vms[@]}"; do name[$vm]=vm-$vm on[$vm]=; done
begin
service_start --verbose
watch_start
for vm in "${vms[@]}"; do
	guest_define "vm-$vm"
	in_lab sh -c "for s in a b; do mkdir -m 777 /srv/$vm-\$s; yes secret-of-$vm | head -c 4096 >/srv/$vm-\$s/file; done"
	in_lab virsh -q start "vm-$vm"
done
for vm in "${vms[@]}"; do
	guest_wait "vm-$vm"
	on[$vm]=yes leased[$vm]=yes at[$vm]=$(guest_address "vm-$vm")
	in_guest "vm-$vm" "$(tries "$vm")" >/dev/null
	hs add -g "vm-$vm" "/srv/$vm-a" "$(share "$vm" a)" >/dev/null
	has[$vm a]=yes frozen[$vm a]=
done
client_add outsider 172.16.10.9
liar_start outsider outsider secret-of- of-{1,2,3,4}-{a,b}
round=0
settles "all read what is their own"

for ((sequence = 1; sequence <= sequences; sequence++)); do
	for ((step = 1; step <= steps; )); do
		round="$sequence.$step" told='' wrong=''
		happening=${happenings[RANDOM % ${#happenings[@]}]}
		"do_$happening" || continue
		settles "$round $told"
		[[ -z $wrong ]] || { seen=$wrong && fail "$round $told"; }
		step=$((step + 1))
	done
done

for vm in "${vms[@]}"; do
	[[ -z ${on[$vm]} ]] || echo "| vm-$vm, of the others': $(seen_by "$vm" | grep ^thief)"
done
liar_judged outsider

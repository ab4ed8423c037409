#!/bin/bash
# SPDX-License-Identifier: ISC
# 50 commands at once, for several VMs and for the same one: all end, what they said to have done
# is done, and who reads meanwhile never sees a file that is not whole.
. "$(dirname "$0")/lib.sh"

echo "[hubshare]
allow-roots = $data" >"$settings" # it may lie in /dev
names=(a b c d)
vms a 1 on b 2 on c 3 on d 4 off
heard 172.16.10.11 1 172.16.10.12 2 172.16.10.13 3

# should holds a line "VM SHARE" for each share that is to be there.
: >"$root/should"
for vm in "${names[@]}"; do
	for i in {1..5}; do
		given add "$vm" "$data/x" "old$i"
		echo "$vm old$i" >>"$root/should"
	done
done

exec 8< <(exec "$build/tests/crash/reader" "$perm" "$temp" "$run" 2>&1)
reader=$!
read -ru 8 -t 60 || fail "the reader reads"

# start EFFECT ARGUMENTS...: a command, of which EFFECT is to be seen if it says that it is done.
started=0
start() {
	local effect=$1 n=$started
	shift
	started=$((n + 1))
	{
		"$build/hubshare" --root "$root" --connect "$connect" --scanner "$root/bin/scan" \
			"$@" >"$root/out.$n" 2>"$root/err.$n"
		echo "$? $effect" >"$root/ended.$n"
	} &
	commands+=($!)
}
commands=()
for i in {1..5}; do
	for vm in "${names[@]}"; do
		start "+ $vm new$i" add "$vm" "$data/y" "new$i"
		start "- $vm old$i" remove "$vm" "old$i"
	done
	start "" list
	start "+ ${names[i % 4]} kept$i" add -p "${names[i % 4]}" "$data/x" "kept$i"
done
wait "${commands[@]}"
kill -TERM "$reader" 2>/dev/null # it may have ended: it has seen something
read -ru 8 -t 60 reads
[[ ! $reads == *[!0-9]* ]] || { echo "# $reads" && reads=0; }
wait "$reader"
reader_ended=$?

# 4 is no loss: on a slow machine the lock is not to be had for all in time, and that is said.
ends=$(cat "$root"/ended.*)
ok "$started commands at once: each ends" test "$(wc -l <<<"$ends")" = "$started"
not "with what it may end with" grep -vqE '^[04] ' <<<"$ends"
echo "# $(grep -c '^0' <<<"$ends") done, $(grep -c '^4' <<<"$ends") had no time, $reads reads"
ok "most of them are done" test "$(grep -c '^0' <<<"$ends")" -ge 10
sed -n 's/^0 + //p' <<<"$ends" >>"$root/should"
sed -n 's/^0 - //p' <<<"$ends" >"$root/not"
grep -vxFf "$root/not" "$root/should" | sort >"$root/wanted"
for file in "$perm"/*-*.conf "$temp"/*-*.conf; do
	sed -n "s/^\[\(.*\)\]$/$(sed -n 's/^# VM: //p' "$file") \1/p" "$file"
done | sort >"$root/there"
ok "no change is lost, and none is made that was not" diff "$root/wanted" "$root/there"
for n in 1 2 3; do
	serves "what is true is served to ${names[n - 1]}" "172.16.10.1$n" \
		"$(sed -n "s/^${names[n - 1]} //p" "$root/there" | sort | paste -sd' ')"
done
ok "no reader saw half a file" test "$reader_ended" = 0
ok "there was one who read" test "$reads" -ge "$started"
not "nothing is left half-made" grep -q '\.new' <<<"$(picture)"
finish

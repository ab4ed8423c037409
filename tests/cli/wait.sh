#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare wait: as soon as the VM is heard.
. "$(dirname "$0")/lib.sh"

vms early 1 on other 2 on
# watch LINE...: a scanner that says these lines (blanks for tabs) and goes on.
watch() {
	{
		echo '#!/bin/sh'
		echo "echo \"\$@\" >>'$root/scanned'"
		printf "echo '%s' | tr ' ' '\\\\t'\n" "$@"
		echo 'exec sleep 60'
	} >"$root/bin/scan"
	chmod +x "$root/bin/scan"
}
t=2026-01-31T12:00:00.000Z
watch "172.16.10.12 52:54:00:00:00:02 new $t" "- 52:54:00:00:00:01 link $t" \
	"172.16.10.59 52:54:00:00:00:01 new $t"
gives "by name" 0 wait early
prints "who, where" "172.16.10.59 is early (52:54:00:00:00:01)"
ok "it watches" grep -q -- '--watch' "$root/scanned"
gives "by UUID" 0 wait "$(uuid 1)"
gives "in capitals" 0 wait "$(uuid 1 | tr '[:lower:]' '[:upper:]')" -t 5
gives "by address" 0 wait 172.16.10.12
says "that one" 'is other'
gives "as JSON" 0 wait early --json
says "its address" '"ip": "172.16.10.59"'

begin=$EPOCHREALTIME
gives "one that does not come" 4 wait nobody -t 1
warns "says so" '^Timeout waiting for VM$'
ok "in its time" awk "BEGIN { t = $EPOCHREALTIME - $begin; exit !(t >= 1 && t < 4) }"
gives "no time at all" 4 wait nobody -t 0
not "a name is not a beginning" "$build/hubshare" --root "$root" --connect "$connect" \
	--scanner "$root/bin/scan" wait earl -t 0 2>/dev/null

watch "172.16.10.59 52:54:00:00:00:01 contested $t" "172.16.10.59 52:54:00:00:00:09 contested $t"
gives "a contested address is nobody's" 4 wait early -t 1

# (libvirt's test driver reads its file once: a VM that is defined later is tried in tests/vm.)
connect=$away gives "libvirt is away" 7 wait early
gives "the scanner is away" 7 wait early --scanner /nonexistent
printf '#!/bin/sh\nexit 0\n' >"$root/bin/scan"
gives "the scanner ends" 7 wait early
printf '#!/bin/sh\necho "bridge gone"; echo "The interface br-hub is gone" >&2; exit 7\n' >"$root/bin/scan"
gives "the bridge goes" 7 wait early
warns "says so, too" '^The interface br-hub is gone$'
finish

#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare find: who is on the bridge.
. "$(dirname "$0")/lib.sh"

vms personal-0 1 on
cat >"$root/bin/scan" <<'END'
#!/bin/sh
printf '172.16.10.59\t52:54:00:f3:88:e7\n'
END
chmod +x "$root/bin/scan"
sed -i 's/52:54:00:00:00:01/52:54:00:f3:88:e7/' "$root/vms.xml"
gives "the original's example" 0 find
prints "byte for byte" "IP              | MAC               | VM
---------------------------------------------
172.16.10.59    | 52:54:00:f3:88:e7 | personal-0"
not "nothing on stderr" test -s "$root/err"

vms a 1 on ab 2 on sleeping 3 off silent 4 on twin 5 on
heard 172.16.10.100 2 172.16.10.9 1 172.16.10.20 99 172.16.10.10 1
gives "several" 0 find
prints "by address, strangers too" "IP              | MAC               | VM
---------------------------------------------
172.16.10.9     | 52:54:00:00:00:01 | a
172.16.10.10    | 52:54:00:00:00:01 | a
172.16.10.20    | 52:54:00:00:00:99 | (unknown)
172.16.10.100   | 52:54:00:00:00:02 | ab"
warns "one that is off" '^sleeping is off \(52:54:00:00:00:03\)$'
warns "one that is silent" '^silent is running, but was not heard'
ok "no more on stderr" test "$(wc -l <"$root/err")" = 3

heard 172.16.10.9 1 172.16.10.9 2
gives "a contested address" 0 find
ok "is said for both" test "$(grep -c '(contested)$' "$root/out")" = 2
gives "and as JSON" 0 --json find
ok "for both" test "$(grep -c '"contested": true' "$root/out")" = 2

vms 'two&#10;lines' 1 on 'br]acket' 2 on '%U' 3 on '-x' 4 on 'c&#x9b;31m' 5 on
heard 172.16.10.1 1 172.16.10.2 2 172.16.10.3 3 172.16.10.4 4 172.16.10.5 5
gives "hostile names" 0 find
ok "a line for each" test "$(wc -l <"$root/out")" = 7
says "a newline" '\| two\\nlines$'
says "a bracket" '\| br\]acket$'
says "a percent sign" '\| %U$'
says "a dash" '\| -x$'
not "no control character" grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$root/out"
gives "in JSON" 0 find --json
says "the name itself" '"vm": "two\\nlines"'

heard 127.0.0.1 1 172.16.11.1 2 172.16.10.3 3
gives "an address of another network" 0 find
ok "is nobody's" test "$(grep -c 52:54 "$root/out")" = 1
gives "a network that is none" 2 find --network 172.16.10.0/33

heard
gives "nobody there" 0 find
ok "heading and rule" test "$(wc -l <"$root/out")" = 2

connect=$away gives "libvirt is away" 7 find
gives "the scanner is not there" 7 find --scanner /nonexistent/scan
printf '#!/bin/sh\necho "There is no interface br-hub" >&2\nexit 7\n' >"$root/bin/scan"
gives "the bridge is not there" 7 find
warns "in the scanner's words" '^There is no interface br-hub$'
printf '#!/bin/sh\necho garbage\n' >"$root/bin/scan"
gives "a line that is none" 1 find
printf '#!/bin/sh\nkill -9 $$\n' >"$root/bin/scan"
gives "a scanner that is killed" 1 find
finish

#!/bin/bash
# SPDX-License-Identifier: ISC
# hubshare list: two tables, one width.
. "$(dirname "$0")/lib.sh"

vms personal-0 1 on off-1 2 off
heard 172.16.10.59 1
printf '[hubshare]\nallow-roots = /tmp\n  /var/tmp\n' >"$settings" # where the store may be
gives "an empty store" 0 list
prints "headings only" "#### Permanent Shares ####
VM  | IP  | Name  | Path  | Read Only | Guest OK
------------------------------------------------

#### Temporary Shares ####
VM  | IP  | Name  | Path  | Read Only | Guest OK
------------------------------------------------
"
gives "permanent" 0 add -p personal-0 /var/tmp logs
gives "temporary" 0 add personal-0 /tmp tmp
gives "the original's example" 0 list
prints "byte for byte" "#### Permanent Shares ####
VM          | IP            | Name  | Path      | Read Only | Guest OK
----------------------------------------------------------------------
personal-0  | 172.16.10.59  | logs  | /var/tmp  | False     | False   

#### Temporary Shares ####
VM          | IP            | Name  | Path      | Read Only | Guest OK
----------------------------------------------------------------------
personal-0  | 172.16.10.59  | tmp   | /tmp      | False     | False   
"
gives "needs neither libvirt nor scanner" 0 list --connect test:///nonexistent.xml --scanner /none
gives "only the permanent" 0 list -p
ok "one table" test "$(grep -c '^####' "$root/out")" = 1

mkdir "$data/d"
gives "allowed hosts" 0 add personal-0 "$data/d" some -a 172.16.10.59,10.0.0.7/8 -r
gives "a parked one, private" 0 add off-1 /tmp mine -e
gives "a column more" 0 list
says "which is the last" 'Guest OK \| Hosts Allow +$'
says "canonical" 'True +\| False +\| 172.16.10.59, 10.0.0.0/8$'
says "a dash for one that is parked" '^off-1 +\| - +\| mine +\| /tmp +\| False +\| False +\| - +$'
ok "one width for all" test "$(grep -v -e '^#' -e '^$' "$root/out" | awk '{ print length }' | sort -u | wc -l)" = 1
gives "a private one that is open" 0 add personal-0 "$data/d" own -e
gives "list" 0 list
says "shows the VM's own address" 'own .*\| 172.16.10.59 +$'
gives "the same as JSON" 0 list --json
says "address" '"ip": "172.16.10.59"'
says "no address" '"ip": null'
says "tenure" '"tenure": "permanent"'
says "hosts" '"hosts_allow": "172.16.10.59, 10.0.0.0/8"'
ok "all of them" test "$(grep -c '"uuid"' "$root/out")" = 5

chmod 777 "$temp"
unchanged "a directory that anybody can write" 6 list
chmod 755 "$temp"
rmdir "$temp" 2>/dev/null || mv "$temp" "$temp.away"
unchanged "no store" 7 list
finish

#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What add gives is what that VM gets, and only it, in both tenures; real ARP, real smbd.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11 alpha-2 52:54:00:00:00:12
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.12 52:54:00:00:00:12
in_lab sh -c 'mkdir -p /srv/open /srv/own "/srv/x=y z"; chmod 777 /srv/open
	chown user: /srv/own; for d in /srv/*; do echo "in $d" >"$d/file"; done'
in_lab sh -c 'printf "secret\nsecret\n" | smbpasswd -s -a user' >/dev/null

reads() { client_smb "$1" "$2" "get file -" "${3:-}"; }
writes() { client_smb "$1" "$2" "put /etc/hostname from-$1" "${3:-}"; }

for tenure in "" -p; do
	kind=${tenure:+permanent}
	kind=${kind:-temporary}
	hs_options=(${tenure:+-p})

	says "//172\.16\.10\.1/open|\\\\\\\\172\.16\.10\.1\\\\open" "$kind: add prints how to connect" \
		hs add -r -g alpha /srv/open open
	says "in /srv/open" "$kind: the VM reads" reads a open
	says "172\.16\.10\.11 +\| open +\| /srv/open +\| True +\| True" \
		"$kind: a member of group hubshare lists it" as_user hubshare list
	same "$kind: others cannot read the store" "640 root hubshare" \
		"$(in_lab sh -c 'stat -c "%a %U %G" /etc/samba/*.conf.d/*-*-*.conf')"
	refused "$kind: read only is read only" writes a open
	refused "$kind: another VM does not read" reads b open
	says "in /srv/open" "$kind: its letter case does not matter to clients" reads a OPEN
	says "NT_STATUS|in|hello" "$kind: VMshare stays" client_smb a VMshare "get hello.txt -"
	says "Hello" "$kind: an unknown user is a guest on VMshare" \
		client_smb a VMshare "get hello.txt -" "who-is-this%x"
	gives 5 "$kind: a name taken" hs add -g -r alpha /srv/own open
	gives 5 "$kind: in another letter case" hs add -g -r alpha /srv/own OPEN
	other=(-p)
	[[ -z $tenure ]] || other=()
	gives 5 "$kind: in the other tenure" in_lab hubshare "${other[@]}" add -g -r alpha /srv/own open
	ok "$kind: the same name for another VM" hs add -g -r alpha-2 /srv/own open
	says "in /srv/own" "$kind: is that VM's own" reads b open
	says "in /srv/open" "$kind: and not the first's" reads a open

	ok "$kind: without -g, for users" hs add alpha /srv/own own
	refused "$kind: a guest is refused" reads a own
	says "in /srv/own" "$kind: a user reads" reads a own user%secret
	ok "$kind: and writes" writes a own user%secret
	refused "$kind: not with a wrong password" reads a own user%wrong
	same "$kind: the file is the user's, 0664 at most" "user 664" \
		"$(in_lab sh -c 'stat -c "%U" /srv/own/from-a; f=$(stat -c %a /srv/own/from-a)
			echo $((f & ~664 ? f : 664))' | xargs)"

	ok "$kind: -g by sudo" hs_sudo add -g alpha /srv/own byuser
	ok "$kind: a guest writes" writes a byuser
	same "$kind: the file is the caller's" user "$(in_lab stat -c %U /srv/own/from-a)"
	refused "$kind: -g by root alone where the guest account cannot write" \
		hs add -g alpha /srv/own byroot
	ok "$kind: -g by root alone where it can" hs add -g alpha /srv/open byroot
	ok "$kind: a guest writes there" writes a byroot
	silent "^root$" "$kind: nothing is root's" in_lab stat -c %U /srv/open/from-a

	ok "$kind: -e" hs add -g -r -e alpha /srv/open private
	says "in /srv/open" "$kind: -e: its VM reads" reads a private
	ok "$kind: -a others" hs add -g -r -a 172.16.10.12,10.0.0.0/8 alpha /srv/open allow
	refused "$kind: -a others: the VM is refused" reads a allow
	ok "$kind: -e wins over -a" hs add -g -r -a 10.0.0.0/8 -e alpha /srv/open both
	says "in /srv/open" "$kind: -e wins over -a: its VM reads" reads a both
	says "Hosts Allow" "$kind: list shows the allowed hosts" as_user hubshare list
	for bad in "" "," ALL "EXCEPT 1.2.3.4" host.example 300.1.1.1 10.0.0.0/33; do
		gives 2 "$kind: -a '$bad'" hs add -g -r -a "$bad" alpha /srv/open bad
	done

	ok "$kind: options after the action, the VM by address" \
		hs add 172.16.10.11 "/srv/x=y z" -g late -r
	says "in /srv/x=y z" "$kind: a path with = and a blank" reads a late
	ok "$kind: the name comes from the path" hs add -g -r alpha /srv/open
	says "srv-open" "$kind: with - for /" as_user hubshare list

	for bad in global homes 'IPC$' '[x' 'x]' $'x\npath=/' 'a%U' '-x' ' x' 'x.' ""; do
		gives 2 "$kind: the name '${bad//$'\n'/\\n}'" hs add -g -r alpha /srv/open -- "$bad"
	done
	gives 2 "$kind: a path that is not absolute" hs add -g -r alpha srv/open rel
	refused "$kind: a path that is no directory" hs add -g -r alpha /srv/open/file nodir
	gives 3 "$kind: a VM that nobody knows" hs add -g -r alphabet /srv/open x
	gives 3 "$kind: a VM's name cut short" hs delete alph
	says "in /srv/open" "$kind: nothing was lost by that" reads a open

	gives 3 "$kind: remove with another path" hs remove alpha /srv/own open
	says "in /srv/open" "$kind: changes nothing" reads a open
	session_open a${tenure#-} a open
	session_open b${tenure#-} b open
	ok "$kind: a session is open" session a${tenure#-} ls
	ok "$kind: another VM's, too" session b${tenure#-} ls
	ok "$kind: remove" hs remove alpha /srv/open open
	refused "$kind: the open session is cut" session a${tenure#-} ls
	ok "$kind: the other VM's share of that name goes on" session b${tenure#-} ls
	refused "$kind: the share is gone" reads a open
	says "in /srv/open" "$kind: the VM's others are not" reads a private
	gives 3 "$kind: once only" hs remove alpha /srv/open open
	ok "$kind: remove without a path" hs remove alpha late

	says "[1-9]" "$kind: delete says how many" hs delete alpha
	refused "$kind: everything of it is gone" reads a private
	says "in /srv/own" "$kind: of no other VM, alike as its name is" reads b open
	gives 3 "$kind: once only, too" hs delete alpha
	ok "$kind: delete the other" hs delete alpha-2
	same "$kind: no fragment stays" "" \
		"$(in_lab sh -c 'ls /etc/samba/perm.conf.d /etc/samba/temp.conf.d /run/samba/hubshare |
			grep conf$ || true')"
done

hs_options=()
adds=()
for n in 1 2 3 4 5 6; do
	in_lab hubshare add -g -r alpha /srv/open "once-$n" >/dev/null &
	adds+=($!)
done
wait "${adds[@]}" # not for the lab, which is a child, too
for n in 1 2 3 4 5 6; do
	says "in /srv/open" "six adds at once: share $n" reads a "once-$n"
done
ok "both tenures at once" hs -p add -g -r alpha /srv/own kept
ok "delete -p takes the permanent only" hs -p delete alpha
refused "they are gone" reads a kept
says "in /srv/open" "the temporary are not" reads a once-1
ok "delete takes the rest" hs delete alpha
refused "it is gone" reads a once-1

# Who calls by sudo gives only what he has himself; what no guest should see, nobody gives.
in_lab sh -c 'useradd -M -N other; mkdir -m 700 /srv/closed; mkdir -m 755 /srv/others /srv/others/in
	echo "in /srv/others/in" >/srv/others/in/file; chown user: /srv/others/in; chown other /srv/others'
gives 6 "by sudo: what he may not read" hs_sudo add -g -r alpha /srv/closed closed
gives 6 "by sudo: what he may not write" hs_sudo add -g alpha "/srv/x=y z" mine
ok "by sudo: that read-only" hs_sudo add -g -r alpha "/srv/x=y z" mine
says "in /srv/x=y z" "is read" reads a mine
gives 6 "the host's configuration" hs_sudo add -g -r alpha /etc/ssl etc
gives 6 "what holds the VMs' disks" hs add -g -r alpha /var var
refused "is not read" reads a var
says "/srv/others, in which it lies, belongs to other" "what another user could swap: a warning" \
	hs_sudo add -g alpha /srv/others/in swap
says "in /srv/others/in" "and the share" reads a swap

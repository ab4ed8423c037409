#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Accounts for guests: a password that real clients log on with, signed and encrypted, that
# nobody else sees, and that counts for nothing once the account is removed.
# shellcheck disable=SC2016 # scripts for another shell
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11
client_add a 172.16.10.11 52:54:00:00:00:11
in_lab sh -c 'mkdir -m 755 /srv/files; echo text >/srv/files/file; chown -R user: /srv/files'

# password: what the last attempt showed; from now on the tests do not print it.
password() { grep -oE '^    [a-z2-9-]{34}$' <<<"$seen" | tr -d ' '; }
# as_account SHARE COMMANDS USER%PASSWORD OPTION...: smbclient with these options.
as_account() {
	in_client a smbclient -s /dev/null -t 10 "${@:4}" -U "$3" "//$LAB_ADDRESS/$1" -c "$2"
}
# session_account ID USER%PASSWORD: one that stays open, of that account.
session_account() { session_start "$1" account_session "$2"; }
account_session() {
	in_client a stdbuf -i0 -o0 smbclient -s /dev/null -U "$1" "//$LAB_ADDRESS/closed"
}
entry() { in_lab getent passwd "$1"; }
samba_has() { in_lab pdbedit -L | grep -q "^$1:"; }
hashes() { in_lab pdbedit -L -w -u "$1"; }

# documented NAME: what the last attempt printed is what the schema says of user.
documented() {
	local status=0 printed=${seen%$'\n('*}
	/usr/bin/python3 "$LAB_TOP/tests/cli/schema.py" "$LAB_TOP/cli/hubshare.schema.json" \
		check user <<<"$printed" || status=$?
	case $status in
	0) pass "$1: as documented" ;;
	77) echo "skip $1: python3 has no jsonschema" ;;
	*) fail "$1: as documented" ;;
	esac
}

# --- one for a VM ---
ok "a share for guests" hs_sudo add -g alpha /srv/files open
ok "one with a password" hs_sudo add alpha /srv/files closed
gives 0 "an account for a VM" hs_sudo user add alpha
first=$(password) said=$seen
ok "its password is of 140 bits" grep -qE '^([a-z2-9]{4}-){6}[a-z2-9]{4}$' <<<"$first"
ok "says how to mount with it" grep -qE '^Linux: +mount -t cifs //172.16.10.1/SHARE /mnt -o user=alpha$' <<<"$said"
same "nobody can log in with it" "Samba account of hubshare:/nonexistent:/usr/sbin/nologin" \
	"$(entry alpha | cut -d: -f5-)"
ok "it is a system account" test "$(in_lab id -u alpha)" -lt 1000
same "in no group but its own" alpha "$(in_lab id -Gn alpha)"
ok "without a password of its own" grep -q '^alpha:!' <<<"$(in_lab getent shadow alpha)"
says text "a client logs on with it" as_account closed 'get file -' "alpha%$first"
for how in "--client-protection=sign" "--client-protection=encrypt" \
	"--option=client min protocol=SMB3_11"; do
	says text "$how" as_account closed 'get file -' "alpha%$first" "$how"
	says text "$how, where guests may come too" as_account open 'get file -' "alpha%$first" "$how"
done
refused "which a guest cannot" as_account open 'get file -' % -N --client-protection=encrypt
ok "it writes as who gave the share to guests" as_account open 'put /etc/hostname new' "alpha%$first"
same "whose the file is" user "$(in_lab stat -c %U /srv/files/new)"
refused "else as itself, who may not" as_account closed 'put /etc/hostname other' "alpha%$first"
refused "another password" as_account closed 'get file -' "alpha%${first}x"
ok "VMshare" as_account VMshare ls "alpha%$first"

# --- a Samba that wants it all signed and encrypted ---
in_lab sed -i '/^\[global\]/a server signing = mandatory\nsmb encrypt = required' /etc/samba/smb.conf
in_lab smbcontrol smbd reload-config
refused "encryption is required: a guest" client_smb a open 'get file -'
says text "an account" as_account closed 'get file -' "alpha%$first"
in_lab sed -i '/^server signing = mandatory$/d; /^smb encrypt = required$/d' /etc/samba/smb.conf
in_lab smbcontrol smbd reload-config

# --- another password, another account ---
before=$(hashes alpha)
gives 5 "one that has a password" hs_sudo user add alpha
ok "says how it gets another" grep -q -- '--reset' <<<"$seen"
same "nothing is changed" "$before" "$(hashes alpha)"
session_account held "alpha%$first"
ok "a session" session held 'get file /dev/null'
gives 0 "--reset" hs_sudo user add alpha --reset
second=$(password)
ok "another one" test -n "$second" -a "$second" != "$first"
silent '"alpha"' "its session is cut" in_lab smbstatus -p --json
refused "and can no more" session held 'get file /dev/null'
refused "the old one is none any more" as_account closed 'get file -' "alpha%$first"
says text "the new one is" as_account closed 'get file -' "alpha%$second"
gives 3 "--reset of one that has none" hs_sudo user add stranger --reset
gives 0 "in JSON" hs_sudo user add beta --json
documented "add"
ok "and true" python3 -c 'import json, sys
account = json.loads(sys.argv[1])["account"]
assert account["name"] == "beta" and account["made_by_hubshare"] is True
assert account["host"] == "172.16.10.1" and len(account["password"]) == 34
assert account["password"] != sys.argv[2]' "${seen%$'\n('*}" "$second"

# --- a person's ---
gives 0 "one for a person" hs_sudo user add user
theirs=$(password)
ok "says that what works as them is to be opened anew" grep -q "work as user have to be" <<<"$seen"
silent hubshare "the account stays what it was" entry user
ok "works as the person" as_account closed 'put /etc/hostname theirs' "user%$theirs"
same "whose the file is" user "$(in_lab stat -c %U /srv/files/theirs)"
gives 0 "list" hs_sudo user list
same "of all that Samba has" "alpha True
beta True
user False" "$(sed -nE 's/^([a-z]+) +\| (True|False)$/\1 \2/p' <<<"$seen" | sort)"
says '"made_by_hubshare": true' "list, in JSON" hs_sudo user list --json
documented "list"

# --- nothing of it is seen ---
in_lab mkdir -p /run/fake
printf '#!/bin/bash\n{ echo "argv: $*"; env; cat /proc/$PPID/cmdline /proc/$$/environ | tr "\\0" "\\n"; } >/run/fake/seen
tee /run/fake/input | %s "$@"\n' /usr/bin/smbpasswd | in_lab tee /run/fake/smbpasswd >/dev/null
in_lab chmod 755 /run/fake/smbpasswd
gives 0 "through one who looks" in_lab env PATH=/run/fake:/usr/sbin:/usr/bin hubshare user add gamma
third=$(password)
same "it comes over standard input, twice" "$third $third" "$(in_lab cat /run/fake/input | xargs)"
says "argv: .*-s -a gamma" "who is called with the name" in_lab cat /run/fake/seen
not_there() { ! in_lab grep -qF -- "$third" /run/fake/seen; }
ok "not as an argument, nor in the environment" not_there
says text "and is the real one's" as_account closed 'get file -' "gamma%$third"

# --- what is refused, and changes nothing ---
sums() { in_lab sh -c 'cat /etc/passwd /etc/group /etc/shadow; pdbedit -Lw' | sha256sum; }
before=$(sums)
gives 6 "root" hs_sudo user add root
gives 6 "a service's" hs_sudo user add daemon
gives 6 "nobody" hs_sudo user add nobody
gives 5 "the name of a group" hs_sudo user add hubshare
for name in -x "" "a b" 'a:b' "a/b" '../x' '%U' $'a\nb' Upper "$(printf 'x%.0s' {1..32})"; do
	gives 2 "$(printf %q "$name")" hs_sudo user add -- "$name"
done
gives 2 "no name" hs_sudo user add
gives 2 "a name for list" hs_sudo user list alpha
gives 2 "a verb that is none" hs_sudo user rename alpha
gives 2 "--reset where it means nothing" hs_sudo user remove alpha --reset
gives 6 "without sudo" hs_user user add delta
gives 6 "to list without it" hs_user user list
gives 6 "to remove a person" hs_sudo user remove user
ok "says what does" grep -q "smbpasswd -x user" <<<"$seen"
gives 6 "to remove root" hs_sudo user remove root
gives 3 "to remove nobody there is" hs_sudo user remove delta
printf '#!/bin/sh\necho "Failed to find a disk" >&2; exit 1\n' | in_lab tee /run/fake/smbpasswd >/dev/null
gives 1 "smbpasswd fails" in_lab env PATH=/run/fake:/usr/sbin:/usr/bin hubshare user add delta
ok "says what it said" grep -q "Failed to find a disk" <<<"$seen"
same "nothing is changed by any of them" "$before" "$(sums)"

# --- gone ---
session_account last "alpha%$second"
ok "a session" session last 'get file /dev/null'
gives 0 "remove" hs_sudo user remove alpha
silent '"alpha"' "its session is cut" in_lab smbstatus -p --json
refused "there is no such account" entry alpha
refused "nor a group" in_lab getent group alpha
refused "nor in Samba" samba_has alpha
refused "nobody logs on with it" as_account closed 'get file -' "alpha%$second"
gives 3 "once more" hs_sudo user remove alpha
ok "it can be made again" hs_sudo user add alpha
gives 0 "and removed again" hs_sudo user remove alpha --json
documented "remove"
refused "it has no password" as_account closed 'get file -' "alpha%$second"

# --- where Samba keeps its accounts elsewhere ---
in_lab mkdir -p /srv/tree/etc/samba/perm.conf.d /srv/tree/etc/samba/temp.conf.d /srv/tree/run/samba/hubshare /srv/tree/private
printf '[global]\nprivate dir = /srv/tree/private\npassdb backend = tdbsam:/srv/tree/private/there.tdb\n' |
	in_lab tee /srv/tree/etc/samba/smb.conf >/dev/null
before=$(sums)
gives 0 "below a root" in_lab hubshare --root /srv/tree user add user
fourth=$(password)
ok "a password" test -n "$fourth"
says '^user:' "it is there" in_lab pdbedit -s /srv/tree/etc/samba/smb.conf -L
gives 3 "none is made there" in_lab hubshare --root /srv/tree user add epsilon
gives 6 "nor removed" in_lab hubshare --root /srv/tree user remove beta
same "and this host has what it had" "$before" "$(sums)"

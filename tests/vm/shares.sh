#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# The main job with real guests: what add gives, a guest mounts; what remove takes, it loses.
# shellcheck disable=SC2016,SC2119 # scripts for another shell; begin has options
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin
guest_add untrusted-0 untrusted-1
address=$(guest_address untrusted-0)
in_lab sh -c 'mkdir -p /srv/one /srv/two; for d in one two; do echo "in $d" >/srv/$d/file; done
	chown -R user: /srv/one /srv/two'

# mounts GUEST SHARE [OPTIONS]: at /mnt/SHARE.
mounts() {
	in_guest "$1" "mkdir -p /mnt/$2 && mount.cifs //$LAB_ADDRESS/$2 /mnt/$2 -o ${3:-guest}"
}
# password USER: the one that it is given.
password() { hs_sudo user add "$1" | sed -n 's/^    //p'; }
secret=$(password user)
account=username=user,password=$secret
# writer GUEST SHARE: a loop in the guest that writes until it cannot; then /tmp/SHARE.cut.
writer() {
	in_guest "$1" "rm -f /tmp/$2.cut; (while date >>/mnt/$2/log; do usleep 50000; done
		echo >/tmp/$2.cut) >/dev/null 2>&1 &"
}
# grows FILE: something was written to it since it was asked last.
grows() {
	local size
	size=$(in_lab stat -c %s "$1") && ((size > ${last_size:-0})) && last_size=$size
}

says "^$address +\| $(mac_of untrusted-0) \| untrusted-0$" "find" hs_user find
says "^[0-9.]+ +\| $(mac_of untrusted-1) \| untrusted-1$" "find the other" hs_user find
says "Hello from the host" "VMshare is there from the beginning" \
	in_guest untrusted-1 "mkdir -p /mnt/v; mount.cifs //$LAB_ADDRESS/VMshare /mnt/v -o guest &&
		cat /mnt/v/hello.txt"
refused "and read only" in_guest untrusted-1 "touch /mnt/v/x"

# What a guest's session cannot: be signed and sealed.
ok "a share for guests" hs_sudo add -g untrusted-0 /srv/one sealed
own=username=untrusted-0,password=$(password untrusted-0)
for way in sign seal; do
	ok "an account for the VM: $way" mounts untrusted-0 sealed "$own,$way"
	says "in one" "$way: reads" in_guest untrusted-0 "cat /mnt/sealed/file"
	ok "$way: writes" in_guest untrusted-0 "echo x >/mnt/sealed/$way && umount /mnt/sealed"
	same "$way: the file is the giver's" user "$(in_lab stat -c %U "/srv/one/$way")"
done
refused "a guest seals nothing" mounts untrusted-0 sealed guest,seal
ok "the share goes" hs_sudo remove untrusted-0 sealed
ok "and the account" hs_sudo user remove untrusted-0

for tenure in "" -p; do
	hs_options=(${tenure:+-p})
	kind=${tenure:+permanent}
	kind=${kind:-temporary}

	ok "$kind: add -g" hs_sudo add -g untrusted-0 /srv/one one
	ok "$kind: the guest mounts" mounts untrusted-0 one
	says "in one" "$kind: reads" in_guest untrusted-0 "cat /mnt/one/file"
	says "in one" "$kind: or by the lines of mount-cmd" in_guest untrusted-0 \
		"umount /mnt/one
		sudo() { case \$1 in mount) shift 3; mount.cifs \"\$@\" ;; *) \"\$@\" ;; esac; }
		$(as_user hubshare mount-cmd untrusted-0 one --os linux | sed -n 's/^    sudo/sudo/p')
		cat /mnt/one/file"
	says "in one" "$kind: or by its line of fstab" in_guest untrusted-0 \
		"umount /mnt/one
		echo '$(as_user hubshare mount-cmd untrusted-0 one --os linux | sed -n '/at each boot/,/^$/ s/^    //p')' >/etc/fstab
		mount -a && cat /mnt/one/file"
	ok "$kind: writes" in_guest untrusted-0 "echo back >/mnt/one/answer; mkdir -p /mnt/one/dir"
	same "$kind: the file is the caller's" "user back" \
		"$(in_lab sh -c 'stat -c %U /srv/one/answer; cat /srv/one/answer' | xargs)"
	refused "$kind: no other guest mounts it" mounts untrusted-1 one

	ok "$kind: one more share for a guest that has one mounted" hs_sudo add -e untrusted-0 /srv/two two
	refused "$kind: it is not for guests" mounts untrusted-0 two
	ok "$kind: but for a user, at once" mounts untrusted-0 two "$account"
	says "in two" "$kind: or by a line of fstab and a file of credentials" in_guest untrusted-0 \
		"umount /mnt/two
		echo '$(as_user hubshare mount-cmd untrusted-0 two --os linux | sed -n '/at each boot/,/^$/ s/^    //p')' >/etc/fstab
		printf 'username=user\npassword=$secret\n' >/etc/hub.credentials
		mount -a && cat /mnt/two/file"
	says "in two" "$kind: who reads" in_guest untrusted-0 "cat /mnt/two/file"
	ok "$kind: and writes" in_guest untrusted-0 "echo user >/mnt/two/answer"
	ok "$kind: another, read only, at once" hs_sudo add -g -r untrusted-0 /srv/two look
	ok "$kind: is mounted in the same session" mounts untrusted-0 look
	says "in two" "$kind: is read" in_guest untrusted-0 "cat /mnt/look/file"
	refused "$kind: is not written" in_guest untrusted-0 "touch /mnt/look/x"
	ok "$kind: one for somebody else only" hs_sudo add -g -r -a 172.16.10.2 untrusted-0 /srv/two notme
	refused "$kind: is refused" mounts untrusted-0 notme
	says "untrusted-0 +\| $address +\| one +\| /srv/one +\| False" "$kind: list" hs_user list

	ok "$kind: the same name for the other" hs_sudo add -g untrusted-1 /srv/two one
	ok "$kind: it mounts" mounts untrusted-1 one
	writer untrusted-0 one
	writer untrusted-1 one
	last_size=0
	soon 10 "$kind: A writes" grows /srv/one/log
	last_size=0
	soon 10 "$kind: B writes" grows /srv/two/log
	ok "$kind: remove from A" hs_sudo remove untrusted-0 /srv/one one
	size=$(in_lab stat -c %s /srv/one/log)
	soon 30 "$kind: A's writer ends" in_guest untrusted-0 "test -e /tmp/one.cut"
	same "$kind: nothing was written after remove" "$size" "$(in_lab stat -c %s /srv/one/log)"
	refused "$kind: A cannot mount it again" in_guest untrusted-0 \
		"umount -l /mnt/one; mount.cifs //$LAB_ADDRESS/one /mnt/one -o guest"
	last_size=$(in_lab stat -c %s /srv/two/log)
	soon 10 "$kind: B writes on" grows /srv/two/log
	refused "$kind: and was never cut" in_guest untrusted-1 "test -e /tmp/one.cut"
	says "in two" "$kind: A's other share goes on" in_guest untrusted-0 "cat /mnt/two/file"

	says "3" "$kind: delete says how many" hs_sudo delete untrusted-0
	in_lab sh -c 'echo later >/srv/two/later' # what it has read it may remember
	refused "$kind: nothing of A's is left open to read" in_guest untrusted-0 "cat /mnt/two/later"
	refused "$kind: nor to write" in_guest untrusted-0 "echo x >/mnt/two/x"
	refused "$kind: and nothing was written" in_lab test -e /srv/two/x
	refused "$kind: nor to be mounted" in_guest untrusted-0 "umount -l /mnt/look
		mount.cifs //$LAB_ADDRESS/look /mnt/look -o guest"
	ok "$kind: delete B's" hs_sudo delete untrusted-1
	soon 30 "$kind: B's writer ends" in_guest untrusted-1 "test -e /tmp/one.cut"
	in_guest untrusted-0 "umount -l /mnt/two /mnt/look" >/dev/null 2>&1 || true
	in_guest untrusted-1 "umount -l /mnt/one" >/dev/null 2>&1 || true
	in_lab rm -f /srv/one/log /srv/two/log /srv/two/later
done
silent "untrusted" "nothing is listed any more" hs_user list
says "Hello" "VMshare went on through all of it" in_guest untrusted-1 "cat /mnt/v/hello.txt"

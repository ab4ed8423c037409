#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# What a hostile guest holds when its share is taken away helps it to nothing: by none of what
# it had it reads or writes any more, it keeps nobody waiting, and others do not notice.
# shellcheck disable=SC2016,SC2119 # scripts for another shell; begin has options
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
begin --no-libvirt --no-dhcp
domains alpha 52:54:00:00:00:11 beta 52:54:00:00:00:12
client_add a 172.16.10.11 52:54:00:00:00:11
client_add b 172.16.10.12 52:54:00:00:00:12
in_lab sh -c 'mkdir -m 777 /srv/open /srv/other; cd /srv/open
	for f in secret leased locked; do echo "in $f" >$f; done; chmod 666 *'
log() { cat "$LAB_STATE/session/$1.log"; }
told() { session "$1" told | grep -q "$2"; }
broken() { session "$1" broken | grep -q yes; }
ls_open() { in_lab ls /srv/open; }
size_of() { in_lab stat -c %s "$1"; }
grown_to() { (($(size_of "$1") >= $2)); }
# blocks COUNT: what `pour` sends.
blocks() { seq -f %08.0f 0 $(($1 - 1)) | awk '{ for (i = 0; i < 512; i++) printf "%s", $0 }'; }
acknowledged() { log "$1" | sed -n 's/^\([0-9]*\) acknowledged.*/\1/p'; }

ok "alpha has a share" hs add -g alpha /srv/open open
ok "beta one of the same directory" hs add -g beta /srv/open open
for id in w s h; do
	session_rude $id a
	ok "alpha opens it" session $id 'tcon open'
done
session_rude b b
ok "so does beta" session b 'tcon open'

# A guest keeps a file open, a lease that it does not give back, a lock, and asks to be told of
# changes; it pours data into a file and renames another one all the time.  When remove has
# ended with 0 it reads, writes, renames and learns nothing, by whatever it holds; what was
# acknowledged before is there whole, and whoever waited for it goes on.
ok "alpha keeps a file open" session h 'open f secret'
says "in secret" "and reads" session h 'read f'
ok "locks another" session h 'open l locked'
ok "for itself" session h 'lock l'
ok "has a lease of a third" session h 'open e leased lease'
ok "asks for changes" session h 'opendir d .'
ok "of the directory" session h 'watch d'
in_lab touch /srv/open/before
soon 20 "is told of one" told h before
ok "and asks again" session h 'watch d'
ok "beta may open what is locked" session b 'open l locked'
says "0xc0000054" "but not write it" session_says b 'write l x'
session_say b 'open e leased'
soon 20 "beta wants what is leased: alpha shall give it back, and does not" broken h
ok "alpha makes a file" session s 'open n name.0'
ok "with something in it" session s 'write n whole'
ok "and renames it all the time" session_begin s 'shuffle n name'
ok "makes another" session w 'open p poured'
ok "and pours into it" session_begin w 'pour p'
soon 20 "it grows" grown_to /srv/open/poured 1000000

ok "remove" hs remove alpha open
size=$(size_of /srv/open/poured) names=$(ls_open)
in_lab touch /srv/open/after
for command in 'read f' 'write f x' 'lock e' 'write e x' 'rename f gone' 'write l x' \
	'open x secret' 'open x new' 'opendir x .' 'watch d' 'tcon open'; do
	refused "alpha cannot: $command" session h "$command"
done
refused "nor was it told of what came after" told h after
soon 20 "the pouring has ended" session_ended w
soon 20 "the renaming too" session_ended s
same "nothing was written since" "$size" "$(size_of /srv/open/poured)"
same "nor renamed, nor made" "$(printf '%s\nafter' "$names" | sort)" "$(ls_open | sort)"
count=$(acknowledged w)
ok "what was acknowledged ($count blocks) is there" test "$size" -ge $((count * 4096))
ok "whole" cmp -n $((count * 4096)) <(blocks "$count") <(in_lab cat /srv/open/poured)
same "the renamed file is there once, whole" "whole" "$(in_lab sh -c 'cat /srv/open/name.?')"
# The server itself takes a lease away after 35 s; session waits 30.
ok "beta has opened what alpha had leased" session b 'write e mine'
ok "and writes what alpha had locked" session b 'write l mine'
same "the files are as they were" "in secret mine mine" \
	"$(in_lab sh -c 'cd /srv/open && cat secret && head -c 4 locked && echo && head -c 4 leased' | xargs)"

# Its neighbour sends a file to a share of the same name: it arrives, in one go, whole.
ok "alpha has it again" hs add -g alpha /srv/open open
ok "beta has another of that name" hs remove beta open
ok "for another directory" hs add -g beta /srv/other open
session_rude again a
ok "alpha opens it" session again 'tcon open'
head -c 64000000 /dev/urandom >"$LAB_STATE/data"
mkfifo "$LAB_STATE/feed"
client_smb b open "put $LAB_STATE/feed data" >"$LAB_STATE/put" 2>&1 &
put=$!
exec {feed}>"$LAB_STATE/feed"
head -c 32000000 "$LAB_STATE/data" >&"$feed"
soon 30 "beta sends a file, much of it is there" grown_to /srv/other/data 1000000
ok "alpha's is removed" hs remove alpha open
refused "alpha cannot use it" session again 'open x secret'
{ tail -c +32000001 "$LAB_STATE/data" >&"$feed"; } 2>/dev/null || true # who was cut reads no more
exec {feed}>&-
status=0
wait $put || status=$?
same "beta's transfer ends well" 0 $status
ok "and is whole" cmp "$LAB_STATE/data" <(in_lab cat /srv/other/data)

# A guest changes its address and comes back to it, so that its connection goes on: it was cut
# all the same, with delete and with sync, at every address that it held.
moves() {
	in_lab ip -n a address flush dev eth0
	for address; do in_lab ip -n a address add "$address/24" dev eth0; done
}
for how in "delete alpha" "sync"; do
	moves 172.16.10.11 172.16.10.111
	ok "$how: alpha has two addresses" hs add -g alpha /srv/open open
	session_rude first_${how%% *} a
	ok "$how: alpha opens it from one" session first_${how%% *} 'tcon open'
	in_lab ip -n a route replace 172.16.10.0/24 dev eth0 src 172.16.10.111
	session_rude second_${how%% *} a
	ok "$how: and from the other" session second_${how%% *} 'tcon open'
	same "$how: smbd knows both" "172.16.10.11 172.16.10.111" \
		"$(in_lab sh -c 'smbstatus -S --json | grep -o "172.16.10.1*\"" | tr -d \" | sort -u | xargs')"
	moves 172.16.10.44
	# shellcheck disable=SC2086 # two words
	ok "$how: it moves, and" hs $how
	moves 172.16.10.11 172.16.10.111
	refused "$how: the first is cut" session first_${how%% *} 'open f secret'
	refused "$how: and the second" session second_${how%% *} 'open f secret'
done

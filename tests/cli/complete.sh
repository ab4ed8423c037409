#!/bin/bash
# SPDX-License-Identifier: ISC
# What Tab gives: asked of hubshare, and of bash and zsh as they would ask it.
. "$(dirname "$0")/lib.sh"
srcdir=$(readlink -f "$srcdir")

vms personal-0 1 on "it's \$(touch pwned) &amp;; x" 2 off other:0 3 off -dash 4 on "two&#10;lines" 5 on
heard 172.16.10.59 1
gives "a share" 0 add personal-0 "$data" papers
gives "another" 0 add personal-0 "$data" "my papers" -p
gives "one of another VM" 0 add "$(uuid 3)" "$data" elsewhere

# offers NAME KIND,OFFERED... WORD...: hubshare itself, whose lines are told in one, sorted.
offers() {
	local name=$1 wanted=$2
	shift 2
	"$build/hubshare" --complete --root "$root" --connect "$connect" "$@" >"$root/out" 2>"$root/err"
	same "$name" "$wanted" "$({ sed -n 1p "$root/out"; sed 1d "$root/out" | LC_ALL=C sort; } |
		paste -sd,)$(<"$root/err")"
}
offers "actions" "words,wait,watch" wa
# shellcheck disable=SC2046 # words
offers "all of them" "words,$("$build/hubshare" -h | sed -n '/^actions:/,$ s/^  \([a-z-]*\).*/\1/p' | grep . | LC_ALL=C sort | paste -sd,)" ""
offers "options of the action" "words,--read-write,--readonly,--root" edit --r
offers "of another" "words,--root" wait --r
offers "VMs, none that is no line or looks like an option" \
	"words,it's \$(touch pwned) &; x,other:0,personal-0" why ""

offers "VMs after --" "words,-dash" why -- -
offers "a VM whose beginning is quoted" "words,it's \$(touch pwned) &; x" why "it\\'s\\ "
offers "shares of the VM, and of no other" "words,my papers,papers" edit personal-0 ""
offers "by its beginning" "words,papers" why personal-0 p
offers "a path where one is wanted" "paths" add personal-0 ""
offers "or begun" "paths" remove personal-0 /
offers "else a name" "words,papers" remove personal-0 pa
offers "nothing where the name is new" "words" add personal-0 "$data" ""
offers "nothing after the last" "words" why personal-0 papers ""
offers "a value of an option" "words,linux" mount-cmd --os l
offers "what an action does" "words,add,list,remove" user ""
offers "or begins with" "words,remove" user r
offers "nothing for a name that is none yet" "words" user add ""
offers "a path of an option" "paths" list --root ""
offers "no action that is none" "words" nothing
connect=$away offers "nothing where libvirt is not there" "words" why ""
# One that takes the call and never answers.
python3 -c 'import signal, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
print(flush=True)
signal.pause()' "$root/mute" >"$root/mute.ready" &
mute=$!
until [[ -s $root/mute.ready ]]; do kill -0 "$mute" || break; done
begun=$SECONDS
connect="qemu+unix:///system?socket=$root/mute" offers "nothing where libvirt is mute" "words" why ""
ok "and that soon" test $((SECONDS - begun)) -lt 8
kill "$mute"

# bash, as it calls the function; what is offered is read again by a shell.
mkdir "$root/path"
cat >"$root/path/hubshare" <<END
#!/bin/bash
shift
exec "$build/hubshare" --complete --root "$root" --connect "$connect" "\$@"
END
chmod +x "$root/path/hubshare"
# tab WORD...: what bash would put in the place of the last one, a line each.
tab() {
	(cd "$root/path" && PATH=$root/path:$PATH bash --norc --noprofile -c '
		. "$1"
		[[ $(complete -p hubshare) == *"-F _hubshare"* ]] || echo "not registered"
		shift
		COMP_WORDS=(hubshare "$@") COMP_CWORD=$#
		_hubshare
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' \
		- "$srcdir/packaging/completion/hubshare.bash" "$@")
}
same "bash: an action" "mount-cmd" "$(tab mo)"
same "bash: a VM" "personal-0" "$(tab why pers)"
same "bash: a share with a blank" 'my\ papers' "$(tab edit personal-0 m)"
same "bash: in a word that is quoted, what needs no quotes" papers "$(tab edit personal-0 '"')"
same "bash: what would end the word is quoted" 'other\:0' "$(tab why oth)"
same "bash: a path is bash's own" "" "$(tab add personal-0 /)"
word=$(tab why it)
same "bash: a hostile name is one word" "<it's \$(touch pwned) &; x>" \
	"$(cd "$root/path" && bash -c "printf '<%s>' $word")"
not "and nothing is run" test -e "$root/path/pwned"
if command -v zsh >/dev/null; then
	# compadd quotes by itself what it is given.
	same "zsh: the same words" "-a found my papers papers" \
		"$(PATH=$root/path:$PATH zsh -f -c 'compadd() { print -r -- "$@" "${found[@]}"; }
			words=(hubshare edit personal-0 "") CURRENT=4
			. "$1"' - "$srcdir/packaging/completion/_hubshare")"
	same "zsh: a path is zsh's own" "files" \
		"$(PATH=$root/path:$PATH zsh -f -c '_files() { print files; }
			words=(hubshare add personal-0 "") CURRENT=4
			. "$1"' - "$srcdir/packaging/completion/_hubshare")"
else
	echo "# zsh is not installed: its completion is not tried"
fi
finish

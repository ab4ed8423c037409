#!/bin/bash
# SPDX-License-Identifier: ISC
# The manual pages and the README say what the programs say: every option, every action,
# every setting with its default, and none that is not there.  Takes the build directory, by
# default the current one; needs no privilege.
top=$(readlink -f "$(dirname "$0")/../..")
build=${1:-$PWD}
failed=0

# same NAME WANTED GOT: the lists are one; says what is only in one of them.
same() {
	local differences
	differences=$(diff <(sort <<<"$2") <(sort <<<"$3") | sed 's/^/    | /')
	if [ -z "$differences" ] && [ -n "$2" ]; then
		echo "ok $1"
	else
		echo "FAIL $1 (<: only the program has it, >: only the manual page)"
		echo "$differences"
		failed=1
	fi
}

# "  -t TIMEOUT, --timeout TIMEOUT  Help" -> "t TIMEOUT -timeout TIMEOUT"
help_options() {
	"$build/$1" -h | sed -n '/^options:/,/^$/ s/^  -/-/p' |
		sed -E 's/  .*//; s/(^|, )-/\1/g; s/, / /'
}
# ".It Fl t Ar TIMEOUT , Fl -timeout Ar TIMEOUT" -> the same
page_options() { sed -nE 's/^\.It Fl //p' "$1" | sed -E 's/ (Fl|Ar|,) / /g; s/ (Fl|Ar) / /g'; }

# "  add VM PATH [NAME]    Help" -> "add VM PATH [NAME]"
help_actions() { "$build/$1" -h | sed -n '/^actions:/,$ s/^  \([a-z]\)/\1/p' | sed 's/  .*//'; }
# ".It Cm add Ar VM Ar PATH Oo Ar NAME Oc" -> the same
page_actions() {
	sed -n 's/^\.It Cm //p' "$1" | sed -E 's/Oo Ar ([^ ]*) Oc/[\1]/g; s/Ar //g'
}

# 'ROW("bridge", bridge, "br-hub", ...' -> "bridge br-hub", or the key alone without default.
source_settings() {
	sed -nE 's/^\t(ROW|WORD)\("([^"]*)", [a-z_]*, ("([^"]*)"|NULL),.*/\2 \4/p
		s/^\t(LIST|WORDS)\("([^"]*)",.*/\2/p' "$top/common/settings.c" | sed 's/ $//'
}
# ".It Cm bridge", and what follows "Default:" on a line of its own.
page_settings() {
	awk '/^\.It Cm / { if (key) print line; key = 1; line = $3 }
		/^\.El/ && key { print line; key = 0 }
		wants && /^\.Li / { line = line " " $2 }
		{ wants = /^Default:$/ }' "$1"
}

# '[EVENT_VM_HEARD] = { "vm-heard", ...' -> "vm-heard"; ".It Li vm-heard" -> the same
source_kinds() { sed -nE 's/^\t\[EVENT_[A-Z_]+\] = \{ "([a-z-]+)",.*/\1/p' "$top/service/event.c"; }
page_kinds() { sed -n '/^\.Sh EVENTS/,/^\.El/ s/^\.It Li //p' "$1"; }
# The fields of an event, and the members of its object.
source_members() { sed -nE '/ members\[\] = /,/^\};/ s/MEMBER\(([a-z]+)[^)]*\)/\n\1\n/gp' "$top/service/event.c" | grep -xE '[a-z]+'; }
page_members() { sed -n '/^\.Sh EVENTS/,/^\.Sh / s/^\.Li HUBSHARE_\([A-Z]*\).*/\1/p' "$1" | tr '[:upper:]' '[:lower:]'; }

# quotes PROGRAM: the README has the usage as it is printed.
quotes() {
	if [[ $(<"$top/README.md") == *"$("$build/$1" -h)"* ]]; then
		echo "ok README.md has the usage of $1"
	else
		echo "FAIL README.md has the usage of $1: paste what '$1 -h' prints"
		failed=1
	fi
}

for page in cli/hubshare.1 confgen/hubconf.8 scanner/hubscan.8; do
	program=$(basename "${page%.*}")
	same "options in $page" "$(help_options "$program")" "$(page_options "$top/$page")"
done
same "actions in cli/hubshare.1" "$(help_actions hubshare)" \
	"$(page_actions "$top/cli/hubshare.1")"
same "events in cli/hubshare.1" "$(source_kinds)" "$(page_kinds "$top/cli/hubshare.1")"
same "fields of events in cli/hubshare.1" "$(echo kind; source_members; echo lost)" \
	"$(page_members "$top/cli/hubshare.1")"
same "exit statuses in cli/hubshare.1" \
	"$(sed -nE 's/^\tFAULT_[A-Z_]+ = ([0-9]),.*/\1/p' "$top/common/fault.h")" \
	"$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/ s/^\.It //p' "$top/cli/hubshare.1")"
same "settings in common/hubshare.conf.5" "$(source_settings)" \
	"$(page_settings "$top/common/hubshare.conf.5")"
quotes hubshare

# links FILE: those that lead to a file or a heading of ours are no dead ends.
links() {
	local target file heading dead=
	while read -r target; do
		file=${target%%#*} heading=${target#"$file"}
		file=$top/${1%"${1##*/}"}$file
		[[ ${target%%#*} ]] || file=$top/$1
		[[ -e $file ]] || dead+=" $target"
		[[ -z $heading || ! -f $file ]] || grep '^#' "$file" | sed 's/^#* //' |
			tr '[:upper:] ' '[:lower:]-' | grep -qxF "${heading#\#}" || dead+=" $target"
	done < <(grep -oE '\]\([^)]+\)' "$top/$1" | sed 's/^](//; s/)$//' | grep -v '^https:')
	if [[ -z $dead ]]; then
		echo "ok the links of $1"
	else
		echo "FAIL the links of $1 lead nowhere:$dead"
		failed=1
	fi
}
# What doctor and why look at is called in these texts what they call it.
shown_titles() { sed -nE 's/^(ok|wrong|unknown) {3,9}(.{32}) .*/\2/p' "$top/README.md" "$top"/doc/*.md | sed 's/ *$//' | sort -u; }
source_titles() { grep -hoE '\{ "[a-z0-9-]+", "[^"]+",' "$top"/doctor/*.c | cut -d'"' -f4; }
if strangers=$(shown_titles | grep -vxF -f <(source_titles)); then
	echo "FAIL what is looked at, in README.md and doc/: no such row:" $strangers
	failed=1
elif [ -n "$(shown_titles)" ]; then
	echo "ok what is looked at, in README.md and doc/"
fi
for text in README.md doc/actions.md doc/by-hand.md doc/extending.md doc/faq.md; do
	links "$text"
done
exit $failed

#!/bin/bash
# SPDX-License-Identifier: ISC
# smbd goes away, or fails to answer, at each word that is exchanged with it: the change is kept,
# what could not be shown to be cut is said to be so, and the next command cuts it.  One way for each word, by the seed; all of them
# with HUBSHARE_LONG.
. "$(dirname "$0")/lib.sh"

count_words='read -r n <words; echo $((n += 1)) >words'

# fate WHAT N: what becomes of word N.
fate() {
	echo 0 >"$root/words"
	case $1 in
	away) echo "$count_words; [ \$n -lt $2 ] || exit 1" ;;
	silent) echo "$count_words; [ \$n != $2 ] || exit 1" ;;
	missing) echo "$count_words; [ \$n != $2 ] || exit 127" ;;
	killed) echo "$count_words; [ \$n != $2 ] || kill -9 \$\$" ;;
	garbled) echo "$count_words; [ \$n != $2 ] || { echo '{\"sessions\": {'; exit 1; }" ;;
	esac >"$root/fate"
}

# 7 and 8 say that the change is made for good; unless they say that it is not.
saved() {
	grep -q '^Nothing is changed' "$root/err" ||
		cmp -s <(grep '[0-9a-f]-[0-9]*\.conf$' "$states/NEW") \
			<(grep '[0-9a-f]-[0-9]*\.conf$' "$states/NOW")
}

try() {
	local n kind all wanted
	begin_verb "$@" || return 0
	restore old
	fate away 1000
	hub "${words[@]}"
	all=$(<"$root/words")
	for ((n = 1; n <= all; n++)); do
		wanted=("${kinds[@]}")
		[[ ${HUBSHARE_LONG-} ]] || wanted=("${kinds[RANDOM % ${#kinds[@]}]}")
		for kind in "${wanted[@]}"; do
			restore old
			fate "$kind" "$n"
			hub "${words[@]}"
			rm "$root/fate"
			judge_end
			((status == status_done || status == 7 || status == 8)) ||
				problem+="; it ended with $status"
			saved || problem+="; it is not saved"
			judge_all
			judge "$kind" "word $n of $all"
		done
	done
	end_verb "${kinds[@]}"
}

kinds=(away silent missing killed garbled)
build_house
verbs try
table "${kinds[@]}"
finish

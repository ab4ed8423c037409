#!/bin/bash
# SPDX-License-Identifier: ISC
# Killed at each system call by which it changes something: what smbd sees is the old or the new
# state, whole; what was open is guarded; the next command puts all in order.
. "$(dirname "$0")/lib.sh"

try() {
	local n
	begin_verb "$@" || return 0
	for ((n = 1; n <= ${#journal[@]}; n++)); do
		restore old
		meddled kill "$n" "${words[@]}"
		ended=$status
		judge_all
		((ended == 137)) || problem+="; it ended with $ended"
		judge killed "${journal[n - 1]}"
	done
	end_verb killed
}

build_house
verbs try
table killed
finish

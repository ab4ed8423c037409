#!/bin/bash
# SPDX-License-Identifier: ISC
# The power fails after each system call, and of what is not durable any part is lost; once with
# all of the store on a disk, which asks for more, and once as it is on a host: memory loses all.
# What has ended by then has been done for good.
. "$(dirname "$0")/lib.sh"

# What was, and is to be, once memory has lost all that lay in it.
forget_memory() {
	local place
	for place in old new; do
		restore "$place"
		rm -rf "${temp:?}"/* "$root"/run/*
		: >"$root/sessions"
		keep "$place"
		picture >"$states/${place^^}"
		come_after
		status_after=$status
		picture >"$states/${place^^}-AFTER"
	done
	judged=()
}

# fail_power KIND LOST...: makes what may be left, each tree in a directory.
fail_power() {
	mkdir -p "$root/trees/$1"
	"$build/tests/crash/outage" "$states/old" "$states/journal" "$root/trees/$1" \
		"$HUBSHARE_SEED" sessions "${@:2}" >"$root/trees/$1/list" ||
		fail "$verb: $1, no trees"
}

# It came out of a verb that had ended, and said so.
judge_durable() {
	picture >"$states/NOW"
	same_as NEW || problem+="; it was done, and is not: $(difference NEW)"
}

judge_trees() {
	local number times call last lost
	while read -r number times call last lost; do
		bring "$root/trees/$1/$number"
		: >"$root/sessions"
		((last < ${#journal[@]})) || judge_durable
		judge_all
		judge "$1" "call ${journal[call - 1]-} without [$lost] (tree $number)" "$times"
	done <"$root/trees/$1/list"
}

try() {
	begin_verb "$@" || return 0
	rm -rf "$root/trees"
	fail_power "on a disk"
	fail_power "on a host" etc/samba/temp.conf.d/ run/
	judge_trees "on a disk"
	forget_memory
	judge_trees "on a host"
	end_verb "on a disk" "on a host"
}

build_house
verbs try
table "on a disk" "on a host"
finish

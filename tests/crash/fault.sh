#!/bin/bash
# SPDX-License-Identifier: ISC
# Each system call by which it changes something fails, once or from then on: it says so, or does
# without; what is left is as good as after a kill.  A call that was merely interrupted is made
# again.  One error for half of the calls, by the seed; all of them with HUBSHARE_LONG.
. "$(dirname "$0")/lib.sh"

# The errors that a call may fail with; with a plus, all that come after it do as well.
errors_of() {
	case $1 in
	flock) echo ENOLCK EINTR ;;
	clone* | *fork) echo EAGAIN ENOMEM ;;
	kill) ;;
	*)
		echo ENOSPC EIO EDQUOT EROFS ENOSPC+ EIO+ EDQUOT+ EROFS+
		[[ $1 != open* && $1 != write && $1 != f*sync && $1 != *truncate ]] || echo EINTR
		;;
	esac
}

try() {
	local n error errors
	begin_verb "$@" || return 0
	for ((n = 1; n <= ${#journal[@]}; n++)); do
		read -ra errors < <(errors_of "$(cut -f2 <<<"${journal[n - 1]}")" | paste -sd' ')
		((${#errors[@]})) || continue
		if [[ ! ${HUBSHARE_LONG-} ]]; then
			((RANDOM % 2)) || continue
			errors=("${errors[RANDOM % ${#errors[@]}]}")
		fi
		for error in "${errors[@]}"; do
			restore old
			meddled "$error" "$n" "${words[@]}"
			judge_end
			[[ $error != EINTR ]] || ((status == status_done)) ||
				problem+="; it ended with $status: $(<"$root/err")"
			judge_all
			judge "${error%+}" "$error ${journal[n - 1]}"
		done
	done
	end_verb "${kinds[@]}"
}

kinds=(ENOSPC EIO EDQUOT EROFS EINTR ENOLCK EAGAIN ENOMEM)
build_house
verbs try
table "${kinds[@]}"
finish

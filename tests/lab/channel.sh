#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# channel.sh SOCKET SECONDS SCRIPT: has a guest run a shell script, over its virtio console.
# A request is one line, "ID SCRIPT", the answer one line, "ID STATUS OUTPUT"; script and
# output in base64.  ID tells an answer from a late one to somebody who has given up.
set -euo pipefail
socket=$1 seconds=$2 script=$3
id=$$.$RANDOM

exec {lock}>"$socket.lock"
flock "$lock" # the guest does one thing at a time
coproc SOCAT { exec socat - "UNIX-CONNECT:$socket"; }
echo "$id $(base64 -w0 <<<"$script")" >&"${SOCAT[1]}"

end=$((SECONDS + seconds))
while ((SECONDS < end)) && read -r -t "$((end - SECONDS))" -u "${SOCAT[0]}" who status output; do
	[[ $who == "$id" ]] || continue
	base64 -d <<<"$output"
	exit "$status"
done
exit 124

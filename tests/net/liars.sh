#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
#
# Namespaces play guests that lie: about an address that nothing decides whose it is, and by the
# fastest flood.
# Alone: it takes all the time of a processor.
# shellcheck source=tests/lab/check.sh
. "$(dirname -- "$0")/../lab/check.sh"
# shellcheck source=tests/lab/lies.sh
. "$LAB_SRC/lies.sh"
begin --no-libvirt --no-dhcp
a=(172.16.10.11 52:54:00:00:00:11 tap-a) b=(172.16.10.12 52:54:00:00:00:12 tap-b)
domains alpha "${a[1]}@${a[2]}" beta "${b[1]}@${b[2]}"
client_add alpha "${a[@]}"
client_add beta "${b[@]}"

lies_begin "${a[@]}" "${b[@]}"
lies_of_address nothing
lie_of_flood
lies_end

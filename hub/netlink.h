/* SPDX-License-Identifier: ISC */
#pragma once

/* The door to the kernel's tables of the network: rtnetlink(7), by libmnl. */

#include <stddef.h>

#include "common/fault.h"
#include "scanner/neighbour.h"

/*
 * The kernel's IPv4 neighbours on INTERFACE that have a MAC, however stale: where somebody
 * was once.  None where there is no such interface.  Fault 1.
 */
struct fault *netlink_neighbours(const void *ctx, const char *interface,
				 struct neighbour **ret, size_t *ret_count);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Claims as they are before the gate: the door to the kernel's packet log, nfnetlink_log.
 * What the gate drops in the bridge never reaches a socket at the bridge, so the gate copies
 * ARP to some groups of that log first, with the port it came in by.  A group has one
 * listener; each who listens takes one that is free.
 *
 * It speaks netlink by libmnl, since libpcap's "nflog:GROUP" holds what it hears back for up
 * to a second, and makes this log the one of all IPv4 and IPv6 on the host that names none,
 * where it stays.
 */

#include "common/fault.h"
#include "scanner/nflog.h"

struct claims;

struct claims_groups {
	uint16_t first, last;
};

typedef void claims_heard_fn(void *arg, const struct nflog *packet);

/* Reads GROUP or FIRST-LAST, of 64 groups at most.  Fault 2 naming TEXT. */
struct fault *claims_parse(const char *text, struct claims_groups *ret);

/*
 * Listens to the first free one of GROUPS; closed when it is freed.  Fault 6 where this takes
 * CAP_NET_ADMIN or none is free, which the kernel does not tell apart; 7 where the kernel has
 * no such log.
 */
struct fault *claims_open(const void *ctx, const struct claims_groups *groups,
			  struct claims **ret);

/* The group that it listens to. */
unsigned claims_group(const struct claims *claims);

/* Becomes readable when claims_hear() may have something. */
int claims_descriptor(const struct claims *claims);

/* Hands what is there to HEARD, some hundred packets at most, and never waits.  Returns
 * how many it were. */
size_t claims_hear(struct claims *claims, claims_heard_fn *heard, void *arg);

/* How often something came too fast, since it was opened. */
uint64_t claims_missed(const struct claims *claims);

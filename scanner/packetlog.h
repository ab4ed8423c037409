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

struct packetlog;

struct packetlog_groups {
	uint16_t first, last;
};

typedef void packetlog_heard_fn(void *arg, const struct nflog *packet);

/* Reads GROUP or FIRST-LAST, of 64 groups at most.  Fault 2 naming TEXT. */
struct fault *packetlog_parse(const char *text, struct packetlog_groups *ret);

/*
 * Listens to the first free one of GROUPS; closed when it is freed.  Fault 6 where this takes
 * CAP_NET_ADMIN or none is free, which the kernel does not tell apart; 1 where it has no such
 * log.
 */
struct fault *packetlog_open(const void *ctx, const struct packetlog_groups *groups,
			     struct packetlog **ret);

/* The group that it listens to. */
unsigned packetlog_group(const struct packetlog *log);

/* Becomes readable when packetlog_hear() may have something. */
int packetlog_descriptor(const struct packetlog *log);

/* Hands what is there to HEARD, some hundred packets at most, and never waits.  Returns
 * how many it were. */
size_t packetlog_hear(struct packetlog *log, packetlog_heard_fn *heard, void *arg);

/* How often something came too fast, since it was opened. */
uint64_t packetlog_missed(const struct packetlog *log);

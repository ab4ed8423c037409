/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Spans of IPv4 addresses: what a sweep asks.  Inside a range numbers are in host order,
 * so that they can be counted; struct in_addr stays in network order as everywhere.
 */

#include <stddef.h>

#include "common/address.h"
#include "common/fault.h"

/* A range holds at most as many addresses as a /16, all ranges of a sweep four times that. */
#define RANGE_MAX  65536u
#define RANGES_MAX (4 * RANGE_MAX)

/* Both ends belong to it. */
struct range {
	uint32_t first, last;
};

/*
 * Ranges in order that neither overlap nor touch.  Each address has its number: 0 for the
 * lowest of all, SIZE - 1 for the highest.
 */
struct ranges {
	struct range *range;
	size_t count;
	uint32_t size;
};

/*
 * Parses "172.16.10.0/24", "172.16.10.5-172.16.10.20" or "172.16.10.7".  Bits beyond a
 * prefix are ignored; the network's own address and its broadcast address are left out,
 * except in a /31 (RFC 3021) and a /32.  Fault 2.
 */
struct fault *range_parse(const char *text, struct range *ret);

/* The hosts of the network that an interface with address IP and mask MASK is in.  Fault 2
 * if it is wider than a /16 or MASK is none. */
struct fault *range_network(struct in_addr ip, struct in_addr mask, struct range *ret);

bool range_contains(struct range range, struct in_addr ip);

/* Sorts and joins COUNT ranges into *RET on CTX.  Fault 2 if they hold too much. */
struct fault *ranges_new(const void *ctx, const struct range *range, size_t count,
			 struct ranges **ret);

/* The number of IP; false if it is in none of them. */
bool ranges_find(const struct ranges *ranges, struct in_addr ip, uint32_t *ret);

/* The address of NUMBER, which must be below the size. */
struct in_addr ranges_at(const struct ranges *ranges, uint32_t number);

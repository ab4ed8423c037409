/* SPDX-License-Identifier: ISC */
#pragma once

/* What in the rules of nftables keeps guests out. */

#include <stdbool.h>
#include <stddef.h>

#include "common/document.h"
#include "common/fault.h"

/* All rules of the host, as libnftables-json(5) has them.  Faults as nft_list(): 6 without the
 * right to see them. */
struct fault *firewall_ruleset(const void *ctx, struct document **ret);

/* Where a guest's packet ends that has to come in. */
struct obstacle {
	const char *chain;  /* "FAMILY TABLE CHAIN" */
	const char *packet; /* as nft(8) names it: "tcp dport 445" */
	bool doubt;	    /* a rule that cannot be judged here may let it in before */
};
struct obstacles {
	struct obstacle *list;
	size_t count;
};

/*
 * Goes through the rules of each input chain in their order, as the kernel would for SMB's
 * and for DHCP's first packet from BRIDGE, and adds those that are dropped.  Interface,
 * protocol, port and connection state are compared, and other chains entered; a rule that
 * matches by anything else (addresses, named sets, rates) neither accepts nor drops.
 */
void firewall_obstacles(const void *ctx, const struct document *ruleset,
			const char *bridge, struct obstacles *ret);

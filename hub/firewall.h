/* SPDX-License-Identifier: ISC */
#pragma once

/* The door to nftables (libnftables(3)), and what in its rules keeps guests out. */

#include <stdbool.h>

#include "common/document.h"
#include "common/fault.h"

/* All rules of the host, as libnftables-json(5) has them.  Fault 6 without the right to see
 * them. */
struct fault *firewall_ruleset(const void *ctx, struct document **ret);

/* What drops a guest's packets. */
struct obstacle {
	const char *chain;  /* "FAMILY TABLE CHAIN" */
	const char *handle; /* of the rule; NULL: it is the chain's policy */
};

/*
 * Is there a rule of an input chain that drops what comes from BRIDGE, or an input chain that
 * drops by policy and has no rule that names BRIDGE or port 445?  Rules are not carried out
 * here, so another one may still be in the way.
 */
bool firewall_obstacle(const void *ctx, const struct document *ruleset, const char *bridge,
		       struct obstacle *ret);

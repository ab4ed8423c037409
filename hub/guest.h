/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Guests: what libvirt says (domains) joined with what was heard on the bridge
 * (neighbours).  A row stands for one NIC and one address of it.
 *
 * An address is confirmed as a VM's when exactly one MAC claims it and exactly one running
 * domain has a NIC of that MAC on the bridge.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"
#include "hub/domain.h"
#include "scanner/neighbour.h"

struct guest {
	const struct domain *domain; /* NULL: a station that no running domain owns */
	struct mac mac;
	struct in_addr ip; /* where heard */
	bool heard;
	bool contested; /* others claim its address, or other domains its MAC */
};

struct guests {
	const struct domains *domains;
	struct guest *list; /* those heard first, by address; then those not heard */
	size_t count;
};

/* Joins all of DOMAINS' NICs on BRIDGE with COUNT neighbours. */
struct guests *guests_join(const void *ctx, const struct domains *domains,
			   const char *bridge, const struct neighbour *neighbours,
			   size_t count);

/*
 * The domain that a person means by VM: a UUID, a name, or an address on the bridge.
 * Fault 3 if there is none, 5 naming the candidates if it is not certain.
 */
struct fault *guest_find(const struct guests *guests, const char *vm,
			 const struct domain **ret);

/* Is IP confirmed as an address of the domain of UUID? */
bool guest_confirmed(const struct guests *guests, const char *uuid, struct in_addr ip);

/* The row heard at IP; NULL if nobody was. */
const struct guest *guest_at(const struct guests *guests, struct in_addr ip);

/* Who claims IP, on CTX: "untrusted-0 (52:54:…), unknown (52:54:…)"; NULL for nobody. */
char *guest_claimants(const void *ctx, const struct guests *guests, struct in_addr ip);

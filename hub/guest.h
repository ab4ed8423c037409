/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Guests: what libvirt says (domains) joined with what was heard on the bridge (claims) and
 * with what DHCP gave (leases).  A row stands for one NIC and one address of it.
 *
 * An address is confirmed as a VM's when exactly one running domain has a NIC of the MAC that
 * claims it, and nobody else claims it.  Where the gate stands (hub/gate.h), which lets pass
 * only what is verified, more is known: a claim that comes from another port than its MAC's,
 * one of the host's own address, and one of an address that a lease gives to another MAC, are
 * lies.  A lie takes nothing from whom it is told of, and whoever uses another's MAC or the
 * host's address is confirmed nowhere until that is over.  First come does not win over a
 * lease.  Without the gate a liar can use what he claims, so all who claim it are in doubt.
 */

#include <net/if.h>
#include <stdbool.h>

#include "common/fault.h"
#include "hub/domain.h"
#include "hub/lease.h"
#include "scanner/neighbour.h"

/* Addresses that a NIC may take by itself. */
enum { GUEST_ADDRESSES_MAX = 16 };

struct guest {
	const struct domain *domain; /* NULL: a station that no running domain owns */
	struct mac mac;
	struct in_addr ip;   /* where heard */
	char port[IFNAMSIZ]; /* of the bridge, where heard; "": not known */
	bool heard;
	bool contested; /* others claim its address, or other domains its MAC, or it lies, or takes too many */
};

enum lie_kind {
	LIE_MAC,  /* the MAC is another port's */
	LIE_HOST, /* the address is the host's */
	LIE_LEASE /* the address is leased to another MAC */
};

struct lie {
	enum lie_kind kind;
	const struct domain
		*teller; /* who has the port, or else the MAC; NULL: no domain */
	struct mac mac;
	struct in_addr ip;
	char port[IFNAMSIZ];
};

struct evidence;

struct guests {
	const struct domains *domains;
	struct guest *list; /* those heard first, by address; then those not heard */
	size_t count;
	struct lie *lies; /* where the gate stands; by address */
	size_t lie_count;
	const struct evidence
		*evidence; /* of which these were made: a copy, but for the arrays */
};

/* What is known of who is where. */
struct evidence {
	const char *bridge;
	const struct neighbour
		*claims; /* what was heard; one that is repeated counts once */
	size_t claim_count;
	const struct leases *leases; /* that have not ended; NULL: none */
	struct in_addr host; /* the host's address on the bridge; 0.0.0.0: not known */
	bool gate;	     /* it stands */
};

/* Joins all of DOMAINS' NICs on the bridge with EVIDENCE. */
struct guests *guests_join(const void *ctx, const struct domains *domains,
			   const struct evidence *evidence);

/*
 * The domain that a person means by VM: a UUID, a name, or an address on the bridge.
 * Fault 3 if there is none, 5 naming the candidates if it is not certain.
 */
struct fault *guest_find(const struct guests *guests, const char *vm,
			 const struct domain **ret);

/* Is IP confirmed as an address of the domain of UUID? */
bool guest_confirmed(const struct guests *guests, const char *uuid, struct in_addr ip);

/* Has MAC, which may be silent now, lost IP: is it heard at another address, does it lie, or is
 * IP leased to another? */
bool guest_lost(const struct guests *guests, struct mac mac, struct in_addr ip);

/* The row heard at IP; NULL if nobody was. */
const struct guest *guest_at(const struct guests *guests, struct in_addr ip);

/* Who claims IP, on CTX: "untrusted-0 (52:54:…), unknown (52:54:…)"; NULL for nobody. */
char *guest_claimants(const void *ctx, const struct guests *guests, struct in_addr ip);

/* "liar on vnet3 claims 172.16.10.5 as 52:54:…, whose port is another": what a lie is, on
 * CTX. */
char *lie_text(const void *ctx, const struct lie *lie);

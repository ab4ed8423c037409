/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What has to change so that smbd serves each VM its own shares at its own addresses, and
 * nobody else: the store's truths and the guests go in, changes come out.  Pure: who may
 * read what is decided here, and tested here.
 *
 * A rendering is wanted at an address that is confirmed as the VM's.  One that is already
 * there stays while its VM is running, silent, and nobody else was heard at its address.
 * Everything else is closed.  A rendering that names shares still to be cut, or gives what
 * its VM's truth does not, is work that somebody began: whoever comes next ends it, also for
 * a VM he did not ask for.
 */

#include <stdbool.h>
#include <stddef.h>

#include "confgen/store.h"
#include "hub/guest.h"

struct change {
	struct in_addr ip;
	enum tenure tenure;
	/* What smbd includes while sessions are cut, naming in its head which; NULL: there is
	 * nothing to cut. */
	struct fragment *cutting;
	/* What smbd includes afterwards; NULL: nothing. */
	struct fragment *final;
	/* The client at IP is cut off whole: it is not the VM whose shares it had, or which
	 * it had is not known, since they were edited by hand. */
	bool whole;
	bool keep;  /* what is there now was edited by hand: keep a copy */
	bool begun; /* not asked for: somebody began it and did not end it */
};

struct plan {
	struct change *changes;
	size_t change_count;
	struct fragment *
		*adopted; /* truths to be saved first: the original tool's, taken over */
	size_t adopted_count;
	const char *
		*conflicts; /* sentences: what could not be planned, and the way out */
	size_t conflict_count;
};

enum plan_edits {
	PLAN_EDITS_REFUSE,  /* a rendering edited by hand is a conflict */
	PLAN_EDITS_DISCARD, /* the truth is rendered over it; a copy of it is kept */
	PLAN_EDITS_TAKEN,   /* the same, but the truth is what it says */
};

/*
 * The plan for the domain of UUID, or for all where it is NULL.  What it makes hangs on
 * CTX and refers to INVENTORY, of which expiry_purge() took what is over.
 */
struct plan *plan_of(const void *ctx, const struct inventory *inventory,
		     const struct guests *guests, const char *uuid,
		     enum plan_edits edits);

/* The UUID of the domain whose shares belong at IP, where THERE (or NULL) is now; NULL for
 * nobody's. */
const char *plan_owner(const struct guests *guests, const struct rendering *there,
		       struct in_addr ip);

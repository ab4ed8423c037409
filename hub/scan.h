/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to hubscan: it is run as a process of its own, since it alone holds the right to
 * listen on the wire, and it alone reads what guests send; its lines are all that comes in.
 */

#include <stdint.h>

#include "common/fault.h"
#include "common/settings.h"
#include "hub/guest.h"
#include "scanner/neighbour.h"

struct scan;

enum scan_kind {
	SCAN_SWEEP, /* ends when all that are expected were heard; without any, when it is
		     * certain enough that everybody was */
	SCAN_GLANCE, /* a sweep of one round only where nobody is expected */
	SCAN_WATCH,  /* goes on */
};

/*
 * Starts the scanner on the bridge of SETTINGS, expecting to hear COUNT MACs; it ends with
 * *RET.  A sweep that changes nothing (SCAN_SWEEP) asks those first, by unicast, whom DHCP
 * leases and the kernel's neighbours name.  All of them ask everybody by broadcast, so that a
 * second claimant of an address is heard, and hear what the gate drops, with its port, where
 * the caller may.
 */
struct fault *scan_start(const void *ctx, const struct settings *settings,
			 enum scan_kind kind, const struct mac *expected, size_t count,
			 struct scan **ret);

/*
 * The next neighbour on the bridge's network that it tells, waiting until UNTIL_MS
 * (clock_ms(); negative: for ever).
 * *RET_MORE is false at the end of a sweep.  Faults: 4 when the time is over, what the
 * scanner said (7: the bridge is not there), 1 for a line that is none.
 */
struct fault *scan_next(struct scan *scan, int64_t until_ms, struct neighbour *ret,
			bool *ret_more);

/*
 * The same for a loop that waits for scan_descriptor() itself: *RET_GOT is false when no
 * neighbour has been told yet.  To be called until then, since what was read may hold
 * several.  It waits for nothing but the end of a scanner that has closed its output.
 */
struct fault *scan_ready(struct scan *scan, struct neighbour *ret, bool *ret_got,
			 bool *ret_more);

/* What becomes readable when scan_ready() may have something. */
int scan_descriptor(const struct scan *scan);

/* All of a sweep. */
struct fault *scan_all(const void *ctx, struct scan *scan, struct neighbour **ret,
		       size_t *ret_count);

/*
 * A whole sweep of KIND, joined with DOMAINS.  It ends when the domain VM (a UUID or name;
 * NULL or of none: all running ones) was heard; the others are asked too, but nobody waits
 * for them.
 */
struct fault *scan_guests(const void *ctx, const struct settings *settings,
			  enum scan_kind kind, const struct domains *domains,
			  const char *vm, struct guests **ret);

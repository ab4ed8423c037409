/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The one loop of hubscan: ask whom the schedule names, listen until it has more to ask,
 * tell what is new.  A sweep is a watch that ends.
 */

#include "scanner/interface.h"
#include "scanner/neighbour.h"
#include "scanner/schedule.h"
#include "scanner/wire.h"

/* Where news goes.  Each is called with ARG. */
struct audience {
	void (*tell)(void *arg, const struct neighbour *neighbour);
	/* What was told may be waited for: pass it on.  False if nobody listens any more. */
	bool (*flush)(void *arg);
	/* How far a sweep has come, once it takes longer than a second; NULL: not wanted. */
	void (*progress)(void *arg, int round, int percent);
	void *arg;
};

struct sweep_plan {
	struct wire *wire;
	const struct interface *interface;
	struct schedule_plan schedule;
	uint64_t seed; /* something that outsiders cannot guess */
	struct audience audience;
};

/*
 * Runs until all is heard, or for ever; a recording is listened to until its end.
 * *RET_TURNED_AWAY: how many claims were more than an address has room for.
 * Fault 7 if the interface goes away, 1 if nobody listens to what is told.
 */
struct fault *sweep_run(const void *ctx, const struct sweep_plan *plan,
			uint64_t *ret_turned_away);

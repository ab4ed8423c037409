/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The feed: the socket /run/hubshare/events, on which the service tells what happens to
 * whoever connects, a line of event_json() for each event, from then on.  It hears nothing
 * from them.  The directory is everybody's to see; the socket is the group's.
 */

#include <stdbool.h>

#include "common/settings.h"
#include "hub/loop.h"
#include "service/event.h"

/* The service's end. */
struct feed;

/*
 * Opens the feed, which makes this process the host's one service until it ends or frees
 * *RET; the socket that a killed one left is replaced.  Fault 7 if a service runs, 6 if the
 * caller may not, or if somebody else could change the directory.
 *
 * A forked child frees its copy, or the host seems to have a service as long as it lives.
 */
struct fault *feed_new(const void *ctx, struct loop *loop,
		       const struct settings *settings, struct feed **ret);

/* Sends EVENT to all.  Who does not read has some hundreds of lines kept for him by the
 * kernel and is dropped then; nobody is waited for. */
void feed_tell(struct feed *feed, const struct event *event);

/* Does anybody listen?  FN is called, not from within feed_tell(), whenever that changes. */
bool feed_watched(const struct feed *feed);
void feed_on_change(struct feed *feed, loop_fn *fn, void *arg);

/* Does a service run?  That is: is a connection to the feed accepted. */
bool service_runs(const struct settings *settings);

/* The end of who listens. */
struct listening;

/* Fault 7 if no service runs, 6 if the caller may not listen; both say the way out. */
struct fault *feed_connect(const void *ctx, const struct settings *settings,
			   struct listening **ret);

/* The descriptor to wait at until it can be read. */
int feed_descriptor(const struct listening *listening);

/* Takes what has come, without waiting.  Fault 7 when no more will come. */
struct fault *feed_receive(struct listening *listening);

/* The next event of what was received, on CTX; *RET is NULL if there is none yet.  Fault 1 for
 * a line that is no event, 7 with what the service said where it says no more. */
struct fault *feed_next(const void *ctx, struct listening *listening, struct event **ret);

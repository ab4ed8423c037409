/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The socket /run/hubshare/control, by which members of the group have the service carry a
 * command line out: one for each connection, with the rights of him who has called
 * (service/call.h), in a process of its own.  No byte and no descriptor of his comes into the
 * service itself: also to close a descriptor may take as long as its maker likes.
 */

#include "common/settings.h"
#include "hub/loop.h"
#include "service/call.h"

struct control;

struct control_plan {
	const struct settings *settings;
	/* In the process of a call, whose standard output and error are for him who has called:
	 * carries CALL out, prints what went wrong, and returns it. */
	struct fault *(*serve)(void *arg, const struct call *call);
	void *serve_arg;
	/* In the service: a call has ended. */
	void (*tell)(void *arg, const struct event *event);
	void *arg;
	int limit_ms; /* for one call, all in all */
};

/*
 * Opens the socket, in the directory of the feed, which has to be open already.  Sixteen may
 * wait, four are at work, two of them for one user.  Fault 6 or 1.
 */
struct fault *control_new(const void *ctx, struct loop *loop,
			  const struct control_plan *plan, struct control **ret);

/*
 * Has the service carry out WORDS, with DIRECTORY (-1: none), which is open with O_PATH.  *RET
 * is NULL without a fault where no service runs.  Fault 6 if the caller is not in the group, 4
 * or 7 if there was no answer.
 */
struct fault *control_ask(const void *ctx, const struct settings *settings,
			  const char *const *words, int directory, struct answer **ret);

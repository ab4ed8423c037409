/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A helper: a process of our own, forked, for work that may wait, so that the loop does not.
 * It begins with a copy of all that its parent knows, and tells what it finds out in lines.
 */

#include <stdio.h>

#include "common/fault.h"
#include "hub/loop.h"

struct helper;

struct helper_plan {
	const char *name; /* of the process; 15 bytes of it are shown */
	/* In the helper, which ends with it; what it prints to OUT are lines for the parent. */
	struct fault *(*work)(void *arg, FILE *out);
	/* In the parent: a line, without newline. */
	void (*line)(void *arg, const char *line);
	/* In the parent, once, the last of all: the fault of WORK, or what ended the helper
	 * otherwise; NULL: it ended well.  It may free the helper. */
	void (*end)(void *arg, struct fault *fault);
	void *arg;
	int input; /* what its standard input is; 0: the parent's */
};

/* Starts one, which is killed, with all that it has started, and reaped when *RET is freed.
 * Fault 1. */
struct fault *helper_start(const void *ctx, struct loop *loop,
			   const struct helper_plan *plan, struct helper **ret);

/* Kills it, with all that it has started, and waits for nothing: its end is told of as any. */
void helper_kill(struct helper *helper);

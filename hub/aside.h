/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What looks at files that others keep, and so may never end: done aside, in a process that is
 * waited for no longer than is said.  One that is killed goes on waiting where a file system of
 * somebody's keeps silent.
 */

#include <stdio.h>

#include "common/fault.h"
#include "hub/caller.h"

/* As many for one who has asked the service. */
enum { ASIDE_WAITING_MAX = 4 };

struct aside {
	const struct caller *caller; /* for whom */
	const char *what;	     /* that it looks at, for people */
	int wait_ms;
	/* Prints to OUT what it finds.  It has the caller's directory as its standard input, and
	 * nothing else of ours, such as the store's lock. */
	struct fault *(*work)(const void *arg, FILE *out);
	const void *arg;
};

/* What was printed, on CTX, or WORK's fault.  Fault 4 if it does not end in time, or if too many
 * wait for the caller already; 1 if there can be no such process, or it is killed. */
struct fault *aside_do(const void *ctx, const struct aside *aside, char **ret);

/* The file ASIDE_PLACES in the open directory DIR, where it is kept how many wait for whom, by
 * locks (fcntl(2), F_OFD_SETLK); each call needs its own descriptor of it.  The service takes it
 * away. */
#define ASIDE_PLACES "asking"
struct fault *aside_places(int dir, int *ret);

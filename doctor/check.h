/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What hubshare depends on, a row each: how to look at it, and what a look finds.  Each row
 * looks for itself, at configuration and state, and changes nothing; it says what would
 * mend what is wrong.
 */

#include "common/settings.h"

enum verdict {
	VERDICT_OK,
	VERDICT_WRONG,
	VERDICT_UNKNOWN, /* it could not be looked at: for want of rights, or of another row */
};

struct finding {
	enum verdict verdict;
	const char *text; /* how it is, in a sentence without full stop */
	/* A command for a root shell, after which the row is well; NULL where there is none or
	 * a person has to decide. */
	const char *mend;
};

struct host;

/* One row.  What `hubshare setup` mends says so; its steps name the rows (setup/setup.h). */
struct check {
	const char *key;   /* for programs: it does not change */
	const char *title; /* what is looked at */
	struct finding (*look)(struct host *host);
};

/* In the order in which they depend on each other; the end has no key. */
extern const struct check checks[];

/* The same of what a guest for a moment finds, who is plugged into the bridge for the first of
 * them (doctor/probe.h).  Only root can look. */
extern const struct check probe_checks[];

/* This host, as the looks find it; what several of them need is fetched once. */
struct host *host_new(const void *ctx, const struct settings *settings);

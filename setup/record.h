/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What `hubshare setup` has made of the host, in the order in which it did: a file of JSON
 * below /var/lib/hubshare, by which it is undone.  A deed is written down before it is done;
 * of one that was not done any more, the thing is still as it was before.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"

struct deed {
	const char *kind;   /* of thing (setup/thing.h) */
	const char *what;   /* its path or name, without the root */
	const char *before; /* how it was, in its kind's words; NULL: it was not there */
	const char *after;  /* how it was made; NULL: taken away */
};

struct record;

/* Its directory, without the root. */
extern const char record_place[];

/* Reads what is recorded below ROOT, and keeps others from changing it as long as *RET is
 * there.  IDLE: nothing is written, also no lock.  Fault 5 where another one is at work, 1 for
 * a file that cannot be understood. */
struct fault *record_open(const void *ctx, const char *root, bool idle,
			  struct record **ret);

size_t record_count(const struct record *record);
const struct deed *record_deed(const struct record *record, size_t number);
/* The last deed of that thing; NULL: none. */
const struct deed *record_find(const struct record *record, const char *kind,
			       const char *what);
/* Did any deed make that thing STATE?  The last one may not have been done. */
bool record_made(const struct record *record, const char *kind, const char *what,
		 const char *state);

/* Writes one more deed down, durably. */
struct fault *record_add(struct record *record, const struct deed *deed);
/* Forgets deed NUMBER; when none is left, nothing of the record is. */
struct fault *record_drop(struct record *record, size_t number);
/* Takes away what a record without deeds has left: itself and the directories that were made
 * for it, unless they hold something else. */
struct fault *record_end(struct record *record);

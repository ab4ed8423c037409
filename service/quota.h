/* SPDX-License-Identifier: ISC */
#pragma once

/* How much is told of what somebody has happen, a guest at a port of the bridge or a user: so many
 * lines at once, then one every now and then, so that who does it all the time does not fill the
 * journal. */

#include <stdint.h>

enum { QUOTA_LINES = 20, QUOTA_PAUSE_MS = 3000 };

enum quota_answer {
	QUOTA_NONE, /* nothing more for now */
	QUOTA_LAST, /* one line, and then nothing more for now */
	QUOTA_MORE,
};

struct quota;

struct quota *quota_new(const void *ctx);

/* Takes a line of WHO's, the name of a port or the number of a user (NULL: of nobody known), at
 * NOW_MS of a clock that goes on. */
enum quota_answer quota_take(struct quota *quota, const char *who, int64_t now_ms);

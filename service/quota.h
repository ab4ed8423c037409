/* SPDX-License-Identifier: ISC */
#pragma once

/* How much is told of what happens at each port of the bridge: so many lines at once, then one
 * every now and then, so that a guest that lies all the time does not fill the journal. */

#include <stdint.h>

enum { QUOTA_LINES = 20, QUOTA_PAUSE_MS = 3000 };

enum quota_answer {
	QUOTA_NONE, /* nothing more for now */
	QUOTA_LAST, /* one line, and then nothing more for now */
	QUOTA_MORE,
};

struct quota;

struct quota *quota_new(const void *ctx);

/* Takes a line of PORT's (NULL: of what is at none) at NOW_MS of a clock that goes on. */
enum quota_answer quota_take(struct quota *quota, const char *port, int64_t now_ms);

/* SPDX-License-Identifier: ISC */
#pragma once

/* What both ends of the feed know. */

#define FEED_SOCKET "events"
#define FEED_ERROR  "error" /* key of the last line: why there will be no more */
#define FEED_LOCK   "lock"  /* fcntl(2)'s: held by the service */

/* No line is longer: a longer one is told to nobody. */
enum { FEED_LINE_MAX = 16 << 10 };

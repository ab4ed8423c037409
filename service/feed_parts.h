/* SPDX-License-Identifier: ISC */
#pragma once

/* What both ends of the feed know. */

#include <sys/un.h>

#define FEED_DIRECTORY "/run/hubshare"
#define FEED_SOCKET    "events"
#define FEED_FRESH     "events.new" /* until it may be connected to */
#define FEED_ERROR     "error"	    /* key of the last line: why there will be no more */
#define FEED_LOCK      "lock"	    /* fcntl(2)'s: held by the service */

/* No line is longer: a longer one is told to nobody. */
enum { FEED_LINE_MAX = 16 << 10 };

/* NAME in the open directory DIR, however long its path is: unix(7) has room for 107 bytes. */
struct sockaddr_un feed_address(int dir, const char *name);

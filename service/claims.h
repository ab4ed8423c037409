/* SPDX-License-Identifier: ISC */
#pragma once

/* What is claimed on the bridge now, kept up to date from the scanner's lines. */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "scanner/neighbour.h"

/* Of more than these only the older ones are kept: no NIC needs as many. */
enum { CLAIMS_MAX = 4096 };

struct lost_port {
	char name[IFNAMSIZ];
};

/* A talloc object. */
struct claims {
	struct neighbour *list; /* one for each address, MAC and port */
	bool *old;		/* of each: it was told by a watch that has ended */
	size_t count;
	struct lost_port *lost; /* that went with their claims */
	size_t lost_count;
};

/* A new watch begins to tell: who is there it tells again. */
void claims_begin(struct claims *claims);
/* Forgets what the new one has not told.  Returns whether that changed them. */
bool claims_settle(struct claims *claims);

/* Brings CLAIMS up to date with a line of a watch.  Returns whether that changed them. */
bool claims_take(struct claims *claims, const struct neighbour *line);

/* Forgets what came from a port that HAS says is not there any more. */
bool claims_keep(struct claims *claims, bool (*has)(const void *arg, const char *port),
		 const void *arg);

/* Is such a port there again?  A watch, which knows its claims, does not tell them twice: it
 * takes a new one. */
bool claims_missed(struct claims *claims, bool (*has)(const void *arg, const char *port),
		   const void *arg);

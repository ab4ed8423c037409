/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The round that a watch makes: each claim that it keeps is asked for again five to ten
 * seconds after it was last heard, by unicast, and is lost when it stays silent through a
 * number of questions, whose deadlines double from 250 ms.  Whoever seems to have left is
 * asked as often, but 150 ms apart.  Times in microseconds.
 */

#include "common/address.h"

#define PATROL_NEVER INT64_MAX

enum patrol_turn {
	PATROL_ASK,
	PATROL_LOST,
	PATROL_WAIT,
};

struct patrol_next {
	uint32_t claim;
	struct in_addr ip;
	struct mac mac;
	int64_t until_us; /* PATROL_NEVER: until there is a claim */
};

struct patrol;

/* A claim is lost after TRIES silent questions. */
struct patrol *patrol_new(const void *ctx, int tries);

/* CLAIM, a number of the caller's, is kept from now on; what had that number is not. */
void patrol_keep(struct patrol *patrol, int64_t now_us, uint32_t claim, struct in_addr ip,
		 struct mac mac);
/* CLAIM was heard.  One that is not kept is ignored. */
void patrol_confirm(struct patrol *patrol, int64_t now_us, uint32_t claim);
/* CLAIM, which was heard just now, is to be asked for again in two seconds. */
void patrol_soon(struct patrol *patrol, int64_t now_us, uint32_t claim);
/* CLAIM is to be asked for at once, unless it is being asked for already. */
void patrol_doubt(struct patrol *patrol, int64_t now_us, uint32_t claim);
/* CLAIM seems to be over: it is to be asked for at once, and in haste; if that was so within
 * the last second, when it is over. */
void patrol_suspect(struct patrol *patrol, int64_t now_us, uint32_t claim);
/* CLAIM is not kept any longer. */
void patrol_drop(struct patrol *patrol, uint32_t claim);

/* What to do now.  What is to be asked counts as asked, what is lost is forgotten. */
enum patrol_turn patrol_next(struct patrol *patrol, int64_t now_us,
			     struct patrol_next *ret);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Who is on the bridge, as far as it was heard: which MACs, at which port of it, claim which
 * address.  A claim goes in, what is new about it comes out.  The roster is bounded by its ranges and not by
 * what comes in: each address has room for a few claimants of its own, so nobody who lies
 * about other addresses can take anybody's place.
 *
 * A port is a name of the bridge's, "" where it is not known: what comes from the bridge
 * itself.  The same MAC at two ports makes two claims, of which at most one is right.
 */

#include "scanner/neighbour.h"
#include "scanner/range.h"

/* As many are kept for one address; that there are more changes nothing for anybody. */
#define ROSTER_CLAIMANTS 4
/* As many claims of other addresses are in doubt when their MAC is heard at a new one. */
#define ROSTER_ELSEWHERE 4

/* The host itself: its claims are none, and who claims its address contests it. */
struct self {
	struct mac mac;
	const struct in_addr *ip;
	size_t count;
};

struct roster_plan {
	const struct ranges *ranges;
	struct self self;
	/* MACs that always find room at their address (in any order). */
	const struct mac *expected;
	size_t expected_count;
	/* Something that outsiders cannot guess. */
	uint64_t seed;
};

/* A claim has a number as long as it is kept; numbers are used again. */
typedef uint32_t roster_id;
#define ROSTER_NONE UINT32_MAX

/* Older claims of the address itself, and of the MAC for other addresses at the same port, as
 * far as both are known; its latest ones. */
struct roster_doubts {
	roster_id rival[ROSTER_CLAIMANTS], elsewhere[ROSTER_ELSEWHERE];
	size_t rivals, elsewheres;
};

struct roster_news {
	/* What is to be told, in order. */
	struct neighbour line[ROSTER_CLAIMANTS + 1];
	size_t count;
	/* The claim itself; ROSTER_NONE if it was not kept.  FRESH: it was not known. */
	roster_id claim;
	bool fresh;
	/* Older claims that the new one puts in doubt: they should be asked for at once. */
	struct roster_doubts doubts;
};

struct roster;

struct roster *roster_new(const void *ctx, const struct roster_plan *plan);

/* The host has another MAC now. */
void roster_self(struct roster *roster, struct mac mac);

/*
 * MAC was heard to use IP at PORT.  A claim that is known makes no news, but one whose port
 * becomes known is told again, with it.  One of an address outside the ranges, or of the
 * host's own MAC at no port, is not kept.  A second claimant makes its address contested, at
 * once for both: whether the first is still there is for a question to show.
 *
 * Without a port it is the claim of that MAC, wherever that was heard; where it was heard at
 * several ports it says nothing of any of them, and *RET has no claim.
 *
 * Where an address has no room, a stranger gives way to one who is expected, and of a port
 * that has several claimants there one gives way to another port's first.
 */
void roster_claim(struct roster *roster, struct in_addr ip, struct mac mac,
		  const char *port, int64_t time_ms, struct roster_news *ret);

/* Is MAC known to use IP at PORT, or is that none of the roster's business? */
bool roster_knows(const struct roster *roster, struct in_addr ip, struct mac mac,
		  const char *port);

/*
 * Claim ID, which was known, was heard without having been asked for.  If its MAC was heard so
 * with another address since, it is back, and *RET is what that puts in doubt.
 */
void roster_return(struct roster *roster, roster_id id, struct roster_doubts *ret);

/* What a claim of MAC for IP at PORT would put in doubt, at any port: nothing if it is known. */
void roster_doubts(const struct roster *roster, struct in_addr ip, struct mac mac,
		   const char *port, struct roster_doubts *ret);

/*
 * A claim was silent through all questions: it is gone, and forgotten.  A MAC that has
 * another address by now has moved there; an address that only one MAC claims by now is no
 * longer contested, and that MAC is told as new.
 */
void roster_gone(struct roster *roster, roster_id id, int64_t time_ms,
		 struct roster_news *ret);

/* Does anybody else claim the address of claim ID? */
bool roster_is_contested(const struct roster *roster, roster_id id);

/* The port of claim ID. */
const char *roster_port(const struct roster *roster, roster_id id);

/*
 * A frame of MAC was seen that says nothing of an address.  True if that is news: MAC
 * claims none and was not told before.  At most 64 a second are, and of more than 4096
 * MACs some are told again.
 */
bool roster_link(struct roster *roster, struct mac mac, int64_t time_ms);

/* How many claims were not kept, since their address had no room for more. */
uint64_t roster_turned_away(const struct roster *roster);

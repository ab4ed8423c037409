/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * When to ask whom.  A clock and what was heard go in; the next question, or the time until
 * which there is none, comes out.  All times are microseconds of one clock that only goes
 * forward, of the caller's choosing.
 *
 * A sweep asks in rounds.  The first goes to everybody: by unicast where a MAC is known
 * for the address, which a bridge need not flood to all its ports, then by broadcast to the
 * rest in one burst.  Each further round goes to those only that are silent.  A round
 * waits for its answers at least 25 ms (a guest that is idle needs 1 ms, one that boots 9,
 * one under load 50), twice that in the second and so on, or longer where the answers that
 * came took longer (RFC 6298, with Karn's rule: only what was asked once is measured).
 * Who has a list of the MACs that must be there is done as soon as the first round is out
 * and all of them have answered, and is patient only for those that have not.
 *
 * A watch begins like a sweep and goes on: each claim is asked again from time to time, by
 * unicast, and lost when it stays silent through several questions; then, and when somebody
 * new shows up without an address, the silent addresses are asked again.
 */

#include "scanner/range.h"

struct known {
	struct in_addr ip;
	struct mac mac;
};

struct schedule_plan {
	const struct ranges *ranges;
	/* Addresses not to be asked: the host's own. */
	const struct in_addr *own;
	size_t own_count;
	/* Where to ask first. */
	const struct known *known;
	size_t known_count;
	/* Who must be there; no list at all if the count is 0. */
	const struct mac *expected;
	size_t expected_count;
	int tries;	/* rounds, or questions to a silent claim; 0: what is best */
	int timeout_ms; /* of the first round; 0: 25 */
	int rate;	/* frames a second at most; 0: as fast as they go */
	bool all_claims; /* ask the known ones by broadcast too, and the host's own address */
	bool watch;
};

enum schedule_turn {
	SCHEDULE_ASK,  /* ask for IP at MAC (which may be the broadcast address) */
	SCHEDULE_LOST, /* CLAIM was silent through all its questions and is forgotten */
	SCHEDULE_WAIT, /* there is nothing to do before UNTIL_US but to listen */
	SCHEDULE_DONE,
};

struct schedule_next {
	struct in_addr ip;
	struct mac mac;
	uint32_t claim;
	int64_t until_us;
};

struct schedule;

struct schedule *schedule_new(const void *ctx, const struct schedule_plan *plan,
			      int64_t now_us);

/* What to do now.  What is to be asked counts as asked. */
enum schedule_turn schedule_next(struct schedule *schedule, int64_t now_us,
				 struct schedule_next *ret);

/* MAC was heard to use IP; ANSWER: in a reply to us. */
void schedule_heard(struct schedule *schedule, int64_t now_us, struct in_addr ip,
		    struct mac mac, bool answer);

/*
 * A watch keeps asking for a claim, under a number that the caller gives it; again under
 * the same number is a new claim.
 */
void schedule_keep(struct schedule *schedule, int64_t now_us, uint32_t claim,
		   struct in_addr ip, struct mac mac);
/* The claim was heard again. */
void schedule_confirm(struct schedule *schedule, int64_t now_us, uint32_t claim);
/* It is contested, so that it should be seen soon when it is over. */
void schedule_soon(struct schedule *schedule, int64_t now_us, uint32_t claim);
/* It is in doubt: ask at once. */
void schedule_doubt(struct schedule *schedule, int64_t now_us, uint32_t claim);
/* It seems to be over, since its MAC has another address: ask at once, and in haste. */
void schedule_suspect(struct schedule *schedule, int64_t now_us, uint32_t claim);
/* It is over, and IP is one of the silent again. */
void schedule_drop(struct schedule *schedule, uint32_t claim, struct in_addr ip);

/*
 * Somebody whose address is not known is there, or may have been missed: asks the silent
 * addresses again, now and, less and less often, for eight seconds.
 */
void schedule_seek(struct schedule *schedule, int64_t now_us);

/* The share of the round that has been asked, and its number: for a progress line. */
int schedule_round(const struct schedule *schedule, int *ret_percent);

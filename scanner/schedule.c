/* SPDX-License-Identifier: ISC */
#include "scanner/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "scanner/arp.h"
#include "scanner/pace.h"
#include "scanner/patrol.h"

enum {
	SWEEP_ROUNDS = 4,
	PATROL_QUESTIONS = 4,
	ROUND_WAIT_MS = 25,
	PATIENCE_US = 2000000,
	/* Strangers get this long after the last question, though all expected answered. */
	SETTLE_MIN_US = 3000,
	SETTLE_MAX_US = 25000,
	/* Whoever links up is sought at these intervals, doubled each time. */
	SEEK_GAP_US = 250000,
	SEEK_STEPS = 6,
	/* What a watch sends at most once its first rounds are over. */
	WATCH_RATE = 20000,
	WATCH_BURST = 256,
};

struct target {
	int64_t asked_us;
	uint8_t asks;
	bool heard;
	bool own;
	bool known;
};

struct wanted {
	struct mac mac;
	bool heard;
	bool known; /* there is an address to ask it at */
};

enum phase {
	KNOWN,	/* asking the known ones by unicast */
	REST,	/* asking the rest by broadcast */
	LISTEN, /* the round is out */
	OVER,	/* no round is under way */
};

struct schedule {
	struct schedule_plan plan;
	struct target *target;
	uint32_t silent;       /* targets that may be asked and were not heard */
	struct wanted *wanted; /* sorted by MAC */
	size_t missing;

	enum phase phase;
	int round;
	uint32_t cursor;	      /* in the known ones, or in the targets */
	int64_t out_us, first_out_us; /* when the last question of a round went */
	struct pace pace;

	bool measured;
	int64_t srtt_us, rttvar_us;

	bool resident; /* a watch whose first rounds are over */
	struct patrol *patrol;
	int seek_step; /* 0: nobody is sought */
	int64_t seek_us;
};

static int compare_wanted(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return memcmp(&x->mac, &y->mac, sizeof(x->mac));
}

static struct wanted *find_wanted(struct schedule *schedule, struct mac mac)
{
	struct wanted key = { .mac = mac };

	return bsearch(&key, schedule->wanted, schedule->plan.expected_count, sizeof(key),
		       compare_wanted);
}

/* Sorts the list and leaves out what it says twice. */
static void set_wanted(struct schedule *schedule)
{
	size_t count = schedule->plan.expected_count, kept = 0;
	struct wanted *wanted = mem_array(schedule, struct wanted, count + 1);

	for (size_t i = 0; i < count; i++)
		wanted[i].mac = schedule->plan.expected[i];
	qsort(wanted, count, sizeof(*wanted), compare_wanted);
	for (size_t i = 0; i < count; i++) {
		if (!kept || !mac_equal(wanted[kept - 1].mac, wanted[i].mac))
			wanted[kept++] = wanted[i];
	}
	schedule->wanted = wanted;
	schedule->missing = schedule->plan.expected_count = kept;
}

static struct target *find_target(struct schedule *schedule, struct in_addr ip)
{
	uint32_t number;

	return ranges_find(schedule->plan.ranges, ip, &number) ?
		       &schedule->target[number] :
		       NULL;
}

static void set_targets(struct schedule *schedule)
{
	const struct schedule_plan *plan = &schedule->plan;

	schedule->target = mem_array(schedule, struct target, plan->ranges->size + 1);
	schedule->silent = plan->ranges->size;
	for (size_t i = 0; i < plan->own_count; i++) {
		struct target *target = find_target(schedule, plan->own[i]);

		if (target && !target->own) {
			target->own = true;
			schedule->silent--;
		}
	}
	for (size_t i = 0; i < plan->known_count; i++) {
		struct target *target = find_target(schedule, plan->known[i].ip);
		struct wanted *wanted = find_wanted(schedule, plan->known[i].mac);

		if (target && wanted)
			wanted->known = true;
		if (target)
			target->known = true;
	}
}

struct schedule *schedule_new(const void *ctx, const struct schedule_plan *plan,
			      int64_t now_us)
{
	struct schedule *schedule = mem_new(ctx, struct schedule);

	schedule->plan = *plan;
	if (!plan->timeout_ms)
		schedule->plan.timeout_ms = ROUND_WAIT_MS;
	set_wanted(schedule);
	set_targets(schedule);
	schedule->patrol =
		patrol_new(schedule, plan->tries ? plan->tries : PATROL_QUESTIONS);
	schedule->pace = pace_of(plan->rate, 1 + plan->rate / 1000);
	schedule->pace.next_us = schedule->out_us = now_us;
	return schedule;
}

/* RFC 6298, 2.2 and 2.3. */
static void measure(struct schedule *schedule, int64_t rtt_us)
{
	int64_t off = rtt_us - schedule->srtt_us;

	if (!schedule->measured) {
		schedule->srtt_us = rtt_us;
		schedule->rttvar_us = rtt_us / 2;
		schedule->measured = true;
		return;
	}
	schedule->rttvar_us += ((off < 0 ? -off : off) - schedule->rttvar_us) / 4;
	schedule->srtt_us += off / 8;
}

static int64_t timeout(const struct schedule *schedule)
{
	return schedule->srtt_us + 4 * schedule->rttvar_us;
}

void schedule_heard(struct schedule *schedule, int64_t now_us, struct in_addr ip,
		    struct mac mac, bool answer)
{
	struct target *target = find_target(schedule, ip);
	struct wanted *wanted = target ? find_wanted(schedule, mac) : NULL;

	if (!target || target->own)
		return;
	if (!target->heard) {
		target->heard = true;
		schedule->silent--;
		if (answer && target->asks == 1)
			measure(schedule, now_us - target->asked_us);
	}
	if (wanted && !wanted->heard) {
		wanted->heard = true;
		schedule->missing--;
	}
}

/* Is there a place to look for each expected MAC that is missing? */
static bool all_missing_known(const struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->plan.expected_count; i++) {
		if (!schedule->wanted[i].heard && !schedule->wanted[i].known)
			return false;
	}
	return schedule->missing > 0;
}

static void begin_round(struct schedule *schedule, int round)
{
	schedule->round = round;
	schedule->cursor = 0;
	schedule->phase = round < 2 ? KNOWN : REST;
}

/* Is the known pair to be asked by unicast in this round? */
static bool asks_known(struct schedule *schedule, const struct known *known)
{
	struct wanted *wanted;

	if (schedule->round == 0)
		return true;
	wanted = find_wanted(schedule, known->mac);
	return wanted && !wanted->heard;
}

static bool asks_target(const struct schedule *schedule, const struct target *target)
{
	if (schedule->round > 0)
		return !target->own && !target->heard;
	if (schedule->plan.all_claims)
		return true;
	return !target->own && !target->known && !target->heard;
}

static void mark_asked(struct target *target, int64_t now_us)
{
	target->asked_us = now_us;
	if (target->asks < UINT8_MAX)
		target->asks++;
}

/* The next known pair of the round; false if there is none left. */
static bool next_known(struct schedule *schedule, int64_t now_us,
		       struct schedule_next *ret)
{
	while (schedule->cursor < schedule->plan.known_count) {
		const struct known *known = &schedule->plan.known[schedule->cursor++];
		struct target *target = find_target(schedule, known->ip);

		if (target && !target->own && asks_known(schedule, known)) {
			mark_asked(target, now_us);
			ret->ip = known->ip;
			ret->mac = known->mac;
			return true;
		}
	}
	return false;
}

static bool next_target(struct schedule *schedule, int64_t now_us,
			struct schedule_next *ret)
{
	while (schedule->cursor < schedule->plan.ranges->size) {
		uint32_t number = schedule->cursor++;
		struct target *target = &schedule->target[number];

		if (asks_target(schedule, target)) {
			mark_asked(target, now_us);
			ret->ip = ranges_at(schedule->plan.ranges, number);
			ret->mac = mac_broadcast;
			return true;
		}
	}
	return false;
}

static void end_round(struct schedule *schedule, int64_t now_us)
{
	schedule->phase = LISTEN;
	schedule->out_us = now_us;
	if (schedule->round == 0)
		schedule->first_out_us = now_us;
}

/* The next question of the round; false once the round is out. */
static bool ask(struct schedule *schedule, int64_t now_us, struct schedule_next *ret)
{
	if (schedule->phase == KNOWN) {
		if (next_known(schedule, now_us, ret))
			return true;
		schedule->phase = REST;
		schedule->cursor = 0;
		/* In round 1 the known places of those that are missing are enough. */
		if (schedule->round == 1 && all_missing_known(schedule))
			schedule->cursor = schedule->plan.ranges->size;
	}
	if (next_target(schedule, now_us, ret))
		return true;
	end_round(schedule, now_us);
	return false;
}

static int64_t at_least(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t at_most(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Until when the answers of the round that is out are waited for. */
static int64_t deadline(const struct schedule *schedule)
{
	int64_t least = schedule->plan.timeout_ms * (int64_t)1000;
	int64_t wait = at_least(least << at_most(schedule->round, 6), timeout(schedule));

	/* One that is slow must not keep a sweep that expects nobody. */
	if (!schedule->plan.expected_count)
		wait = at_most(wait, least << (SWEEP_ROUNDS - 1));
	else
		wait = at_most(wait,
			       at_least(least, schedule->first_out_us + PATIENCE_US -
						       schedule->out_us));
	return schedule->out_us + wait;
}

/* Everybody who can be missed has answered. */
static bool is_complete(const struct schedule *schedule)
{
	return !schedule->silent || (schedule->plan.expected_count && !schedule->missing);
}

static bool is_last_round(const struct schedule *schedule, int64_t now_us)
{
	int tries = schedule->plan.tries;

	if (tries)
		return schedule->round + 1 >= tries;
	if (schedule->plan.expected_count)
		return now_us >= schedule->first_out_us + PATIENCE_US;
	return schedule->round + 1 >= SWEEP_ROUNDS;
}

/* Waits while the round may bring more; then the next one, or none.  *RET is until when. */
static void await_answers(struct schedule *schedule, int64_t now_us, int64_t *ret)
{
	bool complete = is_complete(schedule);
	int64_t settle =
		at_most(at_least(timeout(schedule), SETTLE_MIN_US), SETTLE_MAX_US);
	int64_t until = complete ? schedule->first_out_us + settle : deadline(schedule);

	*ret = until;
	if (now_us < until)
		return;
	if (complete || is_last_round(schedule, now_us))
		schedule->phase = OVER;
	else
		begin_round(schedule, schedule->round + 1);
}

/* The rounds of a sweep. */
static enum schedule_turn sweep(struct schedule *schedule, int64_t now_us,
				struct schedule_next *ret)
{
	while (schedule->phase != OVER) {
		if (schedule->phase == LISTEN) {
			await_answers(schedule, now_us, &ret->until_us);
			if (schedule->phase == LISTEN)
				return SCHEDULE_WAIT;
		} else if (pace_due(&schedule->pace) > now_us) {
			ret->until_us = pace_due(&schedule->pace);
			return SCHEDULE_WAIT;
		} else if (ask(schedule, now_us, ret)) {
			pace_spend(&schedule->pace, now_us);
			return SCHEDULE_ASK;
		}
	}
	return SCHEDULE_DONE;
}

void schedule_seek(struct schedule *schedule, int64_t now_us)
{
	if (schedule->seek_step) {
		/* A round a second is enough for any number of them. */
		schedule->seek_step = (int)at_most(schedule->seek_step, 3);
		return;
	}
	schedule->seek_step = 1;
	schedule->seek_us = now_us;
}

/* Begins the next round for those who are sought, if it is time; *RET: when it will be. */
static bool seek(struct schedule *schedule, int64_t now_us, int64_t *ret)
{
	*ret = PATROL_NEVER;
	if (!schedule->seek_step)
		return false;
	*ret = schedule->seek_us;
	if (schedule->seek_us > now_us)
		return false;
	schedule->seek_us = now_us + ((int64_t)SEEK_GAP_US << (schedule->seek_step - 1));
	schedule->seek_step = (schedule->seek_step + 1) % (SEEK_STEPS + 1);
	begin_round(schedule, 2);
	return true;
}

/* The address is one of the silent again. */
static void forget(struct schedule *schedule, struct in_addr ip)
{
	struct target *target = find_target(schedule, ip);

	if (target && target->heard) {
		target->heard = false;
		schedule->silent++;
	}
}

/* Asks for one of the claims that are kept, no faster than all else. */
static enum schedule_turn patrol(struct schedule *schedule, int64_t now_us,
				 struct schedule_next *ret)
{
	struct patrol_next next;
	enum patrol_turn turn;

	if (pace_due(&schedule->pace) > now_us) {
		ret->until_us = pace_due(&schedule->pace);
		return SCHEDULE_WAIT;
	}
	turn = patrol_next(schedule->patrol, now_us, &next);

	ret->claim = next.claim;
	ret->until_us = next.until_us;
	if (turn == PATROL_WAIT)
		return SCHEDULE_WAIT;
	ret->ip = next.ip;
	ret->mac = next.mac;
	if (turn == PATROL_LOST) {
		forget(schedule, next.ip);
		schedule_seek(schedule,
			      now_us); /* somebody else may have the address now */
		return SCHEDULE_LOST;
	}
	pace_spend(&schedule->pace, now_us);
	return SCHEDULE_ASK;
}

/* The silent addresses again, after a round of a sweep without waiting for its answers. */
static bool seek_round(struct schedule *schedule, int64_t now_us,
		       struct schedule_next *ret)
{
	if (schedule->phase == OVER || !ask(schedule, now_us, ret)) {
		schedule->phase = OVER;
		return false;
	}
	pace_spend(&schedule->pace, now_us);
	return true;
}

/* What a watch does when its first rounds are over. */
static enum schedule_turn seek_silent(struct schedule *schedule, int64_t now_us,
				      struct schedule_next *ret)
{
	if (pace_due(&schedule->pace) > now_us) {
		ret->until_us = pace_due(&schedule->pace);
		return SCHEDULE_WAIT;
	}
	do {
		if (seek_round(schedule, now_us, ret))
			return SCHEDULE_ASK;
	} while (seek(schedule, now_us, &ret->until_us));
	return SCHEDULE_WAIT;
}

/* The first rounds of a watch, and what comes after them. */
static enum schedule_turn sweep_or_seek(struct schedule *schedule, int64_t now_us,
					struct schedule_next *ret)
{
	enum schedule_turn turn;

	if (!schedule->resident) {
		turn = sweep(schedule, now_us, ret);
		if (turn != SCHEDULE_DONE)
			return turn;
		schedule->resident = true;
		if (!schedule->plan.rate)
			schedule->pace = pace_of(WATCH_RATE, WATCH_BURST);
	}
	return seek_silent(schedule, now_us, ret);
}

enum schedule_turn schedule_next(struct schedule *schedule, int64_t now_us,
				 struct schedule_next *ret)
{
	enum schedule_turn turn;
	int64_t patrol_us;

	if (!schedule->plan.watch)
		return sweep(schedule, now_us, ret);
	turn = patrol(schedule, now_us, ret);
	if (turn != SCHEDULE_WAIT)
		return turn;
	patrol_us = ret->until_us;
	turn = sweep_or_seek(schedule, now_us, ret);
	if (turn == SCHEDULE_WAIT)
		ret->until_us = at_most(ret->until_us, patrol_us);
	return turn;
}

void schedule_keep(struct schedule *schedule, int64_t now_us, uint32_t claim,
		   struct in_addr ip, struct mac mac)
{
	patrol_keep(schedule->patrol, now_us, claim, ip, mac);
}

void schedule_confirm(struct schedule *schedule, int64_t now_us, uint32_t claim)
{
	patrol_confirm(schedule->patrol, now_us, claim);
}

void schedule_soon(struct schedule *schedule, int64_t now_us, uint32_t claim)
{
	patrol_soon(schedule->patrol, now_us, claim);
}

void schedule_doubt(struct schedule *schedule, int64_t now_us, uint32_t claim)
{
	patrol_doubt(schedule->patrol, now_us, claim);
}

void schedule_suspect(struct schedule *schedule, int64_t now_us, uint32_t claim)
{
	patrol_suspect(schedule->patrol, now_us, claim);
}

void schedule_drop(struct schedule *schedule, uint32_t claim, struct in_addr ip)
{
	patrol_drop(schedule->patrol, claim);
	forget(schedule, ip);
}

int schedule_round(const struct schedule *schedule, int *ret_percent)
{
	uint32_t size = schedule->plan.ranges->size;

	*ret_percent = schedule->phase == REST && size ?
			       (int)((uint64_t)schedule->cursor * 100 / size) :
		       schedule->phase == KNOWN ? 0 :
						  100;
	return schedule->round + 1;
}

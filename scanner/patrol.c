/* SPDX-License-Identifier: ISC */
#include "scanner/patrol.h"

#include "common/memory.h"

enum {
	PERIOD_US = 10000000,
	FIRST_WAIT_US = 250000,
	HASTY_WAIT_US = 150000,
	SOON_US = 2000000,
	CALM_US = 1000000,
};

#define NOWHERE SIZE_MAX

struct kept {
	int64_t due_us;
	size_t place; /* in the queue; NOWHERE if it is not live */
	struct in_addr ip;
	struct mac mac;
	uint8_t asked; /* questions since it was last heard */
	bool hasty;
	int64_t calm_us; /* until when haste waits */
};

struct patrol {
	int tries;
	struct kept *kept;
	size_t room;
	/* The claims that are kept as a binary heap: whoever is due first stands first. */
	uint32_t *queue;
	size_t length, queue_room;
};

struct patrol *patrol_new(const void *ctx, int tries)
{
	struct patrol *patrol = mem_new(ctx, struct patrol);

	patrol->tries = tries;
	return patrol;
}

static int64_t due(const struct patrol *patrol, size_t place)
{
	return patrol->kept[patrol->queue[place]].due_us;
}

static void put(struct patrol *patrol, size_t place, uint32_t claim)
{
	patrol->queue[place] = claim;
	patrol->kept[claim].place = place;
}

/* Moves CLAIM from PLACE, where it may be out of order, to where it belongs. */
static void settle(struct patrol *patrol, size_t place, uint32_t claim)
{
	int64_t due_us = patrol->kept[claim].due_us;
	size_t child;

	for (; place && due(patrol, (place - 1) / 2) > due_us; place = (place - 1) / 2)
		put(patrol, place, patrol->queue[(place - 1) / 2]);
	for (; (child = 2 * place + 1) < patrol->length; place = child) {
		if (child + 1 < patrol->length &&
		    due(patrol, child + 1) < due(patrol, child))
			child++;
		if (due(patrol, child) >= due_us)
			break;
		put(patrol, place, patrol->queue[child]);
	}
	put(patrol, place, claim);
}

static void enter(struct patrol *patrol, uint32_t claim)
{
	if (patrol->length == patrol->queue_room) {
		patrol->queue_room = patrol->length ? 2 * patrol->length : 64;
		patrol->queue = mem_check(talloc_realloc(patrol, patrol->queue, uint32_t,
							 patrol->queue_room));
	}
	settle(patrol, patrol->length++, claim);
}

static void leave(struct patrol *patrol, uint32_t claim)
{
	size_t place = patrol->kept[claim].place;
	uint32_t last = patrol->queue[--patrol->length];

	patrol->kept[claim].place = NOWHERE;
	if (last != claim)
		settle(patrol, place, last);
}

static void make_room(struct patrol *patrol, uint32_t claim)
{
	size_t room = patrol->room ? patrol->room : 64;

	if (claim < patrol->room)
		return;
	while (room <= claim)
		room *= 2;
	patrol->kept = mem_check(talloc_realloc(patrol, patrol->kept, struct kept, room));
	for (size_t i = patrol->room; i < room; i++)
		patrol->kept[i] = (struct kept){ .place = NOWHERE };
	patrol->room = room;
}

static struct kept *find(struct patrol *patrol, uint32_t claim)
{
	return claim < patrol->room && patrol->kept[claim].place != NOWHERE ?
		       &patrol->kept[claim] :
		       NULL;
}

static void set_due(struct patrol *patrol, uint32_t claim, int64_t due_us)
{
	patrol->kept[claim].due_us = due_us;
	settle(patrol, patrol->kept[claim].place, claim);
}

/* Claims that were heard together are not asked for together for ever. */
static int64_t period(uint32_t claim)
{
	return PERIOD_US - claim % 64 * (PERIOD_US / 128);
}

void patrol_keep(struct patrol *patrol, int64_t now_us, uint32_t claim, struct in_addr ip,
		 struct mac mac)
{
	make_room(patrol, claim);
	if (find(patrol, claim))
		leave(patrol, claim);
	patrol->kept[claim] = (struct kept){
		.due_us = now_us + period(claim),
		.ip = ip,
		.mac = mac,
	};
	enter(patrol, claim);
}

void patrol_confirm(struct patrol *patrol, int64_t now_us, uint32_t claim)
{
	struct kept *kept = find(patrol, claim);

	if (!kept)
		return;
	kept->asked = 0;
	kept->hasty = false;
	set_due(patrol, claim, now_us + period(claim));
}

void patrol_soon(struct patrol *patrol, int64_t now_us, uint32_t claim)
{
	struct kept *kept = find(patrol, claim);

	if (kept && kept->due_us > now_us + SOON_US)
		set_due(patrol, claim, now_us + SOON_US);
}

void patrol_doubt(struct patrol *patrol, int64_t now_us, uint32_t claim)
{
	struct kept *kept = find(patrol, claim);

	if (kept && !kept->asked && kept->due_us > now_us)
		set_due(patrol, claim, now_us);
}

void patrol_suspect(struct patrol *patrol, int64_t now_us, uint32_t claim)
{
	struct kept *kept = find(patrol, claim);

	if (!kept || kept->hasty)
		return;
	kept->hasty = true;
	kept->asked = 0;
	if (kept->calm_us < now_us)
		kept->calm_us = now_us;
	if (kept->due_us > kept->calm_us)
		set_due(patrol, claim, kept->calm_us);
	kept->calm_us += CALM_US;
}

void patrol_drop(struct patrol *patrol, uint32_t claim)
{
	if (find(patrol, claim))
		leave(patrol, claim);
}

enum patrol_turn patrol_next(struct patrol *patrol, int64_t now_us,
			     struct patrol_next *ret)
{
	struct kept *kept;

	ret->until_us = patrol->length ? due(patrol, 0) : PATROL_NEVER;
	if (ret->until_us > now_us)
		return PATROL_WAIT;
	kept = &patrol->kept[ret->claim = patrol->queue[0]];
	ret->ip = kept->ip;
	ret->mac = kept->mac;
	if (kept->asked >= patrol->tries) {
		leave(patrol, ret->claim);
		return PATROL_LOST;
	}
	set_due(patrol, ret->claim,
		now_us + (kept->hasty ? HASTY_WAIT_US :
					(int64_t)FIRST_WAIT_US << kept->asked));
	kept->asked++;
	return PATROL_ASK;
}

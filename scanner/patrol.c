/* SPDX-License-Identifier: ISC */
#include "scanner/patrol.h"

#include "common/memory.h"

enum {
	PERIOD_US = 10000000,
	FIRST_WAIT_US = 250000,
};

struct kept {
	int64_t due_us;
	int64_t look_us; /* when it is looked at: not after it is due; 0: never */
	struct in_addr ip;
	struct mac mac;
	uint8_t asked; /* questions since it was last heard */
	bool live;
};

/* A promise to look at a claim; void if the claim has another time by then. */
struct look {
	int64_t at_us;
	uint32_t claim;
};

struct patrol {
	int tries;
	struct kept *kept;
	size_t room;
	/* A binary heap, the earliest look first. */
	struct look *look;
	size_t looks, look_room;
};

struct patrol *patrol_new(const void *ctx, int tries)
{
	struct patrol *patrol = mem_new(ctx, struct patrol);

	patrol->tries = tries;
	return patrol;
}

static void push(struct patrol *patrol, struct look look)
{
	size_t at = patrol->looks++;

	if (at == patrol->look_room) {
		patrol->look_room = at ? 2 * at : 64;
		patrol->look = mem_check(talloc_realloc(patrol, patrol->look, struct look,
							patrol->look_room));
	}
	for (; at && patrol->look[(at - 1) / 2].at_us > look.at_us; at = (at - 1) / 2)
		patrol->look[at] = patrol->look[(at - 1) / 2];
	patrol->look[at] = look;
}

static struct look pop(struct patrol *patrol)
{
	struct look top = patrol->look[0], last = patrol->look[--patrol->looks];
	size_t at = 0, child;

	for (; (child = 2 * at + 1) < patrol->looks; at = child) {
		if (child + 1 < patrol->looks &&
		    patrol->look[child + 1].at_us < patrol->look[child].at_us)
			child++;
		if (patrol->look[child].at_us >= last.at_us)
			break;
		patrol->look[at] = patrol->look[child];
	}
	patrol->look[at] = last;
	return top;
}

/* Sees to it that CLAIM is looked at no later than when it is due. */
static void queue(struct patrol *patrol, uint32_t claim)
{
	struct kept *kept = &patrol->kept[claim];

	if (kept->look_us && kept->look_us <= kept->due_us)
		return;
	kept->look_us = kept->due_us;
	push(patrol, (struct look){ kept->due_us, claim });
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
		patrol->kept[i] = (struct kept){ 0 };
	patrol->room = room;
}

static struct kept *find(struct patrol *patrol, uint32_t claim)
{
	return claim < patrol->room && patrol->kept[claim].live ? &patrol->kept[claim] : NULL;
}

/* Claims that were heard together are not asked for together for ever. */
static int64_t period(uint32_t claim)
{
	return PERIOD_US - claim % 64 * (PERIOD_US / 128);
}

void patrol_keep(struct patrol *patrol, int64_t now_us, uint32_t claim, struct in_addr ip,
		 struct mac mac)
{
	int64_t look_us;

	make_room(patrol, claim);
	look_us = patrol->kept[claim].look_us;
	patrol->kept[claim] = (struct kept){
		.due_us = now_us + period(claim),
		.ip = ip,
		.mac = mac,
		.live = true,
		.look_us = look_us,
	};
	queue(patrol, claim);
}

void patrol_confirm(struct patrol *patrol, int64_t now_us, uint32_t claim)
{
	struct kept *kept = find(patrol, claim);

	if (!kept)
		return;
	kept->asked = 0;
	kept->due_us = now_us + period(claim);
}

void patrol_doubt(struct patrol *patrol, int64_t now_us, uint32_t claim)
{
	struct kept *kept = find(patrol, claim);

	if (!kept || kept->asked || kept->due_us <= now_us)
		return;
	kept->due_us = now_us;
	queue(patrol, claim);
}

/* Asks for a claim that is due, or gives it up. */
static enum patrol_turn attend(struct patrol *patrol, int64_t now_us, struct patrol_next *ret)
{
	struct kept *kept = &patrol->kept[ret->claim];

	ret->ip = kept->ip;
	ret->mac = kept->mac;
	if (kept->asked >= patrol->tries) {
		kept->live = false;
		return PATROL_LOST;
	}
	kept->due_us = now_us + ((int64_t)FIRST_WAIT_US << kept->asked++);
	queue(patrol, ret->claim);
	return PATROL_ASK;
}

enum patrol_turn patrol_next(struct patrol *patrol, int64_t now_us, struct patrol_next *ret)
{
	while (patrol->looks && patrol->look[0].at_us <= now_us) {
		struct look look = pop(patrol);
		struct kept *kept = &patrol->kept[ret->claim = look.claim];

		if (look.at_us != kept->look_us)
			continue;
		kept->look_us = 0;
		if (kept->live && kept->due_us <= now_us)
			return attend(patrol, now_us, ret);
		if (kept->live)
			queue(patrol, ret->claim);
	}
	ret->until_us = patrol->looks ? patrol->look[0].at_us : PATROL_NEVER;
	return PATROL_WAIT;
}

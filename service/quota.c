/* SPDX-License-Identifier: ISC */
#include "service/quota.h"

#include <net/if.h>
#include <string.h>

#include "common/memory.h"

/* Somebody of whom not all lines are left.  It has all of them again at FULL_MS, and has used one
 * for each QUOTA_PAUSE_MS until then. */
struct quota_one {
	char name[IFNAMSIZ]; /* the length of a port's, and of a number */
	int64_t full_ms;
};

/* Who has all his lines again is forgotten, so that there are never more than were heard in the
 * last minute. */
struct quota {
	struct quota_one *list;
	size_t count;
};

struct quota *quota_new(const void *ctx)
{
	return mem_new(ctx, struct quota);
}

static void quota_forget(struct quota *quota, int64_t now_ms)
{
	for (size_t i = quota->count; i-- > 0;)
		if (quota->list[i].full_ms <= now_ms)
			quota->list[i] = quota->list[--quota->count];
}

static struct quota_one *quota_of(struct quota *quota, const char *name, int64_t now_ms)
{
	struct quota_one *one;

	for (size_t i = 0; i < quota->count; i++)
		if (strcmp(quota->list[i].name, name) == 0)
			return &quota->list[i];
	one = mem_grow(quota, quota->list, struct quota_one, quota->count);
	quota->count++;
	*one = (struct quota_one){ .full_ms = now_ms };
	strncpy(one->name, name, sizeof(one->name) - 1);
	return one;
}

enum quota_answer quota_take(struct quota *quota, const char *who, int64_t now_ms)
{
	struct quota_one *its;
	int64_t left_ms;

	quota_forget(quota, now_ms);
	its = quota_of(quota, who ? who : "", now_ms);
	left_ms = (int64_t)QUOTA_LINES * QUOTA_PAUSE_MS - (its->full_ms - now_ms);
	if (left_ms < QUOTA_PAUSE_MS)
		return QUOTA_NONE;
	its->full_ms += QUOTA_PAUSE_MS;
	return left_ms < 2 * QUOTA_PAUSE_MS ? QUOTA_LAST : QUOTA_MORE;
}

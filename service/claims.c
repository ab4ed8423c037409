/* SPDX-License-Identifier: ISC */
#include "service/claims.h"

#include <string.h>

#include "common/memory.h"

static void forget(struct claims *claims, size_t at)
{
	claims->list[at] = claims->list[--claims->count];
}

static bool same_place(const struct neighbour *a, const struct neighbour *b)
{
	return a->ip.s_addr == b->ip.s_addr && mac_equal(a->mac, b->mac);
}

/* Its place; one whose port was not known when it was heard first is the same. */
static struct neighbour *find_claim(const struct claims *claims, const struct neighbour *line)
{
	for (size_t i = 0; i < claims->count; i++)
		if (same_place(&claims->list[i], line) &&
		    (strcmp(claims->list[i].port, line->port) == 0 || !*claims->list[i].port))
			return &claims->list[i];
	return NULL;
}

static bool take_gone(struct claims *claims, const struct neighbour *line)
{
	size_t before = claims->count;

	for (size_t i = claims->count; i > 0; i--)
		if (same_place(&claims->list[i - 1], line) &&
		    (!*line->port || strcmp(claims->list[i - 1].port, line->port) == 0))
			forget(claims, i - 1);
	return claims->count != before;
}

bool claims_take(struct claims *claims, const struct neighbour *line)
{
	struct neighbour *there;

	if (line->event == NEIGHBOUR_LINK)
		return false;
	if (line->event == NEIGHBOUR_GONE)
		return take_gone(claims, line);
	there = find_claim(claims, line);
	if (!there && claims->count == CLAIMS_MAX)
		return false;
	if (!there) {
		there = mem_grow(claims, claims->list, struct neighbour, claims->count);
		claims->count++;
	} else if (there->event == line->event && strcmp(there->port, line->port) == 0) {
		return false;
	}
	*there = *line;
	return true;
}

bool claims_keep(struct claims *claims, bool (*has)(const void *arg, const char *port),
		 const void *arg)
{
	size_t before = claims->count;

	for (size_t i = claims->count; i > 0; i--)
		if (*claims->list[i - 1].port && !has(arg, claims->list[i - 1].port))
			forget(claims, i - 1);
	return claims->count != before;
}

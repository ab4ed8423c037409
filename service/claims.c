/* SPDX-License-Identifier: ISC */
#include "service/claims.h"

#include <string.h>

#include "common/memory.h"

static void forget(struct claims *claims, size_t at)
{
	claims->list[at] = claims->list[--claims->count];
	claims->old[at] = claims->old[claims->count];
}

static struct neighbour *remember(struct claims *claims)
{
	struct neighbour *place =
		mem_grow(claims, claims->list, struct neighbour, claims->count);

	*mem_grow(claims, claims->old, bool, claims->count) = false;
	claims->count++;
	return place;
}

static bool same_place(const struct neighbour *a, const struct neighbour *b)
{
	return a->ip.s_addr == b->ip.s_addr && mac_equal(a->mac, b->mac);
}

/* Its place; one whose port was not known when it was heard first is the same. */
static struct neighbour *find_claim(const struct claims *claims,
				    const struct neighbour *line)
{
	for (size_t i = 0; i < claims->count; i++)
		if (same_place(&claims->list[i], line) &&
		    (strcmp(claims->list[i].port, line->port) == 0 ||
		     !*claims->list[i].port))
			return &claims->list[i];
	return NULL;
}

static bool take_gone(struct claims *claims, const struct neighbour *line)
{
	size_t before = claims->count;

	for (size_t i = claims->count; i > 0; i--)
		if (same_place(&claims->list[i - 1], line) &&
		    (!*line->port || !*claims->list[i - 1].port ||
		     strcmp(claims->list[i - 1].port, line->port) == 0))
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
	if ((there = find_claim(claims, line))) {
		claims->old[there - claims->list] = false;
		if (there->event == line->event && strcmp(there->port, line->port) == 0)
			return false;
	} else if (claims->count == CLAIMS_MAX) {
		return false;
	} else {
		there = remember(claims);
	}
	*there = *line;
	return true;
}

void claims_begin(struct claims *claims)
{
	for (size_t i = 0; i < claims->count; i++)
		claims->old[i] = true;
}

bool claims_settle(struct claims *claims)
{
	size_t before = claims->count;

	for (size_t i = claims->count; i > 0; i--)
		if (claims->old[i - 1])
			forget(claims, i - 1);
	return claims->count != before;
}

/* Of names that never come back, as libvirt's own, only some are kept. */
static void lose(struct claims *claims, const char *port)
{
	for (size_t i = 0; i < claims->lost_count; i++)
		if (strcmp(claims->lost[i].name, port) == 0)
			return;
	if (claims->lost_count == CLAIMS_MAX)
		claims->lost_count = 0;
	strcpy(mem_grow(claims, claims->lost, struct lost_port, claims->lost_count)->name,
	       port);
	claims->lost_count++;
}

bool claims_keep(struct claims *claims, bool (*has)(const void *arg, const char *port),
		 const void *arg)
{
	size_t before = claims->count;

	for (size_t i = claims->count; i > 0; i--)
		if (*claims->list[i - 1].port && !has(arg, claims->list[i - 1].port)) {
			lose(claims, claims->list[i - 1].port);
			forget(claims, i - 1);
		}
	return claims->count != before;
}

bool claims_missed(struct claims *claims, bool (*has)(const void *arg, const char *port),
		   const void *arg)
{
	size_t before = claims->lost_count;

	for (size_t i = before; i > 0; i--)
		if (has(arg, claims->lost[i - 1].name))
			claims->lost[i - 1] = claims->lost[--claims->lost_count];
	return claims->lost_count != before;
}

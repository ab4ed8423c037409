/* SPDX-License-Identifier: ISC */
#include "scanner/range.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

static struct fault *refuse(const char *text)
{
	return fault_new(
		FAULT_USAGE,
		"'%s' is no range: give ADDRESS, ADDRESS/16 to /32, or FIRST-LAST", text);
}

/* The hosts of the network of ADDRESS: without its first and last where there are more. */
static struct range network(uint32_t address, unsigned prefix)
{
	uint32_t hosts =
		prefix ? (uint32_t)(((uint64_t)1 << (32 - prefix)) - 1) : UINT32_MAX;
	struct range range = { address & ~hosts, address | hosts };

	if (prefix < 31) {
		range.first++;
		range.last--;
	}
	return range;
}

/* A decimal number of two digits and nothing else. */
static bool parse_prefix(const char *text, unsigned *ret)
{
	if (strlen(text) != 2 || strspn(text, "0123456789") != 2)
		return false;
	*ret = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	return *ret >= 16 && *ret <= 32;
}

static bool parse_ends(const char *first, const char *last, struct range *ret)
{
	struct in_addr a, b;

	if (!ip_parse(first, &a) || !ip_parse(last, &b) || ip_compare(a, b) > 0)
		return false;
	*ret = (struct range){ ntohl(a.s_addr), ntohl(b.s_addr) };
	return ret->last - ret->first < RANGE_MAX;
}

struct fault *range_parse(const char *text, struct range *ret)
{
	char copy[2 * INET_ADDRSTRLEN];
	struct in_addr ip;
	struct range range;
	unsigned prefix;
	char *sign;

	if (strlen(text) >= sizeof(copy))
		return refuse(text);
	strcpy(copy, text);
	sign = strpbrk(copy, "/-");
	if (!sign) {
		if (!parse_ends(copy, copy, &range))
			return refuse(text);
	} else if (*sign == '-') {
		*sign = '\0';
		if (!parse_ends(copy, sign + 1, &range))
			return refuse(text);
	} else {
		*sign = '\0';
		if (!ip_parse(copy, &ip) || !parse_prefix(sign + 1, &prefix))
			return refuse(text);
		range = network(ntohl(ip.s_addr), prefix);
	}
	*ret = range;
	return NULL;
}

struct fault *range_network(struct in_addr ip, struct in_addr mask, struct range *ret)
{
	uint32_t hosts = ~ntohl(mask.s_addr);
	unsigned prefix = hosts ? (unsigned)__builtin_clz(hosts) : 32;

	if (hosts & (hosts + 1))
		return fault_new(FAULT_USAGE, "%s is no network mask", IP_TEXT(mask));
	if (prefix < 16)
		return fault_new(FAULT_USAGE,
				 "The network of %s is a /%u: give a range of at "
				 "most a /16",
				 IP_TEXT(ip), prefix);
	*ret = network(ntohl(ip.s_addr), prefix);
	return NULL;
}

bool range_contains(struct range range, struct in_addr ip)
{
	uint32_t address = ntohl(ip.s_addr);

	return address >= range.first && address <= range.last;
}

static int compare_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Joins sorted ranges in place; returns how many are left. */
static size_t join(struct range *range, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct range *top = kept ? &range[kept - 1] : NULL;

		if (!top || range[i].first > (uint64_t)top->last + 1)
			range[kept++] = range[i];
		else if (range[i].last > top->last)
			top->last = range[i].last;
	}
	return kept;
}

struct fault *ranges_new(const void *ctx, const struct range *range, size_t count,
			 struct ranges **ret)
{
	struct ranges *ranges = mem_new(ctx, struct ranges);
	uint64_t size = 0;

	ranges->range = mem_array(ranges, struct range, count ? count : 1);
	for (size_t i = 0; i < count; i++)
		ranges->range[i] = range[i];
	qsort(ranges->range, count, sizeof(*range), compare_first);
	ranges->count = join(ranges->range, count);
	for (size_t i = 0; i < ranges->count; i++)
		size += (uint64_t)ranges->range[i].last - ranges->range[i].first + 1;
	if (size > RANGES_MAX) {
		talloc_free(ranges);
		return fault_new(FAULT_USAGE, "The ranges hold more than %u addresses",
				 RANGES_MAX);
	}
	ranges->size = (uint32_t)size;
	*ret = ranges;
	return NULL;
}

bool ranges_find(const struct ranges *ranges, struct in_addr ip, uint32_t *ret)
{
	uint32_t before = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		struct range range = ranges->range[i];

		if (range_contains(range, ip)) {
			*ret = before + (ntohl(ip.s_addr) - range.first);
			return true;
		}
		before += range.last - range.first + 1;
	}
	return false;
}

struct in_addr ranges_at(const struct ranges *ranges, uint32_t number)
{
	const struct range *range = ranges->range;

	while (number > range->last - range->first) {
		number -= range->last - range->first + 1;
		range++;
	}
	return (struct in_addr){ htonl(range->first + number) };
}

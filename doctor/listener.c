/* SPDX-License-Identifier: ISC */
#include "doctor/listener.h"

#include <stdio.h>
#include <string.h>

#include "common/memory.h"

enum { STATE_LISTEN = 0x0a };

struct in6_addr ip_mapped(struct in_addr ip)
{
	struct in6_addr mapped = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(&mapped.s6_addr[12], &ip, sizeof(ip));
	return mapped;
}

/* The kernel prints each 32 bits of an address as a number of its own byte order. */
static bool parse_v4(const char *line, struct listener *ret)
{
	unsigned port, state;
	struct in_addr ip;

	if (sscanf(line, " %*u: %8x:%4x %*8x:%*4x %2x", &ip.s_addr, &port, &state) != 3)
		return false;
	*ret = (struct listener){ ip_mapped(ip), (in_port_t)port };
	return state == STATE_LISTEN;
}

static bool parse_v6(const char *line, struct listener *ret)
{
	unsigned port, state;
	uint32_t word[4];

	if (sscanf(line, " %*u: %8x%8x%8x%8x:%4x %*32[0-9A-Fa-f]:%*4x %2x", &word[0],
		   &word[1], &word[2], &word[3], &port, &state) != 6)
		return false;
	memcpy(&ret->ip, word, sizeof(word));
	ret->port = (in_port_t)port;
	return state == STATE_LISTEN;
}

static void parse_table(struct listeners *listeners, const char *table,
			bool (*parse)(const char *line, struct listener *ret))
{
	for (const char *line = strchr(table, '\n'); line && line[1];
	     line = strchr(line + 1, '\n')) {
		struct listener listener;

		if (!parse(line + 1, &listener))
			continue;
		*mem_grow(listeners, listeners->list, struct listener, listeners->count) =
			listener;
		listeners->count++;
	}
}

struct listeners *listeners_parse(const void *ctx, const char *tcp, const char *tcp6)
{
	struct listeners *listeners = mem_new(ctx, struct listeners);

	parse_table(listeners, tcp, parse_v4);
	parse_table(listeners, tcp6, parse_v6);
	return listeners;
}

bool listener_takes(const struct listener *listener, const struct in6_addr *ip)
{
	struct in6_addr any4 = ip_mapped((struct in_addr){ 0 });

	if (IN6_IS_ADDR_UNSPECIFIED(&listener->ip))
		return true;
	if (IN6_ARE_ADDR_EQUAL(&listener->ip, &any4))
		return IN6_IS_ADDR_V4MAPPED(ip);
	return IN6_ARE_ADDR_EQUAL(&listener->ip, ip);
}

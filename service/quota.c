/* SPDX-License-Identifier: ISC */
#include "service/quota.h"

#include <net/if.h>
#include <string.h>

#include "common/memory.h"

/* A port of which not all lines are left.  It has all of them again at FULL_MS, and has used one
 * for each QUOTA_PAUSE_MS until then. */
struct quota_port {
	char name[IFNAMSIZ];
	int64_t full_ms;
};

/* Ports that have all their lines again are forgotten, so that there are never more than spoke
 * in the last minute. */
struct quota {
	struct quota_port *ports;
	size_t count;
};

struct quota *quota_new(const void *ctx)
{
	return mem_new(ctx, struct quota);
}

static void quota_forget(struct quota *quota, int64_t now_ms)
{
	for (size_t i = quota->count; i-- > 0;)
		if (quota->ports[i].full_ms <= now_ms)
			quota->ports[i] = quota->ports[--quota->count];
}

static struct quota_port *quota_port(struct quota *quota, const char *name,
				     int64_t now_ms)
{
	struct quota_port *port;

	for (size_t i = 0; i < quota->count; i++)
		if (strcmp(quota->ports[i].name, name) == 0)
			return &quota->ports[i];
	port = mem_grow(quota, quota->ports, struct quota_port, quota->count);
	quota->count++;
	*port = (struct quota_port){ .full_ms = now_ms };
	strncpy(port->name, name, sizeof(port->name) - 1);
	return port;
}

enum quota_answer quota_take(struct quota *quota, const char *port, int64_t now_ms)
{
	struct quota_port *its;
	int64_t left_ms;

	quota_forget(quota, now_ms);
	its = quota_port(quota, port ? port : "", now_ms);
	left_ms = (int64_t)QUOTA_LINES * QUOTA_PAUSE_MS - (its->full_ms - now_ms);
	if (left_ms < QUOTA_PAUSE_MS)
		return QUOTA_NONE;
	its->full_ms += QUOTA_PAUSE_MS;
	return left_ms < 2 * QUOTA_PAUSE_MS ? QUOTA_LAST : QUOTA_MORE;
}

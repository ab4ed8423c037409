/* SPDX-License-Identifier: ISC */
#include "hub/scan.h"

#include <string.h>

#include "common/memory.h"
#include "common/process.h"
#include "hub/doorman.h"
#include "hub/gate.h"
#include "hub/lease.h"
#include "hub/netlink.h"
#include "scanner/range.h"

enum {
	SWEEP_TIMEOUT_MS = 60000,
	KNOWN_MAX_BYTES = 100000, /* one argument holds 128 KiB (execve(2)) */
};

struct scan {
	struct range network;
	struct process *process;
};

/* "--expect=MAC,MAC" */
static char *expect_option(const void *ctx, const struct mac *expected, size_t count)
{
	char *option = mem_strdup(ctx, "--expect=");

	for (size_t i = 0; i < count; i++)
		option = mem_append(ctx, option, "%s%s", i ? "," : "",
				    MAC_TEXT(expected[i]));
	return option;
}

static char *add_known(const void *ctx, char *option, struct in_addr ip, struct mac mac)
{
	if (option && talloc_get_size(option) > KNOWN_MAX_BYTES)
		return option;
	return mem_append(ctx, option, "%s%s=%s", option ? "," : "--known=", IP_TEXT(ip),
			  MAC_TEXT(mac));
}

/* "--known=IP=MAC,IP=MAC", or NULL if nobody is known.  What cannot be had is no matter. */
static char *known_option(const void *ctx, const struct settings *settings)
{
	struct leases *leases = lease_load(ctx, settings);
	struct neighbour *neighbours;
	char *option = NULL;
	size_t count;

	talloc_free(netlink_neighbours(ctx, settings->bridge, &neighbours, &count));
	for (size_t i = 0; i < leases->count; i++)
		option = add_known(ctx, option, leases->list[i].ip, leases->list[i].mac);
	for (size_t i = 0; i < count; i++)
		option = add_known(ctx, option, neighbours[i].ip, neighbours[i].mac);
	return option;
}

struct fault *scan_start(const void *ctx, const struct settings *settings,
			 enum scan_kind kind, const struct mac *expected, size_t count,
			 struct scan **ret)
{
	struct scan *scan = mem_new(ctx, struct scan);
	const char *argv[9] = { settings->scanner };
	const char *known = kind == SCAN_SWEEP ? known_option(scan, settings) : NULL;
	size_t n = 1;

	if (kind == SCAN_WATCH)
		argv[n++] = "--watch";
	else if (count > 0)
		argv[n++] = expect_option(scan, expected, count);
	else if (kind == SCAN_GLANCE)
		argv[n++] = "--tries=1";
	if (known) {
		argv[n++] = known;
		argv[n++] = "--all-claims";
	}
	if (strcmp(settings->gate, "off") != 0)
		argv[n++] = mem_printf(scan, "--claims=%d-%d", GATE_GROUP_FIRST,
				       GATE_GROUP_LAST);
	argv[n++] = settings->bridge;
	argv[n++] = settings->network;
	struct fault *fault = range_parse(settings->network, &scan->network);
	if (!fault)
		fault = process_start(scan, argv, &scan->process);
	if (fault)
		talloc_free(scan);
	else
		*ret = scan;
	return fault;
}

/* One line; what is not of the bridge's network is none of ours, whoever says it. */
static struct fault *take_line(const struct scan *scan, const char *line,
			       struct neighbour *ret, bool *ret_ours)
{
	struct fault *fault = neighbour_parse(line, ret);
	uint32_t ip = fault ? 0 : ntohl(ret->ip.s_addr);

	*ret_ours = !fault &&
		    (ip == 0 || (ip >= scan->network.first && ip <= scan->network.last));
	return fault;
}

/* What a line says, or the end of the output where LINE is NULL. */
static struct fault *take(struct scan *scan, const char *line, struct neighbour *ret,
			  bool *ret_ours, bool *ret_more)
{
	*ret_ours = false;
	*ret_more = line && strcmp(line, NEIGHBOUR_BRIDGE_GONE) != 0;
	return *ret_more ? take_line(scan, line, ret, ret_ours) :
			   process_end(scan->process);
}

struct fault *scan_next(struct scan *scan, int64_t until_ms, struct neighbour *ret,
			bool *ret_more)
{
	struct fault *fault;
	bool ours = false;
	char *line;

	*ret_more = true;
	do {
		if ((fault = process_line(scan, scan->process, until_ms, &line)))
			return fault;
		fault = take(scan, line, ret, &ours, ret_more);
		talloc_free(line);
	} while (!fault && *ret_more && !ours);
	return fault;
}

struct fault *scan_ready(struct scan *scan, struct neighbour *ret, bool *ret_got,
			 bool *ret_more)
{
	struct fault *fault;
	char *line;

	*ret_got = false;
	do {
		fault = process_line_ready(scan, scan->process, &line, ret_more);
		if (fault || (!line && *ret_more))
			return fault;
		fault = take(scan, line, ret, ret_got, ret_more);
		talloc_free(line);
	} while (!fault && *ret_more && !*ret_got);
	return fault;
}

int scan_descriptor(const struct scan *scan)
{
	return process_descriptor(scan->process);
}

struct fault *scan_all(const void *ctx, struct scan *scan, struct neighbour **ret,
		       size_t *ret_count)
{
	int64_t until_ms = clock_ms() + SWEEP_TIMEOUT_MS;
	struct neighbour *list = mem_array(ctx, struct neighbour, 0), neighbour;
	struct fault *fault;
	size_t count = 0;
	bool more;

	while (!(fault = scan_next(scan, until_ms, &neighbour, &more)) && more) {
		*mem_grow(ctx, list, struct neighbour, count) = neighbour;
		count++;
	}
	*ret = list;
	*ret_count = count;
	return fault;
}

/* The MACs on BRIDGE of all running domains, or of ONLY. */
static struct mac *awaited(const void *ctx, const struct domains *domains,
			   const char *bridge, const struct domain *only,
			   size_t *ret_count)
{
	struct mac *macs = NULL;
	size_t count = 0;

	for (size_t i = 0; i < domains->count; i++) {
		const struct domain *domain = domains->list[i];

		if (!domain->running || (only && only != domain))
			continue;
		for (size_t n = 0; n < domain->nic_count; n++)
			if (domain_nic(domain, domain->nics[n].mac, bridge)) {
				*mem_grow(ctx, macs, struct mac, count) =
					domain->nics[n].mac;
				count++;
			}
	}
	*ret_count = count;
	return macs;
}

static struct guests *join(const void *ctx, const struct settings *settings,
			   const struct domains *domains,
			   const struct neighbour *neighbours, size_t count)
{
	const struct evidence evidence = {
		.bridge = settings->bridge,
		.claims = neighbours,
		.claim_count = count,
		.leases = lease_load(ctx, settings),
		.gate = doorman_stands(settings),
	};

	return guests_join(ctx, domains, &evidence);
}

struct fault *scan_guests(const void *ctx, const struct settings *settings,
			  enum scan_kind kind, const struct domains *domains,
			  const char *vm, struct guests **ret)
{
	const struct domain *only = vm ? domains_by_uuid(domains, vm) : NULL;
	struct neighbour *neighbours;
	struct fault *fault;
	struct scan *scan;
	size_t count;

	if (vm && !only)
		only = domains_by_name(domains, vm);
	struct mac *macs = awaited(ctx, domains, settings->bridge, only, &count);
	if ((fault = scan_start(ctx, settings, kind, macs, count, &scan)))
		return fault;
	if (!(fault = scan_all(ctx, scan, &neighbours, &count)))
		*ret = join(ctx, settings, domains, neighbours, count);
	talloc_free(scan);
	return fault;
}

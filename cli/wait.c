/* SPDX-License-Identifier: ISC */
/* hubshare wait: returns as soon as the VM is heard on the bridge. */

#include <string.h>
#include <strings.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/process.h"
#include "hub/inquiry.h"
#include "hub/scan.h"

/* The guest that NEIGHBOUR is, by the domains known so far; false: not a running domain's. */
static bool is_guest(struct run *run, const struct neighbour *neighbour,
		     struct guest *ret)
{
	const struct evidence evidence = { .bridge = run->options.settings.bridge,
					   .claims = neighbour,
					   .claim_count = 1 };
	struct guests *guests = guests_join(run, run->domains, &evidence);

	*ret = guests->list[0];
	talloc_free(guests);
	return ret->heard && ret->domain && !ret->contested;
}

static bool is_wanted(const struct run *run, const struct guest *guest)
{
	const char *vm = run->operands[0];

	return strcasecmp(guest->domain->uuid, vm) == 0 ||
	       strcmp(guest->domain->name, vm) == 0 ||
	       strcmp(IP_TEXT(guest->ip), vm) == 0;
}

static struct fault *ask_domains(struct run *run, struct domains **ret)
{
	return inquiry_domains(run, run->options.settings.connect, ret);
}

/* libvirt is asked again for a station that it did not know when it was asked last. */
static struct fault *look_up(struct run *run, const struct neighbour *neighbour,
			     struct guest *ret, bool *found)
{
	struct domains *domains;
	struct fault *fault;

	*found = neighbour->ip.s_addr != 0 && is_guest(run, neighbour, ret);
	if (*found || !neighbour->ip.s_addr)
		return NULL;
	if ((fault = ask_domains(run, &domains)))
		return fault;
	talloc_free(run->domains);
	run->domains = domains;
	*found = is_guest(run, neighbour, ret);
	return NULL;
}

static struct fault *wait_for(struct run *run, struct scan *scan, int64_t until_ms)
{
	struct neighbour neighbour;
	struct guest guest;
	struct fault *fault;
	bool more, found;

	for (;;) {
		if ((fault = scan_next(scan, until_ms, &neighbour, &more)))
			return fault;
		if (!more)
			return fault_new(FAULT_UNREACHABLE,
					 "%s stopped watching the bridge",
					 run->options.settings.scanner);
		if (neighbour.event == NEIGHBOUR_CONTESTED ||
		    neighbour.event == NEIGHBOUR_GONE)
			continue;
		if ((fault = look_up(run, &neighbour, &guest, &found)))
			return fault;
		if (found && is_wanted(run, &guest)) {
			report_guest(run, &guest);
			return NULL;
		}
	}
}

static struct fault *wait_vm(struct run *run)
{
	int64_t until_ms = clock_ms() + run->options.timeout * 1000LL;
	struct scan *scan;
	struct fault *fault;

	if ((fault = scan_start(run, &run->options.settings, SCAN_WATCH, NULL, 0,
				&scan)) ||
	    (fault = ask_domains(run, &run->domains)))
		return fault;
	fault = wait_for(run, scan, until_ms);
	if (fault && fault->status == FAULT_TIMEOUT) {
		talloc_free(fault);
		fault = fault_new(FAULT_TIMEOUT, "Timeout waiting for VM");
	}
	return fault;
}

const struct action action_wait = {
	.name = "wait",
	.args = "VM",
	.help = "waits for the specified VM to appear on the bridge",
	.example = "hubshare wait -t 120 personal-0",
	.needs = NEEDS_NOTHING,
	.run = wait_vm,
};

/* SPDX-License-Identifier: ISC */
#include "cli/run.h"

#include "common/memory.h"
#include "hub/apply.h"
#include "hub/scan.h"
#include "hub/virt.h"

static struct fault *open_domains(struct run *run)
{
	struct virt *virt;
	struct fault *fault = virt_open(run, run->options.settings.connect, &virt);

	if (fault)
		return fault;
	fault = virt_domains(run, virt, &run->domains);
	talloc_free(virt);
	return fault;
}

/* libvirt is asked while the answers of the sweep come in. */
static struct fault *open_guests(struct run *run)
{
	const struct settings *settings = &run->options.settings;
	struct neighbour *neighbours;
	struct scan *scan;
	struct fault *fault;
	size_t count;

	if ((fault = scan_start(run, settings, SCAN_SWEEP, &scan)))
		return fault;
	if (!(fault = open_domains(run)) &&
	    !(fault = scan_all(run, scan, &neighbours, &count)))
		run->guests = guests_join(run, run->domains, settings->bridge, neighbours,
					  count);
	talloc_free(scan);
	return fault;
}

static struct fault *open_store(struct run *run, enum store_access access)
{
	struct fault *fault = store_open(run, &run->options.settings, access, &run->store);

	return fault ? fault : store_inventory(run, run->store, &run->inventory);
}

struct fault *run_open(struct run *run)
{
	unsigned needs = run->action->needs;
	struct fault *fault = NULL;

	if (needs & NEEDS_GUESTS)
		fault = open_guests(run);
	else if (needs & NEEDS_DOMAINS)
		fault = open_domains(run);
	if (!fault && needs & (NEEDS_STORE | NEEDS_CHANGE))
		fault = open_store(run, needs & NEEDS_CHANGE ? STORE_WRITE : STORE_READ);
	if (!fault && needs & NEEDS_CHANGE)
		run->samba = samba_new(run, &run->options.settings);
	return fault;
}

struct fault *run_change(struct run *run, const struct domain *domain)
{
	return apply_change(run->store, run->samba, run->inventory, run->guests, domain);
}

/* SPDX-License-Identifier: ISC */
/* hubshare clean: removes what belongs to VMs that no longer exist. */

#include <stdio.h>

#include "cli/actions.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"
#include "hub/apply.h"

static bool exists(const struct run *run, const char *uuid)
{
	return domains_by_uuid(run->domains, uuid) != NULL;
}

/* Takes the shares out of every truth without a domain, and says so. */
static size_t empty_truths(struct run *run)
{
	const char *would = run->options.dry_run ? "would lose" : "loses";
	size_t total = 0;

	for (size_t i = 0; i < run->inventory->truth_count; i++) {
		struct fragment *truth = run->inventory->truths[i];
		const char *name = truth->vm ? truth->vm : "a VM";

		if (truth->count == 0 || exists(run, truth->uuid))
			continue;
		printf("%s (%s), which no longer exists, %s %zu %s share%s\n",
		       text_visible(run, name), truth->uuid, would, truth->count,
		       tenure_text(truth->tenure), truth->count == 1 ? "" : "s");
		total += truth->count;
		while (truth->count)
			fragment_remove(truth, truth->shares[0]);
	}
	return total;
}

/* The truths go first: what they no longer say is then closed wherever it is open. */
static struct fault *carry_out(struct run *run)
{
	struct guests *nobody = guests_join(run, run->domains, run->options.settings.bridge,
					    NULL, 0);
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < run->inventory->truth_count; i++)
		if (!exists(run, run->inventory->truths[i]->uuid))
			fault = store_save(run->store, run->inventory->truths[i]);
	for (size_t i = 0; !fault && i < run->inventory->rendering_count; i++) {
		const char *uuid = run->inventory->renderings[i].fragment->uuid;

		if (!uuid || exists(run, uuid))
			continue;
		fault = apply(run->store, run->samba,
			      plan_of(run, run->inventory, nobody, uuid, PLAN_EDITS_DISCARD));
	}
	return fault;
}

static struct fault *clean(struct run *run)
{
	size_t total = empty_truths(run);

	if (total == 0)
		printf("Every VM that has shares exists\n");
	return run->options.dry_run ? NULL : carry_out(run);
}

const struct action action_clean = {
	.name = "clean",
	.args = "",
	.help = "removes config files for VMs that no longer exist",
	.needs = NEEDS_DOMAINS | NEEDS_CHANGE,
	.run = clean,
};

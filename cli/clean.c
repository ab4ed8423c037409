/* SPDX-License-Identifier: ISC */
/* hubshare clean: removes what belongs to VMs that no longer exist. */

#include <stdio.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"
#include "hub/apply.h"

static bool exists(const struct run *run, const char *uuid)
{
	return domains_by_uuid(run->domains, uuid) != NULL;
}

/* Takes the shares out of every truth without a domain, into REMOVED too; returns what is to
 * be said of it. */
static char *empty_truths(struct run *run, struct document *removed)
{
	const char *loses = run->options.dry_run ? "would lose" : "loses";
	char *report = mem_strdup(run, "");

	for (size_t i = 0; i < run->inventory->truth_count; i++) {
		struct fragment *truth = run->inventory->truths[i];
		const char *name = truth->vm ? truth->vm : "a VM";

		if (truth->count == 0 || exists(run, truth->uuid))
			continue;
		report =
			mem_append(run, report,
				   "%s (%s), which no longer exists, %s %zu %s share%s\n",
				   text_visible(run, name), truth->uuid, loses,
				   truth->count, tenure_text(truth->tenure),
				   truth->count == 1 ? "" : "s");
		while (truth->count) {
			document_append(removed, report_share(run, truth, truth->vm,
							      truth->shares[0]));
			fragment_remove(truth, truth->shares[0]);
		}
	}
	return report;
}

/* Does a rendering before this one belong to the same VM? */
static bool done_before(const struct inventory *inventory, size_t number)
{
	const char *uuid = inventory->renderings[number].fragment->uuid;

	for (size_t i = 0; i < number; i++) {
		const char *other = inventory->renderings[i].fragment->uuid;

		if (other && strcmp(other, uuid) == 0)
			return true;
	}
	return false;
}

/* The truths go first: what they no longer say is then closed wherever it is open.  What cannot be
 * understood as one may be somebody else's, and stays. */
static struct fault *carry_out(struct run *run)
{
	const struct inventory *inventory = run->inventory;
	struct guests *nobody =
		guests_join(run, run->domains,
			    &(struct evidence){ .bridge = run->options.settings.bridge });
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < inventory->truth_count; i++)
		if (!exists(run, inventory->truths[i]->uuid) &&
		    !inventory->truths[i]->broken)
			fault = store_save(run->store, inventory->truths[i]);
	for (size_t i = 0; !fault && i < inventory->rendering_count; i++) {
		const char *uuid = inventory->renderings[i].fragment->uuid;

		if (uuid && !exists(run, uuid) && !done_before(inventory, i))
			fault = apply(run->store, run->samba, NULL,
				      plan_of(run, inventory, nobody, uuid,
					      PLAN_EDITS_DISCARD));
	}
	return fault;
}

static struct fault *clean(struct run *run)
{
	struct document *removed = document_array(run);
	char *report = empty_truths(run, removed);
	struct fault *fault = run->options.dry_run ? NULL : carry_out(run);

	if (fault)
		return fault;
	if (run->options.json)
		report_json(run->options.dry_run ? "would_remove" : "removed", removed);
	else
		fputs(*report ? report : "Every VM that has shares exists\n", stdout);
	return NULL;
}

const struct action action_clean = {
	.name = "clean",
	.args = "",
	.help = "removes config files for VMs that no longer exist",
	.example = "sudo hubshare clean --dry-run",
	.needs = NEEDS_DOMAINS | NEEDS_CHANGE,
	.told = true,
	.run = clean,
};

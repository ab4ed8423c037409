/* SPDX-License-Identifier: ISC */
/* hubshare sync: makes what smbd serves match shares, VMs and addresses, once or for good. */

#include <stdio.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/called.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/text.h"
#include "hub/apply.h"
#include "service/service.h"

static struct fault *check(struct run *run)
{
	if (run->options.take && run->options.discard)
		return fault_new(FAULT_USAGE, "Either --take or --discard, not both");
	if (run->options.watch && (run->options.take || run->options.discard))
		return fault_new(FAULT_USAGE,
				 "--take and --discard are done once: not with "
				 "--watch");
	if (run->options.verbose && run->options.json)
		return fault_new(FAULT_USAGE,
				 "--verbose speaks to people; 'hubshare watch "
				 "--json' tells programs the same");
	return NULL;
}

static struct fault *check_edit(const struct run *run, const struct fragment *edited,
				const struct share *share)
{
	enum tenure other =
		edited->tenure == TENURE_PERMANENT ? TENURE_TEMPORARY : TENURE_PERMANENT;
	const struct fragment *truth =
		inventory_truth(run->inventory, edited->uuid, other);

	if (truth && fragment_find(truth, share->name))
		return fault_new(FAULT_CONFLICT, "'%s' is a %s share of the VM already",
				 share->name, tenure_text(other));
	struct fault *fault = share_check(share);
	return fault ? fault : run_policy(run, share->path);
}

/* What a person wrote into a rendering becomes the VM's truth; it is not saved yet. */
static struct fault *take_edit(struct run *run, const struct rendering *rendering)
{
	struct fragment *edited = rendering->fragment;
	struct fragment *truth =
		inventory_make(run->inventory, edited->uuid, edited->vm, edited->tenure);

	while (truth->count)
		fragment_remove(truth, truth->shares[0]);
	while (edited->count) {
		struct share *share = edited->shares[0];

		memmove(edited->shares, edited->shares + 1,
			--edited->count * sizeof(*edited->shares));
		fragment_add(truth, share);
	}
	return store_stage(run->store, truth, NULL);
}

static bool is_edited(const struct rendering *rendering)
{
	return rendering->fragment->uuid && rendering->fragment->edited;
}

/* Can the edit be taken?  Not where the VM has another one of the same shares. */
static struct fault *check_rendering(const struct run *run, size_t number)
{
	const struct rendering *rendering = &run->inventory->renderings[number];
	const struct fragment *edited = rendering->fragment;
	struct fault *fault = NULL;

	for (size_t i = 0; i < number; i++) {
		const struct rendering *other = &run->inventory->renderings[i];

		if (is_edited(other) && other->tenure == rendering->tenure &&
		    strcmp(other->fragment->uuid, edited->uuid) == 0)
			fault = fault_new(FAULT_CONFLICT,
					  "%s.conf was edited too; remove one of the two",
					  IP_TEXT(other->ip));
	}
	for (size_t i = 0; !fault && i < edited->count; i++)
		fault = check_edit(run, edited, edited->shares[i]);
	return fault_wrap(fault, "%s.conf (%s)", IP_TEXT(rendering->ip),
			  tenure_text(rendering->tenure));
}

static struct fault *save_edit(struct run *run, const struct rendering *rendering)
{
	return store_save(run->store,
			  inventory_truth(run->inventory, rendering->fragment->uuid,
					  rendering->tenure));
}

/* All of them, or none, but for a disk that fills meanwhile: whoever comes next takes the rest.
 * Whoever has a rendering that was edited open is cut off whole in either case. */
static struct fault *take_edits(struct run *run)
{
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < run->inventory->rendering_count; i++)
		if (is_edited(&run->inventory->renderings[i]))
			fault = check_rendering(run, i);
	for (size_t i = 0; !fault && i < run->inventory->rendering_count; i++)
		if (is_edited(&run->inventory->renderings[i]))
			fault = take_edit(run, &run->inventory->renderings[i]);
	fault = fault_first(fault, store_prove(run->store));
	for (size_t i = 0; !fault && i < run->inventory->rendering_count; i++)
		if (is_edited(&run->inventory->renderings[i]))
			fault = save_edit(run, &run->inventory->renderings[i]);
	return fault;
}

static const char *change_verb(const struct change *change)
{
	return change->final && change->cutting ? "changed" :
	       change->final			? "opened" :
						  "closed";
}

/* Whose shares they are; NULL: that is not known. */
static const struct fragment *change_of(const struct change *change)
{
	return change->final ? change->final : change->cutting;
}

static void print_change(const struct run *run, const struct change *change)
{
	const struct fragment *there = change_of(change);

	printf("%s: %s shares %s at %s\n",
	       text_visible(run, there && there->vm ? there->vm : "a VM"),
	       tenure_text(change->tenure), change_verb(change), IP_TEXT(change->ip));
}

static void put_change(struct document *array, const struct change *change)
{
	const struct fragment *there = change_of(change);
	struct document *row = document_object(array);

	document_put_text(row, "vm", there ? there->vm : NULL);
	document_put_text(row, "uuid", there ? there->uuid : NULL);
	document_put_text(row, "tenure", tenure_text(change->tenure));
	document_put_text(row, "ip", IP_TEXT(change->ip));
	document_put_text(row, "change", change_verb(change));
	document_append(array, row);
}

static void report_changes(const struct run *run, const struct plan *plan)
{
	struct document *array = document_array(run);

	for (size_t i = 0; i < plan->change_count; i++)
		if (run->options.json)
			put_change(array, &plan->changes[i]);
		else
			print_change(run, &plan->changes[i]);
	if (run->options.json)
		report_json("changes", array);
}

static struct fault *sync_once(struct run *run)
{
	enum plan_edits edits = run->options.take    ? PLAN_EDITS_TAKEN :
				run->options.discard ? PLAN_EDITS_DISCARD :
						       PLAN_EDITS_REFUSE;
	struct fault *fault = run_open(run, NEEDS_GUESTS | NEEDS_CHANGE);

	if (fault || (run->options.take && (fault = take_edits(run))))
		return fault;
	/* which both keep nothing from being closed */
	fault = apply_expiry(run->store, run->inventory, run->domains, NULL, NULL);
	fault = fault_first(fault, apply_names(run->store, run->inventory, run->domains));
	struct plan *plan = plan_of(run, run->inventory, run->guests, NULL, edits);
	for (size_t i = 1; i < plan->conflict_count; i++) /* the first is the fault */
		report_note(run, "%s", plan->conflicts[i]);
	fault = fault_first(fault, apply(run->store, run->samba,
					 doorman_door(run->doorman), plan));
	if (fault)
		return fault;
	for (size_t i = 0; i < run->domains->count; i++)
		doorman_admit(run->doorman, run->domains->list[i]);
	report_changes(run, plan);
	return NULL;
}

static void say(const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static struct fault *sync_shares(struct run *run)
{
	return run->options.watch ?
		       service_run(&run->options.settings,
				   run->options.verbose ? say : NULL, called, run) :
		       sync_once(run);
}

const struct action action_sync = {
	.name = "sync",
	.args = "",
	.help = "makes what is served match shares, VMs and addresses",
	.example = "sudo hubshare sync",
	.needs = NEEDS_NOTHING,
	.check = check,
	.run = sync_shares,
};

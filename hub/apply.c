/* SPDX-License-Identifier: ISC */
#include "hub/apply.h"

#include "common/memory.h"

/* What smbd is to see from now on, while sessions may still have more. */
static struct fault *put_in_place(struct store *store, const struct change *change)
{
	struct fault *fault = change->keep ? store_keep(store, change->tenure, change->ip) :
					     NULL;

	if (!fault && change->cutting)
		fault = store_render(store, change->cutting, change->ip);
	else if (!fault && change->final)
		fault = store_render(store, change->final, change->ip);
	else if (!fault)
		fault = store_erase(store, change->tenure, change->ip);
	return fault;
}

/* Cuts the sessions of one change and ends it.  *REOPENED: smbd has to load once more. */
static struct fault *finish(struct store *store, struct samba *samba,
			    const struct change *change, bool *reopened)
{
	const struct fragment *cutting = change->cutting;
	struct fault *fault = samba_cut(samba, change->ip, cutting->cuts, cutting->cut_count,
					change->whole);

	if (fault)
		return fault;
	if (!change->final)
		return store_erase(store, change->tenure, change->ip);
	*reopened |= change->final->count != cutting->count;
	return store_render(store, change->final, change->ip);
}

/*
 * Closings come before openings: who loses an address must not have its shares there when
 * they are another's.  A change that cannot be made keeps none of the others from it.
 */
static struct fault *place_all(struct store *store, const struct plan *plan, bool *placed)
{
	struct fault *fault = NULL;

	for (int opening = 0; opening < 2; opening++)
		for (size_t i = 0; i < plan->change_count; i++) {
			struct fault *failed;

			if ((plan->changes[i].cutting == NULL) != opening)
				continue;
			failed = put_in_place(store, &plan->changes[i]);
			placed[i] = !failed;
			fault = fault_first(fault, failed);
		}
	return fault;
}

/* Cuts all that is to be cut.  Work that others began is tried, and left to them. */
static struct fault *finish_all(struct store *store, struct samba *samba,
				const struct plan *plan, const bool *placed, bool *reopened)
{
	struct fault *fault = NULL;

	for (size_t i = 0; i < plan->change_count; i++) {
		struct fault *failed = NULL;

		if (placed[i] && plan->changes[i].cutting)
			failed = finish(store, samba, &plan->changes[i], reopened);
		if (plan->changes[i].begun)
			talloc_free(failed);
		else
			fault = fault_first(fault, failed);
	}
	return fault;
}

static struct fault *change_all(struct store *store, struct samba *samba,
				const struct plan *plan)
{
	bool *placed = mem_array(plan, bool, plan->change_count), reopened = false;
	struct fault *fault, *first;

	if (plan->change_count == 0)
		return NULL;
	first = place_all(store, plan, placed);
	if ((fault = samba_reload(samba)))
		return fault_first(first,
				   fault_wrap(fault, "It is saved, and smbd will find it so "
						     "when it starts"));
	first = fault_first(first, finish_all(store, samba, plan, placed, &reopened));
	return reopened ? fault_first(first, samba_reload(samba)) : first;
}

struct fault *apply(struct store *store, struct samba *samba, const struct plan *plan)
{
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < plan->adopted_count; i++)
		fault = store_save(store, plan->adopted[i]);
	if (!fault)
		fault = change_all(store, samba, plan);
	if (!fault && plan->conflict_count)
		fault = fault_new(FAULT_CONFLICT, "%s", plan->conflicts[0]);
	return fault;
}

struct fault *apply_change(struct store *store, struct samba *samba,
			   struct inventory *inventory, const struct guests *guests,
			   const struct domain *domain)
{
	struct plan *plan =
		plan_of(inventory, inventory, guests, domain->uuid, PLAN_EDITS_REFUSE);
	struct fault *fault;

	if (plan->conflict_count)
		return fault_new(FAULT_CONFLICT, "%s", plan->conflicts[0]);
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		struct fragment *truth =
			inventory_truth(inventory, domain->uuid, (enum tenure)tenure);

		if (!truth)
			continue;
		truth->vm = domain->name;
		if ((fault = store_save(store, truth)))
			return fault;
	}
	return apply(store, samba, plan);
}

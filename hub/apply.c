/* SPDX-License-Identifier: ISC */
#include "hub/apply.h"

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

static struct fault *change_all(struct store *store, struct samba *samba,
				const struct plan *plan)
{
	struct fault *fault = NULL, *first = NULL;
	bool reopened = false;

	for (size_t i = 0; i < plan->change_count; i++)
		if ((fault = put_in_place(store, &plan->changes[i])))
			return fault;
	if (plan->change_count == 0)
		return NULL;
	if ((fault = samba_reload(samba)))
		return fault_wrap(fault, "It is saved, and smbd will find it so when it starts");
	for (size_t i = 0; i < plan->change_count; i++)
		if (plan->changes[i].cutting)
			first = fault_first(first, finish(store, samba, &plan->changes[i],
							  &reopened));
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

/* SPDX-License-Identifier: ISC */
#include "hub/apply.h"

#include <string.h>

#include "common/memory.h"

/* What is left while sessions are cut.  Where Samba's parser cannot be asked, or finds fault
 * with it, rather nothing than what was taken away. */
static struct fault *close_rendering(struct store *store, const struct change *change)
{
	struct fault *fault = store_render(store, change->cutting, change->ip);
	struct fragment stub = *change->cutting;

	if (!fault || stub.count == 0)
		return fault;
	talloc_free(fault);
	stub.count = 0;
	return store_render(store, &stub, change->ip);
}

/* What smbd is to see from now on, while sessions may still have more. */
static struct fault *put_in_place(struct store *store, const struct change *change)
{
	struct fault *fault =
		change->keep ? store_keep(store, change->tenure, change->ip) : NULL;

	if (!fault && change->cutting)
		fault = close_rendering(store, change);
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
	struct fault *fault = samba_cut(samba, change->ip, cutting->cuts,
					cutting->cut_count, change->whole);

	if (fault)
		return fault;
	if (!change->final)
		return store_erase(store, change->tenure, change->ip);
	*reopened |= change->final->count != cutting->count;
	return store_render(store, change->final, change->ip);
}

/* Has the door closed where whoever is at the address is not whose shares it had. */
static void close_door(const struct door *door, const struct change *change)
{
	if (door && change->whole)
		door->close(door->arg, change->ip);
}

/* Sessions of another may hold what he had until each change at IP is DONE. */
static void open_door(const struct door *door, const struct plan *plan, const bool *done,
		      struct in_addr ip)
{
	if (!door)
		return;
	for (size_t i = 0; i < plan->change_count; i++)
		if (plan->changes[i].ip.s_addr == ip.s_addr && !done[i])
			return;
	door->open(door->arg, ip);
}

static bool is_opening(const struct change *change)
{
	return !change->cutting;
}

/* Writes what CHANGE will put in place, so that Samba's parser can look at it. */
static struct fault *stage_change(struct store *store, const struct change *change)
{
	struct fault *fault =
		change->cutting ? store_stage(store, change->cutting, &change->ip) : NULL;

	if (!fault && change->final)
		fault = store_stage(store, change->final, &change->ip);
	return fault;
}

/*
 * Closings come before openings: who loses an address must not have its shares there when
 * they are another's.  A change that cannot be made keeps none of the others from it.
 */
static struct fault *place_all(struct store *store, const struct door *door,
			       const struct plan *plan, const bool *refused, bool *placed,
			       bool *done)
{
	struct fault *fault = NULL;

	for (int opening = 0; opening < 2; opening++) {
		for (size_t i = 0; i < plan->change_count; i++)
			if (is_opening(&plan->changes[i]) == opening && !refused[i])
				talloc_free(stage_change(store, &plan->changes[i]));
		for (size_t i = 0; i < plan->change_count; i++) {
			struct fault *failed;

			if (is_opening(&plan->changes[i]) != opening || refused[i])
				continue;
			close_door(door, &plan->changes[i]);
			failed = put_in_place(store, &plan->changes[i]);
			placed[i] = !failed;
			done[i] = !failed && !plan->changes[i].cutting;
			if (plan->changes[i].begun)
				talloc_free(failed);
			else
				fault = fault_first(fault, failed);
		}
	}
	for (size_t i = 0; i < plan->change_count; i++)
		if (done[i])
			open_door(door, plan, done, plan->changes[i].ip);
	return fault;
}

/* Cuts all that is to be cut.  Work that others began is tried, and *LEFT to them. */
static struct fault *finish_all(struct store *store, struct samba *samba,
				const struct door *door, const struct plan *plan,
				const bool *placed, bool *done, bool *reopened,
				bool *left)
{
	struct fault *fault = NULL;

	for (size_t i = 0; i < plan->change_count; i++) {
		struct fault *failed = NULL;

		if (placed[i] && plan->changes[i].cutting)
			failed = finish(store, samba, &plan->changes[i], reopened);
		if (placed[i] && plan->changes[i].cutting && !failed) {
			done[i] = true;
			open_door(door, plan, done, plan->changes[i].ip);
		}
		*left |= failed != NULL;
		if (plan->changes[i].begun)
			talloc_free(failed);
		else
			fault = fault_first(fault, failed);
	}
	return fault;
}

static struct fault *change_all(struct store *store, struct samba *samba,
				const struct door *door, const struct plan *plan,
				const bool *refused, bool *left)
{
	bool *placed = mem_array(plan, bool, plan->change_count), reopened = false;
	bool *done = mem_array(plan, bool, plan->change_count);
	struct fault *fault, *first;

	if (plan->change_count == 0)
		return NULL;
	first = place_all(store, door, plan, refused, placed, done);
	if ((fault = samba_reload(samba)))
		return fault_first(first,
				   fault_wrap(fault,
					      "It is saved, and smbd will find it so "
					      "when it starts"));
	first = fault_first(first, finish_all(store, samba, door, plan, placed, done,
					      &reopened, left));
	return reopened ? fault_first(first, samba_reload(samba)) : first;
}

/* Saves what was adopted; what is made of one that cannot be saved is *REFUSED. */
static struct fault *save_adopted(struct store *store, const struct plan *plan,
				  bool *refused)
{
	struct fault *fault = NULL;

	for (size_t i = 0; i < plan->adopted_count; i++)
		talloc_free(store_stage(store, plan->adopted[i], NULL));
	for (size_t i = 0; i < plan->adopted_count; i++) {
		const struct fragment *adopted = plan->adopted[i];
		struct fault *failed = store_save(store, adopted);

		for (size_t c = 0; failed && c < plan->change_count; c++)
			refused[c] |=
				plan->changes[c].final &&
				plan->changes[c].tenure == adopted->tenure &&
				strcmp(plan->changes[c].final->uuid, adopted->uuid) == 0;
		fault = fault_first(fault, failed);
	}
	return fault;
}

struct fault *apply(struct store *store, struct samba *samba, const struct door *door,
		    const struct plan *plan)
{
	bool *refused = mem_array(plan, bool, plan->change_count), left = false;
	struct fault *fault = save_adopted(store, plan, refused);

	fault = fault_first(fault, change_all(store, samba, door, plan, refused, &left));
	if (!fault && !left)
		store_ended(store);
	if (!fault && plan->conflict_count)
		fault = fault_new(FAULT_CONFLICT, "%s", plan->conflicts[0]);
	return fault;
}

struct fault *apply_prove(struct store *store, const struct plan *plan)
{
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < plan->adopted_count; i++)
		fault = store_stage(store, plan->adopted[i], NULL);
	for (size_t i = 0; !fault && i < plan->change_count; i++)
		if (!plan->changes[i].begun)
			fault = stage_change(store, &plan->changes[i]);
	return fault_first(fault, store_prove(store));
}

/* Writes the VM's truths: beside their places, or in them. */
static struct fault *for_truths(struct store *store, struct inventory *inventory,
				const struct domain *domain, bool save)
{
	struct fault *fault = NULL;

	for (int tenure = 0; !fault && tenure < TENURE_COUNT; tenure++) {
		struct fragment *truth =
			inventory_truth(inventory, domain->uuid, (enum tenure)tenure);

		if (!truth)
			continue;
		truth->vm = domain->name;
		fault = save ? store_save(store, truth) : store_stage(store, truth, NULL);
	}
	return fault;
}

struct fault *apply_change(struct store *store, struct samba *samba,
			   const struct door *door, struct inventory *inventory,
			   const struct guests *guests, const struct domain *domain)
{
	struct plan *plan =
		plan_of(inventory, inventory, guests, domain->uuid, PLAN_EDITS_REFUSE);
	struct fault *fault;

	if (plan->conflict_count)
		return fault_new(FAULT_CONFLICT, "%s", plan->conflicts[0]);
	if ((fault = for_truths(store, inventory, domain, false)) ||
	    (fault = apply_prove(store, plan)) ||
	    (fault = for_truths(store, inventory, domain, true)))
		return fault;
	return apply(store, samba, door, plan);
}

struct fault *apply_expiry(struct store *store, struct inventory *inventory,
			   const struct domains *domains, expiry_fn *tell, void *arg)
{
	bool *purged = mem_array(NULL, bool, inventory->truth_count);
	const struct term_now now = term_now();
	struct fault *fault = NULL;

	for (size_t i = 0; i < inventory->truth_count; i++) {
		purged[i] = expiry_purge(inventory->truths[i], domains, &now, tell, arg);
		if (purged[i]) /* so that Samba's parser looks at all at once */
			talloc_free(store_stage(store, inventory->truths[i], NULL));
	}
	for (size_t i = 0; i < inventory->truth_count; i++)
		if (purged[i])
			fault = fault_first(fault,
					    store_save(store, inventory->truths[i]));
	talloc_free(purged);
	return fault;
}

struct fault *apply_names(struct store *store, struct inventory *inventory,
			  const struct domains *domains)
{
	struct fault *fault = NULL;

	for (size_t i = 0; i < inventory->truth_count; i++) {
		struct fragment *truth = inventory->truths[i];
		const struct domain *domain = domains_by_uuid(domains, truth->uuid);

		if (!domain || !truth->count ||
		    (truth->vm && strcmp(truth->vm, domain->name) == 0))
			continue;
		truth->vm = domain->name;
		fault = fault_first(fault, store_save(store, truth));
	}
	return fault;
}

/* SPDX-License-Identifier: ISC */
#include "hub/plan.h"

#include <string.h>

#include "common/memory.h"

struct planning {
	struct plan *plan;
	const struct inventory *inventory;
	const struct guests *guests;
	const char *uuid; /* NULL: all */
	enum plan_edits edits;
	bool *taken; /* of each rendering: the original tool's, which is taken over */
};

static bool in_scope(const struct planning *p, const char *uuid)
{
	return !p->uuid || (uuid && strcmp(p->uuid, uuid) == 0);
}

static void add_conflict(struct plan *plan, char *sentence)
{
	*mem_grow(plan, plan->conflicts, const char *, plan->conflict_count) =
		talloc_steal(plan, sentence);
	plan->conflict_count++;
}

/* May a rendering that is there stay, though its VM was not heard this time? */
static bool may_stay(const struct guests *guests, const struct rendering *rendering)
{
	const struct fragment *there = rendering->fragment;
	const struct domain *domain = domains_by_uuid(guests->domains, there->uuid);
	struct mac mac;

	if (!domain || !domain->running || guest_at(guests, rendering->ip) ||
	    !there->mac || !mac_parse(there->mac, &mac) ||
	    guest_lost(guests, mac, rendering->ip))
		return false;
	for (size_t i = 0; i < guests->count; i++)
		if (guests->list[i].domain == domain &&
		    mac_equal(guests->list[i].mac, mac))
			return true;
	return false; /* the NIC is no longer its */
}

const char *plan_owner(const struct guests *guests, const struct rendering *there,
		       struct in_addr ip)
{
	const struct guest *guest = guest_at(guests, ip);

	if (guest && guest->domain && guest_confirmed(guests, guest->domain->uuid, ip))
		return guest->domain->uuid;
	if (there && there->fragment->uuid && may_stay(guests, there))
		return there->fragment->uuid;
	return NULL;
}

/* A rendering of TRUTH for IP; shares and strings stay the truth's. */
static struct fragment *rendering_of(struct plan *plan, const struct planning *p,
				     const struct fragment *truth,
				     const struct rendering *there, struct in_addr ip)
{
	const struct guest *guest = guest_at(p->guests, ip);
	const struct domain *domain = domains_by_uuid(p->guests->domains, truth->uuid);
	struct fragment *wanted =
		fragment_new(plan, truth->uuid, domain ? domain->name : truth->vm,
			     truth->tenure);

	wanted->mac = guest ? mem_strdup(wanted, MAC_TEXT(guest->mac)) :
		      there ? there->fragment->mac :
			      NULL;
	wanted->shares = truth->shares;
	wanted->count = truth->count;
	return wanted;
}

/* What WANTED no longer gives as THERE did, and what was left to cut. */
static void collect_cuts(struct fragment *cutting, const struct fragment *there,
			 const struct fragment *wanted)
{
	for (size_t i = 0; i < there->cut_count; i++)
		fragment_cut(cutting, there->cuts[i]);
	for (size_t i = 0; i < there->count; i++) {
		const struct share *old = there->shares[i];
		const struct share *new =
			wanted ? fragment_find(wanted, old->name) : NULL;

		if (!new || !share_same_access(old, new))
			fragment_cut(cutting, old->name);
	}
}

static bool same_content(const struct fragment *there, const struct fragment *wanted)
{
	if (there->count != wanted->count || there->cut_count || there->edited ||
	    !there->uuid || !there->vm || !there->mac || !wanted->mac ||
	    strcmp(there->vm, wanted->vm ? wanted->vm : "") != 0 ||
	    strcmp(there->mac, wanted->mac) != 0)
		return false;
	for (size_t i = 0; i < there->count; i++)
		if (strcmp(there->shares[i]->name, wanted->shares[i]->name) != 0 ||
		    there->shares[i]->owner != wanted->shares[i]->owner ||
		    !term_same(&there->shares[i]->term, &wanted->shares[i]->term) ||
		    !share_same_access(there->shares[i], wanted->shares[i]))
			return false;
	return true;
}

/* The truth of that tenure, among those just adopted and those of the store. */
static struct fragment *truth_of(const struct planning *p, const char *uuid,
				 enum tenure tenure)
{
	for (size_t i = 0; i < p->plan->adopted_count; i++)
		if (p->plan->adopted[i]->tenure == tenure &&
		    strcmp(p->plan->adopted[i]->uuid, uuid) == 0)
			return p->plan->adopted[i];
	return inventory_truth(p->inventory, uuid, tenure);
}

/* Of WANTED what goes on undisturbed while CUTTING is cut: a share that was changed is given
 * again only when its old sessions are gone. */
static void keep_undisturbed(struct fragment *cutting, const struct fragment *wanted)
{
	cutting->shares = mem_array(cutting, struct share *, wanted->count);
	for (size_t i = 0; i < wanted->count; i++) {
		bool cut = false;

		for (size_t c = 0; c < cutting->cut_count; c++)
			cut |= share_same_name(cutting->cuts[c], wanted->shares[i]->name);
		if (!cut)
			cutting->shares[cutting->count++] = wanted->shares[i];
	}
}

/* Which shares of its VM a client may have had open besides those that THERE names. */
static void collect_truth(const struct planning *p, struct fragment *cutting,
			  const struct fragment *there)
{
	const struct fragment *truth = truth_of(p, there->uuid, there->tenure);

	for (size_t i = 0; truth && i < truth->count; i++)
		fragment_cut(cutting, truth->shares[i]->name);
}

/* Closes what is THERE, as far as WANTED (NULL: nothing) does not go on with it. */
static void plan_close(struct planning *p, const struct rendering *rendering,
		       struct fragment *wanted)
{
	const struct fragment *there = rendering->fragment;
	bool same_vm = wanted && strcmp(wanted->uuid, there->uuid) == 0;
	const char *owner = plan_owner(p->guests, rendering, rendering->ip);
	struct change change = { .ip = rendering->ip,
				 .tenure = rendering->tenure,
				 .final = wanted };
	struct fragment *cutting =
		fragment_new(p->plan, there->uuid, there->vm, there->tenure);

	cutting->mac = there->mac;
	change.whole = there->broken || there->edited || !owner ||
		       strcmp(owner, there->uuid) != 0;
	change.keep = there->edited && p->edits != PLAN_EDITS_TAKEN;
	change.begun = !in_scope(p, owner) && !in_scope(p, there->uuid);
	collect_cuts(cutting, there, same_vm ? wanted : NULL);
	if (change.whole)
		collect_truth(p, cutting, there);
	if (same_vm)
		keep_undisturbed(cutting, wanted);
	change.cutting = cutting->cut_count || change.whole ? cutting : NULL;
	*mem_grow(p->plan, p->plan->changes, struct change, p->plan->change_count) =
		change;
	p->plan->change_count++;
}

static void plan_open(struct planning *p, struct in_addr ip, struct fragment *wanted)
{
	struct change change = { .ip = ip, .tenure = wanted->tenure, .final = wanted };

	*mem_grow(p->plan, p->plan->changes, struct change, p->plan->change_count) =
		change;
	p->plan->change_count++;
}

/* The VM's share of that name, in that tenure; NULL if it has none. */
static const struct share *share_of(const struct planning *p, const char *uuid,
				    enum tenure tenure, const char *name)
{
	const struct fragment *truth = truth_of(p, uuid, tenure);

	return truth ? fragment_find(truth, name) : NULL;
}

/* Has the VM another share of that name?  The same one it has where it has two addresses,
 * or where somebody was killed while he took it over. */
static bool name_taken(const struct planning *p, const char *uuid, enum tenure tenure,
		       const struct share *share)
{
	enum tenure other =
		tenure == TENURE_PERMANENT ? TENURE_TEMPORARY : TENURE_PERMANENT;
	const struct share *same = share_of(p, uuid, tenure, share->name);

	return share_of(p, uuid, other, share->name) ||
	       (same && !share_same_access(same, share));
}

/* Why the original tool's file cannot be taken over for DOMAIN; NULL: it can. */
static char *adoption_obstacle(const struct planning *p, const struct rendering *there,
			       const struct domain *domain)
{
	const struct fragment *original = there->fragment;

	if (original->broken)
		return mem_strdup(NULL, "cannot be understood, or is no file");
	if (original->count == 0)
		return NULL;
	if (!original->vm || strcmp(original->vm, domain->name) != 0)
		return mem_printf(NULL, "was not made for %s", domain->name);
	if (there->refused)
		return mem_strdup(NULL, there->refused);
	for (size_t i = 0; i < original->count; i++) {
		struct fault *fault = share_check(original->shares[i]);
		char *why = fault ? mem_strdup(NULL, fault->text) : NULL;

		talloc_free(fault);
		if (why)
			return why;
		if (name_taken(p, domain->uuid, original->tenure, original->shares[i]))
			return mem_printf(NULL,
					  "has a share '%s', which the VM has already",
					  original->shares[i]->name);
	}
	return NULL;
}

/* What is to become the truth of DOMAIN and TENURE: so far what it is. */
static struct fragment *adopted_of(struct planning *p, const struct domain *domain,
				   enum tenure tenure)
{
	struct fragment *truth = truth_of(p, domain->uuid, tenure), *adopted;

	for (size_t i = 0; i < p->plan->adopted_count; i++)
		if (p->plan->adopted[i] == truth)
			return truth;
	adopted = fragment_new(p->plan, domain->uuid, domain->name, tenure);
	for (size_t i = 0; truth && i < truth->count; i++)
		fragment_add(adopted, truth->shares[i]);
	*mem_grow(p->plan, p->plan->adopted, struct fragment *, p->plan->adopted_count) =
		adopted;
	p->plan->adopted_count++;
	return adopted;
}

/* The original's shares become the VM's own, after those that it has in that tenure. */
static void adopt(struct planning *p, const struct fragment *original,
		  const struct domain *domain)
{
	for (size_t i = 0; i < original->count; i++)
		if (!share_of(p, domain->uuid, original->tenure,
			      original->shares[i]->name))
			fragment_add(adopted_of(p, domain, original->tenure),
				     original->shares[i]);
}

/* A file that the original tool made: its place becomes ours if its shares can be the VM's
 * that is confirmed there. */
static void plan_original(struct planning *p, size_t number)
{
	const struct rendering *there = &p->inventory->renderings[number];
	const char *owner = plan_owner(p->guests, there, there->ip);
	const struct domain *domain =
		owner ? domains_by_uuid(p->guests->domains, owner) : NULL;

	if (!domain || !in_scope(p, owner))
		return;
	char *obstacle = adoption_obstacle(p, there, domain);
	p->taken[number] = !obstacle;
	if (!obstacle)
		adopt(p, there->fragment, domain);
	else
		add_conflict(
			p->plan,
			mem_printf(NULL,
				   "%s.conf (%s) was not made by hubshare and cannot be "
				   "taken over: it %s; move it away",
				   IP_TEXT(there->ip), tenure_text(there->tenure),
				   obstacle));
	talloc_free(obstacle);
}

/* A rendering edited by hand.  Returns whether it may be replaced now. */
static bool plan_edited(struct planning *p, const struct rendering *there,
			const char *owner)
{
	/* Not its VM's place any more: it is closed, whatever was written; a copy is kept. */
	if (!owner || strcmp(owner, there->fragment->uuid) != 0)
		return true;
	if (!in_scope(p, owner)) /* for a change of that VM, or sync, to see */
		return false;
	if (p->edits != PLAN_EDITS_REFUSE)
		return true;
	add_conflict(
		p->plan,
		mem_printf(NULL,
			   "%s.conf (%s shares of %s) was edited by hand; 'hubshare sync "
			   "--take' makes the edit the truth, 'hubshare sync --discard' "
			   "undoes it",
			   IP_TEXT(there->ip), tenure_text(there->tenure),
			   there->fragment->vm ? there->fragment->vm :
						 there->fragment->uuid));
	return false;
}

/* Does THERE give what its VM's truth does not, or name what is still to be cut? */
static bool is_begun(const struct planning *p, const struct fragment *there)
{
	const struct fragment *truth = truth_of(p, there->uuid, there->tenure);

	if (there->cut_count)
		return true;
	if (there->edited || (truth && truth->broken))
		return false;
	for (size_t i = 0; i < there->count; i++) {
		const struct share *share =
			truth ? fragment_find(truth, there->shares[i]->name) : NULL;

		if (!share || !share_same_access(there->shares[i], share))
			return true;
	}
	return false;
}

static void plan_place(struct planning *p, enum tenure tenure, struct in_addr ip)
{
	const struct rendering *there = inventory_rendering(p->inventory, tenure, ip);
	const char *owner = plan_owner(p->guests, there, ip);
	const char *was = there ? there->fragment->uuid : NULL;
	struct fragment *wanted = NULL;

	if (!in_scope(p, owner) && !in_scope(p, was) &&
	    !(was && is_begun(p, there->fragment)))
		return;
	if (there && !was && !p->taken[there - p->inventory->renderings])
		return;
	if (was && there->fragment->edited && !plan_edited(p, there, owner))
		return;
	const struct fragment *truth = owner ? truth_of(p, owner, tenure) : NULL;
	if (truth && truth->broken && was && strcmp(was, owner) == 0)
		return; /* what is served is all that is known */
	if (truth && truth->count)
		wanted = rendering_of(p->plan, p, truth, there, ip);
	if (was && !(wanted && strcmp(was, wanted->uuid) == 0 &&
		     same_content(there->fragment, wanted)))
		plan_close(p, there, wanted);
	else if (!was && wanted)
		plan_open(p, ip, wanted);
}

/* A truth that cannot be understood must not be written over; one of a domain that is gone
 * stands in nobody's way. */
static void refuse_broken(struct planning *p)
{
	for (size_t i = 0; i < p->inventory->truth_count; i++) {
		const struct fragment *truth = p->inventory->truths[i];

		if (truth->broken && in_scope(p, truth->uuid) &&
		    domains_by_uuid(p->guests->domains, truth->uuid))
			add_conflict(
				p->plan,
				mem_printf(
					NULL,
					"%s.conf (%s shares) cannot be used; 'hubshare "
					"list' says why: mend it or move it away",
					truth->uuid, tenure_text(truth->tenure)));
	}
}

static bool planned_before(const struct planning *p, size_t rendering)
{
	return guest_at(p->guests, p->inventory->renderings[rendering].ip) != NULL;
}

struct plan *plan_of(const void *ctx, const struct inventory *inventory,
		     const struct guests *guests, const char *uuid, enum plan_edits edits)
{
	struct planning p = {
		mem_new(ctx, struct plan), inventory, guests, uuid, edits, NULL
	};

	p.taken = mem_array(p.plan, bool, inventory->rendering_count);
	refuse_broken(&p);
	for (size_t i = 0; i < inventory->rendering_count; i++)
		if (!inventory->renderings[i].fragment->uuid)
			plan_original(&p, i);
	for (size_t i = 0; i < guests->count && guests->list[i].heard; i++) {
		if (i > 0 && guests->list[i].ip.s_addr == guests->list[i - 1].ip.s_addr)
			continue;
		for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
			plan_place(&p, (enum tenure)tenure, guests->list[i].ip);
	}
	for (size_t i = 0; i < inventory->rendering_count; i++)
		if (!planned_before(&p, i))
			plan_place(&p, inventory->renderings[i].tenure,
				   inventory->renderings[i].ip);
	return p.plan;
}

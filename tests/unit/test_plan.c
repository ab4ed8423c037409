/* SPDX-License-Identifier: ISC */
/*
 * Plans as a model: who may read what.  Random worlds are planned for, the plan is carried
 * out on a model of the store (written and read as text, as the store does), and what smbd
 * would show is held against what it may show, found here by another way than plan_of()'s.
 */
#include "tests/unit/unit.h"

#include <locale.h>

#include "hub/plan.h"
#include "tests/unit/model.h"

enum { PLACES = 4, DOMAINS = 4, UUIDS = DOMAINS + 1, MACS = 8 };

static struct fragment_templates *templates;

/* Everything that there is; all on CTX. */
struct world {
	void *ctx;
	struct domains *domains;
	struct neighbour neighbours[PLACES * 2];
	size_t neighbour_count;
	struct guests *guests;
	struct inventory *inventory;
	const char *scope; /* NULL: all */
	enum plan_edits edits;
};

static const char *const share_names[] = { "a", "b", "c", "d", "e", "f" };
static const char *const vm_names[] = { "vm-0", "vm-1", "vm-2", "vm-3", "gone" };

static struct in_addr place(size_t number)
{
	return (struct in_addr){ htonl(0xac100a0a + (uint32_t)number) };
}

static struct mac mac(size_t number)
{
	return (struct mac){ { 0x52, 0x54, 0, 0, 0, (uint8_t)number } };
}

static const char *uuid(const void *ctx, size_t number)
{
	return mem_printf(ctx, "c0ffee00-0000-4000-8000-%012zx", number);
}

/* Domain N has NIC N and sometimes another, which may be a clone of somebody's. */
static void make_domains(struct world *w)
{
	w->domains = mem_new(w->ctx, struct domains);
	for (size_t n = 0; n < DOMAINS; n++) {
		struct domain *domain = mem_new(w->domains, struct domain);

		if (one_in(8))
			continue;
		domain->uuid = uuid(domain, n);
		domain->name = one_in(10) ? "renamed" : vm_names[n];
		domain->running = !one_in(4);
		domain->nics = mem_array(domain, struct nic, 2);
		domain->nic_count = 1 + (size_t)one_in(3);
		domain->nics[0] = (struct nic){ .mac = mac(n), .bridge = "br-hub" };
		domain->nics[1] = (struct nic){ .mac = mac(one_in(2) ? random_below(DOMAINS) :
								       n + DOMAINS),
						.bridge = one_in(6) ? "br-other" : "br-hub" };
		*mem_grow(w->domains, w->domains->list, struct domain *, w->domains->count) =
			domain;
		w->domains->count++;
	}
}

static void make_neighbours(struct world *w)
{
	for (size_t at = 0; at < PLACES; at++)
		for (size_t n = random_below(5) ? random_below(2) + (size_t)one_in(6) : 0; n > 0; n--)
			w->neighbours[w->neighbour_count++] = (struct neighbour){
				.ip = place(at),
				.mac = mac(one_in(8) ? 99 : random_below(MACS)),
				.event = one_in(20) ? NEIGHBOUR_CONTESTED : NEIGHBOUR_HEARD,
			};
	w->guests = guests_join(w->ctx, w->domains,
				&(struct evidence){ .bridge = "br-hub",
						    .claims = w->neighbours,
						    .claim_count = w->neighbour_count });
}

/* What is in the store is what was written and read again. */
static struct fragment *reread(struct world *w, const struct fragment *fragment, size_t at)
{
	struct fragment *back = NULL;
	char *text = NULL;

	assert_null(fragment_rendering(w->ctx, templates, fragment, IP_TEXT(place(at)), &text));
	assert_null(fragment_parse(w->inventory, text, &back));
	assert_false(back->edited);
	back->tenure = fragment->tenure;
	return back;
}

static void make_truths(struct world *w)
{
	for (size_t n = 0; n < UUIDS; n++)
		for (size_t s = 0; s < sizeof(share_names) / sizeof(*share_names); s++)
			if (one_in(3))
				fragment_add(inventory_make(w->inventory, uuid(w->ctx, n),
							    vm_names[n],
							    one_in(2) ? TENURE_PERMANENT :
									TENURE_TEMPORARY),
					     model_share(w->ctx, share_names[s]));
}

/* A rendering that might be found at a place: what was right once, and what never was. */
static struct fragment *any_rendering(struct world *w, size_t at, enum tenure tenure)
{
	size_t n = one_in(3) ? random_below(UUIDS) : at;
	struct fragment *truth = inventory_truth(w->inventory, uuid(w->ctx, n), tenure), *made;

	made = fragment_new(w->ctx, uuid(w->ctx, n), vm_names[n], tenure);
	made->mac = mem_strdup(made, MAC_TEXT(mac(one_in(6) ? random_below(MACS) : n)));
	if (truth && !one_in(4)) { /* the truth, or an older one */
		for (size_t i = 0; i < truth->count; i++)
			if (!one_in(6))
				fragment_add(made, talloc_reparent(truth, w->ctx, truth->shares[i]) ?
							   truth->shares[i] :
							   truth->shares[i]);
	} else {
		for (size_t i = random_below(3); i > 0; i--)
			if (!fragment_find(made, share_names[i]))
				fragment_add(made, model_share(w->ctx, share_names[i]));
	}
	for (size_t i = one_in(4) ? random_below(3) : 0; i > 0; i--) /* a journal */
		fragment_cut(made, PICK(share_names));
	if (one_in(8))
		made->count = 0;
	made = reread(w, made, at);
	made->edited = one_in(8);
	if (one_in(8)) { /* the original tool's */
		made->uuid = NULL;
		made->edited = true;
		made->cut_count = 0;
	}
	return made;
}

static void make_renderings(struct world *w)
{
	for (size_t at = 0; at < PLACES; at++)
		for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
			if (one_in(2))
				continue;
			struct fragment *made = any_rendering(w, at, (enum tenure)tenure);
			*mem_grow(w->inventory, w->inventory->renderings, struct rendering,
				  w->inventory->rendering_count) =
				(struct rendering){ .ip = place(at),
						    .tenure = (enum tenure)tenure,
						    .fragment = made };
			w->inventory->rendering_count++;
		}
}

static struct world *any_world(void)
{
	void *ctx = talloc_new(NULL);
	struct world *w = mem_new(ctx, struct world);

	w->ctx = ctx;
	w->inventory = mem_new(ctx, struct inventory);
	make_domains(w);
	make_neighbours(w);
	make_truths(w);
	make_renderings(w);
	w->scope = one_in(2) ? uuid(ctx, random_below(UUIDS)) : NULL;
	w->edits = one_in(3) ? PLAN_EDITS_DISCARD : PLAN_EDITS_REFUSE;
	return w;
}

/* --- what may be, found the slow way --- */

static const struct domain *only_owner_of(const struct world *w, struct mac wanted)
{
	const struct domain *owner = NULL;

	for (size_t d = 0; d < w->domains->count; d++) {
		const struct domain *domain = w->domains->list[d];
		bool has = false;

		for (size_t n = 0; n < domain->nic_count; n++)
			has |= mac_equal(domain->nics[n].mac, wanted) &&
			       strcmp(domain->nics[n].bridge, "br-hub") == 0;
		if (!has || !domain->running)
			continue;
		if (owner)
			return NULL;
		owner = domain;
	}
	return owner;
}

/* The VM confirmed at a place; *HEARD: was anybody heard there? */
static const struct domain *confirmed_at(const struct world *w, size_t at, bool *heard)
{
	const struct neighbour *first = NULL;
	bool contested = false;

	for (size_t i = 0; i < w->neighbour_count; i++) {
		const struct neighbour *n = &w->neighbours[i];

		if (n->ip.s_addr != place(at).s_addr)
			continue;
		contested |= n->event == NEIGHBOUR_CONTESTED ||
			     (first && !mac_equal(first->mac, n->mac));
		first = n;
	}
	*heard = first != NULL;
	return first && !contested ? only_owner_of(w, first->mac) : NULL;
}

static bool mac_is_elsewhere(const struct world *w, struct mac wanted, size_t at)
{
	for (size_t i = 0; i < w->neighbour_count; i++)
		if (mac_equal(w->neighbours[i].mac, wanted) &&
		    w->neighbours[i].ip.s_addr != place(at).s_addr)
			return true;
	return false;
}

/* Whose shares a place may show: he who is confirmed, or who may stay.  NULL: nobody's. */
static const char *owner_of(const struct world *w, size_t at, const struct fragment *there)
{
	bool heard;
	const struct domain *domain = confirmed_at(w, at, &heard);
	struct mac was;

	if (domain)
		return domain->uuid;
	if (heard || !there || !there->uuid || !there->mac || !mac_parse(there->mac, &was))
		return NULL;
	domain = domains_by_uuid(w->domains, there->uuid);
	if (!domain || !domain->running || !domain_nic(domain, was, "br-hub") ||
	    mac_is_elsewhere(w, was, at))
		return NULL;
	return domain->uuid;
}

/* --- carrying a plan out --- */

static void put(struct world *w, size_t at, const struct fragment *fragment, enum tenure tenure)
{
	struct rendering *there = inventory_rendering(w->inventory, tenure, place(at));

	if (fragment && !there) {
		there = mem_grow(w->inventory, w->inventory->renderings, struct rendering,
				 w->inventory->rendering_count);
		w->inventory->rendering_count++;
		*there = (struct rendering){ .ip = place(at), .tenure = tenure };
	}
	if (fragment)
		there->fragment = reread(w, fragment, at);
	else if (there)
		*there = w->inventory->renderings[--w->inventory->rendering_count];
}

static size_t number_of(struct in_addr ip)
{
	return ntohl(ip.s_addr) - ntohl(place(0).s_addr);
}

static void save_adopted(struct world *w, const struct plan *plan)
{
	for (size_t i = 0; i < plan->adopted_count; i++) {
		struct fragment *adopted = plan->adopted[i], *copy = NULL;
		struct fragment *truth =
			inventory_make(w->inventory, adopted->uuid, adopted->vm, adopted->tenure);
		char *text = NULL;

		assert_null(fragment_truth(w->ctx, templates, adopted, &text));
		assert_null(fragment_parse(w->ctx, text, &copy));
		truth->shares = copy->shares;
		truth->count = copy->count;
	}
}

/* What smbd sees while sessions are cut, and at the end. */
static void carry_out(struct world *w, const struct plan *plan, size_t changes, bool whole)
{
	save_adopted(w, plan);
	for (size_t i = 0; i < changes; i++) {
		const struct change *change = &plan->changes[i];

		put(w, number_of(change->ip), change->cutting ? change->cutting : change->final,
		    change->tenure);
	}
	for (size_t i = 0; whole && i < plan->change_count; i++)
		put(w, number_of(plan->changes[i].ip), plan->changes[i].final,
		    plan->changes[i].tenure);
}

/* --- the invariants --- */

/* What was at each place before, and whom it belongs to now. */
struct before {
	const struct fragment *there;
	const char *owner;
	bool closed; /* the plan is not to touch it: out of scope, an edit, the original's */
};

static bool in_scope(const struct world *w, const char *who)
{
	return !w->scope || (who && strcmp(w->scope, who) == 0);
}

static const struct fragment *at(const struct world *w, size_t number, int tenure)
{
	const struct rendering *there =
		inventory_rendering(w->inventory, (enum tenure)tenure, place(number));

	return there ? there->fragment : NULL;
}

static const struct change *change_at(const struct plan *plan, size_t number, int tenure)
{
	const struct change *found = NULL;

	for (size_t i = 0; i < plan->change_count; i++)
		if (number_of(plan->changes[i].ip) == number &&
		    (int)plan->changes[i].tenure == tenure) {
			assert_null(found); /* one change a place */
			found = &plan->changes[i];
		}
	return found;
}

static bool gives(const struct fragment *fragment, const struct share *share)
{
	const struct share *other = fragment ? fragment_find(fragment, share->name) : NULL;

	return other && share_same_access(other, share);
}

/* Does it give what its VM's truth does not? */
static bool gives_more(const struct world *w, const struct fragment *there)
{
	const struct fragment *truth =
		there && there->uuid && !there->edited ?
			inventory_truth(w->inventory, there->uuid, there->tenure) :
			NULL;
	bool more = false;

	for (size_t i = 0; there && there->uuid && !there->edited && i < there->count; i++)
		more |= !gives(truth, there->shares[i]);
	return more;
}

static struct before look(const struct world *w, const struct plan *plan, size_t number,
			  int tenure)
{
	struct before before = { .there = at(w, number, tenure) };
	const struct fragment *there = before.there;
	const char *was = there ? there->uuid : NULL;

	before.owner = owner_of(w, number, there);
	bool ours = in_scope(w, before.owner) || in_scope(w, was);
	before.closed = !ours && !(there && there->cut_count) && !gives_more(w, there);
	if (there && !was && there->count && !change_at(plan, number, tenure))
		before.closed = true;
	if (was && there->edited && before.owner && strcmp(before.owner, was) == 0 &&
	    (!ours || w->edits == PLAN_EDITS_REFUSE))
		before.closed = true;
	if (there && !was && (!before.owner || !in_scope(w, before.owner)))
		before.closed = true;
	return before;
}

static bool names(const struct fragment *cutting, const char *name)
{
	for (size_t i = 0; cutting && i < cutting->cut_count; i++)
		if (share_same_name(cutting->cuts[i], name))
			return true;
	return false;
}

/* FRAGMENT shows nothing at that place but what OWNER's truth gives; if EXACT, all of it. */
static void assert_shows(const struct world *w, const struct fragment *fragment,
			 const char *owner, int tenure, bool exact)
{
	const struct fragment *truth =
		owner ? inventory_truth(w->inventory, owner, (enum tenure)tenure) : NULL;

	for (size_t i = 0; fragment && i < fragment->count; i++) {
		if (!truth)
			fail_msg("%s of %s is shown at a place of %s", fragment->shares[i]->name, fragment->uuid, owner ? owner : "nobody");
		assert_string_equal(fragment->uuid, owner);
		assert_true(gives(truth, fragment->shares[i]));
	}
	for (size_t i = 0; exact && truth && i < truth->count; i++) {
		assert_non_null(fragment);
		assert_true(gives(fragment, truth->shares[i]));
	}
	assert_true(!exact || !fragment || (fragment->count && !fragment->cut_count));
}

/* Whatever a client at that place may have open and is no longer given is named. */
static void assert_cut(const struct before *before, const struct change *change)
{
	const struct fragment *there = before->there, *final = change ? change->final : NULL;
	bool same_vm = there && there->uuid && final && strcmp(there->uuid, final->uuid) == 0;

	if (!there || !there->uuid)
		return;
	for (size_t i = 0; i < there->count; i++)
		if (change && !(same_vm && gives(final, there->shares[i])))
			assert_true(names(change->cutting, there->shares[i]->name));
	for (size_t i = 0; i < there->cut_count; i++) {
		assert_non_null(change);
		assert_true(names(change->cutting, there->cuts[i]));
	}
	if (change && change->cutting)
		assert_int_equal(change->whole, there->edited || !before->owner ||
							strcmp(before->owner, there->uuid) != 0);
	if (change)
		assert_int_equal(change->keep, there->edited);
}

static void check_place(const struct world *w, const struct plan *plan, size_t number,
			int tenure)
{
	struct before before = look(w, plan, number, tenure);
	const struct change *change = change_at(plan, number, tenure);

	if (before.closed) {
		assert_null(change);
		return;
	}
	assert_cut(&before, change);
	if (change) { /* also while it is under way */
		assert_shows(w, change->cutting, before.owner, tenure, false);
		assert_shows(w, change->final, before.owner, tenure, true);
		assert_true(!change->cutting || change->cutting->cut_count || change->whole);
	}
	/* what is taken over from the original tool was made for this VM, and stays as it is */
	for (size_t i = 0; before.there && !before.there->uuid && i < before.there->count; i++) {
		assert_string_equal(before.there->vm,
				    domains_by_uuid(w->domains, before.owner)->name);
		assert_true(gives(change->final, before.there->shares[i]));
	}
	if (change || !before.there || before.there->uuid)
		assert_shows(w, change ? change->final : before.there, before.owner, tenure, true);
}

/* A conflict stands for something in the scope that was left as it is. */
static void check_conflicts(const struct world *w, const struct plan *plan)
{
	size_t expected = 0;

	for (size_t number = 0; number < PLACES; number++)
		for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
			struct before before = look(w, plan, number, tenure);

			expected += before.closed && before.there && before.owner &&
				    in_scope(w, before.owner) &&
				    (!before.there->uuid ||
				     (before.there->edited &&
				      strcmp(before.owner, before.there->uuid) == 0));
		}
	assert_int_equal(plan->conflict_count, expected);
}

static void check_again(struct world *w, const char *why)
{
	struct plan *again = plan_of(w->ctx, w->inventory, w->guests, w->scope, w->edits);

	if (again->change_count || again->adopted_count)
		fail_msg("%s: planned again, %zu changes and %zu adopted", why,
			 again->change_count, again->adopted_count);
}

static void check_places(const struct world *w, const struct plan *plan)
{
	for (size_t i = 0; i < w->inventory->truth_count; i++) { /* a name stands once */
		const struct fragment *truth = w->inventory->truths[i], *other;

		other = inventory_truth(w->inventory, truth->uuid,
					truth->tenure == TENURE_PERMANENT ? TENURE_TEMPORARY :
									    TENURE_PERMANENT);
		for (size_t s = 0; other && s < truth->count; s++)
			assert_null(fragment_find(other, truth->shares[s]->name));
	}
	for (size_t number = 0; number < PLACES; number++)
		for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
			check_place(w, plan, number, tenure);
}

static struct plan *plan(struct world *w)
{
	return plan_of(w->ctx, w->inventory, w->guests, w->scope, w->edits);
}

/* The truths as they will be; the places as they are. */
static void test_worlds(void **state)
{
	(void)state;
	for (int i = 0; i < 6000; i++) {
		struct world *w = any_world();
		struct plan *p = plan(w);

		check_conflicts(w, p);
		save_adopted(w, p);
		check_places(w, p);
		carry_out(w, p, p->change_count, true);
		check_again(w, "carried out");
		talloc_free(w->ctx);
	}
}

/* Killed in the middle: whoever comes next finds in the places what is still to be cut. */
static void test_killed(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct world *w = any_world();
		struct plan *first = plan(w);
		struct before before[PLACES][TENURE_COUNT];

		for (size_t n = 0; n < PLACES; n++)
			for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
				before[n][tenure] = look(w, first, n, tenure);
		carry_out(w, first, random_below(first->change_count + 1), false);
		struct plan *second = plan(w);
		for (size_t n = 0; n < PLACES; n++)
			for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
				if (!before[n][tenure].closed && before[n][tenure].there &&
				    before[n][tenure].there->uuid &&
				    change_at(first, n, tenure) &&
				    change_at(first, n, tenure)->cutting) {
					struct before was = before[n][tenure];
					const struct change *change = change_at(second, n, tenure);

					assert_non_null(change);
					for (size_t s = 0; s < was.there->count; s++)
						assert_true(names(change->cutting,
								  was.there->shares[s]->name) ||
							    gives(change->final,
								  was.there->shares[s]));
				}
		save_adopted(w, second);
		check_places(w, second);
		carry_out(w, second, second->change_count, true);
		check_again(w, "after a kill");
		talloc_free(w->ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worlds),
		cmocka_unit_test(test_killed),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	random_begin();
	if (fragment_templates_load(NULL, "samba-snippets", &templates))
		return 1;
	int status = cmocka_run_group_tests(tests, NULL, NULL);
	talloc_free(templates);
	return status;
}

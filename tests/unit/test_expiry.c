/* SPDX-License-Identifier: ISC */
/* What is over of the shares that there are, and when the next one will be. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "hub/expiry.h"
#include "hub/plan.h"

static const char uuid[] = "c0ffee00-0000-4000-8000-000000000001";
static const char other[] = "c0ffee00-0000-4000-8000-000000000002";
static const struct term_now now = { 5000, INT64_C(1769860800000),
				     "c0ffee00-0000-4000-8000-00000000b007" };

static struct domain vm = { .uuid = uuid, .name = "vm", .running = true, .id = 3 };
static struct domain *list[] = { &vm };
static const struct domains domains = { list, 1 };

static struct share *with_term(struct fragment *truth, const char *name, struct term term)
{
	struct share *share = share_new(truth, name, "/srv");

	share->term = term;
	fragment_add(truth, share);
	return share;
}

/* What was told, in its order. */
static void note_name(void *arg, const struct fragment *truth, const struct share *share)
{
	char **told = arg;

	*told = mem_append(NULL, *told, "%s%s ", truth->vm, share->name);
}

static void test_purge(void **state)
{
	struct inventory *inventory = mem_new(NULL, struct inventory);
	struct fragment *truth = inventory_make(inventory, uuid, "vm:", TENURE_TEMPORARY);
	struct term_now later = now;
	char *told = mem_strdup(NULL, "");

	(void)state;
	later.boot_ms += 1000;
	with_term(truth, "second", term_for(&now, 1000, false));
	with_term(truth, "good", (struct term){ 0 });
	with_term(truth, "stop", term_until_stop(&now, 3));
	with_term(truth, "earlier", term_until_stop(&now, 2));
	with_term(truth, "hour", term_for(&now, 3600000, false));
	with_term(truth, "lost", (struct term){ .kind = TERM_LOST });
	assert_int_equal(expiry_purge(truth, &domains, &later, note_name, &told), 3);
	assert_string_equal(told, "vm:lost vm:earlier vm:second ");
	assert_int_equal(truth->count, 3);
	assert_string_equal(truth->shares[0]->name, "good");
	assert_string_equal(truth->shares[1]->name, "stop");
	assert_string_equal(truth->shares[2]->name, "hour");
	assert_int_equal(expiry_purge(truth, &domains, &later, note_name, &told), 0);
	vm.running = false;
	assert_int_equal(expiry_purge(truth, &domains, &later, NULL, NULL), 1);
	vm.running = true;
	assert_null(fragment_find(truth, "stop"));
	talloc_free(told);
	talloc_free(inventory);
}

/* Of whom libvirt does not speak nobody knows whether he runs; clocks are known. */
static void test_unknown(void **state)
{
	struct inventory *inventory = mem_new(NULL, struct inventory);
	struct fragment *truth = inventory_make(inventory, other, "vm", TENURE_PERMANENT);
	struct term_now later = now;

	(void)state;
	later.date_ms += 1000;
	with_term(truth, "stop", term_until_stop(&now, 3));
	with_term(truth, "second", term_for(&now, 1000, true));
	assert_int_equal(expiry_purge(truth, &domains, &later, NULL, NULL), 1);
	assert_non_null(fragment_find(truth, "stop"));
	talloc_free(inventory);
}

static void test_next(void **state)
{
	struct inventory *inventory = mem_new(NULL, struct inventory);
	struct fragment *truth = inventory_make(inventory, uuid, "vm", TENURE_TEMPORARY);
	struct term_now later = now;

	(void)state;
	assert_int_equal(expiry_next_ms(inventory, &now), -1);
	with_term(truth, "good", (struct term){ 0 });
	with_term(truth, "stop", term_until_stop(&now, 3));
	assert_int_equal(expiry_next_ms(inventory, &now), -1);
	with_term(truth, "late", term_for(&now, 3600000, false));
	assert_int_equal(expiry_next_ms(inventory, &now), 3600000);
	with_term(inventory_make(inventory, other, "vm", TENURE_PERMANENT), "date",
		  term_for(&now, 60000, true));
	with_term(inventory->truths[1], "another", term_until_stop(&now, 3));
	assert_int_equal(expiry_next_ms(inventory, &now), 60000);
	later.boot_ms += 59999;
	later.date_ms += 59999;
	assert_int_equal(expiry_next_ms(inventory, &later), 1);
	later.date_ms++;
	assert_int_equal(expiry_next_ms(inventory, &later), 0);
	later.date_ms = now.date_ms - 1;
	assert_int_equal(expiry_next_ms(inventory, &later), 0);
	talloc_free(inventory);
}

/* A rendering that has what is over is closed, and its sessions are cut, also where nobody
 * asked for that VM; what is to end some day is rendered with that. */
static void test_plan(void **state)
{
	void *ctx = talloc_new(NULL);
	struct nic nic = { .mac = { { 0x52, 0x54, 0, 0, 0, 1 } }, .bridge = "br-hub" };
	struct neighbour heard = { .ip = { htonl(0x0a000001) }, .mac = nic.mac };
	const struct evidence evidence = { .bridge = "br-hub", .claims = &heard, .claim_count = 1 };
	struct inventory *inventory = mem_new(ctx, struct inventory);
	struct fragment *truth = inventory_make(inventory, uuid, "vm", TENURE_TEMPORARY);
	struct fragment *there = fragment_new(ctx, uuid, "vm", TENURE_TEMPORARY);
	struct term_now later = now;

	(void)state;
	vm.nics = &nic;
	vm.nic_count = 1;
	struct guests *guests = guests_join(ctx, &domains, &evidence);
	later.boot_ms += 1000;
	there->mac = "52:54:00:00:00:01";
	for (int i = 0; i < 2; i++) {
		with_term(i ? there : truth, "a", term_for(&now, 1000, false));
		with_term(i ? there : truth, "b", term_for(&now, 3600000, false));
	}
	inventory_add_rendering(inventory, there, heard.ip);
	assert_int_equal(plan_of(ctx, inventory, guests, NULL, PLAN_EDITS_REFUSE)->change_count, 0);
	expiry_purge(truth, &domains, &later, NULL, NULL);
	struct plan *plan = plan_of(ctx, inventory, guests, other, PLAN_EDITS_REFUSE);
	assert_int_equal(plan->change_count, 1);
	assert_int_equal(plan->changes[0].final->count, 1);
	assert_string_equal(plan->changes[0].final->shares[0]->name, "b");
	assert_int_equal(plan->changes[0].cutting->cut_count, 1);
	assert_string_equal(plan->changes[0].cutting->cuts[0], "a");
	fragment_remove(there, there->shares[0]);
	assert_int_equal(plan_of(ctx, inventory, guests, NULL, PLAN_EDITS_REFUSE)->change_count, 0);
	truth->shares[0]->term = term_for(&later, 3600000, false);
	plan = plan_of(ctx, inventory, guests, NULL, PLAN_EDITS_REFUSE);
	assert_int_equal(plan->change_count, 1); /* rendered again, and nobody is cut for that */
	assert_null(plan->changes[0].cutting);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_purge),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

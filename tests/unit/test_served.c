/* SPDX-License-Identifier: ISC */
/* Which shares are served, and what is new of it. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "service/served.h"

static struct in_addr ip(const char *text)
{
	struct in_addr ret;

	assert_true(ip_parse(text, &ret));
	return ret;
}

static struct fragment *fragment_of(const void *ctx, const char *vm, const char *names)
{
	struct fragment *fragment = fragment_new(ctx, "u1", vm, TENURE_TEMPORARY);
	char *copy = mem_strdup(ctx, names), *rest = copy, *name;

	while ((name = strsep(&rest, " ")))
		fragment_add(fragment, share_new(fragment, name, "/srv"));
	return fragment;
}

static void take_event(void *arg, const struct event *event)
{
	char **told = arg;

	*told = mem_append(talloc_parent(*told), *told, "%s %s %s %s %s %s; ",
			   event_name(event->kind), event->vm, event->uuid, IP_TEXT(event->ip),
			   event->tenure, event->share);
}

static const char *compared(const void *ctx, const struct served *before,
			    const struct served *now)
{
	char *told = mem_strdup(ctx, "");

	served_compare(before, now, take_event, &told);
	return told;
}

static void take_into(void *arg, const struct event *event)
{
	served_take(arg, event);
}

static void test_compare(void **state)
{
	struct inventory *inventory = mem_new(NULL, struct inventory);
	struct served *nothing = mem_new(inventory, struct served);
	struct served *taken = mem_new(inventory, struct served);
	struct change changes[] = {
		{ .ip = ip("10.0.0.1"), .tenure = TENURE_TEMPORARY,
		  .final = fragment_of(inventory, "v\tm", "b c") },
	};
	struct plan plan = { .changes = changes, .change_count = 1 };

	(void)state;
	inventory_add_rendering(inventory, fragment_of(inventory, "v\tm", "a b"),
				ip("10.0.0.1"));
	inventory_add_rendering(inventory, fragment_of(inventory, "vm", "x"), ip("10.0.0.2"));
	struct served *first = served_of(inventory, inventory, NULL);
	struct served *second = served_of(inventory, inventory, &plan);
	assert_string_equal(compared(inventory, nothing, first),
			    "share-opened v\tm u1 10.0.0.1 temporary a; "
			    "share-opened v\tm u1 10.0.0.1 temporary b; "
			    "share-opened vm u1 10.0.0.2 temporary x; ");
	assert_string_equal(compared(inventory, first, second),
			    "share-closed v\tm u1 10.0.0.1 temporary a; "
			    "share-opened v\tm u1 10.0.0.1 temporary c; ");
	changes[0].final = NULL;
	assert_string_equal(compared(inventory, second, served_of(inventory, inventory, &plan)),
			    "share-closed v\tm u1 10.0.0.1 temporary b; "
			    "share-closed v\tm u1 10.0.0.1 temporary c; ");
	/* who takes the events has the same */
	served_compare(nothing, first, take_into, taken);
	assert_string_equal(compared(inventory, taken, first), "");
	served_compare(first, second, take_into, taken);
	assert_string_equal(compared(inventory, taken, second), "");
	talloc_free(inventory);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_compare) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

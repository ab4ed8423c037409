/* SPDX-License-Identifier: ISC */
/* The gate as text: what it holds, and what of it changes. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "hub/gate_parts.h"

static const struct settings settings = { .bridge = "br-hub",
					  .network = "172.16.10.0/24",
					  .gate_allow = "" };

/* A plan of words: "port P", "tap P MAC", "bind P MAC IP", a line each. */
static struct gate_plan *plan_of_text(const void *ctx, const char *text)
{
	struct gate_plan *plan = mem_new(ctx, struct gate_plan);
	char *copy = mem_strdup(plan, text), *line;
	enum { MANY = 16 };

	plan->ports = mem_check(talloc_zero_size(plan, MANY * sizeof(*plan->ports)));
	plan->taps = mem_array(plan, struct gate_tap, MANY);
	plan->bindings = mem_array(plan, struct gate_binding, MANY);
	while ((line = strsep(&copy, "\n"))) {
		char kind[8] = "", port[IFNAMSIZ] = "", mac[18] = "", ip[18] = "";
		struct gate_binding one = { 0 };

		sscanf(line, "%7s %15s %17s %17s", kind, port, mac, ip);
		strcpy(one.port, port);
		mac_parse(mac, &one.mac);
		ip_parse(ip, &one.ip);
		if (strcmp(kind, "port") == 0)
			strcpy(plan->ports[plan->port_count++], port);
		else if (strcmp(kind, "tap") == 0)
			memcpy(&plan->taps[plan->tap_count++], &one, sizeof(*plan->taps));
		else if (strcmp(kind, "bind") == 0)
			plan->bindings[plan->binding_count++] = one;
	}
	return plan;
}

#define MAC_A "52:54:00:00:00:0a"
#define MAC_B "52:54:00:00:00:0b"
#define PLAN                                                                             \
	"port vnet0\nport vnet1\ntap vnet0 " MAC_A "\ntap vnet1 " MAC_B "\n"             \
	"bind vnet0 " MAC_A " 172.16.10.5\n"

static char *text_of(const void *ctx, const struct settings *how, const char *plan)
{
	return gate_text(ctx, how, (struct in_addr){ htonl(0xac100a01) },
			 plan_of_text(ctx, plan));
}

/* How often PART is in TEXT. */
static size_t times(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

/* All tables go and come in the one text; every rule has its number. */
static void test_whole(void **state)
{
	void *ctx = talloc_new(NULL);
	char *text = text_of(ctx, &settings, PLAN);
	unsigned number, count, seen = 0;

	(void)state;
	for (const char *const *family = gate_families; *family; family++) {
		char *gone = strstr(
			text, mem_printf(ctx, "delete table %s hubshare\n", *family));
		char *back =
			strstr(text, mem_printf(ctx, "\ntable %s hubshare {\n", *family));

		assert_true(gone && back && gone < back);
	}
	for (const char *at = text; (at = strstr(at, "comment \"")); seen++) {
		at += strlen("comment \"");
		assert_true(gate_rule_number(at, &number, &count));
		assert_int_equal(number, seen + 1);
	}
	assert_int_equal(seen, count);
	for (const struct gate_set *set = gate_sets; set->name; set++)
		assert_non_null(strstr(text, mem_printf(ctx, "\tset %s {\n", set->name)));
	assert_int_equal(times(text, "log group"),
			 GATE_GROUP_LAST - GATE_GROUP_FIRST + 1);
	assert_non_null(strstr(text, "define hub = \"br-hub\"\n"));
	assert_non_null(strstr(text, "define host = 172.16.10.1\n"));
	assert_non_null(
		strstr(text, "elements = { \"vnet0\" . " MAC_A " . 172.16.10.5 }\n"));
	assert_non_null(strstr(text, "elements = { 0x52540000000a, 0x52540000000b }\n"));
	talloc_free(ctx);
}

/* A word that is allowed takes its rules away, and leaves all others. */
static void test_allowed(void **state)
{
	static const struct {
		const char *words;
		size_t guests, hosts, routes;
	} rows[] = {
		{ "", 2, 1, 1 },
		{ "guests", 0, 1, 1 },
		{ "host-addresses", 2, 0, 1 },
		{ "routes", 2, 1, 0 },
		{ "routes\nguests", 0, 1, 0 },
		{ "guest\nroute\nhost", 2, 1, 1 },
		{ "myguests\nhost-addresses2", 2, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		void *ctx = talloc_new(NULL);
		struct settings some = settings;

		some.gate_allow = rows[i].words;
		char *text = text_of(ctx, &some, PLAN);
		assert_int_equal(times(text, "guests do not reach one another"),
				 rows[i].guests);
		assert_int_equal(times(text, "no other address of the host"),
				 rows[i].hosts);
		assert_int_equal(times(text, "guests are not routed"), rows[i].routes);
		talloc_free(ctx);
	}
}

/* A name that nft(8) would take for something else is not let in at all. */
static void test_names(void **state)
{
	static const char *const names[] = { "a\"b", "a*",    "*",	 "a\\",
					     "$hub", "a\x01", "\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		void *ctx = talloc_new(NULL);
		char *plan = mem_printf(
			ctx, "port %s\ntap %s " MAC_A "\nbind %s " MAC_A " 1.2.3.4\n",
			names[i], names[i], names[i]);

		assert_int_equal(times(text_of(ctx, &settings, plan), "elements ="), 0);
		talloc_free(ctx);
	}
}

/* From PLAN to PLAN with MORE: WANTED and nothing else; back: the same taken away. */
static void changes(const char *old, const char *new, const char *wanted)
{
	void *ctx = talloc_new(NULL);
	char *text =
		gate_change_text(ctx, plan_of_text(ctx, old), plan_of_text(ctx, new));

	assert_string_equal(text, wanted);
	talloc_free(ctx);
}

static void test_change(void **state)
{
	(void)state;
	changes(PLAN, PLAN, "");
	changes(PLAN,
		"bind vnet0 " MAC_A " 172.16.10.5\ntap vnet1 " MAC_B
		"\nport vnet1\ntap vnet0 " MAC_A "\nport vnet0\n",
		""); /* in any order */
	changes(PLAN, PLAN "bind vnet1 " MAC_B " 172.16.10.6\n",
		"create element bridge hubshare bindings { \"vnet1\" . " MAC_B
		" . 172.16.10.6 }\n"
		"create element bridge hubshare addresses { 172.16.10.6 }\n");
	changes(PLAN "bind vnet1 " MAC_B " 172.16.10.6\n", PLAN,
		"delete element bridge hubshare bindings { \"vnet1\" . " MAC_B
		" . 172.16.10.6 }\n"
		"delete element bridge hubshare addresses { 172.16.10.6 }\n");
	/* an address that changes hands stays one */
	changes("bind vnet0 " MAC_A " 172.16.10.5\n",
		"bind vnet1 " MAC_B " 172.16.10.5\n",
		"delete element bridge hubshare bindings { \"vnet0\" . " MAC_A
		" . 172.16.10.5 }\n"
		"create element bridge hubshare bindings { \"vnet1\" . " MAC_B
		" . 172.16.10.5 }\n");
	/* so does a MAC at two ports, until both are gone */
	changes("tap vnet0 " MAC_A "\ntap vnet1 " MAC_A "\n", "tap vnet0 " MAC_A "\n",
		"delete element bridge hubshare taps { \"vnet1\" . " MAC_A " }\n"
		"delete element bridge hubshare named { \"vnet1\" }\n"
		"delete element bridge hubshare chaddrs { \"vnet1\" . 0x52540000000a }\n");
	changes("", "tap vnet0 " MAC_A "\n",
		"create element bridge hubshare taps { \"vnet0\" . " MAC_A " }\n"
		"create element bridge hubshare named { \"vnet0\" }\n"
		"create element bridge hubshare macs { " MAC_A " }\n"
		"create element bridge hubshare chaddrs { \"vnet0\" . 0x52540000000a }\n"
		"create element inet hubshare chaddrs { 0x52540000000a }\n");
	changes("port vnet0\nport vnet2\n", "port vnet1\nport vnet2\nport vnet3\n",
		"delete element bridge hubshare ports { \"vnet0\" }\n"
		"create element bridge hubshare ports { \"vnet1\", \"vnet3\" }\n");
}

static void test_numbers(void **state)
{
	unsigned number, count;

	(void)state;
	assert_true(gate_rule_number("3/31 words", &number, &count));
	assert_int_equal(number, 3);
	assert_int_equal(count, 31);
	assert_false(gate_rule_number("", &number, &count));
	assert_false(gate_rule_number("mine", &number, &count));
	assert_false(gate_rule_number("0/31 words", &number, &count));
	assert_false(gate_rule_number("32/31 words", &number, &count));
	assert_false(gate_rule_number("99/99 words", &number, &count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_names),	cmocka_unit_test(test_change),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

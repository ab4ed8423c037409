/* SPDX-License-Identifier: ISC */
/* Tables: widths, padding and rules, byte for byte; and the same rows as JSON. */
#include "tests/unit/unit.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "common/memory.h"

static const struct column columns[] = {
	{ "VM", "vm", COLUMN_TEXT, 0, 1, false },
	{ "IP", "ip", COLUMN_TEXT, 0, 1, false },
	{ "Guest OK", "guest_ok", COLUMN_BOOL, 0, 0, false },
	{ NULL, "uuid", COLUMN_TEXT, 0, 0, false },
	{ 0 },
};

static void row(struct table *table, const char *vm, const char *ip, bool guest_ok)
{
	struct cell *cells = table_row(table);

	cells[0].text = vm;
	cells[1].text = ip;
	cells[2].truth = guest_ok;
	cells[3].text = "c0ffee";
}

static char *printed(const struct table *table, int rule)
{
	FILE *real = stdout;
	char *text = NULL;
	size_t length = 0;

	stdout = open_memstream(&text, &length);
	table_print(table, rule);
	fclose(stdout);
	stdout = real;
	char *copy = mem_strdup(table, text);
	free(text);
	return copy;
}

static void test_print(void **state)
{
	struct table *a = table_new(NULL, columns), *b = table_new(a, columns);

	(void)state;
	row(a, "personal-0", "172.16.10.59", false);
	row(a, "x", NULL, true);
	table_align(a, b);
	assert_string_equal(printed(a, 0), "VM          | IP            | Guest OK\n"
					   "--------------------------------------\n"
					   "personal-0  | 172.16.10.59  | False   \n"
					   "x           | -             | True    \n");
	/* the other table has the same widths, and 45 dashes where that is asked for */
	assert_string_equal(printed(b, 45), "VM          | IP            | Guest OK\n"
					    "---------------------------------------------\n");
	talloc_free(a);
}

static void test_empty(void **state)
{
	struct table *table = table_new(NULL, columns);

	(void)state;
	table_align(table, table);
	assert_string_equal(printed(table, 0), "VM  | IP  | Guest OK\n--------------------\n");
	talloc_free(table);
}

static void test_ragged(void **state)
{
	static const struct column ragged[] = {
		{ "IP", "ip", COLUMN_TEXT, 8, 0, false },
		{ "VM", "vm", COLUMN_TEXT, 0, 0, true },
		{ 0 },
	};
	struct table *table = table_new(NULL, ragged);
	struct cell *cells = table_row(table);

	(void)state;
	cells[0].text = "1.2.3.4";
	cells[1].text = "x";
	cells = table_row(table);
	cells[0].text = "1.2.3.44";
	cells[1].text = NULL;
	cells[1].shown = "longer";
	table_align(table, table);
	assert_string_equal(printed(table, 5), "IP       | VM\n-----\n1.2.3.4  | x\n"
					       "1.2.3.44 | longer\n");
	talloc_free(table);
}

/* Wide and combining characters take their columns, hostile ones do no harm. */
static void test_hostile(void **state)
{
	struct table *table = table_new(NULL, columns);

	(void)state;
	row(table, "漢字", "a\314\210", false);
	row(table, "a\n\033[2J", "\377", false);
	row(table, "a | b", "", true);
	table_align(table, table);
	assert_string_equal(printed(table, 0), "VM          | IP    | Guest OK\n"
					       "------------------------------\n"
					       "漢字        | a\314\210     | False   \n"
					       "a\\n\\033[2J  | \\377  | False   \n"
					       "a | b       |       | True    \n");
	talloc_free(table);
}

static void test_json(void **state)
{
	struct table *table = table_new(NULL, columns);

	(void)state;
	row(table, "a\n\"", NULL, true);
	row(table, "\377", "1.2.3.4", false);
	char *text = document_write(table, table_document(table, table), false);
	assert_string_equal(text, "[{\"vm\": \"a\\n\\\"\", \"ip\": null, \"guest_ok\": true, "
				  "\"uuid\": \"c0ffee\"}, {\"vm\": \"\\\\377\", \"ip\": "
				  "\"1.2.3.4\", \"guest_ok\": false, \"uuid\": \"c0ffee\"}]");
	talloc_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),	cmocka_unit_test(test_empty),
		cmocka_unit_test(test_ragged),	cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

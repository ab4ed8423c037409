/* SPDX-License-Identifier: ISC */
/* Tables: widths, padding and rules, byte for byte; and the same rows as JSON. */
#include "tests/unit/unit.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "common/memory.h"

static const struct column columns[] = {
	{ "VM", "vm", COLUMN_TEXT, 0, 1, 0 },
	{ "IP", "ip", COLUMN_TEXT, 0, 1, 0 },
	{ "Guest OK", "guest_ok", COLUMN_BOOL, 0, 0, 0 },
	{ NULL, "uuid", COLUMN_TEXT, 0, 0, 0 },
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
		{ "IP", "ip", COLUMN_TEXT, 8, 0, 0 },
		{ "VM", "vm", COLUMN_TEXT, 0, 0, COLUMN_RAGGED },
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

static const struct column shrinking[] = {
	{ "VM", "vm", COLUMN_TEXT, 0, 1, COLUMN_NAME },
	{ "IP", "ip", COLUMN_TEXT, 0, 0, 0 },
	{ "Path", "path", COLUMN_TEXT, 0, 0, COLUMN_CUT },
	{ "Hosts", "hosts", COLUMN_TEXT, 0, 0, COLUMN_LIST },
	{ 0 },
};

static void shrinking_row(struct table *table, const char *vm, const char *ip, const char *path,
			  const char *hosts)
{
	struct cell *cells = table_row(table);

	cells[0].text = vm;
	cells[1].text = ip;
	cells[2].text = path;
	cells[3].text = hosts;
}

static char *fitting(struct table *a, struct table *b, int width)
{
	const struct terminal terminal = { .columns = width };

	for (size_t i = 0; i < a->column_count; i++)
		a->widths[i] = b->widths[i] = 0;
	table_align(a, b);
	table_fit(a, b, &terminal);
	return printed(a, 0);
}

/* The widest column first; an address never; a name as long as it is one; items as a whole. */
static void test_fit(void **state)
{
	struct table *table = table_new(NULL, shrinking);

	(void)state;
	shrinking_row(table, "abcdef-1", "10.0.0.1", "/srv/a-long-directory", "10.0.0.0/8");
	shrinking_row(table, "abcdef-2", "10.0.0.22", "/srv/x", "10.1.0.0/16, 10.2.0.0/16");
	const char *whole = "VM        | IP        | Path                  | Hosts                   \n"
			    "------------------------------------------------------------------------\n"
			    "abcdef-1  | 10.0.0.1  | /srv/a-long-directory | 10.0.0.0/8              \n"
			    "abcdef-2  | 10.0.0.22 | /srv/x                | 10.1.0.0/16, 10.2.0.0/16\n";
	assert_string_equal(fitting(table, table, 0), whole);
	assert_string_equal(fitting(table, table, 72), whole);
	assert_string_equal(
		fitting(table, table, 60),
		"VM        | IP        | Path             | Hosts            \n"
		"------------------------------------------------------------\n"
		"abcdef-1  | 10.0.0.1  | /srv/a-l\u2026rectory | 10.0.0.0/8       \n"
		"abcdef-2  | 10.0.0.22 | /srv/x           | 10.1.0.0/16, \u2026   \n");
	assert_string_equal(fitting(table, table, 1), "VM   | IP        | Path | Hosts         \n"
						      "----------------------------------------\n"
						      "a\u20261  | 10.0.0.1  | /s\u2026y | 10.0.0.0/8    \n"
						      "a\u20262  | 10.0.0.22 | /s\u2026x | 10.1.0.0/16, \u2026\n");
	talloc_free(table);
}

/* Names that differ in the middle alone stay as long as it takes, in each of two tables. */
static void test_names(void **state)
{
	struct table *a = table_new(NULL, shrinking), *b = table_new(a, shrinking);

	(void)state;
	shrinking_row(a, "a-very-long-name", "-", "/", "");
	shrinking_row(b, "customer-1-web", "-", "/", "");
	assert_non_null(strstr(fitting(a, b, 1), "\na\u2026 "));
	shrinking_row(b, "customer-2-web", "-", "/", "");
	assert_non_null(strstr(fitting(a, b, 1), "\na-ver\u2026-name "));
	assert_non_null(strstr(printed(b, 0), "\ncusto\u20262-web "));
	talloc_free(a);
}

static void test_tones(void **state)
{
	const struct terminal colours = { .coloured = true };
	struct table *table = table_new(NULL, columns);

	(void)state;
	row(table, "x", "1.2.3.4", true);
	table_last(table)[0].tone = TONE_BAD;
	table_align(table, table);
	assert_null(strchr(printed(table, 0), '\033'));
	table_fit(table, table, &colours);
	assert_non_null(strstr(printed(table, 0), "\n\033[31mx\033[0m   | 1.2.3.4  | True"));
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
		cmocka_unit_test(test_fit),	cmocka_unit_test(test_names),
		cmocka_unit_test(test_tones),	cmocka_unit_test(test_json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

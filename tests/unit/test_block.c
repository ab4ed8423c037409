/* SPDX-License-Identifier: ISC */
/* Lines of ours in an admin's file: put in and taken out again, to the byte. */

#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "doctor/block.h"

static const char body[] = "[global]\n\tserver multi channel support = no\n";

static char *joined(const void *ctx, const char *rest)
{
	return block_join(ctx, rest, body);
}

/* What is taken apart is what was put together. */
static void check_round(const char *rest)
{
	void *ctx = talloc_new(NULL);
	char *back, *lines, *text = joined(ctx, rest);

	assert_null(block_cut(ctx, text, &back, &lines));
	assert_string_equal(lines, body);
	if (rest)
		assert_string_equal(back, rest);
	else
		assert_null(back);
	talloc_free(ctx);
}

static void test_round(void **state)
{
	static const char *const rests[] = {
		NULL,	 "",	  "\n",	 "\n\n",  "x",
		"x\n",	 "x\n\n", "x\\", "x\\\n", "# hubshare setup\n",
		"a\r\n", "\n\nx"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rests) / sizeof(*rests); i++)
		check_round(rests[i]);
}

static void test_none(void **state)
{
	void *ctx = talloc_new(NULL);
	char *rest, *lines;

	(void)state;
	assert_null(block_cut(ctx, NULL, &rest, &lines));
	assert_null(rest);
	assert_null(lines);
	assert_null(block_cut(ctx, "a\n;# hubshare setup: begin\n", &rest, &lines));
	assert_string_equal(rest, "a\n;# hubshare setup: begin\n");
	assert_null(lines);
	talloc_free(ctx);
}

/* What somebody has put behind it is not glued to what stood before. */
static void test_followed(void **state)
{
	void *ctx = talloc_new(NULL);
	char *rest, *lines;

	(void)state;
	assert_null(
		block_cut(ctx, mem_printf(ctx, "%s[x]\n", joined(ctx, "last")), &rest, &lines));
	assert_string_equal(rest, "last\n[x]\n");
	assert_null(block_cut(ctx, mem_printf(ctx, "%s[x]\n", joined(ctx, NULL)), &rest, &lines));
	assert_string_equal(rest, "[x]\n");
	talloc_free(ctx);
}

static void test_no_pair(void **state)
{
	static const char *const texts[] = {
		"# hubshare setup: begin\n",
		"a\n# hubshare setup: end\n",
		"# hubshare setup: begin",
		"# hubshare setup: end\n# hubshare setup: begin\n",
		"# hubshare setup: begin\n# hubshare setup: begin\n# hubshare setup: end\n",
		"# hubshare setup: begin\n# hubshare setup: end\n# hubshare setup: end\n",
	};
	void *ctx = talloc_new(NULL);
	char *rest, *lines;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct fault *fault = block_cut(ctx, texts[i], &rest, &lines);

		assert_non_null(fault);
		assert_int_equal(fault->status, FAULT_CONFLICT);
		talloc_free(fault);
	}
	talloc_free(ctx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_followed),
		cmocka_unit_test(test_no_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Templates: no value becomes a second line. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "confgen/template.h"

static struct template *parsed(const void *ctx, const char *text)
{
	struct template *template = NULL;

	assert_null(template_parse(ctx, "test", text, &template));
	return template;
}

static char *filled(const void *ctx, const char *text, const struct values *values)
{
	char *out = NULL;

	assert_null(template_fill(ctx, parsed(ctx, text), values, &out));
	return out;
}

static void test_fill(void **state)
{
	void *ctx = talloc_new(NULL);
	struct values *values = values_new(ctx);

	(void)state;
	values_add(values, "one", "1");
	values_add(values, "many", "a");
	values_add(values, "many", "b");
	values_add(values, "many words", "c");
	values_add(values, "nothing", NULL);
	values_add(values, "empty", "");
	assert_string_equal(filled(ctx, "", values), "");
	assert_string_equal(filled(ctx, "plain\n\nlines\n", values), "plain\n\nlines\n");
	assert_string_equal(filled(ctx, "no newline", values), "no newline\n");
	assert_string_equal(filled(ctx, "x = @one@;\n", values), "x = 1;\n");
	assert_string_equal(filled(ctx, "[@many@]\n", values), "[a]\n[b]\n");
	assert_string_equal(filled(ctx, "@many words@", values), "c\n");
	/* left out: without a value; kept: with an empty one */
	assert_string_equal(filled(ctx, "a\nx = @nothing@\ny = @unheard of@\nb\n", values),
			    "a\nb\n");
	assert_string_equal(filled(ctx, "x = @empty@\n", values), "x = \n");
	/* remarks are the template's own; '#' is Samba's */
	assert_string_equal(filled(ctx, "; a @remark@ @of@ two\n# kept\n ; kept\n", values),
			    "# kept\n ; kept\n");
	/* what looks like a name in a value is none */
	values_add(values, "sly", "@one@");
	assert_string_equal(filled(ctx, "@sly@\n", values), "@one@\n");
	talloc_free(ctx);
}

static void test_bad_template(void **state)
{
	static const char *const texts[] = { "@", "a @b", "@a@ @b@", "@a@ @", "ok\n@a@@\n" };
	struct template *template = (void *)-1;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct fault *fault = template_parse(NULL, "test", texts[i], &template);

		assert_non_null(fault);
		assert_non_null(strstr(fault->text, "test"));
		talloc_free(fault);
		assert_ptr_equal(template, (void *)-1);
	}
}

static void test_load(void **state)
{
	struct template *template = NULL;
	struct fault *fault = template_load(NULL, "/nonexistent", "x.conf", &template);

	(void)state;
	assert_non_null(fault);
	assert_int_equal(fault->status, FAULT_UNREACHABLE);
	talloc_free(fault);
	assert_null(template_load(NULL, "samba-snippets", "share.conf", &template));
	talloc_free(template);
}

static void test_no_second_line(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		void *ctx = talloc_new(NULL);
		struct values *values = values_new(ctx);
		char *out = NULL;

		values_add(values, "v", mem_printf(ctx, "/srv%croot preexec = id", c));
		struct fault *fault =
			template_fill(ctx, parsed(ctx, "path = @v@\nlast\n"), values, &out);
		if (c < 0x20 || c == 0x7f) {
			assert_non_null(fault);
			assert_int_equal(fault->status, FAULT_USAGE);
			assert_null(out);
			talloc_free(fault);
		} else {
			assert_null(fault);
			assert_int_equal(strchr(strchr(out, '\n') + 1, '\n')[1], '\0');
		}
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_bad_template),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_no_second_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

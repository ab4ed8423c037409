/* SPDX-License-Identifier: ISC */
/* Text of others: nothing that it says may move a cursor, end a line or be lost. */
#include "tests/unit/unit.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "common/memory.h"
#include "common/text.h"
#include "tests/unit/random.h"

/* What the C library thinks of it: another hand than ours.  (It knows no end at U+10FFFF.) */
static bool library_says_utf8(const char *text)
{
	wchar_t wide[1024];
	size_t length = mbstowcs(wide, text, 1024);

	for (size_t i = 0; length != (size_t)-1 && i < length; i++)
		if (wide[i] > 0x10ffff)
			return false;
	return length != (size_t)-1;
}

static void assert_harmless(const char *visible)
{
	assert_true(library_says_utf8(visible));
	for (const unsigned char *c = (const unsigned char *)visible; *c; c++) {
		assert_true(*c >= 0x20 && *c != 0x7f);
		assert_false(c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
		/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: text turned round */
		assert_false(c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f));
		assert_false(c[0] == 0xe2 && c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae);
		assert_false(c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
	}
}

static void check_round_trip(const char *text)
{
	char *visible = text_visible(NULL, text), *plain = text_plain(NULL, visible);

	assert_harmless(visible);
	if (strcmp(plain, text) != 0)
		fail_msg("'%s' came back as something else", visible);
	talloc_free(visible);
	talloc_free(plain);
}

static void test_round_trip(void **state)
{
	static const char *const pieces[] = {
		"a", "Z", " ", "\\", "\\n", "\\012", "\n", "\r", "\t", "\033[2J", "\177", "\302\205",
		"ü", "漢", "\360\237\230\200", "\342\200\256", "\377", "\303", "\300\200", "0", "7",
		"\001", "^", "%U", "]", "M-", "\\^", "\\s", "\\-", "\\M-a", "\303(", "\b", "\a",
	};

	(void)state;
	for (int run = 0; run < 20000; run++) {
		char text[200] = "";

		if (run % 2)
			for (size_t i = random_below(12); i > 0; i--)
				strcat(text, pieces[random_below(sizeof(pieces) / sizeof(*pieces))]);
		else
			for (size_t i = random_below(40); i > 0; i--)
				text[i - 1] = (char)(1 + random_below(255));
		check_round_trip(text);
	}
	for (int first = 1; first < 256; first++)
		for (int second = 1; second < 256; second++)
			check_round_trip((char[]){ (char)first, (char)second, '\0' });
}

static void test_visible(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(text_visible(ctx, "untrusted-0 ü 漢"), "untrusted-0 ü 漢");
	assert_string_equal(text_visible(ctx, "a\nb"), "a\\nb");
	assert_string_equal(text_visible(ctx, "a\\nb"), "a\\\\nb");
	assert_string_equal(text_visible(ctx, "\033[31mred"), "\\033[31mred");
	assert_string_equal(text_visible(ctx, ""), "");
	assert_string_equal(text_visible(ctx, "\377\303("), "\\377\\303(");
	talloc_free(ctx);
}

static void test_utf8(void **state)
{
	char text[5] = "";
	size_t chars = 0;

	(void)state;
	assert_true(text_is_utf8("", &chars));
	assert_int_equal(chars, 0);
	assert_true(text_is_utf8("aü漢\360\237\230\200", &chars));
	assert_int_equal(chars, 4);
	assert_false(text_is_utf8("\300\257", NULL));		/* '/' in two bytes */
	assert_false(text_is_utf8("\355\240\200", NULL));	/* a surrogate */
	assert_false(text_is_utf8("\364\220\200\200", NULL));	/* beyond U+10FFFF */
	assert_false(text_is_utf8("\342\202", NULL));		/* cut short */
	for (int i = 0; i < 400000; i++) {
		for (size_t n = 0; n < 4; n++)
			text[n] = (char)(n && one_in(2) ? 0x80 + random_below(64) :
							  1 + random_below(255));
		text[random_below(5)] = '\0';
		assert_int_equal(text_is_utf8(text, NULL), library_says_utf8(text));
	}
}

static void test_same(void **state)
{
	(void)state;
	assert_true(text_same("", ""));
	assert_true(text_same("Share", "sHARE"));
	assert_true(text_same("ÄÖÜ", "äöü"));
	assert_true(text_same("\316\243", "\317\202")); /* a final sigma is a sigma */
	assert_false(text_same("share", "shares"));
	assert_false(text_same("shares", "share"));
	assert_true(text_same("a\377", "a\377"));
}

/* JSON stays the same document; what a terminal would obey is written as an escape. */
static void test_json(void **state)
{
	static const char *const rows[][2] = {
		{ "{\n  \"a\": \"\\n\"\n}", "{\n  \"a\": \"\\n\"\n}" },
		{ "\"ünï 漢 😀\"", "\"ünï 漢 😀\"" },
		{ "\"\x7f\"", "\"\\u007f\"" },
		{ "\"\xc2\x9b" "31m\"", "\"\\u009b31m\"" },
		{ "\"\xe2\x80\xae\"", "\"\\u202e\"" },
		{ "\"\xf3\xa0\x80\x81\"", "\"\\udb40\\udc01\"" }, /* U+E0001 */
		{ "\"\xf4\x8f\xbf\xbf\"", "\"\\udbff\\udfff\"" }, /* U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *json = text_json(NULL, rows[i][0]);

		assert_string_equal(json, rows[i][1]);
		talloc_free(json);
	}
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("personal-0"), 10);
	assert_int_equal(text_width("ü"), 1);
	assert_int_equal(text_width("漢字"), 4);
	assert_int_equal(text_width("a\314\210"), 1); /* a combining one */
	assert_int_equal(text_width("\377\377"), 2);
}

static void assert_shortened(const char *text, size_t columns, const char *wanted)
{
	char *shortened = text_shorten(NULL, text, columns);

	assert_string_equal(shortened, wanted);
	assert_true(text_width(shortened) <= columns);
	talloc_free(shortened);
}

static void test_shorten(void **state)
{
	(void)state;
	assert_shortened("abcdefgh", 8, "abcdefgh");
	assert_shortened("abcdefgh", 7, "abc\u2026fgh");
	assert_shortened("abcdefgh", 4, "ab\u2026h");
	assert_shortened("abcdefgh", 2, "a\u2026");
	assert_shortened("abcdefgh", 1, "\u2026");
	assert_shortened("abcdefgh", 0, "");
	assert_shortened("", 3, "");
	/* what is wide goes whole, an accent with its letter */
	assert_shortened("\u6f22\u5b57\u6f22\u5b57", 6, "\u6f22\u2026\u5b57");
	assert_shortened("aa\u0308bcde\u0308", 4, "aa\u0308\u2026e\u0308");
	assert_shortened("abce\u0308", 2, "a\u2026");
	assert_shortened("\377\377\377\377", 3, "\377\u2026\377");
}

static void assert_wrapped(const char *text, size_t columns, size_t indent, const char *wanted)
{
	char *wrapped = text_wrap(NULL, text, columns, indent);

	assert_string_equal(wrapped, wanted);
	talloc_free(wrapped);
}

static void test_wrap(void **state)
{
	(void)state;
	assert_wrapped("one two three", 0, 2, "one two three");
	assert_wrapped("one two three", 13, 0, "one two three");
	assert_wrapped("one two three", 12, 0, "one two\nthree");
	assert_wrapped("one two three", 9, 2, "one two\n  three");
	assert_wrapped("one two three", 1, 2, "one\n  two\n  three");
	assert_wrapped("a  b ", 3, 0, "a\nb ");
	assert_wrapped("", 3, 2, "");
}

static void test_lines(void **state)
{
	char text[] = "one\n\n three \nfour", *rest = text;
	char blank[] = " \t\r\n ", empty[] = "";

	(void)state;
	assert_string_equal(text_line(&rest), "one");
	assert_string_equal(text_line(&rest), "");
	assert_string_equal(text_strip(text_line(&rest)), "three");
	assert_string_equal(text_line(&rest), "four");
	assert_null(text_line(&rest));
	assert_string_equal(text_strip(blank), "");
	assert_string_equal(text_strip(empty), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_visible),
		cmocka_unit_test(test_utf8),	   cmocka_unit_test(test_same),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_width),	   cmocka_unit_test(test_shorten),
		cmocka_unit_test(test_wrap),	   cmocka_unit_test(test_lines),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	random_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Calls and answers: what goes over the service's socket is what was said, or is refused. */
#include "tests/unit/unit.h"

#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "service/call.h"

static void assert_words(void *ctx, const char *const *words)
{
	const char *const *again;
	char *line;

	assert_null(call_line(ctx, words, &line));
	assert_null(strchr(line, '\n'));
	assert_null(call_parse(ctx, line, &again));
	for (; *words; words++, again++)
		assert_string_equal(*words, *again);
	assert_null(*again);
}

static void test_words(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_words(ctx, (const char *const[]){ "add", "-g", "vm", "/home/user/tmp", NULL });
	assert_words(ctx, (const char *const[]){ "", " ", "\n\t\x1b", "\"\\", "käse", "--", NULL });
	assert_words(ctx, (const char *const[]){ NULL });
	talloc_free(ctx);
}

static void assert_refused(struct fault *fault, const char *what)
{
	assert_non_null(fault);
	if (fault->status != FAULT_USAGE || !strstr(fault->text, what))
		fail_msg("%d: %s", fault->status, fault->text);
	talloc_free(fault);
}

static void test_what_is_not_sent(void **state)
{
	const char *many[CALL_WORDS_MAX + 2] = { NULL };
	void *ctx = talloc_new(NULL);
	char *line = NULL, *word = mem_array(ctx, char, CALL_MAX_BYTES);

	(void)state;
	assert_refused(call_line(ctx, (const char *const[]){ "a\xff", NULL }, &line), "UTF-8");
	for (size_t i = 0; i <= CALL_WORDS_MAX; i++)
		many[i] = "x";
	assert_refused(call_line(ctx, many, &line), "more than");
	many[CALL_WORDS_MAX] = NULL;
	assert_words(ctx, many);
	memset(word, 'x', CALL_MAX_BYTES - 1);
	assert_refused(call_line(ctx, (const char *const[]){ word, NULL }, &line), "more than");
	assert_null(line);
	talloc_free(ctx);
}

static void test_no_calls(void **state)
{
	static const char *const lines[] = {
		"",
		"{",
		"[]",
		"null",
		"\"add\"",
		"{}",
		"{\"version\": 1}",
		"{\"words\": [\"add\"]}",
		"{\"version\": 2, \"words\": [\"add\"]}",
		"{\"version\": \"1\", \"words\": [\"add\"]}",
		"{\"version\": 1, \"words\": \"add\"}",
		"{\"version\": 1, \"words\": {\"0\": \"add\"}}",
		"{\"version\": 1, \"words\": [\"add\", 1]}",
		"{\"version\": 1, \"words\": [\"add\", null]}",
		"{\"version\": 1, \"words\": [[\"add\"]]}",
		"{\"version\": 1, \"words\": [\"a\\u0000b\"]}",
		"{\"version\": 1, \"words\": [\"a\xff\"]}",
		"{\"version\": 1, \"words\": [\"add\"], \"words\": [\"delete\"]}",
		"{\"version\": 1, \"words\": [\"add\"]} x",
	};
	const char *const *words = NULL;
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_refused(call_parse(ctx, lines[i], &words), "no command");
	assert_null(words);
	char *line = mem_strdup(ctx, "{\"version\": 1, \"words\": [\"x\"");
	for (size_t i = 0; i < CALL_WORDS_MAX; i++)
		line = mem_append(ctx, line, ", \"x\"");
	assert_refused(call_parse(ctx, mem_append(ctx, line, "]}"), &words), "at most");
	char *deep = mem_array(ctx, char, CALL_MAX_BYTES);
	memset(deep, '[', CALL_MAX_BYTES - 1);
	assert_refused(call_parse(ctx, deep, &words), "no command");
	talloc_free(ctx);
}

static void test_answers(void **state)
{
	const struct answer said = { 8, "one\ntwo\n", "k\xc3\xa4se \"\\\n" };
	void *ctx = talloc_new(NULL);
	struct answer *heard = NULL;

	(void)state;
	assert_null(answer_parse(ctx, answer_line(ctx, &said), &heard));
	assert_int_equal(heard->status, 8);
	assert_string_equal(heard->output, said.output);
	assert_string_equal(heard->error, said.error);
	static const char *const none[] = {
		"", "[]", "{\"version\": 2, \"status\": 0}", "{\"version\": 1, \"status\": 9}",
		"{\"version\": 1, \"status\": -1}",
	};
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		struct fault *fault = answer_parse(ctx, none[i], &heard);

		assert_non_null(fault);
		talloc_free(fault);
	}
	talloc_free(ctx);
}

static void test_event(void **state)
{
	static const char *const words[] = { "add", "vm", "/a b", "", NULL };
	void *ctx = talloc_new(NULL);
	struct event *event = call_event(ctx, 0, words, NULL), *again;

	(void)state;
	assert_string_equal(event_sentence(ctx, event),
			    "root (user 0) called 'hubshare add vm \"/a b\" \"\"': done");
	struct fault *fault = fault_new(FAULT_REFUSED, "'%s' may not", "x");
	event = call_event(ctx, 4000000000, NULL, fault);
	assert_string_equal(event_sentence(ctx, event), "(user 4000000000): 'x' may not");
	talloc_free(fault);
	char *word = mem_array(ctx, char, CALL_MAX_BYTES);
	memset(word, '\x1b', CALL_MAX_BYTES - 1);
	event = call_event(ctx, 0, (const char *const[]){ word, NULL }, NULL);
	assert_true(strlen(event->text) < 4000);
	assert_null(event_parse(ctx, event_json(ctx, event), &again));
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),	 cmocka_unit_test(test_what_is_not_sent),
		cmocka_unit_test(test_no_calls), cmocka_unit_test(test_answers),
		cmocka_unit_test(test_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

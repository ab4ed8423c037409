/* SPDX-License-Identifier: ISC */
/* Command lines: how words are taken, and hubshare's own tables walked row by row. */
#include "tests/unit/unit.h"

int hubshare_main(int argc, char *argv[]);
#define main hubshare_main
#include "cli/hubshare.c"
#undef main

#include <glob.h>
#include <string.h>

struct answers {
	bool flag, quiet;
	const char *text;
	int number;
};

static const struct option_row few_rows[] = {
	{ 'f', "flag", NULL, "A flag", OPTION_FLAG, offsetof(struct answers, flag), 0, 0, NULL },
	{ 't', "text", "TEXT", "A text", OPTION_TEXT, offsetof(struct answers, text), 0, 0,
	  "one" },
	{ 'n', "number", "N", "A number", OPTION_NUMBER, offsetof(struct answers, number), -2,
	  10, NULL },
	{ 0, "quiet", NULL, "Long only", OPTION_FLAG, offsetof(struct answers, quiet), 0, 0,
	  "one none-such" },
	{ 0 },
};

static const struct action action_one = { .name = "one", .args = "VM [NAME]",
					  .help = "does one",
					  .example = "few one -t x vm" };
static const struct action action_none = { .name = "none", .args = "", .help = "does none" };

static const struct command few = {
	.name = "few",
	.operands = "action [vm]",
	.options = few_rows,
	.actions = (const struct action *const[]){ &action_one, &action_none, NULL },
};
static const struct command plain = { .name = "plain", .operands = "", .options = few_rows };

/* Parses the words of LINE (blanks between; "''" is an empty word).  The result is
 * "action|flag quiet|text|number|operands", or "STATUS: what the fault says". */
static char *said(const void *ctx, const struct command *command, const char *line)
{
	char *argv[20] = { mem_strdup(ctx, command->name) }, *rest = mem_strdup(ctx, line);
	const char *const *operands = NULL;
	const struct action *action = NULL;
	struct answers answers = { .number = 5 };
	int argc = 1;

	for (char *word; (word = strsep(&rest, " "));)
		if (*word)
			argv[argc++] = strcmp(word, "''") ? word : word + 2;
	struct fault *fault =
		command_parse(ctx, command, argc, argv, &answers, &action, &operands);
	if (fault) {
		assert_null(operands);
		char *text = mem_printf(ctx, "%d: %s", fault->status, fault->text);
		talloc_free(fault);
		return text;
	}
	char *text = mem_printf(ctx, "%s|%s%s|%s|%d", action ? action->name : "",
				answers.flag ? "f" : "", answers.quiet ? "q" : "",
				answers.text ? answers.text : "-", answers.number);
	for (; *operands; operands++)
		text = mem_append(ctx, text, "|%s", *operands);
	return text;
}

#define SAID(line) said(ctx, &few, line)

static void test_anywhere(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(SAID("one vm"), "one||-|5|vm");
	assert_string_equal(SAID("-f one vm name"), "one|f|-|5|vm|name");
	assert_string_equal(SAID("one -f vm --text=x name"), "one|f|x|5|vm|name");
	assert_string_equal(SAID("one vm -t x name -n7 --quiet"), "one|q|x|7|vm|name");
	talloc_free(ctx);
}

static void test_forms(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(SAID("one -ft x vm"), "one|f|x|5|vm");
	assert_string_equal(SAID("one -tx=y vm"), "one||x=y|5|vm");
	assert_string_equal(SAID("one --text -x vm"), "one||-x|5|vm");
	assert_string_equal(SAID("one -t -f vm"), "one||-f|5|vm");
	assert_string_equal(SAID("one -t a -t b vm"), "one||b|5|vm");
	assert_string_equal(SAID("one '' ''"), "one||-|5||");
	/* "--" ends the options, wherever it stands */
	assert_string_equal(SAID("one -- -f --x"), "one||-|5|-f|--x");
	assert_string_equal(SAID("-f -- one vm"), "one|f|-|5|vm");
	assert_string_equal(SAID("one vm -- -f"), "one||-|5|vm|-f");
	assert_string_equal(SAID("one -"), "one||-|5|-");
	assert_string_equal(said(ctx, &plain, "a -f b"), "|f|-|5|a|b");
	assert_string_equal(said(ctx, &plain, ""), "||-|5");
	talloc_free(ctx);
}

static void test_numbers(void **state)
{
	static const char *const bad[] = {
		"11", "-3", "x", "''", "1x", "1.5", "0x3", "99999999999999999999", "1e3",
	};
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(SAID("-n 10 none"), "none||-|10");
	assert_string_equal(SAID("-n -2 none"), "none||-|-2");
	assert_string_equal(SAID("-n 0 none"), "none||-|0");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *text = SAID(mem_printf(ctx, "-n %s none", bad[i]));

		if (strncmp(text, "2: --number takes a whole number from -2 to 10", 46) != 0)
			fail_msg("%s: %s", bad[i], text);
	}
	talloc_free(ctx);
}

static void test_refused(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{ "", "2: What shall be done?" },
		{ "two", "2: There is no action 'two'; there are one, none" },
		{ "on vm", "2: There is no action 'on'" }, /* not even its beginning */
		{ "one", "2: Something is missing: use it as: few one VM [NAME]" },
		{ "one a b c", "2: Too many words: use it as: few one VM [NAME]" },
		{ "none a", "2: Too many words: use it as: few none" },
		{ "none --quiet", "2: none does not take --quiet" }, /* "none-such" is another */
		{ "none -t x", "2: none does not take --text (it goes with: one)" },
		{ "-x none", "2: There is no option -x" },
		{ "--nothing none", "2: There is no option --nothing" },
		{ "none --flag=x", "2: --flag takes no value" },
		{ "one vm -t", "2: --text needs a value: --text TEXT" },
		{ "one vm --number", "2: --number needs a value: --number N" },
	};
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *text = SAID(bad[i].line);

		if (strncmp(text, bad[i].says, strlen(bad[i].says)) != 0)
			fail_msg("'%s' gives: %s", bad[i].line, text);
	}
	talloc_free(ctx);
}

/* The original's usage, to the letter; what is ours comes after what it lists. */
static const char usage_until_actions[] =
	"usage: hubshare [-h] [-r] [-g] [-p] [-t TIMEOUT] [-a ALLOW] [-e] action [vm] [path] "
	"[name]\n"
	"\n"
	"positional arguments:\n"
	"  action                add|remove|list|find|wait|delete|clean";
static const char usage_after_actions[] =
	"\n"
	"  vm                    VM name or IP\n"
	"  path                  Host path to share\n"
	"  name                  Name of the share\n"
	"\n"
	"options:\n"
	"  -h, --help            show this help message and exit\n"
	"  -r, --readonly        Set share to read-only\n"
	"  -g, --guest           Allow guest access\n"
	"  -p, --permanent       Make the share permanent\n"
	"  -t TIMEOUT, --timeout TIMEOUT\n"
	"                        Timeout (in seconds) for wait action\n"
	"  -a ALLOW, --allow ALLOW\n"
	"                        Hosts or CIDR ranges permitted to access the share\n"
	"  -e, --private         Limit access down to only the target VM\n";

static void test_usage(void **state)
{
	char *usage = command_usage(NULL, &hubshare);
	size_t length = strlen(usage_until_actions);

	(void)state;
	assert_memory_equal(usage, usage_until_actions, length);
	const char *ours = usage + length, *rest = strchr(ours, '\n');
	assert_true(*ours == '\n' || *ours == '|');
	assert_memory_equal(rest, usage_after_actions, strlen(usage_after_actions));
	talloc_free(usage);
}

/* The usage of an action has its own arguments and options, and no others. */
static void test_action_usage(void **state)
{
	char *one = command_usage_of(NULL, &few, &action_one);
	char *none = command_usage_of(one, &few, &action_none);
	char *edit = command_usage_of(one, &hubshare, &action_edit);

	(void)state;
	assert_string_equal(one,
			    "usage: few one [-t TEXT] [--quiet] VM [NAME]\n"
			    "\n"
			    "does one\n"
			    "\n"
			    "options:\n"
			    "  -t TEXT, --text TEXT  A text\n"
			    "  --quiet               Long only\n"
			    "\n"
			    "options of every action (few --help explains them):\n"
			    "  -f, --flag  -n N, --number N\n"
			    "\n"
			    "example:\n"
			    "  few one -t x vm\n");
	assert_string_equal(none, "usage: few none\n"
				  "\n"
				  "does none\n"
				  "\n"
				  "options of every action (few --help explains them):\n"
				  "  -f, --flag  -n N, --number N\n");
	assert_non_null(strstr(edit, "\narguments:\n"
				     "  VM                    VM name or IP\n"
				     "  NAME                  Name of the share\n"
				     "\noptions:\n"));
	assert_null(strstr(edit, "--timeout"));
	talloc_free(one);
}

/* Each action's example is a line that it takes. */
static void test_examples(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; hubshare.actions[i]; i++) {
		const struct action *action = hubshare.actions[i], *parsed = NULL;
		struct run_options options = { 0 };
		const char *const *operands;
		char *argv[20], *rest = mem_strdup(ctx, action->example);
		int argc = 0;

		if (strncmp(rest, "sudo ", 5) == 0)
			rest += 5;
		while ((argv[argc] = strsep(&rest, " ")))
			argc++;
		assert_string_equal(argv[0], "hubshare");
		assert_null(command_parse(ctx, &hubshare, argc, argv, &options, &parsed,
					  &operands));
		assert_ptr_equal(parsed, action);
	}
	talloc_free(ctx);
}

static bool lists(const char *words, const char *word)
{
	char *padded = mem_printf(NULL, " %s ", words), *key = mem_printf(padded, " %s ", word);
	bool has = strstr(padded, key) != NULL;

	talloc_free(padded);
	return has;
}

static void test_option_rows(void **state)
{
	char *usage = command_usage(NULL, &hubshare);

	(void)state;
	for (const struct option_row *row = hubshare.options; row->name; row++) {
		assert_true(row->help && *row->help);
		assert_non_null(strstr(usage, row->help));
		assert_int_equal(row->arg != NULL,
				 row->kind == OPTION_TEXT || row->kind == OPTION_NUMBER);
		assert_true(row->kind != OPTION_NUMBER || row->min < row->max);
		for (const struct option_row *other = hubshare.options; other < row; other++) {
			assert_string_not_equal(row->name, other->name);
			assert_true(!row->letter || row->letter != other->letter);
			assert_true(row->kind >= OPTION_HELP || other->kind >= OPTION_HELP ||
				    row->offset != other->offset);
		}
		/* whoever is said to take it exists */
		for (const char *word = row->actions ? row->actions : ""; *word;) {
			size_t length = strcspn(word, " ");
			bool known = false;

			for (size_t i = 0; hubshare.actions[i]; i++)
				known |= strlen(hubshare.actions[i]->name) == length &&
					 memcmp(word, hubshare.actions[i]->name, length) == 0;
			assert_true(known);
			word += length + (word[length] == ' ');
		}
	}
	talloc_free(usage);
}

static void test_action_rows(void **state)
{
	(void)state;
	for (size_t i = 0; hubshare.actions[i]; i++) {
		const struct action *action = hubshare.actions[i];

		assert_true(action->help && *action->help);
		assert_non_null(action->args);
		assert_non_null(action->run);
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(action->name, hubshare.actions[n]->name);
	}
}

/* Every file of cli/ that ends in a row is listed, under the name of the file. */
static void test_every_verb(void **state)
{
	static const char begins[] = "\nconst struct action action_";
	const char *srcdir = getenv("srcdir");
	char *pattern = mem_printf(NULL, "%s/cli/*.c", srcdir ? srcdir : ".");
	size_t found_rows = 0, listed = 0;
	glob_t files;

	(void)state;
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char *text = mem_array(pattern, char, 1 << 20);
		FILE *in = fopen(files.gl_pathv[i], "r");

		assert_non_null(in);
		assert_true(fread(text, 1, (1 << 20) - 1, in) > 0);
		fclose(in);
		char *row = strstr(text, begins);
		if (row) {
			char *name = row + strlen(begins), *end = strstr(row, "};\n");
			bool found = false;

			name[strcspn(name, " ")] = '\0';
			found_rows++;
			assert_non_null(end);
			assert_string_equal(end, "};\n"); /* the file ends in it */
			char *file = mem_printf(text, "/%s.c", name);
			assert_non_null(strstr(files.gl_pathv[i], file));
			for (char *c = name; (c = strchr(c, '_'));)
				*c = '-';
			for (size_t n = 0; hubshare.actions[n]; n++)
				found |= strcmp(hubshare.actions[n]->name, name) == 0;
			if (!found)
				fail_msg("%s is in no list", name);
		}
		talloc_free(text);
	}
	while (hubshare.actions[listed])
		listed++;
	assert_true(found_rows >= 9);
	assert_int_equal(found_rows, listed);
	globfree(&files);
	talloc_free(pattern);
}

/* Which options an action takes: what only makes sense elsewhere is refused. */
static void test_needs(void **state)
{
	static const char *const of_a_share[] = { "readonly", "guest", "allow", "private" };

	(void)state;
	for (const struct option_row *row = hubshare.options; row->name; row++)
		for (size_t i = 0; i < sizeof(of_a_share) / sizeof(*of_a_share); i++)
			if (strcmp(row->name, of_a_share[i]) == 0)
				assert_string_equal(row->actions, "add edit");
	for (const struct option_row *row = hubshare.options; row->name; row++)
		if (strcmp(row->name, "permanent") == 0) {
			assert_true(lists(row->actions, "add"));
			assert_true(lists(row->actions, "remove"));
			assert_true(lists(row->actions, "delete"));
			assert_false(lists(row->actions, "find"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anywhere),    cmocka_unit_test(test_forms),
		cmocka_unit_test(test_numbers),	    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_usage),	    cmocka_unit_test(test_option_rows),
		cmocka_unit_test(test_action_rows), cmocka_unit_test(test_every_verb),
		cmocka_unit_test(test_needs),	    cmocka_unit_test(test_action_usage),
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include "cli/complete.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/connect.h"
#include "common/memory.h"
#include "common/text.h"
#include "hub/inquiry.h"

enum { OPERANDS_MAX = 4, ANSWER_MS = 2000 };

struct completion {
	struct run *run;
	const struct command *command;
	const struct action *action;	 /* NULL: not named yet */
	const struct option_row *option; /* whose value is the last word; NULL: of none */
	bool ended;			 /* by "--": no options follow */
	const char *operands[OPERANDS_MAX + 1];
	size_t operand_count;
	const char *word; /* the last one, without its quotes */
};

/* WORD without the quotes of a shell, which may be open still. */
static char *unquoted(const void *ctx, const char *word)
{
	char *plain = mem_strdup(ctx, word), *out = plain, quote = 0;

	for (; *word; word++) {
		if (!quote && (*word == '\'' || *word == '"'))
			quote = *word;
		else if (*word == quote)
			quote = 0;
		else if (*word == '\\' && quote != '\'' && word[1])
			*out++ = *++word;
		else
			*out++ = *word;
	}
	*out = '\0';
	return plain;
}

static void offer(const struct completion *completion, const char *word)
{
	char *visible;

	if (strncmp(word, completion->word, strlen(completion->word)) != 0)
		return;
	visible = text_visible(NULL, word);
	if (strcmp(visible, word) == 0) /* else it is no line, or could not be typed */
		printf("%s\n", word);
	talloc_free(visible);
}

/* The row of an option as it stands on a line, "--name" or letters; NULL: of none. */
static const struct option_row *option_of(const struct command *command, const char *word)
{
	char letter = '\0';

	if (word[1] != '-')
		letter = word[strlen(word) - 1];
	for (const struct option_row *row = command->options; row->name; row++)
		if (letter ? row->letter == letter : strcmp(row->name, word + 2) == 0)
			return row;
	return NULL;
}

/* What tells where the VMs and the shares are counts here too. */
static void take_value(struct completion *completion, const char *value)
{
	const struct option_row *row = completion->option;

	if (row->kind == OPTION_TEXT)
		*(const char **)((char *)&completion->run->options + row->offset) = value;
	completion->option = NULL;
}

static void take_word(struct completion *completion, const char *word)
{
	if (completion->option) {
		take_value(completion, word);
	} else if (!completion->ended && strcmp(word, "--") == 0) {
		completion->ended = true;
	} else if (!completion->ended && word[0] == '-' && word[1]) {
		const struct option_row *row = option_of(completion->command, word);

		completion->option = row && row->arg ? row : NULL;
	} else if (!completion->action) {
		completion->action = command_action(completion->command, word);
	} else if (completion->operand_count < OPERANDS_MAX) {
		completion->operands[completion->operand_count++] = word;
	}
}

static void offer_options(const struct completion *completion)
{
	const struct option_row *row = completion->command->options;

	for (; row->name; row++) {
		char *word = mem_printf(NULL, "--%s", row->name);

		if (!completion->action || command_takes(row, completion->action))
			offer(completion, word);
		talloc_free(word);
	}
}

static void offer_actions(const struct completion *completion)
{
	for (size_t i = 0; completion->command->actions[i]; i++)
		offer(completion, completion->command->actions[i]->name);
}

static struct fault *find_domains(struct run *run)
{
	struct fault *fault = settings_fill(run, &run->options.settings);

	return fault ? fault :
		       inquiry_domains_within(run, run->options.settings.connect,
					      ANSWER_MS, &run->domains);
}

static void offer_vms(const struct completion *completion)
{
	struct run *run = completion->run;
	struct fault *fault = find_domains(run);

	for (size_t i = 0; !fault && i < run->domains->count; i++)
		if (completion->ended || *run->domains->list[i]->name != '-')
			offer(completion, run->domains->list[i]->name);
	talloc_free(fault);
}

/* The shares of the VM that was named by what its shares' own files say it is called. */
static void offer_shares(const struct completion *completion)
{
	struct run *run = completion->run;
	const char *vm = completion->operands[0];
	struct fault *fault = settings_fill(run, &run->options.settings);

	run->operands = completion->operands;
	if (!fault)
		fault = run_open(run, NEEDS_STORE);
	for (size_t i = 0; !fault && i < run->inventory->truth_count; i++) {
		const struct fragment *truth = run->inventory->truths[i];

		if (strcasecmp(truth->uuid, vm) != 0 &&
		    (!truth->vm || strcmp(truth->vm, vm) != 0))
			continue;
		for (size_t s = 0; s < truth->count; s++)
			offer(completion, truth->shares[s]->name);
	}
	talloc_free(fault);
}

static void offer_systems(const struct completion *completion)
{
	for (int os = 0; os < CONNECT_OS_COUNT; os++)
		offer(completion, connect_os_name((enum connect_os)os));
}

/* Is the operand that the last word is called so, in the action's row? */
static bool is_called(const struct completion *completion, const char *name)
{
	const char *args = completion->action->args;

	for (size_t i = 0; i < completion->operand_count; i++)
		args += strcspn(args, " ") + strspn(args + strcspn(args, " "), " ");
	args += *args == '[';
	return strncmp(args, name, strlen(name)) == 0;
}

/* "add|list|remove [USER]" offers each of these. */
static void offer_choices(const struct completion *completion)
{
	char *rest = mem_strndup(NULL, completion->action->args,
				 strcspn(completion->action->args, " ")),
	     *words = rest, *word;

	while ((word = strsep(&rest, "|")))
		offer(completion, word);
	talloc_free(words);
}

/* A name that is new, as that of add, is nobody's to offer; "remove VM [PATH] NAME" takes a
 * path or a name, and a path begins with a slash. */
static void offer_operand(const struct completion *completion)
{
	bool is_new = strstr(completion->action->args, " PATH") != NULL;

	if (completion->operand_count == 0 && strchr(completion->action->args, '|'))
		offer_choices(completion);
	else if (is_called(completion, "VM"))
		offer_vms(completion);
	else if (completion->operand_count > 0 && !is_new &&
		 (is_called(completion, "NAME") || is_called(completion, "PATH")))
		offer_shares(completion);
}

static bool wants_path(const struct completion *completion)
{
	const char *path_options[] = { "root", "scanner" };

	for (size_t i = 0; completion->option && i < 2; i++)
		if (strcmp(completion->option->name, path_options[i]) == 0)
			return true;
	return !completion->option && completion->action &&
	       is_called(completion, "PATH") &&
	       (strstr(completion->action->args, " PATH") || *completion->word == '/');
}

void complete(struct run *run, const struct command *command, char *const words[])
{
	struct completion *completion = mem_new(run, struct completion);

	completion->run = run;
	completion->command = command;
	completion->word = "";
	for (; *words && words[1]; words++)
		take_word(completion, unquoted(completion, *words));
	if (*words)
		completion->word = unquoted(completion, *words);
	puts(wants_path(completion) ? "paths" : "words");
	if (wants_path(completion))
		return;
	if (completion->option) {
		if (strcmp(completion->option->name, "os") == 0)
			offer_systems(completion);
	} else if (!completion->ended && *completion->word == '-') {
		offer_options(completion);
	} else if (completion->action) {
		offer_operand(completion);
	} else {
		offer_actions(completion);
	}
}

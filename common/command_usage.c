/* SPDX-License-Identifier: ISC */
/* What -h prints, of a program and of one of its actions. */
#include "common/command.h"

#include <string.h>
#include <strings.h>

#include "common/memory.h"

enum { HELP_COLUMN = 24, LINE_MAX_COLUMNS = 80 };

/* "-t TIMEOUT, --timeout TIMEOUT" */
static char *row_title(const void *ctx, const struct option_row *row)
{
	char *title = mem_strdup(ctx, "");
	const char *space = row->arg ? " " : "", *arg = row->arg ? row->arg : "";

	if (row->letter)
		title = mem_append(ctx, title, "-%c%s%s, ", row->letter, space, arg);
	return mem_append(ctx, title, "--%s%s%s", row->name, space, arg);
}

static char *append_help(char *usage, const char *title, const char *help)
{
	if (strlen(title) + 4 > HELP_COLUMN)
		return mem_append(NULL, usage, "  %s\n%*s%s\n", title, HELP_COLUMN, "",
				  help);
	return mem_append(NULL, usage, "  %-*s%s\n", HELP_COLUMN - 2, title, help);
}

static char *append_line(char *usage, const struct command *command)
{
	usage = mem_append(NULL, usage, "usage: %s", command->name);
	for (const struct option_row *row = command->options; row->name; row++)
		if (row->letter)
			usage = mem_append(NULL, usage, row->arg ? " [-%c %s]" : " [-%c]",
					   row->letter, row->arg);
	return mem_append(NULL, usage, " %s\n", command->operands);
}

static char *append_actions(char *usage, const struct command *command)
{
	usage = mem_append(NULL, usage, "\nactions:\n");
	for (size_t i = 0; command->actions[i]; i++) {
		const struct action *action = command->actions[i];
		char *title = mem_printf(NULL, "%s%s%s", action->name,
					 *action->args ? " " : "", action->args);

		usage = append_help(usage, title, action->help);
		talloc_free(title);
	}
	return usage;
}

char *command_usage(const void *ctx, const struct command *command)
{
	char *usage = append_line(mem_strdup(ctx, ""), command);

	if (command->positionals)
		usage = mem_append(NULL, usage, "\npositional arguments:\n");
	for (const struct positional *p = command->positionals; p && p->name; p++) {
		char *names = p->help ? NULL : command_actions(NULL, command, "|");

		usage = append_help(usage, p->name, names ? names : p->help);
		talloc_free(names);
	}
	usage = mem_append(NULL, usage, "\noptions:\n");
	for (const struct option_row *row = command->options; row->name; row++) {
		char *title = row_title(NULL, row);

		usage = append_help(usage, title, row->help);
		talloc_free(title);
	}
	return command->actions ? append_actions(usage, command) : usage;
}

/* " [-t TIMEOUT]", or without a letter " [--for TIME]" */
static char *append_option(char *usage, const struct option_row *row)
{
	const char *space = row->arg ? " " : "", *arg = row->arg ? row->arg : "";

	if (row->letter)
		return mem_append(NULL, usage, " [-%c%s%s]", row->letter, space, arg);
	return mem_append(NULL, usage, " [--%s%s%s]", row->name, space, arg);
}

/* The argument WORD of an action, "VM" or "[NAME]", as the positional of its name. */
static const struct positional *positional_of(const struct command *command,
					      const char *word, size_t length)
{
	for (const struct positional *p = command->positionals; p && p->name; p++)
		if (strlen(p->name) == length && strncasecmp(p->name, word, length) == 0)
			return p;
	return NULL;
}

static char *append_arguments(char *usage, const struct command *command,
			      const struct action *action)
{
	bool first = true;

	for (const char *word = action->args; *(word += strspn(word, " ["));) {
		size_t length = strcspn(word, " ]");
		const struct positional *p = positional_of(command, word, length);
		char *title = mem_printf(NULL, "%.*s", (int)length, word);

		if (p && first)
			usage = mem_append(NULL, usage, "\narguments:\n");
		if (p) {
			usage = append_help(usage, title, p->help);
			first = false;
		}
		talloc_free(title);
		word += length;
		word += strspn(word, "]");
	}
	return usage;
}

static char *append_own_options(char *usage, const struct command *command,
				const struct action *action)
{
	bool first = true;

	for (const struct option_row *row = command->options; row->name; row++) {
		char *title;

		if (!row->actions || !command_takes(row, action))
			continue;
		title = row_title(NULL, row);
		usage = mem_append(NULL, usage, "%s", first ? "\noptions:\n" : "");
		usage = append_help(usage, title, row->help);
		talloc_free(title);
		first = false;
	}
	return usage;
}

/* The options that go with every action, as a paragraph. */
static char *append_common_options(char *usage, const struct command *command)
{
	size_t column = LINE_MAX_COLUMNS;

	usage = mem_append(NULL, usage,
			   "\noptions of every action (%s --help explains them):",
			   command->name);
	for (const struct option_row *row = command->options; row->name; row++) {
		char *title = row->actions ? NULL : row_title(NULL, row);
		size_t length = title ? strlen(title) + 2 : 0;

		if (!title)
			continue;
		column = column + length > LINE_MAX_COLUMNS ? 0 : column;
		usage = mem_append(NULL, usage, "%s  %s", column ? "" : "\n", title);
		column += length;
		talloc_free(title);
	}
	return mem_append(NULL, usage, "\n");
}

char *command_usage_of(const void *ctx, const struct command *command,
		       const struct action *action)
{
	char *usage = mem_printf(ctx, "usage: %s %s", command->name, action->name);

	for (const struct option_row *row = command->options; row->name; row++)
		if (row->actions && command_takes(row, action))
			usage = append_option(usage, row);
	usage = mem_append(NULL, usage, "%s%s\n\n%s\n", *action->args ? " " : "",
			   action->args, action->help);
	usage = append_arguments(usage, command, action);
	usage = append_own_options(usage, command, action);
	usage = append_common_options(usage, command);
	return action->example ?
		       mem_append(NULL, usage, "\nexample:\n  %s\n", action->example) :
		       usage;
}

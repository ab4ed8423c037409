/* SPDX-License-Identifier: ISC */
#include "common/command.h"

#include <bsd/stdlib.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

enum { LONG_ONLY = 256 }; /* added to a row's index: the getopt value without letter */

static size_t row_count(const struct option_row *rows)
{
	size_t count = 0;

	while (rows[count].name)
		count++;
	return count;
}

static const struct option_row *row_of(const struct command *command, int value)
{
	for (const struct option_row *row = command->options; row->name; row++)
		if (value == (row->letter ? row->letter :
					    LONG_ONLY + (int)(row - command->options)))
			return row;
	return NULL;
}

char *command_actions(const void *ctx, const struct command *command, const char *between)
{
	char *names = NULL;

	for (size_t i = 0; command->actions[i]; i++)
		names = mem_append(ctx, names, "%s%s", i ? between : "",
				   command->actions[i]->name);
	return names;
}

static void __attribute__((noreturn)) print_and_exit(char *text)
{
	int status = fputs(text, stdout) < 0 || fflush(stdout) != 0;

	talloc_free(text);
	exit(status);
}

static struct fault *row_take(const struct command *command, const struct option_row *row,
			      const char *arg, void *values)
{
	void *value = (char *)values + row->offset;
	const char *error = NULL;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)value = true;
		break;
	case OPTION_TEXT:
		*(const char **)value = arg;
		break;
	case OPTION_NUMBER:
		*(int *)value = (int)strtonum(arg, row->min, row->max, &error);
		if (error)
			return fault_new(
				FAULT_USAGE,
				"--%s takes a whole number from %d to %d, not '%s'",
				row->name, row->min, row->max, arg);
		break;
	case OPTION_HELP: /* is not taken, but ends the program */
		break;
	case OPTION_VERSION:
		print_and_exit(
			mem_printf(NULL, "%s " PACKAGE_VERSION "\n", command->name));
	}
	return NULL;
}

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

bool command_takes(const struct option_row *row, const struct action *action)
{
	return !row->actions || has_word(row->actions, action->name);
}

/* The tables of getopt_long(3), made from the rows. */
static char *getopt_tables(const void *ctx, const struct command *command,
			   struct option **ret)
{
	size_t count = row_count(command->options);
	struct option *options = mem_array(ctx, struct option, count + 1);
	char *letters = mem_strdup(ctx, ":");

	for (size_t i = 0; i < count; i++) {
		const struct option_row *row = &command->options[i];

		options[i] = (struct option){
			.name = row->name,
			.has_arg = row->arg ? required_argument : no_argument,
			.val = row->letter ? row->letter : LONG_ONLY + (int)i
		};
		if (row->letter)
			letters = mem_append(ctx, letters, "%c%s", row->letter,
					     row->arg ? ":" : "");
	}
	*ret = options;
	return letters;
}

static struct fault *getopt_fault(const struct command *command, int problem,
				  char *argv[])
{
	const struct option_row *row = row_of(command, optopt);

	if (problem == ':')
		return fault_new(FAULT_USAGE, "--%s needs a value: --%s %s", row->name,
				 row->name, row->arg);
	if (row && !row->arg)
		return fault_new(FAULT_USAGE, "--%s takes no value", row->name);
	if (optopt)
		return fault_new(FAULT_USAGE, "There is no option -%c; see %s --help",
				 optopt, command->name);
	return fault_new(FAULT_USAGE, "There is no option %s; see %s --help",
			 argv[optind - 1], command->name);
}

static struct fault *check_options(const struct command *command,
				   const struct action *action, const bool given[])
{
	for (size_t i = 0; command->options[i].name; i++) {
		const struct option_row *row = &command->options[i];

		if (given[i] && !command_takes(row, action))
			return fault_new(FAULT_USAGE,
					 "%s does not take --%s (it goes with: %s)",
					 action->name, row->name, row->actions);
	}
	return NULL;
}

static struct fault *check_arity(const struct command *command,
				 const struct action *action, size_t count)
{
	size_t least = 0, most = 0;

	for (const char *word = action->args; *word; word += strspn(word, " ")) {
		most++;
		least += *word != '[';
		word += strcspn(word, " ");
	}
	if (count >= least && count <= most)
		return NULL;
	return fault_new(FAULT_USAGE, "%s: use it as: %s %s%s%s",
			 count < least ? "Something is missing" : "Too many words",
			 command->name, action->name, most ? " " : "", action->args);
}

const struct action *command_action(const struct command *command, const char *word)
{
	for (size_t i = 0; word && command->actions && command->actions[i]; i++)
		if (strcmp(command->actions[i]->name, word) == 0)
			return command->actions[i];
	return NULL;
}

static struct fault *find_action(const struct command *command, const char *word,
				 const struct action **ret)
{
	const struct action *action = command_action(command, word);

	if (!word)
		return fault_new(FAULT_USAGE, "What shall be done? See %s --help",
				 command->name);
	if (action) {
		*ret = action;
		return NULL;
	}
	char *names = command_actions(NULL, command, ", ");
	struct fault *fault =
		fault_new(FAULT_USAGE, "There is no action '%s'; there are %s", word,
			  names);
	talloc_free(names);
	return fault;
}

/* Prints the usage of the action, if one is among the words that were not looked at yet. */
static void __attribute__((noreturn))
help_and_exit(const struct command *command, int argc, char *argv[], const char *letters,
	      const struct option *options)
{
	while (getopt_long(argc, argv, letters, options, NULL) != -1)
		; /* puts the options before the other words */
	const struct action *action = command_action(command, argv[optind]);
	print_and_exit(action ? command_usage_of(NULL, command, action) :
				command_usage(NULL, command));
}

struct fault *command_parse(const void *ctx, const struct command *command, int argc,
			    char *argv[], void *values, const struct action **ret_action,
			    const char *const **ret_operands)
{
	void *scratch = talloc_new(ctx);
	struct option *options;
	const char *letters = getopt_tables(scratch, command, &options);
	bool *given = mem_array(scratch, bool, row_count(command->options));
	struct fault *fault = NULL;
	int value;

	unsetenv("POSIXLY_CORRECT"); /* options may stand anywhere */
	opterr = 0;
	optind = 0;
	while (!fault &&
	       (value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		const struct option_row *row = row_of(command, value);

		if (!row || value == ':' || value == '?') {
			fault = getopt_fault(command, value, argv);
			break;
		}
		if (row->kind == OPTION_HELP)
			help_and_exit(command, argc, argv, letters, options);
		given[row - command->options] = true;
		fault = row_take(command, row, optarg, values);
	}
	const char *const *operands = (const char *const *)argv + optind;
	if (!fault && command->actions) {
		fault = find_action(command, *operands, ret_action);
		if (!fault)
			fault = check_options(command, *ret_action, given);
		if (!fault)
			fault = check_arity(command, *ret_action,
					    (size_t)(argc - optind - 1));
		operands++;
	}
	talloc_free(scratch);
	if (!fault)
		*ret_operands = operands;
	return fault;
}

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Command lines from tables: rows of options and rows of actions give the parsing, the
 * arity, the usage text, the lists of the manual pages and the completion, so that nothing
 * of it is said twice.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"

enum option_kind {
	OPTION_FLAG,   /* bool: set to true */
	OPTION_TEXT,   /* const char *: the argument as it stands in argv */
	OPTION_NUMBER, /* int: a whole number within [min, max] */
	OPTION_HELP,   /* prints the usage and ends with status 0 */
	OPTION_VERSION /* prints the version and ends with status 0 */
};

struct option_row {
	char letter;	  /* 0: it has only a long form */
	const char *name; /* the long form, without dashes */
	const char *arg; /* what its argument is called in the usage; NULL: it has none */
	const char *help;
	enum option_kind kind;
	size_t offset; /* where the value goes in the caller's struct */
	int min, max;  /* of OPTION_NUMBER */
	/* The names of the actions that take it, separated by blanks; NULL: all of them. */
	const char *actions;
};

struct run;

/* A verb of hubshare: a file of cli/ each, ending in its row. */
struct action {
	const char *name;
	const char *args;    /* "VM PATH [NAME]"; the bracketed ones may be left out */
	const char *help;    /* what it does, in one line */
	const char *example; /* a line to type, for its usage; NULL: none */
	unsigned needs;	     /* enum run_needs: what must be open when it is called */
	bool called;	     /* members of the group may have the service carry it out */
	bool told; /* that it was called is for the journal, which one of those always is */
	struct fault *(*check)(
		struct run *run); /* what needs nothing open; NULL: nothing */
	struct fault *(*run)(struct run *run);
};

/* A positional argument, for the usage. */
struct positional {
	const char *name, *help;
};

/* A program's whole command line. */
struct command {
	const char *name;     /* "hubshare" */
	const char *operands; /* "action [vm] [path] [name]" for the usage line */
	const struct option_row *options;     /* ends with a row without name */
	const struct positional *positionals; /* ends with a row without name */
	const struct action *const *actions;  /* ends with NULL; NULL: no actions */
};

/*
 * Parses ARGV into VALUES (where the rows' offsets point) and *RET_OPERANDS (the other
 * words in order, NULL-terminated, in ARGV); options may stand anywhere, "--" ends them.
 * Where the command has actions the first operand must be one of them: it is left out of
 * the operands and returned in *RET_ACTION, its arity and its options are checked.
 * Help, of the action where one is named, and version are printed here and end the
 * program.  Fault 2 else.
 */
struct fault *command_parse(const void *ctx, const struct command *command, int argc,
			    char *argv[], void *values, const struct action **ret_action,
			    const char *const **ret_operands);

/* The usage as -h prints it. */
char *command_usage(const void *ctx, const struct command *command);
/* The usage of one action, as -h prints it beside the action's name. */
char *command_usage_of(const void *ctx, const struct command *command,
		       const struct action *action);

/* The action of the name WORD; NULL if there is none. */
const struct action *command_action(const struct command *command, const char *word);
/* The names of all actions, BETWEEN between them. */
char *command_actions(const void *ctx, const struct command *command,
		      const char *between);
/* Does the option go with the action? */
bool command_takes(const struct option_row *row, const struct action *action);

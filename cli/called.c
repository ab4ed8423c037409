/* SPDX-License-Identifier: ISC */
#include "cli/called.h"

#include <string.h>
#include <unistd.h>

#include "cli/report.h"
#include "common/memory.h"
#include "service/events.h"

/* The rows of COMMAND but those that end the program. */
static struct option_row *rows_without_end(const void *ctx, const struct command *command)
{
	struct option_row *rows = NULL;
	size_t count = 0;

	for (const struct option_row *row = command->options; row->name; row++)
		if (row->kind != OPTION_HELP && row->kind != OPTION_VERSION) {
			*mem_grow(ctx, rows, struct option_row, count) = *row;
			count++;
		}
	*mem_grow(ctx, rows, struct option_row, count) = (struct option_row){ 0 };
	return rows;
}

/* What has a word and goes with every action is a setting, and those are the service's. */
static struct fault *check_settings(const struct command *command,
				    const struct run_options *options)
{
	for (const struct option_row *row = command->options; row->name; row++)
		if (!row->actions && row->kind == OPTION_TEXT &&
		    *(const char *const *)((const char *)options + row->offset))
			return fault_new(
				FAULT_USAGE,
				"--%s is for root alone, by sudo: the service has its own",
				row->name);
	return NULL;
}

static struct fault *parse(struct run *run, const struct run *service,
			   const char *const *words)
{
	struct command command = *service->command;
	char **argv = mem_array(run, char *, 1);
	struct fault *fault;
	int argc = 1;

	argv[0] = mem_strdup(run, command.name);
	for (; words[argc - 1]; argc++)
		*mem_grow(run, argv, char *, (size_t)argc) =
			mem_strdup(run, words[argc - 1]);
	*mem_grow(run, argv, char *, (size_t)argc) = NULL;
	command.options = rows_without_end(run, &command);
	if ((fault = command_parse(run, &command, argc, argv, &run->options, &run->action,
				   &run->operands)) ||
	    (fault = check_settings(&command, &run->options)))
		return fault;
	return run->action->called ?
		       NULL :
		       fault_new(
			       FAULT_USAGE,
			       "The service does not carry out '%s': root does, by sudo",
			       run->action->name);
}

struct fault *called(void *arg, const struct call *call)
{
	const struct run *service = arg;
	struct run *run = mem_new(NULL, struct run);
	struct fault *fault;

	run->command = service->command;
	run->caller = call->caller;
	if (!(fault = parse(run, service, call->words))) {
		run->options.settings = service->options.settings;
		fault = run_action(run);
	}
	if (fault)
		report_fault(run, fault);
	talloc_free(run);
	return fault;
}

void called_here(const struct run *run, char *const words[], const struct fault *fault)
{
	const struct action *action = run->action;

	if ((!action->called && !action->told) || run->options.dry_run || geteuid() != 0)
		return;
	void *ctx = talloc_new(NULL);
	const char *const *list = (const char *const *)words;
	struct events *events = events_new(ctx, &run->options.settings, NULL, NULL);

	event_tell(events, call_event(ctx, run->caller.uid, list, fault));
	talloc_free(ctx);
}

/* SPDX-License-Identifier: ISC */
/* hubshare setup: makes the host ready, and takes that back. */

#include <stdio.h>
#include <unistd.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"
#include "setup/setup.h"

static struct fault *check_setup(struct run *run)
{
	const struct run_options *options = &run->options;

	if (options->bridge_by && !setup_bridge_by(options->bridge_by))
		return fault_new(FAULT_USAGE, "--bridge-by takes %s, not '%s'",
				 setup_bridge_names, options->bridge_by);
	if (geteuid() != 0 && !*options->settings.root && !options->dry_run)
		return fault_new(FAULT_REFUSED, "Only root can set up a host: use sudo");
	return NULL;
}

/* As an array that grows, or a line for each thing. */
static void tell(void *arg, enum setup_news news, const char *what, const char *text)
{
	static const char *const words[] = {
		[SETUP_WELL] = "well", [SETUP_CHANGED] = "changed", [SETUP_LEFT] = "left"
	};
	struct document *array = arg, *row;
	char *line;

	if (!array) {
		line = mem_printf(NULL, "%s: %s", what, text);
		printf("%s\n", text_visible(line, line));
		talloc_free(line);
		return;
	}
	row = document_object(array);
	document_put_text(row, "what", what);
	document_put_text(row, "verdict", words[news]);
	document_put_text(row, "text", text);
	document_append(array, row);
}

static struct fault *set_up(struct run *run)
{
	const struct run_options *options = &run->options;
	struct document *array = options->json ? document_array(run) : NULL;
	const struct setup_wish wish = { options->dry_run, options->bridge_by, tell,
					 array };
	struct fault *fault = options->undo ? setup_undo(&options->settings, &wish) :
					      setup_make(&options->settings, &wish);

	if (array)
		report_json("setup", array);
	return fault;
}

const struct action action_setup = {
	.name = "setup",
	.args = "",
	.help = "makes this host ready to share with VMs",
	.example = "sudo hubshare setup --dry-run",
	.needs = NEEDS_NOTHING,
	.check = check_setup,
	.told = true,
	.run = set_up,
};

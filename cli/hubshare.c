/* SPDX-License-Identifier: ISC */
/* hubshare(1): the front end.  Its option table and its list of actions. */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"

#define AT(member) offsetof(struct run_options, member)

/* The original's options come first, in its order; what is ours follows. */
static const struct option_row rows[] = {
	{ 'h', "help", NULL, "show this help message and exit", OPTION_HELP, 0, 0, 0, NULL },
	{ 'r', "readonly", NULL, "Set share to read-only", OPTION_FLAG, AT(read_only), 0, 0,
	  "add" },
	{ 'g', "guest", NULL, "Allow guest access", OPTION_FLAG, AT(guest_ok), 0, 0, "add" },
	{ 'p', "permanent", NULL, "Make the share permanent", OPTION_FLAG, AT(permanent), 0, 0,
	  "add remove delete list" },
	{ 't', "timeout", "TIMEOUT", "Timeout (in seconds) for wait action", OPTION_NUMBER,
	  AT(timeout), 0, 1000000, "wait" },
	{ 'a', "allow", "ALLOW", "Hosts or CIDR ranges permitted to access the share",
	  OPTION_TEXT, AT(allow), 0, 0, "add" },
	{ 'e', "private", NULL, "Limit access down to only the target VM", OPTION_FLAG,
	  AT(private), 0, 0, "add" },
	{ 0, "version", NULL, "Print the version and exit", OPTION_VERSION, 0, 0, 0, NULL },
	{ 0, "json", NULL, "Print JSON (find, list, wait; errors of all actions)", OPTION_FLAG,
	  AT(json), 0, 0, NULL },
	{ 0, "dry-run", NULL, "Only say what clean would remove", OPTION_FLAG, AT(dry_run), 0,
	  0, "clean" },
	{ 0, "take", NULL, "Make what was edited by hand the VM's shares", OPTION_FLAG,
	  AT(take), 0, 0, "sync" },
	{ 0, "discard", NULL, "Undo what was edited by hand", OPTION_FLAG, AT(discard), 0, 0,
	  "sync" },
	{ 0, "bridge", "NAME", "The bridge that the VMs are on", OPTION_TEXT,
	  AT(settings.bridge), 0, 0, NULL },
	{ 0, "network", "CIDR", "The bridge's network", OPTION_TEXT, AT(settings.network), 0, 0,
	  NULL },
	{ 0, "connect", "URI", "libvirt's URI", OPTION_TEXT, AT(settings.connect), 0, 0, NULL },
	{ 0, "root", "DIR", "Prefix of every file that hubshare keeps", OPTION_TEXT,
	  AT(settings.root), 0, 0, NULL },
	{ 0, "scanner", "PATH", "The program hubscan", OPTION_TEXT, AT(settings.scanner), 0, 0,
	  NULL },
	{ 0 },
};

static const struct command hubshare = {
	.name = "hubshare",
	.operands = "action [vm] [path] [name]",
	.options = rows,
	.positionals = (const struct positional[]){
		{ "action", NULL },
		{ "vm", "VM name or IP" },
		{ "path", "Host path to share" },
		{ "name", "Name of the share" },
		{ 0 },
	},
	.actions = (const struct action *const[]){
		&action_add, &action_remove, &action_list, &action_find, &action_wait,
		&action_delete, &action_clean, &action_sync, NULL,
	},
};

static struct fault *run_command(struct run *run, int argc, char *argv[])
{
	struct fault *fault;

	run->options.timeout = 60;
	if ((fault = command_parse(run, &hubshare, argc, argv, &run->options, &run->action,
				   &run->operands)) ||
	    (fault = settings_fill(run, &run->options.settings)) ||
	    (run->action->check && (fault = run->action->check(run))) ||
	    (fault = run_open(run)))
		return fault;
	return run->action->run(run);
}

/* Prints FAULT as the person or the program that called wants it. */
static int finish(const struct run *run, struct fault *fault)
{
	int status = fault ? fault->status : FAULT_NONE;

	if (!fault || !run->options.json)
		return fault_finish(fault);
	report_fault(fault);
	talloc_free(fault);
	return status;
}

int main(int argc, char *argv[])
{
	const char *report = secure_getenv("HUBSHARE_TALLOC_REPORT");
	FILE *out = report ? fopen(report, "w") : NULL;

	if (out)
		talloc_enable_null_tracking();
	setlocale(LC_CTYPE, "C.UTF-8");
	struct run *run = mem_new(NULL, struct run);
	int status = finish(run, run_command(run, argc, argv));
	talloc_free(run);
	if (out) {
		talloc_report_full(NULL, out);
		fclose(out);
		talloc_disable_null_tracking();
	}
	return fault_flush(status);
}

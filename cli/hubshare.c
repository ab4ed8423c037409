/* SPDX-License-Identifier: ISC */
/* hubshare(1): the front end.  Its option table and its list of actions. */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/called.h"
#include "cli/complete.h"
#include "cli/relay.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"

#define AT(member) offsetof(struct run_options, member)

/* The original's options come first, in its order; what is ours follows. */
/* clang-format off */
static const struct option_row rows[] = {
	{ .letter = 'h', .name = "help", .help = "show this help message and exit",
	  .kind = OPTION_HELP },
	{ .letter = 'r', .name = "readonly", .help = "Set share to read-only",
	  .offset = AT(read_only), .actions = "add edit" },
	{ .letter = 'g', .name = "guest", .help = "Allow guest access",
	  .offset = AT(guest_ok), .actions = "add edit" },
	{ .letter = 'p', .name = "permanent", .help = "Make the share permanent",
	  .offset = AT(permanent), .actions = "add edit remove delete list" },
	{ .letter = 't', .name = "timeout", .arg = "TIMEOUT",
	  .help = "Timeout (in seconds) for wait action", .kind = OPTION_NUMBER,
	  .offset = AT(timeout), .max = 1000000, .actions = "wait" },
	{ .letter = 'a', .name = "allow", .arg = "ALLOW",
	  .help = "Hosts or CIDR ranges permitted to access the share",
	  .kind = OPTION_TEXT, .offset = AT(allow), .actions = "add edit" },
	{ .letter = 'e', .name = "private",
	  .help = "Limit access down to only the target VM", .offset = AT(private),
	  .actions = "add edit" },
	{ .name = "version", .help = "Print the version and exit",
	  .kind = OPTION_VERSION },
	{ .name = "json", .help = "Print JSON, see hubshare-json(5)", .offset = AT(json) },
	{ .name = "for", .arg = "TIME", .help = "End the share after TIME, as 90m or 1h30m",
	  .kind = OPTION_TEXT, .offset = AT(lasts), .actions = "add edit" },
	{ .name = "until-stop", .help = "End the share when the VM is shut off",
	  .offset = AT(until_stop), .actions = "add edit" },
	{ .name = "read-write", .help = "Let the VM write again", .offset = AT(read_write),
	  .actions = "edit" },
	{ .name = "no-guest", .help = "Allow no guest access again",
	  .offset = AT(no_guest), .actions = "edit" },
	{ .name = "no-allow", .help = "Undo --allow and --private",
	  .offset = AT(no_allow), .actions = "edit" },
	{ .name = "no-end", .help = "Undo --for and --until-stop", .offset = AT(no_end),
	  .actions = "edit" },
	{ .name = "state", .help = "Also say whether each share is open",
	  .offset = AT(state), .actions = "list" },
	{ .name = "dry-run", .help = "Only say what would be changed",
	  .offset = AT(dry_run), .actions = "clean setup" },
	{ .name = "undo", .help = "Take back what setup has made",
	  .offset = AT(undo), .actions = "setup" },
	{ .name = "bridge-by", .arg = "WHO",
	  .help = "Who keeps the bridge: libvirt, networkd, nm, ifupdown or none",
	  .kind = OPTION_TEXT, .offset = AT(bridge_by), .actions = "setup" },
	{ .name = "take", .help = "Make what was edited by hand the VM's shares",
	  .offset = AT(take), .actions = "sync" },
	{ .name = "discard", .help = "Undo what was edited by hand",
	  .offset = AT(discard), .actions = "sync" },
	{ .name = "watch", .help = "Go on: be the service that keeps it so",
	  .offset = AT(watch), .actions = "sync" },
	{ .name = "verbose", .help = "Say what happens", .offset = AT(verbose),
	  .actions = "sync" },
	{ .name = "os", .arg = "OS", .help = "Only for a guest of linux, windows or macos",
	  .kind = OPTION_TEXT, .offset = AT(os), .actions = "mount-cmd" },
	{ .name = "probe", .help = "Also ask as a new VM would",
	  .offset = AT(probe), .actions = "doctor" },
	{ .name = "reset", .help = "Give an account a new password", .offset = AT(reset),
	  .actions = "user" },
	{ .name = "bridge", .arg = "NAME", .help = "The bridge that the VMs are on",
	  .kind = OPTION_TEXT, .offset = AT(settings.bridge) },
	{ .name = "network", .arg = "CIDR", .help = "The bridge's network",
	  .kind = OPTION_TEXT, .offset = AT(settings.network) },
	{ .name = "connect", .arg = "URI", .help = "libvirt's URI", .kind = OPTION_TEXT,
	  .offset = AT(settings.connect) },
	{ .name = "root", .arg = "DIR",
	  .help = "Prefix of every file that hubshare keeps", .kind = OPTION_TEXT,
	  .offset = AT(settings.root) },
	{ .name = "scanner", .arg = "PATH", .help = "The program hubscan",
	  .kind = OPTION_TEXT, .offset = AT(settings.scanner) },
	{ 0 },
};
/* clang-format on */

static const struct command hubshare = {
	.name = "hubshare",
	.operands = "action [vm] [path] [name]",
	.options = rows,
	.positionals =
		(const struct positional[]){
			{ "action", NULL },
			{ "vm", "VM name or IP" },
			{ "path", "Host path to share" },
			{ "name", "Name of the share" },
			{ 0 },
		},
	.actions =
		(const struct action *const[]){
			&action_add, &action_remove, &action_list, &action_find,
			&action_wait, &action_delete, &action_clean, &action_sync,
			&action_edit, &action_doctor, &action_why, &action_watch,
			&action_mount_cmd, &action_user, &action_setup, NULL },
};

static struct fault *run_command(struct run *run, int argc, char *argv[])
{
	char **words =
		mem_check(talloc_memdup(run, argv + 1, (size_t)argc * sizeof(*argv)));
	struct fault *fault;

	if (argc > 1 && strcmp(argv[1], "--complete") == 0) { /* asked by shells alone */
		complete(run, &hubshare, argv + 2);
		return NULL;
	}
	run->options.timeout = 60;
	run->command = &hubshare;
	run->caller = caller_here();
	if ((fault = command_parse(run, &hubshare, argc, argv, &run->options,
				   &run->action, &run->operands)))
		return fault;
	bool relayed = relay_fits(run);
	if ((fault = settings_fill(run, &run->options.settings)) ||
	    (relayed && (fault = relay(run, words, &relayed))) || relayed)
		return fault;
	fault = run_action(run);
	called_here(run, words, fault);
	return fault;
}

/* Prints FAULT, and returns what to end with. */
static int finish(const struct run *run, struct fault *fault)
{
	int status = fault ? (int)fault->status : run->status;

	if (fault)
		report_fault(run, fault);
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

/* SPDX-License-Identifier: ISC */
/*
 * hubscan: who is on the bridge.  It opens the wire, drops every privilege, and only then
 * looks at what comes in.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/command.h"
#include "common/memory.h"
#include "scanner/closer.h"
#include "scanner/entries.h"
#include "scanner/report.h"
#include "scanner/sandbox.h"
#include "scanner/sweep.h"

#define DEFAULT_BRIDGE "br-hub"

struct options {
	bool watch, json, all_claims, verbose;
	const char *read, *own, *known, *expect, *claims;
	int rate, tries, timeout;
};

#define AT(member) .offset = offsetof(struct options, member)

/* clang-format off */
static const struct option_row rows[] = {
	{ .letter = 'h', .name = "help", .help = "show this help message and exit",
	  .kind = OPTION_HELP },
	{ .name = "version", .help = "show the version and exit", .kind = OPTION_VERSION },
	{ .name = "watch", .help = "go on and print what is new, moved, contested or gone",
	  AT(watch) },
	{ .name = "json", .help = "print JSON, one object a line", AT(json) },
	{ .name = "expect", .arg = "MAC,...", .kind = OPTION_TEXT, AT(expect),
	  .help = "leave as soon as these have answered, wait up to 2 s for them" },
	{ .name = "known", .arg = "IP=MAC,...", .kind = OPTION_TEXT, AT(known),
	  .help = "ask these first, by unicast (@FILE: one a line)" },
	{ .name = "claims", .arg = "FIRST-LAST", .kind = OPTION_TEXT, AT(claims),
	  .help = "hear claims before the gate, in a free one of these groups of the packet "
		  "log, if permitted" },
	{ .name = "all-claims", AT(all_claims),
	  .help = "ask everybody by broadcast, so that a second claimant is heard" },
	{ .name = "rate", .arg = "N", .help = "send at most N frames a second",
	  .kind = OPTION_NUMBER, .min = 1, .max = 1000000, AT(rate) },
	{ .name = "tries", .arg = "N", .help = "ask the silent N times", .kind = OPTION_NUMBER,
	  .min = 1, .max = 10, AT(tries) },
	{ .name = "timeout", .arg = "MS", .kind = OPTION_NUMBER, .min = 1, .max = 60000,
	  AT(timeout), .help = "wait at least MS for the answers of the first round" },
	{ .name = "read", .arg = "FILE", .kind = OPTION_TEXT, AT(read),
	  .help = "listen to a recording (pcap) instead; needs a RANGE" },
	{ .name = "own", .arg = "IP=MAC", .kind = OPTION_TEXT, AT(own),
	  .help = "with --read: the host that made the recording" },
	{ .name = "verbose", .help = "say what the sandbox is made of, and what is heard",
	  AT(verbose) },
	{ 0 },
};
/* clang-format on */

static const struct positional positionals[] = {
	{ "INTERFACE", "where to listen (default: " DEFAULT_BRIDGE ")" },
	{ "RANGE",
	  "whom to ask: ADDRESS, ADDRESS/PREFIX or FIRST-LAST (default: the networks "
	  "of the interface)" },
	{ 0 },
};

static const struct command command = {
	.name = "hubscan",
	.operands = "[options] [INTERFACE|RANGE...]",
	.options = rows,
	.positionals = positionals,
};

/* All of a run hangs on one of these. */
struct scan {
	struct options options;
	const char *name; /* of the interface */
	struct range *range;
	size_t range_count;
	struct interface *interface;
	struct ranges *ranges;
	struct known *known;
	struct mac *expected;
	struct packetlog_groups groups;
	struct report report;
	struct sweep_plan plan;
};

static bool is_range(const char *word)
{
	return word[0] && strspn(word, "0123456789./-") == strlen(word);
}

static struct fault *take_operands(struct scan *scan, const char *const *word)
{
	for (; *word; word++) {
		struct fault *f;

		if (is_range(*word)) {
			f = range_parse(*word, mem_grow(scan, scan->range, struct range,
							scan->range_count));
			if (f)
				return f;
			scan->range_count++;
		} else if (scan->name) {
			return fault_new(FAULT_USAGE, "One interface only: %s or %s",
					 scan->name, *word);
		} else {
			scan->name = *word;
		}
	}
	return NULL;
}

/* The networks of the interface, where no range was given. */
static struct fault *take_networks(struct scan *scan)
{
	const struct interface *interface = scan->interface;
	struct fault *f;

	if (!interface->count)
		return fault_new(FAULT_USAGE, "%s has no address: say which RANGE to ask",
				 interface->name);
	for (size_t i = 0; i < interface->count; i++) {
		struct interface_address address = interface->address[i];
		struct range *range =
			mem_grow(scan, scan->range, struct range, scan->range_count);

		if ((f = range_network(address.ip, address.mask, range)))
			return f;
		scan->range_count++;
	}
	return NULL;
}

/* Whose recording it is: nobody's unless that is said. */
static struct fault *take_recorder(struct scan *scan)
{
	struct interface *interface = mem_new(scan, struct interface);
	struct known *own;
	struct fault *f;
	size_t count;

	scan->interface = interface;
	if (!scan->range_count)
		return fault_new(FAULT_USAGE,
				 "Say which RANGE of the recording is meant");
	if (!scan->options.own)
		return NULL;
	if ((f = entries_known(scan, scan->options.own, &own, &count)))
		return f;
	for (size_t i = 0; i < count; i++) {
		struct interface_address *address =
			mem_grow(interface, interface->address, struct interface_address,
				 interface->count);

		address->ip = own[i].ip;
		interface->mac = own[i].mac;
		interface->count++;
	}
	return NULL;
}

static struct fault *take_lists(struct scan *scan)
{
	const struct options *options = &scan->options;
	struct schedule_plan *plan = &scan->plan.schedule;
	struct fault *f;

	if (options->expect && (f = entries_macs(scan, options->expect, &scan->expected,
						 &plan->expected_count)))
		return f;
	if (options->known &&
	    (f = entries_known(scan, options->known, &scan->known, &plan->known_count)))
		return f;
	if (options->claims && (f = packetlog_parse(options->claims, &scan->groups)))
		return f;
	return ranges_new(scan, scan->range, scan->range_count, &scan->ranges);
}

static void make_plan(struct scan *scan)
{
	const struct options *options = &scan->options;
	struct schedule_plan *plan = &scan->plan.schedule;

	plan->ranges = scan->ranges;
	plan->known = scan->known;
	plan->expected = scan->expected;
	plan->tries = options->tries;
	plan->timeout_ms = options->timeout;
	plan->rate = options->rate;
	plan->all_claims = options->all_claims;
	plan->watch = options->watch;
	scan->plan.interface = scan->interface;
	/* If there is nothing better, an outsider may guess where a table keeps its MAC. */
	if (getrandom(&scan->plan.seed, sizeof(scan->plan.seed), GRND_NONBLOCK) < 0)
		scan->plan.seed = (uint64_t)clock_us();
}

/* What the command line says, as far as it can be had without the wire. */
static struct fault *prepare(struct scan *scan, int argc, char *argv[])
{
	const char *const *operands;
	struct fault *f;

	if ((f = command_parse(scan, &command, argc, argv, &scan->options, NULL,
			       &operands)) ||
	    (f = take_operands(scan, operands)))
		return f;
	if (scan->options.read)
		f = take_recorder(scan);
	else if (!(f = interface_find(scan, scan->name ? scan->name : DEFAULT_BRIDGE,
				      &scan->interface)) &&
		 !scan->range_count)
		f = take_networks(scan);
	if (f || (f = take_lists(scan)))
		return f;
	make_plan(scan);
	return NULL;
}

static void set_report(struct scan *scan)
{
	struct report *report = &scan->report;
	bool terminal = isatty(STDOUT_FILENO);

	report->out = stdout;
	report->watch = scan->options.watch;
	report->form = scan->options.json ? REPORT_JSON :
		       terminal		  ? REPORT_COLUMNS :
					    REPORT_LINES;
	if (isatty(STDERR_FILENO))
		report->progress = stderr;
	scan->plan.audience = report_audience(report);
}

static void describe(const struct sandbox *sandbox)
{
	fprintf(stderr,
		"sandbox: no capabilities, no new privileges%s%s, Landlock ABI %d\n",
		sandbox->other_user ? ", user nobody" : "",
		sandbox->seccomp ? ", seccomp" : "", sandbox->landlock_abi);
}

/* Nothing that is heard has been looked at before this is over. */
static struct fault *enter_sandbox(const struct scan *scan)
{
	struct sandbox sandbox;
	struct fault *f = sandbox_renounce(&sandbox);

	if (f)
		return f;
	if (!scan->options.read && !scan->options.watch)
		closer_start(wire_descriptor(scan->plan.wire));
	f = sandbox_limit(&sandbox);
	if (!f && scan->options.verbose)
		describe(&sandbox);
	return f;
}

/* Claims before the gate are heard where that may be; what is heard without is less. */
static void add_claims(struct scan *scan)
{
	struct packetlog *log;
	struct fault *f;

	if (!scan->options.claims)
		return;
	f = packetlog_open(scan, &scan->groups, &log);
	if (!f) {
		wire_add_log(scan->plan.wire, log);
		scan->report.ports = true;
	}
	if (scan->options.verbose && f)
		fprintf(stderr, "claims: not heard before the gate: %s\n", f->text);
	else if (scan->options.verbose)
		fprintf(stderr, "claims: heard before the gate, in group %u\n",
			packetlog_group(log));
	talloc_free(f);
}

/* Opens what is listened to, and with that everything that needs a privilege. */
static struct fault *open_wire(struct scan *scan)
{
	FILE *file;
	struct fault *f;

	if (!scan->options.read) {
		f = wire_open(scan, scan->interface->name, scan->interface->mac,
			      scan->options.watch, &scan->plan.wire);
		if (f)
			return f;
		add_claims(scan);
		return enter_sandbox(scan);
	}
	file = fopen(scan->options.read, "re");
	if (!file)
		return fault_errno(errno, "Cannot open %s", scan->options.read);
	f = enter_sandbox(scan);
	return f ? f : wire_replay(scan, file, &scan->plan.wire);
}

static struct fault *hubscan_main(struct scan *scan)
{
	uint64_t turned_away = 0;
	struct fault *f = open_wire(scan);

	if (f)
		return f;
	f = sweep_run(scan, &scan->plan, &turned_away);
	report_finish(&scan->report);
	if (turned_away)
		fprintf(stderr,
			"%llu claims were not kept: their addresses have too many "
			"claimants already\n",
			(unsigned long long)turned_away);
	if (f && f->status == FAULT_UNREACHABLE && scan->options.watch)
		puts(NEIGHBOUR_BRIDGE_GONE);
	return f;
}

int main(int argc, char *argv[])
{
	struct scan *scan = mem_new(NULL, struct scan);
	struct fault *f = prepare(scan, argc, argv);

	if (!f) {
		set_report(scan);
		f = hubscan_main(scan);
	}
	/* Whoever reads it need not wait until the wire is closed. */
	if (fclose(stdout) != 0)
		f = fault_first(f, fault_errno(errno, "Cannot write what was heard"));
	talloc_free(scan);
	return fault_finish(f);
}

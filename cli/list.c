/* SPDX-License-Identifier: ISC */
/* hubshare list: all shares, by tenure. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "hub/expiry.h"
#include "hub/standing.h"

/* clang-format off */
enum { VM, IP, NAME, PATH, READ_ONLY, GUEST_OK, HOSTS_ALLOW, UUID, TENURE, STATE, UNTIL,
       COLUMNS };
/* clang-format on */

/* A title is taken off where no share has allowed hosts; without --state the last two are. */
static const struct column columns_full[COLUMNS + 1] = {
	[VM] = { "VM", "vm", COLUMN_TEXT, 0, 1, COLUMN_NAME },
	[IP] = { "IP", "ip", COLUMN_TEXT, 0, 1, 0 },
	[NAME] = { "Name", "name", COLUMN_TEXT, 0, 1, COLUMN_NAME },
	[PATH] = { "Path", "path", COLUMN_TEXT, 0, 1, COLUMN_CUT },
	[READ_ONLY] = { "Read Only", "read_only", COLUMN_BOOL, 0, 0, 0 },
	[GUEST_OK] = { "Guest OK", "guest_ok", COLUMN_BOOL, 0, 0, 0 },
	[HOSTS_ALLOW] = { "Hosts Allow", "hosts_allow", COLUMN_TEXT, 0, 0, COLUMN_LIST },
	[UUID] = { NULL, "uuid", COLUMN_TEXT, 0, 0, 0 },
	[TENURE] = { NULL, "tenure", COLUMN_TEXT, 0, 0, 0 },
	[STATE] = { "State", "state", COLUMN_TEXT, 0, 0, 0 },
	[UNTIL] = { NULL, "until", COLUMN_TEXT, 0, 0, 0 },
};

static const enum tone standing_tones[] = {
	[STANDING_OPEN] = TONE_NONE,
	[STANDING_PARKED] = TONE_NONE,
	[STANDING_SUSPENDED] = TONE_BAD,
	[STANDING_EXPIRED] = TONE_DOUBTFUL,
};

/* One share at one address; IP is NULL where it is parked. */
static void fill_row(struct table *table, const struct fragment *fragment,
		     const struct share *share, const char *ip)
{
	struct cell *row = table_row(table);

	row[VM].text = fragment->vm ? fragment->vm : fragment->uuid;
	row[IP].text = ip;
	row[NAME].text = share->name;
	row[PATH].text = share->path;
	row[READ_ONLY].truth = share->read_only;
	row[GUEST_OK].truth = share->guest_ok;
	row[HOSTS_ALLOW].text = share->private ? ip : share->hosts_allow;
	row[HOSTS_ALLOW].shown = row[HOSTS_ALLOW].text ? NULL : share->private ? "-" : "";
	row[UUID].text = fragment->uuid;
	row[TENURE].text = tenure_text(fragment->tenure);
}

/* Is SHARE served by that rendering? */
static bool serves(const struct rendering *rendering, const struct fragment *truth,
		   const struct share *share)
{
	return rendering->fragment->uuid && rendering->tenure == truth->tenure &&
	       strcmp(rendering->fragment->uuid, truth->uuid) == 0 &&
	       fragment_find(rendering->fragment, share->name);
}

/* How the share of the last row is, at THERE, which has it; NULL: none has. */
static void fill_state(struct table *table, const struct run *run,
		       const struct fragment *truth, const struct share *share,
		       const struct rendering *there)
{
	struct cell *row = table_last(table);
	enum standing standing =
		standing_of(run->inventory, run->guests, truth, share, there, &run->now);
	const char *ends = term_text(table, &share->term, &run->now);

	row[STATE].text = standing_name(standing);
	row[STATE].tone = standing_tones[standing];
	if (ends && standing != STANDING_EXPIRED)
		row[STATE].shown = mem_printf(table, "%s, %s", row[STATE].text, ends);
	row[UNTIL].text = term_until_text(table, &share->term, &run->now);
}

/* The share of a truth, at THERE, which has it; NULL: none has. */
static void fill_share(struct table *table, const struct run *run,
		       const struct fragment *truth, const struct share *share,
		       const struct rendering *there)
{
	fill_row(table, truth, share,
		 there ? mem_strdup(table, IP_TEXT(there->ip)) : NULL);
	if (run->options.state)
		fill_state(table, run, truth, share, there);
}

static void fill_truth(struct table *table, const struct run *run,
		       const struct fragment *truth)
{
	const struct inventory *inventory = run->inventory;

	for (size_t i = 0; i < truth->count; i++) {
		bool open = false;

		for (size_t r = 0; r < inventory->rendering_count; r++) {
			const struct rendering *rendering = &inventory->renderings[r];

			if (!serves(rendering, truth, truth->shares[i]))
				continue;
			fill_share(table, run, truth, truth->shares[i], rendering);
			open = true;
		}
		if (!open)
			fill_share(table, run, truth, truth->shares[i], NULL);
	}
}

static void fill_original(struct table *table, const struct rendering *rendering)
{
	for (size_t i = 0; i < rendering->fragment->count; i++)
		fill_row(table, rendering->fragment, rendering->fragment->shares[i],
			 mem_strdup(table, IP_TEXT(rendering->ip)));
}

static int by_vm(const void *a, const void *b)
{
	const struct fragment *x = *(struct fragment *const *)a;
	const struct fragment *y = *(struct fragment *const *)b;
	int order = strcmp(x->vm ? x->vm : "", y->vm ? y->vm : "");

	return order ? order : strcmp(x->uuid, y->uuid);
}

static void fill(struct table *table, const struct run *run, enum tenure tenure)
{
	struct inventory *inventory = run->inventory;

	if (inventory->truth_count)
		qsort(inventory->truths, inventory->truth_count,
		      sizeof(*inventory->truths), by_vm);
	for (size_t i = 0; i < inventory->truth_count; i++)
		if (inventory->truths[i]->tenure == tenure)
			fill_truth(table, run, inventory->truths[i]);
	for (size_t i = 0; i < inventory->rendering_count; i++)
		if (inventory->renderings[i].tenure == tenure &&
		    !inventory->renderings[i].fragment->uuid)
			fill_original(table, &inventory->renderings[i]);
}

static bool has_hosts(const struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->truth_count; i++)
		for (size_t s = 0; s < inventory->truths[i]->count; s++)
			if (inventory->truths[i]->shares[s]->private ||
			    inventory->truths[i]->shares[s]->hosts_allow)
				return true;
	for (size_t i = 0; i < inventory->rendering_count; i++)
		for (size_t s = 0; s < inventory->renderings[i].fragment->count; s++)
			if (inventory->renderings[i].fragment->shares[s]->hosts_allow)
				return true;
	return false;
}

/* What is served and is not (any more) in the truth: somebody was stopped halfway. */
static void tell_left(const struct run *run, const struct rendering *rendering)
{
	const struct inventory *inventory = run->inventory;
	const struct fragment *there = rendering->fragment;
	const struct fragment *truth =
		there->uuid ? inventory_truth(inventory, there->uuid, there->tenure) :
			      NULL;

	for (size_t i = 0; there->uuid && !there->edited && i < there->count; i++)
		if (!truth ||
		    (!truth->broken && !fragment_find(truth, there->shares[i]->name)))
			report_note(run,
				    "'%s' is still served at %s; 'hubshare sync' ends it",
				    there->shares[i]->name, IP_TEXT(rendering->ip));
}

static void tell_state(const struct run *run)
{
	const struct inventory *inventory = run->inventory;

	for (size_t i = 0; i < inventory->oddity_count; i++)
		report_note(run, "%s", inventory->oddities[i]);
	for (size_t i = 0; i < inventory->rendering_count; i++) {
		const struct rendering *rendering = &inventory->renderings[i];
		const struct fragment *fragment = rendering->fragment;
		const char *tenure = tenure_text(rendering->tenure);

		if (!fragment->uuid && !fragment->broken)
			report_note(
				run,
				"%s.conf (%s) was made by the original tool; 'hubshare "
				"sync' takes it over once its VM is at that address",
				IP_TEXT(rendering->ip), tenure);
		else if (fragment->uuid && fragment->edited)
			report_note(run,
				    "%s.conf (%s) was edited by hand; use 'hubshare sync "
				    "--take' or 'hubshare sync --discard'",
				    IP_TEXT(rendering->ip), tenure);
		tell_left(run, rendering);
		for (size_t c = 0; c < fragment->cut_count; c++)
			report_note(
				run,
				"'%s' at %s is still to be cut; 'hubshare sync' ends it",
				fragment->cuts[c], IP_TEXT(rendering->ip));
	}
}

static void print_table(const char *tenure, const struct table *table)
{
	printf("#### %s Shares ####\n", tenure);
	table_print(table, 0);
	printf("\n");
}

static struct column *columns_of(const struct run *run)
{
	struct column *columns = mem_array(run, struct column, COLUMNS + 1);

	memcpy(columns, columns_full, sizeof(columns_full));
	if (!has_hosts(run->inventory))
		columns[HOSTS_ALLOW].title = NULL;
	if (!run->options.state)
		columns[STATE] = (struct column){ 0 };
	return columns;
}

static struct fault *list(struct run *run)
{
	const struct terminal terminal = terminal_stdout();
	struct column *columns;
	struct fault *fault =
		run_open(run, NEEDS_STORE | (run->options.state ? NEEDS_GUESTS : 0));

	if (fault)
		return fault;
	columns = columns_of(run);
	struct table *permanent = table_new(run, columns),
		     *temporary = table_new(run, columns);
	fill(permanent, run, TENURE_PERMANENT);
	if (run->options.json) {
		if (!run->options.permanent)
			fill(permanent, run, TENURE_TEMPORARY);
		report_json("shares", table_document(permanent, permanent));
	} else {
		fill(temporary, run, TENURE_TEMPORARY);
		table_align(permanent, temporary);
		table_fit(permanent, temporary, &terminal);
		print_table("Permanent", permanent);
		if (!run->options.permanent)
			print_table("Temporary", temporary);
	}
	fflush(stdout);
	tell_state(run);
	return NULL;
}

const struct action action_list = {
	.name = "list",
	.args = "",
	.help = "lists all shares currently configured via hubshare",
	.example = "hubshare list --state",
	.needs = NEEDS_NOTHING, /* that depends on --state */
	.run = list,
};

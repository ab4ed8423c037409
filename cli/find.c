/* SPDX-License-Identifier: ISC */
/* hubshare find: the VMs on the bridge. */

#include <stdio.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"

/* The last eleven of a name that is shortened to NAME_COLUMNS are "(contested)". */
enum { RULE = 45, NAME_COLUMNS = 24 };

static const struct column columns[] = {
	{ "IP", "ip", COLUMN_TEXT, 15, 0, 0 },
	{ "MAC", "mac", COLUMN_TEXT, 17, 0, 0 },
	{ "VM", "vm", COLUMN_TEXT, NAME_COLUMNS, 0, COLUMN_RAGGED | COLUMN_NAME },
	{ NULL, "uuid", COLUMN_TEXT, 0, 0, 0 },
	{ NULL, "contested", COLUMN_BOOL, 0, 0, 0 },
	{ NULL, "port", COLUMN_TEXT, 0, 0, 0 },
	{ 0 },
};

static void fill_row(struct table *table, const struct domain *domain, struct in_addr ip,
		     struct mac mac, const char *port, bool contested)
{
	struct cell *row = table_row(table);
	const char *name = domain ? domain->name : "(unknown)";

	row[0].text = mem_strdup(table, IP_TEXT(ip));
	row[1].text = mem_strdup(table, MAC_TEXT(mac));
	row[2].text = domain ? domain->name : NULL;
	row[2].shown = contested ? mem_printf(table, "%s (contested)", name) : name;
	row[3].text = domain ? domain->uuid : NULL;
	row[2].tone = contested ? TONE_BAD : domain ? TONE_NONE : TONE_DOUBTFUL;
	row[4].truth = contested;
	row[5].text = *port ? port : NULL;
}

/* Those heard, and those who claimed what is not theirs. */
static void fill_guests(struct table *table, const struct guests *guests)
{
	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		if (guest->heard)
			fill_row(table, guest->domain, guest->ip, guest->mac, guest->port,
				 guest->contested);
	}
	for (size_t i = 0; i < guests->lie_count; i++) {
		const struct lie *lie = &guests->lies[i];

		fill_row(table, lie->teller, lie->ip, lie->mac, lie->port, true);
	}
}

static void tell_silent(const struct run *run, const struct guest *guest)
{
	if (guest->domain->running)
		report_note(run, "%s is running, but was not heard (%s)",
			    guest->domain->name, MAC_TEXT(guest->mac));
	else
		report_note(run, "%s is off (%s)", guest->domain->name,
			    MAC_TEXT(guest->mac));
}

static struct fault *find(struct run *run)
{
	struct table *table = table_new(run, columns);

	fill_guests(table, run->guests);
	if (run->options.json) {
		report_json("guests", table_document(table, table));
	} else {
		const struct terminal terminal = terminal_stdout();

		table_align(table, table);
		table_fit(table, table, &terminal);
		table_print(table, RULE);
	}
	fflush(stdout);
	for (size_t i = 0; i < run->guests->lie_count; i++)
		report_note(run, "%s", lie_text(run, &run->guests->lies[i]));
	for (size_t i = 0; i < run->guests->count; i++)
		if (!run->guests->list[i].heard)
			tell_silent(run, &run->guests->list[i]);
	return NULL;
}

const struct action action_find = {
	.name = "find",
	.args = "",
	.help = "finds and displays all VMs on the bridge",
	.example = "hubshare find --json",
	.needs = NEEDS_GUESTS,
	.run = find,
};

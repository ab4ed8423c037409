/* SPDX-License-Identifier: ISC */
/* hubshare find: the VMs on the bridge. */

#include <stdio.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"

enum { RULE = 45 };

static const struct column columns[] = {
	{ "IP", "ip", COLUMN_TEXT, 15, 0, false },
	{ "MAC", "mac", COLUMN_TEXT, 17, 0, false },
	{ "VM", "vm", COLUMN_TEXT, 0, 0, true },
	{ NULL, "uuid", COLUMN_TEXT, 0, 0, false },
	{ NULL, "contested", COLUMN_BOOL, 0, 0, false },
	{ 0 },
};

static void fill_row(struct table *table, const struct guest *guest)
{
	struct cell *row = table_row(table);
	const char *name = guest->domain ? guest->domain->name : "(unknown)";

	row[0].text = mem_strdup(table, IP_TEXT(guest->ip));
	row[1].text = mem_strdup(table, MAC_TEXT(guest->mac));
	row[2].text = guest->domain ? guest->domain->name : NULL;
	row[2].shown = guest->contested ? mem_printf(table, "%s (contested)", name) : name;
	row[3].text = guest->domain ? guest->domain->uuid : NULL;
	row[4].truth = guest->contested;
}

static void tell_silent(const struct guest *guest)
{
	if (guest->domain->running)
		report_note("%s is running, but was not heard (%s)", guest->domain->name,
			 MAC_TEXT(guest->mac));
	else
		report_note("%s is off (%s)", guest->domain->name, MAC_TEXT(guest->mac));
}

static struct fault *find(struct run *run)
{
	struct table *table = table_new(run, columns);

	for (size_t i = 0; i < run->guests->count; i++)
		if (run->guests->list[i].heard)
			fill_row(table, &run->guests->list[i]);
	if (run->options.json) {
		report_json("guests", table_document(table, table));
	} else {
		table_align(table, table);
		table_print(table, RULE);
	}
	fflush(stdout);
	for (size_t i = 0; i < run->guests->count; i++)
		if (!run->guests->list[i].heard)
			tell_silent(&run->guests->list[i]);
	return NULL;
}

const struct action action_find = {
	.name = "find",
	.args = "",
	.help = "finds and displays all VMs on the bridge",
	.needs = NEEDS_GUESTS,
	.run = find,
};

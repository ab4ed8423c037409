/* SPDX-License-Identifier: ISC */
/* hubshare mount-cmd: the lines with which a guest gets at its shares. */

#include <stdio.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/connect.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"

static struct fault *check_os(struct run *run)
{
	enum connect_os os;

	if (run->options.os && !connect_os_parse(run->options.os, &os))
		return fault_new(FAULT_USAGE,
				 "--os takes linux, windows or macos, not '%s'",
				 run->options.os);
	return NULL;
}

/* The VM that is served at the address VM; NULL: none is. */
static const struct domain *served_at(const struct run *run, const char *vm)
{
	for (size_t i = 0; i < run->inventory->rendering_count; i++) {
		const struct rendering *there = &run->inventory->renderings[i];

		if (there->fragment->uuid && strcmp(IP_TEXT(there->ip), vm) == 0)
			return domains_by_uuid(run->domains, there->fragment->uuid);
	}
	return NULL;
}

/* Nobody is asked on the bridge: an address is what was last served there. */
static struct fault *find_vm(struct run *run, const struct domain **ret)
{
	const struct evidence nothing = { .bridge = run->options.settings.bridge };
	struct guests *guests = guests_join(run, run->domains, &nothing);
	const char *vm = run->operands[0];
	struct fault *fault = guest_find(guests, vm, ret);
	struct in_addr ip;

	if (!fault || fault->status != FAULT_NOT_FOUND || !ip_parse(vm, &ip))
		return fault;
	talloc_free(fault);
	if ((*ret = served_at(run, vm)))
		return NULL;
	return fault_new(FAULT_NOT_FOUND, "No VM is served at %s; give its name", vm);
}

static bool is_wanted_way(const struct run *run, const struct connect_way *way)
{
	return !run->options.os || strcmp(run->options.os, connect_os_name(way->os)) == 0;
}

static void print_ways(const struct run *run, const struct connect *connect)
{
	for (const struct connect_way *way = connect_ways; way->key; way++) {
		char *text = is_wanted_way(run, way) ? way->text(run, connect) : NULL;

		if (!text)
			continue;
		printf("\n%s:\n", way->title);
		for (char *line; (line = text_line(&text));)
			printf("%s%s\n", *line ? "    " : "", line);
	}
}

static struct document *ways_document(const struct run *run,
				      const struct connect *connect)
{
	struct document *array = document_array(run);

	for (const struct connect_way *way = connect_ways; way->key; way++) {
		char *text = is_wanted_way(run, way) ? way->text(run, connect) : NULL;
		struct document *row;

		if (!text)
			continue;
		row = document_object(run);
		document_put_text(row, "os", connect_os_name(way->os));
		document_put_text(row, "key", way->key);
		document_put_text(row, "text", text);
		document_append(array, row);
	}
	return array;
}

static void put_mount(struct document *array, const struct run *run,
		      const struct domain *domain, const struct fragment *truth,
		      const struct connect *connect)
{
	struct document *row = report_share(run, truth, domain->name, connect->share);

	document_put_text(row, "host", connect->host);
	document_put(row, "lines", ways_document(run, connect));
	document_append(array, row);
}

static void print_mount(const struct run *run, const struct domain *domain,
			const struct connect *connect, bool first)
{
	const struct share *share = connect->share;

	printf("%s'%s' of %s (%s), %s, %s\n", first ? "" : "\n",
	       text_visible(run, share->name), text_visible(run, domain->name),
	       text_visible(run, share->path),
	       share->read_only ? "read only" : "read and write",
	       share->guest_ok ?
		       "no password asked" :
		       "for NAME, who gets a password from 'hubshare user add NAME'");
	if (share->private)
		printf("Only from the VM's own address on the bridge.\n");
	else if (share->hosts_allow)
		printf("Only from %s.\n", share->hosts_allow);
	print_ways(run, connect);
}

static void show_mount(struct document *array, const struct run *run,
		       const struct domain *domain, const struct fragment *truth,
		       const struct share *share, bool first)
{
	struct in_addr ip = report_host(run);
	const struct connect connect = {
		.share = share,
		.host = mem_strdup(run, IP_TEXT(ip)),
	};

	if (array)
		put_mount(array, run, domain, truth, &connect);
	else
		print_mount(run, domain, &connect, first);
}

/* Shows all shares of the VM; returns how many there are. */
static size_t show_mounts(struct document *array, const struct run *run,
			  const struct domain *domain)
{
	size_t count = 0;

	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		const struct fragment *truth =
			inventory_truth(run->inventory, domain->uuid,
					(enum tenure)tenure);

		for (size_t i = 0; truth && i < truth->count; i++)
			show_mount(array, run, domain, truth, truth->shares[i],
				   count++ == 0);
	}
	return count;
}

static struct fault *mount_cmd(struct run *run)
{
	struct document *array = run->options.json ? document_array(run) : NULL;
	const struct domain *domain;
	struct fragment *truth;
	struct share *share;
	struct fault *fault;

	if ((fault = find_vm(run, &domain)))
		return fault;
	if (!run->operands[1]) {
		if (show_mounts(array, run, domain) == 0)
			return fault_new(FAULT_NOT_FOUND,
					 "%s has no share; 'hubshare add' gives it one",
					 domain->name);
	} else {
		if ((fault = run_share(run, domain, run->operands[1], &truth, &share)))
			return fault;
		show_mount(array, run, domain, truth, share, true);
	}
	if (array)
		report_json("mounts", array);
	return NULL;
}

const struct action action_mount_cmd = {
	.name = "mount-cmd",
	.args = "VM [NAME]",
	.help = "prints how the specified VM mounts its shares",
	.example = "hubshare mount-cmd untrusted-0 user-temp --os linux",
	.needs = NEEDS_DOMAINS | NEEDS_STORE,
	.check = check_os,
	.run = mount_cmd,
};

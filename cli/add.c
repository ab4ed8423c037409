/* SPDX-License-Identifier: ISC */
/* hubshare add: gives a VM one directory of the host. */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/actions.h"
#include "cli/connect.h"
#include "cli/lasting.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"
#include "confgen/testparm.h"
#include "hub/caller.h"
#include "hub/handed.h"
#include "hub/mapping.h"
#include "hub/parents.h"

/* The path as the kernel sees it, so that a link changed later leads nowhere else. */
static struct fault *resolve(const void *ctx, const char *path, char **ret)
{
	char resolved[PATH_MAX];
	struct fault *fault;
	struct stat st;

	if ((fault = share_check_path(path)))
		return fault;
	if (!realpath(path, resolved) || stat(resolved, &st) < 0)
		return fault_new(FAULT_USAGE, "'%s' cannot be shared: %s", path,
				 strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return fault_new(FAULT_USAGE,
				 "'%s' cannot be shared: it is not a directory", path);
	*ret = mem_strdup(ctx, resolved);
	return NULL;
}

/* The directory to be shared: a member of the group has sent it along. */
static struct fault *find_directory(const struct run *run, const char *path, char **ret)
{
	struct fault *fault;

	if (!run->caller.called)
		return resolve(run, path, ret);
	if ((fault = share_check_path(path)))
		return fault;
	if (run->caller.directory < 0)
		return fault_new(FAULT_USAGE, "The directory '%s' was not sent along",
				 path);
	return handed_path(run, run->caller.directory, ret);
}

/* "/home/user/tmp" -> "home-user-tmp": a share's name may not begin with '-'. */
static char *default_name(const void *ctx, const char *path)
{
	char *name = mem_strdup(ctx, path + strspn(path, "/"));

	for (char *end = name + strlen(name); end > name && end[-1] == '/';)
		*--end = '\0';
	for (char *c = name; (c = strchr(c, '/')); c++)
		*c = '-';
	return name;
}

/* What can be said of the share before anything is opened. */
static struct fault *check(struct run *run)
{
	const struct run_options *options = &run->options;
	const char *path = run->operands[1], *name = run->operands[2];
	char *resolved;
	struct fault *fault;

	if ((fault = find_directory(run, path, &resolved)))
		return fault;
	struct share *share =
		share_new(run, name ? name : default_name(run, path), resolved);
	share->read_only = options->read_only;
	share->guest_ok = options->guest_ok;
	share->private = options->private;
	share->owner = run->caller.uid;
	run->share = share;
	if ((fault = share_check(share)))
		return fault;
	if (options->allow &&
	    (fault = share_parse_hosts(share, options->allow, &share->hosts_allow)))
		return fault;
	if (options->private) /* it wins */
		share->hosts_allow = NULL;
	if ((fault = run_policy(run, resolved)) ||
	    (fault = caller_check(&run->caller, resolved, !share->read_only,
				  CALLER_WAIT_MS)))
		return fault;
	if (options->guest_ok &&
	    (fault = mapping_choose(share, &run->caller, &options->settings, resolved,
				    share->read_only, CALLER_WAIT_MS,
				    &share->force_user)))
		return fault;
	return lasting_check(run);
}

static struct fault *taken(const char *name, const char *by, const char *path)
{
	return fault_new(FAULT_CONFLICT,
			 "The name '%s' is taken by %s (%s); give the share another name",
			 name, by, path ? path : "no path");
}

/* A name that stands twice would be merged parameter by parameter. */
static struct fault *check_free(struct run *run, const struct domain *domain)
{
	const struct settings *settings = &run->options.settings;
	const char *name = run->share->name;
	struct fragment *fixed;
	struct share *other;

	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		const struct fragment *truth =
			inventory_truth(run->inventory, domain->uuid,
					(enum tenure)tenure);

		if (truth && (other = fragment_find(truth, name)))
			return taken(name,
				     mem_printf(run, "a %s share of the VM",
						tenure_text((enum tenure)tenure)),
				     other->path);
	}
	struct fault *fault =
		testparm_shares(run, settings,
				mem_printf(run, "%s%s/smb.conf", settings->root,
					   settings->samba_dir),
				&fixed);
	if (!fault && fixed && (other = fragment_find(fixed, name)))
		fault = taken(name, "a share in smb.conf", other->path);
	return fault;
}

/* How the guest gets at it: by name, since Samba's lists do not show it. */
static void print_connect(const struct run *run)
{
	struct in_addr ip = report_host(run);
	const struct connect connect = { .share = run->share,
					 .host = mem_strdup(run, IP_TEXT(ip)) };

	fputs(connect_brief(run, &connect), stdout);
}

/* Why a share is not open yet. */
static const char *why_parked(const struct run *run, const struct domain *domain)
{
	if (!domain_on_bridge(domain, run->options.settings.bridge))
		return "has no network interface on the bridge";
	if (!domain->running)
		return "is off";
	for (size_t i = 0; i < run->guests->count; i++)
		if (run->guests->list[i].domain == domain &&
		    run->guests->list[i].contested)
			return "has an address or a MAC that others claim too";
	return "was not heard on the bridge";
}

/* Is the share open there? */
static bool is_open_at(const struct guest *guest, const struct domain *domain)
{
	return guest->domain == domain && guest->heard && !guest->contested;
}

static void print_given(struct run *run, const struct domain *domain)
{
	const char *vm = text_visible(run, domain->name);
	const char *name = text_visible(run, run->share->name);
	const char *path = text_visible(run, run->share->path);
	const char *lasts = lasting_text(run, run->share);
	bool open = false;

	for (size_t i = 0; i < run->guests->count; i++) {
		const struct guest *guest = &run->guests->list[i];

		if (!is_open_at(guest, domain))
			continue;
		printf("%s (%s) has %s as '%s'%s\n", vm, IP_TEXT(guest->ip), path, name,
		       lasts);
		open = true;
	}
	if (!open)
		printf("%s will have %s as '%s'%s: it is parked, since the VM %s; 'hubshare "
		       "sync' opens it then\n",
		       vm, path, name, lasts, why_parked(run, domain));
}

static void put_given(const struct run *run, const struct domain *domain,
		      const struct fragment *truth)
{
	struct document *body = report_share(run, truth, domain->name, run->share);
	struct document *addresses = document_array(run);
	struct in_addr host = report_host(run);
	bool open = false;

	for (size_t i = 0; i < run->guests->count; i++)
		if (is_open_at(&run->guests->list[i], domain)) {
			document_append_text(addresses, IP_TEXT(run->guests->list[i].ip));
			open = true;
		}
	document_put(body, "addresses", addresses);
	document_put_text(body, "parked",
			  open ? NULL :
				 mem_printf(body, "the VM %s", why_parked(run, domain)));
	document_put_text(body, "host", IP_TEXT(host));
	report_json("share", body);
}

static struct fault *add(struct run *run)
{
	enum tenure tenure = run->options.permanent ? TENURE_PERMANENT : TENURE_TEMPORARY;
	const struct domain *domain;
	struct fragment *truth;
	const char *warning;
	struct fault *fault;

	if ((fault = guest_find(run->guests, run->operands[0], &domain)) ||
	    (fault = run_policy(run, run->share->path)) || /* now with the VMs' disks */
	    (fault = run_adopt(run, domain)) || (fault = check_free(run, domain)) ||
	    (fault = lasting_set(run, domain, tenure, run->share)))
		return fault;
	truth = inventory_make(run->inventory, domain->uuid, domain->name, tenure);
	fragment_add(truth, run->share);
	if ((fault = run_change(run, domain)))
		return fault;
	if (run->options.json) {
		put_given(run, domain, truth);
	} else {
		print_given(run, domain);
		print_connect(run);
	}
	if ((warning = parents_warning(run, &run->caller, run->share->path,
				       CALLER_WAIT_LOCKED_MS)))
		report_note(run, "%s", warning);
	return NULL;
}

const struct action action_add = {
	.name = "add",
	.args = "VM PATH [NAME]",
	.help = "adds a new share to the specified VM",
	.example = "sudo hubshare add -g untrusted-0 /home/user/tmp user-temp",
	.needs = NEEDS_GUESTS | NEEDS_CHANGE,
	.called = true,
	.check = check,
	.run = add,
};

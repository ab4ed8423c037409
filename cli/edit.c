/* SPDX-License-Identifier: ISC */
/* hubshare edit: changes what a VM may do with a share, also in the sessions it has. */

#include <stdio.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/lasting.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"
#include "hub/caller.h"
#include "hub/mapping.h"

static struct fault *check_options(struct run *run)
{
	const struct run_options *options = &run->options;
	bool list = options->allow || options->private;

	if ((options->read_only && options->read_write) ||
	    (options->guest_ok && options->no_guest) || (list && options->no_allow))
		return fault_new(FAULT_USAGE, "Options that exclude each other: %s",
				 options->read_only && options->read_write ?
					 "--readonly and --read-write" :
				 options->guest_ok && options->no_guest ?
					 "--guest and --no-guest" :
					 "--no-allow and --allow or --private");
	if (!options->read_only && !options->read_write && !options->guest_ok &&
	    !options->no_guest && !list && !options->no_allow && !lasting_given(options))
		return fault_new(FAULT_USAGE,
				 "What shall change? Give -r, --read-write, -g, "
				 "--no-guest, -a, -e, --no-allow, --for, "
				 "--until-stop or --no-end");
	return lasting_check(run);
}

static struct fault *edit_hosts(const struct run_options *options, struct share *share)
{
	if (options->no_allow || options->private) {
		share->hosts_allow = NULL;
		share->private = options->private;
	} else if (options->allow) {
		share->private = false;
		return share_parse_hosts(share, options->allow, &share->hosts_allow);
	}
	return NULL;
}

/* Guests are the caller himself, who lends nobody else's rights. */
static struct fault *check_mapped(const struct run *run, const struct share *share)
{
	struct fault *fault;
	char *account;

	if ((fault = caller_name(share, run->caller.uid, &account)))
		return fault;
	if (share->force_user && strcmp(share->force_user, account) == 0)
		return NULL;
	return fault_new(FAULT_REFUSED,
			 "Guests of '%s' are %s: only root, by sudo, may give them more",
			 share->name,
			 share->force_user ? share->force_user : "Samba's guest account");
}

/* What gives more than before is asked for as if it were new; to give less is always right. */
static struct fault *edit_rights(const struct run *run, struct share *share,
				 bool was_guest)
{
	const struct settings *settings = &run->options.settings;
	struct fault *fault;
	char *account;

	if ((fault = run_policy(run, share->path)) ||
	    (fault = caller_check(&run->caller, share->path, !share->read_only,
				  CALLER_WAIT_LOCKED_MS)))
		return fault;
	if (!share->guest_ok)
		return NULL;
	if (!was_guest)
		return mapping_choose(share, &run->caller, settings, share->path,
				      share->read_only, CALLER_WAIT_LOCKED_MS,
				      &share->force_user);
	if (run->caller.called)
		return check_mapped(run, share);
	/* Whose the files of guests are stays as it is as long as there may be guests. */
	if (!share->force_user && (fault = mapping_account(share, settings, &account)))
		return fault;
	return mapping_check(share->force_user ? share->force_user : account, share->path,
			     share->read_only, CALLER_WAIT_LOCKED_MS);
}

static struct fault *edit_share(const struct run *run, const struct domain *domain,
				enum tenure tenure, struct share *share)
{
	const struct run_options *options = &run->options;
	bool was_guest = share->guest_ok, was_read_only = share->read_only;
	const struct term was_term = share->term;
	struct fault *fault;

	share->read_only =
		(share->read_only || options->read_only) && !options->read_write;
	share->guest_ok = (was_guest || options->guest_ok) && !options->no_guest;
	if (!share->guest_ok && was_guest)
		share->force_user = NULL; /* it was there for guests */
	if ((fault = edit_hosts(options, share)) ||
	    (fault = lasting_set(run, domain, tenure, share)))
		return fault;
	if (((share->guest_ok && !was_guest) || (was_read_only && !share->read_only) ||
	     term_outlasts(&share->term, &was_term)) &&
	    (fault = edit_rights(run, share, was_guest)))
		return fault;
	return share_check(share);
}

static void print_edited(const struct run *run, const struct domain *domain,
			 const struct share *share)
{
	printf("%s has '%s' (%s) %s, %s guest access", text_visible(run, domain->name),
	       text_visible(run, share->name), text_visible(run, share->path),
	       share->read_only ? "read-only" : "read-write",
	       share->guest_ok ? "with" : "without");
	if (share->private || share->hosts_allow)
		printf(", for %s only", share->private ?
						"its own address" :
						text_visible(run, share->hosts_allow));
	printf("%s\n", lasting_text(run, share));
}

static struct fault *edit(struct run *run)
{
	const struct domain *domain;
	struct fragment *truth;
	struct share *share;
	struct fault *fault;

	if ((fault = guest_find(run->guests, run->operands[0], &domain)) ||
	    (fault = run_adopt(run, domain)) ||
	    (fault = run_share(run, domain, run->operands[1], &truth, &share)) ||
	    (fault = run_owned(run, share)) ||
	    (fault = edit_share(run, domain, truth->tenure, share)) ||
	    (fault = run_change(run, domain)))
		return fault;
	if (run->options.json)
		report_json("share", report_share(run, truth, domain->name, share));
	else
		print_edited(run, domain, share);
	return NULL;
}

const struct action action_edit = {
	.name = "edit",
	.args = "VM NAME",
	.help = "changes a share of the specified VM",
	.example = "sudo hubshare edit untrusted-0 user-temp --readonly",
	.needs = NEEDS_GUESTS | NEEDS_CHANGE,
	.called = true,
	.check = check_options,
	.run = edit,
};

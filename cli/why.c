/* SPDX-License-Identifier: ISC */
/* hubshare why: which link of a share's chain is broken, if any. */

#include <stdio.h>
#include <unistd.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "doctor/why.h"

static struct fault *check_root(struct run *run)
{
	if (geteuid() != 0 && !*run->options.settings.root)
		return fault_new(FAULT_REFUSED,
				 "'hubshare why' asks what other accounts may do, "
				 "which only root can: use sudo");
	return NULL;
}

/* Looks at the links until one is broken: the others depend on it. */
static struct fault *walk(const struct run *run, const struct why *why,
			  struct document *array)
{
	for (const struct link *link = why_links; link->key; link++) {
		struct finding finding = link->look(why);

		if (array)
			report_put_finding(array, link->key, link->title, &finding);
		else
			report_finding(run, link->title, &finding);
		if (finding.verdict != VERDICT_OK)
			return fault_new(link->status, "%s cannot open '%s': %s",
					 why->domain->name, why->share->name,
					 finding.text);
	}
	return NULL;
}

static struct fault *why(struct run *run)
{
	struct document *array = run->options.json ? document_array(run) : NULL;
	struct host *host = host_new(run, &run->options.settings);
	const struct domain *domain;
	struct fragment *truth;
	struct share *share;
	struct fault *fault;

	host->domains = run->domains;
	host->guests = run->guests;
	host->inventory = run->inventory;
	if ((fault = guest_find(run->guests, run->operands[0], &domain)) ||
	    (fault = run_share(run, domain, run->operands[1], &truth, &share)))
		return fault;
	fault = walk(run, why_new(run, host, domain, truth, share), array);
	if (array)
		report_json("links", array);
	return fault;
}

const struct action action_why = {
	.name = "why",
	.args = "VM NAME",
	.help = "says why the specified VM can or cannot open a share",
	.example = "sudo hubshare why untrusted-0 user-temp",
	.needs = NEEDS_GUESTS | NEEDS_STORE,
	.check = check_root,
	.run = why,
};

/* SPDX-License-Identifier: ISC */
/* hubshare delete: takes all shares from a VM. */

#include <stdio.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/text.h"

static struct fault *check_owned(struct run *run, const struct domain *domain,
				 enum tenure tenure)
{
	const struct fragment *truth =
		inventory_truth(run->inventory, domain->uuid, tenure);
	struct fault *fault = NULL;

	for (size_t i = 0; truth && !fault && i < truth->count; i++)
		fault = run_owned(run, truth->shares[i]);
	return fault;
}

/* Takes all shares of the tenure, into REMOVED too; returns how many there were. */
static size_t empty(struct run *run, const struct domain *domain, enum tenure tenure,
		    struct document *removed)
{
	struct fragment *truth = inventory_truth(run->inventory, domain->uuid, tenure);
	size_t count = truth ? truth->count : 0;

	while (truth && truth->count) {
		document_append(removed,
				report_share(run, truth, domain->name, truth->shares[0]));
		fragment_remove(truth, truth->shares[0]);
	}
	return count;
}

static struct fault *delete_all(struct run *run)
{
	struct document *removed = document_array(run);
	const struct domain *domain;
	struct fault *fault;
	size_t count;

	if ((fault = guest_find(run->guests, run->operands[0], &domain)) ||
	    (fault = run_adopt(run, domain)))
		return fault;
	if ((fault = check_owned(run, domain, TENURE_PERMANENT)) ||
	    (!run->options.permanent &&
	     (fault = check_owned(run, domain, TENURE_TEMPORARY))))
		return fault;
	count = empty(run, domain, TENURE_PERMANENT, removed);
	if (!run->options.permanent)
		count += empty(run, domain, TENURE_TEMPORARY, removed);
	if (count == 0)
		return fault_new(
			FAULT_NOT_FOUND, "%s has no %sshares%s", domain->name,
			run->options.permanent ? "permanent " : "",
			inventory_original(run->inventory, domain->name, NULL) ?
				" of hubshare's; the original tool's become that by "
				"'hubshare sync' once the VM is at that address" :
				"");
	if ((fault = run_change(run, domain)))
		return fault;
	if (run->options.json)
		report_json("removed", removed);
	else
		printf("%s no longer has its %zu %sshare%s\n",
		       text_visible(run, domain->name), count,
		       run->options.permanent ? "permanent " : "", count == 1 ? "" : "s");
	return NULL;
}

const struct action action_delete = {
	.name = "delete",
	.args = "VM",
	.help = "removes all shares from the specified VM",
	.example = "sudo hubshare delete untrusted-0",
	.needs = NEEDS_GUESTS | NEEDS_CHANGE,
	.called = true,
	.run = delete_all,
};

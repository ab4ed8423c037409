/* SPDX-License-Identifier: ISC */
/* hubshare remove: takes a share from a VM, also from the session that has it open. */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"
#include "hub/handed.h"

/* What PATH really is, on the run; NULL: it is not there any more, or nobody says so. */
static const char *real_path(const struct run *run, const char *path)
{
	char resolved[PATH_MAX], *handed = NULL;

	if (!run->caller.called)
		return realpath(path, resolved) ? mem_strdup(run, resolved) : NULL;
	if (run->caller.directory >= 0)
		talloc_free(handed_path(run, run->caller.directory, &handed));
	return handed;
}

/* Is PATH how a person may write the share's path?  It need not be there any more. */
static bool same_path(const struct run *run, const char *path, const char *shared)
{
	size_t length = strlen(path);
	const char *real;

	while (length > 1 && path[length - 1] == '/')
		length--;
	if (strlen(shared) == length && memcmp(path, shared, length) == 0)
		return true;
	return (real = real_path(run, path)) && strcmp(real, shared) == 0;
}

static struct fault *remove_share(struct run *run)
{
	const char *const *operands = run->operands;
	const char *path = operands[2] ? operands[1] : NULL;
	const char *name = operands[2] ? operands[2] : operands[1];
	const struct domain *domain;
	struct fragment *truth;
	struct share *share;
	struct fault *fault;

	if ((fault = guest_find(run->guests, operands[0], &domain)) ||
	    (fault = run_adopt(run, domain)) ||
	    (fault = run_share(run, domain, name, &truth, &share)) ||
	    (fault = run_owned(run, share)))
		return fault;
	if (path && !same_path(run, path, share->path))
		return fault_new(FAULT_NOT_FOUND, "'%s' of %s is %s, not %s", share->name,
				 domain->name, share->path, path);
	char *shown = mem_printf(run, "'%s' (%s)", share->name, share->path);
	struct document *removed = document_array(run);
	document_append(removed, report_share(run, truth, domain->name, share));
	fragment_remove(truth, share);
	if ((fault = run_change(run, domain)))
		return fault;
	if (run->options.json)
		report_json("removed", removed);
	else
		printf("%s no longer has %s\n", text_visible(run, domain->name),
		       text_visible(run, shown));
	return NULL;
}

const struct action action_remove = {
	.name = "remove",
	.args = "VM [PATH] NAME",
	.help = "removes a share from the specified VM",
	.example = "sudo hubshare remove untrusted-0 user-temp",
	.needs = NEEDS_GUESTS | NEEDS_CHANGE,
	.called = true,
	.run = remove_share,
};

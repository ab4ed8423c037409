/* SPDX-License-Identifier: ISC */
/* hubshare remove: takes a share from a VM, also from the session that has it open. */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/actions.h"
#include "cli/run.h"
#include "common/memory.h"
#include "common/text.h"

/* Is PATH how a person may write the share's path?  It need not be there any more. */
static bool same_path(const char *path, const char *shared)
{
	char resolved[PATH_MAX];
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	if (strlen(shared) == length && memcmp(path, shared, length) == 0)
		return true;
	return realpath(path, resolved) && strcmp(resolved, shared) == 0;
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
	    (fault = run_share(run, domain, name, &truth, &share)))
		return fault;
	if (path && !same_path(path, share->path))
		return fault_new(FAULT_NOT_FOUND, "'%s' of %s is %s, not %s", share->name,
				 domain->name, share->path, path);
	char *shown = mem_printf(run, "'%s' (%s)", share->name, share->path);
	fragment_remove(truth, share);
	if ((fault = run_change(run, domain)))
		return fault;
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
	.run = remove_share,
};

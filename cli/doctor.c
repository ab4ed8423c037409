/* SPDX-License-Identifier: ISC */
/* hubshare doctor: looks at everything that hubshare depends on. */

#include <stdio.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "hub/check.h"

static struct fault *doctor(struct run *run)
{
	struct document *array = run->options.json ? document_array(run) : NULL;
	struct host *host = host_new(run, &run->options.settings);
	size_t ill = 0, all = 0;

	for (const struct check *check = checks; check->key; check++) {
		struct finding finding = check->look(host);

		all++;
		ill += finding.verdict != VERDICT_OK;
		if (array)
			report_put_finding(array, check->key, check->title, &finding);
		else
			report_finding(run, check->title, &finding);
	}
	if (array)
		report_json("checks", array);
	return ill ? fault_new(FAULT_FAILED, "%zu of %zu checks are not well", ill, all) : NULL;
}

const struct action action_doctor = {
	.name = "doctor",
	.args = "",
	.help = "looks at all that hubshare depends on",
	.needs = NEEDS_NOTHING,
	.run = doctor,
};

/* SPDX-License-Identifier: ISC */
/* hubshare doctor: looks at everything that hubshare depends on. */

#include <stdio.h>
#include <unistd.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "doctor/check.h"

static struct fault *check_probe(struct run *run)
{
	if (run->options.probe && geteuid() != 0)
		return fault_new(FAULT_REFUSED,
				 "Only root can plug a probe into %s: use sudo",
				 run->options.settings.bridge);
	return NULL;
}

struct tally {
	size_t ill, all;
};

/* Looks at all ROWS; into ARRAY, or, where it is NULL, printed as they come. */
static void look(const struct run *run, struct host *host, const struct check *rows,
		 struct document *array, struct tally *tally)
{
	for (const struct check *check = rows; check->key; check++) {
		struct finding finding = check->look(host);

		tally->all++;
		tally->ill += finding.verdict != VERDICT_OK;
		if (array)
			report_put_finding(array, check->key, check->title, &finding);
		else
			report_finding(run, check->title, &finding);
	}
}

static struct fault *doctor(struct run *run)
{
	struct document *array = run->options.json ? document_array(run) : NULL;
	struct host *host = host_new(run, &run->options.settings);
	struct tally tally = { 0 };

	look(run, host, checks, array, &tally);
	if (run->options.probe)
		look(run, host, probe_checks, array, &tally);
	if (array)
		report_json("checks", array);
	return tally.ill ? fault_new(FAULT_FAILED, "%zu of %zu checks are not well",
				     tally.ill, tally.all) :
			   NULL;
}

const struct action action_doctor = {
	.name = "doctor",
	.args = "",
	.help = "looks at all that hubshare depends on",
	.example = "sudo hubshare doctor",
	.needs = NEEDS_NOTHING,
	.check = check_probe,
	.run = doctor,
};

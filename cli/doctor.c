/* SPDX-License-Identifier: ISC */
/* hubshare doctor: looks at everything that hubshare depends on. */

#include <stdio.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/text.h"
#include "hub/check.h"

static const char *const verdicts[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WRONG] = "wrong",
	[VERDICT_UNKNOWN] = "unknown",
};

static void print_finding(const struct run *run, const struct check *check,
			  const struct finding *finding)
{
	printf("%-7s  %-32s %s\n", verdicts[finding->verdict], check->title,
	       text_visible(run, finding->text));
	if (finding->mend)
		printf("%9smend it with: %s\n", "", text_visible(run, finding->mend));
}

static void put_finding(struct document *array, const struct check *check,
			const struct finding *finding)
{
	struct document *row = document_object(array);

	document_put_text(row, "key", check->key);
	document_put_text(row, "title", check->title);
	document_put_text(row, "verdict", verdicts[finding->verdict]);
	document_put_text(row, "text", finding->text);
	document_put_text(row, "mend", finding->mend);
	document_append(array, row);
}

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
			put_finding(array, check, &finding);
		else
			print_finding(run, check, &finding);
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

/* SPDX-License-Identifier: ISC */
#include "cli/lasting.h"

#include "common/memory.h"
#include "hub/expiry.h"
#include "service/feed.h"

bool lasting_given(const struct run_options *options)
{
	return options->lasts || options->until_stop || options->no_end;
}

struct fault *lasting_check(struct run *run)
{
	const struct run_options *options = &run->options;
	struct fault *fault;

	if ((options->lasts != NULL) + options->until_stop + options->no_end > 1)
		return fault_new(FAULT_USAGE, "Options that exclude each other: %s",
				 !options->no_end ? "--for and --until-stop" :
						    "--no-end and --for or --until-stop");
	if (options->lasts &&
	    (fault = term_parse_duration(options->lasts, &run->lasts_ms)))
		return fault;
	if ((options->lasts || options->until_stop) && !service_runs(&options->settings))
		return fault_new(
			FAULT_UNREACHABLE,
			"Nobody would end the share, since no service runs: 'systemctl "
			"start hubshare' or 'hubshare sync --watch' starts it; or leave "
			"--%s out",
			options->lasts ? "for" : "until-stop");
	return NULL;
}

/* Without it nobody could tell whether it is still the same boot. */
static struct fault *check_boot(const struct term *term)
{
	if (*term->boot || (term->kind != TERM_BOOT && term->kind != TERM_STOP))
		return NULL;
	return fault_new(FAULT_UNREACHABLE,
			 "/proc/sys/kernel/random/boot_id cannot be read, without "
			 "which no share can end with the host's next boot");
}

struct fault *lasting_set(const struct run *run, const struct domain *domain,
			  enum tenure tenure, struct share *share)
{
	const struct run_options *options = &run->options;

	if (options->until_stop && !domain->running)
		return fault_new(
			FAULT_USAGE,
			"%s is off, so nothing can last until it is shut off: start it "
			"first, or give a time with --for",
			domain->name);
	if (options->no_end)
		share->term = (struct term){ 0 };
	else if (options->lasts)
		share->term =
			term_for(&run->now, run->lasts_ms, tenure == TENURE_PERMANENT);
	else if (options->until_stop)
		share->term = term_until_stop(&run->now, domain->id);
	return lasting_given(options) ? check_boot(&share->term) : NULL;
}

const char *lasting_text(const struct run *run, const struct share *share)
{
	const char *text = term_text(run, &share->term, &run->now);

	return text ? mem_printf(run, ", %s", text) : "";
}

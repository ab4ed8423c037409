/* SPDX-License-Identifier: ISC */
#include "hub/expiry.h"

bool expiry_is_over(const struct share *share, const struct domains *domains,
		    const char *uuid, const struct term_now *now)
{
	const struct domain *domain = NULL;

	if (share->term.kind != TERM_STOP)
		return term_over(&share->term, now, -1);
	domain = domains_by_uuid(domains, uuid);
	return domain && term_over(&share->term, now, domain->running ? domain->id : -1);
}

size_t expiry_purge(struct fragment *truth, const struct domains *domains,
		    const struct term_now *now, expiry_fn *tell, void *arg)
{
	size_t before = truth->count;

	for (size_t i = truth->count; i > 0; i--) {
		struct share *share = truth->shares[i - 1];

		if (!expiry_is_over(share, domains, truth->uuid, now))
			continue;
		if (tell)
			tell(arg, truth, share);
		fragment_remove(truth, share);
	}
	return before - truth->count;
}

int64_t expiry_next_ms(const struct inventory *inventory, const struct term_now *now)
{
	int64_t next_ms = -1;

	for (size_t i = 0; i < inventory->truth_count; i++)
		for (size_t s = 0; s < inventory->truths[i]->count; s++) {
			const struct share *share = inventory->truths[i]->shares[s];
			int64_t left_ms = term_left_ms(&share->term, now);

			if (left_ms >= 0 && (next_ms < 0 || left_ms < next_ms))
				next_ms = left_ms;
		}
	return next_ms;
}

/* SPDX-License-Identifier: ISC */
#pragma once

/* What is over of the shares' terms, by what runs and by the clocks: it is taken out of what was
 * read of the store, so that no plan renders it and whoever changes the store saves it so. */

#include "confgen/inventory.h"
#include "hub/domain.h"

/* Is SHARE of the domain UUID over?  What libvirt does not know is not known to be off. */
bool expiry_is_over(const struct share *share, const struct domains *domains,
		    const char *uuid, const struct term_now *now);

/* Is told what is taken out. */
typedef void expiry_fn(void *arg, const struct fragment *truth,
		       const struct share *share);

/* Takes what is over out of TRUTH; TELL of NULL: silently.  Returns how many that were. */
size_t expiry_purge(struct fragment *truth, const struct domains *domains,
		    const struct term_now *now, expiry_fn *tell, void *arg);

/* In how many ms after NOW a clock ends one of the truths' shares, 0 for one that is over; -1:
 * none will.  The date may be set meanwhile. */
int64_t expiry_next_ms(const struct inventory *inventory, const struct term_now *now);

/* SPDX-License-Identifier: ISC */
#pragma once

/* How long a share lasts, as the options of add and edit say. */

#include "cli/run.h"

/*
 * Do they go together?  Reads --for.  Fault 2, or 7 where no service runs, which is to end the
 * share.
 */
struct fault *lasting_check(struct run *run);

/* Is any of them given? */
bool lasting_given(const struct run_options *options);

/* The term of a share that DOMAIN has or gets; as it was, where none of them is given.  Fault
 * 2 for one that is to last until a VM is shut off that is off. */
struct fault *lasting_set(const struct run *run, const struct domain *domain,
			  enum tenure tenure, struct share *share);

/* ", expires in 2h", on the run; "" if it does not end by itself. */
const char *lasting_text(const struct run *run, const struct share *share);

/* SPDX-License-Identifier: ISC */
#pragma once

/* How a share stands with its VM: whether the VM can have it, and if not, why.  Pure. */

#include "confgen/inventory.h"
#include "hub/guest.h"

enum standing {
	STANDING_OPEN,
	STANDING_PARKED, /* its VM is off, was not heard, or has not been served yet */
	STANDING_SUSPENDED, /* others claim the VM's address or MAC, or what is served was edited */
	STANDING_EXPIRED, /* it has ended, and nobody has taken it away yet */
};

/*
 * How SHARE of TRUTH stands at THERE, a rendering that has it; or, where none has, THERE is
 * NULL and it cannot be open.
 */
enum standing standing_of(const struct inventory *inventory, const struct guests *guests,
			  const struct fragment *truth, const struct share *share,
			  const struct rendering *there, const struct term_now *now);

/* "open" */
const char *standing_name(enum standing standing);

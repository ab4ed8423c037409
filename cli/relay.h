/* SPDX-License-Identifier: ISC */
#pragma once

/* What a person without root's rights has the service carry out. */

#include "cli/run.h"

/* Is the command one for the service: the action such a one, the caller not root, and none of
 * the settings his own?  To be asked before they are filled. */
bool relay_fits(const struct run *run);

/*
 * Has the service carry out WORDS, the command line of RUN, prints what it says and puts its
 * status into the run.  *RET is false where no service runs.  Faults as control_ask(), and 2 or
 * 6 for a directory that the caller cannot open.
 */
struct fault *relay(struct run *run, char *const words[], bool *ret);

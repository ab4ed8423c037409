/* SPDX-License-Identifier: ISC */
#pragma once

/* Keeps the gate for a command, where it stands: as the service does, but for what the command
 * changes alone. */

#include "hub/admission.h"
#include "hub/apply.h"

struct doorman;

/*
 * Looks at the gate, and closes it to whoever GUESTS show not to be who he was.  *RET is NULL
 * where the gate does not stand, or is off.  Fault 1 where it cannot be changed.
 */
struct fault *doorman_new(const void *ctx, const struct settings *settings,
			  const struct guests *guests, struct doorman **ret);

/* Its door; NULL for no doorman. */
const struct door *doorman_door(struct doorman *doorman);

/* Lets DOMAIN in where it is confirmed; no doorman has nothing to do. */
void doorman_admit(struct doorman *doorman, const struct domain *domain);

/* Does the gate stand, as far as the caller may know? */
bool doorman_stands(const struct settings *settings);

/* SPDX-License-Identifier: ISC */
#pragma once

/* A password that nobody has chosen. */

#include <stddef.h>

#include "common/fault.h"

enum {
	PASSWORD_GROUPS = 7,
	PASSWORD_GROUP = 4, /* letters or digits */
	PASSWORD_LENGTH =
		PASSWORD_GROUPS * (PASSWORD_GROUP + 1) - 1, /* with the dashes */
};

/*
 * A new one on CTX, of 140 random bits of the kernel (getrandom(2)): groups of lower-case
 * letters and digits with dashes between, none that looks like another.  No shell, no file of
 * credentials and no command of Windows takes one of these for something else.  Fault 1.
 */
struct fault *password_new(const void *ctx, char **ret);

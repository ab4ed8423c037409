/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to testparm(1): what Samba's own parser makes of a file.  It exits with 0 also
 * for unknown parameters and for much that is garbage, so what counts is what it prints.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"
#include "common/settings.h"
#include "confgen/fragment.h"

/*
 * The shares that Samba sees in FILE, without [global].  Parameters at their default are
 * left out of its dump, so the shares returned have Samba's defaults for them.
 * *RET is NULL when there is no such file.  Fault 7 if testparm cannot be run, 1 if Samba
 * refuses the file.
 */
struct fault *testparm_shares(const void *ctx, const struct settings *settings,
			      const char *file, struct fragment **ret);

/* The effective value of a parameter of [global]; "" if there is no such file. */
struct fault *testparm_global(const void *ctx, const struct settings *settings,
			      const char *file, const char *parameter, char **ret);

/*
 * What Samba sees in FILE otherwise than WRITTEN says: a sentence for each difference, the
 * last one followed by NULL, on CTX.
 */
struct fault *testparm_differences(const void *ctx, const struct settings *settings,
				   const char *file, const struct fragment *written,
				   const char ***ret);

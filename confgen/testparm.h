/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to testparm(1): what Samba's own parser makes of a file.  It exits with 0 also
 * for unknown parameters and for much that is garbage, so what counts is what it prints:
 * every parameter that is not at its default, spelled its own way, and a [global] that no
 * fragment has.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"
#include "common/settings.h"
#include "confgen/fragment.h"

/* The parser at work on a file. */
struct testparm;

/* Starts it on FILE.  Whether it can be run is known at the end. */
struct fault *testparm_start(const void *ctx, const struct settings *settings,
			     const char *file, struct testparm **ret);

/*
 * The shares that it saw, without [global], on CTX.  Parameters at their default are left
 * out of its dump, so the shares returned have Samba's defaults for them.  NULL where there
 * was no such file.  Fault 7 if testparm cannot be run, 1 if Samba refuses the file.
 */
struct fault *testparm_end(const void *ctx, struct testparm *testparm,
			   struct fragment **ret);

/* Both at once. */
struct fault *testparm_shares(const void *ctx, const struct settings *settings,
			      const char *file, struct fragment **ret);

/*
 * What it saw otherwise than WRITTEN says, as a rendering for ADDRESS (NULL: as the truth,
 * where a private share has no hosts): a sentence for each difference, the last one
 * followed by NULL, on CTX.  Compared are, in both directions, the shares, the values of the
 * parameters in share_parameters, and the names of the others; and nothing may stand in
 * [global].  Faults as testparm_end(); a file that is not there is one (1).
 */
struct fault *testparm_differences(const void *ctx, struct testparm *testparm,
				   const struct fragment *written, const char *address,
				   const char ***ret);

/* Would Samba with FILE let the host of address IP in to SHARE, as [global] and the share have
 * it? */
struct fault *testparm_admits(const struct settings *settings, const char *file,
			      const char *share, const char *ip, bool *ret);

/* [global] of a file, as Samba has it: what is not said there is at its default. */
struct globals;

/* Those of FILE, on CTX; without values if there is no such file.  Faults as testparm_end(). */
struct fault *globals_read(const void *ctx, const struct settings *settings,
			   const char *file, struct globals **ret);
/* The value of PARAMETER, by any of its spellings that differ in spaces and case; "" for what
 * Samba does not know. */
const char *globals_value(const struct globals *globals, const char *parameter);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Lists on a command line: entries with commas between, or "@FILE" for a file of one entry
 * a line ("@-": standard input).  Empty entries are left out.
 */

#include <stddef.h>

#include "common/fault.h"
#include "scanner/schedule.h"

/* MACs. */
struct fault *entries_macs(const void *ctx, const char *text, struct mac **ret,
			   size_t *ret_count);

/* "IP=MAC"; in a file also a line of hubscan's, with a tab between and anything after. */
struct fault *entries_known(const void *ctx, const char *text, struct known **ret,
			    size_t *ret_count);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Lines of ours at the end of a file that is an admin's, between two marks:
 *
 *	# hubshare setup: begin
 *	...
 *	# hubshare setup: end
 *
 * The first mark also says how the file was before, so that it can be made the same again to
 * the byte: that it did not end with a newline, or was not there at all.
 */

#include "common/fault.h"

/*
 * Parts TEXT (NULL: there is no such file) into *RET_REST, what is not ours (NULL: no file),
 * and *RET_BODY, the lines between the marks (NULL: no block), both on CTX.  Fault 5 for marks
 * that are not a pair.
 */
struct fault *block_cut(const void *ctx, const char *text, char **ret_rest,
			char **ret_body);

/* REST with BODY behind it; block_cut() takes it apart again. */
char *block_join(const void *ctx, const char *rest, const char *body);

/* SPDX-License-Identifier: ISC */
#pragma once

/* The shares that users of the host make themselves (net(8), usershare), which smb.conf does not
 * name and Samba offers wherever it listens. */

#include "common/fault.h"
#include "common/settings.h"

/*
 * Their names on CTX, as "[a], [b]"; "" if there are none, or the smb.conf at the path FILE has
 * Samba serve none.  Fault 7 if testparm cannot be asked, 1 or 6 where they cannot be seen.
 */
struct fault *usershare_names(const void *ctx, const struct settings *settings,
			      const char *file, char **ret);

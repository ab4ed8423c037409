/* SPDX-License-Identifier: ISC */
#pragma once

/* The shares that users of the host make themselves (net(8), usershare), which smb.conf does not
 * name and Samba offers wherever it listens. */

#include "common/fault.h"
#include "common/settings.h"
#include "confgen/testparm.h"

/*
 * Their names on CTX, as "[a], [b]"; "" if there are none, or Samba serves none by GLOBALS.
 * Fault 1, or 6, where they cannot be seen.
 */
struct fault *usershare_names(const void *ctx, const struct settings *settings,
			      const struct globals *globals, char **ret);

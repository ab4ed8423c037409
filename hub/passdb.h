/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to the accounts that Samba keeps, with their passwords, by its own tools
 * pdbedit(8) and smbpasswd(8): wherever smb.conf says that they are.  Only root may.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"
#include "common/settings.h"

struct passdb {
	const char **names;
	size_t count;
};

/* The names of all accounts, on CTX.  Fault 7 if pdbedit cannot be run, 4 if it does not end, 1
 * if it fails. */
struct fault *passdb_read(const void *ctx, const struct settings *settings,
			  struct passdb **ret);

/* Names are compared as Samba does, without case. */
bool passdb_has(const struct passdb *passdb, const char *name);

/*
 * Gives NAME, an account of the host, PASSWORD, and makes its account if there is none.  The
 * password goes over standard input: no list of processes and no environment shows it.
 */
struct fault *passdb_set(const struct settings *settings, const char *name,
			 const char *password);
struct fault *passdb_remove(const struct settings *settings, const char *name);

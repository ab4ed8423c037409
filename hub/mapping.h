/* SPDX-License-Identifier: ISC */
#pragma once

/* Whose the files are that a guest of Samba's reads and makes in a share ("force user" in
 * smb.conf(5)). */

#include <stdbool.h>

#include "common/fault.h"
#include "common/settings.h"
#include "hub/caller.h"

/* The account that Samba takes guests for: "guest account" of smb.conf, else its default. */
struct fault *mapping_account(const void *ctx, const struct settings *settings,
			      char **ret);

/* Fault 6 if ACCOUNT, which guests are taken for, may not read PATH, and write there unless
 * READ_ONLY; 4 if PATH does not answer within WAIT_MS. */
struct fault *mapping_check(const char *account, const char *path, bool read_only,
			    int wait_ms);

/*
 * Whose a guest's files in the directory PATH shall be, on CTX: CALLER's, by name.
 * Not root's: where nobody else called, *RET is NULL, and they belong to Samba's guest
 * account, which is checked.
 */
struct fault *mapping_choose(const void *ctx, const struct caller *caller,
			     const struct settings *settings, const char *path,
			     bool read_only, int wait_ms, const char **ret);

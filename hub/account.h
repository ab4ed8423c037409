/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The accounts of this host that Samba's stand on.  Those that hubshare makes are system
 * accounts that nobody can log in to, known by their comment.
 */

#include "common/fault.h"

enum account_kind {
	ACCOUNT_NONE,	/* there is none of that name */
	ACCOUNT_OURS,	/* hubshare has made it */
	ACCOUNT_PERSON, /* a person's: user id 1000 or above */
	ACCOUNT_SYSTEM, /* root's, or one that a service of the host runs as */
};

/*
 * Is NAME one that useradd(8) takes everywhere, and no other program for something else: a
 * lower-case letter or '_', then up to 30 of these, digits, '-' and '.'?  Else fault 2.
 */
struct fault *account_check_name(const char *name);

enum account_kind account_kind(const char *name);

/* Makes one of the name NAME, with a group of its own, by useradd(8).  Fault 5 if there is a
 * group of that name, 1 if it fails, 7 if it cannot be run. */
struct fault *account_make(const char *name);

/* Removes one that account_make() made, by userdel(8).  Its files stay. */
struct fault *account_remove(const char *name);

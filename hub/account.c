/* SPDX-License-Identifier: ISC */
#include "hub/account.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>

#include "common/process.h"

enum {
	ACCOUNT_TIMEOUT_MS = 60000, /* others may hold the lock of passwd(5) */
	NAME_MAX_BYTES = 31,
	FIRST_PERSON = 1000, /* UID_MIN of login.defs(5), everywhere */
	NOBODY = 65534,
};

static const char lower[] = "abcdefghijklmnopqrstuvwxyz_";
static const char others[] = "abcdefghijklmnopqrstuvwxyz_0123456789-.";
static const char comment[] = "Samba account of hubshare";

struct fault *account_check_name(const char *name)
{
	size_t length = strlen(name);

	if (length > 0 && length <= NAME_MAX_BYTES && strchr(lower, *name) &&
	    strspn(name, others) == length)
		return NULL;
	return fault_new(
		FAULT_USAGE,
		"'%s' cannot be an account: give 1 to %d lower-case letters, digits, "
		"'_', '-' and '.', a letter or '_' first",
		name, NAME_MAX_BYTES);
}

enum account_kind account_kind(const char *name)
{
	const struct passwd *account = getpwnam(name);

	if (!account)
		return ACCOUNT_NONE;
	if (account->pw_uid >= FIRST_PERSON && account->pw_uid != NOBODY)
		return ACCOUNT_PERSON;
	return account->pw_uid != 0 && strcmp(account->pw_gecos, comment) == 0 ?
		       ACCOUNT_OURS :
		       ACCOUNT_SYSTEM;
}

struct fault *account_make(const char *name)
{
	const char *const argv[] = {
		"useradd",    "--system",     "--user-group", "--no-create-home",
		"--home-dir", "/nonexistent", "--shell",      "/usr/sbin/nologin",
		"--comment",  comment,	      name,	      NULL
	};

	if (getgrnam(name))
		return fault_new(FAULT_CONFLICT,
				 "There is a group '%s'; take another name", name);
	return fault_wrap(process_tell(argv, NULL, ACCOUNT_TIMEOUT_MS), "useradd %s",
			  name);
}

struct fault *account_remove(const char *name)
{
	const char *const argv[] = { "userdel", name, NULL };

	return fault_wrap(process_tell(argv, NULL, ACCOUNT_TIMEOUT_MS), "userdel %s",
			  name);
}

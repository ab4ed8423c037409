/* SPDX-License-Identifier: ISC */
#include "hub/caller.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "hub/aside.h"
#include "hub/handed.h"

static bool uid_from(const char *text, uid_t *ret)
{
	const char *error = "not set";
	long long uid = text ? strtonum(text, 0, UINT_MAX - 1, &error) : 0;

	if (!error)
		*ret = (uid_t)uid;
	return !error;
}

static uid_t person_uid(void)
{
	uid_t uid = getuid();
	const char *doas = secure_getenv("DOAS_USER");
	const struct passwd *account = doas ? getpwnam(doas) : NULL;

	if (uid != 0)
		return uid;
	if (!uid_from(secure_getenv("SUDO_UID"), &uid) &&
	    !uid_from(secure_getenv("PKEXEC_UID"), &uid) && account)
		uid = account->pw_uid;
	return uid;
}

struct caller caller_here(void)
{
	return (struct caller){ .uid = person_uid(), .directory = -1, .places = -1 };
}

bool caller_owns(const struct caller *caller, uid_t owner)
{
	return !caller->called || (owner == caller->uid && owner != (uid_t)-1);
}

struct fault *caller_name(const void *ctx, uid_t uid, char **ret)
{
	const struct passwd *account = getpwuid(uid);

	if (!account)
		return fault_new(FAULT_USAGE, "User %u has no account on this host", uid);
	*ret = mem_strdup(ctx, account->pw_name);
	return NULL;
}

struct right {
	const struct passwd *account;
	const char *path;
	int mode;
};

static struct fault *ask_right(const void *arg, FILE *out)
{
	const struct right *right = arg;
	const struct passwd *account = right->account;

	if (geteuid() == 0 &&
	    (initgroups(account->pw_name, account->pw_gid) < 0 ||
	     setgid(account->pw_gid) < 0 || setuid(account->pw_uid) < 0))
		return fault_errno(errno, "Cannot ask what %s may do", account->pw_name);
	fprintf(out, "%d", faccessat(AT_FDCWD, right->path, right->mode, AT_EACCESS));
	return NULL;
}

struct fault *caller_may(const char *user, const char *path, bool write, int wait_ms,
			 bool *ret)
{
	static const struct caller nobody = { .directory = -1, .places = -1 };
	const struct right right = { getpwnam(user), path,
				     R_OK | X_OK | (write ? W_OK : 0) };
	char *what = mem_printf(NULL, "'%s'", path), *failed;
	const struct aside aside = { &nobody, what, wait_ms, ask_right, &right };
	struct fault *fault =
		right.account ? aside_do(what, &aside, &failed) :
				fault_new(FAULT_USAGE,
					  "There is no account '%s' on this host", user);

	if (!fault)
		*ret = strcmp(failed, "0") == 0;
	talloc_free(what);
	return fault;
}

/* The same of one who runs us. */
static struct fault *ask_here(const char *user, const char *path, bool write, int wait_ms,
			      enum handed_rights *ret)
{
	bool may = false, may_read = false;
	struct fault *fault = caller_may(user, path, write, wait_ms, &may);

	if (!fault && !may && write)
		fault = caller_may(user, path, false, wait_ms, &may_read);
	*ret = may ? HANDED_ALL : may_read ? HANDED_READ : HANDED_NONE;
	return fault;
}

static struct fault *rights_fault(enum handed_rights rights, const char *path,
				  const char *user)
{
	switch (rights) {
	case HANDED_READ:
		return fault_new(
			FAULT_REFUSED,
			"'%s' cannot be shared: %s may not write in it; share it "
			"read-only with -r",
			path, user);
	case HANDED_NONE:
		return fault_new(
			FAULT_REFUSED,
			"'%s' cannot be shared: %s may not read it; share what he may",
			path, user);
	case HANDED_OTHER:
		return fault_new(
			FAULT_REFUSED,
			"'%s' cannot be shared: the service finds another directory there, "
			"or none, as of what lies in /tmp or in a mount of %s's own; share "
			"it by the host's name for it, or by sudo",
			path, user);
	default:
		return NULL;
	}
}

struct fault *caller_check(const struct caller *caller, const char *path, bool write,
			   int wait_ms)
{
	enum handed_rights rights = HANDED_NONE;
	char *user = NULL;
	struct fault *fault;

	if (caller->uid == 0)
		return NULL;
	if ((fault = caller_name(NULL, caller->uid, &user)))
		return fault;
	fault = caller->called ? handed_ask(caller, path, write, wait_ms, &rights) :
				 ask_here(user, path, write, wait_ms, &rights);
	if (!fault)
		fault = rights_fault(rights, path, user);
	talloc_free(user);
	return fault;
}

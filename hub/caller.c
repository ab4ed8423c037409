/* SPDX-License-Identifier: ISC */
#include "hub/caller.h"

#include <bsd/stdlib.h>
#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
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

/* Ends the child with 0 (may), 1 (may not) or 2 (cannot become USER). */
static void __attribute__((noreturn))
child_ask(const struct passwd *account, const char *path, int mode)
{
	closefrom(STDERR_FILENO +
		  1); /* the store's lock: PATH may lie where nothing answers */
	if (geteuid() == 0 &&
	    (initgroups(account->pw_name, account->pw_gid) < 0 ||
	     setgid(account->pw_gid) < 0 || setuid(account->pw_uid) < 0))
		_exit(2);
	_exit(faccessat(AT_FDCWD, path, mode, AT_EACCESS) < 0 ? 1 : 0);
}

struct fault *caller_may(const char *user, const char *path, bool write, int wait_ms,
			 bool *ret)
{
	const struct passwd *account = getpwnam(user);
	int status = 0;

	if (!account)
		return fault_new(FAULT_USAGE, "There is no account '%s' on this host",
				 user);
	pid_t pid = fork();
	if (pid < 0)
		return fault_errno(errno, "Cannot ask what %s may do", user);
	if (pid == 0)
		child_ask(account, path, R_OK | X_OK | (write ? W_OK : 0));
	if (!process_ended(pid, clock_ms() + wait_ms, &status))
		return fault_new(FAULT_TIMEOUT, "'%s' does not answer within %d s", path,
				 wait_ms / 1000);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return fault_new(FAULT_FAILED, "Cannot ask what %s may do", user);
	*ret = WEXITSTATUS(status) == 0;
	return NULL;
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

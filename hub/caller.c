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

static bool uid_from(const char *text, uid_t *ret)
{
	const char *error = "not set";
	long long uid = text ? strtonum(text, 0, UINT_MAX - 1, &error) : 0;

	if (!error)
		*ret = (uid_t)uid;
	return !error;
}

uid_t caller_uid(void)
{
	uid_t uid = getuid();
	const char *doas = getenv("DOAS_USER");
	const struct passwd *account = doas ? getpwnam(doas) : NULL;

	if (uid != 0)
		return uid;
	if (!uid_from(getenv("SUDO_UID"), &uid) && !uid_from(getenv("PKEXEC_UID"), &uid) &&
	    account)
		uid = account->pw_uid;
	return uid;
}

struct fault *caller_name(const void *ctx, uid_t uid, char **ret)
{
	const struct passwd *account = getpwuid(uid);

	if (!account)
		return fault_new(FAULT_USAGE, "User %u has no account on this host", uid);
	*ret = mem_strdup(ctx, account->pw_name);
	return NULL;
}

enum { ASK_MS = 10000 };

/* Ends the child with 0 (may), 1 (may not) or 2 (cannot become USER). */
static void __attribute__((noreturn)) child_ask(const struct passwd *account,
						const char *path, int mode)
{
	closefrom(STDERR_FILENO + 1); /* the store's lock: PATH may lie where nothing answers */
	if (geteuid() == 0 &&
	    (initgroups(account->pw_name, account->pw_gid) < 0 || setgid(account->pw_gid) < 0 ||
	     setuid(account->pw_uid) < 0))
		_exit(2);
	_exit(faccessat(AT_FDCWD, path, mode, AT_EACCESS) < 0 ? 1 : 0);
}

struct fault *caller_may(const char *user, const char *path, bool write, bool *ret)
{
	const struct passwd *account = getpwnam(user);
	int status = 0;

	if (!account)
		return fault_new(FAULT_USAGE, "There is no account '%s' on this host", user);
	pid_t pid = fork();
	if (pid < 0)
		return fault_errno(errno, "Cannot ask what %s may do", user);
	if (pid == 0)
		child_ask(account, path, R_OK | X_OK | (write ? W_OK : 0));
	if (!process_ended(pid, clock_ms() + ASK_MS, &status))
		return fault_new(FAULT_TIMEOUT, "'%s' does not answer within %d s", path,
				 ASK_MS / 1000);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return fault_new(FAULT_FAILED, "Cannot ask what %s may do", user);
	*ret = WEXITSTATUS(status) == 0;
	return NULL;
}

struct fault *caller_check(const char *path, bool write)
{
	uid_t uid = caller_uid();
	bool may = false, may_read = false;
	char *user = NULL;
	struct fault *fault;

	if (uid == 0)
		return NULL;
	if ((fault = caller_name(NULL, uid, &user)))
		return fault;
	if (!(fault = caller_may(user, path, write, &may)) && !may && write)
		fault = caller_may(user, path, false, &may_read);
	if (!fault && !may && may_read)
		fault = fault_new(FAULT_REFUSED,
				  "'%s' cannot be shared: %s may not write in it; share it "
				  "read-only with -r",
				  path, user);
	else if (!fault && !may)
		fault = fault_new(FAULT_REFUSED,
				  "'%s' cannot be shared: %s may not read it; share what he may",
				  path, user);
	talloc_free(user);
	return fault;
}

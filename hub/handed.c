/* SPDX-License-Identifier: ISC */
#include "hub/handed.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"

enum { ASK_MS = 10000, CANNOT_BECOME = 100 };

/* The name of the open FD; false: it has none, or none that fits. */
static bool name_of(int fd, char name[static PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, name, PATH_MAX);
	if (length <= 0 || length >= PATH_MAX)
		return false;
	name[length] = '\0';
	return *name == '/';
}

struct fault *handed_path(const void *ctx, int fd, char **ret)
{
	int flags = fcntl(fd, F_GETFL);
	char name[PATH_MAX];
	struct stat st;

	if (flags < 0 || !(flags & O_PATH) || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return fault_new(FAULT_USAGE,
				 "What was sent along is no directory that was "
				 "opened with O_PATH");
	if (!name_of(fd, name))
		return fault_new(FAULT_USAGE,
				 "The directory that was sent along has no name");
	*ret = mem_strdup(ctx, name);
	return NULL;
}

/* Gives up all rights but those of CALLER. */
static bool become_caller(const struct caller *caller)
{
	return setgroups(caller->group_count, caller->groups) == 0 &&
	       setgid(caller->gid) == 0 && setuid(caller->uid) == 0;
}

static bool is_same(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static bool may(int fd, int mode)
{
	return faccessat(fd, "", mode, AT_EMPTY_PATH | AT_EACCESS) == 0;
}

/* Where there is a link on the way the open directory is called otherwise. */
static enum handed_rights rights_on(const char *path, int sent, bool write)
{
	int own = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[PATH_MAX];

	if (own < 0)
		return errno == EACCES ? HANDED_NONE : HANDED_OTHER;
	if (!name_of(own, name) || strcmp(name, path) != 0 ||
	    (sent >= 0 && !is_same(own, sent)))
		return HANDED_OTHER;
	if (!may(own, R_OK | X_OK))
		return HANDED_NONE;
	if (!write || may(sent >= 0 ? sent : own, W_OK) || (sent < 0 && errno == EROFS))
		return HANDED_ALL;
	return HANDED_READ;
}

static void __attribute__((noreturn))
child_look(const struct caller *caller, const char *path, bool write)
{
	int sent = caller->directory < 0 ? -1 : dup2(caller->directory, STDIN_FILENO);

	closefrom(STDERR_FILENO +
		  1); /* the store's lock: PATH may lie where nothing answers */
	_exit(become_caller(caller) ? (int)rights_on(path, sent, write) : CANNOT_BECOME);
}

struct fault *handed_ask(const struct caller *caller, const char *path, bool write,
			 enum handed_rights *ret)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return fault_errno(errno, "Cannot ask what user %u may do", caller->uid);
	if (pid == 0)
		child_look(caller, path, write);
	if (!process_ended(pid, clock_ms() + ASK_MS, &status))
		return fault_new(FAULT_TIMEOUT, "'%s' does not answer within %d s", path,
				 ASK_MS / 1000);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > HANDED_OTHER)
		return fault_new(FAULT_FAILED, "Cannot ask what user %u may do",
				 caller->uid);
	*ret = (enum handed_rights)WEXITSTATUS(status);
	return NULL;
}

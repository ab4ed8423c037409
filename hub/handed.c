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

enum { CANNOT_BECOME = 100 };

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
	struct statx about;

	/* As far as it is known: nobody is asked, who might not answer. */
	if (flags >= 0 && flags & O_PATH &&
	    statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &about) < 0)
		return fault_new(
			FAULT_REFUSED,
			"The service may not look at that directory (%s): who has mounted "
			"it has to let root in, as by the option allow_other",
			strerror(errno));
	if (flags < 0 || !(flags & O_PATH) || !S_ISDIR(about.stx_mode))
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

struct fault *handed_places(int dir, int *ret)
{
	*ret = openat(dir, HANDED_PLACES, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		      0600);
	return *ret < 0 ? fault_errno(errno, "Cannot count who asks") : NULL;
}

/* A byte for each process of UID. */
static bool take_place(int places, uid_t uid)
{
	for (int i = 0; i < HANDED_WAITING_MAX; i++) {
		struct flock lock = { .l_type = F_WRLCK,
				      .l_whence = SEEK_SET,
				      .l_start = (off_t)uid * HANDED_WAITING_MAX + i,
				      .l_len = 1 };

		if (fcntl(places, F_OFD_SETLK, &lock) == 0)
			return true;
	}
	return false;
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
	int place = dup2(caller->places, STDERR_FILENO + 1);

	/* The store's lock, too: PATH may lie where nothing answers. */
	closefrom(place + 1);
	_exit(become_caller(caller) ? (int)rights_on(path, sent, write) : CANNOT_BECOME);
}

struct fault *handed_ask(const struct caller *caller, const char *path, bool write,
			 int wait_ms, enum handed_rights *ret)
{
	int status = 0;

	if (!take_place(caller->places, caller->uid))
		return fault_new(
			FAULT_TIMEOUT,
			"%d directories of yours do not answer: see to them first, "
			"or unmount them",
			HANDED_WAITING_MAX);
	pid_t pid = fork();
	if (pid < 0)
		return fault_errno(errno, "Cannot ask what user %u may do", caller->uid);
	if (pid == 0)
		child_look(caller, path, write);
	if (!process_ended(pid, clock_ms() + wait_ms, &status))
		return fault_new(FAULT_TIMEOUT, "'%s' does not answer within %d s", path,
				 wait_ms / 1000);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > HANDED_OTHER)
		return fault_new(FAULT_FAILED, "Cannot ask what user %u may do",
				 caller->uid);
	*ret = (enum handed_rights)WEXITSTATUS(status);
	return NULL;
}

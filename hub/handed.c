/* SPDX-License-Identifier: ISC */
#include "hub/handed.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "hub/aside.h"

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

struct question {
	const struct caller *caller;
	const char *path;
	bool write;
};

static struct fault *answer_question(const void *arg, FILE *out)
{
	const struct question *question = arg;
	const struct caller *caller = question->caller;
	int sent = caller->directory < 0 ? -1 : STDIN_FILENO;

	if (!become_caller(caller))
		return fault_errno(errno, "Cannot become user %u", caller->uid);
	fprintf(out, "%d", (int)rights_on(question->path, sent, question->write));
	return NULL;
}

struct fault *handed_ask(const struct caller *caller, const char *path, bool write,
			 int wait_ms, enum handed_rights *ret)
{
	const struct question question = { caller, path, write };
	char *what = mem_printf(NULL, "'%s'", path), *rights;
	const struct aside aside = { caller, what, wait_ms, answer_question, &question };
	struct fault *fault = aside_do(what, &aside, &rights);

	if (!fault && (*rights < '0' || *rights > '0' + HANDED_OTHER))
		fault = fault_new(FAULT_FAILED, "Cannot ask what user %u may do",
				  caller->uid);
	if (!fault)
		*ret = (enum handed_rights)(*rights - '0');
	talloc_free(what);
	return fault;
}

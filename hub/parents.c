/* SPDX-License-Identifier: ISC */
#include "hub/parents.h"

#include <bsd/unistd.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"

enum { WARNING_MAX_BYTES = 16 << 10 }; /* two paths, and a name */

static bool trusted(const struct parents_caller *caller, uid_t uid)
{
	return uid == 0 || uid == caller->uid;
}

enum parents_writer parents_judge(const struct parents_caller *caller,
				  const struct stat *directory, bool acl,
				  const struct stat *entry)
{
	bool by_group = directory->st_mode & S_IWGRP &&
			(acl || (directory->st_gid != 0 &&
				 directory->st_gid != caller->own_group));
	bool by_others = directory->st_mode & S_IWOTH;

	if (!trusted(caller, directory->st_uid))
		return WRITER_OWNER;
	if (!by_group && !by_others)
		return WRITER_NOBODY;
	if (directory->st_mode & S_ISVTX) /* inode(7): only owners rename and remove */
		return trusted(caller, entry->st_uid) ? WRITER_NOBODY : WRITER_ENTRY;
	return by_others ? WRITER_ANYBODY : WRITER_GROUP;
}

/* A group that is called like the caller, is his first one, and has no other members. */
static struct parents_caller caller_of(uid_t uid)
{
	struct parents_caller caller = { uid, (gid_t)-1 };
	const struct passwd *account = getpwuid(uid);
	const struct group *group = account ? getgrgid(account->pw_gid) : NULL;

	if (!group || strcmp(group->gr_name, account->pw_name) != 0)
		return caller;
	for (char **name = group->gr_mem; *name; name++)
		if (strcmp(*name, account->pw_name) != 0)
			return caller;
	caller.own_group = account->pw_gid;
	return caller;
}

static char *user_name(const void *ctx, uid_t uid)
{
	const struct passwd *account = getpwuid(uid);

	return account ? mem_strdup(ctx, account->pw_name) :
			 mem_printf(ctx, "user %u", uid);
}

static char *describe(const void *ctx, enum parents_writer writer,
		      const struct stat *directory, const struct stat *entry)
{
	const struct group *group =
		writer == WRITER_GROUP ? getgrgid(directory->st_gid) : NULL;

	switch (writer) {
	case WRITER_OWNER:
		return mem_printf(ctx, "belongs to %s",
				  user_name(ctx, directory->st_uid));
	case WRITER_ENTRY:
		return mem_printf(ctx, "lets %s rename it",
				  user_name(ctx, entry->st_uid));
	case WRITER_GROUP:
		return group ? mem_printf(ctx, "can be written by group %s",
					  group->gr_name) :
			       mem_printf(ctx, "can be written by group %u",
					  directory->st_gid);
	default:
		return mem_strdup(ctx, "can be written by anybody");
	}
}

static char *warning_about(const void *ctx, const struct parents_caller *caller,
			   const char *directory, const char *entry)
{
	struct stat above, below;

	if (lstat(directory, &above) < 0 || lstat(entry, &below) < 0)
		return NULL;
	bool acl = getxattr(directory, "system.posix_acl_access", NULL, 0) > 0;
	enum parents_writer writer = parents_judge(caller, &above, acl, &below);
	if (writer == WRITER_NOBODY)
		return NULL;
	return mem_printf(
		ctx,
		"%s may become another directory than it is now: %s, in which it lies, "
		"%s",
		entry, directory, describe(ctx, writer, &above, &below));
}

static char *look(const void *ctx, const char *path, uid_t uid)
{
	struct parents_caller caller = caller_of(uid);
	char *warning = NULL;

	for (const char *slash = path; !warning && slash;
	     slash = strchr(slash + 1, '/')) {
		size_t above = slash == path ? 1 : (size_t)(slash - path);
		size_t below = (size_t)(strchrnul(slash + 1, '/') - path);

		warning = warning_about(ctx, &caller, mem_strndup(ctx, path, above),
					mem_strndup(ctx, path, below));
	}
	return warning;
}

/* Writes it to TEXT.  Ends with 0 where it could. */
static void __attribute__((noreturn))
child_look(const struct caller *caller, const char *path, int text)
{
	int place;

	dup2(text, STDIN_FILENO);
	place = dup2(caller->places, STDOUT_FILENO);
	/* The store's lock, too: PATH may lie where nothing answers. */
	closefrom(place < 0 ? STDOUT_FILENO : place + 1);
	const char *warning = look(NULL, path, caller->uid);
	size_t length = warning ? strlen(warning) : 0;
	_exit(length > 0 && write(STDIN_FILENO, warning, length) != (ssize_t)length);
}

char *parents_warning(const void *ctx, const struct caller *caller, const char *path,
		      int wait_ms)
{
	int text = memfd_create("warning", MFD_CLOEXEC), status = 0;
	char warning[WARNING_MAX_BYTES];
	ssize_t length = 0;
	pid_t pid = text < 0 ? -1 : fork();

	if (pid == 0)
		child_look(caller, path, text);
	if (pid > 0 && process_ended(pid, clock_ms() + wait_ms, &status) &&
	    WIFEXITED(status) && WEXITSTATUS(status) == 0)
		length = pread(text, warning, sizeof(warning), 0);
	if (text >= 0)
		close(text);
	return length > 0 ? mem_strndup(ctx, warning, (size_t)length) : NULL;
}

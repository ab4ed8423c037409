/* SPDX-License-Identifier: ISC */
#include "hub/parents.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/xattr.h>

#include "common/memory.h"
#include "hub/aside.h"

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

static char *find_warning(const void *ctx, const char *path, uid_t uid)
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

struct walk {
	const char *path;
	uid_t uid;
};

static struct fault *walk_up(const void *arg, FILE *out)
{
	const struct walk *walk = arg;
	const char *warning = find_warning(NULL, walk->path, walk->uid);

	if (warning)
		fputs(warning, out);
	return NULL;
}

char *parents_warning(const void *ctx, const struct caller *caller, const char *path,
		      int wait_ms)
{
	const struct walk walk = { path, caller->uid };
	const struct aside aside = { caller, path, wait_ms, walk_up, &walk };
	char *warning = NULL;

	talloc_free(
		aside_do(ctx, &aside, &warning)); /* what does not answer warns nobody */
	return warning && *warning ? warning : NULL;
}

/* SPDX-License-Identifier: ISC */
/* All kinds of things; those that are names in directories, and what the kernel keeps of files. */
#include "setup/thing.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/memory.h"
#include "scanner/capability.h"

const struct thing *const things[] = {
	&thing_file,	   &thing_block,      &thing_directory,	 &thing_link,
	&thing_rights,	   &thing_capability, &thing_group,	 &thing_enabled,
	&thing_started,	   &thing_network,    &thing_network_up, &thing_network_autostart,
	&thing_connection, &thing_ifupdown,   &thing_networkd,	 NULL,
};

char *thing_place(const void *ctx, const struct setup *setup, const char *what)
{
	return settings_path(ctx, setup->settings, what);
}

/* Is the directory PATH, or what is there of it, in TOP? */
static bool stays_inside(char *path, const char *top)
{
	char resolved[PATH_MAX], *slash;
	size_t length = strlen(top);

	while (!realpath(path, resolved) && (slash = strrchr(path, '/')) && slash > path)
		*slash = '\0';
	return length == 1 || (strncmp(resolved, top, length) == 0 &&
			       (resolved[length] == '/' || !resolved[length]));
}

struct fault *thing_check_place(const struct setup *setup, const struct thing *thing,
				const char *what)
{
	const char *root = setup->settings->root;
	char *path = thing_place(NULL, setup, what), top[PATH_MAX];
	bool inside = !*root || *what != '/' || !realpath(root, top);

	/* Of others it is they themselves that are looked at, links or not. */
	if (!inside && thing != &thing_directory)
		*strrchr(path, '/') = '\0';
	inside = inside || stays_inside(path, top);
	talloc_free(path);
	return inside ?
		       NULL :
		       fault_new(
			       FAULT_REFUSED,
			       "%s leads out of %s by a link on the way; make that link a "
			       "relative one",
			       what, root);
}

struct fault *thing_stat(struct setup *setup, const char *what, struct stat *ret,
			 bool *ret_there)
{
	char *path = thing_place(NULL, setup, what);
	struct fault *fault = NULL;

	*ret_there = lstat(path, ret) == 0;
	if (!*ret_there && errno != ENOENT && errno != ENOTDIR)
		fault = fault_errno(errno, "%s", path);
	talloc_free(path);
	return fault;
}

char *thing_other(const void *ctx)
{
	return mem_strdup(ctx, "something else");
}

static char *rights_text(const void *ctx, const struct stat *st)
{
	return mem_printf(ctx, "%04o %u:%u", st->st_mode & 07777, st->st_uid, st->st_gid);
}

static struct fault *directory_look(const void *ctx, struct setup *setup,
				    const char *what, char **ret)
{
	struct stat st;
	bool there;
	struct fault *fault = thing_stat(setup, what, &st, &there);
	char *path = thing_place(NULL, setup, what);

	*ret = NULL;
	/* A link to a directory, such as /var/run, serves as one. */
	if (!fault && there && S_ISLNK(st.st_mode) && stat(path, &st) < 0)
		*ret = thing_other(ctx);
	else if (!fault && there)
		*ret = S_ISDIR(st.st_mode) ? rights_text(ctx, &st) : thing_other(ctx);
	talloc_free(path);
	return fault;
}

struct rights {
	unsigned mode, uid, gid;
};

static struct fault *parse_rights(const char *state, struct rights *ret)
{
	if (sscanf(state, "%o %u:%u", &ret->mode, &ret->uid, &ret->gid) != 3)
		return fault_new(FAULT_FAILED, "'%s' is no mode and owner", state);
	return NULL;
}

/* Only what is not so yet: of one that was killed nothing is between. */
static struct fault *give(const char *path, const struct rights *rights)
{
	struct stat st;

	if (stat(path, &st) < 0 ||
	    ((st.st_uid != rights->uid || st.st_gid != rights->gid) &&
	     chown(path, rights->uid, rights->gid) < 0) ||
	    ((st.st_mode & 07777) != rights->mode && chmod(path, rights->mode) < 0))
		return fault_errno(errno, "%s", path);
	return NULL;
}

/* A directory in which nothing is but the lock of the store is empty. */
static struct fault *remove_directory(const char *path)
{
	char *lock = mem_printf(NULL, "%s/.lock", path);
	struct stat st;
	bool locked = lstat(lock, &st) == 0 && S_ISREG(st.st_mode);
	struct fault *fault = NULL;

	if (rmdir(path) < 0 && errno == ENOTEMPTY && locked && unlink(lock) == 0)
		errno = rmdir(path) < 0 ? errno : 0;
	else if (access(path, F_OK) < 0)
		errno = 0;
	if (errno == ENOTEMPTY || errno == EBUSY)
		fault = fault_new(FAULT_CONFLICT, "something is in it");
	else if (errno)
		fault = fault_errno(errno, "%s", path);
	talloc_free(lock);
	return fault;
}

static struct fault *directory_put(struct setup *setup, const char *what,
				   const char *state)
{
	char *path = thing_place(NULL, setup, what);
	struct rights rights;
	struct fault *fault =
		state ? parse_rights(state, &rights) : remove_directory(path);

	if (!fault && state) {
		mode_t mask = umask(0);

		if (mkdir(path, rights.mode) < 0 && errno != EEXIST)
			fault = fault_errno(errno, "%s", path);
		umask(mask);
	}
	if (!fault && state)
		fault = give(path, &rights);
	talloc_free(path);
	return fault;
}

static struct fault *link_look(const void *ctx, struct setup *setup, const char *what,
			       char **ret)
{
	struct stat st;
	bool there;
	struct fault *fault = thing_stat(setup, what, &st, &there);
	char *path = thing_place(NULL, setup, what), target[4096];
	ssize_t length = there ? readlink(path, target, sizeof(target)) : -1;

	*ret = NULL;
	if (!fault && there)
		*ret = length >= 0 ? mem_strndup(ctx, target, (size_t)length) :
				     thing_other(ctx);
	talloc_free(path);
	return fault;
}

static struct fault *link_put(struct setup *setup, const char *what, const char *state)
{
	char *path = thing_place(NULL, setup, what);
	struct fault *fault = NULL;

	if ((unlink(path) < 0 && errno != ENOENT) || (state && symlink(state, path) < 0))
		fault = fault_errno(errno, "%s", path);
	talloc_free(path);
	return fault;
}

static struct fault *rights_look(const void *ctx, struct setup *setup, const char *what,
				 char **ret)
{
	struct stat st;
	bool there;
	struct fault *fault = thing_stat(setup, what, &st, &there);

	*ret = fault || !there	   ? NULL :
	       S_ISREG(st.st_mode) ? rights_text(ctx, &st) :
				     thing_other(ctx);
	return fault;
}

static const char capability[] = "security.capability";
enum { CAPABILITY_BYTES = 64 };

/* chown(2) takes capabilities away, which are no part of this. */
static struct fault *rights_put(struct setup *setup, const char *what, const char *state)
{
	char *path = thing_place(NULL, setup, what), value[CAPABILITY_BYTES];
	ssize_t size = lgetxattr(path, capability, value, sizeof(value));
	struct rights rights;
	struct fault *fault = state ? parse_rights(state, &rights) : NULL;

	if (!fault && state)
		fault = give(path, &rights);
	if (!fault && size >= 0 &&
	    lsetxattr(path, capability, value, (size_t)size, 0) < 0)
		fault = fault_errno(errno, "%s", path);
	talloc_free(path);
	return fault;
}

static const char net_raw[] = "cap_net_raw=ep";

static struct fault *capability_look(const void *ctx, struct setup *setup,
				     const char *what, char **ret)
{
	char *path = thing_place(NULL, setup, what);
	unsigned char value[CAPABILITY_BYTES];
	ssize_t size = lgetxattr(path, capability, value, sizeof(value));

	*ret = NULL;
	if (capability_has_raw(path))
		*ret = mem_strdup(ctx, net_raw);
	else
		for (ssize_t i = 0; i < size; i++)
			*ret = mem_append(ctx, *ret, "%02x", value[i]);
	talloc_free(path);
	return NULL;
}

static struct fault *capability_put(struct setup *setup, const char *what,
				    const char *state)
{
	char *path = thing_place(NULL, setup, what);
	unsigned char value[CAPABILITY_BYTES];
	size_t size = 0;
	bool done;

	while (state && size < sizeof(value) &&
	       sscanf(state + 2 * size, "%2hhx", &value[size]) == 1)
		size++;
	if (state && strcmp(state, net_raw) == 0)
		done = capability_give_raw(path);
	else if (state)
		done = lsetxattr(path, capability, value, size, 0) == 0;
	else
		done = lremovexattr(path, capability) == 0 || errno == ENODATA;
	struct fault *fault =
		done ? NULL :
		       fault_new(FAULT_FAILED, "%s can be given no capability here: %s",
				 path, strerror(errno));
	talloc_free(path);
	return fault;
}

static struct fault *group_look(const void *ctx, struct setup *setup, const char *what,
				char **ret)
{
	const struct group *group = getgrnam(what);

	(void)setup;
	*ret = group ? mem_strdup(ctx, "members:") : NULL;
	for (char **member = group ? group->gr_mem : NULL; member && *member; member++)
		*ret = mem_append(ctx, *ret, " %s", *member);
	return NULL;
}

static struct fault *group_put(struct setup *setup, const char *what, const char *state)
{
	const char *const make[] = { "groupadd", "--system", what, NULL };
	const char *const take[] = { "groupdel", what, NULL };

	(void)setup;
	return setup_run(state ? make : take);
}

const struct thing thing_directory = {
	"directory", "is there",     "missing, making", "removing",
	true,	     directory_look, directory_put,	NULL,
};
const struct thing thing_link = {
	"link", "is there", "missing, making", "removing",
	false,	link_look,  link_put,	       NULL,
};
const struct thing thing_rights = {
	"rights",   "is root's and the group's",
	"missing",  "",
	true,	    rights_look,
	rights_put, NULL,
};
const struct thing thing_capability = {
	"capability",
	"may listen on the bridge",
	"may not listen on the bridge, giving it cap_net_raw",
	"taking cap_net_raw away",
	true,
	capability_look,
	capability_put,
	NULL,
};
const struct thing thing_group = {
	"group",
	"the group is there",
	"there is no such group, making it",
	"removing the group",
	false,
	group_look,
	group_put,
	NULL,
};

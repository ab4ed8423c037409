/* SPDX-License-Identifier: ISC */
/* Things that are files, and what the kernel keeps of files. */
#include "doctor/thing.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"
#include "doctor/block.h"
#include "scanner/capability.h"

enum { THING_MAX_BYTES = 1 << 20, ATTRIBUTES_MAX_BYTES = 64 << 10 };

const struct thing *const things[] = {
	&thing_file,	    &thing_block,	      &thing_directory,	 &thing_link,
	&thing_rights,	    &thing_capability,	      &thing_group,	 &thing_enabled,
	&thing_started,	    &thing_network,	      &thing_network_up, &thing_network_autostart,
	&thing_connection,  &thing_ifupdown,	      &thing_networkd,	 NULL,
};

static char *place(const void *ctx, const struct setup *setup, const char *what)
{
	return settings_path(ctx, setup->settings, what);
}

/* lstat(2) of WHAT; false and no fault: it is not there. */
static struct fault *stat_of(struct setup *setup, const char *what, struct stat *ret, bool *ret_there)
{
	char *path = place(NULL, setup, what);
	struct fault *fault = NULL;

	*ret_there = lstat(path, ret) == 0;
	if (!*ret_there && errno != ENOENT && errno != ENOTDIR)
		fault = fault_errno(errno, "%s", path);
	talloc_free(path);
	return fault;
}

/* Text that no state can be, for what stands in a thing's place and is of another kind. */
static char *not_one(const void *ctx)
{
	return mem_strdup(ctx, "something else");
}

char *thing_file_state(const void *ctx, unsigned mode, const char *content)
{
	return mem_printf(ctx, "%04o\n%s", mode, content);
}

static struct fault *file_look(const void *ctx, struct setup *setup, const char *what, char **ret)
{
	struct stat st;
	bool there;
	char *text = NULL, *path;
	struct fault *fault = stat_of(setup, what, &st, &there);

	*ret = NULL;
	if (fault || !there)
		return fault;
	if (!S_ISREG(st.st_mode)) {
		*ret = not_one(ctx);
		return NULL;
	}
	path = place(NULL, setup, what);
	if (!(fault = file_read(path, AT_FDCWD, path, THING_MAX_BYTES, &text)))
		*ret = text ? thing_file_state(ctx, st.st_mode & 07777, text) : NULL;
	talloc_free(path);
	return fault;
}

/* The directory of PATH, opened, and the name in it. */
static struct fault *open_parent(char *path, int *ret_dir, char **ret_name)
{
	char *slash = strrchr(path, '/');

	*slash = '\0';
	*ret_dir = open(*path ? path : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	*ret_name = slash + 1;
	return *ret_dir < 0 ? fault_errno(errno, "%s", path) : NULL;
}

/* The name under which a new one is written first: one that was killed leaves it, and the
 * next one, or what undoes it, takes it away. */
static char *new_name(const void *ctx, const char *name)
{
	return mem_printf(ctx, ".%s.hubshare-setup", name);
}

static struct fault *file_put(struct setup *setup, const char *what, const char *state)
{
	char *path = place(NULL, setup, what), *name, *temporary;
	struct fault *fault;
	int dir;

	if ((fault = open_parent(path, &dir, &name))) {
		talloc_free(path);
		return fault;
	}
	temporary = new_name(path, name);
	unlinkat(dir, temporary, 0);
	if (!state)
		fault = file_remove(dir, name);
	else if (!(fault = file_stage(dir, temporary, strchr(state, '\n') + 1,
				      (mode_t)strtoul(state, NULL, 8), (gid_t)-1)))
		fault = file_place(dir, temporary, name);
	close(dir);
	fault = fault_wrap(fault, "%s", path);
	talloc_free(path);
	return fault ? fault : setup_announce(setup, what);
}

static void file_tidy(struct setup *setup, const char *what)
{
	char *path = place(NULL, setup, what), *name;
	struct fault *fault;
	int dir;

	if (!(fault = open_parent(path, &dir, &name))) {
		unlinkat(dir, new_name(path, name), 0);
		close(dir);
	}
	talloc_free(fault);
	talloc_free(path);
}

static struct fault *block_look(const void *ctx, struct setup *setup, const char *what,
				char **ret)
{
	char *path = place(NULL, setup, what), *text, *rest;
	struct fault *fault = file_read(path, AT_FDCWD, path, THING_MAX_BYTES, &text);

	*ret = NULL;
	if (!fault)
		fault = fault_wrap(block_cut(path, text, &rest, ret), "%s", path);
	if (*ret)
		talloc_steal(ctx, *ret);
	talloc_free(path);
	return fault;
}

/* Owner, mode and extended attributes (ACLs and labels are such) of the file that is replaced. */
static struct fault *take_attributes(int dir, const char *from, const char *to)
{
	int old = openat(dir, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int new = openat(dir, to, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	char *names = mem_array(NULL, char, ATTRIBUTES_MAX_BYTES);
	char *value = mem_array(names, char, ATTRIBUTES_MAX_BYTES);
	ssize_t length = flistxattr(old, names, ATTRIBUTES_MAX_BYTES);
	struct stat st;
	bool done = old >= 0 && new >= 0 && fstat(old, &st) == 0 &&
		    fchown(new, st.st_uid, st.st_gid) == 0 &&
		    fchmod(new, st.st_mode & 07777) == 0;

	for (const char *name = names; done && name - names < length; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(old, name, value, ATTRIBUTES_MAX_BYTES);

		done = size >= 0 && fsetxattr(new, name, value, (size_t)size, 0) == 0;
	}
	struct fault *fault =
		done && TEMP_FAILURE_RETRY(fsync(new)) == 0 ? NULL :
							     fault_errno(errno, "its owner and attributes cannot be kept");
	if (old >= 0)
		close(old);
	if (new >= 0)
		close(new);
	talloc_free(names);
	return fault;
}

/* Puts TEXT in place of NAME, which may not be there, as the same one's. */
static struct fault *replace_kept(int dir, const char *name, const char *text)
{
	char *temporary = new_name(NULL, name);
	bool there = faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	struct fault *fault;

	unlinkat(dir, temporary, 0);
	if (!(fault = file_stage(dir, temporary, text, 0644, (gid_t)-1)) && there &&
	    (fault = take_attributes(dir, name, temporary)))
		unlinkat(dir, temporary, 0);
	if (!fault)
		fault = file_place(dir, temporary, name);
	talloc_free(temporary);
	return fault;
}

static struct fault *block_put(struct setup *setup, const char *what, const char *state)
{
	char *path = place(NULL, setup, what), *text, *rest, *body, *name;
	struct fault *fault = file_read(path, AT_FDCWD, path, THING_MAX_BYTES, &text);
	int dir = -1;

	if (!fault)
		fault = block_cut(path, text, &rest, &body);
	if (!fault && !(fault = open_parent(path, &dir, &name))) {
		char *whole = state ? block_join(path, rest, state) : rest;

		fault = whole ? replace_kept(dir, name, whole) : file_remove(dir, name);
	}
	if (dir >= 0)
		close(dir);
	fault = fault_wrap(fault, "%s", path);
	talloc_free(path);
	return fault ? fault : setup_announce(setup, what);
}

static char *rights_text(const void *ctx, const struct stat *st)
{
	return mem_printf(ctx, "%04o %u:%u", st->st_mode & 07777, st->st_uid, st->st_gid);
}

static struct fault *directory_look(const void *ctx, struct setup *setup, const char *what,
				    char **ret)
{
	struct stat st;
	bool there;
	struct fault *fault = stat_of(setup, what, &st, &there);
	char *path = place(NULL, setup, what);

	*ret = NULL;
	/* A link to a directory, such as /var/run, serves as one. */
	if (!fault && there && S_ISLNK(st.st_mode) && stat(path, &st) < 0)
		*ret = not_one(ctx);
	else if (!fault && there)
		*ret = S_ISDIR(st.st_mode) ? rights_text(ctx, &st) : not_one(ctx);
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

static struct fault *directory_put(struct setup *setup, const char *what, const char *state)
{
	char *path = place(NULL, setup, what);
	struct rights rights;
	struct fault *fault = state ? parse_rights(state, &rights) : remove_directory(path);

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

static struct fault *link_look(const void *ctx, struct setup *setup, const char *what, char **ret)
{
	struct stat st;
	bool there;
	struct fault *fault = stat_of(setup, what, &st, &there);
	char *path = place(NULL, setup, what), target[4096];
	ssize_t length = there ? readlink(path, target, sizeof(target)) : -1;

	*ret = NULL;
	if (!fault && there)
		*ret = length >= 0 ? mem_strndup(ctx, target, (size_t)length) : not_one(ctx);
	talloc_free(path);
	return fault;
}

static struct fault *link_put(struct setup *setup, const char *what, const char *state)
{
	char *path = place(NULL, setup, what);
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
	struct fault *fault = stat_of(setup, what, &st, &there);

	*ret = fault || !there ? NULL : S_ISREG(st.st_mode) ? rights_text(ctx, &st) : not_one(ctx);
	return fault;
}

static const char capability[] = "security.capability";
enum { CAPABILITY_BYTES = 64 };

/* chown(2) takes capabilities away, which are no part of this. */
static struct fault *rights_put(struct setup *setup, const char *what, const char *state)
{
	char *path = place(NULL, setup, what), value[CAPABILITY_BYTES];
	ssize_t size = lgetxattr(path, capability, value, sizeof(value));
	struct rights rights;
	struct fault *fault = state ? parse_rights(state, &rights) : NULL;

	if (!fault && state)
		fault = give(path, &rights);
	if (!fault && size >= 0 && lsetxattr(path, capability, value, (size_t)size, 0) < 0)
		fault = fault_errno(errno, "%s", path);
	talloc_free(path);
	return fault;
}

static const char net_raw[] = "cap_net_raw=ep";

static struct fault *capability_look(const void *ctx, struct setup *setup, const char *what,
				     char **ret)
{
	char *path = place(NULL, setup, what);
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

static struct fault *capability_put(struct setup *setup, const char *what, const char *state)
{
	char *path = place(NULL, setup, what);
	unsigned char value[CAPABILITY_BYTES];
	size_t size = 0;
	bool done;

	while (state && size < sizeof(value) && sscanf(state + 2 * size, "%2hhx", &value[size]) == 1)
		size++;
	if (state && strcmp(state, net_raw) == 0)
		done = capability_give_raw(path);
	else if (state)
		done = lsetxattr(path, capability, value, size, 0) == 0;
	else
		done = lremovexattr(path, capability) == 0 || errno == ENODATA;
	struct fault *fault =
		done ? NULL :
		       fault_new(FAULT_FAILED, "%s can be given no capability here: %s", path, strerror(errno));
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

const struct thing thing_file = {
	"file", "is there", "missing, making", "removing", false, file_look, file_put,
	file_tidy,
};
const struct thing thing_block = {
	"block", "has hubshare's lines", "hubshare's lines missing, adding",
	"taking hubshare's lines out", false, block_look, block_put,
	file_tidy,
};
const struct thing thing_directory = {
	"directory", "is there", "missing, making", "removing", true, directory_look,
	directory_put, NULL,
};
const struct thing thing_link = {
	"link", "is there", "missing, making", "removing", false, link_look, link_put,
	NULL,
};
const struct thing thing_rights = {
	"rights", "is root's and the group's", "missing", "", true, rights_look, rights_put,
	NULL,
};
const struct thing thing_capability = {
	"capability", "may listen on the bridge", "may not listen on the bridge, giving it cap_net_raw",
	"taking cap_net_raw away", true, capability_look, capability_put,
	NULL,
};
const struct thing thing_group = {
	"group", "the group is there", "there is no such group, making it", "removing the group", false, group_look, group_put,
	NULL,
};

/* SPDX-License-Identifier: ISC */
/* Things that are files of ours, or lines of ours in files of an admin's. */
#include "setup/thing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"
#include "doctor/block.h"

enum { THING_MAX_BYTES = 1 << 20, ATTRIBUTES_MAX_BYTES = 64 << 10 };

char *thing_file_state(const void *ctx, unsigned mode, const char *content)
{
	return mem_printf(ctx, "%04o\n%s", mode, content);
}

static struct fault *file_look(const void *ctx, struct setup *setup, const char *what,
			       char **ret)
{
	struct stat st;
	bool there;
	char *text = NULL, *path;
	struct fault *fault = thing_stat(setup, what, &st, &there);

	*ret = NULL;
	if (fault || !there)
		return fault;
	if (!S_ISREG(st.st_mode)) {
		*ret = thing_other(ctx);
		return NULL;
	}
	path = thing_place(NULL, setup, what);
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

static struct fault *check_stays(const struct setup *setup, const char *what,
				 const char *state)
{
	return !state && setup->bridge_stays && setup_keeps_bridge(what) ?
		       fault_new(FAULT_CONFLICT, "VMs are on the bridge that it keeps") :
		       NULL;
}

static struct fault *file_put(struct setup *setup, const char *what, const char *state)
{
	char *path = thing_place(NULL, setup, what), *name, *temporary;
	struct fault *fault;
	int dir;

	if ((fault = check_stays(setup, what, state)) ||
	    (fault = open_parent(path, &dir, &name))) {
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
	char *path = thing_place(NULL, setup, what), *name;
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
	char *path = thing_place(NULL, setup, what), *text, *rest;
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

	for (const char *name = names; done && name - names < length;
	     name += strlen(name) + 1) {
		ssize_t size = fgetxattr(old, name, value, ATTRIBUTES_MAX_BYTES);

		done = size >= 0 && fsetxattr(new, name, value, (size_t)size, 0) == 0;
	}
	struct fault *fault =
		done && TEMP_FAILURE_RETRY(fsync(new)) == 0 ?
			NULL :
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
	char *path = thing_place(NULL, setup, what), *text = NULL, *rest = NULL, *body,
	     *name;
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

const struct thing thing_file = {
	"file", "is there", "missing, making", "removing",
	false,	file_look,  file_put,	       file_tidy,
};
const struct thing thing_block = {
	"block",
	"has hubshare's lines",
	"hubshare's lines missing, adding",
	"taking hubshare's lines out",
	false,
	block_look,
	block_put,
	file_tidy,
};

/* SPDX-License-Identifier: ISC */
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"

/* Reads up to MAX bytes; EXPECTED of them are likely. */
static struct fault *read_whole(const void *ctx, int fd, size_t max, size_t expected,
				char **ret)
{
	size_t room = expected < max ? expected : max, length = 0;
	char *text = mem_array(ctx, char, room + 2);
	ssize_t n;

	while ((n = read(fd, text + length, room + 1 - length)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (length += (size_t)n) > max)
			break;
		if (length <= room)
			continue;
		/* It has grown since, or does not say its size, as those of /proc. */
		room = room < max / 2 ? room * 2 + 1 : max;
		text = mem_check(talloc_realloc(ctx, text, char, room + 2));
	}
	struct fault *fault =
		n < 0	     ? fault_errno(errno, "cannot be read") :
		length > max ? fault_new(FAULT_FAILED, "more than %zu bytes", max) :
			       NULL;
	text[length > max ? 0 : length] = '\0';
	if (!fault && strlen(text) != length)
		fault = fault_new(FAULT_FAILED, "a NUL byte in %zu bytes", length);
	if (fault)
		talloc_free(text);
	else
		*ret = text;
	return fault;
}

struct fault *file_read(const void *ctx, int dirfd, const char *name, size_t max,
			char **ret)
{
	struct stat st;
	struct fault *fault;
	int fd = TEMP_FAILURE_RETRY(
		openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));

	*ret = NULL;
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 && errno == EACCES)
		return fault_new(FAULT_REFUSED, "%s: %s", name, strerror(errno));
	if (fd < 0)
		return fault_errno(errno, "%s", name);
	if (fstat(fd, &st) < 0)
		fault = fault_errno(errno, "cannot be looked at");
	else if (!S_ISREG(st.st_mode))
		fault = fault_new(FAULT_FAILED, "not a regular file");
	else
		fault = read_whole(ctx, fd, max, (size_t)st.st_size, ret);
	close(fd);
	return fault_wrap(fault, "%s", name);
}

const char *file_foreign(const struct stat *st, uid_t owner)
{
	static const struct {
		mode_t kind;
		const char *text;
	} kinds[] = {
		{ S_IFLNK, "it is a link" },   { S_IFDIR, "it is a directory" },
		{ S_IFIFO, "it is a FIFO" },   { S_IFSOCK, "it is a socket" },
		{ S_IFCHR, "it is a device" }, { S_IFBLK, "it is a device" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if ((st->st_mode & S_IFMT) == kinds[i].kind)
			return kinds[i].text;
	if (st->st_nlink > 1)
		return "it is a hard link, and can be changed by another name";
	if (st->st_uid != owner)
		return "it belongs to somebody else";
	return st->st_mode & 022 ? "it can be written by others" : NULL;
}

/* Opens NAME if it is a file that nobody but OWNER can have written; *RET is -1 where there is
 * none.  What it is, is seen before it is opened. */
static struct fault *open_own(int dirfd, const char *name, uid_t owner, int *ret,
			      size_t *ret_size)
{
	int fd = TEMP_FAILURE_RETRY(openat(dirfd, name, O_PATH | O_CLOEXEC | O_NOFOLLOW));
	struct fault *fault = NULL;
	const char *foreign;
	struct stat st;
	char path[32];

	*ret = -1;
	if (fd < 0)
		return errno == ENOENT ? NULL : fault_errno(errno, "%s", name);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fstat(fd, &st) < 0)
		fault = fault_errno(errno, "%s", name);
	else if ((foreign = file_foreign(&st, owner)))
		fault = fault_new(FAULT_FAILED, "%s", foreign);
	else if ((*ret = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC))) < 0)
		fault = errno == EACCES ? fault_new(FAULT_REFUSED, "%s: %s", name,
						    strerror(errno)) :
					  fault_errno(errno, "%s", name);
	else
		*ret_size = (size_t)st.st_size;
	close(fd);
	return fault;
}

struct fault *file_read_own(const void *ctx, int dirfd, const char *name, uid_t owner,
			    size_t max, char **ret)
{
	size_t size = 0;
	int fd;
	struct fault *fault = open_own(dirfd, name, owner, &fd, &size);

	*ret = NULL;
	if (fd < 0)
		return fault;
	fault = read_whole(ctx, fd, max, size, ret);
	close(fd);
	return fault_wrap(fault, "%s", name);
}

struct fault *file_glance_own(int dirfd, const char *name, uid_t owner, char *text,
			      size_t size)
{
	size_t whole;
	int fd;
	struct fault *fault = open_own(dirfd, name, owner, &fd, &whole);
	ssize_t length = fd < 0 ? 0 : TEMP_FAILURE_RETRY(read(fd, text, size - 1));

	if (length < 0)
		fault = fault_errno(errno, "%s", name);
	text[length > 0 ? length : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return fault;
}

static struct fault *write_whole(int fd, const char *text, mode_t mode, gid_t group)
{
	for (size_t left = strlen(text); left > 0;) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return fault_errno(errno, "cannot be written");
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	if (group != (gid_t)-1 && fchown(fd, (uid_t)-1, group) < 0)
		return fault_errno(errno, "cannot be given to group %u", group);
	if (fchmod(fd, mode) < 0)
		return fault_errno(errno, "its mode cannot be set");
	if (TEMP_FAILURE_RETRY(fsync(fd)) < 0)
		return fault_errno(errno, "cannot be made durable");
	return NULL;
}

/* fsync of a directory makes the names in it durable (fsync(2), NOTES). */
struct fault *file_sync_names(int dirfd)
{
	return TEMP_FAILURE_RETRY(fsync(dirfd)) < 0 ?
		       fault_errno(errno, "the directory cannot be made durable") :
		       NULL;
}

struct fault *file_stage(int dirfd, const char *temporary, const char *text, mode_t mode,
			 gid_t group)
{
	int fd = TEMP_FAILURE_RETRY(
		openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

	if (fd < 0)
		return fault_errno(errno, "cannot be made");
	struct fault *fault = write_whole(fd, text, mode, group);
	if (close(fd) < 0 && !fault)
		fault = fault_errno(errno, "cannot be written");
	if (fault)
		unlinkat(dirfd, temporary, 0);
	return fault;
}

struct fault *file_place(int dirfd, const char *temporary, const char *name)
{
	if (renameat(dirfd, temporary, dirfd, name) == 0)
		return file_sync_names(dirfd);
	struct fault *fault = fault_errno(errno, "cannot be put in place");
	unlinkat(dirfd, temporary, 0);
	return fault;
}

struct fault *file_replace(int dirfd, const char *name, const char *text, mode_t mode,
			   gid_t group)
{
	/* A leading dot and ".new": no client's address, so smbd never includes it. */
	char *temporary = mem_printf(NULL, ".%s.%d.new", name, getpid());
	struct fault *fault = file_stage(dirfd, temporary, text, mode, group);

	if (!fault)
		fault = file_place(dirfd, temporary, name);
	talloc_free(temporary);
	return fault_wrap(fault, "%s", name);
}

struct fault *file_remove(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, 0) < 0)
		return errno == ENOENT ? NULL :
					 fault_errno(errno, "Cannot remove %s", name);
	return fault_wrap(file_sync_names(dirfd), "%s", name);
}

char *file_beside(const void *ctx, const char *name, const char *fallback)
{
	char self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = length > 0 ? memrchr(self, '/', (size_t)length) : NULL;

	if (slash) {
		char *path = mem_printf(ctx, "%.*s/%s", (int)(slash - self), self, name);

		if (access(path, F_OK) == 0)
			return path;
		talloc_free(path);
	}
	return mem_strdup(ctx, fallback);
}

/* SPDX-License-Identifier: ISC */
#include "service/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/memory.h"

/* NAME in the open directory DIR, however long its path is: unix(7) has room for 107 bytes. */
static struct sockaddr_un address_in(int dir, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir,
		 name);
	return address;
}

struct fault *socket_cannot(const char *path)
{
	bool forbidden = errno == EACCES || errno == EPERM || errno == EROFS;
	struct fault *fault = fault_errno(errno, "The service cannot use %s", path);

	if (forbidden)
		fault->status = FAULT_REFUSED;
	return fault;
}

/* It gets its name last. */
static bool make_socket(int dir, const char *name, const char *fresh, int backlog,
			const struct settings *settings, int *ret)
{
	struct sockaddr_un address = address_in(dir, fresh);
	const struct group *group = getgrnam(settings->group);
	gid_t gid = group && geteuid() == 0 ? group->gr_gid : (gid_t)-1;

	unlinkat(dir, fresh, 0);
	*ret = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0177);
	int bound = bind(*ret, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	return *ret >= 0 && bound == 0 && listen(*ret, backlog) == 0 &&
	       fchownat(dir, fresh, (uid_t)-1, gid, 0) == 0 &&
	       fchmodat(dir, fresh, group ? 0660 : 0600, 0) == 0 &&
	       renameat(dir, fresh, dir, name) == 0;
}

struct fault *socket_listen(int dir, const char *name, int backlog,
			    const struct settings *settings, int *ret)
{
	char *fresh = mem_printf(NULL, "%s.new", name);
	char *path = mem_printf(fresh, SOCKET_DIRECTORY "/%s", name);
	struct fault *fault = make_socket(dir, name, fresh, backlog, settings, ret) ?
				      NULL :
				      socket_cannot(path);

	talloc_free(fresh);
	return fault;
}

static int connect_in(int dir, const char *name, int timeout_s)
{
	struct sockaddr_un address = address_in(dir, name);
	struct timeval timeout = { .tv_sec = timeout_s };
	int fd = socket(AF_UNIX,
			SOCK_STREAM | SOCK_CLOEXEC | (timeout_s ? 0 : SOCK_NONBLOCK), 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

int socket_connect(const struct settings *settings, const char *name, int timeout_s)
{
	char *path = settings_path(NULL, settings, SOCKET_DIRECTORY);
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -1 : connect_in(dir, name, timeout_s);
	int error = errno;

	if (dir >= 0)
		close(dir);
	talloc_free(path);
	errno = error;
	return fd;
}

/* SPDX-License-Identifier: ISC */
#include "setup/scratch.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/memory.h"

struct scratch {
	int fd;
};

static int scratch_close(struct scratch *scratch)
{
	close(scratch->fd);
	return 0;
}

struct fault *scratch_new(const void *ctx, const char *text, const char **ret_path)
{
	struct scratch *scratch = mem_new(ctx, struct scratch);
	size_t length = strlen(text);

	scratch->fd = memfd_create("hubshare", MFD_CLOEXEC);
	if (scratch->fd < 0 || write(scratch->fd, text, length) != (ssize_t)length) {
		struct fault *fault = fault_errno(errno, "No place for a text");

		if (scratch->fd >= 0)
			close(scratch->fd);
		talloc_free(scratch);
		return fault;
	}
	talloc_set_destructor(scratch, scratch_close);
	*ret_path = mem_printf(scratch, "/proc/%d/fd/%d", getpid(), scratch->fd);
	return NULL;
}

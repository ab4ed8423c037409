/* SPDX-License-Identifier: ISC */
#include "scanner/capability.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <unistd.h>

bool capability_has_raw(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool has = fd >= 0 && capng_get_caps_fd(fd) == 0 &&
		   capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW);

	if (fd >= 0)
		close(fd);
	return has;
}

bool capability_give_raw(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool given = false;

	capng_clear(CAPNG_SELECT_BOTH);
	if (fd >= 0 &&
	    capng_update(CAPNG_ADD, CAPNG_PERMITTED | CAPNG_EFFECTIVE, CAP_NET_RAW) == 0)
		given = capng_apply_caps_fd(fd) == 0;
	if (fd >= 0)
		close(fd);
	return given;
}

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A directory that somebody hands to the service as a descriptor, with nothing but his word for
 * what it is: in a mount namespace of his own any directory can have any name.
 */

#include "hub/caller.h"

/*
 * The name of the directory FD, on CTX, which its owner may have made up.  Fault 2 if FD is
 * no directory, or was not opened with O_PATH; 6 if its file system does not let us look.
 */
struct fault *handed_path(const void *ctx, int fd, char **ret);

enum handed_rights {
	HANDED_ALL,
	HANDED_READ, /* but he may not write */
	HANDED_NONE,
	HANDED_OTHER, /* that is not its name, or not on this host */
};

/*
 * What CALLER, who has asked the service, may do with PATH: asked in a process of his user and
 * his groups, in which the host's PATH, without a link in it, has to be the directory that he
 * has sent, if he has sent one.  What he may write is asked of that one, since the service may
 * see the host read-only; without it a file system that cannot be written counts as his to
 * write.  Faults as aside_do().
 */
struct fault *handed_ask(const struct caller *caller, const char *path, bool write,
			 int wait_ms, enum handed_rights *ret);

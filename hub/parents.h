/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The directories above a path, and who could put something else in its place: smbd looks
 * the path up again each time a client connects, so what was checked when the share was
 * made need not be what is served then.
 */

#include <stdbool.h>
#include <sys/stat.h>

#include "hub/caller.h"

enum parents_writer {
	WRITER_NOBODY, /* nobody but root and the caller */
	WRITER_OWNER,  /* the directory's owner */
	WRITER_GROUP,  /* members of the directory's group */
	WRITER_ANYBODY,
	WRITER_ENTRY, /* the owner of the entry, in a sticky directory that he can write */
};

/* Who of this host a caller trusts: root, himself, and a group in which nobody else is. */
struct parents_caller {
	uid_t uid;
	gid_t own_group; /* (gid_t)-1: none */
};

/*
 * Who besides CALLER and root can put something else in the place of ENTRY in DIRECTORY?
 * ACL: the directory has an access control list, whose mask stands in the group's place.
 */
enum parents_writer parents_judge(const struct parents_caller *caller,
				  const struct stat *directory, bool acl,
				  const struct stat *entry);

/*
 * A sentence on CTX about the first directory above PATH (absolute, resolved) in which
 * somebody else than root and CALLER could do so; NULL if there is none, or if that is not
 * seen within WAIT_MS.
 */
char *parents_warning(const void *ctx, const struct caller *caller, const char *path,
		      int wait_ms);

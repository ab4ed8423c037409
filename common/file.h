/* SPDX-License-Identifier: ISC */
#pragma once

/* Read a file whole; replace a file atomically and durably. */

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "common/fault.h"

/*
 * Reads NAME (relative to DIRFD, as openat(2)) whole into *RET on CTX, NUL after it.
 * Only a regular file is read, a last component that is a link is not followed, and one
 * of more than MAX bytes, or with a NUL byte in it, is refused.  *RET is NULL without a
 * fault when there is none.  Fault 6 if the caller may not read it, else 1.
 */
struct fault *file_read(const void *ctx, int dirfd, const char *name, size_t max,
			char **ret);

/*
 * The same for a file that nobody but OWNER can have written: it belongs to him, has no other
 * name, and is not writable by others.  What is anything else is not even opened; the
 * fault (1) says what it is: "it is a FIFO".
 */
struct fault *file_read_own(const void *ctx, int dirfd, const char *name, uid_t owner,
			    size_t max, char **ret);

/* The same, but only the first bytes of it, as many as fit into TEXT of SIZE with the NUL; ""
 * where there is none. */
struct fault *file_glance_own(int dirfd, const char *name, uid_t owner, char *text,
			      size_t size);

/* Why what ST tells of is not a file that nobody but OWNER can have written, from "it is" on;
 * NULL: it is one. */
const char *file_foreign(const struct stat *st, uid_t owner);

/*
 * Puts TEXT in place of NAME in DIRFD: whoever opens NAME sees the whole old or the whole
 * new file, and when this returns without a fault the new one survives a power cut (write
 * to a name of its own, fsync, rename, fsync of the directory).  On a fault the old file
 * is as it was.  GROUP of -1 leaves the group alone.
 */
struct fault *file_replace(int dirfd, const char *name, const char *text, mode_t mode,
			   gid_t group);

/*
 * The two halves of it, for who wants to look at the new file before it is seen: writes
 * TEXT durably into TEMPORARY, which must not be there yet (on a fault it is not), and puts
 * TEMPORARY in place of NAME (on a fault it is removed, unless it is in place already).
 */
struct fault *file_stage(int dirfd, const char *temporary, const char *text, mode_t mode,
			 gid_t group);
struct fault *file_place(int dirfd, const char *temporary, const char *name);

/* Makes the names in DIRFD durable. */
struct fault *file_sync_names(int dirfd);

/* Removes NAME durably; that it is not there is no fault. */
struct fault *file_remove(int dirfd, const char *name);

/* The path of NAME beside the running program if it is there, else FALLBACK. */
char *file_beside(const void *ctx, const char *name, const char *fallback);

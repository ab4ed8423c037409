/* SPDX-License-Identifier: ISC */
#pragma once

/* The mounts of this host, by which one directory may have more than one name. */

#include <stddef.h>

struct mount {
	const char *device; /* "MAJOR:MINOR" of the file system */
	const char *root;   /* which of its directories is mounted; "" for all of it */
	const char *point;  /* where; "" for / */
};

/* In the kernel's order: what was there before comes before. */
struct mounts {
	struct mount *list;
	size_t count;
};

/* Reads TEXT as proc_pid_mountinfo(5) has it; lines that are none are left out. */
struct mounts *mounts_parse(const void *ctx, const char *text);

/* The mount in which PATH (absolute, resolved) lies; NULL if there is none. */
const struct mount *mounts_of(const struct mounts *mounts, const char *path);

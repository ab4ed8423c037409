/* SPDX-License-Identifier: ISC */
#pragma once

/* The door to inotify(7): what changes in a directory. */

#include <stdbool.h>

#include "hub/loop.h"

/*
 * Calls FN when a file of DIRECTORY was written, replaced, made or removed: one called NAME,
 * or (NAME is NULL) one that ends in ".conf" and does not begin with a dot; and when so much
 * happened that it is not known what.  Once for several changes.  False where there is no such
 * directory, or it cannot be watched.
 */
bool file_watch(const void *ctx, struct loop *loop, const char *directory,
		const char *name, loop_fn *fn, void *arg);

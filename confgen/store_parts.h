/* SPDX-License-Identifier: ISC */
#pragma once

/* What the three parts of the store share: store.c (who may open it, and the lock), store_read.c
 * and store_write.c. */

#include <sys/types.h>

#include "confgen/store.h"

/* What is read of a file; of a truth half as much is written, so that it and its renderings, which
 * say more, can be read again. */
enum {
	STORE_FRAGMENT_MAX_BYTES = 16 << 20,
	STORE_TRUTH_MAX_BYTES = STORE_FRAGMENT_MAX_BYTES / 2
};

/* After the name of a rendering: a copy for the person who had edited it. */
#define STORE_KEPT ".edited"

struct staged;

struct store {
	const struct settings *settings;
	struct fragment_templates *templates;
	struct staged **staged; /* in the order in which the parser was started on them */
	size_t staged_count;
	unsigned serial;	  /* of the next temporary file */
	char *path[TENURE_COUNT]; /* of the directories that smbd looks in */
	char *run_path;
	int dir[TENURE_COUNT];
	int run;  /* where the renderings of permanent shares lie; -1: not there (yet) */
	int lock; /* -1: opened to read */
	bool locked;
	gid_t group;
	mode_t mode;
	uid_t owner; /* of all that is ours */
	bool begun;  /* by us or by somebody before us, and not ended */
	bool rooted;
};

/* Takes away what was written and not put in its place. */
void store_drop_staged(struct store *store);

/* The fault of errno for a path of the store. */
struct fault *store_access_fault(const char *path);

bool store_is_uuid(const char *text);

/* perm.conf.d/NAME leads to NAME in the run directory, as hubshare makes it. */
bool store_is_own_link(const struct store *store, const char *name);

/* The directory in which the files of TENURE's renderings lie, and the name of one of them. */
int store_rendering_dir(const struct store *store, enum tenure tenure);
char *store_rendering_name(const void *ctx, struct in_addr ip);

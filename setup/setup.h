/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Makes a host what doctor wants it to be, and takes that back.  Each thing is looked at, told
 * of, and changed only if it has to be; what is changed is written down before (setup/record.h).
 * What an admin has said otherwise is explained and stays as it is.
 */

#include <stdbool.h>

#include "common/settings.h"

enum setup_news {
	SETUP_WELL,    /* it is as it has to be */
	SETUP_CHANGED, /* it is changed, or would be */
	SETUP_LEFT,    /* it is not as it has to be, and is left to a person */
};

/* Is told of each thing: what it is, and how it is, in a sentence without full stop. */
typedef void setup_tell_fn(void *arg, enum setup_news news, const char *what,
			   const char *text);

struct setup_wish {
	bool dry_run; /* change nothing */
	const char *
		bridge_by; /* who keeps the bridge: see setup_bridge_by(); NULL: libvirt */
	setup_tell_fn *tell;
	void *arg;
};

/* Is NAME one of those who can keep the bridge? */
bool setup_bridge_by(const char *name);
/* Their names, for a sentence. */
extern const char setup_bridge_names[];

/*
 * Sets the host up.  Below a root nobody alive is spoken with: it is a tree of files, made
 * ready for a boot.  Fault 5 where something is left to a person, else what kept it from
 * being made.
 */
struct fault *setup_make(const struct settings *settings, const struct setup_wish *wish);

/* Takes back what setup_make() has made, last first.  Fault 5 where something stays, since
 * somebody has changed it or uses it. */
struct fault *setup_undo(const struct settings *settings, const struct setup_wish *wish);

/* What `setup` makes, and the rows of doctor that are well after it, blanks between. */
struct setup;
struct step {
	const char *rows;
	struct fault *(*make)(struct setup *setup);
};

/* In the order in which they depend on each other; the end has no function. */
extern const struct step setup_steps[];

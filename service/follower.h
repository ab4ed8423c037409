/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Follows libvirt's domains for the loop: a helper asks libvirt, which may hang, and is
 * started anew when it ends or says nothing for too long, later each time.  What is known
 * stays known meanwhile.
 */

#include "common/settings.h"
#include "hub/domain.h"
#include "hub/loop.h"

struct follower;

struct follower_plan {
	/* Something is new of the domains. */
	void (*changed)(void *arg);
	/* libvirt was lost (WHY is for people), or is back (NULL). */
	void (*lost)(void *arg, const char *why);
	void *arg;
};

struct follower *follower_start(const void *ctx, struct loop *loop,
				const struct settings *settings,
				const struct follower_plan *plan);

/* The domains, as far as they are known; NULL until a whole list was had.  They change when
 * the loop goes on. */
struct domains *follower_domains(const struct follower *follower);

/* SPDX-License-Identifier: ISC */
#pragma once

/* Watches smbd's sessions for the loop, as long as somebody wants to know: a helper runs
 * smbstatus(1) once a second, which may take its time. */

#include "common/settings.h"
#include "hub/loop.h"
#include "service/sessions.h"

struct session_watch;

struct session_watch_plan {
	/* Who is where, as far as it is known; NULL: it is not. */
	const struct guests *(*guests)(void *arg);
	/* A share was opened or left; or, once until it is over, sessions cannot be seen. */
	void (*tell)(void *arg, const struct event *event);
	void *arg;
};

/* Ends when *RET is freed.  SETTINGS has to live as long. */
struct session_watch *session_watch_start(const void *ctx, struct loop *loop,
					  const struct settings *settings,
					  const struct session_watch_plan *plan);

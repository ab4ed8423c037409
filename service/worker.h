/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Makes what smbd serves match what is known now, in a helper, since it waits for the store's
 * lock and for smbd: it plans and applies as the commands do, with the guests that are known
 * when it starts.
 */

#include "common/settings.h"
#include "hub/guest.h"
#include "hub/loop.h"
#include "service/event.h"
#include "service/served.h"

struct worker_plan {
	const struct settings *settings;
	const struct guests *guests;
	const struct served
		*served; /* as far as it is known, for events of what is new */
	/* Nothing of another's is left at IP: he who was confirmed there when the worker was
	 * started may come in. */
	void (*open)(void *arg, struct in_addr ip);
	/* What is served at IP is not his who is there, and it is not for the worker to change. */
	void (*close)(void *arg, struct in_addr ip);
	void (*event)(void *arg, const struct event *event);
	/* It has ended, and FAULT is what could not be done, NULL for nothing.  It may be freed
	 * then.  NEXT_MS: how long it is until something ends by itself; -1: nothing will. */
	void (*done)(void *arg, struct fault *fault, int64_t next_ms);
	void *arg;
};

struct worker;

/* Starts one, which is killed when it is freed.  Fault 1. */
struct fault *worker_start(const void *ctx, struct loop *loop,
			   const struct worker_plan *plan, struct worker **ret);

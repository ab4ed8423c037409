/* SPDX-License-Identifier: ISC */
#pragma once

/* What a look at VMs and addresses shows that the one before did not: events for people. */

#include "hub/guest.h"
#include "service/event.h"

struct diary;

struct diary *diary_new(const void *ctx);

/*
 * Tells TELL each event since the last call; the first one tells only conflicts, and who is
 * heard.  Of conflicts at one port no more than its quota (service/quota.h) is told; NOW_MS is
 * of the clock that the loop has.
 */
void diary_look(struct diary *diary, const struct guests *guests, int64_t now_ms,
		void (*tell)(void *arg, const struct event *event), void *arg);

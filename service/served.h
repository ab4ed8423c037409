/* SPDX-License-Identifier: ISC */
#pragma once

/* Which shares are served at which address, and what is new of it. */

#include "hub/plan.h"
#include "service/event.h"

/* A talloc object. */
struct served {
	const char **
		list; /* "172.16.10.51 <TAB> tenure <TAB> UUID <TAB> share <TAB> VM", sorted */
	size_t count;
};

/* What is served once PLAN (NULL: none) has been carried out on INVENTORY. */
struct served *served_of(const void *ctx, const struct inventory *inventory,
			 const struct plan *plan);

/* Calls TELL for each that is in NOW and not in BEFORE (EVENT_SHARE_OPENED), and the other way
 * round (EVENT_SHARE_CLOSED). */
void served_compare(const struct served *before, const struct served *now,
		    void (*tell)(void *arg, const struct event *event), void *arg);

/* Brings SERVED up to date with such an event. */
void served_take(struct served *served, const struct event *event);

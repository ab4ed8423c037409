/* SPDX-License-Identifier: ISC */
#pragma once

/* Where the service tells what happens: the journal, whoever watches, and a person who has
 * started it with --verbose. */

#include "common/settings.h"
#include "service/event.h"
#include "service/feed.h"

struct events;

/*
 * The journal is the host's: with a root nothing is told to it.  FEED and SAY may be NULL; SAY
 * is called with each line for a person.
 */
struct events *events_new(const void *ctx, const struct settings *settings,
			  struct feed *feed, void (*say)(const char *line));

/* Tells EVENT; a time of 0 becomes now.  Never waits, and has no failure: what cannot be told
 * must not keep anybody from closing a share. */
void event_tell(struct events *events, const struct event *event);

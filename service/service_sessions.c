/* SPDX-License-Identifier: ISC */
/* The service: who opens which share, as long as somebody watches. */

#include "common/memory.h"
#include "service/feed.h"
#include "service/service_parts.h"
#include "service/session_watch.h"

static const struct guests *guests_now(void *arg)
{
	return service_guests(arg);
}

static void tell_session(void *arg, const struct event *event)
{
	event_tell(((struct service *)arg)->events, event);
}

static void on_watched(void *arg)
{
	struct service *service = arg;
	const struct session_watch_plan plan = { guests_now, tell_session, service };

	TALLOC_FREE(service->session_watch);
	if (feed_watched(service->feed))
		service->session_watch = session_watch_start(service, service->loop,
							     service->settings, &plan);
}

void service_sessions_start(struct service *service)
{
	feed_on_change(service->feed, on_watched, service);
}

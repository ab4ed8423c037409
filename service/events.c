/* SPDX-License-Identifier: ISC */
#include "service/events.h"

#include <stdbool.h>
#include <time.h>

#include "common/memory.h"
#include "service/journal.h"

struct events {
	bool journal;
	struct feed *feed;
	void (*say)(const char *line);
};

struct events *events_new(const void *ctx, const struct settings *settings,
			  struct feed *feed, void (*say)(const char *line))
{
	struct events *events = mem_new(ctx, struct events);

	events->journal = !*settings->root;
	events->feed = feed;
	events->say = say;
	return events;
}

static int64_t date_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void event_tell(struct events *events, const struct event *event)
{
	struct event dated = *event;

	if (!dated.time_ms)
		dated.time_ms = date_ms();
	if (events->journal)
		journal_tell(&dated);
	if (events->feed)
		feed_tell(events->feed, &dated);
	if (events->say) {
		char *line = event_line(NULL, &dated);

		events->say(line);
		talloc_free(line);
	}
}

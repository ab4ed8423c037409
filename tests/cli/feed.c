/* SPDX-License-Identifier: ISC */
/*
 * Plays the service for those who watch: feed ROOT tells each event that it reads on standard
 * input, a line of JSON each, until the end of it.  It prints "watched" and "alone" when that
 * changes, and what a person would be told.
 */
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "service/events.h"

struct service {
	struct loop *loop;
	struct feed *feed;
	struct events *events;
};

static void say(const char *line)
{
	printf("%s\n", line);
	fflush(stdout);
}

static void on_watched(void *arg)
{
	struct service *service = arg;

	say(feed_watched(service->feed) ? "watched" : "alone");
}

static void on_input(void *arg)
{
	struct service *service = arg;
	char line[8192];
	struct event *event;
	struct fault *fault;

	if (!fgets(line, sizeof(line), stdin)) {
		loop_stop(service->loop);
	} else if ((fault = event_parse(service, line, &event))) {
		fault_finish(fault);
	} else {
		event_tell(service->events, event);
		talloc_free(event);
	}
}

int main(int argc, char *argv[])
{
	struct service *service = mem_new(NULL, struct service);
	struct settings settings = { .root = argc > 1 ? argv[1] : "/nonexistent", .group = "root" };
	struct fault *fault;

	setvbuf(stdin, NULL, _IONBF, 0); /* the loop sees all that is not read yet */
	if (!(fault = loop_new(service, &service->loop)) &&
	    !(fault = feed_new(service, service->loop, &settings, &service->feed))) {
		feed_on_change(service->feed, on_watched, service);
		service->events = events_new(service, &settings, service->feed, say);
		loop_read(service, service->loop, 0, on_input, service);
		say("ready");
		fault = loop_run(service->loop);
	}
	talloc_free(service);
	return fault_finish(fault);
}

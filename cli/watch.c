/* SPDX-License-Identifier: ISC */
/* hubshare watch: a line for each thing that happens, as the service tells it. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <strings.h>

#include "cli/actions.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/memory.h"
#include "common/text.h"
#include "service/feed.h"

struct watch {
	const struct run *run;
	struct loop *loop;
	struct listening *listening;
	struct fault *fault; /* why it ended; NULL: it was interrupted */
};

static bool concerns_vm(const struct event *event, const char *vm)
{
	return !vm || (event->uuid && strcasecmp(event->uuid, vm) == 0) ||
	       (event->vm && strcmp(event->vm, vm) == 0) ||
	       strcmp(IP_TEXT(event->ip), vm) == 0;
}

/* Where the sentence begins, behind the date and the time. */
enum { SENTENCE_AT = 24 };

static void print_event(const struct watch *watch, const struct event *event)
{
	const struct terminal terminal = terminal_stdout();

	puts(watch->run->options.json ? event_json(event, event) :
					text_wrap(event, event_line(event, event),
						  (size_t)terminal.columns, SENTENCE_AT));
	if (fflush(stdout) != 0 && errno != EINTR)
		loop_stop(watch->loop); /* main says why */
}

static void on_feed(void *arg)
{
	struct watch *watch = arg;
	struct fault *fault = feed_receive(watch->listening);
	struct event *event = NULL;

	while (!fault && !(fault = feed_next(watch, watch->listening, &event)) && event) {
		if (concerns_vm(event, watch->run->operands[0]))
			print_event(watch, event);
		talloc_free(event);
	}
	if (fault) {
		watch->fault = fault;
		loop_stop(watch->loop);
	}
}

/* What nobody takes is not waited with. */
static void on_interrupt(void *arg)
{
	struct watch *watch = arg;

	if (ferror(stdout)) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	loop_stop(watch->loop);
}

/* Also ends where nobody reads what is printed: the signal interrupts the writing. */
static void hear_signal(struct watch *watch, int number)
{
	struct sigaction action;

	loop_signal(watch, watch->loop, number, on_interrupt, watch);
	sigaction(number, NULL, &action);
	action.sa_flags &= ~SA_RESTART;
	sigaction(number, &action, NULL);
}

static struct fault *watch_events(struct run *run)
{
	struct watch *watch = mem_new(run, struct watch);
	struct fault *fault;

	watch->run = run;
	if ((fault = loop_new(watch, &watch->loop)))
		return fault;
	hear_signal(watch, SIGINT);
	hear_signal(watch, SIGTERM);
	if ((fault = feed_connect(watch, &run->options.settings, &watch->listening)))
		return fault;
	loop_read(watch, watch->loop, feed_descriptor(watch->listening), on_feed, watch);
	fault = loop_run(watch->loop);
	return fault_first(watch->fault, fault);
}

const struct action action_watch = {
	.name = "watch",
	.args = "[VM]",
	.help = "prints a line for each thing that happens",
	.example = "hubshare watch untrusted-0",
	.needs = NEEDS_NOTHING,
	.run = watch_events,
};

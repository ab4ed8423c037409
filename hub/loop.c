/* SPDX-License-Identifier: ISC */
#include "hub/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <tevent.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"

/* tevent's own timers go by the date: somebody who sets the clock back would stop them. */
enum loop_clock { LOOP_MONOTONIC, LOOP_BOOT, LOOP_DATE, LOOP_CLOCKS };

static const clockid_t clock_ids[LOOP_CLOCKS] = {
	[LOOP_MONOTONIC] = CLOCK_MONOTONIC,
	[LOOP_BOOT] = CLOCK_BOOTTIME,
	[LOOP_DATE] = CLOCK_REALTIME,
};

struct source {
	loop_fn *fn;
	void *arg;
	/* of a timer */
	LIST_ENTRY(source) entry;
	struct dial *dial; /* NULL: it is spent, or no timer */
	int64_t at_ms;
	unsigned long round;
	/* of a child */
	void (*child_fn)(void *arg, int status);
	pid_t pid; /* 0: it is spent, or no child */
};

LIST_HEAD(sources, source);

/* All timers of one clock, and the descriptor that can be read when the first is due. */
struct dial {
	enum loop_clock clock;
	int fd;
	unsigned long round; /* how often it was read */
	struct sources timers;
};

struct loop {
	struct tevent_context *tevent;
	struct dial dials[LOOP_CLOCKS];
	bool stopped;
};

static int loop_close(struct loop *loop)
{
	struct source *timer;

	for (int i = 0; i < LOOP_CLOCKS; i++) {
		while ((timer = LIST_FIRST(&loop->dials[i].timers))) {
			LIST_REMOVE(timer, entry);
			timer->dial = NULL;
		}
		if (loop->dials[i].fd >= 0)
			close(loop->dials[i].fd);
	}
	return 0;
}

/* Sets the dial to the earliest timer. */
static void dial_set(struct dial *dial)
{
	int flags = TFD_TIMER_ABSTIME |
		    (dial->clock == LOOP_DATE ? TFD_TIMER_CANCEL_ON_SET : 0);
	struct itimerspec when = { 0 };
	const struct source *timer, *first = LIST_FIRST(&dial->timers);

	LIST_FOREACH(timer, &dial->timers, entry)
		if (timer->at_ms < first->at_ms)
			first = timer;
	if (first) { /* 0 would mean never */
		int64_t at_ms = first->at_ms > 0 ? first->at_ms : 1;

		when.it_value = (struct timespec){ at_ms / 1000, at_ms % 1000 * 1000000 };
	}
	timerfd_settime(dial->fd, flags, &when, NULL);
}

static int64_t dial_now(const struct dial *dial)
{
	struct timespec now;

	clock_gettime(clock_ids[dial->clock], &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One that is due, but none that was made since the dial was read; ALL of them are, where
 * the clock was set. */
static struct source *dial_due(const struct dial *dial, bool all)
{
	int64_t now_ms = dial_now(dial);
	struct source *timer;

	LIST_FOREACH(timer, &dial->timers, entry)
		if (timer->round < dial->round && (all || timer->at_ms <= now_ms))
			return timer;
	return NULL;
}

static void dial_read(struct tevent_context *tevent, struct tevent_fd *event,
		      uint16_t flags, void *arg)
{
	struct dial *dial = arg;
	struct source *timer;
	uint64_t times;
	bool all = read(dial->fd, &times, sizeof(times)) < 0 && errno == ECANCELED;

	(void)tevent, (void)event, (void)flags;
	dial->round++;
	while ((timer = dial_due(dial, all))) {
		LIST_REMOVE(timer, entry);
		timer->dial = NULL;
		timer->fn(timer->arg);
	}
	dial_set(dial);
}

static struct fault *dial_open(struct loop *loop, enum loop_clock clock)
{
	struct dial *dial = &loop->dials[clock];

	dial->clock = clock;
	dial->fd = timerfd_create(clock_ids[clock], TFD_CLOEXEC | TFD_NONBLOCK);
	if (dial->fd < 0)
		return fault_errno(errno, "There is no timer");
	mem_check(tevent_add_fd(loop->tevent, loop, dial->fd, TEVENT_FD_READ, dial_read,
				dial));
	return NULL;
}

/*
 * By poll(2): a forked child shares nothing of that with its parent, as it does with epoll(7),
 * and no more than some dozens of descriptors are listened to.
 */
struct fault *loop_new(const void *ctx, struct loop **ret)
{
	struct loop *loop = mem_new(ctx, struct loop);
	struct fault *fault = NULL;

	for (int i = 0; i < LOOP_CLOCKS; i++)
		loop->dials[i].fd = -1;
	talloc_set_destructor(loop, loop_close);
	loop->tevent = tevent_context_init_byname(loop, "poll");
	if (!loop->tevent)
		fault = fault_errno(errno, "There is no event loop");
	for (int i = 0; !fault && i < LOOP_CLOCKS; i++)
		fault = dial_open(loop, (enum loop_clock)i);
	if (fault)
		talloc_free(loop);
	else
		*ret = loop;
	return fault;
}

static struct source *source_new(const void *ctx, loop_fn *fn, void *arg)
{
	struct source *source = mem_new(ctx, struct source);

	source->fn = fn;
	source->arg = arg;
	return source;
}

static void descriptor_ready(struct tevent_context *tevent, struct tevent_fd *event,
			     uint16_t flags, void *arg)
{
	struct source *source = arg;

	(void)tevent, (void)event, (void)flags;
	source->fn(source->arg);
}

static struct source *loop_descriptor(const void *ctx, struct loop *loop, int fd,
				      uint16_t flags, loop_fn *fn, void *arg)
{
	struct source *source = source_new(ctx, fn, arg);

	mem_check(
		tevent_add_fd(loop->tevent, source, fd, flags, descriptor_ready, source));
	return source;
}

struct source *loop_read(const void *ctx, struct loop *loop, int fd, loop_fn *fn,
			 void *arg)
{
	return loop_descriptor(ctx, loop, fd, TEVENT_FD_READ, fn, arg);
}

struct source *loop_write(const void *ctx, struct loop *loop, int fd, loop_fn *fn,
			  void *arg)
{
	return loop_descriptor(ctx, loop, fd, TEVENT_FD_WRITE, fn, arg);
}

/* The dial may go off once for nothing. */
static int timer_close(struct source *timer)
{
	if (timer->dial)
		LIST_REMOVE(timer, entry);
	return 0;
}

static struct source *timer_new(const void *ctx, struct loop *loop, enum loop_clock clock,
				int64_t at_ms, loop_fn *fn, void *arg)
{
	struct source *timer = source_new(ctx, fn, arg);

	timer->dial = &loop->dials[clock];
	timer->at_ms = at_ms;
	timer->round = timer->dial->round;
	LIST_INSERT_HEAD(&timer->dial->timers, timer, entry);
	talloc_set_destructor(timer, timer_close);
	dial_set(timer->dial);
	return timer;
}

struct source *loop_timer(const void *ctx, struct loop *loop, int64_t at_ms, loop_fn *fn,
			  void *arg)
{
	return timer_new(ctx, loop, LOOP_MONOTONIC, at_ms, fn, arg);
}

struct source *loop_timer_boot(const void *ctx, struct loop *loop, int64_t at_ms,
			       loop_fn *fn, void *arg)
{
	return timer_new(ctx, loop, LOOP_BOOT, at_ms, fn, arg);
}

struct source *loop_timer_date(const void *ctx, struct loop *loop, int64_t at_ms,
			       loop_fn *fn, void *arg)
{
	return timer_new(ctx, loop, LOOP_DATE, at_ms, fn, arg);
}

static void signal_came(struct tevent_context *tevent, struct tevent_signal *event,
			int number, int count, void *info, void *arg)
{
	struct source *source = arg;

	(void)tevent, (void)event, (void)number, (void)count, (void)info;
	source->fn(source->arg);
}

struct source *loop_signal(const void *ctx, struct loop *loop, int signal, loop_fn *fn,
			   void *arg)
{
	struct source *source = source_new(ctx, fn, arg);

	mem_check(tevent_add_signal(loop->tevent, source, signal, SA_RESTART, signal_came,
				    source));
	return source;
}

/* Some child has ended, or this one had before it was listened to. */
static void child_look(void *arg)
{
	struct source *child = arg;
	int status;

	if (child->pid == 0 || waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	child->pid = 0;
	child->child_fn(child->arg, status);
}

struct source *loop_child(const void *ctx, struct loop *loop, pid_t pid,
			  void (*fn)(void *arg, int status), void *arg)
{
	struct source *child = source_new(ctx, NULL, arg);

	child->child_fn = fn;
	child->pid = pid;
	loop_signal(child, loop, SIGCHLD, child_look, child);
	loop_timer(child, loop, clock_ms(), child_look, child);
	return child;
}

struct fault *loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped)
		if (tevent_loop_once(loop->tevent) != 0)
			return fault_errno(errno, "The event loop failed");
	return NULL;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

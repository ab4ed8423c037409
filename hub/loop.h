/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to the event loop, libtevent (https://tevent.samba.org).  What is listened to is a
 * source: a talloc object that is freed to stop listening, also by its own function.  A
 * function that is called must not wait for anything, since nothing else is heard meanwhile,
 * and must not free the loop.
 *
 * All descriptors stay their owner's.  Close them after their source is freed.  A child that
 * was forked frees the loop first: then signals do to it what they did before, and the
 * parent's loop does not notice.
 */

#include <stdint.h>
#include <sys/types.h>

#include "common/fault.h"

struct loop;
struct source;

typedef void loop_fn(void *arg);

/* Fault 1 if there are no descriptors left; no other function of a loop needs any. */
struct fault *loop_new(const void *ctx, struct loop **ret);

/* Calls FN as long as FD can be read (or has ended), or written. */
struct source *loop_read(const void *ctx, struct loop *loop, int fd, loop_fn *fn,
			 void *arg);
struct source *loop_write(const void *ctx, struct loop *loop, int fd, loop_fn *fn,
			  void *arg);

/*
 * Calls FN once, when clock_ms() is AT_MS; soon where that is over.  The source is spent then
 * and stays until it is freed.
 */
struct source *loop_timer(const void *ctx, struct loop *loop, int64_t at_ms, loop_fn *fn,
			  void *arg);

/* The same by clock_boot_ms(), which goes on while the machine sleeps. */
struct source *loop_timer_boot(const void *ctx, struct loop *loop, int64_t at_ms,
			       loop_fn *fn, void *arg);

/* The same by the date, in ms since 1970, UTC; also as soon as somebody sets the clock, so FN
 * has to look whether it is time. */
struct source *loop_timer_date(const void *ctx, struct loop *loop, int64_t at_ms,
			       loop_fn *fn, void *arg);

/* Calls FN when SIGNAL came, once for any number of it. */
struct source *loop_signal(const void *ctx, struct loop *loop, int signal, loop_fn *fn,
			   void *arg);

/* Calls FN once, with its status as wait(2) has it, when child PID has ended and was reaped.
 * The source is spent then.  Who frees it before reaps the child himself. */
struct source *loop_child(const void *ctx, struct loop *loop, pid_t pid,
			  void (*fn)(void *arg, int status), void *arg);

/* Listens until loop_stop() is called.  Fault 1 if that cannot be done. */
struct fault *loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* SPDX-License-Identifier: ISC */
/* The service's end of it: who may come in, and until when. */
#include "service/control.h"

#include <bsd/sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "hub/aside.h"
#include "hub/helper.h"
#include "service/control_parts.h"
#include "service/quota.h"
#include "service/socket.h"

enum {
	WAITING_MAX = 16,
	WORKING_MAX = 4,
	ACCEPT_PAUSE_MS = 1000, /* where there is no descriptor for one more */
};

/* A call at work. */
struct visit {
	LIST_ENTRY(visit) entry;
	struct control *control;
	uid_t uid;
	bool crowded;
	struct helper *helper;
	struct source *limit;
	bool told, late;
};

struct control {
	struct control_plan plan;
	LIST_HEAD(visits, visit) visits;
	size_t count;
	struct quota *crowd; /* how much is told of calls that were one too many */
	struct loop *loop;
	struct source *source, *pause;
	pid_t pid; /* whose it is: a child's copy removes no names */
	int dir, fd;
};

static int control_close(struct control *control)
{
	if (control->fd >= 0 && control->pid == getpid()) {
		unlinkat(control->dir, CONTROL_SOCKET, 0);
		unlinkat(control->dir, ASIDE_PLACES, 0);
	}
	TALLOC_FREE(control->source);
	if (control->fd >= 0)
		close(control->fd);
	if (control->dir >= 0)
		close(control->dir);
	return 0;
}

static int visit_close(struct visit *visit)
{
	LIST_REMOVE(visit, entry);
	visit->control->count -= !visit->late;
	return 0;
}

static void accept_call(void *arg);

static void let_in(void *arg)
{
	struct control *control = arg;

	TALLOC_FREE(control->pause);
	if (!control->source && control->count < WORKING_MAX)
		control->source = loop_read(control, control->loop, control->fd,
					    accept_call, control);
}

static struct fault *serve_visit(void *arg, FILE *out)
{
	const struct visit *visit = arg;

	control_call(&visit->control->plan, visit->crowded, out);
	return NULL;
}

/* Who calls without end does not fill the journal with what was refused for that. */
static bool is_told(const struct visit *visit)
{
	char uid[16];

	snprintf(uid, sizeof(uid), "%u", visit->uid);
	return !visit->crowded ||
	       quota_take(visit->control->crowd, uid, clock_ms()) != QUOTA_NONE;
}

static void on_visit_line(void *arg, const char *line)
{
	struct visit *visit = arg;
	struct event *event;
	struct fault *fault = event_parse(visit, line, &event);

	if (!fault) {
		visit->told = true;
		if (is_told(visit))
			visit->control->plan.tell(visit->control->plan.arg, event);
	}
	talloc_free(fault);
}

/* One that was killed did not say what it was for. */
static void tell_end(const struct visit *visit, const struct fault *fault)
{
	char *uid = mem_printf(visit, "%u", visit->uid);
	const struct event event = {
		.kind = EVENT_COMMAND,
		.uid = uid,
		.result = visit->late ? "it did not end in time" :
			  fault	      ? fault->text :
					"it said nothing",
	};

	if (!visit->told)
		visit->control->plan.tell(visit->control->plan.arg, &event);
}

static void on_visit_end(void *arg, struct fault *fault)
{
	struct visit *visit = arg;
	struct control *control = visit->control;

	tell_end(visit, fault);
	talloc_free(fault);
	talloc_free(visit);
	let_in(control);
}

static void on_late(void *arg)
{
	struct visit *visit = arg;

	visit->late = true;
	visit->control->count--; /* one that cannot be killed keeps nobody else out */
	helper_kill(visit->helper);
	let_in(visit->control);
}

static size_t visits_of(const struct control *control, uid_t uid)
{
	const struct visit *visit;
	size_t count = 0;

	LIST_FOREACH(visit, &control->visits, entry)
		count += visit->uid == uid;
	return count;
}

/* Who is one too many is told so by a process of his own, too: FD may hold what he has sent. */
static void visit_new(struct control *control, int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t length = sizeof(peer);
	struct visit *visit = mem_new(control, struct visit);
	const struct helper_plan plan = { "hubshare-call", serve_visit, on_visit_line,
					  on_visit_end,	   visit,	fd };
	struct fault *fault;

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length);
	visit->control = control;
	visit->uid = peer.uid;
	visit->crowded = visits_of(control, peer.uid) >= CONTROL_EACH_MAX;
	LIST_INSERT_HEAD(&control->visits, visit, entry);
	control->count++;
	talloc_set_destructor(visit, visit_close);
	if ((fault = helper_start(visit, control->loop, &plan, &visit->helper))) {
		on_visit_end(visit, fault);
		return;
	}
	visit->limit = loop_timer(visit, control->loop,
				  clock_ms() + control->plan.limit_ms, on_late, visit);
}

/* Who waits to be let in would be told of without end. */
static void let_in_later(struct control *control)
{
	TALLOC_FREE(control->source);
	control->pause = loop_timer(control, control->loop, clock_ms() + ACCEPT_PAUSE_MS,
				    let_in, control);
}

static void accept_call(void *arg)
{
	struct control *control = arg;
	int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 &&
	    (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
		let_in_later(control);
	if (fd < 0)
		return;
	visit_new(control, fd);
	close(fd); /* which its process has still */
	if (control->count == WORKING_MAX)
		TALLOC_FREE(control->source);
}

struct fault *control_new(const void *ctx, struct loop *loop,
			  const struct control_plan *plan, struct control **ret)
{
	struct control *control = mem_new(ctx, struct control);
	char *path = settings_path(control, plan->settings, SOCKET_DIRECTORY);
	struct fault *fault;

	*control = (struct control){
		.plan = *plan, .loop = loop, .pid = getpid(), .fd = -1
	};
	control->crowd = quota_new(control);
	control->dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	talloc_set_destructor(control, control_close);
	fault = control->dir < 0 ?
			socket_cannot(path) :
			socket_listen(control->dir, CONTROL_SOCKET, WAITING_MAX,
				      plan->settings, &control->fd);
	if (fault) {
		talloc_free(control);
		return fault;
	}
	let_in(control);
	*ret = control;
	return NULL;
}

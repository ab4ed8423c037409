/* SPDX-License-Identifier: ISC */
#include "service/session_watch.h"

#include <string.h>
#include <time.h>

#include "common/memory.h"
#include "common/process.h"
#include "hub/helper.h"
#include "hub/samba.h"

enum {
	LOOK_S = 1,
	LINES_MAX = 4096, /* one look's: a guest can open a share any number of times */
	RETRY_MS = 10000,
};

/* Ends what one look saw. */
static const char look_end[] = ".";

struct session_watch {
	struct session_watch_plan plan;
	const struct settings *settings;
	struct loop *loop;
	struct helper *helper;
	struct source *timer;
	struct sessions *sessions;
	struct clients *clients; /* what is being told of this look */
	bool trouble;		 /* it was told */
};

static bool told_before(const struct tree *const told[], size_t count,
			const struct tree *tree)
{
	for (size_t i = 0; i < count; i++)
		if (told[i]->ip.s_addr == tree->ip.s_addr && told[i]->pid == tree->pid &&
		    strcmp(told[i]->service, tree->service) == 0)
			return true;
	return false;
}

static struct fault *look_once(struct samba *samba, FILE *out)
{
	const struct tree *told[LINES_MAX];
	struct clients *clients;
	struct fault *fault = samba_clients(samba, samba, &clients);
	size_t count = 0;

	if (fault)
		return fault;
	for (size_t i = 0; i < clients->tree_count && count < LINES_MAX; i++)
		if (clients->trees[i].ip.s_addr &&
		    !told_before(told, count, &clients->trees[i]))
			told[count++] = &clients->trees[i];
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\n", sessions_line(clients, told[i]));
	fprintf(out, "%s\n", look_end);
	talloc_free(clients);
	return fflush(out) == 0 ? NULL :
				  fault_new(FAULT_FAILED, "Nobody listens any more");
}

static struct fault *look_on(void *arg, FILE *out)
{
	const struct session_watch *watch = arg;
	const struct timespec pause = { .tv_sec = LOOK_S };
	struct samba *samba = samba_new(NULL, watch->settings);
	struct fault *fault;

	while (!(fault = look_once(samba, out)))
		nanosleep(&pause, NULL);
	talloc_free(samba);
	return fault;
}

static void on_session_line(void *arg, const char *line)
{
	struct session_watch *watch = arg;
	const struct session_watch_plan *plan = &watch->plan;

	if (strcmp(line, look_end) != 0) {
		sessions_line_parse(line, watch->clients);
		return;
	}
	watch->trouble = false;
	sessions_take(watch->sessions, watch->clients, plan->guests(plan->arg),
		      plan->tell, plan->arg);
	talloc_free(watch->clients);
	watch->clients = mem_new(watch, struct clients);
}

static void start_looking(void *arg);

static void look_later(struct session_watch *watch, const struct fault *fault)
{
	TALLOC_FREE(watch->helper);
	TALLOC_FREE(watch->timer);
	watch->timer = loop_timer(watch, watch->loop, clock_ms() + RETRY_MS,
				  start_looking, watch);
	if (!watch->trouble) {
		char *text = mem_printf(watch, "sessions cannot be seen (%s)",
					fault ? fault->text : "smbstatus");

		watch->trouble = true;
		watch->plan.tell(watch->plan.arg,
				 &(struct event){ .kind = EVENT_DEGRADED, .text = text });
		talloc_free(text);
	}
}

static void on_look_end(void *arg, struct fault *fault)
{
	look_later(arg, fault);
	talloc_free(fault);
}

static void start_looking(void *arg)
{
	struct session_watch *watch = arg;
	const struct helper_plan plan = { "hubshare-smb", look_on, on_session_line,
					  on_look_end,	  watch,   0 };

	talloc_free(watch->clients);
	watch->clients = mem_new(watch, struct clients);
	struct fault *fault = helper_start(watch, watch->loop, &plan, &watch->helper);
	if (fault)
		look_later(watch, fault);
	talloc_free(fault);
}

struct session_watch *session_watch_start(const void *ctx, struct loop *loop,
					  const struct settings *settings,
					  const struct session_watch_plan *plan)
{
	struct session_watch *watch = mem_new(ctx, struct session_watch);

	watch->plan = *plan;
	watch->settings = settings;
	watch->loop = loop;
	watch->sessions = sessions_new(watch);
	if (strcmp(settings->smbstatus, "none") != 0)
		start_looking(watch);
	return watch;
}

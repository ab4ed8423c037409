/* SPDX-License-Identifier: ISC */
#include "service/follower.h"

#include "common/memory.h"
#include "common/process.h"
#include "hub/domain_news.h"
#include "hub/helper.h"
#include "hub/virt.h"

enum {
	SILENCE_MS = 15000, /* libvirt hangs: its helper says something every 5 s */
	PAUSE_FIRST_MS = 250,
	PAUSE_LAST_MS = 30000,
};

struct follower {
	struct follower_plan plan;
	struct loop *loop;
	const struct settings *settings;
	struct helper *helper;
	struct source *timer; /* the end of patience, or of a pause */
	struct domains *domains, *listed;
	bool whole; /* there was a whole list once */
	bool lost;
	int pause_ms;
};

static bool print_news(void *arg, const struct domain_news *news)
{
	char *line = domain_news_line(NULL, news);
	bool told = fprintf(arg, "%s\n", line) >= 0 && fflush(arg) == 0;

	talloc_free(line);
	return told;
}

static struct fault *ask_libvirt(void *arg, FILE *out)
{
	const struct follower *follower = arg;

	return virt_follow(follower->settings->connect, print_news, out);
}

static void start_asking(void *arg);

static void set_timer(struct follower *follower, int ms, loop_fn *fn)
{
	talloc_free(follower->timer);
	follower->timer =
		loop_timer(follower, follower->loop, clock_ms() + ms, fn, follower);
}

/* Tries again in a while. */
static void lose_libvirt(struct follower *follower, const char *why)
{
	talloc_free(follower->helper);
	talloc_free(follower->listed);
	follower->helper = NULL;
	follower->listed = NULL;
	if (!follower->lost)
		follower->plan.lost(follower->plan.arg, why);
	follower->lost = true;
	set_timer(follower, follower->pause_ms, start_asking);
	follower->pause_ms = follower->pause_ms * 2 > PAUSE_LAST_MS ?
				     PAUSE_LAST_MS :
				     follower->pause_ms * 2;
}

static void on_silence(void *arg)
{
	lose_libvirt(arg, "libvirt does not answer");
}

static void on_news_end(void *arg, struct fault *fault)
{
	lose_libvirt(arg, fault ? fault->text : "libvirt's helper ended");
	talloc_free(fault);
}

static void have_whole(struct follower *follower)
{
	follower->whole = true;
	follower->pause_ms = PAUSE_FIRST_MS;
	if (follower->lost)
		follower->plan.lost(follower->plan.arg, NULL);
	follower->lost = false;
}

static void on_news(void *arg, const char *line)
{
	struct follower *follower = arg;
	struct domain_news news;
	struct fault *fault = domain_news_parse(follower, line, &news);

	set_timer(follower, SILENCE_MS, on_silence);
	if (fault) { /* its own helper's: the next line may be better */
		talloc_free(fault);
		return;
	}
	domain_news_take(follower->domains, &follower->listed, &news);
	if (news.kind == NEWS_WHOLE)
		have_whole(follower);
	if (follower->whole && !follower->listed && news.kind != NEWS_ALIVE)
		follower->plan.changed(follower->plan.arg);
}

static void start_asking(void *arg)
{
	struct follower *follower = arg;
	const struct helper_plan plan = { "hubshare-virt", ask_libvirt, on_news,
					  on_news_end,	   follower,	0 };
	struct fault *fault =
		helper_start(follower, follower->loop, &plan, &follower->helper);

	if (fault)
		lose_libvirt(follower, fault->text);
	else
		set_timer(follower, SILENCE_MS, on_silence);
	talloc_free(fault);
}

struct follower *follower_start(const void *ctx, struct loop *loop,
				const struct settings *settings,
				const struct follower_plan *plan)
{
	struct follower *follower = mem_new(ctx, struct follower);

	*follower = (struct follower){ .plan = *plan,
				       .loop = loop,
				       .settings = settings,
				       .pause_ms = PAUSE_FIRST_MS };
	follower->domains = mem_new(follower, struct domains);
	start_asking(follower);
	return follower;
}

struct domains *follower_domains(const struct follower *follower)
{
	return follower->whole ? follower->domains : NULL;
}

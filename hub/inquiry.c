/* SPDX-License-Identifier: ISC */
#include "hub/inquiry.h"

#include "common/memory.h"
#include "common/process.h"
#include "hub/domain_news.h"
#include "hub/helper.h"
#include "hub/virt.h"

enum { ANSWER_MS = 10000 };

struct inquiry {
	const char *uri;
	int milliseconds; /* which it may take */
	struct loop *loop;
	struct helper *helper;
	struct domains *domains;
	struct fault *fault;
};

static void print_news(FILE *out, enum domain_news_kind kind, struct domain *domain)
{
	const struct domain_news news = { kind, domain };
	char *line = domain_news_line(NULL, &news);

	fprintf(out, "%s\n", line);
	talloc_free(line);
}

static struct fault *ask_once(void *arg, FILE *out)
{
	const struct inquiry *inquiry = arg;
	struct domains *domains;
	struct virt *virt;
	struct fault *fault;

	if ((fault = virt_open(NULL, inquiry->uri, &virt)) ||
	    (fault = virt_domains(virt, virt, &domains)))
		return fault;
	for (size_t i = 0; i < domains->count; i++)
		print_news(out, NEWS_DOMAIN, domains->list[i]);
	fflush(out);
	return NULL; /* nobody waits until the connection is closed */
}

static void on_answer(void *arg, const char *line)
{
	struct inquiry *inquiry = arg;
	struct domains *listed = NULL;
	struct domain_news news;
	struct fault *fault = domain_news_parse(inquiry, line, &news);

	if (!fault)
		domain_news_take(inquiry->domains, &listed, &news);
	inquiry->fault = fault_first(inquiry->fault, fault);
}

static void on_answered(void *arg, struct fault *fault)
{
	struct inquiry *inquiry = arg;

	inquiry->fault = fault_first(fault, inquiry->fault);
	loop_stop(inquiry->loop);
}

static void on_no_answer(void *arg)
{
	struct inquiry *inquiry = arg;

	inquiry->fault =
		fault_first(inquiry->fault,
			    fault_new(FAULT_UNREACHABLE,
				      "libvirt at %s has not answered within %d s",
				      inquiry->uri, inquiry->milliseconds / 1000));
	loop_stop(inquiry->loop);
}

static struct fault *run_inquiry(struct inquiry *inquiry)
{
	const struct helper_plan plan = { "hubshare-virt", ask_once, on_answer,
					  on_answered,	   inquiry,  0 };
	struct fault *fault;

	if ((fault = loop_new(inquiry, &inquiry->loop)) ||
	    (fault = helper_start(inquiry, inquiry->loop, &plan, &inquiry->helper)))
		return fault;
	loop_timer(inquiry, inquiry->loop, clock_ms() + inquiry->milliseconds,
		   on_no_answer, inquiry);
	fault = loop_run(inquiry->loop);
	return fault_first(fault, inquiry->fault);
}

struct fault *inquiry_domains_within(const void *ctx, const char *uri, int milliseconds,
				     struct domains **ret)
{
	struct inquiry *inquiry = mem_new(NULL, struct inquiry);
	struct fault *fault;

	inquiry->uri = uri;
	inquiry->milliseconds = milliseconds;
	inquiry->domains = mem_new(inquiry, struct domains);
	if (!(fault = run_inquiry(inquiry)))
		*ret = talloc_steal(ctx, inquiry->domains);
	talloc_free(inquiry);
	return fault;
}

struct fault *inquiry_domains(const void *ctx, const char *uri, struct domains **ret)
{
	return inquiry_domains_within(ctx, uri, ANSWER_MS, ret);
}

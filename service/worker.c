/* SPDX-License-Identifier: ISC */
#include "service/worker.h"

#include <stdlib.h>
#include <string.h>

#include "common/document.h"
#include "common/memory.h"
#include "hub/apply.h"
#include "hub/helper.h"

struct worker {
	struct worker_plan plan;
	struct helper *helper;
	int64_t next_ms;
	FILE *out;
	struct inventory *inventory;
};

/* A line for the parent: an address, a time, or an event. */
static void print_address(const struct worker *worker, const char *word,
			  struct in_addr ip)
{
	fprintf(worker->out, "%s %s\n", word, IP_TEXT(ip));
	fflush(worker->out);
}

/* Is there a file of the original tool's that gives something, and not to the VM that is at
 * its address?  smbd serves it to whoever is. */
static bool has_foreign(const struct worker *worker, struct in_addr ip)
{
	const struct inventory *inventory = worker->inventory;
	const struct guest *guest = guest_at(worker->plan.guests, ip);
	const char *name = guest && guest->domain ? guest->domain->name : "";

	for (size_t i = 0; i < inventory->rendering_count; i++) {
		const struct rendering *there = &inventory->renderings[i];
		const struct fragment *fragment = there->fragment;

		if (there->ip.s_addr == ip.s_addr && !fragment->uuid &&
		    (fragment->count || fragment->broken) &&
		    (!fragment->vm || strcmp(fragment->vm, name) != 0))
			return true;
	}
	return false;
}

static void open_address(void *arg, struct in_addr ip)
{
	struct worker *worker = arg;

	if (!has_foreign(worker, ip))
		print_address(worker, "open", ip);
}

/* The service has closed it before, for everybody who is not confirmed. */
static void leave_closed(void *arg, struct in_addr ip)
{
	(void)arg, (void)ip;
}

static void print_event(void *arg, const struct event *event)
{
	char *line = event_json(NULL, event);

	fprintf(((struct worker *)arg)->out, "%s\n", line);
	talloc_free(line);
}

static void print_expired(void *arg, const struct fragment *truth,
			  const struct share *share)
{
	print_event(arg, &(struct event){ .kind = EVENT_SHARE_EXPIRED,
					  .vm = truth->vm,
					  .uuid = truth->uuid,
					  .share = share->name,
					  .tenure = tenure_text(truth->tenure) });
}

/* In how many ms from now on, since the work may have waited for smbd. */
static void print_next_end(const struct worker *worker)
{
	const struct term_now now = term_now();

	fprintf(worker->out, "next %lld\n",
		(long long)expiry_next_ms(worker->inventory, &now));
}

static bool is_changed(const struct plan *plan, struct in_addr ip)
{
	for (size_t i = 0; i < plan->change_count; i++)
		if (plan->changes[i].ip.s_addr == ip.s_addr)
			return true;
	return false;
}

/* Where all is as it shall be already; and where what is served is not his who is there. */
static void open_unchanged(struct worker *worker, const struct plan *plan)
{
	const struct guests *guests = worker->plan.guests;

	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		if (guest->heard && has_foreign(worker, guest->ip))
			print_address(worker, "close", guest->ip);
		else if (guest->heard && !guest->contested &&
			 !is_changed(plan, guest->ip))
			print_address(worker, "open", guest->ip);
	}
}

/* What the original tool left is taken over by a person's command alone: the policy asks for
 * the disks of VMs, which are not followed. */
static void leave_originals(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->rendering_count; i++)
		if (!inventory->renderings[i].fragment->uuid)
			inventory->renderings[i].refused =
				"is taken over by 'hubshare sync', when somebody says so";
}

static struct fault *change_everything(struct worker *worker, struct store *store)
{
	const struct door door = { leave_closed, open_address, worker };
	struct samba *samba = samba_new(store, worker->plan.settings);
	struct fault *fault;

	leave_originals(worker->inventory);
	fault = apply_expiry(store, worker->inventory, worker->plan.guests->domains,
			     print_expired, worker);
	fault = fault_first(fault, apply_names(store, worker->inventory,
					       worker->plan.guests->domains));
	struct plan *plan = plan_of(store, worker->inventory, worker->plan.guests, NULL,
				    PLAN_EDITS_REFUSE);
	open_unchanged(worker, plan);
	fault = fault_first(fault, apply(store, samba, &door, plan));
	served_compare(worker->plan.served, served_of(store, worker->inventory, plan),
		       print_event, worker);
	print_next_end(worker);
	return fault;
}

static struct fault *do_work(void *arg, FILE *out)
{
	struct worker *worker = arg;
	struct store *store;
	struct fault *fault;

	worker->out = out;
	if ((fault = store_open(NULL, worker->plan.settings, STORE_WRITE, &store)))
		return fault;
	if (!(fault = store_inventory(store, store, &worker->inventory)))
		fault = change_everything(worker, store);
	talloc_free(store); /* which lets others have it */
	return fault;
}

static void on_work_line(void *arg, const char *line)
{
	struct worker *worker = arg;
	struct event *event;
	struct in_addr ip;
	struct fault *fault;

	if (strncmp(line, "open ", 5) == 0 && ip_parse(line + 5, &ip)) {
		worker->plan.open(worker->plan.arg, ip);
		return;
	}
	if (strncmp(line, "close ", 6) == 0 && ip_parse(line + 6, &ip)) {
		worker->plan.close(worker->plan.arg, ip);
		return;
	}
	if (strncmp(line, "next ", 5) == 0) {
		worker->next_ms = strtoll(line + 5, NULL, 10);
		return;
	}
	fault = event_parse(worker, line, &event);
	if (!fault) {
		worker->plan.event(worker->plan.arg, event);
		talloc_free(event);
	}
	talloc_free(fault);
}

static void on_work_end(void *arg, struct fault *fault)
{
	struct worker *worker = arg;

	worker->plan.done(worker->plan.arg, fault, worker->next_ms);
}

struct fault *worker_start(const void *ctx, struct loop *loop,
			   const struct worker_plan *plan, struct worker **ret)
{
	struct worker *worker = mem_new(ctx, struct worker);
	const struct helper_plan helper = { "hubshare-work", do_work, on_work_line,
					    on_work_end,     worker,  0 };
	struct fault *fault;

	*worker = (struct worker){ .plan = *plan, .next_ms = -1 };
	if ((fault = helper_start(worker, loop, &helper, &worker->helper)))
		talloc_free(worker);
	else
		*ret = worker;
	return fault;
}

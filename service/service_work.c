/* SPDX-License-Identifier: ISC */
/* The service's work: when a worker is needed, and what it tells. */

#include <string.h>

#include "common/memory.h"
#include "common/process.h"
#include "service/journal.h"
#include "service/service_parts.h"

enum { WORK_MAX_MS = 120000 };

/* All that what is served depends on, as text: whether it has changed is seen by it. */
static char *judgement(const void *ctx, const struct service *service)
{
	const struct guests *guests = service->guests;
	char *text = mem_strdup(ctx, service->shut ? "shut\n" : "");

	if (!guests)
		return text;
	for (size_t i = 0; i < guests->domains->count; i++) {
		const struct domain *domain = guests->domains->list[i];

		text = mem_append(ctx, text, "%s %d %d %s\n", domain->uuid,
				  domain->running, domain->id, domain->name);
	}
	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		text = mem_append(ctx, text, "%s %s %s %d\n", IP_TEXT(guest->ip),
				  MAC_TEXT(guest->mac),
				  guest->domain ? guest->domain->uuid : "",
				  guest->contested);
	}
	return text;
}

/* All VMs that are known without a NIC: what is left when nothing may be open.  None of them was
 * shut off, so that no share ends which lasts until then. */
static struct guests *nobody_there(const void *ctx, const struct service *service)
{
	const struct domains none = { 0 };
	const struct domains *domains =
		service->guests ? service->guests->domains : &none;
	struct domains *off = mem_new(ctx, struct domains);

	off->list = mem_array(off, struct domain *, domains->count);
	off->count = domains->count;
	for (size_t i = 0; i < domains->count; i++) {
		off->list[i] = mem_new(off, struct domain);
		off->list[i]->uuid = mem_strdup(off, domains->list[i]->uuid);
		off->list[i]->name = mem_strdup(off, domains->list[i]->name);
		off->list[i]->running = domains->list[i]->running;
		off->list[i]->id = domains->list[i]->id;
	}
	struct guests *nobody =
		guests_join(ctx, off,
			    &(struct evidence){ .bridge = service->settings->bridge });

	talloc_steal(nobody, off);
	return nobody;
}

static bool was_vouched(const struct service *service, const struct guest *guest)
{
	const char *uuid = guest->domain ? guest->domain->uuid : "";

	for (size_t i = 0; i < service->vouched_count; i++)
		if (service->vouched[i].ip.s_addr == guest->ip.s_addr &&
		    strcmp(service->vouched[i].uuid, uuid) == 0)
			return true;
	return false;
}

/* Whoever is confirmed there now may come in if it is he whom the worker knew. */
static void on_open(void *arg, struct in_addr ip)
{
	struct service *service = arg;
	struct guests *guests = service_guests(service);
	const struct guest *guest = guests ? guest_at(guests, ip) : NULL;

	if (guest && was_vouched(service, guest))
		service_gate_open(service, ip);
}

static void on_close(void *arg, struct in_addr ip)
{
	service_gate_shut(arg, ip);
}

static bool is_in_doubt(struct service *service, struct in_addr ip)
{
	struct guests *guests = service_guests(service);
	const struct guest *guest = guests ? guest_at(guests, ip) : NULL;

	return guest && guest->contested;
}

/* What was closed because somebody was in doubt was suspended, and what is open again was
 * resumed. */
static enum event_kind kind_of(struct service *service, const struct event *event)
{
	const struct event closed = { .kind = EVENT_SHARE_CLOSED,
				      .tenure = event->tenure,
				      .vm = event->vm,
				      .uuid = event->uuid,
				      .ip = event->ip,
				      .share = event->share };
	struct event opened = closed;
	size_t before = service->suspended->count;

	opened.kind = EVENT_SHARE_OPENED;
	if (event->kind == EVENT_SHARE_OPENED) {
		served_take(service->suspended, &closed);
		return service->suspended->count < before ? EVENT_SHARE_RESUMED :
							    event->kind;
	}
	if (event->kind == EVENT_SHARE_CLOSED && is_in_doubt(service, event->ip)) {
		served_take(service->suspended, &opened);
		return EVENT_SHARE_SUSPENDED;
	}
	return event->kind;
}

/* What is served when it begins is no news; what ended while no service ran is. */
static void on_work_event(void *arg, const struct event *event)
{
	struct service *service = arg;
	struct event told = *event;

	served_take(service->served, event);
	told.kind = kind_of(service, event);
	if (service->ready || event->kind == EVENT_SHARE_EXPIRED)
		service_event(service, &told);
}

static void on_work_timer(void *arg)
{
	struct service *service = arg;

	talloc_free(service->judged);
	service->judged = NULL;
	service_look(service);
}

static void look_again_in(struct service *service, struct source **timer, int64_t ms)
{
	talloc_free(*timer);
	*timer = ms < 0 ? NULL :
			  loop_timer_boot(service, service->loop, clock_boot_ms() + ms,
					  on_work_timer, service);
}

/* What ends by the date does so sooner or later than that where somebody sets the clock. */
static void watch_end(struct service *service, int64_t next_ms)
{
	look_again_in(service, &service->end_timer, next_ms);
	talloc_free(service->date_timer);
	service->date_timer = next_ms < 0 ? NULL :
					    loop_timer_date(service, service->loop,
							    term_now().date_ms + next_ms,
							    on_work_timer, service);
}

/* What could not be done is told once, and tried again. */
static void have_trouble(struct service *service, const struct fault *fault)
{
	if (!service->trouble || strcmp(service->trouble, fault->text) != 0)
		service_tell(service, EVENT_DEGRADED, fault->text);
	talloc_free((void *)service->trouble);
	service->trouble = mem_strdup(service, fault->text);
	look_again_in(service, &service->work_timer, service->work_pause_ms);
	service->work_pause_ms = service_longer(service->work_pause_ms);
}

/* Once everything was looked at for the first time, as far as it can be. */
void service_be_ready(struct service *service)
{
	if (!service->ready)
		notify_ready();
	service->ready = true;
}

static void on_work_done(void *arg, struct fault *fault, int64_t next_ms)
{
	struct service *service = arg;

	service_be_ready(service);
	TALLOC_FREE(service->work_limit);
	talloc_free(service->worker);
	service->worker = NULL;
	if (fault) {
		have_trouble(service, fault);
	} else {
		talloc_free((void *)service->trouble);
		service->trouble = NULL;
		service->work_pause_ms = SERVICE_WORK_PAUSE_MS;
		look_again_in(service, &service->work_timer, -1);
	}
	if (!fault || next_ms >= 0)
		watch_end(service, next_ms);
	talloc_free(fault);
	if (service->again)
		service_look(service);
	service->again = false;
}

/* It hangs, in a file system maybe: what it has begun the next one ends. */
static void on_work_limit(void *arg)
{
	on_work_done(arg,
		     fault_new(FAULT_TIMEOUT,
			       "What is served was not made true within %d s",
			       WORK_MAX_MS / 1000),
		     -1);
}

static void vouch(struct service *service, const struct guests *guests)
{
	talloc_free(service->vouched);
	service->vouched = mem_array(service, struct vouched, guests->count);
	service->vouched_count = 0;
	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		if (guest->heard && !guest->contested)
			service->vouched[service->vouched_count++] = (struct vouched){
				guest->ip, guest->domain ?
						   mem_strdup(service->vouched,
							      guest->domain->uuid) :
						   ""
			};
	}
}

static void start_work(struct service *service)
{
	struct guests *guests =
		service->shut ? nobody_there(service, service) : service->guests;
	const struct worker_plan plan = {
		.settings = service->settings,
		.guests = guests,
		.served = service->served,
		.open = on_open,
		.close = on_close,
		.event = on_work_event,
		.done = on_work_done,
		.arg = service,
	};
	struct fault *fault;

	vouch(service, guests);
	service->work_shut = service->shut;
	if ((fault = worker_start(service, service->loop, &plan, &service->worker)))
		have_trouble(service, fault);
	else
		service->work_limit =
			loop_timer(service, service->loop, clock_ms() + WORK_MAX_MS,
				   on_work_limit, service);
	talloc_free(fault);
	if (guests != service->guests)
		talloc_free(guests); /* the worker has its own copy */
}

void service_work(struct service *service)
{
	char *judged = judgement(service, service);
	bool same = service->judged && strcmp(service->judged, judged) == 0;

	/* What must not be open any more waits for no work that might open it. */
	if (service->shut && service->worker && !service->work_shut) {
		TALLOC_FREE(service->worker);
		TALLOC_FREE(service->work_limit);
	}
	if (same || service->worker) {
		service->again |= !same;
		talloc_free(judged);
		return;
	}
	talloc_free(service->judged);
	service->judged = judged;
	start_work(service);
}

/* SPDX-License-Identifier: ISC */
#include "service/service.h"

#include <signal.h>
#include <string.h>

#include "common/memory.h"
#include "common/process.h"
#include "confgen/store.h"
#include "hub/lease.h"
#include "scanner/interface.h"
#include "service/feed.h"
#include "service/file_watch.h"
#include "service/journal.h"
#include "service/service_parts.h"

enum {
	GATHER_MS = 2,	   /* what belongs together comes together */
	REST_FACTOR = 4,   /* of the time that a look takes, so that a flood is not all there is */
	SCAN_PAUSE_MS = 250,
	WORK_PAUSE_MS = 1000,
	PAUSE_LAST_MS = 30000,
};

static int longer(int pause_ms)
{
	return pause_ms * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : pause_ms * 2;
}

static void tell_event(void *arg, const struct event *event)
{
	event_tell(((struct service *)arg)->events, event);
}

void service_tell(struct service *service, enum event_kind kind, const char *text)
{
	tell_event(service, &(struct event){ .kind = kind, .text = text });
}

/* --- who is where --- */

struct guests *service_guests(struct service *service)
{
	const struct domains *domains = follower_domains(service->follower);
	const struct evidence evidence = {
		.bridge = service->settings->bridge,
		.claims = service->claims->list,
		.claim_count = service->claims->count,
		.leases = service->leases,
		.host = service->host,
		.gate = service_gated(service) && !service->shut,
	};

	if (!service->guests && domains)
		service->guests = guests_join(service, domains, &evidence);
	return service->guests;
}

/* All that what is served depends on, as text: whether it has changed is seen by it. */
static char *judgement(const void *ctx, const struct service *service)
{
	const struct guests *guests = service->guests;
	char *text = mem_strdup(ctx, service->shut ? "shut\n" : "");

	for (size_t i = 0; i < guests->domains->count; i++) {
		const struct domain *domain = guests->domains->list[i];

		text = mem_append(ctx, text, "%s %d %d %s\n", domain->uuid, domain->running,
				  domain->id, domain->name);
	}
	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		text = mem_append(ctx, text, "%s %s %s %d\n", IP_TEXT(guest->ip),
				  MAC_TEXT(guest->mac),
				  guest->domain ? guest->domain->uuid : "", guest->contested);
	}
	return text;
}

/* All VMs without a NIC: what is left when nothing may be open.  None of them was shut off, so
 * that no share ends which lasts until then. */
static struct guests *nobody_there(const void *ctx, const struct service *service)
{
	const struct domains *domains = service->guests->domains;
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
	return guests_join(ctx, off, &(struct evidence){ .bridge = service->settings->bridge });
}

/* --- the worker --- */

static void start_work(struct service *service);

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
	const struct event closed = { .kind = EVENT_SHARE_CLOSED, .tenure = event->tenure,
				      .vm = event->vm, .uuid = event->uuid, .ip = event->ip,
				      .share = event->share };
	struct event opened = closed;
	size_t before = service->suspended->count;

	opened.kind = EVENT_SHARE_OPENED;
	if (event->kind == EVENT_SHARE_OPENED) {
		served_take(service->suspended, &closed);
		return service->suspended->count < before ? EVENT_SHARE_RESUMED : event->kind;
	}
	if (event->kind == EVENT_SHARE_CLOSED && is_in_doubt(service, event->ip)) {
		served_take(service->suspended, &opened);
		return EVENT_SHARE_SUSPENDED;
	}
	return event->kind;
}

/* What is served when it begins is no news. */
static void on_work_event(void *arg, const struct event *event)
{
	struct service *service = arg;
	struct event told = *event;

	served_take(service->served, event);
	told.kind = kind_of(service, event);
	if (service->ready)
		tell_event(service, &told);
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
	service->work_pause_ms = longer(service->work_pause_ms);
}

/* Once everything was looked at for the first time, as far as it can be. */
static void be_ready(struct service *service)
{
	if (!service->ready)
		notify_ready();
	service->ready = true;
}

static void on_work_done(void *arg, struct fault *fault, int64_t next_ms)
{
	struct service *service = arg;

	be_ready(service);

	talloc_free(service->worker);
	service->worker = NULL;
	if (fault) {
		have_trouble(service, fault);
	} else {
		talloc_free((void *)service->trouble);
		service->trouble = NULL;
		service->work_pause_ms = WORK_PAUSE_MS;
		look_again_in(service, &service->work_timer, -1);
	}
	if (!fault || next_ms >= 0)
		watch_end(service, next_ms);
	talloc_free(fault);
	if (service->again)
		service_look(service);
	service->again = false;
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
				guest->ip, guest->domain ? mem_strdup(service->vouched,
								      guest->domain->uuid) :
							   ""
			};
	}
}

static void start_work(struct service *service)
{
	struct guests *guests = service->shut ? nobody_there(service, service) :
						service->guests;
	const struct worker_plan plan = {
		.settings = service->settings,
		.guests = guests,
		.served = service->served,
		.open = on_open,
		.event = on_work_event,
		.done = on_work_done,
		.arg = service,
	};
	struct fault *fault;

	vouch(service, guests);
	if ((fault = worker_start(service, service->loop, &plan, &service->worker)))
		have_trouble(service, fault);
	talloc_free(fault);
	if (guests != service->guests)
		talloc_free(guests); /* the worker has its own copy */
}

/* --- a look at everything --- */

/* Has the worker something to do? */
static void judge_work(struct service *service)
{
	char *judged = judgement(service, service);
	bool same = service->judged && strcmp(service->judged, judged) == 0;

	if (same || service->worker) {
		service->again |= !same;
		talloc_free(judged);
		return;
	}
	talloc_free(service->judged);
	service->judged = judged;
	start_work(service);
}

static void on_judging(void *arg)
{
	struct service *service = arg;
	int64_t began_ms = clock_ms();

	talloc_free(service->judging);
	service->judging = NULL;
	if (!service_guests(service))
		return;
	service_gate_close(service);
	diary_look(service->diary, service_guests(service), tell_event, service);
	judge_work(service);
	service->rest_until_ms = clock_ms() + REST_FACTOR * (clock_ms() - began_ms);
}

void service_look(struct service *service)
{
	int64_t at_ms = clock_ms() + GATHER_MS;

	talloc_free(service->guests);
	service->guests = NULL;
	if (!service->judging)
		service->judging = loop_timer(
			service, service->loop,
			at_ms > service->rest_until_ms ? at_ms : service->rest_until_ms,
			on_judging, service);
}

/* --- what it hears --- */

static void on_domains(void *arg)
{
	service_look(arg);
}

/* It serves without libvirt, too: what was confirmed stays so, and the rest closed. */
static void on_libvirt(void *arg, const char *why)
{
	service_tell(arg, why ? EVENT_LIBVIRT_LOST : EVENT_LIBVIRT_BACK, why);
	if (why)
		be_ready(arg);
}

static bool has_lease(const struct leases *leases, const struct lease *lease)
{
	for (size_t i = 0; i < leases->count; i++)
		if (leases->list[i].ip.s_addr == lease->ip.s_addr &&
		    mac_equal(leases->list[i].mac, lease->mac))
			return true;
	return false;
}

/* Who has given an address back, or has another one by now, has to claim it anew. */
static void on_leases(void *arg)
{
	struct service *service = arg;
	struct leases *before = service->leases;

	service->leases = lease_load(service, service->settings);
	for (size_t i = 0; before && i < before->count; i++)
		if (!has_lease(service->leases, &before->list[i]))
			claims_take(service->claims,
				    &(struct neighbour){ .ip = before->list[i].ip,
							 .mac = before->list[i].mac,
							 .event = NEIGHBOUR_GONE });
	talloc_free(before);
	service_look(service);
}

/* The store may say otherwise now, whoever has changed it. */
static void on_store(void *arg)
{
	struct service *service = arg;

	talloc_free(service->judged);
	service->judged = NULL;
	service->again |= service->worker != NULL;
	service_look(service);
}

static void start_scan(void *arg);

static void stop_scan(struct service *service, const char *why)
{
	talloc_free(service->scan_source);
	talloc_free(service->scan);
	service->scan = NULL;
	if (service->scan_pause_ms == SCAN_PAUSE_MS)
		service_tell(service, EVENT_DEGRADED, why);
	service->scan_source = loop_timer(service, service->loop,
					  clock_ms() + service->scan_pause_ms, start_scan,
					  service);
	service->scan_pause_ms = longer(service->scan_pause_ms);
}

static void on_scan(void *arg)
{
	struct service *service = arg;
	bool got = true, more = true, changed = false;
	struct neighbour line;
	struct fault *fault = NULL;

	while (!(fault = scan_ready(service->scan, &line, &got, &more)) && more && got) {
		service->scan_pause_ms = SCAN_PAUSE_MS;
		changed |= claims_take(service->claims, &line);
	}
	if (changed)
		service_look(service);
	if (fault || !more)
		stop_scan(service, fault ? fault->text : "The scanner has ended");
	talloc_free(fault);
}

static void see_host(struct service *service)
{
	struct interface *bridge;
	struct fault *fault = interface_find(NULL, service->settings->bridge, &bridge);
	struct in_addr host = { 0 };

	if (!fault) {
		if (bridge->count)
			host = bridge->address[0].ip;
		talloc_free(bridge);
	}
	talloc_free(fault);
	service->stale |= host.s_addr != service->host.s_addr; /* the gate's rules name it */
	service->host = host;
}

static void start_scan(void *arg)
{
	struct service *service = arg;
	struct fault *fault = scan_start(service, service->settings, SCAN_WATCH, NULL, 0,
					 &service->scan);

	talloc_free(service->scan_source);
	service->scan_source = NULL;
	if (fault)
		stop_scan(service, fault->text);
	else
		service->scan_source = loop_read(service, service->loop,
						 scan_descriptor(service->scan), on_scan,
						 service);
	talloc_free(fault);
}

static bool has_port(const void *arg, const char *port)
{
	return ports_have(arg, port);
}

static void see_ports(struct service *service)
{
	struct ports ports = { 0 };
	struct fault *fault = netlink_ports(service, service->settings->bridge, &ports.names,
					    &ports.count);

	if (!fault) {
		talloc_free(service->ports.names);
		service->ports = ports;
		claims_keep(service->claims, has_port, &service->ports);
	}
	talloc_free(fault);
	see_host(service);
	service_look(service);
}

static void on_notices(void *arg)
{
	struct service *service = arg;
	unsigned kinds = notices_read(service->notices);

	if (kinds & NOTICE_PORTS)
		see_ports(service);
	if (kinds & NOTICE_RULES)
		service_gate_mend(service);
}

static void on_watchdog(void *arg)
{
	struct service *service = arg;

	notify_watchdog();
	talloc_free(service->watchdog);
	service->watchdog = loop_timer(service, service->loop,
				       clock_ms() + notify_interval_ms(), on_watchdog, service);
}

static void on_signal(void *arg)
{
	loop_stop(((struct service *)arg)->loop);
}

/* The files of leases and of the store that there are. */
static void watch_files(struct service *service)
{
	const struct settings *settings = service->settings;
	char **paths = lease_paths(service, settings);

	for (size_t i = 0; paths[i]; i++) {
		char *name = strrchr(paths[i], '/');

		*name++ = '\0';
		file_watch(service, service->loop, *paths[i] ? paths[i] : "/", name, on_leases,
			   service);
	}
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
		file_watch(service, service->loop,
			   store_directory(service, settings, (enum tenure)tenure), NULL,
			   on_store, service);
}

static struct fault *service_start(struct service *service)
{
	const struct follower_plan follower = { on_domains, on_libvirt, service };
	struct fault *fault = notices_open(service, service->settings->bridge,
					   &service->notices);

	if (fault)
		return fault;
	loop_read(service, service->loop, notices_descriptor(service->notices), on_notices,
		  service);
	loop_signal(service, service->loop, SIGTERM, on_signal, service);
	loop_signal(service, service->loop, SIGINT, on_signal, service);
	service_gate_start(service);
	service->follower = follower_start(service, service->loop, service->settings,
					   &follower);
	see_ports(service);
	watch_files(service);
	on_leases(service);
	start_scan(service);
	if (notify_interval_ms())
		on_watchdog(service);
	return NULL;
}

struct fault *service_run(const struct settings *settings, void (*say)(const char *line))
{
	struct service *service = mem_new(NULL, struct service);
	struct fault *fault;

	service->settings = settings;
	service->scan_pause_ms = SCAN_PAUSE_MS;
	service->work_pause_ms = WORK_PAUSE_MS;
	service->served = mem_new(service, struct served);
	service->suspended = mem_new(service, struct served);
	service->claims = mem_new(service, struct claims);
	service->diary = diary_new(service);
	if ((fault = loop_new(service, &service->loop)) ||
	    (fault = feed_new(service, service->loop, settings, &service->feed))) {
		talloc_free(service);
		return fault;
	}
	service->events = events_new(service, settings, service->feed, say);
	service_sessions_start(service);
	if (!(fault = service_start(service)))
		fault = loop_run(service->loop);
	notify_stopping();
	talloc_free(service);
	return fault;
}

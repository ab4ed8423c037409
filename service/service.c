/* SPDX-License-Identifier: ISC */
#include "service/service.h"

#include <signal.h>
#include <string.h>

#include "common/memory.h"
#include "common/process.h"
#include "confgen/store.h"
#include "hub/lease.h"
#include "scanner/interface.h"
#include "service/control.h"
#include "service/feed.h"
#include "service/file_watch.h"
#include "service/journal.h"
#include "service/service_parts.h"

enum {
	GATHER_MS = 2, /* what belongs together comes together */
	REST_FACTOR =
		4, /* of the time that a look takes, so that a flood is not all there is */
	SCAN_PAUSE_MS = 250,
	SCAN_SETTLE_MS = 10000, /* then a new scanner has heard whoever is there */
	PAUSE_LAST_MS = 30000,
	CALL_MAX_MS = 120000,
};

int service_longer(int pause_ms)
{
	return pause_ms * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : pause_ms * 2;
}

void service_event(void *arg, const struct event *event)
{
	event_tell(((struct service *)arg)->events, event);
}

void service_tell(struct service *service, enum event_kind kind, const char *text)
{
	service_event(service, &(struct event){ .kind = kind, .text = text });
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

/* --- a look at everything --- */

static void on_judging(void *arg)
{
	struct service *service = arg;
	int64_t began_ms = clock_ms();

	talloc_free(service->judging);
	service->judging = NULL;
	service_gate_close(service);
	if (!service_guests(service)) {
		if (service->shut)
			service_work(service);
		return;
	}
	diary_look(service->diary, service_guests(service), clock_ms(), service_event,
		   service);
	service_work(service);
	service->rest_until_ms = clock_ms() + REST_FACTOR * (clock_ms() - began_ms);
}

void service_look(struct service *service)
{
	int64_t at_ms = clock_ms() + GATHER_MS;

	talloc_free(service->guests);
	service->guests = NULL;
	if (!service->judging)
		service->judging = loop_timer(service, service->loop,
					      at_ms > service->rest_until_ms ?
						      at_ms :
						      service->rest_until_ms,
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
		service_be_ready(arg);
}

static void forget_leases(struct service *service, const struct leases *before)
{
	for (size_t i = 0; i < before->count; i++)
		if (!leases_have(service->leases, &before->list[i]))
			claims_take(service->claims,
				    &(struct neighbour){ .ip = before->list[i].ip,
							 .mac = before->list[i].mac,
							 .event = NEIGHBOUR_GONE });
}

/* Who has given an address back, or has another one by now, has to claim it anew. */
static void on_leases(void *arg)
{
	struct service *service = arg;
	struct leases *before = service->leases;
	int64_t again_ms = -1;

	service->leases = lease_load(service, service->settings);
	if (before) {
		again_ms = leases_carry(service->leases, before, clock_ms());
		forget_leases(service, before);
	}
	TALLOC_FREE(service->lease_timer);
	if (again_ms >= 0)
		service->lease_timer =
			loop_timer(service, service->loop, clock_ms() + again_ms,
				   on_leases, service);
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
	TALLOC_FREE(service->scan_settle);
	talloc_free(service->scan);
	service->scan = NULL;
	if (service->scan_pause_ms == SCAN_PAUSE_MS)
		service_tell(service, EVENT_DEGRADED, why);
	service->scan_source =
		loop_timer(service, service->loop, clock_ms() + service->scan_pause_ms,
			   start_scan, service);
	service->scan_pause_ms = service_longer(service->scan_pause_ms);
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
	service->stale |=
		host.s_addr != service->host.s_addr; /* the gate's rules name it */
	service->host = host;
}

/* What was given up while nobody listened is not told of by anybody. */
static void on_scan_settled(void *arg)
{
	struct service *service = arg;

	if (claims_settle(service->claims))
		service_look(service);
}

static void listen_to_scan(struct service *service)
{
	claims_begin(service->claims);
	service->scan_source =
		loop_read(service, service->loop, scan_descriptor(service->scan), on_scan,
			  service);
	service->scan_settle =
		loop_timer(service, service->loop, clock_ms() + SCAN_SETTLE_MS,
			   on_scan_settled, service);
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
		listen_to_scan(service);
	talloc_free(fault);
}

static void scan_anew(struct service *service)
{
	TALLOC_FREE(service->scan_source);
	TALLOC_FREE(service->scan_settle);
	TALLOC_FREE(service->scan);
	start_scan(service);
}

static bool has_port(const void *arg, const char *port)
{
	return ports_have(arg, port);
}

static void see_ports(struct service *service)
{
	struct ports ports = { 0 };
	struct fault *fault = netlink_ports(service, service->settings->bridge,
					    &ports.names, &ports.count);

	if (!fault) {
		talloc_free(service->ports.names);
		service->ports = ports;
		claims_keep(service->claims, has_port, &service->ports);
		if (service->scan &&
		    claims_missed(service->claims, has_port, &service->ports))
			scan_anew(service);
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
	if (kinds & NOTICE_NEIGHBOURS && service->standing)
		admission_pin(service->settings, service->standing, service->standing);
}

static void on_watchdog(void *arg)
{
	struct service *service = arg;

	notify_watchdog();
	talloc_free(service->watchdog);
	service->watchdog =
		loop_timer(service, service->loop, clock_ms() + notify_interval_ms(),
			   on_watchdog, service);
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
		file_watch(service, service->loop, *paths[i] ? paths[i] : "/", name,
			   on_leases, service);
	}
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
		file_watch(service, service->loop,
			   store_directory(service, settings, (enum tenure)tenure), NULL,
			   on_store, service);
}

static struct fault *service_start(struct service *service)
{
	const struct follower_plan follower = { on_domains, on_libvirt, service };
	struct fault *fault =
		notices_open(service, service->settings->bridge, &service->notices);

	if (fault)
		return fault;
	loop_read(service, service->loop, notices_descriptor(service->notices),
		  on_notices, service);
	loop_signal(service, service->loop, SIGTERM, on_signal, service);
	loop_signal(service, service->loop, SIGINT, on_signal, service);
	service_gate_start(service);
	service->follower =
		follower_start(service, service->loop, service->settings, &follower);
	see_ports(service);
	watch_files(service);
	on_leases(service);
	start_scan(service);
	if (notify_interval_ms())
		on_watchdog(service);
	return NULL;
}

struct fault *service_run(const struct settings *settings, void (*say)(const char *line),
			  struct fault *(*serve)(void *arg, const struct call *call),
			  void *arg)
{
	struct service *service = mem_new(NULL, struct service);
	const struct control_plan control = { settings,	     serve,   arg,
					      service_event, service, CALL_MAX_MS };
	struct fault *fault;

	service->settings = settings;
	service->scan_pause_ms = SCAN_PAUSE_MS;
	service->work_pause_ms = SERVICE_WORK_PAUSE_MS;
	service->served = mem_new(service, struct served);
	service->suspended = mem_new(service, struct served);
	service->claims = mem_new(service, struct claims);
	service->diary = diary_new(service);
	if ((fault = loop_new(service, &service->loop)) ||
	    (fault = feed_new(service, service->loop, settings, &service->feed)) ||
	    (fault = control_new(service, service->loop, &control, &service->control))) {
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

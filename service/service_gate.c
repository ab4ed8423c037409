/* SPDX-License-Identifier: ISC */
#include "service/service_parts.h"

#include <string.h>

#include "common/memory.h"
#include "common/process.h"

enum { RETRY_MS = 1000 };

bool service_gated(const struct service *service)
{
	return strcmp(service->settings->gate, "off") != 0;
}

static void on_gate_timer(void *arg)
{
	service_look(arg);
}

/* Without the gate nothing may be open; it is tried again. */
static void have_no_gate(struct service *service, const struct fault *fault)
{
	if (!service->shut) {
		service_tell(service, EVENT_GATE_CLOSED, fault->text);
		service_look(service);
	}
	service->shut = true;
	talloc_free(service->standing);
	service->standing = NULL;
	talloc_free(service->gate_timer);
	service->gate_timer = loop_timer(service, service->loop, clock_ms() + RETRY_MS,
					 on_gate_timer, service);
}

static void stand(struct service *service, struct gate_plan *plan)
{
	admission_pin(service->settings, service->standing, plan);
	talloc_free(service->standing);
	service->standing = talloc_steal(service, plan);
	service->stale = false;
	if (service->shut)
		service_tell(service, EVENT_GATE_MENDED, "it stands again");
	service->shut = false;
}

/* Makes the gate hold PLAN, which is consumed. */
static void hold(struct service *service, struct gate_plan *plan)
{
	struct fault *fault = NULL;
	bool whole = !service->standing || service->stale;

	if (!whole && (fault = gate_change(service->standing, plan))) {
		talloc_free(fault);
		whole = true;
	}
	fault = whole ? gate_raise(service->settings, service->host, plan) : NULL;
	if (fault) {
		have_no_gate(service, fault);
		talloc_free(plan);
	} else {
		stand(service, plan);
	}
	talloc_free(fault);
}

void service_gate_start(struct service *service)
{
	static const struct gate_plan nobody;
	const struct gate_plan *left = &nobody;
	struct fault *fault;

	service->stale = true;
	if (service_gated(service))
		fault = gate_read(service, &service->standing);
	else
		fault = gate_lower();
	talloc_free(fault); /* raising it will tell */
	left = service->standing ? service->standing : left;
	admission_pin(service->settings, left, left);
}

void service_gate_close(struct service *service)
{
	static const struct gate_plan nobody;
	const struct gate_plan *standing =
		service->standing ? service->standing : &nobody;
	struct guests *guests = service_guests(service);

	if (!service_gated(service))
		return;
	if (!guests) { /* what was left standing stays; nothing is no gate */
		if (!service->standing)
			hold(service, admission_nobody(service, &service->ports));
		return;
	}
	struct gate_plan *plan = admission_keep(service, service->settings, standing,
						guests, &service->ports);
	if (service->standing && !service->stale && admission_same(standing, plan))
		talloc_free(plan);
	else
		hold(service, plan);
}

void service_gate_open(struct service *service, struct in_addr ip)
{
	struct guests *guests = service_guests(service);

	if (!service->standing || !guests)
		return;
	struct gate_plan *plan =
		admission_keep(service, service->settings, service->standing, guests,
			       &service->ports);
	if (admission_open(plan, service->settings, guests, &service->ports, ip) &&
	    !admission_same(service->standing, plan))
		hold(service, plan);
	else
		talloc_free(plan);
}

void service_gate_shut(struct service *service, struct in_addr ip)
{
	struct guests *guests = service_guests(service);

	if (!service->standing || !guests)
		return;
	struct gate_plan *plan =
		admission_keep(service, service->settings, service->standing, guests,
			       &service->ports);
	admission_close(plan, ip);
	if (admission_same(service->standing, plan))
		talloc_free(plan);
	else
		hold(service, plan);
}

/* Takes over whom somebody's command has let in; whether they may stay is judged anew. */
static void take_over(struct service *service, const struct gate_plan *found)
{
	for (size_t i = 0; i < found->binding_count; i++)
		if (!admission_holds(service->standing, &found->bindings[i])) {
			*mem_grow(service->standing, service->standing->bindings,
				  struct gate_binding, service->standing->binding_count) =
				found->bindings[i];
			service->standing->binding_count++;
		}
}

void service_gate_mend(struct service *service)
{
	struct gate_plan *found = NULL;
	struct fault *fault;

	if (!service_gated(service) || !service->standing)
		return;
	fault = gate_read(NULL, &found);
	if (!fault && found && admission_same(service->standing, found)) {
		talloc_free(found);
		return;
	}
	talloc_free(fault);
	if (found)
		take_over(service, found);
	struct gate_plan *plan = talloc_steal(NULL, service->standing);
	service->standing = NULL; /* whatever stands is replaced whole */
	hold(service, plan);
	if (!found && !service->shut)
		service_tell(service, EVENT_GATE_MENDED, "somebody had taken it away");
	talloc_free(found);
	service_look(service);
}

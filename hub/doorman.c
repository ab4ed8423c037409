/* SPDX-License-Identifier: ISC */
#include "hub/doorman.h"

#include <string.h>

#include "common/memory.h"
#include "hub/netlink.h"

enum { TRIES = 3 };

struct doorman {
	struct door door;
	const struct settings *settings;
	const struct guests *guests;
	struct ports ports;
	struct gate_plan *standing;
};

/* Makes the gate hold PLAN, which goes over to DOORMAN; as it was where that fails. */
static struct fault *make_stand(struct doorman *doorman, struct gate_plan *plan)
{
	struct fault *fault = admission_same(doorman->standing, plan) ?
				      NULL :
				      gate_change(doorman->standing, plan);

	if (fault) {
		talloc_free(plan);
		return fault;
	}
	admission_pin(doorman->settings, doorman->standing, plan);
	talloc_free(doorman->standing);
	doorman->standing = talloc_steal(doorman, plan);
	return NULL;
}

static struct gate_plan *standing_now(const struct doorman *doorman)
{
	return admission_keep(doorman, doorman->settings, doorman->standing,
			      doorman->guests, &doorman->ports);
}

/* A gate that cannot be changed was changed by the service meanwhile, which knows better. */
static void close_at(void *arg, struct in_addr ip)
{
	struct doorman *doorman = arg;
	struct gate_plan *plan = standing_now(doorman);

	admission_close(plan, ip);
	talloc_free(make_stand(doorman, plan));
}

static void open_at(void *arg, struct in_addr ip)
{
	struct doorman *doorman = arg;
	struct gate_plan *plan = standing_now(doorman);

	admission_open(plan, doorman->settings, doorman->guests, &doorman->ports, ip);
	talloc_free(make_stand(doorman, plan));
}

bool doorman_stands(const struct settings *settings)
{
	struct gate_plan *plan = NULL;

	if (strcmp(settings->gate, "off") == 0)
		return false;
	talloc_free(gate_read(NULL, &plan));
	talloc_free(plan);
	return plan != NULL;
}

/* Reads what stands, and has it as it shall be; others may change it in between. */
static struct fault *take_up(struct doorman *doorman)
{
	struct fault *fault = NULL;

	for (int i = 0; i < TRIES; i++) {
		talloc_free(fault);
		talloc_free(doorman->standing);
		doorman->standing = NULL;
		if ((fault = gate_read(doorman, &doorman->standing)) ||
		    !doorman->standing)
			return fault;
		if (!(fault = make_stand(doorman, standing_now(doorman))))
			return NULL;
	}
	return fault;
}

struct fault *doorman_new(const void *ctx, const struct settings *settings,
			  const struct guests *guests, struct doorman **ret)
{
	struct doorman *doorman = mem_new(ctx, struct doorman);
	struct fault *fault = NULL;

	*doorman = (struct doorman){ .door = { close_at, open_at, doorman },
				     .settings = settings,
				     .guests = guests };
	*ret = NULL;
	if (strcmp(settings->gate, "off") != 0 &&
	    !(fault = netlink_ports(doorman, settings->bridge, &doorman->ports.names,
				    &doorman->ports.count)))
		fault = take_up(doorman);
	if (fault || !doorman->standing)
		talloc_free(doorman);
	else
		*ret = doorman;
	return fault_wrap(fault, "The gate");
}

const struct door *doorman_door(struct doorman *doorman)
{
	return doorman ? &doorman->door : NULL;
}

void doorman_admit(struct doorman *doorman, const struct domain *domain)
{
	for (size_t i = 0; doorman && i < doorman->guests->count; i++)
		if (doorman->guests->list[i].heard &&
		    doorman->guests->list[i].domain == domain)
			open_at(doorman, doorman->guests->list[i].ip);
}

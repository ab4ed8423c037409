/* SPDX-License-Identifier: ISC */
#include "hub/admission.h"

#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "hub/netlink.h"

bool ports_have(const struct ports *ports, const char *name)
{
	for (size_t i = 0; i < ports->count; i++)
		if (strcmp(ports->names[i], name) == 0)
			return true;
	return false;
}

bool admission_station(const struct settings *settings, struct mac mac)
{
	char *copy = mem_strdup(NULL, settings->allow_stations), *rest = copy, *line;
	bool allowed = false;
	struct mac one;

	while ((line = text_line(&rest)))
		allowed |= mac_parse(line, &one) && mac_equal(one, mac);
	talloc_free(copy);
	return allowed;
}

/* How many running domains have that MAC on a bridge? */
static size_t owners_of(const struct domains *domains, struct mac mac)
{
	size_t count = 0;

	for (size_t i = 0; i < domains->count; i++) {
		bool has = false;

		for (size_t n = 0; n < domains->list[i]->nic_count; n++)
			has |= mac_equal(domains->list[i]->nics[n].mac, mac);
		count += has && domains->list[i]->running;
	}
	return count;
}

/* Whose port it is: the running domain's of MAC there, NULL if it is none's. */
static const struct domain *domain_at(const struct guests *guests,
				      const struct ports *ports, const char *port,
				      struct mac mac)
{
	const struct domains *domains = guests->domains;

	for (size_t i = 0; ports_have(ports, port) && i < domains->count; i++)
		for (size_t n = 0; n < domains->list[i]->nic_count; n++) {
			const struct nic *nic = &domains->list[i]->nics[n];

			if (domains->list[i]->running && nic->tap &&
			    strcmp(nic->tap, port) == 0 && mac_equal(nic->mac, mac))
				return domains->list[i];
		}
	return NULL;
}

/* The port by which a guest comes in; "" if that is not known. */
static const char *port_of(const struct guest *guest)
{
	if (*guest->port || !guest->domain)
		return guest->port;
	for (size_t n = 0; n < guest->domain->nic_count; n++)
		if (mac_equal(guest->domain->nics[n].mac, guest->mac) &&
		    guest->domain->nics[n].tap)
			return guest->domain->nics[n].tap;
	return "";
}

bool admission_due(const struct settings *settings, const struct guest *guest,
		   const struct ports *ports)
{
	return guest->heard && !guest->contested && ports_have(ports, port_of(guest)) &&
	       (guest->domain || admission_station(settings, guest->mac));
}

static bool may_stay_in(const struct settings *settings, const struct guests *guests,
			const struct ports *ports, const struct gate_binding *binding)
{
	const struct guest *guest = guest_at(guests, binding->ip);

	if (guest)
		return admission_due(settings, guest, ports) &&
		       mac_equal(guest->mac, binding->mac) &&
		       strcmp(port_of(guest), binding->port) == 0;
	return domain_at(guests, ports, binding->port, binding->mac) &&
	       owners_of(guests->domains, binding->mac) == 1 &&
	       !guest_lost(guests, binding->mac, binding->ip);
}

static void add_tap(struct gate_plan *plan, const char *port, struct mac mac)
{
	for (size_t i = 0; i < plan->tap_count; i++)
		if (strcmp(plan->taps[i].port, port) == 0 &&
		    mac_equal(plan->taps[i].mac, mac))
			return;
	struct gate_tap *tap =
		mem_grow(plan, plan->taps, struct gate_tap, plan->tap_count);
	plan->tap_count++;
	strcpy(tap->port, port);
	tap->mac = mac;
}

static void add_taps(struct gate_plan *plan, const struct settings *settings,
		     const struct guests *guests, const struct ports *ports)
{
	const struct domains *domains = guests->domains;

	for (size_t i = 0; i < domains->count; i++)
		for (size_t n = 0; n < domains->list[i]->nic_count; n++) {
			const struct nic *nic = &domains->list[i]->nics[n];

			if (domains->list[i]->running && nic->tap &&
			    ports_have(ports, nic->tap) &&
			    owners_of(domains, nic->mac) == 1)
				add_tap(plan, nic->tap, nic->mac);
		}
	for (size_t i = 0; i < guests->count; i++)
		if (!guests->list[i].domain &&
		    admission_due(settings, &guests->list[i], ports))
			add_tap(plan, guests->list[i].port, guests->list[i].mac);
}

static void add_binding(struct gate_plan *plan, const struct gate_binding *binding)
{
	*mem_grow(plan, plan->bindings, struct gate_binding, plan->binding_count) =
		*binding;
	plan->binding_count++;
}

struct gate_plan *admission_nobody(const void *ctx, const struct ports *ports)
{
	struct gate_plan *plan = mem_new(ctx, struct gate_plan);

	plan->ports = mem_check(talloc_array_size(plan, IFNAMSIZ, ports->count));
	plan->port_count = ports->count;
	for (size_t i = 0; i < ports->count; i++)
		strcpy(plan->ports[i], ports->names[i]);
	return plan;
}

struct gate_plan *admission_keep(const void *ctx, const struct settings *settings,
				 const struct gate_plan *standing,
				 const struct guests *guests, const struct ports *ports)
{
	struct gate_plan *plan = admission_nobody(ctx, ports);

	add_taps(plan, settings, guests, ports);
	for (size_t i = 0; i < standing->binding_count; i++)
		if (may_stay_in(settings, guests, ports, &standing->bindings[i]))
			add_binding(plan, &standing->bindings[i]);
	return plan;
}

bool admission_open(struct gate_plan *plan, const struct settings *settings,
		    const struct guests *guests, const struct ports *ports,
		    struct in_addr ip)
{
	const struct guest *guest = guest_at(guests, ip);
	struct gate_binding binding = { .ip = ip };

	if (!guest || !admission_due(settings, guest, ports))
		return false;
	binding.mac = guest->mac;
	strcpy(binding.port, port_of(guest));
	for (size_t i = 0; i < plan->binding_count; i++)
		if (plan->bindings[i].ip.s_addr == ip.s_addr)
			return true; /* it stayed, so it is he */
	add_binding(plan, &binding);
	return true;
}

void admission_close(struct gate_plan *plan, struct in_addr ip)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->binding_count; i++)
		if (plan->bindings[i].ip.s_addr != ip.s_addr)
			plan->bindings[kept++] = plan->bindings[i];
	plan->binding_count = kept;
}

bool admission_holds(const struct gate_plan *plan, const struct gate_binding *binding)
{
	for (size_t i = 0; i < plan->binding_count; i++)
		if (plan->bindings[i].ip.s_addr == binding->ip.s_addr &&
		    mac_equal(plan->bindings[i].mac, binding->mac) &&
		    strcmp(plan->bindings[i].port, binding->port) == 0)
			return true;
	return false;
}

static bool holds_tap(const struct gate_plan *plan, const struct gate_tap *tap)
{
	for (size_t i = 0; i < plan->tap_count; i++)
		if (mac_equal(plan->taps[i].mac, tap->mac) &&
		    strcmp(plan->taps[i].port, tap->port) == 0)
			return true;
	return false;
}

bool admission_same(const struct gate_plan *a, const struct gate_plan *b)
{
	const struct ports other = { b->ports, b->port_count };
	bool same = a->port_count == b->port_count && a->tap_count == b->tap_count &&
		    a->binding_count == b->binding_count;

	for (size_t i = 0; same && i < a->port_count; i++)
		same = ports_have(&other, a->ports[i]);
	for (size_t i = 0; same && i < a->tap_count; i++)
		same = holds_tap(b, &a->taps[i]);
	for (size_t i = 0; same && i < a->binding_count; i++)
		same = admission_holds(b, &a->bindings[i]);
	return same;
}

/* Does PLAN bind PIN's address to PIN's MAC? */
static bool binds(const struct gate_plan *plan, const struct neighbour *pin)
{
	for (size_t i = 0; i < plan->binding_count; i++)
		if (plan->bindings[i].ip.s_addr == pin->ip.s_addr &&
		    mac_equal(plan->bindings[i].mac, pin->mac))
			return true;
	return false;
}

static bool is_pinned(const struct neighbour *pins, size_t count,
		      const struct gate_binding *binding)
{
	for (size_t i = 0; i < count; i++)
		if (pins[i].ip.s_addr == binding->ip.s_addr &&
		    mac_equal(pins[i].mac, binding->mac))
			return true;
	return false;
}

static void pin_all(struct netlink *netlink, const struct settings *settings,
		    const struct gate_plan *from, const struct gate_plan *to)
{
	const char *bridge = settings->bridge;
	struct neighbour *pins = NULL;
	size_t count = 0;

	talloc_free(netlink_pinned(netlink, bridge, &pins, &count));
	for (size_t i = 0; i < count; i++)
		if (!binds(to, &pins[i]))
			talloc_free(netlink_forget(netlink, bridge, pins[i].ip));
	for (size_t i = 0; i < to->binding_count; i++) {
		const struct gate_binding *one = &to->bindings[i];
		bool known = from && admission_holds(from, one);

		if (known && is_pinned(pins, count, one))
			continue;
		/* What it had asked before it was let in was not answered. */
		if (!known)
			talloc_free(netlink_ask(netlink, bridge, one->ip));
		talloc_free(netlink_pin(netlink, bridge, AF_INET, &one->ip, one->mac));
	}
	talloc_free(pins);
}

void admission_pin(const struct settings *settings, const struct gate_plan *from,
		   const struct gate_plan *to)
{
	struct netlink *netlink;
	struct fault *fault = netlink_open(NULL, &netlink);

	if (!fault) {
		pin_all(netlink, settings, from, to);
		talloc_free(netlink);
	}
	talloc_free(fault);
}

/* SPDX-License-Identifier: ISC */
#include "hub/guest.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

static void add_row(struct guests *guests, struct guest row)
{
	*mem_grow(guests, guests->list, struct guest, guests->count) = row;
	guests->count++;
}

/* A row for each running domain with that MAC, all contested if they are several; one
 * without a domain if there is none. */
static void add_heard(struct guests *guests, const char *bridge,
		      const struct neighbour *neighbour, bool contested)
{
	struct guest row = { NULL, neighbour->mac, neighbour->ip, true, contested };
	size_t first = guests->count;

	for (size_t i = 0; i < guests->domains->count; i++) {
		row.domain = guests->domains->list[i];
		if (row.domain->running && domain_nic(row.domain, row.mac, bridge))
			add_row(guests, row);
	}
	row.domain = NULL;
	if (guests->count == first)
		add_row(guests, row);
	for (size_t i = first; guests->count - first > 1 && i < guests->count; i++)
		guests->list[i].contested = true;
}

static bool was_heard(const struct guests *guests, const struct domain *domain,
		      struct mac mac)
{
	for (size_t i = 0; i < guests->count; i++)
		if (guests->list[i].heard && guests->list[i].domain == domain &&
		    mac_equal(guests->list[i].mac, mac))
			return true;
	return false;
}

static void add_silent(struct guests *guests, const struct domain *domain,
		       const char *bridge)
{
	for (size_t n = 0; n < domain->nic_count; n++) {
		struct guest row = { .domain = domain, .mac = domain->nics[n].mac };

		if (domain_nic(domain, row.mac, bridge) == &domain->nics[n] &&
		    !was_heard(guests, domain, row.mac))
			add_row(guests, row);
	}
}

static bool is_contested(const struct neighbour *neighbours, size_t count, size_t at)
{
	for (size_t i = 0; i < count; i++)
		if (neighbours[i].ip.s_addr == neighbours[at].ip.s_addr &&
		    (neighbours[i].event == NEIGHBOUR_CONTESTED ||
		     !mac_equal(neighbours[i].mac, neighbours[at].mac)))
			return true;
	return false;
}

/* Said before, as hubscan does when an address turns out to be contested. */
static bool is_repeated(const struct neighbour *neighbours, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (neighbours[i].ip.s_addr == neighbours[at].ip.s_addr &&
		    mac_equal(neighbours[i].mac, neighbours[at].mac))
			return true;
	return false;
}

static int by_address(const void *a, const void *b)
{
	const struct guest *x = a, *y = b;

	return ip_compare(x->ip, y->ip);
}

struct guests *guests_join(const void *ctx, const struct domains *domains,
			   const char *bridge, const struct neighbour *neighbours,
			   size_t count)
{
	struct guests *guests = mem_new(ctx, struct guests);

	guests->domains = domains;
	for (size_t i = 0; i < count; i++)
		if (neighbours[i].ip.s_addr && !is_repeated(neighbours, i))
			add_heard(guests, bridge, &neighbours[i],
				  is_contested(neighbours, count, i));
	if (guests->count)
		qsort(guests->list, guests->count, sizeof(*guests->list), by_address);
	for (size_t i = 0; i < domains->count; i++)
		add_silent(guests, domains->list[i], bridge);
	return guests;
}

const struct guest *guest_at(const struct guests *guests, struct in_addr ip)
{
	for (size_t i = 0; i < guests->count; i++)
		if (guests->list[i].heard && guests->list[i].ip.s_addr == ip.s_addr)
			return &guests->list[i];
	return NULL;
}

bool guest_confirmed(const struct guests *guests, const char *uuid, struct in_addr ip)
{
	const struct guest *guest = guest_at(guests, ip);

	return guest && !guest->contested && guest->domain &&
	       strcmp(guest->domain->uuid, uuid) == 0;
}

char *guest_claimants(const void *ctx, const struct guests *guests, struct in_addr ip)
{
	char *text = NULL;

	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		if (guest->heard && guest->ip.s_addr == ip.s_addr)
			text = mem_append(ctx, text, "%s%s (%s)", text ? ", " : "",
					  guest->domain ? guest->domain->name : "unknown",
					  MAC_TEXT(guest->mac));
	}
	return text;
}

static struct fault *find_by_ip(const struct guests *guests, struct in_addr ip,
				const struct domain **ret)
{
	const struct guest *guest = guest_at(guests, ip);
	struct fault *fault;

	if (!guest || (!guest->domain && !guest->contested))
		return fault_new(FAULT_NOT_FOUND, "No VM was heard at %s", IP_TEXT(ip));
	if (guest->contested) {
		char *who = guest_claimants(NULL, guests, ip);
		fault = fault_new(FAULT_CONFLICT,
				  "It is not certain who is at %s: it is claimed by %s; name "
				  "the VM instead",
				  IP_TEXT(ip), who);
		talloc_free(who);
		return fault;
	}
	*ret = guest->domain;
	return NULL;
}

/* Means VM, the name of DOMAIN, also another one: by its UUID or its address? */
static const struct domain *other_meaning(const struct guests *guests, const char *vm,
					  const struct domain *domain)
{
	const struct domain *other = domains_by_uuid(guests->domains, vm);
	struct in_addr ip;

	if (other && other != domain)
		return other;
	for (size_t i = 0; ip_parse(vm, &ip) && i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		if (guest->heard && guest->ip.s_addr == ip.s_addr && guest->domain &&
		    guest->domain != domain)
			return guest->domain;
	}
	return NULL;
}

struct fault *guest_find(const struct guests *guests, const char *vm,
			 const struct domain **ret)
{
	const struct domain *domain = domains_by_name(guests->domains, vm), *other = NULL;
	struct in_addr ip;

	if (domain && (other = other_meaning(guests, vm, domain)))
		return fault_new(FAULT_CONFLICT,
				 "'%s' is the name of one VM (%s) and means another (%s) too; "
				 "use a UUID",
				 vm, domain->uuid, other->uuid);
	if (!domain)
		domain = domains_by_uuid(guests->domains, vm);
	if (!domain && ip_parse(vm, &ip))
		return find_by_ip(guests, ip, ret);
	if (!domain)
		return fault_new(FAULT_NOT_FOUND,
				 "There is no VM '%s'; 'hubshare find' and 'virsh list --all' "
				 "show those there are",
				 vm);
	*ret = domain;
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "hub/guest.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

struct joining {
	struct guests *guests;
	const struct evidence *evidence;
	bool *false_claims; /* of each claim: it is a lie */
};

static void add_row(struct guests *guests, struct guest row)
{
	*mem_grow(guests, guests->list, struct guest, guests->count) = row;
	guests->count++;
}

/* A row for each running domain with that MAC, all contested if they are several; one
 * without a domain if there is none. */
static void add_heard(struct guests *guests, const char *bridge,
		      const struct neighbour *claim, bool contested)
{
	struct guest row = {
		.mac = claim->mac, .ip = claim->ip, .heard = true, .contested = contested
	};
	size_t first = guests->count;

	strcpy(row.port, claim->port);
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

static bool same_claim(const struct neighbour *a, const struct neighbour *b)
{
	return a->ip.s_addr == b->ip.s_addr && mac_equal(a->mac, b->mac);
}

/* Lies do not count: the scanner, which does not know them, may call it contested for one. */
static bool is_contested(const struct joining *j, size_t at)
{
	const struct neighbour *claims = j->evidence->claims;
	bool lied = false, told = false;

	for (size_t i = 0; i < j->evidence->claim_count; i++) {
		if (claims[i].ip.s_addr != claims[at].ip.s_addr)
			continue;
		lied |= j->false_claims[i];
		told |= claims[i].event == NEIGHBOUR_CONTESTED;
		if (!j->false_claims[i] && !mac_equal(claims[i].mac, claims[at].mac))
			return true;
	}
	return told && !lied;
}

/* Said before, as hubscan does when an address turns out to be contested. */
static bool is_repeated(const struct joining *j, size_t at)
{
	const struct neighbour *claims = j->evidence->claims;

	for (size_t i = 0; i < at; i++)
		if (same_claim(&claims[i], &claims[at]) &&
		    j->false_claims[i] == j->false_claims[at] &&
		    (!j->false_claims[at] ||
		     strcmp(claims[i].port, claims[at].port) == 0))
			return true;
	return false;
}

/* The running domain whose tap PORT is, and its NIC. */
static const struct domain *owner_of_port(const struct joining *j, const char *port,
					  const struct nic **ret)
{
	const struct domains *domains = j->guests->domains;

	for (size_t i = 0; *port && i < domains->count; i++)
		for (size_t n = 0; n < domains->list[i]->nic_count; n++) {
			const struct nic *nic = &domains->list[i]->nics[n];

			if (domains->list[i]->running && nic->tap &&
			    strcmp(nic->tap, port) == 0) {
				*ret = nic;
				return domains->list[i];
			}
		}
	return NULL;
}

/* The running domain of MAC on the bridge; of several the first. */
static const struct domain *owner_of_mac(const struct guests *guests, struct mac mac)
{
	const struct domains *domains = guests->domains;

	for (size_t i = 0; i < domains->count; i++)
		if (domains->list[i]->running &&
		    domain_nic(domains->list[i], mac, guests->evidence->bridge))
			return domains->list[i];
	return NULL;
}

/* Was a frame of that MAC sent by somebody who has another port? */
static bool is_wrong_port(const struct joining *j, const struct neighbour *claim)
{
	const struct nic *nic = NULL;

	if (!*claim->port)
		return false;
	if (owner_of_port(j, claim->port, &nic))
		return !mac_equal(nic->mac, claim->mac);
	const struct domain *domain = owner_of_mac(j->guests, claim->mac);
	nic = domain ? domain_nic(domain, claim->mac, j->evidence->bridge) : NULL;
	return nic && nic->tap;
}

/* Is IP leased, and to another than whom MAC belongs to? */
static bool is_others_lease(const struct guests *guests, struct mac mac,
			    struct in_addr ip)
{
	const struct leases *leases = guests->evidence->leases;
	bool others = false;

	for (size_t i = 0; leases && i < leases->count; i++) {
		const struct lease *lease = &leases->list[i];

		if (lease->ip.s_addr != ip.s_addr)
			continue;
		const struct domain *domain = owner_of_mac(guests, mac);
		if (mac_equal(lease->mac, mac) ||
		    (domain && domain_nic(domain, lease->mac, guests->evidence->bridge)))
			return false;
		others = true;
	}
	return others;
}

static bool is_lie(const struct joining *j, const struct neighbour *claim,
		   enum lie_kind *ret)
{
	if (is_wrong_port(j, claim))
		*ret = LIE_MAC;
	else if (claim->ip.s_addr == j->evidence->host.s_addr)
		*ret = LIE_HOST;
	else if (is_others_lease(j->guests, claim->mac, claim->ip))
		*ret = LIE_LEASE;
	else
		return false;
	return true;
}

static void find_lies(struct joining *j)
{
	struct guests *guests = j->guests;

	for (size_t i = 0; j->evidence->gate && i < j->evidence->claim_count; i++) {
		const struct neighbour *claim = &j->evidence->claims[i];
		struct lie lie = { .mac = claim->mac, .ip = claim->ip };
		const struct nic *nic;

		if (!claim->ip.s_addr || !is_lie(j, claim, &lie.kind))
			continue;
		j->false_claims[i] = true;
		if (is_repeated(j, i))
			continue;
		strcpy(lie.port, claim->port);
		lie.teller = *lie.port ? owner_of_port(j, lie.port, &nic) :
					 owner_of_mac(guests, lie.mac);
		*mem_grow(guests, guests->lies, struct lie, guests->lie_count) = lie;
		guests->lie_count++;
	}
}

/* Who uses what is not his own is trusted in nothing. */
static void doubt_liars(struct guests *guests)
{
	for (size_t l = 0; l < guests->lie_count; l++)
		for (size_t i = 0; i < guests->count; i++)
			if (guests->lies[l].kind != LIE_LEASE && guests->lies[l].teller &&
			    guests->list[i].heard &&
			    guests->list[i].domain == guests->lies[l].teller)
				guests->list[i].contested = true;
}

static bool is_leased(const struct leases *leases, const struct guest *guest)
{
	for (size_t i = 0; leases && i < leases->count; i++)
		if (leases->list[i].ip.s_addr == guest->ip.s_addr &&
		    mac_equal(leases->list[i].mac, guest->mac))
			return true;
	return false;
}

/* Who takes more addresses than anybody needs keeps others from theirs: he gets none of them
 * but those that he has by a lease. */
static void doubt_greedy(struct guests *guests, const struct leases *leases)
{
	for (size_t i = 0; i < guests->count; i++) {
		size_t taken = 0;

		for (size_t k = 0; k < guests->count; k++)
			taken += guests->list[k].heard &&
				 mac_equal(guests->list[k].mac, guests->list[i].mac);
		if (taken > GUEST_ADDRESSES_MAX && !is_leased(leases, &guests->list[i]))
			guests->list[i].contested = true;
	}
}

static int by_address(const void *a, const void *b)
{
	const struct guest *x = a, *y = b;

	return ip_compare(x->ip, y->ip);
}

struct guests *guests_join(const void *ctx, const struct domains *domains,
			   const struct evidence *evidence)
{
	struct guests *guests = mem_new(ctx, struct guests);
	struct joining j = { guests, evidence,
			     mem_array(guests, bool, evidence->claim_count) };

	guests->domains = domains;
	guests->evidence = mem_check(talloc_memdup(guests, evidence, sizeof(*evidence)));
	find_lies(&j);
	for (size_t i = 0; i < evidence->claim_count; i++)
		if (evidence->claims[i].ip.s_addr && !j.false_claims[i] &&
		    !is_repeated(&j, i))
			add_heard(guests, evidence->bridge, &evidence->claims[i],
				  is_contested(&j, i));
	if (guests->count)
		qsort(guests->list, guests->count, sizeof(*guests->list), by_address);
	doubt_liars(guests);
	doubt_greedy(guests, evidence->leases);
	for (size_t i = 0; i < domains->count; i++)
		add_silent(guests, domains->list[i], evidence->bridge);
	talloc_free(j.false_claims);
	return guests;
}

const struct guest *guest_at(const struct guests *guests, struct in_addr ip)
{
	for (size_t i = 0; i < guests->count; i++)
		if (guests->list[i].heard && guests->list[i].ip.s_addr == ip.s_addr)
			return &guests->list[i];
	return NULL;
}

bool guest_lost(const struct guests *guests, struct mac mac, struct in_addr ip)
{
	for (size_t i = 0; i < guests->count; i++)
		if (guests->list[i].heard && guests->list[i].ip.s_addr != ip.s_addr &&
		    mac_equal(guests->list[i].mac, mac))
			return true;
	for (size_t i = 0; i < guests->lie_count; i++)
		if (guests->lies[i].ip.s_addr == ip.s_addr &&
		    mac_equal(guests->lies[i].mac, mac) &&
		    guests->lies[i].kind != LIE_MAC)
			return true;
	return guests->evidence->gate && is_others_lease(guests, mac, ip);
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
		fault = fault_new(
			FAULT_CONFLICT,
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
		return fault_new(
			FAULT_CONFLICT,
			"'%s' is the name of one VM (%s) and means another (%s) too; "
			"use a UUID",
			vm, domain->uuid, other->uuid);
	if (!domain)
		domain = domains_by_uuid(guests->domains, vm);
	if (!domain && ip_parse(vm, &ip))
		return find_by_ip(guests, ip, ret);
	if (!domain)
		return fault_new(
			FAULT_NOT_FOUND,
			"There is no VM '%s'; 'hubshare find' and 'virsh list --all' "
			"show those there are",
			vm);
	*ret = domain;
	return NULL;
}

static const char *const lies[] = { [LIE_MAC] = "which is the MAC of another port",
				    [LIE_HOST] = "which is the host's own address",
				    [LIE_LEASE] = "which is leased to another" };

char *lie_text(const void *ctx, const struct lie *lie)
{
	return mem_printf(ctx, "%s%s%s claims %s as %s, %s",
			  lie->teller ? lie->teller->name : "an unknown station",
			  *lie->port ? " on " : "", lie->port, IP_TEXT(lie->ip),
			  MAC_TEXT(lie->mac), lies[lie->kind]);
}

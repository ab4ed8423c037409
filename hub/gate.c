/* SPDX-License-Identifier: ISC */
#include "hub/gate.h"

#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "hub/gate_parts.h"
#include "hub/netlink.h"
#include "hub/nft.h"
#include "scanner/neighbour.h"
#include "scanner/range.h"

/* What goes into the text is of a form that cannot be taken for anything else. */
static struct fault *check_names(const struct settings *settings)
{
	struct range network;

	if (!neighbour_port_is_sound(settings->bridge) ||
	    strpbrk(settings->bridge, "\"\\*$"))
		return fault_new(FAULT_USAGE, "'%s' cannot be the bridge of a gate",
				 settings->bridge);
	return range_parse(settings->network, &network);
}

/* What no rule gets to see.  A kernel that cannot either lets a guest lead away for a moment what is
 * meant for another, but not hear it: doctor says so. */
static void keep_from_learning(const char *bridge)
{
	struct netlink *netlink = NULL;
	struct fault *fault = netlink_open(NULL, &netlink);

	if (!fault)
		fault = netlink_unlearn(netlink, bridge);
	talloc_free(fault);
	talloc_free(netlink);
}

struct fault *gate_raise(const struct settings *settings, struct in_addr host,
			 const struct gate_plan *plan)
{
	struct fault *fault = check_names(settings);
	char *text;

	if (fault)
		return fault;
	text = gate_text(NULL, settings, host, plan);
	fault = nft_run(text);
	talloc_free(text);
	keep_from_learning(settings->bridge);
	if (fault && fault->status == FAULT_FAILED)
		fault->status = FAULT_UNREACHABLE;
	return fault_wrap(fault, "The gate cannot be put up");
}

struct fault *gate_change(const struct gate_plan *from, const struct gate_plan *to)
{
	char *text = gate_change_text(NULL, from, to);
	struct fault *fault = *text ? nft_run(text) : NULL;

	talloc_free(text);
	if (fault)
		fault->status = FAULT_FAILED;
	return fault_wrap(fault, "The gate cannot be changed");
}

struct fault *gate_lower(void)
{
	char *text = mem_strdup(NULL, "");

	for (const char *const *family = gate_families; *family; family++)
		text = mem_append(NULL, text,
				  "add table %s hubshare\ndelete table %s hubshare\n",
				  *family, *family);
	struct fault *fault = nft_run(text);
	talloc_free(text);
	return fault_wrap(fault, "The gate cannot be taken down");
}

/* --- what stands --- */

/* What is read of it. */
struct standing {
	const void *ctx;
	struct gate_elements **sets; /* as gate_sets has them; NULL: not seen */
	bool seen[GATE_RULES_MAX + 1];
	unsigned rules, count; /* of rules: seen, and what they say of themselves */
	bool foreign;	       /* a rule that is not the gate's */
};

/* An element of a set, as nft(8) writes it, and as it is read. */
struct element {
	const void *ctx;
	bool named; /* it begins with the name of a port */
	char *text;
};

static struct fault *take_part(const struct document *part, void *user)
{
	struct element *element = user;
	const char *text = document_string(part);
	int64_t number;

	if (element->text)
		element->text = mem_append(element->ctx, element->text, " . ");
	if (document_integer(part, &number))
		element->text = mem_append(element->ctx, element->text, "0x%012llx",
					   (unsigned long long)number);
	else
		element->text =
			mem_append(element->ctx, element->text,
				   element->named && !element->text ? "\"%s\"" : "%s",
				   text ? text : "");
	return NULL;
}

struct reading {
	const struct gate_set *set;
	struct gate_elements *elements;
};

static struct fault *take_element(const struct document *member, void *user)
{
	struct reading *reading = user;
	struct element element = { reading->elements,
				   strstr(reading->set->type, "ifname") != NULL, NULL };
	struct document *parts = document_is_object(member) ?
					 document_member(element.ctx, member, "concat") :
					 NULL;

	if (parts)
		document_each(parts, take_part, &element);
	else
		take_part(member, &element);
	talloc_free(parts);
	if (element.text)
		gate_elements_add(reading->elements, element.text);
	return NULL;
}

static void take_set(struct standing *standing, const struct document *set)
{
	size_t i = 0;

	while (gate_sets[i].name &&
	       (strcmp(gate_sets[i].family, document_text(set, "family")) != 0 ||
		strcmp(gate_sets[i].name, document_text(set, "name")) != 0))
		i++;
	if (!gate_sets[i].name)
		return;
	struct reading reading = { &gate_sets[i],
				   mem_new(standing->ctx, struct gate_elements) };
	struct document *list = document_member(reading.elements, set, "elem");
	if (list)
		document_each(list, take_element, &reading);
	talloc_free(list);
	gate_elements_sort(reading.elements);
	standing->sets[i] = reading.elements;
}

static void take_rule(struct standing *standing, const struct document *rule)
{
	unsigned number, count;

	if (!gate_rule_number(document_text(rule, "comment"), &number, &count) ||
	    standing->seen[number] || (standing->count && standing->count != count)) {
		standing->foreign = true;
		return;
	}
	standing->seen[number] = true;
	standing->count = count;
	standing->rules++;
}

static struct fault *take_object(const struct document *object, void *user)
{
	struct standing *standing = user;
	struct document *part;

	if ((part = document_member(standing->ctx, object, "set")))
		take_set(standing, part);
	else if ((part = document_member(standing->ctx, object, "rule")))
		take_rule(standing, part);
	talloc_free(part);
	return NULL;
}

/* Reads one table; faults as nft_list(). */
static struct fault *read_table(struct standing *standing, const char *family)
{
	char *command = mem_printf(standing->ctx, "list table %s hubshare", family);
	struct document *all, *list;
	struct fault *fault = nft_list(standing->ctx, command, &all);

	if (fault)
		return fault;
	list = document_member(all, all, "nftables");
	if (list)
		fault = document_each(list, take_object, standing);
	talloc_free(all);
	return fault;
}

/* An element's port, MAC and address, as far as it has them. */
static void split_element(const char *text, struct gate_binding *ret)
{
	char mac[ADDRESS_TEXT] = "", ip[ADDRESS_TEXT] = "";

	*ret = (struct gate_binding){ 0 };
	sscanf(text, "\"%15[^\"]\" . %17s . %17s", ret->port, mac, ip);
	mac_parse(mac, &ret->mac);
	ip_parse(ip, &ret->ip);
}

static void take_ports(struct gate_plan *plan, const struct gate_elements *elements)
{
	struct gate_binding one;

	plan->ports =
		talloc_zero_size(plan, (elements->count + 1) * sizeof(*plan->ports));
	mem_check(plan->ports);
	for (size_t i = 0; i < elements->count; i++) {
		split_element(elements->list[i], &one);
		memcpy(plan->ports[plan->port_count++], one.port, sizeof(one.port));
	}
}

static void take_taps(struct gate_plan *plan, const struct gate_elements *elements)
{
	struct gate_binding one;

	plan->taps = mem_array(plan, struct gate_tap, elements->count);
	for (size_t i = 0; i < elements->count; i++) {
		struct gate_tap *tap = &plan->taps[plan->tap_count++];

		split_element(elements->list[i], &one);
		memcpy(tap->port, one.port, sizeof(one.port));
		tap->mac = one.mac;
	}
}

static void take_bindings(struct gate_plan *plan, const struct gate_elements *elements)
{
	plan->bindings = mem_array(plan, struct gate_binding, elements->count);
	for (size_t i = 0; i < elements->count; i++)
		split_element(elements->list[i], &plan->bindings[plan->binding_count++]);
}

static bool equal_elements(const struct gate_elements *a, const struct gate_elements *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	return true;
}

/* All rules are there and no other, and every set holds what follows from PLAN. */
static bool is_whole(const struct standing *standing, const struct gate_plan *plan)
{
	bool whole = !standing->foreign && standing->count &&
		     standing->rules == standing->count;

	for (size_t i = 0; whole && gate_sets[i].name; i++)
		whole = equal_elements(standing->sets[i],
				       gate_elements(standing->ctx, &gate_sets[i], plan));
	return whole;
}

/* The plan of what was read, on CTX; NULL where a set is missing. */
static struct gate_plan *plan_of_sets(const void *ctx, const struct standing *standing)
{
	struct gate_plan *plan;

	for (size_t i = 0; gate_sets[i].name; i++)
		if (!standing->sets[i])
			return NULL;
	plan = mem_new(ctx, struct gate_plan);
	take_ports(plan, standing->sets[GATE_SET_PORTS]);
	take_taps(plan, standing->sets[GATE_SET_TAPS]);
	take_bindings(plan, standing->sets[GATE_SET_BINDINGS]);
	return plan;
}

struct fault *gate_read(const void *ctx, struct gate_plan **ret)
{
	struct standing standing = { .ctx = talloc_new(NULL) };
	struct gate_plan *plan = NULL;
	struct fault *fault = NULL;

	standing.sets = mem_array(standing.ctx, struct gate_elements *, GATE_SETS_MAX);
	for (size_t i = 0; gate_families[i] && !fault; i++)
		fault = read_table(&standing, gate_families[i]);
	if (!fault)
		plan = plan_of_sets(standing.ctx, &standing);
	*ret = plan && is_whole(&standing, plan) ? talloc_steal(ctx, plan) : NULL;
	talloc_free(fault); /* no such table, or nothing for the caller's eyes */
	talloc_free((void *)standing.ctx);
	return NULL;
}

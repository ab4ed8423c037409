/* SPDX-License-Identifier: ISC */
#include "service/diary.h"

#include <string.h>

#include "common/memory.h"
#include "service/quota.h"

/* A VM as it was seen. */
struct seen_vm {
	const char *uuid, *name;
	bool running;
};

/* A VM at an address that was confirmed. */
struct seen_place {
	const char *uuid, *name, *port;
	const char *address; /* the text of its IP */
	struct mac mac;
	struct in_addr ip;
};

struct seen_conflict {
	const char *text, *vm, *uuid, *port; /* NULL: not known */
	struct mac mac;
	struct in_addr ip;
	bool told; /* by the quota of its port */
};

/* All strings are its own: what it was made from is gone when the next one is made. */
struct look {
	struct seen_vm *vms;
	size_t vm_count;
	struct seen_place *places;
	size_t place_count;
	struct seen_conflict *conflicts;
	size_t conflict_count;
};

struct diary {
	struct look *last; /* NULL: there was none */
	struct quota *quota;
};

struct telling {
	void (*tell)(void *arg, const struct event *event);
	void *arg;
};

struct diary *diary_new(const void *ctx)
{
	struct diary *diary = mem_new(ctx, struct diary);

	diary->quota = quota_new(diary);
	return diary;
}

static void see_vms(struct look *look, const struct domains *domains)
{
	look->vms = mem_array(look, struct seen_vm, domains->count);
	look->vm_count = domains->count;
	for (size_t i = 0; i < domains->count; i++)
		look->vms[i] = (struct seen_vm){ mem_strdup(look, domains->list[i]->uuid),
						 mem_strdup(look, domains->list[i]->name),
						 domains->list[i]->running };
}

static void see_place(struct look *look, const struct guest *guest)
{
	struct seen_place *place =
		mem_grow(look, look->places, struct seen_place, look->place_count);

	look->place_count++;
	*place = (struct seen_place){ .uuid = mem_strdup(look, guest->domain->uuid),
				      .name = mem_strdup(look, guest->domain->name),
				      .port = *guest->port ?
						      mem_strdup(look, guest->port) :
						      NULL,
				      .address = mem_strdup(look, IP_TEXT(guest->ip)),
				      .mac = guest->mac,
				      .ip = guest->ip };
}

static struct seen_conflict *see_conflict(struct look *look, const struct domain *domain,
					  struct mac mac, struct in_addr ip,
					  const char *port)
{
	struct seen_conflict *conflict =
		mem_grow(look, look->conflicts, struct seen_conflict,
			 look->conflict_count);

	look->conflict_count++;
	*conflict = (struct seen_conflict){
		.vm = domain ? mem_strdup(look, domain->name) : NULL,
		.uuid = domain ? mem_strdup(look, domain->uuid) : NULL,
		.port = *port ? mem_strdup(look, port) : NULL,
		.mac = mac,
		.ip = ip
	};
	return conflict;
}

static void see_guest(struct look *look, const struct guests *guests,
		      const struct guest *guest)
{
	if (guest->contested) {
		char *who = guest_claimants(NULL, guests, guest->ip);

		see_conflict(look, guest->domain, guest->mac, guest->ip, guest->port)
			->text =
			mem_printf(look, "%s is in doubt: %s", IP_TEXT(guest->ip), who);
		talloc_free(who);
	} else if (guest->domain) {
		see_place(look, guest);
	}
}

static struct look *look_at(const void *ctx, const struct guests *guests)
{
	struct look *look = mem_new(ctx, struct look);

	see_vms(look, guests->domains);
	for (size_t i = 0; i < guests->count; i++)
		if (guests->list[i].heard)
			see_guest(look, guests, &guests->list[i]);
	for (size_t i = 0; i < guests->lie_count; i++) {
		const struct lie *lie = &guests->lies[i];

		see_conflict(look, lie->teller, lie->mac, lie->ip, lie->port)->text =
			lie_text(look, lie);
	}
	return look;
}

static const struct seen_vm *vm_before(const struct look *last, const char *uuid)
{
	for (size_t i = 0; last && i < last->vm_count; i++)
		if (strcmp(last->vms[i].uuid, uuid) == 0)
			return &last->vms[i];
	return NULL;
}

static void tell_vms(const struct telling *t, const struct look *last,
		     const struct look *now)
{
	for (size_t i = 0; last && i < now->vm_count; i++) {
		const struct seen_vm *vm = &now->vms[i], *was = vm_before(last, vm->uuid);
		struct event event = { .vm = vm->name, .uuid = vm->uuid };

		if (was && strcmp(was->name, vm->name) != 0) {
			event.kind = EVENT_VM_RENAMED;
			event.text = was->name;
			t->tell(t->arg, &event);
			event.text = NULL;
		}
		event.kind = vm->running ? EVENT_VM_STARTED : EVENT_VM_STOPPED;
		if (vm->running != (was && was->running))
			t->tell(t->arg, &event);
	}
	for (size_t i = 0; last && i < last->vm_count; i++) {
		const struct event event = { .kind = EVENT_VM_STOPPED,
					     .vm = last->vms[i].name,
					     .uuid = last->vms[i].uuid };

		if (last->vms[i].running && !vm_before(now, last->vms[i].uuid))
			t->tell(t->arg, &event);
	}
}

static bool is_place_of(const struct look *look, const struct seen_place *place)
{
	for (size_t i = 0; look && i < look->place_count; i++)
		if (look->places[i].ip.s_addr == place->ip.s_addr &&
		    strcmp(look->places[i].uuid, place->uuid) == 0)
			return true;
	return false;
}

/* Where the NIC was that is no longer there; NULL: it had no other address. */
static const struct seen_place *place_before(const struct look *last,
					     const struct look *now,
					     const struct seen_place *place)
{
	for (size_t i = 0; last && i < last->place_count; i++)
		if (mac_equal(last->places[i].mac, place->mac) &&
		    strcmp(last->places[i].uuid, place->uuid) == 0 &&
		    !is_place_of(now, &last->places[i]))
			return &last->places[i];
	return NULL;
}

/* WAS is where it was before; NULL: it is new. */
static void tell_place(const struct telling *t, const struct seen_place *place,
		       const struct seen_place *was)
{
	t->tell(t->arg,
		&(struct event){ .kind = was ? EVENT_ADDRESS_MOVED : EVENT_VM_HEARD,
				 .vm = place->name,
				 .uuid = place->uuid,
				 .ip = place->ip,
				 .mac = place->mac,
				 .tap = place->port,
				 .text = was ? was->address : NULL });
}

static bool is_in_doubt(const struct look *look, struct in_addr ip)
{
	for (size_t i = 0; i < look->conflict_count; i++)
		if (look->conflicts[i].ip.s_addr == ip.s_addr)
			return true;
	return false;
}

/* The new address is often heard before it is certain that the old one is given up: a NIC that
 * has PLACE and has left another one has moved, too. */
static void tell_left(const struct telling *t, const struct look *last,
		      const struct look *now, const struct seen_place *place)
{
	const struct seen_place *was = place_before(last, now, place);

	if (was && !is_in_doubt(now, was->ip))
		tell_place(t, place, was);
}

static void tell_places(const struct telling *t, const struct look *last,
			const struct look *now)
{
	for (size_t i = 0; i < now->place_count; i++) {
		const struct seen_place *place = &now->places[i];

		if (is_place_of(last, place))
			tell_left(t, last, now, place);
		else
			tell_place(t, place, place_before(last, now, place));
	}
}

/* The same one in another look; NULL: there is none. */
static const struct seen_conflict *same_conflict(const struct look *look,
						 const struct seen_conflict *conflict)
{
	for (size_t i = 0; look && i < look->conflict_count; i++)
		if (strcmp(look->conflicts[i].text, conflict->text) == 0 &&
		    mac_equal(look->conflicts[i].mac, conflict->mac))
			return &look->conflicts[i];
	return NULL;
}

static void tell_conflict(const struct telling *t, enum event_kind kind,
			  const struct seen_conflict *conflict, const char *text)
{
	t->tell(t->arg, &(struct event){ .kind = kind,
					 .vm = conflict->vm,
					 .uuid = conflict->uuid,
					 .ip = conflict->ip,
					 .mac = conflict->mac,
					 .tap = conflict->port,
					 .text = text });
}

/* One that began, if its port has not told too much already. */
static void tell_begun(const struct telling *t, struct quota *quota, int64_t now_ms,
		       struct seen_conflict *conflict)
{
	enum quota_answer answer = quota_take(quota, conflict->port, now_ms);
	char *last;

	conflict->told = answer != QUOTA_NONE;
	if (!conflict->told)
		return;
	last = answer == QUOTA_LAST ? mem_printf(NULL,
						 "%s; what else is claimed there is not "
						 "told for now",
						 conflict->text) :
				      NULL;
	tell_conflict(t, EVENT_CONFLICT, conflict, last ? last : conflict->text);
	talloc_free(last);
}

/* What was not told to begin is not told to be over. */
static void tell_conflicts(const struct telling *t, struct quota *quota, int64_t now_ms,
			   const struct look *last, struct look *now)
{
	for (size_t i = 0; i < now->conflict_count; i++) {
		const struct seen_conflict *was = same_conflict(last, &now->conflicts[i]);

		if (was)
			now->conflicts[i].told = was->told;
		else
			tell_begun(t, quota, now_ms, &now->conflicts[i]);
	}
	for (size_t i = 0; last && i < last->conflict_count; i++) {
		const struct seen_conflict *was = &last->conflicts[i];

		if (was->told && !same_conflict(now, was))
			tell_conflict(t, EVENT_CONFLICT_OVER, was, was->text);
	}
}

void diary_look(struct diary *diary, const struct guests *guests, int64_t now_ms,
		void (*tell)(void *arg, const struct event *event), void *arg)
{
	const struct telling t = { tell, arg };
	struct look *now = look_at(diary, guests), *last = diary->last;

	tell_vms(&t, last, now);
	tell_places(&t, last, now);
	tell_conflicts(&t, diary->quota, now_ms, last, now);
	talloc_free(last);
	diary->last = now;
}

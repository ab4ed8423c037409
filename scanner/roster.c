/* SPDX-License-Identifier: ISC */
#include "scanner/roster.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

#define BUCKETS	     4096u
#define LINKS	     4096u
#define LINKS_SECOND 64

struct claim {
	uint32_t address; /* its number in the ranges */
	struct mac mac;
	bool live;
	bool contested;	     /* and told so */
	char port[IFNAMSIZ]; /* "": not known */
	/* The next claim of the same address (or the next free one), and in the bucket, where
	 * the latest of a MAC comes first. */
	roster_id next, next_of_mac;
};

struct roster {
	struct roster_plan plan;
	struct mac *expected; /* sorted */
	roster_id *first;     /* by address: the claims of it */
	roster_id bucket[BUCKETS];
	struct claim *claim;
	size_t used, room;
	roster_id free;
	uint64_t turned_away;

	struct mac link[LINKS];
	int64_t links_since_ms;
	int links_told;
};

static int compare_mac(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct mac));
}

struct roster *roster_new(const void *ctx, const struct roster_plan *plan)
{
	struct roster *roster = mem_new(ctx, struct roster);
	size_t size = plan->ranges->size;

	roster->plan = *plan;
	roster->expected = mem_array(roster, struct mac, plan->expected_count + 1);
	for (size_t i = 0; i < plan->expected_count; i++)
		roster->expected[i] = plan->expected[i];
	qsort(roster->expected, plan->expected_count, sizeof(struct mac), compare_mac);
	roster->first = mem_array(roster, roster_id, size + 1);
	memset(roster->first, 0xff, (size + 1) * sizeof(roster_id));
	memset(roster->bucket, 0xff, sizeof(roster->bucket));
	roster->free = ROSTER_NONE;
	return roster;
}

/* Spreads MACs over a table so that nobody without the seed can pick its place. */
static uint32_t hash(const struct roster *roster, struct mac mac)
{
	uint64_t x = roster->plan.seed;

	for (size_t i = 0; i < sizeof(mac.octet); i++) {
		x = (x ^ mac.octet[i]) * 0x9e3779b97f4a7c15u;
		x ^= x >> 29;
	}
	return (uint32_t)(x >> 16);
}

static bool is_expected(const struct roster *roster, struct mac mac)
{
	return bsearch(&mac, roster->expected, roster->plan.expected_count, sizeof(mac),
		       compare_mac);
}

void roster_self(struct roster *roster, struct mac mac)
{
	roster->plan.self.mac = mac;
}

static bool is_own(const struct self *self, struct in_addr ip)
{
	for (size_t i = 0; i < self->count; i++) {
		if (self->ip[i].s_addr == ip.s_addr)
			return true;
	}
	return false;
}

/* A claim's place: a free one, or a new one at the end. */
static roster_id take(struct roster *roster)
{
	roster_id id = roster->free;

	if (id != ROSTER_NONE) {
		roster->free = roster->claim[id].next;
		return id;
	}
	if (roster->used == roster->room) {
		roster->room = roster->room ? 2 * roster->room : 64;
		roster->claim = mem_check(talloc_realloc(roster, roster->claim,
							 struct claim, roster->room));
	}
	return (roster_id)roster->used++;
}

static roster_id add(struct roster *roster, uint32_t address, struct mac mac,
		     const char *port)
{
	roster_id id = take(roster);
	roster_id *bucket = &roster->bucket[hash(roster, mac) % BUCKETS];

	roster->claim[id] = (struct claim){
		.address = address,
		.mac = mac,
		.live = true,
		.next = roster->first[address],
		.next_of_mac = *bucket,
	};
	strncpy(roster->claim[id].port, port, sizeof(roster->claim[id].port) - 1);
	roster->first[address] = id;
	*bucket = id;
	return id;
}

/* Takes claim ID out of its bucket, and returns that. */
static roster_id *leave_bucket(struct roster *roster, roster_id id)
{
	roster_id *bucket =
		&roster->bucket[hash(roster, roster->claim[id].mac) % BUCKETS];
	roster_id *at = bucket;

	while (*at != id)
		at = &roster->claim[*at].next_of_mac;
	*at = roster->claim[id].next_of_mac;
	return bucket;
}

static void drop(struct roster *roster, roster_id id)
{
	struct claim *claim = &roster->claim[id];
	roster_id *at = &roster->first[claim->address];

	while (*at != id)
		at = &roster->claim[*at].next;
	*at = claim->next;
	leave_bucket(roster, id);
	*claim = (struct claim){ .next = roster->free };
	roster->free = id;
}

/* The first claim after AFTER (ROSTER_NONE: the first of all) that MAC has. */
static roster_id claim_of(const struct roster *roster, struct mac mac, roster_id after)
{
	roster_id id = after == ROSTER_NONE ?
			       roster->bucket[hash(roster, mac) % BUCKETS] :
			       roster->claim[after].next_of_mac;

	while (id != ROSTER_NONE && !mac_equal(roster->claim[id].mac, mac))
		id = roster->claim[id].next_of_mac;
	return id;
}

static void tell(const struct roster *roster, struct roster_news *news, roster_id id,
		 enum neighbour_event event, int64_t time_ms)
{
	const struct claim *claim = &roster->claim[id];
	struct neighbour *line = &news->line[news->count++];

	*line = (struct neighbour){
		.ip = ranges_at(roster->plan.ranges, claim->address),
		.mac = claim->mac,
		.event = event,
		.time_ms = time_ms,
	};
	memcpy(line->port, claim->port, sizeof(line->port));
}

/* Tells of each claimant of ADDRESS that was not yet told to be one of several. */
static void tell_contested(struct roster *roster, struct roster_news *news,
			   uint32_t address, int64_t time_ms)
{
	for (roster_id id = roster->first[address]; id != ROSTER_NONE;
	     id = roster->claim[id].next) {
		if (!roster->claim[id].contested)
			tell(roster, news, id, NEIGHBOUR_CONTESTED, time_ms);
		roster->claim[id].contested = true;
	}
}

/* How many of the claims of ADDRESS were heard at PORT. */
static size_t count_at(const struct roster *roster, uint32_t address, const char *port)
{
	size_t count = 0;

	for (roster_id id = roster->first[address]; id != ROSTER_NONE;
	     id = roster->claim[id].next)
		count += strcmp(roster->claim[id].port, port) == 0;
	return count;
}

/* Who gives way at ADDRESS, which has no room left; ROSTER_NONE: nobody. */
static roster_id find_victim(const struct roster *roster, uint32_t address,
			     struct mac mac, const char *port)
{
	bool first = *port && count_at(roster, address, port) == 0;
	bool expected = is_expected(roster, mac);
	roster_id stranger = ROSTER_NONE, further = ROSTER_NONE;

	for (roster_id id = roster->first[address]; id != ROSTER_NONE;
	     id = roster->claim[id].next) {
		const struct claim *claim = &roster->claim[id];
		bool strange = !is_expected(roster, claim->mac);

		if (strange)
			stranger = id;
		if (first && count_at(roster, address, claim->port) > 1 &&
		    (strange || further == ROSTER_NONE))
			further = id;
	}
	return further != ROSTER_NONE ? further : expected ? stranger : ROSTER_NONE;
}

/* Makes room at ADDRESS for MAC at PORT if it can be had: whoever gives way is told to be gone,
 * since nobody asks for him any more. */
static bool make_room(struct roster *roster, uint32_t address, struct mac mac,
		      const char *port, int64_t time_ms, struct roster_news *news)
{
	roster_id victim;
	size_t count = 0;

	for (roster_id id = roster->first[address]; id != ROSTER_NONE;
	     id = roster->claim[id].next)
		count++;
	if (count < ROSTER_CLAIMANTS)
		return true;
	roster->turned_away++;
	victim = find_victim(roster, address, mac, port);
	if (victim == ROSTER_NONE)
		return false;
	tell(roster, news, victim, NEIGHBOUR_GONE, time_ms);
	drop(roster, victim);
	return true;
}

/* The claims of ADDRESS. */
static void doubt_rivals(const struct roster *roster, uint32_t address,
			 struct roster_doubts *ret)
{
	roster_id id = roster->first[address];

	for (; id != ROSTER_NONE && ret->rivals < ROSTER_CLAIMANTS;
	     id = roster->claim[id].next)
		ret->rival[ret->rivals++] = id;
}

/* The claims of MAC for other addresses than ADDRESS; none of another port than PORT, which
 * may be somebody else's ("": of any). */
static void doubt_elsewhere(const struct roster *roster, uint32_t address, struct mac mac,
			    const char *port, struct roster_doubts *ret)
{
	roster_id id = claim_of(roster, mac, ROSTER_NONE);

	for (; id != ROSTER_NONE && ret->elsewheres < ROSTER_ELSEWHERE;
	     id = claim_of(roster, mac, id)) {
		const struct claim *claim = &roster->claim[id];

		if (claim->address != address &&
		    (!*port || !*claim->port || strcmp(claim->port, port) == 0))
			ret->elsewhere[ret->elsewheres++] = id;
	}
}

/*
 * The claim that MAC for ADDRESS at PORT is: one of that port, or the one whose port is not
 * known.  Without PORT any; *RET_SEVERAL if it may be one of several.
 */
static roster_id find(const struct roster *roster, uint32_t address, struct mac mac,
		      const char *port, bool *ret_several)
{
	roster_id found = ROSTER_NONE;

	*ret_several = false;
	for (roster_id id = roster->first[address]; id != ROSTER_NONE;
	     id = roster->claim[id].next) {
		const struct claim *claim = &roster->claim[id];

		if (!mac_equal(claim->mac, mac))
			continue;
		if (*port && *claim->port && strcmp(claim->port, port) != 0)
			continue;
		*ret_several = found != ROSTER_NONE;
		found = id;
	}
	return found;
}

/* What the roster cares for: neither what the host says itself, nor other networks. */
static bool is_claim(const struct roster *roster, struct in_addr ip, struct mac mac,
		     const char *port, uint32_t *ret_address)
{
	return (*port || !mac_equal(mac, roster->plan.self.mac)) &&
	       ranges_find(roster->plan.ranges, ip, ret_address);
}

bool roster_knows(const struct roster *roster, struct in_addr ip, struct mac mac,
		  const char *port)
{
	uint32_t address;
	bool several;

	return !is_claim(roster, ip, mac, port, &address) ||
	       find(roster, address, mac, port, &several) != ROSTER_NONE;
}

void roster_doubts(const struct roster *roster, struct in_addr ip, struct mac mac,
		   const char *port, struct roster_doubts *ret)
{
	uint32_t address;

	*ret = (struct roster_doubts){ .rivals = 0 };
	if (roster_knows(roster, ip, mac, port) ||
	    !ranges_find(roster->plan.ranges, ip, &address))
		return;
	doubt_rivals(roster, address, ret);
	doubt_elsewhere(roster, address, mac, "", ret);
}

/* A claim that is known may say its port for the first time. */
static void again(struct roster *roster, roster_id id, const char *port, int64_t time_ms,
		  struct roster_news *ret)
{
	struct claim *claim = &roster->claim[id];

	if (!*port || *claim->port)
		return;
	strncpy(claim->port, port, sizeof(claim->port) - 1);
	tell(roster, ret, id, claim->contested ? NEIGHBOUR_CONTESTED : NEIGHBOUR_NEW,
	     time_ms);
}

void roster_claim(struct roster *roster, struct in_addr ip, struct mac mac,
		  const char *port, int64_t time_ms, struct roster_news *ret)
{
	bool several;
	uint32_t address;

	*ret = (struct roster_news){ .claim = ROSTER_NONE };
	if (!is_claim(roster, ip, mac, port, &address))
		return;
	ret->claim = find(roster, address, mac, port, &several);
	if (several)
		ret->claim = ROSTER_NONE;
	else if (ret->claim != ROSTER_NONE)
		again(roster, ret->claim, port, time_ms, ret);
	if (several || ret->claim != ROSTER_NONE ||
	    !make_room(roster, address, mac, port, time_ms, ret))
		return;
	doubt_rivals(roster, address, &ret->doubts);
	doubt_elsewhere(roster, address, mac, port, &ret->doubts);
	ret->claim = add(roster, address, mac, port);
	ret->fresh = true;
	if (is_own(&roster->plan.self, ip) ||
	    roster->claim[ret->claim].next != ROSTER_NONE)
		tell_contested(roster, ret, address, time_ms);
	else
		tell(roster, ret, ret->claim, NEIGHBOUR_NEW, time_ms);
}

void roster_return(struct roster *roster, roster_id id, struct roster_doubts *ret)
{
	struct claim *claim = &roster->claim[id];
	roster_id *bucket;

	*ret = (struct roster_doubts){ .rivals = 0 };
	if (claim_of(roster, claim->mac, ROSTER_NONE) == id)
		return;
	bucket = leave_bucket(roster, id);
	claim->next_of_mac = *bucket;
	*bucket = id;
	doubt_elsewhere(roster, claim->address, claim->mac, claim->port, ret);
}

void roster_gone(struct roster *roster, roster_id id, int64_t time_ms,
		 struct roster_news *ret)
{
	uint32_t address = roster->claim[id].address;
	struct mac mac = roster->claim[id].mac;
	roster_id left;

	*ret = (struct roster_news){ .claim = ROSTER_NONE };
	tell(roster, ret, id, NEIGHBOUR_GONE, time_ms);
	drop(roster, id);
	left = roster->first[address];
	if (left != ROSTER_NONE && roster->claim[left].next == ROSTER_NONE &&
	    !is_own(&roster->plan.self, ranges_at(roster->plan.ranges, address))) {
		roster->claim[left].contested = false;
		tell(roster, ret, left, NEIGHBOUR_NEW, time_ms);
	}
	left = claim_of(roster, mac, ROSTER_NONE);
	while (left != ROSTER_NONE && roster->claim[left].address == address)
		left = claim_of(roster, mac, left);
	if (left != ROSTER_NONE && !roster->claim[left].contested)
		tell(roster, ret, left, NEIGHBOUR_MOVED, time_ms);
}

bool roster_is_contested(const struct roster *roster, roster_id id)
{
	return roster->claim[id].contested;
}

const char *roster_port(const struct roster *roster, roster_id id)
{
	return roster->claim[id].port;
}

/* Each MAC has two places; the older entry of the second gives way. */
static bool remember_link(struct roster *roster, struct mac mac)
{
	uint32_t place = hash(roster, mac) % LINKS;

	if (mac_equal(roster->link[place], mac) ||
	    mac_equal(roster->link[place ^ 1], mac))
		return false;
	roster->link[place ^ 1] = roster->link[place];
	roster->link[place] = mac;
	return true;
}

bool roster_link(struct roster *roster, struct mac mac, int64_t time_ms)
{
	if (mac_equal(mac, roster->plan.self.mac) ||
	    claim_of(roster, mac, ROSTER_NONE) != ROSTER_NONE)
		return false;
	if (time_ms - roster->links_since_ms >= 1000 ||
	    time_ms < roster->links_since_ms) {
		roster->links_since_ms = time_ms;
		roster->links_told = 0;
	}
	if (roster->links_told >= LINKS_SECOND || !remember_link(roster, mac))
		return false;
	roster->links_told++;
	return true;
}

uint64_t roster_turned_away(const struct roster *roster)
{
	return roster->turned_away;
}

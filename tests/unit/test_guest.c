/* SPDX-License-Identifier: ISC */
/* Guests: who is whom, and where that is not certain. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "hub/guest.h"

static struct mac mac(int last)
{
	return (struct mac){ { 0x52, 0x54, 0, 0, 0, (uint8_t)last } };
}

static struct in_addr ip(const char *text)
{
	struct in_addr ret;

	assert_true(ip_parse(text, &ret));
	return ret;
}

static struct neighbour heard(const char *at, int last)
{
	return (struct neighbour){ .ip = ip(at), .mac = mac(last) };
}

/* One more domain, with the UUID of NUMBER, and its NICs on br-hub: MACs ending in FIRST
 * and, unless it is 0, SECOND. */
static struct domain *add(struct domains *domains, int number, const char *name, bool running,
			  int first, int second)
{
	struct domain *domain = mem_new(domains, struct domain);

	domain->uuid = mem_printf(domain, "c0ffee00-0000-4000-8000-%012x", number);
	domain->name = name;
	domain->running = running;
	domain->nic_count = second ? 2 : 1;
	domain->nics = mem_array(domain, struct nic, 2);
	domain->nics[0] = (struct nic){ .mac = mac(first), .bridge = "br-hub" };
	domain->nics[1] = (struct nic){ .mac = mac(second), .bridge = "br-hub" };
	*mem_grow(domains, domains->list, struct domain *, domains->count) = domain;
	domains->count++;
	return domain;
}

/* "10.0.0.1 NAME, 10.0.0.2 ?!, - NAME": '?' is unknown, '!' contested, '-' not heard. */
static char *shown(const void *ctx, const struct guests *guests)
{
	char *text = mem_strdup(ctx, "");

	for (size_t i = 0; i < guests->count; i++) {
		const struct guest *guest = &guests->list[i];

		text = mem_append(ctx, text, "%s%s %s%s", i ? ", " : "",
				  guest->heard ? IP_TEXT(guest->ip) : "-",
				  guest->domain ? guest->domain->name : "?",
				  guest->contested ? "!" : "");
	}
	return text;
}

#define CLAIMS(...)                                                                      \
	.bridge = "br-hub", .claims = (struct neighbour[]){ __VA_ARGS__ },               \
	.claim_count = sizeof((struct neighbour[]){ __VA_ARGS__ }) / sizeof(struct neighbour)
#define JOIN(domains, ...)                                                               \
	guests_join(domains, domains, &(struct evidence){ CLAIMS(__VA_ARGS__) })

static void test_join(void **state)
{
	struct domains *domains = mem_new(NULL, struct domains);

	(void)state;
	add(domains, 1, "one", true, 1, 0);
	add(domains, 2, "two", true, 2, 3);
	add(domains, 3, "off", false, 4, 0);
	add(domains, 4, "elsewhere", true, 5, 0)->nics[0].bridge = "br-other";
	add(domains, 5, "nowhere", true, 6, 0)->nics[0].bridge = NULL;
	assert_string_equal(shown(domains, guests_join(domains, domains, &(struct evidence){ .bridge = "br-hub" })),
			    "- one, - two, - two, - off");
	/* by number, not as text; each NIC and each address has its row */
	assert_string_equal(shown(domains, JOIN(domains, heard("10.0.0.10", 2), heard("10.0.0.9", 1),
						heard("10.0.0.2", 3), heard("10.0.0.11", 1))),
			    "10.0.0.2 two, 10.0.0.9 one, 10.0.0.10 two, 10.0.0.11 one, - off");
	/* who is on another bridge, or off, or a stranger, is nobody we know here */
	assert_string_equal(shown(domains, JOIN(domains, heard("10.0.0.1", 5), heard("10.0.0.2", 6),
						heard("10.0.0.3", 99), heard("10.0.0.4", 4))),
			    "10.0.0.1 ?, 10.0.0.2 ?, 10.0.0.3 ?, 10.0.0.4 ?, "
			    "- one, - two, - two, - off");
	/* a MAC without an address */
	assert_string_equal(shown(domains, JOIN(domains, heard("0.0.0.0", 1), heard("10.0.0.1", 2))),
			    "10.0.0.1 two, - one, - two, - off");
	talloc_free(domains);
}

static void test_contested(void **state)
{
	struct domains *domains = mem_new(NULL, struct domains);
	struct guests *guests;

	(void)state;
	struct domain *one = add(domains, 1, "one", true, 1, 0);
	add(domains, 2, "two", true, 2, 0);
	add(domains, 3, "twin", true, 2, 0);
	add(domains, 4, "sleeping twin", false, 1, 0);
	/* two MACs, one address */
	guests = JOIN(domains, heard("10.0.0.1", 1), heard("10.0.0.1", 99), heard("10.0.0.2", 1));
	assert_string_equal(shown(domains, guests), "10.0.0.1 one!, 10.0.0.1 ?!, 10.0.0.2 one, "
						    "- two, - twin, - sleeping twin");
	assert_false(guest_confirmed(guests, one->uuid, ip("10.0.0.1")));
	assert_true(guest_confirmed(guests, one->uuid, ip("10.0.0.2")));
	assert_false(guest_confirmed(guests, one->uuid, ip("10.0.0.3")));
	/* two running domains of one MAC; one that is off does not count */
	guests = JOIN(domains, heard("10.0.0.1", 1), heard("10.0.0.2", 2));
	assert_string_equal(shown(domains, guests),
			    "10.0.0.1 one, 10.0.0.2 two!, 10.0.0.2 twin!, - sleeping twin");
	assert_false(guest_confirmed(guests, domains->list[1]->uuid, ip("10.0.0.2")));
	assert_false(guest_confirmed(guests, domains->list[2]->uuid, ip("10.0.0.2")));
	/* the scanner says so, though only one claimant was told of; said twice */
	struct neighbour again = heard("10.0.0.1", 1);
	again.event = NEIGHBOUR_CONTESTED;
	guests = JOIN(domains, again, again);
	assert_string_equal(shown(domains, guests),
			    "10.0.0.1 one!, - two, - twin, - sleeping twin");
	guests = JOIN(domains, heard("10.0.0.1", 1), again); /* it turned out while it swept */
	assert_string_equal(shown(domains, guests),
			    "10.0.0.1 one!, - two, - twin, - sleeping twin");
	talloc_free(domains);
}

/* The domain's name, or the fault's status as text. */
static const char *found(const struct guests *guests, const char *vm)
{
	static char status[12];
	const struct domain *domain = NULL;
	struct fault *fault = guest_find(guests, vm, &domain);

	if (!fault)
		return domain->name;
	assert_null(domain);
	snprintf(status, sizeof(status), "%d", fault->status);
	talloc_free(fault);
	return status;
}

static void test_find(void **state)
{
	struct domains *domains = mem_new(NULL, struct domains);

	(void)state;
	add(domains, 1, "untrusted-1", true, 1, 7);
	add(domains, 2, "untrusted-10", true, 2, 0);
	add(domains, 3, "off", false, 3, 0);
	add(domains, 4, "a\nb", true, 4, 0);
	struct guests *guests =
		JOIN(domains, heard("10.0.0.1", 1), heard("10.0.0.7", 7), heard("10.0.0.2", 2),
		     heard("10.0.0.3", 99), heard("10.0.0.4", 4), heard("10.0.0.4", 98));
	assert_string_equal(found(guests, "untrusted-1"), "untrusted-1");
	assert_string_equal(found(guests, "untrusted-10"), "untrusted-10");
	assert_string_equal(found(guests, "untrusted"), "3");
	assert_string_equal(found(guests, "UNTRUSTED-1"), "3");
	assert_string_equal(found(guests, ""), "3");
	assert_string_equal(found(guests, "off"), "off");
	assert_string_equal(found(guests, "a\nb"), "a\nb");
	assert_string_equal(found(guests, "C0FFEE00-0000-4000-8000-000000000002"), "untrusted-10");
	assert_string_equal(found(guests, "c0ffee00-0000-4000-8000-000000000009"), "3");
	assert_string_equal(found(guests, "10.0.0.1"), "untrusted-1");
	assert_string_equal(found(guests, "10.0.0.7"), "untrusted-1");
	assert_string_equal(found(guests, "10.0.0.3"), "3"); /* a stranger's */
	assert_string_equal(found(guests, "10.0.0.4"), "5"); /* contested */
	assert_string_equal(found(guests, "10.0.0.5"), "3"); /* nobody's */
	talloc_free(domains);
}

/* A VM's name can be another VM's address or UUID: then it is not certain who is meant. */
static void test_ambiguous(void **state)
{
	struct domains *domains = mem_new(NULL, struct domains);

	(void)state;
	add(domains, 1, "one", true, 1, 0);
	add(domains, 2, "10.0.0.1", true, 2, 0);
	add(domains, 3, "c0ffee00-0000-4000-8000-000000000001", true, 3, 0);
	add(domains, 4, "10.0.0.4", true, 4, 0);
	struct guests *guests = JOIN(domains, heard("10.0.0.1", 1), heard("10.0.0.2", 2),
				     heard("10.0.0.4", 4));
	assert_string_equal(found(guests, "10.0.0.1"), "5");
	assert_string_equal(found(guests, "c0ffee00-0000-4000-8000-000000000001"), "5");
	assert_string_equal(found(guests, "10.0.0.2"), "10.0.0.1");
	assert_string_equal(found(guests, "10.0.0.4"), "10.0.0.4"); /* both mean the same */
	assert_string_equal(found(guests, "one"), "one");
	talloc_free(domains);
}

static struct neighbour heard_on(const char *at, int last, const char *port)
{
	struct neighbour claim = heard(at, last);

	strcpy(claim.port, port);
	return claim;
}

/* "two on vnet2 claims …; " for each lie. */
static const char *told(const void *ctx, const struct guests *guests)
{
	char *text = mem_strdup(ctx, "");

	for (size_t i = 0; i < guests->lie_count; i++)
		text = mem_append(ctx, text, "%s; ", lie_text(ctx, &guests->lies[i]));
	return text;
}

static struct domains *tapped(void)
{
	struct domains *domains = mem_new(NULL, struct domains);

	add(domains, 1, "one", true, 1, 0)->nics[0].tap = "vnet1";
	add(domains, 2, "two", true, 2, 0)->nics[0].tap = "vnet2";
	return domains;
}

static struct leases *leases_of(const void *ctx, const char *at, int last)
{
	struct leases *leases = mem_new(ctx, struct leases);

	leases->list = mem_array(leases, struct lease, 1);
	leases->list[0] = (struct lease){ .ip = ip(at), .mac = mac(last) };
	leases->count = 1;
	return leases;
}

#define WITH_GATE(domains, given, ...)                                                   \
	guests_join(domains, domains,                                                    \
		    &(struct evidence){ CLAIMS(__VA_ARGS__), .gate = true,               \
					.host = ip("10.0.0.254"), .leases = given })

/* Behind the gate a lie takes nothing from whom it is told of, and the liar has nothing. */
static void test_wrong_port(void **state)
{
	struct domains *domains = tapped();
	struct guests *guests =
		WITH_GATE(domains, NULL, heard_on("10.0.0.1", 1, "vnet1"),
			  heard_on("10.0.0.2", 2, "vnet2"), heard_on("10.0.0.1", 1, "vnet2"),
			  heard_on("10.0.0.9", 99, "vnet2"));

	(void)state;
	assert_string_equal(shown(domains, guests), "10.0.0.1 one, 10.0.0.2 two!");
	assert_string_equal(told(domains, guests),
			    "two on vnet2 claims 10.0.0.1 as 52:54:00:00:00:01, which is the "
			    "MAC of another port; "
			    "two on vnet2 claims 10.0.0.9 as 52:54:00:00:00:63, which is the "
			    "MAC of another port; ");
	/* a stranger's port */
	guests = WITH_GATE(domains, NULL, heard_on("10.0.0.1", 1, "vnet1"),
			   heard_on("10.0.0.1", 1, "veth9"), heard_on("10.0.0.3", 99, "veth9"));
	assert_string_equal(shown(domains, guests), "10.0.0.1 one, 10.0.0.3 ?, - two");
	assert_string_equal(told(domains, guests),
			    "an unknown station on veth9 claims 10.0.0.1 as 52:54:00:00:00:01, "
			    "which is the MAC of another port; ");
	/* without the gate whoever lies may use it */
	guests = JOIN(domains, heard_on("10.0.0.1", 1, "vnet1"), heard_on("10.0.0.1", 2, "vnet2"));
	assert_string_equal(shown(domains, guests), "10.0.0.1 one!, 10.0.0.1 two!");
	talloc_free(domains);
}

static void test_leased(void **state)
{
	struct domains *domains = tapped();
	struct leases *leases = leases_of(domains, "10.0.0.1", 1);
	struct guests *guests =
		WITH_GATE(domains, leases, heard_on("10.0.0.1", 2, "vnet2"),
			  heard_on("10.0.0.1", 1, "vnet1"), heard_on("10.0.0.2", 2, "vnet2"));

	(void)state;
	assert_string_equal(shown(domains, guests), "10.0.0.1 one, 10.0.0.2 two");
	assert_string_equal(told(domains, guests),
			    "two on vnet2 claims 10.0.0.1 as 52:54:00:00:00:02, which is leased "
			    "to another; ");
	/* hubscan, which does not know of leases, calls both contested */
	struct neighbour first = heard_on("10.0.0.1", 2, "vnet2");
	struct neighbour second = heard_on("10.0.0.1", 1, "vnet1");
	first.event = second.event = NEIGHBOUR_CONTESTED;
	guests = WITH_GATE(domains, leases, first, second);
	assert_true(guest_confirmed(guests, domains->list[0]->uuid, ip("10.0.0.1")));
	/* it is away, and its address is not free all the same */
	guests = WITH_GATE(domains, leases, heard_on("10.0.0.1", 2, "vnet2"));
	assert_string_equal(shown(domains, guests), "- one, - two");
	/* whose lease is another's has lost the address, also where it is silent */
	assert_true(guest_lost(guests, mac(2), ip("10.0.0.1")));
	assert_false(guest_lost(guests, mac(1), ip("10.0.0.1")));
	assert_false(guest_lost(guests, mac(1), ip("10.0.0.5")));
	/* nothing decides */
	guests = WITH_GATE(domains, NULL, first, second);
	assert_string_equal(shown(domains, guests), "10.0.0.1 two!, 10.0.0.1 one!");
	/* without the gate a lease decides nothing */
	guests = guests_join(domains, domains,
			     &(struct evidence){ CLAIMS(first, second), .leases = leases });
	assert_false(guest_confirmed(guests, domains->list[0]->uuid, ip("10.0.0.1")));
	talloc_free(domains);
}

static void test_host_address(void **state)
{
	struct domains *domains = tapped();
	struct guests *guests =
		WITH_GATE(domains, NULL, heard_on("10.0.0.254", 2, "vnet2"),
			  heard_on("10.0.0.2", 2, "vnet2"), heard_on("10.0.0.1", 1, "vnet1"));

	(void)state;
	assert_string_equal(shown(domains, guests), "10.0.0.1 one, 10.0.0.2 two!");
	assert_string_equal(told(domains, guests),
			    "two on vnet2 claims 10.0.0.254 as 52:54:00:00:00:02, which is the "
			    "host's own address; ");
	talloc_free(domains);
}

static void test_greedy(void **state)
{
	struct neighbour claims[GUEST_ADDRESSES_MAX + 1];
	struct domains *domains = tapped();
	struct evidence evidence = { .bridge = "br-hub", .claims = claims,
				     .claim_count = GUEST_ADDRESSES_MAX,
				     .leases = leases_of(domains, "10.0.0.10", 2) };
	char at[24];

	(void)state;
	for (int i = 0; i <= GUEST_ADDRESSES_MAX; i++) {
		snprintf(at, sizeof(at), "10.0.0.%d", 10 + i);
		claims[i] = heard(at, 2);
	}
	const char *two = domains->list[1]->uuid;
	struct guests *guests = guests_join(domains, domains, &evidence);
	assert_true(guest_confirmed(guests, two, ip("10.0.0.11")));
	evidence.claim_count++;
	guests = guests_join(domains, domains, &evidence);
	assert_false(guest_confirmed(guests, two, ip("10.0.0.11")));
	assert_true(guest_confirmed(guests, two, ip("10.0.0.10")));
	talloc_free(domains);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_contested),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_wrong_port),
		cmocka_unit_test(test_leased),
		cmocka_unit_test(test_host_address),
		cmocka_unit_test(test_greedy),
		cmocka_unit_test(test_ambiguous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

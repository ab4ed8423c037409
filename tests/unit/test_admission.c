/* SPDX-License-Identifier: ISC */
/* Whom the gate lets in, and whom no longer. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "hub/admission.h"
#include "service/claims.h"

static const struct settings settings = { .allow_stations = "52:54:00:00:00:63\n" };

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

static char names[][IFNAMSIZ] = { "vnet1", "vnet2", "vnet3", "veth9" };
static const struct ports all_ports = { names, 4 };

/* Three running domains with a tap each; what stands in the gate; what is claimed. */
struct scene {
	struct domains *domains;
	struct gate_plan *standing;
	struct claims *claims;
	struct leases leases;
};

static void add_domain(struct scene *s, int number, int last)
{
	struct domain *domain = mem_new(s->domains, struct domain);

	domain->uuid = mem_printf(domain, "c0ffee00-0000-4000-8000-%012x", number);
	domain->name = mem_printf(domain, "vm-%d", number);
	domain->running = true;
	domain->nic_count = 1;
	domain->nics = mem_array(domain, struct nic, 1);
	domain->nics[0] = (struct nic){ .mac = mac(last), .bridge = "br-hub",
					.tap = mem_printf(domain, "vnet%d", number) };
	*mem_grow(s->domains, s->domains->list, struct domain *, s->domains->count) = domain;
	s->domains->count++;
}

static struct scene *scene_new(void)
{
	struct scene *s = mem_new(NULL, struct scene);

	s->domains = mem_new(s, struct domains);
	s->standing = mem_new(s, struct gate_plan);
	s->claims = mem_new(s, struct claims);
	for (int i = 1; i <= 3; i++)
		add_domain(s, i, i);
	return s;
}

static void stands(struct scene *s, const char *port, int last, const char *at)
{
	struct gate_binding *binding = mem_grow(s->standing, s->standing->bindings,
						struct gate_binding, s->standing->binding_count);

	s->standing->binding_count++;
	strcpy(binding->port, port);
	binding->mac = mac(last);
	binding->ip = ip(at);
}

static void told(struct scene *s, enum neighbour_event event, const char *at, int last,
		 const char *port)
{
	struct neighbour line = { .ip = ip(at), .mac = mac(last), .event = event };

	strcpy(line.port, port);
	claims_take(s->claims, &line);
}

static struct guests *join(struct scene *s)
{
	return guests_join(s, s->domains,
			   &(struct evidence){ .bridge = "br-hub",
					       .claims = s->claims->list,
					       .claim_count = s->claims->count,
					       .leases = &s->leases,
					       .gate = true });
}

/* "vnet1 10.0.0.1; " for each of its bindings. */
static const char *held(struct scene *s, const struct gate_plan *plan)
{
	char *text = mem_strdup(s, "");

	for (size_t i = 0; i < plan->binding_count; i++)
		text = mem_append(s, text, "%s %s; ", plan->bindings[i].port,
				  IP_TEXT(plan->bindings[i].ip));
	return text;
}

static const char *kept(struct scene *s)
{
	return held(s, admission_keep(s, &settings, s->standing, join(s), &all_ports));
}

static const char *opened(struct scene *s, const char *at)
{
	struct guests *guests = join(s);
	struct gate_plan *plan =
		admission_keep(s, &settings, s->standing, guests, &all_ports);

	admission_open(plan, &settings, guests, &all_ports, ip(at));
	return held(s, plan);
}

static void test_stays(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	stands(s, "vnet1", 1, "10.0.0.1");
	assert_string_equal(kept(s), "vnet1 10.0.0.1; "); /* silent */
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet1");
	assert_string_equal(kept(s), "vnet1 10.0.0.1; ");
	told(s, NEIGHBOUR_GONE, "10.0.0.1", 1, "vnet1");
	assert_string_equal(kept(s), "vnet1 10.0.0.1; ");
	/* nobody comes in by being kept */
	told(s, NEIGHBOUR_NEW, "10.0.0.2", 2, "vnet2");
	assert_string_equal(kept(s), "vnet1 10.0.0.1; ");
	talloc_free(s);
}

static void test_goes(void **state)
{
	struct scene *s = scene_new();
	struct lease lease = { .ip = ip("10.0.0.1"), .mac = mac(2) };

	(void)state;
	stands(s, "vnet1", 1, "10.0.0.1");
	/* it is elsewhere */
	told(s, NEIGHBOUR_NEW, "10.0.0.9", 1, "vnet1");
	assert_string_equal(kept(s), "");
	told(s, NEIGHBOUR_GONE, "10.0.0.9", 1, "vnet1");
	/* somebody else claims it: it is contested, or his */
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 2, "vnet2");
	assert_string_equal(kept(s), "");
	told(s, NEIGHBOUR_CONTESTED, "10.0.0.1", 1, "vnet1");
	assert_string_equal(kept(s), "");
	told(s, NEIGHBOUR_GONE, "10.0.0.1", 2, "vnet2");
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet1");
	assert_string_equal(kept(s), "vnet1 10.0.0.1; ");
	/* DHCP gave it to another */
	s->leases = (struct leases){ &lease, 1 };
	assert_string_equal(kept(s), "");
	told(s, NEIGHBOUR_GONE, "10.0.0.1", 1, "vnet1"); /* and it is silent, too */
	assert_string_equal(kept(s), "");
	s->leases.count = 0;
	/* it has another port, or MAC, or is off */
	s->domains->list[0]->nics[0].tap = "vnet7";
	assert_string_equal(kept(s), "");
	s->domains->list[0]->nics[0].tap = "vnet1";
	s->domains->list[0]->nics[0].mac = mac(9);
	assert_string_equal(kept(s), "");
	s->domains->list[0]->nics[0].mac = mac(1);
	s->domains->list[0]->running = false;
	assert_string_equal(kept(s), "");
	talloc_free(s);
}

static void test_lies(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	stands(s, "vnet1", 1, "10.0.0.1");
	stands(s, "vnet2", 2, "10.0.0.2");
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet1");
	told(s, NEIGHBOUR_NEW, "10.0.0.2", 2, "vnet2");
	/* with the MAC of another, from his own port: he alone is shut out */
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet2");
	assert_string_equal(kept(s), "vnet1 10.0.0.1; ");
	assert_string_equal(opened(s, "10.0.0.2"), "vnet1 10.0.0.1; ");
	told(s, NEIGHBOUR_GONE, "10.0.0.1", 1, "vnet2");
	assert_string_equal(kept(s), "vnet1 10.0.0.1; vnet2 10.0.0.2; ");
	talloc_free(s);
}

/* Frames to a MAC that two have go to whoever spoke last: neither may use it. */
static void test_twins(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	stands(s, "vnet1", 1, "10.0.0.1");
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet1");
	s->domains->list[1]->nics[0].mac = mac(1);
	struct gate_plan *plan =
		admission_keep(s, &settings, s->standing, join(s), &all_ports);
	assert_int_equal(plan->binding_count, 0);
	assert_int_equal(plan->tap_count, 1);
	assert_string_equal(plan->taps[0].port, "vnet3");
	s->domains->list[1]->running = false; /* that one is off */
	assert_string_equal(kept(s), "vnet1 10.0.0.1; ");
	talloc_free(s);
}

static void test_opens(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet1");
	assert_string_equal(opened(s, "10.0.0.1"), "vnet1 10.0.0.1; ");
	assert_string_equal(opened(s, "10.0.0.2"), "");
	/* where the port is not known it is the tap's */
	told(s, NEIGHBOUR_NEW, "10.0.0.2", 2, "");
	assert_string_equal(opened(s, "10.0.0.2"), "vnet2 10.0.0.2; ");
	/* strangers, but for those that are allowed, whose MAC goes to the port */
	told(s, NEIGHBOUR_NEW, "10.0.0.8", 98, "veth9");
	assert_string_equal(opened(s, "10.0.0.8"), "");
	told(s, NEIGHBOUR_NEW, "10.0.0.9", 0x63, "veth9");
	assert_string_equal(opened(s, "10.0.0.9"), "veth9 10.0.0.9; ");
	struct gate_plan *plan =
		admission_keep(s, &settings, s->standing, join(s), &all_ports);
	assert_int_equal(plan->tap_count, 4);
	/* a port that is not the bridge's */
	s->domains->list[0]->nics[0].tap = "eth0";
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "eth0");
	assert_string_equal(opened(s, "10.0.0.1"), "");
	talloc_free(s);
}

static bool is_any(const void *arg, const char *port)
{
	(void)arg;
	return *port;
}

static bool is_vnet1(const void *arg, const char *port)
{
	(void)arg;
	return strcmp(port, "vnet1") == 0;
}

static void test_claims(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	told(s, NEIGHBOUR_LINK, "0.0.0.0", 1, "vnet1");
	assert_int_equal(s->claims->count, 0);
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "");
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet1"); /* the same, known better */
	assert_int_equal(s->claims->count, 1);
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet2");
	told(s, NEIGHBOUR_CONTESTED, "10.0.0.1", 1, "vnet2");
	told(s, NEIGHBOUR_NEW, "10.0.0.2", 2, "");
	assert_int_equal(s->claims->count, 3);
	assert_true(claims_keep(s->claims, is_vnet1, NULL));
	assert_int_equal(s->claims->count, 2); /* what has no port stays */
	assert_false(claims_keep(s->claims, is_vnet1, NULL));
	assert_false(claims_missed(s->claims, is_vnet1, NULL)); /* vnet2 is still away */
	assert_true(claims_missed(s->claims, is_any, NULL));
	assert_false(claims_missed(s->claims, is_any, NULL)); /* told once */
	told(s, NEIGHBOUR_GONE, "10.0.0.1", 1, ""); /* from wherever */
	told(s, NEIGHBOUR_GONE, "10.0.0.2", 2, "");
	assert_int_equal(s->claims->count, 0);
	for (int i = 0; i <= CLAIMS_MAX; i++) {
		struct neighbour line = { .ip = { htonl(0x0a000000 + (uint32_t)i) } };

		claims_take(s->claims, &line);
	}
	assert_int_equal(s->claims->count, CLAIMS_MAX);
	talloc_free(s);
}

/* As long as nothing is known of VMs there are ports, and nobody comes in by them. */
static void test_nobody(void **state)
{
	char two[2][IFNAMSIZ] = { "vnet1", "vnet2" };
	const struct ports ports = { two, 2 };
	struct gate_plan *plan = admission_nobody(NULL, &ports);

	(void)state;
	assert_int_equal(plan->port_count, 2);
	assert_string_equal(plan->ports[1], "vnet2");
	assert_int_equal(plan->tap_count + plan->binding_count, 0);
	talloc_free(plan);
}

/* A scanner that was started again tells whom it hears; nobody tells of who is gone since. */
static void test_claims_anew(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	told(s, NEIGHBOUR_NEW, "10.0.0.1", 1, "vnet1");
	told(s, NEIGHBOUR_NEW, "10.0.0.2", 2, "vnet2");
	assert_false(claims_settle(s->claims));
	claims_begin(s->claims);
	assert_int_equal(s->claims->count, 2); /* until it had time to ask */
	told(s, NEIGHBOUR_NEW, "10.0.0.2", 2, "vnet2");
	told(s, NEIGHBOUR_NEW, "10.0.0.3", 3, "");
	assert_true(claims_settle(s->claims));
	assert_int_equal(s->claims->count, 2);
	assert_false(claims_settle(s->claims));
	told(s, NEIGHBOUR_NEW, "10.0.0.2", 2, ""); /* not known as well as before */
	told(s, NEIGHBOUR_GONE, "10.0.0.2", 2, "vnet2");
	told(s, NEIGHBOUR_GONE, "10.0.0.3", 3, "");
	assert_int_equal(s->claims->count, 0);
	talloc_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stays), cmocka_unit_test(test_goes),
		cmocka_unit_test(test_lies),  cmocka_unit_test(test_twins),
		cmocka_unit_test(test_opens), cmocka_unit_test(test_claims),
		cmocka_unit_test(test_claims_anew), cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* How a share stands with its VM. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "hub/standing.h"

static const char uuid[] = "c0ffee00-0000-4000-8000-000000000001";
static const struct term_now now = { 5000, INT64_C(1769860800000),
				     "c0ffee00-0000-4000-8000-00000000b007" };

static struct mac mac(int last)
{
	return (struct mac){ { 0x52, 0x54, 0, 0, 0, (uint8_t)last } };
}

static struct in_addr ip(int last)
{
	return (struct in_addr){ htonl(0x0a000000u + (uint32_t)last) };
}

/* One VM with one share, which is served at 10.0.0.1, where it alone was heard. */
struct world {
	struct nic nics[2];
	struct domain domain;
	struct domain *list[1];
	struct domains domains;
	struct neighbour heard[3];
	size_t heard_count;
	struct inventory *inventory;
	struct fragment *truth;
};

static struct rendering *serve(struct world *w, int at, enum tenure tenure)
{
	struct fragment *fragment = fragment_new(w, uuid, "vm", tenure);

	fragment->mac = mem_strdup(fragment, MAC_TEXT(w->nics[0].mac));
	fragment_add(fragment, share_new(fragment, "share", "/srv"));
	inventory_add_rendering(w->inventory, fragment, ip(at));
	return inventory_rendering(w->inventory, tenure, ip(at));
}

static struct world *world_new(void)
{
	struct world *w = mem_new(NULL, struct world);

	w->nics[0] = (struct nic){ .mac = mac(1), .bridge = "br-hub" };
	w->nics[1] = (struct nic){ .mac = mac(2), .bridge = "br-hub" };
	w->domain = (struct domain){ .uuid = uuid, .name = "vm", .running = true, .id = 3,
				     .nics = w->nics, .nic_count = 2 };
	w->list[0] = &w->domain;
	w->domains = (struct domains){ w->list, 1 };
	w->heard[w->heard_count++] = (struct neighbour){ .ip = ip(1), .mac = mac(1) };
	w->inventory = mem_new(w, struct inventory);
	w->truth = inventory_make(w->inventory, uuid, "vm", TENURE_TEMPORARY);
	fragment_add(w->truth, share_new(w->truth, "share", "/srv"));
	serve(w, 1, TENURE_TEMPORARY);
	return w;
}

static void hear(struct world *w, int at, int who)
{
	w->heard[w->heard_count++] = (struct neighbour){ .ip = ip(at), .mac = mac(who) };
}

/* Served at AT (0: nowhere) it stands so. */
static void stands(const struct world *w, int at, const char *wanted)
{
	const struct evidence evidence = { .bridge = "br-hub",
					   .claims = w->heard,
					   .claim_count = w->heard_count };
	struct guests *guests = guests_join(NULL, &w->domains, &evidence);
	const struct rendering *there =
		at ? inventory_rendering(w->inventory, TENURE_TEMPORARY, ip(at)) : NULL;

	assert_true(!at || there);
	assert_string_equal(standing_name(standing_of(w->inventory, guests, w->truth,
						      w->truth->shares[0], there, &now)),
			    wanted);
	talloc_free(guests);
}

static void test_open(void **state)
{
	struct world *w = world_new();

	(void)state;
	stands(w, 1, "open");
	w->heard_count = 0; /* silent, and still there */
	stands(w, 1, "open");
	w->domain.running = false;
	stands(w, 1, "parked");
	talloc_free(w);
	w = world_new(); /* the other NIC has an address of its own */
	hear(w, 2, 2);
	serve(w, 2, TENURE_TEMPORARY);
	stands(w, 1, "open");
	stands(w, 2, "open");
	talloc_free(w);
}

static void test_parked(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->heard[0].ip = ip(5); /* it has moved */
	stands(w, 1, "parked");
	stands(w, 0, "parked");
	w->heard[0].mac = mac(9); /* another one is where it was */
	w->heard[0].ip = ip(1);
	stands(w, 1, "parked");
	w->domains.count = 0; /* libvirt does not know it */
	stands(w, 1, "parked");
	stands(w, 0, "parked");
	talloc_free(w);
}

static void test_suspended(void **state)
{
	struct world *w = world_new();

	(void)state;
	hear(w, 1, 9);
	stands(w, 1, "suspended");
	stands(w, 0, "suspended");
	w->heard[1] = (struct neighbour){ .ip = ip(2), .mac = mac(2) };
	hear(w, 2, 9); /* the other address alone */
	stands(w, 1, "open");
	stands(w, 0, "suspended");
	talloc_free(w);
	w = world_new();
	w->inventory->renderings[0].fragment->edited = true;
	stands(w, 1, "suspended");
	w->inventory->renderings[0].fragment->uuid = NULL; /* the original tool's */
	stands(w, 0, "suspended");
	talloc_free(w);
	w = world_new(); /* an edit of the other tenure's file keeps nothing */
	serve(w, 1, TENURE_PERMANENT)->fragment->edited = true;
	stands(w, 1, "open");
	talloc_free(w);
}

static void test_expired(void **state)
{
	struct world *w = world_new();
	struct term *term = &w->truth->shares[0]->term;

	(void)state;
	*term = term_for(&now, 1000, false);
	stands(w, 1, "open");
	term->until_ms = now.boot_ms;
	stands(w, 1, "expired");
	hear(w, 1, 9);
	stands(w, 1, "expired");
	w->heard_count = 1;
	*term = term_until_stop(&now, 3);
	stands(w, 1, "open");
	w->domain.id = 4;
	stands(w, 1, "expired");
	stands(w, 0, "expired");
	talloc_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_parked),
		cmocka_unit_test(test_suspended),
		cmocka_unit_test(test_expired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The chain of a share, as far as it is judged from what is known: which link breaks first. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "doctor/why.h"

static const char uuid[] = "c0ffee00-0000-4000-8000-000000000001";

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

/* One VM with one share, which it could open at 10.0.0.1, where it alone was heard. */
struct world {
	struct settings settings;
	struct nic nics[2];
	struct domain domain, twin;
	struct domain *domain_list[2];
	struct domains domains;
	struct neighbour heard[3];
	size_t heard_count;
	struct fragment *truth, *there[2];
	struct rendering renderings[2];
	struct inventory inventory;
	struct host *host;
};

static struct fragment *with_share(const void *ctx, const char *of)
{
	struct fragment *fragment = fragment_new(ctx, of, "vm", TENURE_TEMPORARY);

	fragment_add(fragment, share_new(fragment, "share", "/srv"));
	return fragment;
}

static struct world *world_new(void)
{
	struct world *w = mem_new(NULL, struct world);

	w->settings = (struct settings){ .root = "/none", .bridge = "br-hub", .samba_dir = "",
					 .network = "10.0.0.0/24" };
	w->nics[0] = (struct nic){ .mac = mac(1), .bridge = "br-hub" };
	w->nics[1] = (struct nic){ .mac = mac(2), .bridge = "br-other" };
	w->domain = (struct domain){ .uuid = uuid, .name = "vm", .running = true,
				     .nics = w->nics, .nic_count = 2 };
	w->twin = (struct domain){ .uuid = "c0ffee00-0000-4000-8000-000000000002",
				   .name = "twin", .nics = w->nics, .nic_count = 2 };
	w->domain_list[0] = &w->domain;
	w->domain_list[1] = &w->twin;
	w->domains = (struct domains){ w->domain_list, 2 };
	w->heard[0] = (struct neighbour){ .ip = ip("10.0.0.1"), .mac = mac(1) };
	w->heard_count = 1;
	w->truth = with_share(w, uuid);
	for (size_t i = 0; i < 2; i++)
		w->there[i] = with_share(w, uuid);
	w->renderings[0] = (struct rendering){ .ip = ip("10.0.0.1"),
					       .tenure = TENURE_TEMPORARY,
					       .fragment = w->there[0] };
	w->renderings[1] = (struct rendering){ .ip = ip("10.0.0.2"),
					       .tenure = TENURE_TEMPORARY,
					       .fragment = w->there[1] };
	w->inventory = (struct inventory){ &w->truth, 1, w->renderings, 1, NULL, 0 };
	w->host = host_new(w, &w->settings);
	return w;
}

/* The key of the first broken link of those before "path", where looking at the host begins;
 * "path" if none is.  *RET: what it said. */
static const char *breaks(struct world *w, struct finding *ret)
{
	const struct link *link = why_links;

	w->host->inventory = &w->inventory;
	w->host->guests = guests_join(w, &w->domains,
				      &(struct evidence){ .bridge = "br-hub",
							  .claims = w->heard,
							  .claim_count = w->heard_count });
	struct why *why = why_new(w, w->host, &w->domain, w->truth, w->truth->shares[0]);
	for (; strcmp(link->key, "path") != 0; link++)
		if ((*ret = link->look(why)).verdict != VERDICT_OK)
			break;
	return link->key;
}

/* Breaks at KEY, and says WORD; *W is free afterwards. */
static void check_break(struct world *w, const char *key, const char *word)
{
	struct finding finding;

	assert_string_equal(breaks(w, &finding), key);
	assert_non_null(strstr(finding.text, word));
	talloc_free(w);
}

static void test_vm(void **state)
{
	struct world *w = world_new();

	(void)state;
	check_break(w, "path", "excluded");
	w = world_new();
	w->domain.running = false;
	check_break(w, "running", "vm is off");
	w = world_new();
	w->nics[0].bridge = "br-other";
	check_break(w, "nic", "no network interface on br-hub");
	w = world_new();
	w->nics[0].down = true;
	check_break(w, "nic", "52:54:00:00:00:01 is set down");
	w = world_new();
	w->nics[0].down = true; /* the other one will do */
	w->nics[1].bridge = "br-hub";
	w->heard[0].mac = mac(2);
	check_break(w, "path", "excluded");
}

static void test_heard(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->heard_count = 0;
	check_break(w, "heard", "vm was not heard on br-hub");
	w = world_new();
	w->heard[0].mac = mac(9); /* somebody else has its address */
	check_break(w, "heard", "vm was not heard on br-hub");
	w = world_new();
	w->heard[w->heard_count++] = (struct neighbour){ .ip = ip("10.0.0.1"), .mac = mac(9) };
	check_break(w, "address", "vm (52:54:00:00:00:01), unknown (52:54:00:00:00:09)");
	w = world_new();
	w->twin.running = true; /* of the same MAC */
	check_break(w, "address", "vm (52:54:00:00:00:01), twin (52:54:00:00:00:01)");
}

static void test_places(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->heard[0].ip = ip("10.0.0.3");
	check_break(w, "rendering", "No temporary shares are served at 10.0.0.3");
	w = world_new(); /* of several addresses that which is nearest */
	w->heard[0].ip = ip("10.0.0.3");
	w->heard[w->heard_count++] = (struct neighbour){ .ip = ip("10.0.0.1"), .mac = mac(1) };
	check_break(w, "path", "excluded");
	w = world_new(); /* a contested one comes last, whatever is served there */
	w->heard[w->heard_count++] = (struct neighbour){ .ip = ip("10.0.0.1"), .mac = mac(9) };
	w->heard[w->heard_count++] = (struct neighbour){ .ip = ip("10.0.0.3"), .mac = mac(1) };
	check_break(w, "rendering", "at 10.0.0.3");
	w = world_new(); /* one with the share goes before one without */
	w->inventory.rendering_count = 2;
	fragment_remove(w->there[0], w->there[0]->shares[0]);
	w->heard[w->heard_count++] = (struct neighbour){ .ip = ip("10.0.0.2"), .mac = mac(1) };
	check_break(w, "path", "excluded");
}

static void test_rendering(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->renderings[0].tenure = TENURE_PERMANENT;
	check_break(w, "rendering", "No temporary shares");
	w = world_new();
	w->there[0]->broken = true;
	check_break(w, "rendering", "cannot be used");
	w = world_new();
	w->there[0]->uuid = NULL;
	check_break(w, "rendering", "not made by hubshare");
	w = world_new();
	w->there[0]->uuid = w->twin.uuid;
	check_break(w, "rendering", "Another VM's");
	w = world_new();
	w->there[0]->edited = true;
	check_break(w, "rendering", "edited by hand");
}

static void test_served(void **state)
{
	struct world *w = world_new();

	(void)state;
	fragment_remove(w->there[0], w->there[0]->shares[0]);
	check_break(w, "served", "'share' is not among");
	w = world_new();
	fragment_cut(w->there[0], "SHARE");
	check_break(w, "served", "still to be cut");
	w = world_new();
	fragment_cut(w->there[0], "another");
	check_break(w, "path", "excluded");
	w = world_new();
	w->there[0]->shares[0]->read_only = true;
	check_break(w, "served", "as it is now");
	w = world_new();
	w->there[0]->shares[0]->path = "/srv2";
	check_break(w, "served", "as it is now");
}

static void test_end(void **state)
{
	struct world *w = world_new();
	struct finding finding;

	(void)state;
	assert_string_equal(breaks(w, &finding), "path");
	w->truth->shares[0]->term = (struct term){ .kind = TERM_LOST };
	check_break(w, "end", "'share' has expired");
	w = world_new();
	w->domain.id = 3;
	w->truth->shares[0]->term = term_until_stop(&w->host->now, 3);
	w->there[0]->shares[0]->term = w->truth->shares[0]->term;
	assert_string_equal(breaks(w, &finding), "path");
	w->domain.running = false; /* which ends it before it is said that it is off */
	check_break(w, "end", "'share' has expired");
}

static void test_hosts(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->truth->shares[0]->hosts_allow = w->there[0]->shares[0]->hosts_allow = "10.0.0.2";
	check_break(w, "hosts", "10.0.0.1 is not among the allowed hosts (10.0.0.2)");
	w = world_new();
	w->truth->shares[0]->private = w->there[0]->shares[0]->private = true;
	check_break(w, "path", "its own");
	assert_true(why_hosts_hold("10.0.0.1", ip("10.0.0.1")));
	assert_true(why_hosts_hold("fe80::1, 10.0.0.7, 10.0.0.0/29", ip("10.0.0.1")));
	assert_true(why_hosts_hold("0.0.0.0/0", ip("192.0.2.1")));
	assert_true(why_hosts_hold("10.0.0.1/32", ip("10.0.0.1")));
	assert_false(why_hosts_hold("10.0.0.1/32", ip("10.0.0.0")));
	assert_true(why_hosts_hold("128.0.0.0/1", ip("255.0.0.1")));
	assert_false(why_hosts_hold("128.0.0.0/1", ip("127.255.255.255")));
	assert_false(why_hosts_hold("10.0.0.8/29", ip("10.0.0.1")));
	assert_false(why_hosts_hold("10.0.0.11", ip("10.0.0.1")));
	assert_false(why_hosts_hold("::/0", ip("10.0.0.1")));
	assert_false(why_hosts_hold("fe80::1, 10.0.0.2", ip("10.0.0.1")));
}

/* Each link has a key and a title of its own, and a status that the manual names. */
static void test_links(void **state)
{
	(void)state;
	for (const struct link *a = why_links; a->key; a++) {
		assert_true(a->title && *a->title && a->look);
		assert_int_not_equal(a->status, FAULT_NONE);
		for (const struct link *b = why_links; b != a; b++)
			assert_true(strcmp(a->key, b->key) && strcmp(a->title, b->title));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vm),	cmocka_unit_test(test_heard),
		cmocka_unit_test(test_places),	cmocka_unit_test(test_rendering),
		cmocka_unit_test(test_served),	cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

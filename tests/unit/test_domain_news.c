/* SPDX-License-Identifier: ISC */
/* News of domains: to a line and back, and what they make of a list. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "hub/domain_news.h"

static struct domain *make_domain(const void *ctx, int number, const char *name)
{
	struct domain *domain = mem_new(ctx, struct domain);

	domain->uuid = mem_printf(domain, "c0ffee00-0000-4000-8000-%012x", number);
	domain->name = name;
	return domain;
}

static void test_line(void **state)
{
	struct domain *domain = make_domain(NULL, 1, "a\n\"b\xc3\xbc");
	struct nic nics[] = {
		{ .mac = { { 0x52, 0x54, 0, 0, 0, 1 } }, .network = "hub", .bridge = "br-hub",
		  .tap = "vnet1" },
		{ .mac = { { 0x52, 0x54, 0, 0, 0, 2 } }, .down = true },
	};
	struct domain_news back;

	(void)state;
	domain_add_disk(domain, "/srv/a b.img");
	domain->running = true;
	domain->id = 17;
	domain->nics = nics;
	domain->nic_count = 2;
	char *line = domain_news_line(domain, &(struct domain_news){ NEWS_DOMAIN, domain });
	assert_null(strchr(line, '\n'));
	assert_null(domain_news_parse(domain, line, &back));
	assert_int_equal(back.kind, NEWS_DOMAIN);
	assert_string_equal(back.domain->uuid, domain->uuid);
	assert_string_equal(back.domain->name, domain->name);
	assert_true(back.domain->running);
	assert_int_equal(back.domain->id, 17);
	assert_int_equal(back.domain->nic_count, 2);
	assert_true(mac_equal(back.domain->nics[0].mac, nics[0].mac));
	assert_string_equal(back.domain->nics[0].network, "hub");
	assert_string_equal(back.domain->nics[0].bridge, "br-hub");
	assert_string_equal(back.domain->nics[0].tap, "vnet1");
	assert_false(back.domain->nics[0].down);
	assert_int_equal(back.domain->disk_count, 1);
	assert_string_equal(back.domain->disks[0], "/srv/a b.img");
	assert_null(back.domain->nics[1].tap);
	assert_true(back.domain->nics[1].down);
	domain->running = false;
	domain->id = -1;
	line = domain_news_line(domain, &(struct domain_news){ NEWS_DOMAIN, domain });
	assert_null(domain_news_parse(domain, line, &back));
	assert_int_equal(back.domain->id, -1);
	talloc_free(domain);
}

static void refused_line(const char *line)
{
	struct domain_news news;
	struct fault *fault = domain_news_parse(NULL, line, &news);

	assert_non_null(fault);
	talloc_free(fault);
}

static void test_refused(void **state)
{
	(void)state;
	refused_line("");
	refused_line("{}");
	refused_line("{\"kind\": \"other\"}");
	refused_line("{\"kind\": \"domain\"}");
	refused_line("{\"kind\": \"gone\"}");
	refused_line("{\"kind\": \"domain\", \"uuid\": \"x\", \"nics\": [{}]}");
}

static void take(struct domains *domains, struct domains **listed, enum domain_news_kind kind,
		 struct domain *domain)
{
	domain_news_take(domains, listed, &(struct domain_news){ kind, domain });
}

static const char *names(struct domains *domains)
{
	char *text = mem_strdup(domains, "");

	for (size_t i = 0; i < domains->count; i++)
		text = mem_append(domains, text, "%s ", domains->list[i]->name);
	return text;
}

static void test_take(void **state)
{
	struct domains *domains = mem_new(NULL, struct domains), *listed = NULL;

	(void)state;
	take(domains, &listed, NEWS_LIST, NULL);
	take(domains, &listed, NEWS_DOMAIN, make_domain(NULL, 1, "one"));
	take(domains, &listed, NEWS_DOMAIN, make_domain(NULL, 2, "two"));
	assert_string_equal(names(domains), "");
	take(domains, &listed, NEWS_WHOLE, NULL);
	assert_string_equal(names(domains), "one two ");
	take(domains, &listed, NEWS_DOMAIN, make_domain(NULL, 3, "three"));
	take(domains, &listed, NEWS_DOMAIN, make_domain(NULL, 2, "renamed"));
	assert_string_equal(names(domains), "one three renamed ");
	take(domains, &listed, NEWS_GONE, make_domain(NULL, 1, NULL));
	assert_string_equal(names(domains), "renamed three ");
	/* a list that is not told to its end takes nobody away */
	take(domains, &listed, NEWS_LIST, NULL);
	take(domains, &listed, NEWS_DOMAIN, make_domain(NULL, 4, "four"));
	take(domains, &listed, NEWS_LIST, NULL);
	assert_string_equal(names(domains), "renamed three ");
	take(domains, &listed, NEWS_DOMAIN, make_domain(NULL, 3, "three"));
	take(domains, &listed, NEWS_WHOLE, NULL);
	assert_string_equal(names(domains), "three ");
	talloc_free(domains);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

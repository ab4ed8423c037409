/* SPDX-License-Identifier: ISC */
/* Ranges: what a text means, what is refused, and the numbers of addresses. */
#include "tests/unit/unit.h"

#include "common/memory.h"
#include "scanner/range.h"

/* "FIRST-LAST" of what TEXT means, or "" if it is refused with status 2. */
static const char *meaning(void *ctx, const char *text)
{
	struct range range = { 0 };
	struct fault *f = range_parse(text, &range);

	if (f) {
		assert_int_equal(f->status, FAULT_USAGE);
		assert_int_equal(range.last, 0);
		talloc_free(f);
		return "";
	}
	return mem_printf(ctx, "%s-%s", IP_TEXT((struct in_addr){ htonl(range.first) }),
			  IP_TEXT((struct in_addr){ htonl(range.last) }));
}

static void test_parse(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal(meaning(ctx, "172.16.10.0/24"), "172.16.10.1-172.16.10.254");
	assert_string_equal(meaning(ctx, "172.16.10.77/24"), "172.16.10.1-172.16.10.254");
	assert_string_equal(meaning(ctx, "10.77.3.4/16"), "10.77.0.1-10.77.255.254");
	assert_string_equal(meaning(ctx, "10.0.0.4/31"), "10.0.0.4-10.0.0.5");
	assert_string_equal(meaning(ctx, "10.0.0.5/32"), "10.0.0.5-10.0.0.5");
	assert_string_equal(meaning(ctx, "10.0.0.5/30"), "10.0.0.5-10.0.0.6");
	assert_string_equal(meaning(ctx, "10.0.0.5"), "10.0.0.5-10.0.0.5");
	assert_string_equal(meaning(ctx, "10.0.0.5-10.0.1.5"), "10.0.0.5-10.0.1.5");
	assert_string_equal(meaning(ctx, "10.0.0.0-10.0.255.255"), "10.0.0.0-10.0.255.255");
	assert_string_equal(meaning(ctx, "255.255.255.255"), "255.255.255.255-255.255.255.255");
	talloc_free(ctx);
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"", "/24", "10.0.0.0/", "10.0.0.0/15", "10.0.0.0/33", "10.0.0.0/024", "10.0.0.0/8",
		"10.0.0.0/ 24", "10.0.0.0/+24", "10.0.0.0/24x", "10.0.0/24", "10.0.0.256",
		"10.0.0.5-10.0.0.4", "10.0.0.5-", "-10.0.0.5", "10.0.0.0-10.1.0.0", "10.0.0.1,2",
		"10.0.0.1-10.0.0.2-10.0.0.3", "10.0.0.0/24/24", "0.0.0.0-255.255.255.255",
		"111.111.111.111-111.111.111.111111111111111111111111111111111111", "10.0.0.1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_string_equal(meaning(NULL, texts[i]), "");
}

static struct in_addr ip(const char *text)
{
	struct in_addr ret;

	assert_true(ip_parse(text, &ret));
	return ret;
}

static void test_network(void **state)
{
	struct range range = { 0 };
	struct fault *f;

	(void)state;
	assert_null(range_network(ip("172.16.10.1"), ip("255.255.255.0"), &range));
	assert_int_equal(range.first, 0xac100a01);
	assert_int_equal(range.last, 0xac100afe);
	assert_null(range_network(ip("172.16.10.1"), ip("255.255.255.255"), &range));
	assert_int_equal(range.first, 0xac100a01);
	assert_int_equal(range.last, 0xac100a01);
	assert_non_null(f = range_network(ip("10.0.0.1"), ip("255.0.0.0"), &range));
	assert_int_equal(f->status, FAULT_USAGE);
	talloc_free(f);
	assert_non_null(f = range_network(ip("10.0.0.1"), ip("0.0.0.0"), &range));
	talloc_free(f);
	assert_non_null(f = range_network(ip("10.0.0.1"), ip("255.255.0.255"), &range));
	talloc_free(f);
}

static void test_ranges(void **state)
{
	/* Two that overlap, one that touches them, one apart and one inside another. */
	static const struct range range[] = {
		{ 1000, 1009 }, { 15, 30 }, { 10, 20 }, { 31, 31 }, { 1002, 1003 },
	};
	struct ranges *ranges;
	uint32_t number;

	(void)state;
	assert_null(ranges_new(NULL, range, 5, &ranges));
	assert_int_equal(ranges->count, 2);
	assert_int_equal(ranges->size, 22 + 10);
	for (uint32_t i = 0; i < ranges->size; i++) {
		struct in_addr at = ranges_at(ranges, i);

		assert_true(ranges_find(ranges, at, &number));
		assert_int_equal(number, i);
		assert_int_equal(ntohl(at.s_addr), i < 22 ? 10 + i : 1000 + i - 22);
	}
	assert_false(ranges_find(ranges, (struct in_addr){ htonl(9) }, &number));
	assert_false(ranges_find(ranges, (struct in_addr){ htonl(32) }, &number));
	assert_false(ranges_find(ranges, (struct in_addr){ htonl(999) }, &number));
	assert_false(ranges_find(ranges, (struct in_addr){ htonl(1010) }, &number));
	talloc_free(ranges);
}

/* The end of the address space, and as much as there may be. */
static void test_edges(void **state)
{
	static const struct range high[] = {
		{ UINT32_MAX - 1, UINT32_MAX }, { 0, 0 }, { UINT32_MAX, UINT32_MAX },
	};
	struct range many[5];
	struct ranges *ranges;
	struct fault *f;

	(void)state;
	assert_null(ranges_new(NULL, high, 3, &ranges));
	assert_int_equal(ranges->size, 3);
	assert_int_equal(ranges_at(ranges, 2).s_addr, UINT32_MAX);
	talloc_free(ranges);
	for (uint32_t i = 0; i < 5; i++)
		many[i] = (struct range){ i << 20, (i << 20) + 0xffff };
	assert_null(ranges_new(NULL, many, 4, &ranges));
	assert_int_equal(ranges->size, RANGES_MAX);
	talloc_free(ranges);
	f = ranges_new(NULL, many, 5, &ranges);
	assert_non_null(f);
	assert_int_equal(f->status, FAULT_USAGE);
	talloc_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_network), cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Addresses: what is one, and how it is written. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/address.h"
#include "tests/unit/random.h"

static void test_ip(void **state)
{
	static const char *const refused[] = {
		"", "172.16.10", "172.16.10.256", "172.16.10.1 ", " 172.16.10.1", "172.16.10.1/32",
		"172.16.10.01", "0x7f.0.0.1", "2130706433", "::1", "172.16.10.1\n", "a.b.c.d",
	};
	struct in_addr ip = { 42 };

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		assert_false(ip_parse(refused[i], &ip));
		assert_int_equal(ip.s_addr, 42);
	}
	for (int i = 0; i < 10000; i++) {
		struct in_addr any = { (uint32_t)random() << 1 ^ (uint32_t)random() }, back;

		assert_true(ip_parse(IP_TEXT(any), &back));
		assert_int_equal(any.s_addr, back.s_addr);
	}
}

static void test_order(void **state)
{
	struct in_addr low, high;

	(void)state;
	assert_true(ip_parse("172.16.10.9", &low));
	assert_true(ip_parse("172.16.10.10", &high));
	assert_true(ip_compare(low, high) < 0);
	assert_true(ip_compare(high, low) > 0);
	assert_int_equal(ip_compare(low, low), 0);
	assert_true(ip_parse("1.0.0.2", &low)); /* not by the order of bytes in memory */
	assert_true(ip_parse("2.0.0.1", &high));
	assert_true(ip_compare(low, high) < 0);
}

static void test_mac(void **state)
{
	static const char *const refused[] = {
		"", "52:54:00:f3:88", "52:54:00:f3:88:e7:01", "52-54-00-f3-88-e7", "525400f388e7",
		"52:54:00:f3:88:e", "52:54:00:f3:88:e7 ", "g2:54:00:f3:88:e7", "52:54:0:f3:88:e77",
		"52:54:00:f3:88:", "5:24:00:f3:88:e7",
	};
	struct mac mac = { { 1, 2, 3, 4, 5, 6 } }, same = mac;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		assert_false(mac_parse(refused[i], &mac));
		assert_true(mac_equal(mac, same));
	}
	assert_true(mac_parse("52:54:00:F3:88:e7", &mac));
	assert_string_equal(MAC_TEXT(mac), "52:54:00:f3:88:e7");
	assert_false(mac_equal(mac, same));
	for (int i = 0; i < 10000; i++) {
		struct mac any, back;

		for (int n = 0; n < 6; n++)
			any.octet[n] = (uint8_t)random();
		assert_true(mac_parse(MAC_TEXT(any), &back));
		assert_true(mac_equal(any, back));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_mac),
	};

	random_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Leases as dnsmasq and as libvirt's helper write them. */
#include "tests/unit/unit.h"

#include "common/memory.h"
#include "hub/lease.h"

static struct leases *parsed(const char *text)
{
	struct leases *leases = NULL;

	assert_null(lease_parse(NULL, text, &leases));
	return leases;
}

static void test_dnsmasq(void **state)
{
	struct leases *leases = parsed(
		"1795270499 52:54:00:7e:14:19 172.16.10.70 untrusted-0 01:52:54:00:7e:14:19\n"
		"duid 00:01:00:01:2f\n"
		"1795270500 1234 fd00::1 v6 00:01\n"
		"0 52:54:00:00:00:02 172.16.10.71 * *\n"
		"1795270499 52:54:00:00:00:03\n"
		"\n"
		"1795270499 52:54:00:00:00:04 172.16.10.999 x *");

	(void)state;
	assert_int_equal(leases->count, 2);
	assert_string_equal(IP_TEXT(leases->list[0].ip), "172.16.10.70");
	assert_string_equal(MAC_TEXT(leases->list[0].mac), "52:54:00:7e:14:19");
	assert_string_equal(IP_TEXT(leases->list[1].ip), "172.16.10.71");
	assert_int_equal(leases->list[0].until_s, 1795270499);
	assert_int_equal(leases->list[1].until_s, 0);
	talloc_free(leases);
}

static void test_libvirt(void **state)
{
	struct leases *leases = parsed(
		"\n[ { \"ip-address\": \"172.16.10.5\", \"mac-address\": "
		"\"52:54:00:00:00:05\", \"hostname\": \"]\", \"expiry-time\": 1 },\n"
		"  { \"mac-address\": \"52:54:00:00:00:06\" }, 7,\n"
		"  { \"ip-address\": \"172.16.10.6\", \"mac-address\": "
		"\"52:54:00:00:00:06\" } ]\n");

	(void)state;
	assert_int_equal(leases->count, 2);
	assert_string_equal(IP_TEXT(leases->list[1].ip), "172.16.10.6");
	assert_int_equal(leases->list[0].until_s, 1);
	talloc_free(leases);
}

static void test_garbage(void **state)
{
	struct leases *leases = NULL;
	struct fault *fault = lease_parse(NULL, "[ {", &leases);

	(void)state;
	assert_non_null(fault);
	assert_null(leases);
	talloc_free(fault);
	leases = parsed("");
	assert_int_equal(leases->count, 0);
	talloc_free(leases);
}

/* A file that is read while it is written has only a part of its leases. */
static void test_carried(void **state)
{
	static const char whole[] = "1 52:54:00:00:00:01 172.16.10.5 * *\n"
				    "1 52:54:00:00:00:02 172.16.10.6 * *\n";
	struct leases *before = parsed(whole), *part = parsed(""), *again = parsed("");

	(void)state;
	assert_int_equal(leases_carry(part, before, 1000), LEASE_MISSED_MS);
	assert_int_equal(part->count, 2);
	assert_int_equal(leases_carry(again, part, 1050), LEASE_MISSED_MS - 50);
	assert_int_equal(again->count, 2);
	talloc_free(part);
	part = parsed(whole); /* it is there again, and missed from now on if it is then */
	assert_int_equal(leases_carry(part, again, 1100), -1);
	assert_int_equal(part->count, 2);
	talloc_free(again);
	again = parsed("1 52:54:00:00:00:03 172.16.10.5 * *\n");
	assert_int_equal(leases_carry(again, part, 1150), LEASE_MISSED_MS);
	assert_int_equal(again->count, 2); /* .5 is another's now */
	assert_false(leases_have(again, &part->list[0]));
	assert_true(leases_have(again, &part->list[1]));
	talloc_free(part);
	part = parsed("");
	assert_int_equal(leases_carry(part, again, 1150 + LEASE_MISSED_MS), LEASE_MISSED_MS);
	assert_int_equal(part->count, 1); /* .6 was missed for long */
	assert_true(leases_have(part, &again->list[0]));
	talloc_free(part);
	talloc_free(again);
	talloc_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dnsmasq),
		cmocka_unit_test(test_libvirt),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_carried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

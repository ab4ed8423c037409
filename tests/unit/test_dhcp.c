/* SPDX-License-Identifier: ISC */
/* DHCP: what a DISCOVER asks, and what is taken from an OFFER. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "doctor/dhcp.h"

static const struct mac mac = { { 0x02, 1, 2, 3, 4, 5 } };
enum { XID = 0x01020304, OPTIONS = 240 };

static uint8_t packet[DHCP_MAX];

/* An OFFER of 10.0.0.7 by 10.0.0.1 with OPTIONS besides; returns its length. */
static size_t offer(const uint8_t *options, size_t length)
{
	static const uint8_t head[] = { 2, 1, 6, 0, 1, 2, 3, 4 };
	static const uint8_t own[] = { 53, 1, 2, 54, 4, 10, 0, 0, 1 };

	memset(packet, 0, sizeof(packet));
	memcpy(packet, head, sizeof(head));
	memcpy(packet + 16, (uint8_t[]){ 10, 0, 0, 7 }, 4);
	memcpy(packet + 28, &mac, 6);
	memcpy(packet + 236, (uint8_t[]){ 99, 130, 83, 99 }, 4);
	memcpy(packet + OPTIONS, own, sizeof(own));
	memcpy(packet + OPTIONS + sizeof(own), options, length);
	packet[OPTIONS + sizeof(own) + length] = 255;
	return OPTIONS + sizeof(own) + length + 1;
}
#define OFFER(...) offer((uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }))

/* Reads a copy that ends where it ends, so that reading on is seen. */
static bool unpack(size_t length, struct dhcp_offer *ret)
{
	uint8_t *copy = malloc(length ? length : 1);

	memcpy(copy, packet, length);
	bool sound = dhcp_unpack_offer(copy, length, XID, mac, ret);
	free(copy);
	return sound;
}

static struct dhcp_offer taken(size_t length)
{
	struct dhcp_offer ret;

	assert_true(unpack(length, &ret));
	assert_string_equal(IP_TEXT(ret.ip), "10.0.0.7");
	assert_string_equal(IP_TEXT(ret.server), "10.0.0.1");
	return ret;
}

static void test_discover(void **state)
{
	static const uint8_t head[] = { 1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0x80, 0, 0, 0, 0, 0 };
	uint8_t discover[DHCP_DISCOVER];
	struct dhcp_offer ret;

	(void)state;
	dhcp_pack_discover(XID, mac, discover);
	assert_memory_equal(discover, head, sizeof(head));
	assert_memory_equal(discover + 28, &mac, 6);
	assert_memory_equal(discover + 236, ((uint8_t[]){ 99, 130, 83, 99, 53, 1, 1 }), 7);
	assert_false(dhcp_unpack_offer(discover, sizeof(discover), XID, mac, &ret));
}

static void test_offer(void **state)
{
	struct dhcp_offer ret = taken(OFFER(0));

	(void)state;
	assert_int_equal(ret.router.s_addr, 0);
	assert_int_equal(ret.dns.s_addr, 0);
	assert_false(ret.routes);
	ret = taken(OFFER(3, 8, 10, 0, 0, 1, 10, 0, 0, 2, 6, 4, 10, 0, 0, 3));
	assert_string_equal(IP_TEXT(ret.router), "10.0.0.1");
	assert_string_equal(IP_TEXT(ret.dns), "10.0.0.3");
	assert_false(ret.routes);
	assert_true(taken(OFFER(121, 5, 0, 10, 0, 0, 1)).routes);
	assert_true(taken(OFFER(249, 5, 0, 10, 0, 0, 1)).routes);
	assert_true(taken(OFFER(33, 8, 10, 1, 0, 0, 10, 0, 0, 1)).routes);
	/* empty ones are none, as dnsmasq sends them where they are turned off */
	ret = taken(OFFER(3, 0, 6, 0, 121, 0));
	assert_int_equal(ret.router.s_addr, 0);
	assert_int_equal(ret.dns.s_addr, 0);
	assert_false(ret.routes);
	/* what follows the end is not read; a server may leave the end out */
	assert_int_equal(taken(OFFER(255, 3, 4, 1, 1, 1, 1)).router.s_addr, 0);
	taken(OFFER(0, 0) - 1);
	/* options where the boot file's name would be, and its server's */
	size_t length = OFFER(52, 1, 3);
	memcpy(packet + 108, (uint8_t[]){ 3, 4, 10, 0, 0, 9, 255 }, 7);
	memcpy(packet + 44, (uint8_t[]){ 6, 4, 10, 0, 0, 8, 255 }, 7);
	ret = taken(length);
	assert_string_equal(IP_TEXT(ret.router), "10.0.0.9");
	assert_string_equal(IP_TEXT(ret.dns), "10.0.0.8");
}

static void test_flaws(void **state)
{
	struct dhcp_offer ret, before;
	size_t length = OFFER(3, 4, 10, 0, 0, 1);

	(void)state;
	memset(&ret, 0x5a, sizeof(ret));
	before = ret;
	/* cut short at any place: before its own options end it is none */
	for (size_t cut = 0; cut < OPTIONS + 3; cut++)
		assert_false(unpack(cut, &ret));
	assert_memory_equal(&ret, &before, sizeof(ret));
	for (size_t at = 0; at < 240; at++) {
		bool read = at <= 2 || (at >= 4 && at < 8) || (at >= 28 && at < 34) || at >= 236;

		OFFER(3, 4, 10, 0, 0, 1);
		packet[at] ^= 0x40;
		assert_int_equal(unpack(length, &ret), !read);
	}
	OFFER(3, 4, 10, 0, 0, 1);
	memset(packet + 16, 0, 4); /* no address */
	assert_false(unpack(length, &ret));
	OFFER(3, 4, 10, 0, 0, 1);
	packet[OPTIONS + 2] = 5; /* an ACK */
	assert_false(unpack(length, &ret));
	assert_false(unpack(OFFER(3, 200, 10, 0, 0, 1), &ret)); /* reaches beyond */
	assert_false(unpack(OFFER(3) - 1, &ret));
	length = OFFER(52, 1, 1); /* it does there, too */
	memset(packet + 108, 77, 128);
	assert_false(unpack(length, &ret));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discover),
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_flaws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

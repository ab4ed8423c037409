/* SPDX-License-Identifier: ISC */
/* ARP packets: what is packed is what RFC 826 says; what is wrong anywhere is refused. */
#include "tests/unit/unit.h"

#include <string.h>

#include "scanner/arp.h"

/* A reply: 172.16.10.5 is at 52:54:00:00:00:0a, told to 172.16.10.1 at 02:00:00:00:00:01. */
static const uint8_t reply[42] = {
	0x02, 0, 0, 0, 0, 1, 0x52, 0x54, 0, 0, 0, 0x0a, 8, 6, /* to, from, ARP */
	0, 1, 8, 0, 6, 4, 0, 2,				      /* Ethernet, IPv4, 6, 4, reply */
	0x52, 0x54, 0, 0, 0, 0x0a, 172, 16, 10, 5,	      /* sha, spa */
	0x02, 0, 0, 0, 0, 1, 172, 16, 10, 1,		      /* tha, tpa */
};

static enum arp_flaw with(size_t at, uint8_t value)
{
	uint8_t frame[sizeof(reply)];
	struct arp arp;

	memcpy(frame, reply, sizeof(reply));
	frame[at] = value;
	return arp_unpack(frame, sizeof(frame), &arp);
}

static void test_pack(void **state)
{
	struct arp arp = {
		.op = ARP_REQUEST,
		.sha = { { 2, 0, 0, 0, 0, 1 } },
		.spa = { htonl(0xac100a01) },
		.tpa = { htonl(0xac100a05) },
	};
	static const uint8_t wanted[ARP_FRAME] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6,
		0, 1, 8, 0, 6, 4, 0, 1,
		2, 0, 0, 0, 0, 1, 172, 16, 10, 1,
		0, 0, 0, 0, 0, 0, 172, 16, 10, 5,
	};
	uint8_t frame[ARP_FRAME];

	(void)state;
	memset(frame, 0xee, sizeof(frame));
	arp_pack(&arp, mac_broadcast, frame);
	assert_memory_equal(frame, wanted, sizeof(frame));
}

static void test_unpack(void **state)
{
	struct arp arp;

	(void)state;
	assert_int_equal(arp_unpack(reply, sizeof(reply), &arp), ARP_SOUND);
	assert_int_equal(arp.op, ARP_REPLY);
	assert_string_equal(MAC_TEXT(arp.sha), "52:54:00:00:00:0a");
	assert_string_equal(IP_TEXT(arp.spa), "172.16.10.5");
	assert_string_equal(MAC_TEXT(arp.tha), "02:00:00:00:00:01");
	assert_string_equal(IP_TEXT(arp.tpa), "172.16.10.1");
	assert_false(arp_is_probe(&arp));
	assert_false(arp_is_announcement(&arp));
}

static void test_round_trip(void **state)
{
	struct arp arp = {
		ARP_REPLY, { { 0x52, 1, 2, 3, 4, 5 } }, { { 0x52, 6, 7, 8, 9, 10 } },
		{ htonl(0x0a000001) }, { htonl(0x0a000002) },
	};
	struct arp again;
	uint8_t frame[ARP_FRAME];

	(void)state;
	arp_pack(&arp, arp.tha, frame);
	assert_int_equal(arp_unpack(frame, sizeof(frame), &again), ARP_SOUND);
	assert_int_equal(again.op, arp.op);
	assert_true(mac_equal(again.sha, arp.sha) && mac_equal(again.tha, arp.tha));
	assert_int_equal(again.spa.s_addr, arp.spa.s_addr);
	assert_int_equal(again.tpa.s_addr, arp.tpa.s_addr);
}

/* Every length that is too short is refused, and *RET stays as it was. */
static void test_short(void **state)
{
	struct arp arp = { .op = ARP_REQUEST };

	(void)state;
	for (size_t length = 0; length < sizeof(reply); length++) {
		uint8_t exact[sizeof(reply)];

		memcpy(exact, reply, length);
		assert_int_equal(arp_unpack(exact, length, &arp), ARP_SHORT);
		assert_int_equal(arp.op, ARP_REQUEST);
	}
}

static void test_fields(void **state)
{
	(void)state;
	assert_int_equal(with(12, 0x86), ARP_OTHER);
	assert_int_equal(with(13, 0x00), ARP_OTHER);
	assert_int_equal(with(15, 6), ARP_HARDWARE); /* htype */
	assert_int_equal(with(14, 1), ARP_HARDWARE);
	assert_int_equal(with(16, 0x86), ARP_HARDWARE); /* ptype */
	assert_int_equal(with(18, 8), ARP_HARDWARE);	 /* hln */
	assert_int_equal(with(19, 16), ARP_HARDWARE);	 /* pln */
	assert_int_equal(with(21, 0), ARP_OP);
	assert_int_equal(with(21, 3), ARP_OP); /* RARP */
	assert_int_equal(with(20, 1), ARP_OP); /* 0x0102 */
}

static void test_sender(void **state)
{
	uint8_t frame[sizeof(reply)];
	struct arp arp;

	(void)state;
	assert_int_equal(with(27, 0x0b), ARP_FORGED); /* sha is not the source */
	assert_int_equal(with(11, 0x0b), ARP_FORGED);
	/* A group address, and none, even if the source says the same. */
	memcpy(frame, reply, sizeof(reply));
	frame[6] = frame[22] = 0x53;
	assert_int_equal(arp_unpack(frame, sizeof(frame), &arp), ARP_SENDER);
	memset(frame + 6, 0, 6);
	memset(frame + 22, 0, 6);
	assert_int_equal(arp_unpack(frame, sizeof(frame), &arp), ARP_SENDER);
	memset(frame + 6, 0xff, 6);
	memset(frame + 22, 0xff, 6);
	assert_int_equal(arp_unpack(frame, sizeof(frame), &arp), ARP_SENDER);
}

static void test_address(void **state)
{
	(void)state;
	assert_int_equal(with(28, 0), ARP_ADDRESS);   /* 0.16.10.5 */
	assert_int_equal(with(28, 127), ARP_ADDRESS);
	assert_int_equal(with(28, 224), ARP_ADDRESS); /* multicast */
	assert_int_equal(with(28, 255), ARP_ADDRESS);
	assert_int_equal(with(28, 223), ARP_SOUND);
}

static void test_probe_and_announcement(void **state)
{
	uint8_t frame[sizeof(reply)];
	struct arp arp;

	(void)state;
	memcpy(frame, reply, sizeof(reply));
	memset(frame + 28, 0, 4);
	/* spa 0 in a reply claims nothing and asks nothing. */
	assert_int_equal(arp_unpack(frame, sizeof(frame), &arp), ARP_ADDRESS);
	frame[21] = ARP_REQUEST;
	assert_int_equal(arp_unpack(frame, sizeof(frame), &arp), ARP_SOUND);
	assert_true(arp_is_probe(&arp));
	assert_false(arp_is_announcement(&arp));
	/* spa = tpa = 0 is a probe for nothing, not an announcement. */
	memset(frame + 38, 0, 4);
	assert_int_equal(arp_unpack(frame, sizeof(frame), &arp), ARP_SOUND);
	assert_false(arp_is_announcement(&arp));
	memcpy(frame + 28, reply + 28, 4);
	memcpy(frame + 38, reply + 28, 4);
	assert_int_equal(arp_unpack(frame, sizeof(frame), &arp), ARP_SOUND);
	assert_true(arp_is_announcement(&arp));
	assert_false(arp_is_probe(&arp));
}

/* Puts a tag of TYPE and TCI into the reply. */
static size_t tag(uint8_t *frame, const uint8_t *from, size_t length, unsigned type, unsigned tci)
{
	const uint8_t tag[4] = { (uint8_t)(type >> 8), (uint8_t)type, (uint8_t)(tci >> 8),
				 (uint8_t)tci };
	uint8_t copy[64];

	memcpy(copy, from, length);
	memcpy(frame, copy, 12);
	memcpy(frame + 12, tag, 4);
	memcpy(frame + 16, copy + 12, length - 12);
	return length + 4;
}

static void test_tags(void **state)
{
	uint8_t frame[64];
	struct arp arp;
	size_t length;

	(void)state;
	length = tag(frame, reply, sizeof(reply), 0x8100, 0xe000); /* priority 7, no VLAN */
	assert_int_equal(arp_unpack(frame, length, &arp), ARP_SOUND);
	assert_string_equal(IP_TEXT(arp.spa), "172.16.10.5");
	assert_int_equal(arp_unpack(frame, length - 1, &arp), ARP_SHORT);
	assert_int_equal(arp_unpack(frame, 17, &arp), ARP_SHORT);
	length = tag(frame, reply, sizeof(reply), 0x8100, 1);
	assert_int_equal(arp_unpack(frame, length, &arp), ARP_TAGGED);
	length = tag(frame, reply, sizeof(reply), 0x88a8, 0);
	assert_int_equal(arp_unpack(frame, length, &arp), ARP_TAGGED);
	length = tag(frame, reply, sizeof(reply), 0x8100, 5);
	length = tag(frame, frame, length, 0x8100, 0);
	assert_int_equal(arp_unpack(frame, length, &arp), ARP_TAGGED);
}

static void test_source(void **state)
{
	struct mac mac;
	uint8_t frame[14] = { 0x33, 0x33, 0, 0, 0, 1, 0x52, 0x54, 0, 0, 0, 0x0b, 0x86, 0xdd };

	(void)state;
	assert_true(arp_source(frame, sizeof(frame), &mac));
	assert_string_equal(MAC_TEXT(mac), "52:54:00:00:00:0b");
	assert_false(arp_source(frame, 13, &mac));
	frame[6] = 0x01;
	assert_false(arp_source(frame, sizeof(frame), &mac));
}

static void test_source_ip(void **state)
{
	struct in_addr ip = { 7 };
	uint8_t frame[34] = { 2, 0, 0, 0, 0, 1, 0x52, 0x54, 0, 0, 0, 0x0b, 8, 0, 0x45,
			      [26] = 172, 16, 10, 5, 172, 16, 10, 1 };

	(void)state;
	for (size_t length = 0; length < sizeof(frame); length++)
		assert_false(arp_source_ip(frame, length, &ip));
	frame[13] = 6; /* ARP */
	assert_false(arp_source_ip(frame, sizeof(frame), &ip));
	frame[13] = 0;
	frame[14] = 0x65; /* version 6 */
	assert_false(arp_source_ip(frame, sizeof(frame), &ip));
	frame[14] = 0x45;
	frame[26] = 0; /* as DHCP has it */
	assert_false(arp_source_ip(frame, sizeof(frame), &ip));
	assert_int_equal(ip.s_addr, 7);
	frame[26] = 172;
	assert_true(arp_source_ip(frame, sizeof(frame), &ip));
	assert_string_equal(IP_TEXT(ip), "172.16.10.5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pack),
		cmocka_unit_test(test_unpack),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_probe_and_announcement),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_source_ip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

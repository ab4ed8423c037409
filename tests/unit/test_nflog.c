/* SPDX-License-Identifier: ISC */
/* A message of the packet log: what is in it, and that no length of it is believed. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/arp.h"
#include "scanner/nflog.h"

enum { BRIDGE = 7, PORT = 3, HUB = 2 };

struct message {
	uint8_t bytes[512];
	size_t length;
};

static struct message begin(uint8_t family)
{
	return (struct message){ .bytes = { family, 0, 0x43, 0x40 }, .length = 4 };
}

static void put(struct message *message, int type, const void *value, size_t length)
{
	uint16_t head[2] = { (uint16_t)(4 + length), (uint16_t)type };

	memcpy(message->bytes + message->length, head, sizeof(head));
	memcpy(message->bytes + message->length + 4, value, length);
	message->length += (4 + length + 3) & ~(size_t)3;
}

static void put_number(struct message *message, int type, uint32_t value)
{
	value = htonl(value);
	put(message, type, &value, sizeof(value));
}

static const uint8_t header[14] = { 255, 255, 255, 255, 255, 255, 0x52, 0x54, 0, 0, 0, 0xa, 8, 6 };
static const uint8_t packet[28] = { 0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0, 0, 0, 0xa,
				    172, 16, 10, 5, 0, 0, 0, 0, 0, 0, 172, 16, 10, 1 };

/* As the kernel was seen to write it. */
static struct message whole(void)
{
	struct message message = begin(BRIDGE);

	put(&message, NFULA_PACKET_HDR, "\x08\x06\0", 4);
	put(&message, NFULA_PREFIX, "", 1);
	put_number(&message, NFULA_IFINDEX_PHYSINDEV, PORT);
	put_number(&message, NFULA_IFINDEX_INDEV, HUB);
	put(&message, NFULA_HWHEADER, header, sizeof(header));
	put(&message, NFULA_PAYLOAD, packet, sizeof(packet));
	return message;
}

static bool unpack(const struct message *message, struct nflog *ret)
{
	/* Nothing may be read behind it: the sanitizer watches. */
	uint8_t *bytes = malloc(message->length);
	bool sound;

	memcpy(bytes, message->bytes, message->length);
	sound = nflog_unpack(bytes, message->length, ret);
	free(bytes);
	return sound;
}

static void test_whole(void **state)
{
	struct message message = whole();
	struct nflog log;
	struct arp arp;

	(void)state;
	assert_true(unpack(&message, &log));
	assert_int_equal(log.port, PORT);
	assert_int_equal(log.bridge, HUB);
	assert_int_equal(log.length, 42);
	assert_memory_equal(log.frame, header, 14);
	assert_memory_equal(log.frame + 14, packet, 28);
	assert_int_equal(arp_unpack(log.frame, log.length, &arp), ARP_SOUND);
}

/* A kernel without bridge netfilter knows one device only. */
static void test_port_alone(void **state)
{
	struct message message = begin(BRIDGE);
	struct nflog log;

	(void)state;
	put_number(&message, NFULA_IFINDEX_INDEV, PORT);
	put(&message, NFULA_HWHEADER, header, sizeof(header));
	put(&message, NFULA_PAYLOAD, packet, sizeof(packet));
	assert_true(unpack(&message, &log));
	assert_int_equal(log.port, PORT);
	assert_int_equal(log.bridge, 0);
}

/* A tag is put back where it was; whose network it is arp_unpack() knows. */
static void test_tag(void **state)
{
	static const struct {
		const char *tci;
		enum arp_flaw flaw;
	} tags[] = { { "\xe0\0", ARP_SOUND }, { "\0\5", ARP_TAGGED } };
	struct nflog log;
	struct arp arp;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct message message = whole(), tag = { .length = 0 };

		put(&tag, NFULA_VLAN_PROTO, "\x81\0", 2);
		put(&tag, NFULA_VLAN_TCI, tags[i].tci, 2);
		put(&message, NFULA_VLAN | 0x8000, tag.bytes, tag.length);
		assert_true(unpack(&message, &log));
		assert_int_equal(log.length, 46);
		assert_int_equal(arp_unpack(log.frame, log.length, &arp), tags[i].flaw);
	}
}

static void refuse(struct message message)
{
	struct nflog log = { .port = 77 };

	assert_false(unpack(&message, &log));
	assert_int_equal(log.port, 77);
}

static void test_refused(void **state)
{
	struct message message = whole();

	(void)state;
	message.bytes[0] = 2; /* of IPv4 */
	refuse(message);
	message = whole();
	message.bytes[1] = 1; /* of another version */
	refuse(message);
	refuse((struct message){ .bytes = { BRIDGE }, .length = 3 });
	refuse(begin(BRIDGE));

	message = begin(BRIDGE); /* no port */
	put(&message, NFULA_HWHEADER, header, sizeof(header));
	put(&message, NFULA_PAYLOAD, packet, sizeof(packet));
	refuse(message);
	put(&message, NFULA_IFINDEX_PHYSINDEV, "\0\0\3", 3); /* a short one */
	refuse(message);
	put_number(&message, NFULA_IFINDEX_INDEV, 0); /* nobody's */
	refuse(message);

	message = begin(BRIDGE); /* a short header */
	put_number(&message, NFULA_IFINDEX_INDEV, PORT);
	put(&message, NFULA_PAYLOAD, packet, sizeof(packet));
	refuse(message);
	put(&message, NFULA_HWHEADER, header, 13);
	refuse(message);

	message = begin(BRIDGE); /* no payload */
	put_number(&message, NFULA_IFINDEX_INDEV, PORT);
	put(&message, NFULA_HWHEADER, header, sizeof(header));
	refuse(message);
}

/* Cut off anywhere, and with every length of an attribute changed to everything. */
static void test_lengths(void **state)
{
	struct message message = whole(), cut;
	struct nflog log;

	(void)state;
	for (size_t length = 0; length < message.length; length++) {
		cut = message;
		cut.length = length;
		assert_false(unpack(&cut, &log));
	}
	for (size_t at = 4; at < message.length; at += 2) {
		for (unsigned value = 0; value < 0x10000; value += value < 600 ? 1 : 509) {
			uint16_t head = (uint16_t)value;

			cut = message;
			memcpy(cut.bytes + at, &head, sizeof(head));
			if (unpack(&cut, &log))
				assert_in_range(log.length, 14, NFLOG_FRAME);
		}
	}
}

/* A payload of any length is kept as far as there is room. */
static void test_long(void **state)
{
	uint8_t payload[300];
	struct nflog log;

	(void)state;
	memset(payload, 0xa5, sizeof(payload));
	for (size_t length = 0; length <= sizeof(payload); length++) {
		struct message message = begin(BRIDGE);

		put_number(&message, NFULA_IFINDEX_INDEV, PORT);
		put(&message, NFULA_HWHEADER, header, sizeof(header));
		put(&message, NFULA_PAYLOAD, payload, length);
		assert_true(unpack(&message, &log));
		assert_int_equal(log.length, length < 50 ? 14 + length : NFLOG_FRAME);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	cmocka_unit_test(test_port_alone),
		cmocka_unit_test(test_tag),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_lengths), cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include "scanner/nflog.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <string.h>

enum {
	ETHER_MACS = 12, /* target and source */
	ETHER_HEADER = 14,
	/* The attributes that are looked at are numbered below this. */
	ATTRIBUTES = NFULA_VLAN + 1,
};

struct attribute {
	const uint8_t *value; /* NULL: not there */
	size_t length;
};

/* What of the attributes in LENGTH bytes at AT is whole; of two of a type the later one. */
static void read_attributes(const uint8_t *at, size_t length,
			    struct attribute ret[static ATTRIBUTES])
{
	memset(ret, 0, ATTRIBUTES * sizeof(*ret));
	while (length >= NLA_HDRLEN) {
		uint16_t head[2]; /* length with head, type with flags */
		size_t padded;

		memcpy(head, at, sizeof(head));
		padded = NLA_ALIGN((size_t)head[0]);
		if (head[0] < NLA_HDRLEN || head[0] > length)
			return;
		if ((head[1] & NLA_TYPE_MASK) < ATTRIBUTES)
			ret[head[1] & NLA_TYPE_MASK] =
				(struct attribute){ at + NLA_HDRLEN,
						    head[0] - (size_t)NLA_HDRLEN };
		if (padded >= length)
			return;
		at += padded;
		length -= padded;
	}
}

/* A number of four bytes; 0 if there is none. */
static uint32_t number(const struct attribute *attribute)
{
	uint32_t value = 0;

	if (attribute->value && attribute->length == sizeof(value))
		memcpy(&value, attribute->value, sizeof(value));
	return ntohl(value);
}

static void append(struct nflog *packet, const uint8_t *bytes, size_t length)
{
	size_t room = sizeof(packet->frame) - packet->length;
	size_t count = length < room ? length : room;

	memcpy(packet->frame + packet->length, bytes, count);
	packet->length += count;
}

/* The kernel takes a tag off the frame when it arrives, and tells of it apart. */
static void append_tag(struct nflog *packet, const struct attribute *vlan)
{
	struct attribute tag[ATTRIBUTES];

	if (!vlan->value)
		return;
	read_attributes(vlan->value, vlan->length, tag);
	if (tag[NFULA_VLAN_PROTO].length < 2 || tag[NFULA_VLAN_TCI].length < 2)
		return;
	append(packet, tag[NFULA_VLAN_PROTO].value, 2);
	append(packet, tag[NFULA_VLAN_TCI].value, 2);
}

bool nflog_unpack(const uint8_t *message, size_t length, struct nflog *ret)
{
	struct attribute found[ATTRIBUTES];
	const struct attribute *header = &found[NFULA_HWHEADER];
	const struct attribute *payload = &found[NFULA_PAYLOAD];
	struct nflog packet = { 0 };

	if (length < sizeof(struct nfgenmsg) || message[0] != NFPROTO_BRIDGE ||
	    message[1] != NFNETLINK_V0)
		return false;
	read_attributes(message + sizeof(struct nfgenmsg),
			length - sizeof(struct nfgenmsg), found);
	/* A kernel without bridge netfilter has only the port, and calls it the input. */
	packet.port = number(&found[NFULA_IFINDEX_PHYSINDEV]);
	packet.bridge = number(&found[NFULA_IFINDEX_INDEV]);
	if (!packet.port) {
		packet.port = packet.bridge;
		packet.bridge = 0;
	}
	if (!packet.port || header->length < ETHER_HEADER || !payload->value)
		return false;
	append(&packet, header->value, ETHER_MACS);
	append_tag(&packet, &found[NFULA_VLAN]);
	append(&packet, header->value + ETHER_MACS, ETHER_HEADER - ETHER_MACS);
	append(&packet, payload->value, payload->length);
	*ret = packet;
	return true;
}

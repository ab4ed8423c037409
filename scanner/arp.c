/* SPDX-License-Identifier: ISC */
#include "scanner/arp.h"

#include <string.h>

/* Where things are in a frame, and in the packet after the Ethernet header. */
enum {
	ETHER_SOURCE = 6,
	ETHER_TYPE = 12,
	ETHER_HEADER = 14,
	TAG = 4,
	HTYPE = 0,
	OPERATION = 6,
	SHA = 8,
	SPA = 14,
	THA = 18,
	TPA = 24,
	PACKET = 28,
	IPV4_HEADER = 20, /* without options (RFC 791) */
	IPV4_SOURCE = 12,
};

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_8021Q = 0x8100,
	TYPE_8021AD = 0x88a8,
	VLAN_MASK = 0x0fff,
};

/* htype Ethernet, ptype IPv4, hln 6, pln 4. */
static const uint8_t ethernet_ipv4[] = { 0, 1, 8, 0, 6, 4 };

const struct mac mac_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

bool mac_is_group(struct mac mac)
{
	return mac.octet[0] & 1;
}

static unsigned read16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static void write16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void arp_pack(const struct arp *arp, struct mac to, uint8_t frame[static ARP_FRAME])
{
	uint8_t *packet = frame + ETHER_HEADER;

	memset(frame, 0, ARP_FRAME);
	memcpy(frame, &to, sizeof(to));
	memcpy(frame + ETHER_SOURCE, &arp->sha, sizeof(arp->sha));
	write16(frame + ETHER_TYPE, TYPE_ARP);
	memcpy(packet + HTYPE, ethernet_ipv4, sizeof(ethernet_ipv4));
	write16(packet + OPERATION, arp->op);
	memcpy(packet + SHA, &arp->sha, sizeof(arp->sha));
	memcpy(packet + SPA, &arp->spa, sizeof(arp->spa));
	memcpy(packet + THA, &arp->tha, sizeof(arp->tha));
	memcpy(packet + TPA, &arp->tpa, sizeof(arp->tpa));
}

/* Finds the packet behind the header and one priority tag. */
static enum arp_flaw find_packet(const uint8_t *frame, size_t length, const uint8_t **ret)
{
	size_t at = ETHER_TYPE;

	if (length < ETHER_HEADER)
		return ARP_SHORT;
	if (read16(frame + at) == TYPE_8021AD)
		return ARP_TAGGED;
	if (read16(frame + at) == TYPE_8021Q) {
		if (length < ETHER_HEADER + TAG)
			return ARP_SHORT;
		if (read16(frame + at + 2) & VLAN_MASK)
			return ARP_TAGGED;
		at += TAG;
		if (read16(frame + at) == TYPE_8021Q || read16(frame + at) == TYPE_8021AD)
			return ARP_TAGGED;
	}
	if (read16(frame + at) != TYPE_ARP)
		return ARP_OTHER;
	if (length < at + 2 + PACKET)
		return ARP_SHORT;
	*ret = frame + at + 2;
	return ARP_SOUND;
}

static bool mac_is_station(struct mac mac)
{
	return !mac_is_group(mac) && !mac_equal(mac, (struct mac){ 0 });
}

/* Neither "this network", loopback, multicast nor reserved (RFC 6890). */
static bool ip_is_host(struct in_addr ip)
{
	unsigned first = ntohl(ip.s_addr) >> 24;

	return first != 0 && first != 127 && first < 224;
}

static enum arp_flaw judge(const struct arp *arp, struct mac source)
{
	if (arp->op != ARP_REQUEST && arp->op != ARP_REPLY)
		return ARP_OP;
	if (!mac_is_station(arp->sha))
		return ARP_SENDER;
	if (!ip_is_host(arp->spa) && !arp_is_probe(arp))
		return ARP_ADDRESS;
	return mac_equal(arp->sha, source) ? ARP_SOUND : ARP_FORGED;
}

enum arp_flaw arp_unpack(const uint8_t *frame, size_t length, struct arp *ret)
{
	const uint8_t *packet;
	struct mac source;
	struct arp arp;
	enum arp_flaw flaw = find_packet(frame, length, &packet);

	if (flaw)
		return flaw;
	if (memcmp(packet + HTYPE, ethernet_ipv4, sizeof(ethernet_ipv4)) != 0)
		return ARP_HARDWARE;
	arp.op = (enum arp_op)read16(packet + OPERATION);
	memcpy(&source, frame + ETHER_SOURCE, sizeof(source));
	memcpy(&arp.sha, packet + SHA, sizeof(arp.sha));
	memcpy(&arp.spa, packet + SPA, sizeof(arp.spa));
	memcpy(&arp.tha, packet + THA, sizeof(arp.tha));
	memcpy(&arp.tpa, packet + TPA, sizeof(arp.tpa));
	flaw = judge(&arp, source);
	if (flaw == ARP_SOUND || flaw == ARP_FORGED)
		*ret = arp;
	return flaw;
}

bool arp_source(const uint8_t *frame, size_t length, struct mac *ret)
{
	struct mac source;

	if (length < ETHER_HEADER)
		return false;
	memcpy(&source, frame + ETHER_SOURCE, sizeof(source));
	if (!mac_is_station(source))
		return false;
	*ret = source;
	return true;
}

bool arp_source_ip(const uint8_t *frame, size_t length, struct in_addr *ret)
{
	const uint8_t *packet = frame + ETHER_HEADER;
	struct in_addr source;

	if (length < ETHER_HEADER + IPV4_HEADER ||
	    read16(frame + ETHER_TYPE) != TYPE_IPV4 || packet[0] >> 4 != 4)
		return false;
	memcpy(&source, packet + IPV4_SOURCE, sizeof(source));
	if (!ip_is_host(source))
		return false;
	*ret = source;
	return true;
}

bool arp_is_probe(const struct arp *arp)
{
	return arp->op == ARP_REQUEST && arp->spa.s_addr == 0;
}

bool arp_is_announcement(const struct arp *arp)
{
	return arp->spa.s_addr != 0 && arp->spa.s_addr == arp->tpa.s_addr;
}

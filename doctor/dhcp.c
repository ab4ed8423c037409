/* SPDX-License-Identifier: ISC */
#include "doctor/dhcp.h"

#include <arpa/inet.h>
#include <string.h>

/* Offsets of the fields (RFC 2131, figure 1). */
enum {
	AT_OP = 0,
	AT_HTYPE = 1,
	AT_HLEN = 2,
	AT_XID = 4,
	AT_FLAGS = 10,
	AT_YIADDR = 16,
	AT_CHADDR = 28,
	AT_SNAME = 44,
	AT_FILE = 108,
	AT_COOKIE = 236,
	AT_OPTIONS = 240,
};

enum { BOOTREQUEST = 1, BOOTREPLY = 2, ETHERNET = 1, BROADCAST = 0x80 };

enum option {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_DNS = 6,
	OPTION_STATIC_ROUTE = 33,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_REQUEST = 55,
	OPTION_CLASSLESS = 121, /* RFC 3442 */
	OPTION_CLASSLESS_MS = 249,
	OPTION_END = 255,
};

enum { TYPE_DISCOVER = 1, TYPE_OFFER = 2 };

static const uint8_t cookie[] = { 99, 130, 83, 99 };

void dhcp_pack_discover(uint32_t xid, struct mac mac,
			uint8_t packet[static DHCP_DISCOVER])
{
	static const uint8_t options[] = {
		OPTION_TYPE,
		1,
		TYPE_DISCOVER,
		/* A server may leave out what is not asked for. */
		OPTION_REQUEST,
		6,
		OPTION_MASK,
		OPTION_ROUTER,
		OPTION_DNS,
		OPTION_STATIC_ROUTE,
		OPTION_CLASSLESS,
		OPTION_CLASSLESS_MS,
		OPTION_END,
	};

	memset(packet, 0, DHCP_DISCOVER);
	packet[AT_OP] = BOOTREQUEST;
	packet[AT_HTYPE] = ETHERNET;
	packet[AT_HLEN] = sizeof(mac);
	xid = htonl(xid);
	memcpy(packet + AT_XID, &xid, sizeof(xid));
	packet[AT_FLAGS] = BROADCAST;
	memcpy(packet + AT_CHADDR, &mac, sizeof(mac));
	memcpy(packet + AT_COOKIE, cookie, sizeof(cookie));
	memcpy(packet + AT_OPTIONS, options, sizeof(options));
}

struct options {
	uint8_t type, overload;
	struct dhcp_offer offer;
};

static void take_ip(struct in_addr *ret, const uint8_t *value, size_t length)
{
	if (length >= sizeof(*ret) && !ret->s_addr)
		memcpy(ret, value, sizeof(*ret));
}

static void take_option(struct options *options, uint8_t code, const uint8_t *value,
			size_t length)
{
	if (code == OPTION_TYPE && length == 1)
		options->type = *value;
	else if (code == OPTION_OVERLOAD && length == 1)
		options->overload = *value;
	else if (code == OPTION_SERVER)
		take_ip(&options->offer.server, value, length);
	else if (code == OPTION_ROUTER)
		take_ip(&options->offer.router, value, length);
	else if (code == OPTION_DNS)
		take_ip(&options->offer.dns, value, length);
	else if (code == OPTION_STATIC_ROUTE || code == OPTION_CLASSLESS ||
		 code == OPTION_CLASSLESS_MS)
		options->offer.routes |= length > 0;
}

/* The options of a field; false if one of them reaches beyond it. */
static bool take_options(struct options *options, const uint8_t *field, size_t length)
{
	for (size_t at = 0; at < length && field[at] != OPTION_END;) {
		if (field[at] == OPTION_PAD) {
			at++;
			continue;
		}
		if (length - at < 2 || length - at - 2 < field[at + 1])
			return false;
		take_option(options, field[at], field + at + 2, field[at + 1]);
		at += 2u + field[at + 1];
	}
	return true;
}

/* Is it a reply to our question, whatever it says? */
static bool is_reply(const uint8_t *packet, size_t length, uint32_t xid, struct mac mac)
{
	xid = htonl(xid);
	return length >= AT_OPTIONS && packet[AT_OP] == BOOTREPLY &&
	       packet[AT_HTYPE] == ETHERNET && packet[AT_HLEN] == sizeof(mac) &&
	       memcmp(packet + AT_XID, &xid, sizeof(xid)) == 0 &&
	       memcmp(packet + AT_CHADDR, &mac, sizeof(mac)) == 0 &&
	       memcmp(packet + AT_COOKIE, cookie, sizeof(cookie)) == 0;
}

bool dhcp_unpack_offer(const uint8_t *packet, size_t length, uint32_t xid, struct mac mac,
		       struct dhcp_offer *ret)
{
	struct options options = { 0 };

	if (!is_reply(packet, length, xid, mac) ||
	    !take_options(&options, packet + AT_OPTIONS, length - AT_OPTIONS))
		return false;
	/* Option 52: more of them where the names of a boot file and its server would be. */
	if ((options.overload & 1 &&
	     !take_options(&options, packet + AT_FILE, AT_COOKIE - AT_FILE)) ||
	    (options.overload & 2 &&
	     !take_options(&options, packet + AT_SNAME, AT_FILE - AT_SNAME)))
		return false;
	memcpy(&options.offer.ip, packet + AT_YIADDR, sizeof(options.offer.ip));
	if (options.type != TYPE_OFFER || !options.offer.ip.s_addr)
		return false;
	*ret = options.offer;
	return true;
}

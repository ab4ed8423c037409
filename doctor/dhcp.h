/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * DHCP (RFC 2131, options of RFC 2132) as far as somebody speaks it who only asks what he
 * would get: a DISCOVER goes out, an OFFER comes back, and no lease is taken.  An OFFER was
 * written by whoever wants to on the bridge.
 */

#include <stddef.h>

#include "common/address.h"

enum {
	DHCP_SERVER_PORT = 67,
	DHCP_CLIENT_PORT = 68,
	DHCP_DISCOVER =
		300, /* bytes of ours: what BOOTP relays insist on (RFC 1542, 2.1) */
	DHCP_MAX = 1500,
};

struct dhcp_offer {
	struct in_addr ip; /* what one would get */
	struct in_addr server;
	struct in_addr router; /* the first one; 0.0.0.0: none is given */
	bool routes;	       /* other routes (RFC 3442, or option 33) are given */
	struct in_addr dns;    /* the first one; 0.0.0.0: none is given */
};

/* The DISCOVER of MAC, answered by broadcast. */
void dhcp_pack_discover(uint32_t xid, struct mac mac,
			uint8_t packet[static DHCP_DISCOVER]);

/* Reads the LENGTH bytes of PACKET; false, with *RET as it was, for what is not an OFFER of an
 * address to MAC in answer to XID, or is not well formed. */
bool dhcp_unpack_offer(const uint8_t *packet, size_t length, uint32_t xid, struct mac mac,
		       struct dhcp_offer *ret);

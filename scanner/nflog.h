/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A packet as the kernel's packet log hands it out (nfnetlink_log; libpcap calls it
 * DLT_NFLOG): attributes, out of which this makes the frame as it was on the wire and the
 * port of the bridge that it came in by.  What the frame says was written by untrusted
 * machines, and a recording by anybody, so no length is believed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As much of a frame as is kept: an ARP packet, its Ethernet header, a tag, some padding. */
#define NFLOG_FRAME 64

struct nflog {
	uint32_t port;	 /* the port's interface index, never 0 */
	uint32_t bridge; /* the bridge's; 0 where the kernel does not say */
	uint8_t frame[NFLOG_FRAME];
	size_t length;
};

/*
 * Reads a message without its netlink header: struct nfgenmsg and the attributes, their
 * heads in host order, their values in network order (linux/netfilter/nfnetlink_log.h).
 * False if it is not of a bridge, or without port, Ethernet header or payload.
 */
bool nflog_unpack(const uint8_t *message, size_t length, struct nflog *ret);

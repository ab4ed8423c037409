/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * An ARP packet (RFC 826) for IPv4 over Ethernet, from and to the bytes of a frame.  The
 * words are the RFC's: sha, spa: the sender's hardware and protocol address; tha, tpa: the
 * target's.  What arrives was written by untrusted machines, so arp_unpack() takes only
 * what is right in every field.
 */

#include <stddef.h>

#include "common/address.h"

/* An Ethernet frame without checksum is at least this long (IEEE 802.3, 3.2.7). */
#define ARP_FRAME 60

enum arp_op {
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
};

struct arp {
	enum arp_op op;
	struct mac sha, tha;
	struct in_addr spa, tpa;
};

/* Why a frame was not taken. */
enum arp_flaw {
	ARP_SOUND = 0,
	ARP_OTHER,    /* not ARP at all */
	ARP_SHORT,    /* ends before the packet does */
	ARP_TAGGED,   /* of another VLAN, or with more than one tag */
	ARP_HARDWARE, /* htype, ptype, hln or pln is not Ethernet's and IPv4's */
	ARP_OP,	      /* neither request nor reply */
	ARP_SENDER,   /* sha is zero or a group address */
	ARP_ADDRESS,  /* spa is no address that a host can have */
	ARP_FORGED,   /* all is right, but sha is not the frame's source */
};

/* The address that every station listens to. */
extern const struct mac mac_broadcast;

bool mac_is_group(struct mac mac);

/* Writes ARP as a padded frame from its sha to TO. */
void arp_pack(const struct arp *arp, struct mac to, uint8_t frame[static ARP_FRAME]);

/*
 * Reads the LENGTH bytes of FRAME; *RET is set only with ARP_SOUND and ARP_FORGED.  Bytes
 * after the packet are padding.  A priority tag (802.1Q with VLAN 0) is skipped; any other tag means
 * another network, whose addresses are none of ours.  spa 0 is sound in a request only: it
 * is a probe (RFC 5227, 2.1.1).
 */
enum arp_flaw arp_unpack(const uint8_t *frame, size_t length, struct arp *ret);

/* The source of any Ethernet frame; false if it is short or the source a group address. */
bool arp_source(const uint8_t *frame, size_t length, struct mac *ret);

/* The address that a frame of IPv4 comes from; false if it is none, tagged, or from no host. */
bool arp_source_ip(const uint8_t *frame, size_t length, struct in_addr *ret);

/* Asks before using an address and claims nothing (RFC 5227, 1.1). */
bool arp_is_probe(const struct arp *arp);
/* Tells everybody about an address that its sender uses (RFC 5227, 1.1; "gratuitous"). */
bool arp_is_announcement(const struct arp *arp);

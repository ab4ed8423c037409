/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A guest for a moment: a station is plugged into the bridge, asks as a new VM would, and is
 * gone.  It lives in a process and a network namespace of its own, and its port is one end of
 * a veth pair whose other end is in there, so that all of it ends with that process, however it
 * ends.
 *
 * It speaks with the host alone: what it sends goes to the bridge's MAC, but for a DHCP
 * DISCOVER, which everybody on the bridge hears, and ARP probes, which claim nothing.  It takes
 * no lease; its address is one that was offered to it, or else a free one, and nobody answers for that.
 */

#include "common/settings.h"
#include "doctor/dhcp.h"
#include "doctor/listener.h"
#include "scanner/range.h"

enum { PROBE_OFFERS = 4, PROBE_CLAIMS = 4, PROBE_TARGETS = 512, PROBE_TROUBLE = 200 };

enum probe_answer {
	PROBE_SILENT,
	PROBE_REFUSED, /* reached, and nobody listens there */
	PROBE_OPEN,
};

struct probe_target {
	struct in6_addr ip;
	in_port_t port; /* host order */
	enum probe_answer answer;
};

/* What it is told, and what it finds.  No pointers: it is shared between two processes. */
struct probe {
	char bridge[16];
	struct mac bridge_mac;
	struct in_addr host; /* the bridge's address on its network */
	struct range network;
	uint8_t length;	      /* bits of the network's prefix */
	struct in6_addr ipv6; /* of the bridge, link-local if it has that; ::: none */

	bool done;
	char trouble[PROBE_TROUBLE]; /* why it could not ask; "": it could */
	struct in_addr ip;	     /* what it took */
	struct dhcp_offer offers[PROBE_OFFERS];
	size_t offer_count;
	bool offer_claimed; /* somebody has the address that was offered first */
	struct mac claims[PROBE_CLAIMS]; /* who answers for the host's address */
	size_t claim_count;
	enum probe_answer smb; /* at the host's address, port 445 */
	bool smb_speaks;       /* and it is SMB */
	bool dns;	       /* it answers DNS over UDP */
	/* The other places where the host listens; with IPv6 always port 445. */
	struct probe_target targets[PROBE_TARGETS];
	size_t target_count;
	bool targets_left; /* there are more than fit */
};

/*
 * Does all of it, in about a second; up to 5 where a DHCP server is slow or not there.
 * Faults: 7 without a bridge that has an address; 6 for who is not root; 1 with what is in
 * the way.
 */
struct fault *probe_run(const void *ctx, const struct settings *settings,
			struct probe **ret);

/* Adds what a station could reach of LISTENERS at IP, unless it is there already.  Port 445 of
 * the host's address is not among them. */
void probe_aim(struct probe *probe, const struct listeners *listeners,
	       const struct in6_addr *ip);

/* What the process does (doctor/probe_guest.c); it ends by itself. */
void probe_ask(struct probe *probe);

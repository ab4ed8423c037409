/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The gate: nftables' rules that let a guest's frame in only where its port, its MAC and its
 * address belong together (nft(8); libnftables(3) by hub/nft.h).  It fails closed: a port that
 * it has not been told of can do DHCP and ARP, and nothing else.
 *
 * Three tables called hubshare, changed in one transaction:
 *  - bridge: from a port of the bridge only frames with that port's MAC pass, so that the
 *    bridge never learns another's; ARP only with its own MAC and a verified address, or as a
 *    probe (RFC 5227); DHCP requests only with its own MAC as chaddr; IPv4 only from a verified
 *    address.  What passes so is marked.  All ARP is copied before to the nflog groups
 *    GATE_GROUP_FIRST to GATE_GROUP_LAST, where hubscan hears what is dropped, and IPv4 that a
 *    port's own MAC sends from another address; each port at its own rate.  Guests do not
 *    reach one another, and what the host sends to an address goes to who was verified there
 *    and to nobody else, wherever the bridge or the host's table of neighbours believe it.
 *  - inet and arp: what comes in by the bridge without the mark reaches nothing of the host but
 *    its DHCP server, also by a port that nobody has told of yet.  SMB from a guest's address
 *    comes by the bridge or not at all.  What the kernel would still send of an SMB session
 *    whose smbd is gone, it does not: the address may be another's by then.  (ksmbd, whose
 *    sockets belong to no process, is not served through the gate.)
 *
 * Its chains come first at their hooks (priority -1000): what it drops nobody else can let in
 * again.  Of a packet's mark it uses GATE_MARK alone, from the bridge's prerouting to the first
 * chain of inet or arp, which takes it off: nobody else sees it.
 *
 * What the kernel's rules cannot do, on a stock kernel:
 *  - tell the bridge of a port in a bridge table (meta ibrname is not everywhere).  Until a port
 *    is told of, the bridge learns MACs by it, so that frames of the host's to another guest
 *    are lost until that one speaks again; and two such ports reach one another;
 *  - see what a bridge takes for itself, such as LLDP.  gate_raise() has the bridge learn
 *    nothing by it (Linux 4.20); a guest's STP is obeyed where the bridge runs STP;
 *  - look into DHCP's options: a guest may use another's client-id.  What its server makes of
 *    that is seen in the leases;
 *  - take a port of any name: one with '"', '$', '*', '\' or what is not ASCII stays untold.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "common/fault.h"
#include "common/settings.h"

/* One listener has a group to itself, so there are some. */
enum { GATE_GROUP_FIRST = 17216, GATE_GROUP_LAST = 17223 };

/* The bit of a packet's mark that says that the gate has let it in. */
#define GATE_MARK 0x08000000u

/* Whose MAC a port may use. */
struct gate_tap {
	char port[IFNAMSIZ];
	struct mac mac;
};

/* Who was verified to be at an address. */
struct gate_binding {
	char port[IFNAMSIZ];
	struct mac mac;
	struct in_addr ip;
};

/* What the gate's three sets hold.  Order means nothing, and nothing is there twice. */
struct gate_plan {
	char (*ports)[IFNAMSIZ]; /* all ports of the bridge */
	size_t port_count;
	struct gate_tap *taps;
	size_t tap_count;
	struct gate_binding *bindings;
	size_t binding_count;
};

/* The transaction that puts the gate up whole for PLAN, or changes FROM into TO ("" where
 * nothing differs), as nft(8) reads it.  HOST is the host's own address on the bridge. */
char *gate_text(const void *ctx, const struct settings *settings, struct in_addr host,
		const struct gate_plan *plan);
char *gate_change_text(const void *ctx, const struct gate_plan *from,
		       const struct gate_plan *to);

/* Puts it up, in the place of what stands.  Fault 6 without the right to, 7 where the kernel
 * cannot do it. */
struct fault *gate_raise(const struct settings *settings, struct in_addr host,
			 const struct gate_plan *plan);

/* Changes what differs.  Fault 1 where what stands is not FROM: raise it then. */
struct fault *gate_change(const struct gate_plan *from, const struct gate_plan *to);

/* What stands in the kernel, on CTX; *RET is NULL where the gate does not stand whole, or may
 * not be looked at. */
struct fault *gate_read(const void *ctx, struct gate_plan **ret);

/* Takes it away; no fault where it does not stand. */
struct fault *gate_lower(void);

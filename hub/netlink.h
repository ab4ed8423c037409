/* SPDX-License-Identifier: ISC */
#pragma once

/* The door to the kernel's tables of the network: rtnetlink(7), by libmnl. */

#include <net/if.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/fault.h"
#include "scanner/neighbour.h"

/*
 * The kernel's IPv4 neighbours on INTERFACE that have a MAC, however stale: where somebody
 * was once.  None where there is no such interface.  Fault 1.
 */
struct fault *netlink_neighbours(const void *ctx, const char *interface,
				 struct neighbour **ret, size_t *ret_count);

/* Of these, which netlink_pin() made and nobody has changed since; none before Linux 5.0.
 * Fault 1. */
struct fault *netlink_pinned(const void *ctx, const char *interface,
			     struct neighbour **ret, size_t *ret_count);

/* The names of BRIDGE's ports; none where there is no such bridge.  Fault 1. */
struct fault *netlink_ports(const void *ctx, const char *bridge, char (**ret)[IFNAMSIZ],
			    size_t *ret_count);

/* What the kernel tells of by itself, as far as it concerns a bridge. */
struct notices;

enum notice {
	NOTICE_PORTS =
		1 << 0, /* the bridge, its address, or a port came, went or changed */
	NOTICE_RULES = 1 << 1, /* another process has changed rules of nftables */
	NOTICE_NEIGHBOURS =
		1 << 2, /* a neighbour on the bridge changed, and is not pinned */
};

/* Fault 1; 6 without the right to. */
struct fault *notices_open(const void *ctx, const char *bridge, struct notices **ret);

/* What came since the last call, enum notice; everything, where the kernel had more to tell
 * than it could keep.  Waits for nothing. */
unsigned notices_read(struct notices *notices);

/* Can be read when something came. */
int notices_descriptor(const struct notices *notices);

/*
 * A way to change the network of the namespace in which it was opened, also after the process
 * has gone to another one.  Each change is made when its function returns; fault 1.
 */
struct netlink;

struct fault *netlink_open(const void *ctx, struct netlink **ret);

/*
 * Makes a veth pair: NAME, up and a port of BRIDGE, and PEER with MAC in the network
 * namespace of the descriptor SPACE.  It is whole or not at all, and goes with that
 * namespace.
 */
struct fault *netlink_veth(struct netlink *netlink, const char *name, const char *bridge,
			   const char *peer, struct mac mac, int space);

/* Sets the interface NAME up. */
struct fault *netlink_up(struct netlink *netlink, const char *name);

/* Lets the bridge port NAME speak at once, however long its bridge would wait to see whether
 * it is part of a loop (not where the bridge runs STP). */
struct fault *netlink_forward(struct netlink *netlink, const char *name);

/* The bridge NAME learns no MAC from frames that are for bridges alone (LLDP, 802.1X), which no
 * rule gets to see before.  Linux 4.20 or later. */
struct fault *netlink_unlearn(struct netlink *netlink, const char *name);

/* Takes the interface NAME away. */
struct fault *netlink_remove(struct netlink *netlink, const char *name);

/* Gives NAME the address IP (AF_INET or AF_INET6, network order) in a network of LENGTH bits.
 * Nobody is asked whether he has it. */
struct fault *netlink_address(struct netlink *netlink, const char *name,
			      sa_family_t family, const void *ip, uint8_t length);

/* Everything goes to ROUTER, by NAME. */
struct fault *netlink_route(struct netlink *netlink, const char *name,
			    struct in_addr router);

/* IP is at MAC, and nobody is asked.  Not for good: dnsmasq(8) enters whom it gives an address,
 * over a pin, too. */
struct fault *netlink_pin(struct netlink *netlink, const char *name, sa_family_t family,
			  const void *ip, struct mac mac);

/* Asks by ARP who is at IP, whoever that was taken to be: he hears who asks, and can answer. */
struct fault *netlink_ask(struct netlink *netlink, const char *name, struct in_addr ip);

/* Forgets at which MAC IP was. */
struct fault *netlink_forget(struct netlink *netlink, const char *name,
			     struct in_addr ip);

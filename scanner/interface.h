/* SPDX-License-Identifier: ISC */
#pragma once

/* A network interface of this host: its MAC and its IPv4 addresses (getifaddrs(3)). */

#include "common/address.h"
#include "common/fault.h"

struct interface_address {
	struct in_addr ip, mask;
};

struct interface {
	const char *name;
	struct mac mac;
	struct interface_address *address;
	size_t count;
};

/* Fault 7 if there is no interface NAME, or if it is no Ethernet. */
struct fault *interface_find(const void *ctx, const char *name, struct interface **ret);

/*
 * The address to ask from for IP: the one in whose network IP is, else the first; 0.0.0.0
 * if there is none, and for the interface's own addresses: such a question is a probe,
 * which nobody takes for a claim (RFC 5227, 2.1.1).
 */
struct in_addr interface_source(const struct interface *interface, struct in_addr ip);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Who listens on this host, by the kernel's tables of TCP (/proc/net/tcp and tcp6,
 * proc_pid_net(5)), and where a station on the bridge could reach him.  An IPv4 address is
 * written as IPv6 has it, ::ffff:1.2.3.4.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct listener {
	struct in6_addr
		ip; /* :: and ::ffff:0.0.0.0: all addresses, of both kinds or of IPv4 */
	in_port_t port; /* host order */
};

struct listeners {
	struct listener *list;
	size_t count;
};

/* Those of TCP and TCP6, texts of the two tables. */
struct listeners *listeners_parse(const void *ctx, const char *tcp, const char *tcp6);

/* Does LISTENER take what is sent to IP? */
bool listener_takes(const struct listener *listener, const struct in6_addr *ip);

struct in6_addr ip_mapped(struct in_addr ip);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * DHCP leases, as dnsmasq(8) keeps them (a line each: EXPIRY MAC IP HOSTNAME|* CLIENT-ID)
 * and as libvirt's helper does (a JSON array).  A guest chooses its MAC, its host name and
 * its client id: a lease says where to look for whom, not who somebody is.
 */

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/fault.h"
#include "common/settings.h"

struct lease {
	struct in_addr ip;
	struct mac mac;
	int64_t until_s; /* seconds since 1970; 0: it does not end */
};

struct leases {
	struct lease *list;
	size_t count;
};

/* Reads either format; lines that are no IPv4 lease are passed over.  Fault 1 for JSON that
 * is none. */
struct fault *lease_parse(const void *ctx, const char *text, struct leases **ret);

/* Where leases may be, NULL-terminated: the file that SETTINGS name, or else libvirt's and
 * dnsmasq's own. */
char **lease_paths(const void *ctx, const struct settings *settings);

/* The leases of the bridge that have not ended: of the file that SETTINGS name, else of
 * dnsmasq's and libvirt's own.  None where there is no such file or it may not be read. */
struct leases *lease_load(const void *ctx, const struct settings *settings);

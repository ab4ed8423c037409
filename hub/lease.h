/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * DHCP leases, as dnsmasq(8) keeps them (a line each: EXPIRY MAC IP HOSTNAME|* CLIENT-ID)
 * and as libvirt's helper does (a JSON array).  A guest chooses its MAC, its host name and
 * its client id: a lease says where to look for whom, not who somebody is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/fault.h"
#include "common/settings.h"

struct lease {
	struct in_addr ip;
	struct mac mac;
	int64_t until_s;   /* seconds since 1970; 0: it does not end */
	int64_t missed_ms; /* since when it is not read any more; 0: it was */
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

/* For so long a lease that is not read any more is believed in. */
enum { LEASE_MISSED_MS = 200 };

/*
 * dnsmasq empties its file and writes it anew, and whoever reads meanwhile sees part of it: adds
 * to LEASES, which were read at NOW_MS, what BEFORE has besides, unless that is missed for long
 * or its address is another's by now.  Returns in how many ms to read again; -1: nothing is
 * missed.
 */
int64_t leases_carry(struct leases *leases, const struct leases *before, int64_t now_ms);

bool leases_have(const struct leases *leases, const struct lease *lease);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * A libvirt domain as far as hubshare cares: who it is (UUID), what it is called, its
 * network interfaces and its disks, from its XML (https://libvirt.org/formatdomain.html).
 * Name and XML are text that somebody else chose.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "common/fault.h"

struct nic {
	struct mac mac;
	const char *network; /* libvirt's network it is on; NULL for none */
	const char *bridge;  /* the host's bridge it is on; NULL if not known */
	const char *tap;     /* the host's end, "vnet0"; NULL when the domain is off */
	bool down;	     /* its link is set down */
};

/* A disk that is a volume of one of libvirt's storage pools. */
struct volume {
	const char *pool, *name;
};

struct domain {
	const char *uuid; /* lower case, with dashes */
	const char *name; /* as it is: not fit to be printed or to be a file name */
	bool running;
	int id; /* libvirt's number of it, another one for each start; -1 when it is off */
	struct nic *nics;
	size_t nic_count;
	const char *
		*disks; /* files and directories of the host that its disks are, or that
			     * it boots from; none of a shared system directory, /usr */
	size_t disk_count;
	struct volume *volumes; /* more of its disks, whose paths libvirt knows */
	size_t volume_count;
};

/* All domains of the host, running or not: a list that is not whole is never made. */
struct domains {
	struct domain **list;
	size_t count;
};

/* Adds to its disks. */
void domain_add_disk(struct domain *domain, const char *path);

/* Reads what virDomainGetXMLDesc() gave.  *RET->running stays false, its id -1.  Fault 1. */
struct fault *domain_parse(const void *ctx, const char *xml, struct domain **ret);

/* The same for virStoragePoolGetXMLDesc(): the path of its <target>, NULL if it has none. */
struct fault *pool_parse(const void *ctx, const char *xml, char **ret);

/* The domain of that UUID or that name; NULL if there is none. */
struct domain *domains_by_uuid(const struct domains *domains, const char *uuid);
struct domain *domains_by_name(const struct domains *domains, const char *name);

/* Its NIC of that MAC on BRIDGE; NULL if it has none. */
const struct nic *domain_nic(const struct domain *domain, struct mac mac,
			     const char *bridge);
/* Has it a NIC on BRIDGE? */
bool domain_on_bridge(const struct domain *domain, const char *bridge);

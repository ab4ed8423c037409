/* SPDX-License-Identifier: ISC */
#include "hub/virt.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

struct virt {
	virConnectPtr connection;
};

static int virt_close(struct virt *virt)
{
	virConnectClose(virt->connection);
	return 0;
}

/* libvirt prints its errors unless somebody takes them. */
static void keep_quiet(void *user, virErrorPtr error)
{
	(void)user;
	(void)error;
}

static struct fault *virt_fault(const char *what, const char *name)
{
	const char *words = virGetLastErrorMessage();

	return fault_new(FAULT_UNREACHABLE, "%s%s: %s", what, name, words);
}

struct fault *virt_open(const void *ctx, const char *uri, struct virt **ret)
{
	virSetErrorFunc(NULL, keep_quiet);
	virConnectPtr connection = virConnectOpenReadOnly(uri);
	if (!connection)
		return virt_fault("libvirt cannot be reached at ", uri);
	struct virt *virt = mem_new(ctx, struct virt);
	virt->connection = connection;
	talloc_set_destructor(virt, virt_close);
	*ret = virt;
	return NULL;
}

/*
 * The bridge of a network.  One that is not defined (any more) has none: its domain cannot
 * run; but any other error is one.
 */
static struct fault *network_bridge(const void *ctx, struct virt *virt, const char *name,
				    const char **ret)
{
	virNetworkPtr network = virNetworkLookupByName(virt->connection, name);
	char *bridge = network ? virNetworkGetBridgeName(network) : NULL;
	int code = virGetLastErrorCode();
	struct fault *fault = NULL;

	if (bridge)
		*ret = mem_strdup(ctx, bridge);
	else if (code != VIR_ERR_NO_NETWORK && !(network && code == VIR_ERR_INTERNAL_ERROR))
		fault = virt_fault("libvirt does not tell the bridge of network ", name);
	free(bridge);
	if (network)
		virNetworkFree(network);
	return fault;
}

/* Asks for the bridge of each NIC that only names its network; asks once a network. */
static struct fault *find_bridges(struct virt *virt, struct domains *domains)
{
	struct fault *fault = NULL;
	struct known {
		const char *network, *bridge;
	} *known = mem_array(NULL, struct known, 0);
	size_t count = 0;

	for (size_t i = 0; !fault && i < domains->count; i++)
		for (size_t n = 0; !fault && n < domains->list[i]->nic_count; n++) {
			struct nic *nic = &domains->list[i]->nics[n];
			size_t k = 0;

			if (nic->bridge || !nic->network)
				continue;
			while (k < count && strcmp(known[k].network, nic->network) != 0)
				k++;
			if (k == count) {
				mem_grow(NULL, known, struct known, count)->network =
					nic->network;
				fault = network_bridge(domains, virt, nic->network,
						       &known[count++].bridge);
			}
			nic->bridge = known[k].bridge;
		}
	talloc_free(known);
	return fault;
}

/* The directory or device that a pool is; "" for one that is neither. */
static char *pool_target(const void *ctx, virStoragePoolPtr pool)
{
	char *xml = virStoragePoolGetXMLDesc(pool, 0), *path = NULL;
	struct fault *fault = xml ? pool_parse(ctx, xml, &path) : NULL;

	free(xml);
	talloc_free(fault);
	return path ? path : mem_strdup(ctx, "");
}

/*
 * Adds the path of a disk that is a volume.  Where libvirt does not know it (the pool is not
 * started, the volume was made behind its back), all of its pool counts; a pool that there
 * is not, holds no disk.
 */
static void find_volume(struct virt *virt, struct domain *domain, const struct volume *volume)
{
	virStoragePoolPtr pool = virStoragePoolLookupByName(virt->connection, volume->pool);
	virStorageVolPtr handle = pool ? virStorageVolLookupByName(pool, volume->name) : NULL;
	char *path = handle ? virStorageVolGetPath(handle) : NULL;
	char *target = pool && !path ? pool_target(domain, pool) : NULL;

	if (path && *path == '/')
		domain_add_disk(domain, path);
	else if (target && *target == '/')
		domain_add_disk(domain, target);
	free(path);
	if (handle)
		virStorageVolFree(handle);
	if (pool)
		virStoragePoolFree(pool);
}

static void find_volumes(struct virt *virt, struct domains *domains)
{
	for (size_t i = 0; i < domains->count; i++)
		for (size_t v = 0; v < domains->list[i]->volume_count; v++)
			find_volume(virt, domains->list[i], &domains->list[i]->volumes[v]);
}

/* Adds one; a domain that went away since it was listed is left out. */
static struct fault *add_domain(struct domains *domains, virDomainPtr handle)
{
	struct domain *domain;
	char *xml = virDomainGetXMLDesc(handle, 0);

	if (!xml && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
		return NULL;
	if (!xml)
		return virt_fault("libvirt does not describe domain ",
				  virDomainGetName(handle));
	struct fault *fault = domain_parse(domains, xml, &domain);
	free(xml);
	if (fault)
		return fault;
	int active = virDomainIsActive(handle);
	if (active < 0)
		return virt_fault("libvirt does not tell the state of domain ",
				  virDomainGetName(handle));
	domain->running = active;
	*mem_grow(domains, domains->list, struct domain *, domains->count) = domain;
	domains->count++;
	return NULL;
}

struct fault *virt_domains(const void *ctx, struct virt *virt, struct domains **ret)
{
	struct domains *domains = mem_new(ctx, struct domains);
	virDomainPtr *handles = NULL;
	int count = virConnectListAllDomains(virt->connection, &handles, 0);
	struct fault *fault = count < 0 ? virt_fault("libvirt does not list its domains", "") :
					  NULL;

	for (int i = 0; i < count; i++) {
		if (!fault)
			fault = add_domain(domains, handles[i]);
		virDomainFree(handles[i]);
	}
	free(handles);
	if (!fault)
		fault = find_bridges(virt, domains);
	if (!fault)
		find_volumes(virt, domains);
	if (fault)
		talloc_free(domains);
	else
		*ret = domains;
	return fault;
}

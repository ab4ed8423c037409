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

static struct fault *connect_to(const void *ctx, const char *uri, bool read_only,
				struct virt **ret)
{
	virSetErrorFunc(NULL, keep_quiet);
	virConnectPtr connection =
		read_only ? virConnectOpenReadOnly(uri) : virConnectOpen(uri);
	if (!connection)
		return virt_fault("libvirt cannot be reached at ", uri);
	struct virt *virt = mem_new(ctx, struct virt);
	virt->connection = connection;
	talloc_set_destructor(virt, virt_close);
	*ret = virt;
	return NULL;
}

struct fault *virt_open(const void *ctx, const char *uri, struct virt **ret)
{
	return connect_to(ctx, uri, true, ret);
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
	else if (code != VIR_ERR_NO_NETWORK &&
		 !(network && code == VIR_ERR_INTERNAL_ERROR))
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
static void find_volume(struct virt *virt, struct domain *domain,
			const struct volume *volume)
{
	virStoragePoolPtr pool =
		virStoragePoolLookupByName(virt->connection, volume->pool);
	virStorageVolPtr handle =
		pool ? virStorageVolLookupByName(pool, volume->name) : NULL;
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
			find_volume(virt, domains->list[i],
				    &domains->list[i]->volumes[v]);
}

/* Adds one; a domain that went away since it was listed is left out. */
static struct fault *add_domain(struct domains *domains, virDomainPtr handle)
{
	struct domain *domain;
	const char *name =
		virDomainGetName(handle); /* it forgets what went wrong before */
	char *xml = virDomainGetXMLDesc(handle, 0);

	if (!xml && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
		return NULL;
	if (!xml)
		return virt_fault("libvirt does not describe domain ", name);
	struct fault *fault = domain_parse(domains, xml, &domain);
	free(xml);
	if (fault)
		return fault;
	int active = virDomainIsActive(handle);
	if (active < 0)
		return virt_fault("libvirt does not tell the state of domain ", name);
	domain->running = active;
	domain->id = active ? (int)virDomainGetID(handle) : -1;
	*mem_grow(domains, domains->list, struct domain *, domains->count) = domain;
	domains->count++;
	return NULL;
}

/* The domains, without their volumes. */
static struct fault *list_domains(const void *ctx, struct virt *virt,
				  struct domains **ret)
{
	struct domains *domains = mem_new(ctx, struct domains);
	virDomainPtr *handles = NULL;
	int count = virConnectListAllDomains(virt->connection, &handles, 0);
	struct fault *fault =
		count < 0 ? virt_fault("libvirt does not list its domains", "") : NULL;

	for (int i = 0; i < count; i++) {
		if (!fault)
			fault = add_domain(domains, handles[i]);
		virDomainFree(handles[i]);
	}
	free(handles);
	if (!fault)
		fault = find_bridges(virt, domains);
	if (fault)
		talloc_free(domains);
	else
		*ret = domains;
	return fault;
}

struct fault *virt_domains(const void *ctx, struct virt *virt, struct domains **ret)
{
	struct fault *fault = list_domains(ctx, virt, ret);

	if (!fault)
		find_volumes(virt, *ret);
	return fault;
}

enum {
	ALIVE_MS = 5000,
	/* libvirt is taken for gone when it has left that many questions unanswered. */
	KEEPALIVE_S = 5,
	KEEPALIVE_COUNT = 3,
};

/* What is followed, and what is new of it since it was told last. */
struct following {
	struct virt *virt;
	virt_tell_fn *tell;
	void *arg;
	const char **stale; /* UUIDs of domains that changed */
	size_t stale_count;
	bool all_stale;
	bool deaf; /* nobody listens */
	bool lost; /* libvirt is gone */
};

static void tell_news(struct following *f, enum domain_news_kind kind,
		      struct domain *domain)
{
	const struct domain_news news = { kind, domain };

	f->deaf |= !f->tell(f->arg, &news);
}

/* Notes the domain; it is looked at when libvirt has told all that it has to. */
static void note_stale(struct following *f, virDomainPtr handle)
{
	char uuid[VIR_UUID_STRING_BUFLEN];

	if (virDomainGetUUIDString(handle, uuid) < 0)
		f->all_stale = true;
	for (size_t i = 0; i < f->stale_count; i++)
		if (strcmp(f->stale[i], uuid) == 0)
			return;
	const char **place = mem_grow(f, f->stale, const char *, f->stale_count);
	*place = mem_strdup(f->stale, uuid);
	f->stale_count++;
}

static int on_lifecycle(virConnectPtr connection, virDomainPtr handle, int event,
			int detail, void *user)
{
	(void)connection, (void)event, (void)detail;
	note_stale(user, handle);
	return 0;
}

static void on_device(virConnectPtr connection, virDomainPtr handle, const char *alias,
		      void *user)
{
	(void)connection, (void)alias;
	note_stale(user, handle);
}

static void on_network(virConnectPtr connection, virNetworkPtr network, int event,
		       int detail, void *user)
{
	struct following *f = user;

	(void)connection, (void)network, (void)event, (void)detail;
	f->all_stale = true;
}

static void on_close(virConnectPtr connection, int reason, void *user)
{
	struct following *f = user;

	(void)connection, (void)reason;
	f->lost = true;
}

static void on_time(int timer, void *user)
{
	(void)timer;
	tell_news(user, NEWS_ALIVE, NULL);
}

/* What cannot be had of these (a driver without them) is no fault: there is nothing to hear. */
static void listen_to_libvirt(struct following *f)
{
	static const int device_events[] = { VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
					     VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED };
	virConnectPtr connection = f->virt->connection;

	virConnectSetKeepAlive(connection, KEEPALIVE_S, KEEPALIVE_COUNT);
	virConnectRegisterCloseCallback(connection, on_close, f, NULL);
	virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
					 VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), f,
					 NULL);
	for (size_t i = 0; i < sizeof(device_events) / sizeof(*device_events); i++)
		virConnectDomainEventRegisterAny(connection, NULL, device_events[i],
						 VIR_DOMAIN_EVENT_CALLBACK(on_device), f,
						 NULL);
	virConnectNetworkEventRegisterAny(connection, NULL,
					  VIR_NETWORK_EVENT_ID_LIFECYCLE,
					  VIR_NETWORK_EVENT_CALLBACK(on_network), f,
					  NULL);
	virEventAddTimeout(ALIVE_MS, on_time, f, NULL);
}

static struct fault *tell_all_domains(struct following *f)
{
	struct domains *domains = NULL;
	struct fault *fault = list_domains(NULL, f->virt, &domains);

	if (!fault)
		tell_news(f, NEWS_LIST, NULL);
	for (size_t i = 0; !fault && i < domains->count; i++)
		tell_news(f, NEWS_DOMAIN, domains->list[i]);
	if (!fault)
		tell_news(f, NEWS_WHOLE, NULL);
	talloc_free(domains);
	return fault;
}

static struct fault *tell_domain(struct following *f, const char *uuid)
{
	struct domains *domains = mem_new(NULL, struct domains);
	struct domain gone = { .uuid = uuid };
	virDomainPtr handle = virDomainLookupByUUIDString(f->virt->connection, uuid);
	struct fault *fault = NULL;

	if (handle)
		fault = add_domain(domains, handle);
	else if (virGetLastErrorCode() != VIR_ERR_NO_DOMAIN)
		fault = virt_fault("libvirt does not find domain ", uuid);
	if (!fault)
		fault = find_bridges(f->virt, domains);
	if (!fault)
		tell_news(f, domains->count ? NEWS_DOMAIN : NEWS_GONE,
			  domains->count ? domains->list[0] : &gone);
	if (handle)
		virDomainFree(handle);
	talloc_free(domains);
	return fault;
}

/* Tells what was noted. */
static struct fault *catch_up(struct following *f)
{
	struct fault *fault = f->all_stale ? tell_all_domains(f) : NULL;

	for (size_t i = 0; !f->all_stale && !fault && i < f->stale_count; i++)
		fault = tell_domain(f, f->stale[i]);
	talloc_free(f->stale);
	f->stale = NULL;
	f->stale_count = 0;
	f->all_stale = false;
	return fault;
}

struct fault *virt_follow(const char *uri, virt_tell_fn *tell, void *arg)
{
	struct following *f = mem_new(NULL, struct following);
	struct fault *fault;

	*f = (struct following){ .tell = tell, .arg = arg, .all_stale = true };
	virEventRegisterDefaultImpl();
	if (!(fault = virt_open(f, uri, &f->virt)))
		listen_to_libvirt(f);
	while (!fault && !f->deaf && !f->lost && !(fault = catch_up(f)))
		if (virEventRunDefaultImpl() < 0)
			fault = virt_fault("libvirt's events end", "");
	if (!fault && f->lost)
		fault = fault_new(FAULT_UNREACHABLE, "libvirt went away");
	talloc_free(f);
	return fault;
}

/* Finds NAME; *RET is NULL where libvirt has none. */
static struct fault *find_network(const char *uri, const char *name,
				  struct virt **ret_virt, virNetworkPtr *ret)
{
	struct fault *fault = connect_to(NULL, uri, false, ret_virt);

	*ret = fault ? NULL : virNetworkLookupByName((*ret_virt)->connection, name);
	if (!fault && !*ret && virGetLastErrorCode() != VIR_ERR_NO_NETWORK) {
		fault = virt_fault("libvirt does not tell of network ", name);
		talloc_free(*ret_virt);
	}
	return fault;
}

static struct fault *describe_network(const void *ctx, virNetworkPtr network,
				      struct virt_network *ret)
{
	const char *name =
		virNetworkGetName(network); /* it forgets what went wrong before */
	char *xml = virNetworkGetXMLDesc(network, VIR_NETWORK_XML_INACTIVE);
	int autostart = 0, up = virNetworkIsActive(network);

	if (!xml || up < 0 || virNetworkGetAutostart(network, &autostart) < 0) {
		free(xml);
		return virt_fault("libvirt does not tell of network ", name);
	}
	*ret = (struct virt_network){ mem_strdup(ctx, xml), up, autostart };
	free(xml);
	return NULL;
}

struct fault *virt_network_read(const void *ctx, const char *uri, const char *name,
				struct virt_network *ret)
{
	virNetworkPtr network;
	struct virt *virt;
	struct fault *fault = find_network(uri, name, &virt, &network);

	*ret = (struct virt_network){ 0 };
	if (fault || !network) {
		if (!fault)
			talloc_free(virt);
		return fault;
	}
	fault = describe_network(ctx, network, ret);
	virNetworkFree(network);
	talloc_free(virt);
	return fault;
}

struct fault *virt_network_of(const void *ctx, const char *uri, const char *bridge,
			      char **ret_name)
{
	virNetworkPtr *networks = NULL;
	struct virt *virt;
	struct fault *fault = connect_to(NULL, uri, false, &virt);

	*ret_name = NULL;
	if (fault)
		return fault;
	int count = virConnectListAllNetworks(virt->connection, &networks, 0);
	if (count < 0)
		fault = virt_fault("libvirt does not list its networks", "");
	for (int i = 0; i < count; i++) {
		char *made = virNetworkGetBridgeName(networks[i]);

		if (made && strcmp(made, bridge) == 0 && !*ret_name)
			*ret_name = mem_strdup(ctx, virNetworkGetName(networks[i]));
		free(made);
		virNetworkFree(networks[i]);
	}
	free(networks);
	talloc_free(virt);
	return fault;
}

struct fault *virt_network_define(const char *uri, const char *xml)
{
	struct virt *virt;
	struct fault *fault = connect_to(NULL, uri, false, &virt);

	if (fault)
		return fault;
	virNetworkPtr network = virNetworkDefineXML(virt->connection, xml);
	if (!network)
		fault = virt_fault("libvirt does not take the network", "");
	else
		virNetworkFree(network);
	talloc_free(virt);
	return fault;
}

static struct fault *change_network(virNetworkPtr network,
				    enum virt_network_change change)
{
	const char *name = virNetworkGetName(network);
	int done = -1;

	switch (change) {
	case NETWORK_UNDEFINE:
		done = virNetworkUndefine(network);
		break;
	case NETWORK_UP:
		done = virNetworkCreate(network);
		break;
	case NETWORK_DOWN:
		done = virNetworkDestroy(network);
		break;
	case NETWORK_AUTOSTART:
		done = virNetworkSetAutostart(network, 1);
		break;
	case NETWORK_NO_AUTOSTART:
		done = virNetworkSetAutostart(network, 0);
		break;
	}
	return done < 0 ? virt_fault("libvirt does not change network ", name) : NULL;
}

struct fault *virt_network_change(const char *uri, const char *name,
				  enum virt_network_change change)
{
	virNetworkPtr network;
	struct virt *virt;
	struct fault *fault = find_network(uri, name, &virt, &network);

	if (fault)
		return fault;
	if (network) {
		fault = change_network(network, change);
		virNetworkFree(network);
	} else {
		fault = fault_new(FAULT_NOT_FOUND, "libvirt has no network %s", name);
	}
	talloc_free(virt);
	return fault;
}

/* SPDX-License-Identifier: ISC */
#include "scanner/interface.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <string.h>

#include "common/memory.h"

static bool take_mac(struct interface *interface, const struct sockaddr *address)
{
	struct sockaddr_ll link;

	memcpy(&link, address, sizeof(link));
	memcpy(&interface->mac, link.sll_addr, sizeof(interface->mac));
	return link.sll_hatype == ARPHRD_ETHER &&
	       link.sll_halen == sizeof(interface->mac);
}

static struct in_addr ip_of(const struct sockaddr *address)
{
	struct sockaddr_in inet;

	memcpy(&inet, address, sizeof(inet));
	return inet.sin_addr;
}

static void take_address(struct interface *interface, const struct ifaddrs *entry)
{
	struct interface_address *address =
		mem_grow(interface, interface->address, struct interface_address,
			 interface->count);

	address->ip = ip_of(entry->ifa_addr);
	address->mask.s_addr =
		entry->ifa_netmask ? ip_of(entry->ifa_netmask).s_addr : INADDR_NONE;
	interface->count++;
}

/* Reads all entries of the interface; false if none of them is an Ethernet link. */
static bool take_all(struct interface *interface, const struct ifaddrs *list)
{
	bool ethernet = false;

	for (; list; list = list->ifa_next) {
		if (!list->ifa_addr || strcmp(list->ifa_name, interface->name) != 0)
			continue;
		if (list->ifa_addr->sa_family == AF_PACKET)
			ethernet = take_mac(interface, list->ifa_addr);
		else if (list->ifa_addr->sa_family == AF_INET)
			take_address(interface, list);
	}
	return ethernet;
}

struct fault *interface_find(const void *ctx, const char *name, struct interface **ret)
{
	struct interface *interface = mem_new(ctx, struct interface);
	struct ifaddrs *list;
	bool found;

	if (getifaddrs(&list) < 0) {
		talloc_free(interface);
		return fault_errno(errno, "Cannot list the network interfaces");
	}
	interface->name = mem_strdup(interface, name);
	found = take_all(interface, list);
	freeifaddrs(list);
	if (!found) {
		talloc_free(interface);
		return fault_new(
			FAULT_UNREACHABLE,
			"There is no Ethernet interface or bridge '%s': bring it up, or "
			"name another one (ip link shows them)",
			name);
	}
	*ret = interface;
	return NULL;
}

static bool is_own(const struct interface *interface, struct in_addr ip)
{
	for (size_t i = 0; i < interface->count; i++) {
		if (interface->address[i].ip.s_addr == ip.s_addr)
			return true;
	}
	return false;
}

struct in_addr interface_source(const struct interface *interface, struct in_addr ip)
{
	if (!interface->count || is_own(interface, ip))
		return (struct in_addr){ 0 };
	for (size_t i = 0; i < interface->count; i++) {
		const struct interface_address *own = &interface->address[i];

		if (((own->ip.s_addr ^ ip.s_addr) & own->mask.s_addr) == 0)
			return own->ip;
	}
	return interface->address[0].ip;
}

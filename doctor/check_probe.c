/* SPDX-License-Identifier: ISC */
/* What a guest for a moment found on the bridge (doctor/probe.h), judged. */

#include <arpa/inet.h>
#include <string.h>

#include "common/memory.h"
#include "hub/gate.h"
#include "doctor/host.h"
#include "doctor/probe.h"
#include "doctor/smb2.h"

enum { SHOWN = 5 /* places that a sentence names */, NETBIOS_PORT = 139, DNS_PORT = 53 };

const struct check probe_checks[] = {
	{ "probe-dhcp", "a new VM gets an address", look_probe_dhcp },
	{ "probe-dhcp-options", "and no route, no DNS with it", look_probe_options },
	{ "probe-arp", "only the bridge is the host", look_probe_arp },
	{ "probe-smb", "a new VM reaches Samba", look_probe_smb },
	{ "probe-shares", "and has no shares there", look_probe_shares },
	{ "probe-bridge", "nothing else answers there", look_probe_bridge },
	{ "probe-others", "nor at the host's other ones", look_probe_others },
	{ "probe-dns", "no DNS is answered", look_probe_dns },
	{ "probe-ipv6", "nothing answers by IPv6", look_probe_ipv6 },
	{ 0 },
};

bool host_probe(struct host *host, struct finding *ret)
{
	if (!host->probe && !host->probe_trouble) {
		struct fault *fault = probe_run(host, host->settings, &host->probe);

		if (fault)
			host->probe_trouble = host_told(host, fault);
	}
	if (!host->probe)
		*ret = found_unknown(host, "%s", host->probe_trouble);
	return host->probe != NULL;
}

struct finding look_probe_dhcp(struct host *host)
{
	const struct probe *probe;
	struct finding finding;

	if (!host_probe(host, &finding))
		return finding;
	probe = host->probe;
	if (!probe->offer_count)
		return found_wrong(host, NULL, "Nobody on %s offers an address by DHCP",
				   probe->bridge);
	for (size_t i = 0; i < probe->offer_count; i++)
		if (probe->offers[i].server.s_addr != probe->host.s_addr)
			return found_wrong(
				host, NULL,
				"%s gives addresses by DHCP, which is not the host",
				IP_TEXT(probe->offers[i].server));
	if (!range_contains(probe->network, probe->offers[0].ip))
		return found_wrong(host, NULL, "DHCP offers %s, which is not of %s",
				   IP_TEXT(probe->offers[0].ip), host->settings->network);
	if (probe->offer_claimed)
		return found_wrong(
			host, NULL,
			"DHCP offers %s, which somebody on the bridge has already",
			IP_TEXT(probe->offers[0].ip));
	return found_ok(host, "%s would be its", IP_TEXT(probe->offers[0].ip));
}

struct finding look_probe_options(struct host *host)
{
	struct finding finding;

	if (!host_probe(host, &finding))
		return finding;
	for (size_t i = 0; i < host->probe->offer_count; i++) {
		const struct dhcp_offer *offer = &host->probe->offers[i];

		if (offer->router.s_addr)
			return found_wrong(
				host, NULL,
				"DHCP gives %s as the way to everywhere, so that a VM "
				"may lose its own (dnsmasq: dhcp-option=3)",
				IP_TEXT(offer->router));
		if (offer->routes)
			return found_wrong(host, NULL, "DHCP gives routes");
		if (offer->dns.s_addr)
			return found_wrong(host, NULL,
					   "DHCP gives %s as the DNS server (dnsmasq: "
					   "dhcp-option=6)",
					   IP_TEXT(offer->dns));
	}
	return host->probe->offer_count ? found_ok(host, "an address and nothing else") :
					  found_unknown(host, "Nobody offers an address");
}

/* Who answers for the host's address gets what guests write to it. */
struct finding look_probe_arp(struct host *host)
{
	const struct probe *probe;
	struct finding finding;

	if (!host_probe(host, &finding))
		return finding;
	probe = host->probe;
	for (size_t i = 0; i < probe->claim_count; i++)
		if (!mac_equal(probe->claims[i], probe->bridge_mac))
			return found_wrong(
				host, NULL,
				"%s answers for %s, the host's address: 'hubshare "
				"find' may tell who it is",
				MAC_TEXT(probe->claims[i]), IP_TEXT(probe->host));
	return probe->claim_count ? found_ok(host, "%s is at %s", IP_TEXT(probe->host),
					     MAC_TEXT(probe->bridge_mac)) :
				    found_wrong(host, NULL, "Nobody answers for %s",
						IP_TEXT(probe->host));
}

/* A station is no VM, and the gate does not let it in. */
static bool gate_stands(struct host *host)
{
	struct gate_plan *plan = NULL;

	talloc_free(gate_read(host, &plan));
	return plan != NULL;
}

struct finding look_probe_smb(struct host *host)
{
	const struct probe *probe;
	struct finding finding;

	if (!host_probe(host, &finding))
		return finding;
	probe = host->probe;
	if (probe->smb_speaks)
		return found_ok(host, "%s port %d speaks SMB", IP_TEXT(probe->host),
				SMB2_PORT);
	if (probe->smb == PROBE_SILENT && gate_stands(host))
		return found_ok(host, "%s port %d is for VMs alone: the gate stands",
				IP_TEXT(probe->host), SMB2_PORT);
	if (probe->smb == PROBE_SILENT)
		return found_wrong(
			host, NULL,
			"%s port %d does not answer a VM: a firewall may drop it",
			IP_TEXT(probe->host), SMB2_PORT);
	if (probe->smb == PROBE_REFUSED)
		return found_wrong(host, "systemctl restart smbd",
				   "Nobody listens at %s port %d", IP_TEXT(probe->host),
				   SMB2_PORT);
	return found_wrong(host, NULL, "%s port %d does not speak SMB to a VM",
			   IP_TEXT(probe->host), SMB2_PORT);
}

/* smbd gives an address what its rendering says: one that a newcomer gets has to have none. */
struct finding look_probe_shares(struct host *host)
{
	struct finding finding;
	struct in_addr ip;

	if (!host_probe(host, &finding))
		return finding;
	if (!host_inventory(host))
		return found_unknown(host, "%s", host->blind);
	ip = host->probe->offer_count ? host->probe->offers[0].ip : host->probe->ip;
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++)
		if (inventory_rendering(host->inventory, (enum tenure)tenure, ip))
			return found_wrong(
				host, "hubshare sync",
				"The next VM gets %s, where another one's shares are "
				"still served",
				IP_TEXT(ip));
	return found_ok(host, "none at %s", IP_TEXT(ip));
}

/* "[fe80::1]:22" or "172.16.10.1:22" */
static const char *place_text(struct host *host, const struct probe_target *target)
{
	bool v4 = IN6_IS_ADDR_V4MAPPED(&target->ip);
	char text[INET6_ADDRSTRLEN];

	if (v4)
		inet_ntop(AF_INET, &target->ip.s6_addr[12], text, sizeof(text));
	else
		inet_ntop(AF_INET6, &target->ip, text, sizeof(text));
	return mend(host, v4 ? "%s:%u" : "[%s]:%u", text, target->port);
}

enum place { PLACE_BRIDGE, PLACE_OTHER, PLACE_IPV6, PLACE_EXPECTED };

/* Whose row a place is. */
static enum place place_of(const struct probe *probe, const struct probe_target *target)
{
	const struct in6_addr own = ip_mapped(probe->host);

	if (!IN6_IS_ADDR_V4MAPPED(&target->ip))
		return PLACE_IPV6;
	if (!IN6_ARE_ADDR_EQUAL(&target->ip, &own))
		return PLACE_OTHER;
	return target->port == SMB2_PORT || target->port == NETBIOS_PORT ||
			       target->port == DNS_PORT ?
		       PLACE_EXPECTED : /* or of another row */
		       PLACE_BRIDGE;
}

/* What answers at a PLACE so well or better; NULL: nothing. */
static const char *open_places(struct host *host, enum place place,
			       enum probe_answer least)
{
	const struct probe *probe = host->probe;
	char *text = NULL;
	size_t count = 0;

	for (size_t i = 0; i < probe->target_count; i++) {
		const struct probe_target *target = &probe->targets[i];

		if (place_of(probe, target) != place || target->answer < least)
			continue;
		if (++count <= SHOWN)
			text = mem_append(host, text, "%s%s", text ? ", " : "",
					  place_text(host, target));
	}
	return count > SHOWN ? mem_append(host, text, " and %zu more", count - SHOWN) :
			       text;
}

static struct finding look_places(struct host *host, enum place place)
{
	const char *open;
	struct finding finding;

	if (!host_probe(host, &finding))
		return finding;
	if ((open = open_places(host, place, PROBE_OPEN)))
		return found_wrong(
			host, NULL,
			"Every VM reaches %s: a firewall has to keep what comes from %s "
			"off, or the service has to listen elsewhere",
			open, host->probe->bridge);
	if (host->probe->targets_left)
		return found_unknown(host, "The host listens in more than %d places",
				     PROBE_TARGETS);
	return found_ok(host, "nothing");
}

struct finding look_probe_bridge(struct host *host)
{
	return look_places(host, PLACE_BRIDGE);
}

struct finding look_probe_others(struct host *host)
{
	return look_places(host, PLACE_OTHER);
}

struct finding look_probe_dns(struct host *host)
{
	struct finding finding;
	bool tcp = false;

	if (!host_probe(host, &finding))
		return finding;
	const struct in6_addr own = ip_mapped(host->probe->host);
	for (size_t i = 0; i < host->probe->target_count; i++) {
		const struct probe_target *target = &host->probe->targets[i];

		tcp |= target->port == DNS_PORT && target->answer == PROBE_OPEN &&
		       IN6_ARE_ADDR_EQUAL(&target->ip, &own);
	}
	if (host->probe->dns || tcp)
		return found_wrong(
			host, NULL,
			"%s answers DNS, by which a VM can speak with the internet "
			"(dnsmasq: port=0; libvirt: <dns enable='no'/>)",
			IP_TEXT(host->probe->host));
	return found_ok(host, "nobody answers it");
}

/* That a connection is refused is an answer: IPv6 works. */
struct finding look_probe_ipv6(struct host *host)
{
	const char *open;
	struct finding finding;

	if (!host_probe(host, &finding))
		return finding;
	if ((open = open_places(host, PLACE_IPV6, PROBE_REFUSED)))
		return found_wrong(
			host,
			mend(host, "sysctl -qw net/ipv6/conf/%s/disable_ipv6=1",
			     host->probe->bridge),
			"The host answers at %s, where nothing that goes by IPv4 addresses holds",
			open);
	return found_ok(host, "nothing");
}

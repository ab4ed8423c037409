/* SPDX-License-Identifier: ISC */
#include "doctor/why.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "hub/expiry.h"

static const char sync_mends[] = "hubshare sync";

static struct finding link_vm(const struct why *why)
{
	return found_ok(why->host, "%s (%s)", why->domain->name, why->domain->uuid);
}

static struct finding link_share(const struct why *why)
{
	const struct share *share = why->share;

	return found_ok(why->host, "%s, %s, %s guest access: %s",
			tenure_text(why->truth->tenure),
			share->read_only ? "read-only" : "read-write",
			share->guest_ok ? "with" : "without", share->path);
}

/* What is over is closed like what was removed, once somebody has looked. */
static struct finding link_end(const struct why *why)
{
	const struct share *share = why->share;
	const char *ends = term_text(why, &share->term, &why->host->now);

	if (expiry_is_over(share, why->host->guests->domains, why->truth->uuid,
			   &why->host->now))
		return found_wrong(why->host, NULL,
				   "'%s' has expired; give it again with 'hubshare add'",
				   share->name);
	if (ends)
		return found_ok(why->host, "%s", ends);
	return found_ok(why->host, why->truth->tenure == TENURE_PERMANENT ?
					   "it does not end by itself" :
					   "it ends with the host's next boot");
}

static struct finding link_running(const struct why *why)
{
	if (!why->domain->running)
		return found_wrong(why->host,
				   mend(why->host, "virsh start %s", why->domain->uuid),
				   "%s is off", why->domain->name);
	return found_ok(why->host, "it is running");
}

static struct finding link_nic(const struct why *why)
{
	const struct domain *domain = why->domain;
	const char *bridge = why->host->settings->bridge;
	const struct nic *cut = NULL;

	for (size_t i = 0; i < domain->nic_count; i++) {
		const struct nic *nic = &domain->nics[i];

		if (domain_nic(domain, nic->mac, bridge) != nic)
			continue;
		if (!nic->down)
			return found_ok(why->host, "%s is on %s", MAC_TEXT(nic->mac),
					bridge);
		cut = nic;
	}
	if (cut)
		return found_wrong(why->host,
				   mend(why->host, "virsh domif-setlink %s %s up",
					domain->uuid, MAC_TEXT(cut->mac)),
				   "The link of %s is set down", MAC_TEXT(cut->mac));
	return found_wrong(
		why->host,
		mend(why->host,
		     "virsh attach-interface %s bridge %s --model virtio --live "
		     "--config",
		     domain->uuid, bridge),
		"%s has no network interface on %s", domain->name, bridge);
}

static struct finding link_heard(const struct why *why)
{
	const struct settings *settings = why->host->settings;

	if (!why->guest)
		return found_wrong(
			why->host, NULL,
			"%s was not heard on %s: it needs DHCP, or an address in %s, on "
			"its interface there; 'hubshare wait' waits for it",
			why->domain->name, settings->bridge, settings->network);
	return found_ok(why->host, "%s answers at %s", MAC_TEXT(why->guest->mac),
			IP_TEXT(why->guest->ip));
}

static struct finding link_address(const struct why *why)
{
	struct in_addr ip = why->guest->ip;

	if (!guest_confirmed(why->host->guests, why->domain->uuid, ip))
		return found_wrong(
			why->host, NULL,
			"%s is contested: it is claimed by %s; only one of them may "
			"have it",
			IP_TEXT(ip), guest_claimants(why, why->host->guests, ip));
	return found_ok(why->host, "nobody else claims %s", IP_TEXT(ip));
}

/* Has the rendering only what was put there by hubshare, for this VM? */
static struct finding link_rendering(const struct why *why)
{
	const struct fragment *there = why->rendering ? why->rendering->fragment : NULL;
	const char *ip = mem_strdup(why, IP_TEXT(why->guest->ip));
	const char *tenure = tenure_text(why->truth->tenure);

	if (!there)
		return found_wrong(why->host, sync_mends, "No %s shares are served at %s",
				   tenure, ip);
	if (there->broken)
		return found_wrong(
			why->host, NULL,
			"%s.conf (%s) cannot be used; 'hubshare list' says why", ip,
			tenure);
	if (!there->uuid)
		return found_wrong(why->host, sync_mends,
				   "%s.conf (%s) was not made by hubshare", ip, tenure);
	if (strcmp(there->uuid, why->truth->uuid) != 0)
		return found_wrong(why->host, sync_mends,
				   "Another VM's shares are served at %s", ip);
	if (there->edited)
		return found_wrong(
			why->host, NULL,
			"%s.conf (%s) was edited by hand; use 'hubshare sync --take' or "
			"'hubshare sync --discard'",
			ip, tenure);
	return found_ok(why->host, "the VM's %s shares are served at %s", tenure, ip);
}

static struct finding link_served(const struct why *why)
{
	const struct fragment *there = why->rendering->fragment;
	const struct share *share = fragment_find(there, why->share->name);
	const char *ip = mem_strdup(why, IP_TEXT(why->guest->ip));

	for (size_t i = 0; i < there->cut_count; i++)
		if (share_same_name(there->cuts[i], why->share->name))
			return found_wrong(why->host, sync_mends,
					   "'%s' is still to be cut at %s",
					   why->share->name, ip);
	if (!share)
		return found_wrong(why->host, sync_mends, "'%s' is not among those at %s",
				   why->share->name, ip);
	if (!share_same_access(share, why->share))
		return found_wrong(why->host, sync_mends,
				   "'%s' is not served at %s as it is now",
				   why->share->name, ip);
	return found_ok(why->host, "'%s' is one of them", share->name);
}

/* One address or CIDR range; what is no IPv4 holds no client of ours. */
static bool range_holds(const char *range, struct in_addr ip)
{
	char address[INET_ADDRSTRLEN];
	size_t length = strcspn(range, "/, ");
	struct in_addr base;

	if (length >= sizeof(address))
		return false;
	memcpy(address, range, length);
	address[length] = '\0';
	if (!ip_parse(address, &base))
		return false;
	int bits = range[length] == '/' ? atoi(range + length + 1) : 32;
	uint32_t mask = bits <= 0 ? 0 : UINT32_MAX << (32 - (bits > 32 ? 32 : bits));
	return ((base.s_addr ^ ip.s_addr) & htonl(mask)) == 0;
}

bool why_hosts_hold(const char *hosts, struct in_addr ip)
{
	for (hosts += strspn(hosts, ", "); *hosts; hosts += strspn(hosts, ", ")) {
		if (range_holds(hosts, ip))
			return true;
		hosts += strcspn(hosts, ", ");
	}
	return false;
}

static struct finding link_hosts(const struct why *why)
{
	const struct share *share = why->share;
	struct in_addr ip = why->guest->ip;

	if (share->private)
		return found_ok(why->host, "its own address is allowed");
	if (!share->hosts_allow)
		return found_ok(why->host, "no address is excluded");
	if (!why_hosts_hold(share->hosts_allow, ip))
		return found_wrong(
			why->host, NULL,
			"%s is not among the allowed hosts (%s); 'hubshare edit' with "
			"--private or --no-allow changes that",
			IP_TEXT(ip), share->hosts_allow);
	return found_ok(why->host, "%s is among the allowed hosts (%s)", IP_TEXT(ip),
			share->hosts_allow);
}

const struct link why_links[] = {
	{ "vm", "VM", FAULT_NOT_FOUND, link_vm },
	{ "share", "share", FAULT_NOT_FOUND, link_share },
	{ "end", "its end", FAULT_FAILED, link_end },
	{ "running", "running", FAULT_FAILED, link_running },
	{ "nic", "interface", FAULT_FAILED, link_nic },
	{ "tap", "its port", FAULT_FAILED, why_tap },
	{ "heard", "heard", FAULT_FAILED, link_heard },
	{ "address", "address", FAULT_FAILED, link_address },
	{ "rendering", "file for smbd", FAULT_FAILED, link_rendering },
	{ "served", "share in it", FAULT_FAILED, link_served },
	{ "hosts", "allowed hosts", FAULT_FAILED, link_hosts },
	{ "path", "directory", FAULT_FAILED, why_path },
	{ "account", "rights", FAULT_FAILED, why_account },
	{ "includes", "smb.conf", FAULT_FAILED, why_includes },
	{ "name", "name", FAULT_FAILED, why_name },
	{ "testparm", "Samba's parser", FAULT_FAILED, why_testparm },
	{ "smbd", "smbd", FAULT_UNREACHABLE, why_smbd },
	{ "listening", "listening", FAULT_UNREACHABLE, why_listening },
	{ "session", "session", FAULT_FAILED, why_session },
	{ 0 },
};

/* How near the share is to being open at a row of the VM. */
static int nearness(const struct why *why, const struct guest *guest)
{
	const struct rendering *there =
		inventory_rendering(why->host->inventory, why->truth->tenure, guest->ip);

	if (!guest_confirmed(why->host->guests, why->domain->uuid, guest->ip))
		return 1;
	return there && fragment_find(there->fragment, why->share->name) ? 3 : 2;
}

static void choose_place(struct why *why)
{
	int best = 0;

	for (size_t i = 0; i < why->host->guests->count; i++) {
		const struct guest *guest = &why->host->guests->list[i];
		int near = guest->heard && guest->domain == why->domain ?
				   nearness(why, guest) :
				   0;

		if (near <= best)
			continue;
		best = near;
		why->guest = guest;
	}
	if (why->guest)
		why->rendering = inventory_rendering(why->host->inventory,
						     why->truth->tenure, why->guest->ip);
}

struct why *why_new(const void *ctx, struct host *host, const struct domain *domain,
		    const struct fragment *truth, const struct share *share)
{
	struct why *why = mem_new(ctx, struct why);

	*why = (struct why){
		.host = host, .domain = domain, .truth = truth, .share = share
	};
	choose_place(why);
	return why;
}

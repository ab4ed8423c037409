/* SPDX-License-Identifier: ISC */
/* Sets up the bridge, and who gives addresses on it. */

#include <arpa/inet.h>
#include <glob.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "setup/thing.h"
#include "hub/network.h"
#include "hub/virt.h"
#include "scanner/range.h"

static const char zone[] = "hubshare", network_name[] = "hub";

/* The network in the ways in which it is written. */
struct plot {
	uint32_t first, last; /* hosts, in host order */
	int length;	      /* of its prefix */
	uint32_t from, to;    /* what DHCP gives */
};

static struct in_addr network_order(uint32_t ip)
{
	return (struct in_addr){ htonl(ip) };
}

/* Of 254 hosts DHCP gives the 50th to the 250th. */
static struct fault *plot_of(const struct settings *settings, struct plot *ret)
{
	const char *slash = strchr(settings->network, '/');
	struct range range;
	struct fault *fault = range_parse(settings->network, &range);
	uint32_t count = fault ? 0 : range.last - range.first + 1;

	if (!fault && (!slash || count < 4))
		fault = fault_new(FAULT_USAGE,
				  "'%s' is no network with room for VMs: use one as "
				  "172.16.10.0/24",
				  settings->network);
	if (fault)
		return fault;
	*ret = (struct plot){
		.first = range.first,
		.last = range.last,
		.length = atoi(slash + 1),
		.from = range.first + (count / 5 < 49 ? count / 5 : 49),
		.to = range.last - (count / 50 < 4 ? count / 50 : 4),
	};
	return NULL;
}

struct fault *setup_check_network(const struct settings *settings)
{
	struct plot plot;

	return plot_of(settings, &plot);
}

char *setup_vm_address(const void *ctx, const struct setup *setup)
{
	struct plot plot = { 0 };

	talloc_free(plot_of(setup->settings, &plot));
	return mem_strdup(ctx, IP_TEXT(network_order(plot.from)));
}

/* One who is no one else: as nobody doctor would not believe in it. */
static const char *dnsmasq_user(struct setup *setup)
{
	char *path = settings_path(setup, setup->settings, "/etc/passwd");

	return strstr(host_read(setup->host, path), "\ndnsmasq:") ? "dnsmasq" : "root";
}

struct fault *setup_values(const void *ctx, struct setup *setup, struct values **ret)
{
	struct values *values = values_new(ctx);
	const char *bridge = setup->settings->bridge;
	struct plot plot = { 0 };
	struct fault *fault = plot_of(setup->settings, &plot);
	struct in_addr mask = network_order(plot.length ? ~0u << (32 - plot.length) : 0);
	const char *own = IP_TEXT(network_order(plot.first));
	const char *from = IP_TEXT(network_order(plot.from)),
		   *to = IP_TEXT(network_order(plot.to));
	bool zoned = setup_has(setup, "/etc/firewalld");

	values_add(values, "bridge", bridge);
	values_add(values, "interface", bridge);
	values_add(values, "zone", zoned ? zone : NULL);
	values_add(values, "bridge element",
		   mem_printf(values, "name='%s' stp='off' delay='0'%s", bridge,
			      setup->alive && firewalld_runs() ? " zone='hubshare'" :
								 ""));
	values_add(values, "ip element",
		   mem_printf(values, "address='%s' netmask='%s'", own, IP_TEXT(mask)));
	values_add(values, "range element",
		   mem_printf(values, "start='%s' end='%s'", from, to));
	values_add(values, "cidr", mem_printf(values, "%s/%d", own, plot.length));
	values_add(values, "pool offset",
		   mem_printf(values, "%u", plot.from - plot.first + 1));
	values_add(values, "pool size",
		   mem_printf(values, "%u", plot.to - plot.from + 1));
	values_add(values, "dhcp range",
		   mem_printf(values, "%s,%s,%s,12h", from, to, IP_TEXT(mask)));
	values_add(values, "dnsmasq user", dnsmasq_user(setup));
	values_add(values, "leases", "/var/lib/hubshare/dnsmasq.leases");
	values_add(
		values, "dnsmasq",
		"/usr/sbin/dnsmasq --keep-in-foreground --conf-file=/etc/hubshare/dnsmasq.conf");
	if (fault)
		talloc_free(values);
	else
		*ret = values;
	return fault;
}

static struct fault *fill(struct setup *setup, const struct values *values,
			  const char *name, char **ret)
{
	struct template *template;
	struct fault *fault = template_load(setup, setup->snippets, name, &template);

	return fault ? fault : template_fill(setup, template, values, ret);
}

/* The network is defined, unless libvirt has one of that name already. */
static struct fault *define(struct setup *setup, const struct values *values)
{
	char *xml, *facts, *now;
	struct fault *fault;

	if ((fault = fill(setup, values, "network.xml", &xml)) ||
	    (fault = network_facts(setup, xml, &facts)) ||
	    (fault = setup_look(setup, setup, &thing_network, network_name, &now)))
		return fault;
	setup->network_xml = xml;
	/* What was made by another version, or before firewalld was there, does its work. */
	if (now && record_find(setup->record, thing_network.name, network_name))
		facts = now;
	return setup_want(setup, &thing_network, network_name, facts);
}

static struct fault *by_libvirt(struct setup *setup, const struct values *values)
{
	const char *uri = setup->settings->connect;
	size_t left = setup->left;
	struct fault *fault;
	char *name;

	if ((fault = virt_network_of(setup, uri, setup->settings->bridge, &name)))
		return fault;
	if (!name || record_find(setup->record, thing_network.name, name)) {
		name = mem_strdup(setup, network_name);
		if ((fault = define(setup, values)) || setup->left > left)
			return fault;
	} else {
		setup_tell(setup, SETUP_WELL, name,
			   "is a network of libvirt's with the bridge %s",
			   setup->settings->bridge);
	}
	setup->network = name;
	setup->drop_in = "smbd-libvirt.conf";
	if ((fault = setup_want(setup, &thing_network_autostart, name, "yes")))
		return fault;
	return setup_want(setup, &thing_network_up, name, "yes");
}

/* Does a network of the tree make the bridge? */
static char *tree_network(struct setup *setup)
{
	char *pattern =
		settings_path(setup, setup->settings, "/etc/libvirt/qemu/networks/*.xml");
	char *wanted = mem_printf(setup, "bridge@name=%s\n", setup->settings->bridge),
	     *found = NULL;
	glob_t files = { 0 };

	if (glob(pattern, 0, NULL, &files) == 0)
		for (size_t i = 0; i < files.gl_pathc && !found; i++) {
			char *facts = NULL;
			struct fault *fault =
				network_facts(setup,
					      host_read(setup->host, files.gl_pathv[i]),
					      &facts);

			talloc_free(fault);
			if (facts && strstr(facts, wanted))
				found = mem_strdup(setup,
						   files.gl_pathv[i] +
							   strlen(setup->settings->root));
		}
	globfree(&files);
	return found;
}

static const char network_file[] = "/etc/libvirt/qemu/networks/hub.xml";

/* As libvirt keeps them, who reads them when it starts. */
static struct fault *by_libvirt_in_tree(struct setup *setup, const struct values *values)
{
	static const char link[] = "/etc/libvirt/qemu/networks/autostart/hub.xml";
	const char *there = tree_network(setup);
	struct fault *fault;

	setup->network = network_name;
	setup->drop_in = "smbd-libvirt.conf";

	if (there && strcmp(there, network_file) != 0) {
		setup_tell(setup, SETUP_WELL, there, "is a network with the bridge %s",
			   setup->settings->bridge);
		return NULL;
	}
	if ((fault = setup_want_file(setup, network_file, 0600, "network.xml", values)) ||
	    (fault = setup_want_parents(setup, link)))
		return fault;
	return setup_want(setup, &thing_link, link, network_file);
}

static struct fault *by_networkd(struct setup *setup, const struct values *values)
{
	struct fault *fault;

	setup->drop_in = "smbd-networkd.conf";
	if (setup->alive && !networkd_runs()) {
		setup_tell(
			setup, SETUP_LEFT, "systemd-networkd",
			"does not run; 'systemctl enable --now systemd-networkd', or take "
			"another --bridge-by");
		return NULL;
	}
	if ((fault = setup_want_file(setup, "/etc/systemd/network/50-hubshare.netdev",
				     0644, "networkd.netdev", values)) ||
	    (fault = setup_want_file(setup, "/etc/systemd/network/50-hubshare.network",
				     0644, "networkd.network", values)) ||
	    !setup->alive)
		return fault;
	return setup_want(setup, &thing_networkd, setup->settings->bridge, "yes");
}

/* The server of addresses for those who only make the bridge. */
static struct fault *dhcp(struct setup *setup, const struct values *values)
{
	struct fault *fault;

	if ((fault = setup_want_file(setup, "/etc/hubshare/dnsmasq.conf", 0644,
				     "dnsmasq.conf", values)) ||
	    (fault = setup_want_file(setup, "/etc/systemd/system/hubshare-dhcp.service",
				     0644, "dhcp.service", values)))
		return fault;
	return setup_want_unit(setup, "hubshare-dhcp.service");
}

static struct fault *by_nm(struct setup *setup, const struct values *values)
{
	struct fault *fault;

	if (setup->alive && !nm_runs()) {
		setup_tell(setup, SETUP_LEFT, "NetworkManager",
			   "does not run; start it, or take another --bridge-by");
		return NULL;
	}
	if ((fault = setup_want_file(
		     setup,
		     "/etc/NetworkManager/system-connections/hubshare.nmconnection", 0600,
		     "nm.nmconnection", values)) ||
	    (setup->alive && (fault = setup_want(setup, &thing_connection,
						 setup->settings->bridge, "yes"))))
		return fault;
	return dhcp(setup, values);
}

/* Does /etc/network/interfaces take in what is in interfaces.d? */
static bool sources_directory(struct setup *setup)
{
	char *path = settings_path(setup, setup->settings, "/etc/network/interfaces");
	char *rest = host_read(setup->host, path), *line;

	while ((line = text_line(&rest))) {
		line = text_strip(line);
		if (strncmp(line, "source", 6) == 0 && strstr(line, "interfaces.d"))
			return true;
	}
	return false;
}

static struct fault *by_ifupdown(struct setup *setup, const struct values *values)
{
	struct fault *fault;

	if (!sources_directory(setup)) {
		setup_tell(setup, SETUP_LEFT, "/etc/network/interfaces",
			   "does not take in interfaces.d; add a line 'source "
			   "/etc/network/interfaces.d/*' to it");
		return NULL;
	}
	if ((fault = setup_want_file(setup, "/etc/network/interfaces.d/hubshare", 0644,
				     "ifupdown", values)) ||
	    (setup->alive && (fault = setup_want(setup, &thing_ifupdown,
						 setup->settings->bridge, "yes"))))
		return fault;
	return dhcp(setup, values);
}

/* Who can keep the bridge, and what he needs. */
static const struct keeper {
	const char *name;
	struct fault *(*make)(struct setup *setup, const struct values *values);
	struct fault *(*make_in_tree)(struct setup *setup, const struct values *values);
	const char *kind, *what; /* the first thing that it makes */
} keepers[] = {
	{ "libvirt", by_libvirt, by_libvirt_in_tree, "network", network_name },
	{ "libvirt", by_libvirt, by_libvirt_in_tree, "file", network_file },
	{ "networkd", by_networkd, by_networkd, "file",
	  "/etc/systemd/network/50-hubshare.netdev" },
	{ "nm", by_nm, by_nm, "file",
	  "/etc/NetworkManager/system-connections/hubshare.nmconnection" },
	{ "ifupdown", by_ifupdown, by_ifupdown, "file",
	  "/etc/network/interfaces.d/hubshare" },
	{ "none", NULL, NULL, "", "" },
};
const char setup_bridge_names[] = "libvirt, networkd, nm, ifupdown or none";

static const struct keeper *keeper_called(const char *name)
{
	for (size_t i = 0; i < sizeof(keepers) / sizeof(*keepers); i++)
		if (strcmp(keepers[i].name, name) == 0)
			return &keepers[i];
	return NULL;
}

bool setup_bridge_by(const char *name)
{
	return keeper_called(name) != NULL;
}

/* Who keeps the bridge already, by our own doing. */
static const struct keeper *present_keeper(const struct setup *setup)
{
	for (size_t i = 0; i < sizeof(keepers) / sizeof(*keepers); i++)
		if (record_find(setup->record, keepers[i].kind, keepers[i].what))
			return &keepers[i];
	return NULL;
}

struct fault *step_network(struct setup *setup)
{
	const char *by = setup->wish->bridge_by, *bridge = setup->settings->bridge;
	const struct keeper *present = present_keeper(setup);
	const struct keeper *keeper = by      ? keeper_called(by) :
				      present ? present :
						&keepers[0];
	struct bridge_state state;
	struct values *values;
	struct fault *fault;

	setup->drop_in = "smbd-other.conf";
	if (present && strcmp(keeper->name, present->name) != 0) {
		setup_tell(setup, SETUP_LEFT, bridge,
			   "is %s's by an earlier setup; 'hubshare setup --undo' first",
			   present->name);
		return NULL;
	}
	host_bridge(setup->host, &state);
	if (!keeper->make || (setup->alive && state.there && !present)) {
		setup_tell(setup, SETUP_WELL, bridge, "%s",
			   keeper->make ? "is there" : "is yours to make");
		return NULL;
	}
	if ((fault = setup_values(setup, setup, &values)))
		return fault;
	return (setup->alive ? keeper->make : keeper->make_in_tree)(setup, values);
}

bool setup_keeps_bridge(const char *path)
{
	static const char *const places[] = { "/etc/systemd/network/",
					      "/etc/NetworkManager/", "/etc/network/",
					      SYSCONFDIR "/hubshare/" };
	bool keeps = false;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		keeps |= strncmp(path, places[i], strlen(places[i])) == 0;
	return keeps;
}

/* Does TEXT say WORD, and not as a part of a longer one? */
static bool says_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	bool says = false;

	for (const char *at = text; !says && (at = strstr(at, word)); at++)
		says = (at == text || strchr(" =\n'\"/", at[-1])) &&
		       (!at[length] || strchr(" /\n'\"", at[length]));
	return says;
}

/* What it was set up for is seen in what it was given then. */
static struct fault *check_before(struct setup *setup, const char *own)
{
	static const char network[] = "/etc/systemd/network/50-hubshare.network";
	const struct keeper *present = present_keeper(setup);
	const struct deed *deed =
		present ? record_find(setup->record, present->kind, present->what) : NULL;
	const struct deed *addresses =
		record_find(setup->record, thing_file.name, network);

	if (!deed || !deed->after ||
	    (says_word(deed->after, setup->settings->bridge) &&
	     says_word(addresses && addresses->after ? addresses->after : deed->after,
		       own)))
		return NULL;
	return fault_new(
		FAULT_CONFLICT,
		"The host is set up for another bridge or network than %s and %s: give "
		"those, or write them into hubshare.conf; or 'hubshare setup --undo' "
		"first",
		setup->settings->bridge, setup->settings->network);
}

static struct fault *taken_network(const struct setup *setup, const char *interface,
				   struct in_addr ip)
{
	return fault_new(
		FAULT_CONFLICT,
		"%s has %s, which is of %s, the network that VMs are to be on; give "
		"them another one by --network, as 172.16.11.0/24",
		interface, IP_TEXT(ip), setup->settings->network);
}

/* Who is on two networks of the same addresses reaches one of them, and one's machines would be
 * taken for the other's. */
static struct fault *check_others(struct setup *setup, const struct plot *plot)
{
	struct fault *fault = NULL;
	struct ifaddrs *all = NULL;

	if (!setup->alive || getifaddrs(&all) < 0)
		return NULL;
	for (const struct ifaddrs *one = all; one && !fault; one = one->ifa_next) {
		const struct sockaddr_in *address = (const void *)one->ifa_addr;
		bool other = address && address->sin_family == AF_INET &&
			     strcmp(one->ifa_name, setup->settings->bridge) != 0;
		uint32_t ip = other ? ntohl(address->sin_addr.s_addr) : 0;

		if (other && ip >= plot->first && ip <= plot->last)
			fault = taken_network(setup, one->ifa_name, address->sin_addr);
	}
	freeifaddrs(all);
	return fault;
}

struct fault *setup_check_host(struct setup *setup)
{
	struct plot plot;
	struct fault *fault;

	if ((fault = plot_of(setup->settings, &plot)) ||
	    (fault = check_others(setup, &plot)))
		return fault;
	return check_before(setup, mem_strdup(setup, IP_TEXT(network_order(plot.first))));
}

static const char zone_file[] = "/etc/firewalld/zones/hubshare.xml";

struct fault *step_firewalld(struct setup *setup)
{
	struct values *values;
	struct fault *fault;

	if (!setup_has(setup, "/etc/firewalld"))
		return NULL;
	if ((fault = setup_values(setup, setup, &values)))
		return fault;
	return setup_want_file(setup, zone_file, 0644, "firewalld.xml", values);
}

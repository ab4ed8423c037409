/* SPDX-License-Identifier: ISC */
/* Things that others keep: units of systemd, networks of libvirt, connections. */
#include "setup/thing.h"

#include <dirent.h>
#include <net/if.h>
#include <string.h>

#include "common/memory.h"
#include "common/process.h"
#include "hub/gate.h"
#include "hub/network.h"
#include "hub/virt.h"

enum { ASK_TIMEOUT_MS = 20000 };

static const char yes[] = "yes";

/* Does ARGV end with 0? */
static struct fault *asked(const void *ctx, const char *const argv[], char **ret)
{
	char *output = NULL;
	int status = 0;
	struct fault *fault = process_run(NULL, argv, ASK_TIMEOUT_MS, &output, &status);

	*ret = fault || status != 0 ? NULL : mem_strdup(ctx, yes);
	talloc_free(output);
	return fault;
}

static struct fault *enabled_look(const void *ctx, struct setup *setup, const char *what,
				  char **ret)
{
	const char *const argv[] = { "systemctl", "--quiet", "is-enabled", what, NULL };

	(void)setup;
	return asked(ctx, argv, ret);
}

static struct fault *enabled_put(struct setup *setup, const char *what, const char *state)
{
	const char *const argv[] = { "systemctl", "--quiet", state ? "enable" : "disable",
				     what, NULL };

	(void)setup;
	return setup_run(argv);
}

static struct fault *started_look(const void *ctx, struct setup *setup, const char *what,
				  char **ret)
{
	const char *const argv[] = { "systemctl", "--quiet", "is-active", what, NULL };

	(void)setup;
	return asked(ctx, argv, ret);
}

/* Where nobody keeps the gate any more, all shares go, and then the gate. */
static struct fault *started_put(struct setup *setup, const char *what, const char *state)
{
	const char *const argv[] = { "systemctl", "--quiet", state ? "start" : "stop",
				     what, NULL };
	struct fault *fault = setup_run(argv);

	if (!fault && !state && strcmp(what, "hubshare.service") == 0 &&
	    !(fault = setup_close_shares(setup)))
		fault = gate_lower();
	return fault;
}

/* Written down is what libvirt tells of it, and it is made by the XML that the run has. */
static struct fault *network_look(const void *ctx, struct setup *setup, const char *what,
				  char **ret)
{
	struct virt_network network = { 0 };
	struct fault *fault =
		virt_network_read(NULL, setup->settings->connect, what, &network);

	*ret = NULL;
	if (!fault && network.xml)
		fault = network_facts(ctx, network.xml, ret);
	talloc_free(network.xml);
	return fault;
}

/* How many ports of others the bridge has: one called after it is libvirt's own. */
static size_t count_ports(const char *bridge)
{
	char *path = mem_printf(NULL, "/sys/class/net/%s/brif", bridge);
	DIR *dir = opendir(path);
	struct dirent *port;
	size_t count = 0;

	while (dir && (port = readdir(dir)))
		count += port->d_name[0] != '.' &&
			 strncmp(port->d_name, bridge, strlen(bridge)) != 0;
	if (dir)
		closedir(dir);
	talloc_free(path);
	return count;
}

/* Whoever is plugged in, a VM or a container, would be cut off. */
static struct fault *check_ports(struct setup *setup, const char *bridge)
{
	size_t ports = count_ports(bridge);

	setup->bridge_stays |= ports > 0;
	return ports ? fault_new(FAULT_CONFLICT, "%zu port%s in use on it", ports,
				 ports == 1 ? " is" : "s are") :
		       NULL;
}

/* A VM with a NIC there would lose it for good, or, where it is off, not start any more. */
static struct fault *check_vms(struct setup *setup, const char *bridge)
{
	struct domains *domains;
	struct virt *virt;
	struct fault *fault = virt_open(NULL, setup->settings->connect, &virt);

	if (fault)
		return fault;
	fault = virt_domains(virt, virt, &domains);
	for (size_t i = 0; !fault && i < domains->count; i++)
		if (domain_on_bridge(domains->list[i], bridge)) {
			setup->bridge_stays = true;
			fault = fault_new(FAULT_CONFLICT,
					  "VM %s has a network interface on it",
					  domains->list[i]->name);
		}
	talloc_free(virt);
	return fault;
}

/* Takes back what was changed of network WHAT: on its own bridge, which the settings may not
 * name any more, nobody may be. */
static struct fault *retract(struct setup *setup, const char *what,
			     enum virt_network_change change)
{
	static const char fact[] = "bridge@name=";
	char *facts = NULL;
	struct fault *fault = network_look(setup, setup, what, &facts);
	const char *name = facts ? strstr(facts, fact) : NULL;

	if (!fault && name) {
		name += strlen(fact);
		name = mem_strndup(setup, name, strcspn(name, "\n"));
		if (!(fault = check_vms(setup, name)))
			fault = check_ports(setup, name);
	}
	return fault ? fault :
		       virt_network_change(setup->settings->connect, what, change);
}

static struct fault *network_put(struct setup *setup, const char *what, const char *state)
{
	return state ? virt_network_define(setup->settings->connect, setup->network_xml) :
		       retract(setup, what, NETWORK_UNDEFINE);
}

/* Is the network so, by AUTOSTART or by being up? */
static struct fault *look_switch(const void *ctx, struct setup *setup, const char *what,
				 bool autostart, char **ret)
{
	struct virt_network network = { 0 };
	struct fault *fault =
		virt_network_read(NULL, setup->settings->connect, what, &network);
	bool on = autostart ? network.autostart : network.up;

	*ret = on ? mem_strdup(ctx, yes) : NULL;
	talloc_free(network.xml);
	return fault;
}

static struct fault *autostart_look(const void *ctx, struct setup *setup,
				    const char *what, char **ret)
{
	return look_switch(ctx, setup, what, true, ret);
}

static struct fault *autostart_put(struct setup *setup, const char *what,
				   const char *state)
{
	return state ? virt_network_change(setup->settings->connect, what,
					   NETWORK_AUTOSTART) :
		       retract(setup, what, NETWORK_NO_AUTOSTART);
}

static struct fault *network_up_look(const void *ctx, struct setup *setup,
				     const char *what, char **ret)
{
	return look_switch(ctx, setup, what, false, ret);
}

static struct fault *network_up_put(struct setup *setup, const char *what,
				    const char *state)
{
	return state ? virt_network_change(setup->settings->connect, what, NETWORK_UP) :
		       retract(setup, what, NETWORK_DOWN);
}

/* Once it was brought up, a bridge that nobody is on yet is "activating" until somebody is. */
static struct fault *connection_look(const void *ctx, struct setup *setup,
				     const char *what, char **ret)
{
	const char *const argv[] = { "nmcli", "-g", "GENERAL.STATE", "connection", "show",
				     what,    NULL };
	char *output = NULL;
	int status = 0;
	struct fault *fault = process_run(NULL, argv, ASK_TIMEOUT_MS, &output, &status);

	bool asked = record_find(setup->record, thing_connection.name, what);
	bool up = !fault && status == 0 &&
		  (strncmp(output, "activated", 9) == 0 ||
		   (asked && strncmp(output, "activating", 10) == 0));

	*ret = up ? mem_strdup(ctx, yes) : NULL;
	talloc_free(output);
	return fault;
}

static struct fault *connection_put(struct setup *setup, const char *what,
				    const char *state)
{
	const char *const argv[] = { "nmcli", "connection", state ? "up" : "down", what,
				     NULL };
	struct fault *fault = state ? NULL : check_ports(setup, what);

	return fault ? fault : setup_run(argv);
}

static struct fault *ifupdown_look(const void *ctx, struct setup *setup, const char *what,
				   char **ret)
{
	const char *const argv[] = { "ifquery", "--state", what, NULL };

	(void)setup;
	return asked(ctx, argv, ret);
}

static struct fault *ifupdown_put(struct setup *setup, const char *what,
				  const char *state)
{
	const char *const argv[] = { state ? "ifup" : "ifdown", what, NULL };
	struct fault *fault = state ? NULL : check_ports(setup, what);

	return fault ? fault : setup_run(argv);
}

/* networkd makes a bridge when it is told to look again, and never takes one away. */
static struct fault *networkd_look(const void *ctx, struct setup *setup, const char *what,
				   char **ret)
{
	(void)setup;
	*ret = if_nametoindex(what) ? mem_strdup(ctx, yes) : NULL;
	return NULL;
}

static struct fault *networkd_put(struct setup *setup, const char *what,
				  const char *state)
{
	const char *const make[] = { "networkctl", "reload", NULL };
	const char *const take[] = { "networkctl", "delete", what, NULL };

	struct fault *fault = state ? NULL : check_ports(setup, what);

	return fault ? fault : setup_run(state ? make : take);
}

const struct thing thing_enabled = {
	"enabled",
	"begins with the host",
	"does not begin with the host, enabling",
	"disabling",
	false,
	enabled_look,
	enabled_put,
	NULL,
};
const struct thing thing_started = {
	"started",   "runs", "does not run, starting", "stopping", false, started_look,
	started_put, NULL,
};
const struct thing thing_network = {
	"network",
	"the network is there",
	"libvirt has no such network, defining it",
	"taking the network out of libvirt",
	false,
	network_look,
	network_put,
	NULL,
};
const struct thing thing_network_autostart = {
	"network-autostart",
	"begins with libvirt",
	"does not begin with libvirt, having it do so",
	"having it not begin with libvirt",
	false,
	autostart_look,
	autostart_put,
	NULL,
};
const struct thing thing_network_up = {
	"network-up", "is up",	       "is down, starting", "stopping",
	false,	      network_up_look, network_up_put,	    NULL,
};
const struct thing thing_connection = {
	"connection",	  "is up", "is down, bringing it up",
	"taking it down", false,   connection_look,
	connection_put,	  NULL,
};
const struct thing thing_ifupdown = {
	"ifupdown",	  "is up", "is down, bringing it up",
	"taking it down", false,   ifupdown_look,
	ifupdown_put,	  NULL,
};
const struct thing thing_networkd = {
	"networkd",	  "is up", "missing, having networkd make it",
	"taking it away", false,   networkd_look,
	networkd_put,	  NULL,
};

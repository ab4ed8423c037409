/* SPDX-License-Identifier: ISC */
/* Looks at the gate, and at whom it shuts out. */

#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "doctor/host.h"
#include "hub/admission.h"
#include "hub/gate.h"
#include "service/feed.h"

static const char start[] = "systemctl enable --now hubshare";
static const char lower[] =
	"for f in bridge inet arp; do nft delete table $f hubshare; done";

static bool gate_is_on(const struct host *host)
{
	return strcmp(host->settings->gate, "off") != 0;
}

/* The gate that is off, and STANDS all the same or does not. */
static struct finding off_finding(struct host *host, bool stands)
{
	if (stands)
		return found_wrong(host, lower,
				   "The gate is off in the settings, and stands "
				   "all the same");
	return found_ok(host,
			"off in the settings: a VM that takes the address of one that is "
			"off is served its shares until that is noticed");
}

struct finding look_gate(struct host *host)
{
	struct gate_plan *plan = NULL;

	if (geteuid() != 0)
		return found_unknown(host, "Only root sees the rules; use sudo");
	talloc_free(gate_read(host, &plan));
	if (!gate_is_on(host))
		return off_finding(host, plan != NULL);
	if (!plan)
		return found_wrong(host, start,
				   "It does not stand, so a VM can take another's "
				   "address and shares; the service puts it up");
	if (!service_runs(host->settings))
		return found_wrong(host, start,
				   "It stands, but no service keeps it: VMs that "
				   "start or move are shut out");
	return found_ok(host, "stands: %zu ports, %zu verified addresses",
			plan->port_count, plan->binding_count);
}

/* One of the bridge's own settings, as the kernel writes it; "" where it has none. */
static const char *bridge_setting(struct host *host, const char *name)
{
	return host_read(host, mem_printf(host, "/sys/class/net/%s/bridge/%s",
					  host->settings->bridge, name));
}

/* Frames that a bridge takes for itself pass no rule. */
struct finding look_bridge_frames(struct host *host)
{
	const char *name = host->settings->bridge, *learns;

	if (!gate_is_on(host))
		return found_ok(host, "there is no gate to get past");
	if (*bridge_setting(host, "stp_state") == '\0')
		return found_unknown(host, "There is no bridge %s", name);
	if (*bridge_setting(host, "stp_state") != '0')
		return found_wrong(host,
				   mend(host, "ip link set %s type bridge stp_state 0",
					name),
				   "%s runs STP, and a VM may take part in that", name);
	learns = bridge_setting(host, "no_linklocal_learn");
	if (*learns == '0')
		return found_wrong(
			host,
			mend(host, "ip link set %s type bridge no_linklocal_learn 1",
			     name),
			"%s learns MACs from LLDP, by which a VM can cut off another",
			name);
	return found_ok(host,
			*learns ? "%s obeys none" :
				  "%s obeys none but LLDP, which this kernel cannot help",
			name);
}

/* Who was heard, is no VM's and may not come in. */
static char *strangers(struct host *host, size_t *ret_count)
{
	char *text = mem_strdup(host, "");

	*ret_count = 0;
	for (size_t i = 0; i < host->guests->count; i++) {
		const struct guest *one = &host->guests->list[i];

		if (one->domain || !one->heard ||
		    admission_station(host->settings, one->mac))
			continue;
		text = mem_append(host, text, "%s%s (%s%s%s)", (*ret_count)++ ? ", " : "",
				  MAC_TEXT(one->mac), IP_TEXT(one->ip),
				  *one->port ? " by " : "", one->port);
	}
	return text;
}

struct finding look_stations(struct host *host)
{
	size_t count;
	char *text;

	if (!gate_is_on(host))
		return found_ok(host, "nobody is shut out, without a gate");
	if (!host_guests(host))
		return found_unknown(host, "%s", host->blind);
	text = strangers(host, &count);
	if (!count)
		return found_ok(host, "none but VMs and those that are allowed");
	return found_wrong(
		host, NULL,
		"%s %s shut out; 'allow-stations = %.17s' in hubshare.conf lets %s in",
		text, count == 1 ? "is" : "are", text, count == 1 ? "it" : "the first");
}

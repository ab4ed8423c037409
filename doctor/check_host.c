/* SPDX-License-Identifier: ISC */
/* Looks at the rest of the host: libvirt, the scanner, what confines smbd, the firewall. */

#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/memory.h"
#include "doctor/firewall.h"
#include "doctor/host.h"
#include "scanner/capability.h"

struct finding look_libvirt(struct host *host)
{
	if (!host_domains(host))
		return found_wrong(host, "systemctl restart libvirtd", "%s", host->blind);
	return found_ok(host, "%s knows %zu VMs", host->settings->connect,
			host->domains->count);
}

struct finding look_scanner(struct host *host)
{
	const char *scanner = host->settings->scanner;

	if (access(scanner, X_OK) < 0)
		return found_wrong(host, NULL, "%s is not there, or no program", scanner);
	if (!capability_has_raw(scanner))
		return found_wrong(host, "hubshare setup",
				   "%s may listen on the bridge for root only", scanner);
	return found_ok(host, "%s has cap_net_raw", scanner);
}

/* Guests are let in; no rule is ever taken out, since others may be held back by it. */
static struct finding firewall_finding(struct host *host,
				       const struct obstacles *obstacles)
{
	const char *name = host->settings->bridge;
	const struct obstacle *first = NULL;
	char *commands = NULL;

	for (size_t i = 0; i < obstacles->count; i++) {
		const struct obstacle *one = &obstacles->list[i];

		if (one->doubt)
			continue;
		first = first ? first : one;
		commands =
			mem_append(host, commands,
				   "%snft insert rule %s iifname %s %s accept",
				   commands ? " && " : "", one->chain, name, one->packet);
	}
	if (first)
		return found_wrong(host, commands,
				   "Chain %s drops what comes from %s to %s",
				   first->chain, name, first->packet);
	return found_unknown(
		host, "Chain %s may drop what comes from %s to %s; look at its rules",
		obstacles->list->chain, name, obstacles->list->packet);
}

struct finding look_firewall(struct host *host)
{
	struct document *ruleset;
	struct obstacles obstacles;
	struct fault *fault;

	if (geteuid() != 0)
		return found_unknown(host, "Only root sees the rules; use sudo");
	if ((fault = firewall_ruleset(host, &ruleset)))
		return found_unknown(host, "%s", host_told(host, fault));
	firewall_obstacles(host, ruleset, host->settings->bridge, &obstacles);
	if (!obstacles.count)
		return found_ok(host, "nothing in nftables' input chains is in the way");
	return firewall_finding(host, &obstacles);
}

/* A profile that is in force has to let smbd read the directories of the store. */
struct finding look_apparmor(struct host *host)
{
	static const char local[] = "/etc/apparmor.d/local/usr.sbin.smbd";
	char *enabled = host_read(host, "/sys/module/apparmor/parameters/enabled");
	char *profiles = host_read(host, "/sys/kernel/security/apparmor/profiles");

	if (*enabled != 'Y')
		return found_ok(host, "not in use");
	if (geteuid() != 0)
		return found_unknown(host, "Only root sees the profiles; use sudo");
	if (!strstr(profiles, "smbd (enforce)"))
		return found_ok(host, "smbd is not confined by it");
	if (strstr(host_read(host, local), "conf.d/") ||
	    strstr(host_read(host, local), "<abstractions/hubshare>"))
		return found_ok(host, "smbd is confined, and may read the store");
	return found_wrong(host, "hubshare setup",
			   "smbd is confined, and may not read the store");
}

static bool labelled(const char *path)
{
	char label[256] = "";
	ssize_t length = getxattr(path, "security.selinux", label, sizeof(label) - 1);

	return length > 0 &&
	       (strstr(label, ":samba_share_t:") || strstr(label, ":public_content"));
}

struct finding look_selinux(struct host *host)
{
	if (*host_read(host, "/sys/fs/selinux/enforce") != '1')
		return found_ok(host, "not in force");
	if (!host_inventory(host))
		return found_unknown(host, "%s", host->blind);
	for (size_t i = 0; i < host->inventory->truth_count; i++)
		for (size_t s = 0; s < host->inventory->truths[i]->count; s++) {
			const char *path = host->inventory->truths[i]->shares[s]->path;

			if (!labelled(path))
				return found_wrong(
					host, NULL,
					"%s is not labelled samba_share_t, so that smbd may not "
					"read it (semanage-fcontext(8), restorecon(8))",
					path);
		}
	return found_ok(host, "shared directories are labelled");
}

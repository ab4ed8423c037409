/* SPDX-License-Identifier: ISC */
/* The links of doctor/why.h that look at this host: the VM's port, the directory, smbd. */

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "confgen/testparm.h"
#include "doctor/why.h"
#include "hub/caller.h"
#include "hub/mapping.h"
#include "hub/samba.h"

/* The bridge that TAP is a port of; "" for none. */
static const char *master_of(const struct why *why, const char *tap)
{
	const char *path = mem_printf(why, "/sys/class/net/%s/master", tap);
	char target[256];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	target[length > 0 ? length : 0] = '\0';
	const char *name = strrchr(target, '/');
	return mem_strdup(why, name ? name + 1 : "");
}

static bool is_up(const struct why *why, const char *tap)
{
	const char *path = mem_printf(why, "/sys/class/net/%s/flags", tap);

	return strtoul(host_read(why->host, path), NULL, 16) & IFF_UP;
}

static struct finding link_tap(const struct why *why, const char *tap)
{
	struct host *host = why->host;
	const char *bridge = host->settings->bridge;

	if (strchr(tap, '/') || !if_nametoindex(tap))
		return found_wrong(host, NULL, "libvirt's end of it, %s, is not there",
				   tap);
	if (strcmp(master_of(why, tap), bridge) != 0)
		return found_wrong(host,
				   mend(host, "ip link set %s master %s", tap, bridge),
				   "%s is no port of %s", tap, bridge);
	if (!is_up(why, tap))
		return found_wrong(host, mend(host, "ip link set %s up", tap),
				   "%s is down", tap);
	return found_ok(host, "%s is a port of %s, and up", tap, bridge);
}

/* One of the VM's ends on the bridge has to be plugged in; which ones there are, libvirt says. */
struct finding why_tap(const struct why *why)
{
	const struct domain *domain = why->domain;
	struct finding finding = found_ok(why->host, "libvirt names none");
	bool any = false;

	if (why->guest)
		return found_ok(why->host, "it is plugged in, since it is heard");
	for (size_t i = 0; i < domain->nic_count; i++) {
		const struct nic *nic = &domain->nics[i];

		if (!nic->tap || nic->down ||
		    domain_nic(domain, nic->mac, why->host->settings->bridge) != nic ||
		    (any && finding.verdict == VERDICT_OK))
			continue;
		finding = link_tap(why, nic->tap);
		any = true;
	}
	return finding;
}

struct finding why_path(const struct why *why)
{
	const char *path = why->share->path;
	struct stat st;

	if (stat(path, &st) < 0)
		return found_wrong(why->host, NULL, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return found_wrong(why->host, NULL, "%s is no directory", path);
	return found_ok(why->host, "%s is a directory", path);
}

/* As whom smbd reaches the files: "force user", or Samba's guest account; NULL: as whoever
 * logs on. */
static struct fault *mapped_account(const struct why *why, const char **ret)
{
	const struct share *share = why->share;
	struct fault *fault = NULL;
	char *account = NULL;

	*ret = share->force_user;
	if (share->force_user || !share->guest_ok)
		return NULL;
	if (!(fault = mapping_account(why, why->host->settings, &account)))
		*ret = account;
	return fault;
}

struct finding why_account(const struct why *why)
{
	const struct share *share = why->share;
	const char *what = share->read_only ? "read" : "read and write in", *account;
	struct fault *fault = mapped_account(why, &account);
	bool may = false;

	if (!fault && !account)
		return found_ok(why->host,
				"what the account may that logs on ('hubshare user "
				"add' gives one a password)");
	if (!fault)
		fault = caller_may(account, share->path, !share->read_only,
				   CALLER_WAIT_MS, &may);
	if (fault)
		return found_wrong(why->host, NULL, "%s", host_told(why->host, fault));
	if (!may)
		return found_wrong(
			why->host, NULL,
			"A guest's files are %s's, who may not %s %s: let %s do so, or "
			"add the share again as somebody who may",
			account, what, share->path, account);
	return found_ok(why->host, "%s may %s it", account,
			share->read_only ? what : "read and write");
}

struct finding why_includes(const struct why *why)
{
	return look_includes(why->host);
}

/* Samba merges two shares of one name, parameter by parameter. */
struct finding why_name(const struct why *why)
{
	struct host *host = why->host;
	struct fragment *fixed = NULL;
	struct fault *fault =
		testparm_shares(why, host->settings, host->smb_conf, &fixed);

	if (fault)
		return found_wrong(host, NULL, "%s", host_told(host, fault));
	if (fixed && fragment_find(fixed, why->share->name))
		return found_wrong(
			host, NULL,
			"%s has a share '%s' too: Samba mixes the two; take it out "
			"there, or add this one by another name",
			host->smb_conf, why->share->name);
	return found_ok(host, "no share in smb.conf has it");
}

/* What smbd includes for the VM. */
static const char *included_file(const struct why *why)
{
	const struct settings *settings = why->host->settings;

	return mem_printf(why, "%s%s/%s.conf.d/%s.conf", settings->root,
			  settings->samba_dir,
			  why->truth->tenure == TENURE_PERMANENT ? "perm" : "temp",
			  IP_TEXT(why->guest->ip));
}

struct finding why_testparm(const struct why *why)
{
	const char *file = included_file(why),
		   *ip = mem_strdup(why, IP_TEXT(why->guest->ip));
	struct host *host = why->host;
	struct testparm *testparm = NULL;
	const char **differences = NULL;
	struct fault *fault = testparm_start(why, host->settings, file, &testparm);

	if (!fault)
		fault = testparm_differences(why, testparm, why->rendering->fragment, ip,
					     &differences);
	if (fault)
		return found_wrong(host, NULL, "%s", host_told(host, fault));
	if (differences[0])
		return found_wrong(host, "hubshare sync",
				   "Samba sees it otherwise in %s: %s", file,
				   differences[0]);
	return found_ok(host, "Samba sees the same in %s", file);
}

struct finding why_smbd(const struct why *why)
{
	if (strcmp(why->host->settings->smbcontrol, "none") == 0)
		return found_wrong(why->host, NULL, "No smbd serves what is below %s",
				   why->host->settings->root);
	return look_smbd(why->host);
}

struct finding why_listening(const struct why *why)
{
	return look_listening(why->host);
}

/* That it is not open is no fault: it could be. */
struct finding why_session(const struct why *why)
{
	struct samba *samba = samba_new(why, why->host->settings);
	struct clients *clients = NULL;
	struct fault *fault = samba_clients(why, samba, &clients);
	struct in_addr ip = why->guest->ip;

	if (fault) {
		talloc_free(fault);
		return found_ok(why->host, "not known: smbstatus does not say");
	}
	for (size_t i = 0; i < clients->tree_count; i++)
		if (clients->trees[i].ip.s_addr == ip.s_addr &&
		    share_same_name(clients->trees[i].service, why->share->name))
			return found_ok(why->host, "%s has it open (smbd %d)",
					IP_TEXT(ip), clients->trees[i].pid);
	return found_ok(why->host, "%s does not have it open", IP_TEXT(ip));
}

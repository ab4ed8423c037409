/* SPDX-License-Identifier: ISC */
/* Looks at the store, and at what it holds. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "doctor/host.h"
#include "hub/caller.h"
#include "hub/expiry.h"
#include "hub/mapping.h"
#include "hub/plan.h"
#include "service/feed.h"

static char *store_dir(struct host *host, const char *name)
{
	return mem_printf(host, "%s%s/%s", host->settings->root,
			  host->settings->samba_dir, name);
}

static struct finding look_dir(struct host *host, const char *path)
{
	static const char make[] = "hubshare setup";
	uid_t owner = *host->settings->root ? geteuid() : 0;
	struct stat st;

	if (stat(path, &st) < 0)
		return found_wrong(host, make, "%s is not there", path);
	if (!S_ISDIR(st.st_mode))
		return found_wrong(host, NULL, "%s is no directory; move it away", path);
	if (st.st_uid != owner || st.st_mode & 022)
		return found_wrong(
			host, make,
			"%s belongs to user %u, mode %04o: somebody else could share "
			"anything through it",
			path, st.st_uid, st.st_mode & 07777);
	return found_ok(host, "%s", path);
}

struct finding look_perm_dir(struct host *host)
{
	return look_dir(host, store_dir(host, "perm.conf.d"));
}

struct finding look_temp_dir(struct host *host)
{
	return look_dir(host, store_dir(host, "temp.conf.d"));
}

struct finding look_temp_tmpfs(struct host *host)
{
	const char *path = store_dir(host, "temp.conf.d");

	if (access(path, F_OK) < 0)
		return found_unknown(host, "%s is not there", path);
	if (*host->settings->root)
		return found_ok(host, "not asked below %s", host->settings->root);
	if (!host_on_tmpfs(path))
		return found_wrong(
			host,
			host_is_empty(path) ?
				"hubshare setup" :
				mend(host, "mount -t tmpfs -o mode=755 tmpfs %s", path),
			"%s is not on a tmpfs, so that temporary shares outlive a boot",
			path);
	return found_ok(host, "%s is on a tmpfs", path);
}

static struct finding not_seen(struct host *host)
{
	return found_unknown(host, "%s", host->blind);
}

struct finding look_entries(struct host *host)
{
	if (!host_inventory(host))
		return not_seen(host);
	if (host->inventory->oddity_count)
		return found_wrong(host, NULL, "%s%s", host->inventory->oddities[0],
				   host->inventory->oddity_count > 1 ?
					   mend(host, " (and %zu more: hubshare list)",
						host->inventory->oddity_count - 1) :
					   "; move it away");
	return found_ok(host, "%zu VMs have shares", host->inventory->truth_count);
}

struct finding look_edited(struct host *host)
{
	if (!host_inventory(host))
		return not_seen(host);
	for (size_t i = 0; i < host->inventory->rendering_count; i++) {
		const struct rendering *rendering = &host->inventory->renderings[i];

		if (rendering->fragment->edited && rendering->fragment->uuid)
			return found_wrong(
				host, "hubshare sync --discard",
				"%s.conf (%s) was edited by hand: 'hubshare sync "
				"--take' makes that true, --discard undoes it",
				IP_TEXT(rendering->ip), tenure_text(rendering->tenure));
	}
	return found_ok(host, "none");
}

struct finding look_unfinished(struct host *host)
{
	if (!host_inventory(host))
		return not_seen(host);
	for (size_t i = 0; i < host->inventory->rendering_count; i++) {
		const struct rendering *rendering = &host->inventory->renderings[i];

		if (rendering->fragment->cut_count)
			return found_wrong(
				host, "hubshare sync",
				"'%s' is still to be cut from the client at %s",
				rendering->fragment->cuts[0], IP_TEXT(rendering->ip));
	}
	return found_ok(host, "none");
}

struct finding look_expired(struct host *host)
{
	size_t count = 0;

	if (!host_inventory(host) || !host_domains(host))
		return not_seen(host);
	for (size_t i = 0; i < host->inventory->truth_count; i++) {
		const struct fragment *truth = host->inventory->truths[i];

		for (size_t s = 0; s < truth->count; s++) {
			count += truth->shares[s]->term.kind != TERM_NONE;
			if (expiry_is_over(truth->shares[s], host->domains, truth->uuid,
					   &host->now))
				return found_wrong(
					host, "hubshare sync",
					"'%s' of %s has expired, and nobody has taken "
					"it away",
					truth->shares[s]->name,
					truth->vm ? truth->vm : truth->uuid);
		}
	}
	if (count && !service_runs(host->settings))
		return found_wrong(
			host, "systemctl start hubshare",
			"%zu shares are to end by themselves, and no service runs that "
			"ends them",
			count);
	return found_ok(host, "%zu shares are to end by themselves", count);
}

struct finding look_orphans(struct host *host)
{
	if (!host_inventory(host) || !host_domains(host))
		return not_seen(host);
	for (size_t i = 0; i < host->inventory->truth_count; i++) {
		const struct fragment *truth = host->inventory->truths[i];

		if (!domains_by_uuid(host->domains, truth->uuid))
			return found_wrong(
				host, "hubshare clean",
				"libvirt has no VM %s (%s), which has %zu %s shares",
				truth->vm ? truth->vm : "", truth->uuid, truth->count,
				tenure_text(truth->tenure));
	}
	return found_ok(host, "%zu VMs", host->domains->count);
}

struct finding look_served(struct host *host)
{
	if (!host_inventory(host) || !host_guests(host))
		return not_seen(host);
	struct plan *plan =
		plan_of(host, host->inventory, host->guests, NULL, PLAN_EDITS_REFUSE);
	if (plan->conflict_count)
		return found_wrong(host, NULL, "%s", plan->conflicts[0]);
	if (plan->change_count || plan->adopted_count)
		return found_wrong(host, "hubshare sync",
				   "%zu changes have not been made",
				   plan->change_count + plan->adopted_count);
	return found_ok(host, "yes");
}

/* What is wrong with a shared directory; NULL: nothing. */
static const char *judge_path(struct host *host, const struct share *share)
{
	char *account = NULL;
	struct fault *fault;
	struct stat st;

	if (stat(share->path, &st) < 0 || !S_ISDIR(st.st_mode))
		return mend(host, "%s ('%s') is not there, or no directory", share->path,
			    share->name);
	if (!share->guest_ok || geteuid() != 0)
		return NULL;
	if (!share->force_user &&
	    (fault = mapping_account(host, host->settings, &account)))
		return host_told(host, fault);
	fault = mapping_check(share->force_user ? share->force_user : account,
			      share->path, share->read_only, CALLER_WAIT_MS);
	return fault ? host_told(host, fault) : NULL;
}

struct finding look_paths(struct host *host)
{
	size_t count = 0;

	if (!host_inventory(host))
		return not_seen(host);
	for (size_t i = 0; i < host->inventory->truth_count; i++)
		for (size_t s = 0; s < host->inventory->truths[i]->count; s++, count++) {
			const char *wrong =
				judge_path(host, host->inventory->truths[i]->shares[s]);

			if (wrong)
				return found_wrong(host, NULL, "%s", wrong);
		}
	return found_ok(host, "%zu are there", count);
}

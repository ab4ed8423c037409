/* SPDX-License-Identifier: ISC */
#include "cli/run.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>

#include "common/file.h"
#include "common/memory.h"
#include "hub/apply.h"
#include "hub/aside.h"
#include "hub/expiry.h"
#include "hub/inquiry.h"
#include "hub/policy.h"
#include "hub/scan.h"

static struct fault *open_domains(struct run *run)
{
	return inquiry_domains(run, run->options.settings.connect, &run->domains);
}

static struct fault *open_guests(struct run *run)
{
	struct fault *fault = open_domains(run);

	return fault ? fault :
		       scan_guests(run, &run->options.settings,
				   run->needs & NEEDS_CHANGE ? SCAN_GLANCE : SCAN_SWEEP,
				   run->domains, run->operands[0], &run->guests);
}

/* What concerns the one VM that is to be changed. */
static struct fault *read_inventory_of(struct run *run, const struct domain *domain)
{
	struct in_addr *ips = NULL;
	size_t count = 0;

	for (size_t i = 0; i < run->guests->count; i++)
		if (run->guests->list[i].heard && run->guests->list[i].domain == domain) {
			*mem_grow(run, ips, struct in_addr, count) =
				run->guests->list[i].ip;
			count++;
		}
	return store_inventory_of(run, run->store, domain->uuid, ips, count,
				  &run->inventory);
}

/* What has ended is not there any more for who changes the VM, and so is not saved again. */
static void end_shares(struct run *run, const struct domain *domain)
{
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		struct fragment *truth = inventory_truth(run->inventory, domain->uuid,
							 (enum tenure)tenure);

		if (truth)
			expiry_purge(truth, run->domains, &run->now, NULL, NULL);
	}
}

/* What the store holds: all, or what concerns the one VM that is to be changed. */
static struct fault *read_inventory(struct run *run)
{
	const char *vm = run->operands[0];
	const struct domain *domain = NULL;
	struct fault *fault;

	run->now = term_now();
	if (vm && run->guests && (run->needs & NEEDS_CHANGE))
		talloc_free(
			guest_find(run->guests, vm, &domain)); /* the action says why */
	if (!domain)
		return store_inventory(run, run->store, &run->inventory);
	if (!(fault = read_inventory_of(run, domain)))
		end_shares(run, domain);
	return fault;
}

/* What policy refuses is not taken over from the original tool either. */
static struct fault *judge_original(const struct run *run, struct rendering *there)
{
	const struct fragment *fragment = there->fragment;
	struct fault *fault = NULL;

	for (size_t s = 0; !fragment->uuid && !fault && s < fragment->count; s++)
		if (fragment->shares[s]->path)
			fault = run_policy(run, fragment->shares[s]->path);
	if (!fault || fault->status != FAULT_REFUSED)
		return fault;
	there->refused = mem_printf(run->inventory, "has a share that is refused (%s)",
				    fault->text);
	talloc_free(fault);
	return NULL;
}

static struct fault *judge_originals(struct run *run)
{
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < run->inventory->rendering_count; i++)
		fault = judge_original(run, &run->inventory->renderings[i]);
	return fault;
}

/*
 * Who changes takes the lock first: what is seen on the bridge while others change the store
 * may be no longer true when it is their turn to end.
 */
struct fault *run_open(struct run *run, unsigned needs)
{
	struct fault *fault = NULL;

	run->needs = needs;
	if (needs & (NEEDS_STORE | NEEDS_CHANGE))
		fault = store_open(run, &run->options.settings,
				   needs & NEEDS_CHANGE ? STORE_WRITE : STORE_READ,
				   &run->store);
	if (!fault && needs & NEEDS_GUESTS)
		fault = open_guests(run);
	else if (!fault && needs & NEEDS_DOMAINS)
		fault = open_domains(run);
	if (!fault && run->store)
		fault = read_inventory(run);
	if (!fault && needs & NEEDS_CHANGE && !(fault = judge_originals(run)))
		run->samba = samba_new(run, &run->options.settings);
	if (!fault && run->guests && (needs & NEEDS_CHANGE))
		fault = doorman_new(run, &run->options.settings, run->guests,
				    &run->doorman);
	return fault;
}

struct fault *run_action(struct run *run)
{
	const struct action *action = run->action;
	struct fault *fault;

	if ((action->check && (fault = action->check(run))) ||
	    (fault = run_open(run, action->needs)))
		return fault;
	return action->run(run);
}

struct fault *run_adopt(struct run *run, const struct domain *domain)
{
	struct plan *plan = plan_of(run, run->inventory, run->guests, domain->uuid,
				    PLAN_EDITS_REFUSE);
	struct fault *fault;

	if (plan->conflict_count)
		return fault_new(FAULT_CONFLICT, "%s", plan->conflicts[0]);
	if (plan->adopted_count == 0)
		return NULL;
	if ((fault = apply_prove(run->store, plan)))
		return fault;
	if ((fault = apply(run->store, run->samba, doorman_door(run->doorman), plan)))
		return fault_wrap(
			fault,
			"Nothing is changed but that the original tool's shares "
			"of %s are taken over",
			domain->name);
	fault = read_inventory(run);
	return fault ? fault : judge_originals(run);
}

/* The fault that the VM has no share NAME. */
static struct fault *no_share(const struct run *run, const struct domain *domain,
			      const char *name)
{
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		const struct fragment *truth =
			inventory_truth(run->inventory, domain->uuid,
					(enum tenure)tenure);

		if (truth && truth->broken)
			return fault_new(
				FAULT_CONFLICT,
				"%s.conf (%s shares) cannot be used; 'hubshare list' "
				"says why: mend it or move it away",
				domain->uuid, tenure_text((enum tenure)tenure));
	}
	if (inventory_original(run->inventory, domain->name, name))
		return fault_new(
			FAULT_NOT_FOUND,
			"%s has '%s' from the original tool; 'hubshare sync' takes it "
			"over once the VM is at that address",
			domain->name, name);
	return fault_new(FAULT_NOT_FOUND,
			 "%s has no %sshare '%s'; 'hubshare list' shows all",
			 domain->name, run->options.permanent ? "permanent " : "", name);
}

struct fault *run_share(struct run *run, const struct domain *domain, const char *name,
			struct fragment **ret_truth, struct share **ret_share)
{
	for (int tenure = 0; tenure < TENURE_COUNT; tenure++) {
		struct fragment *truth = inventory_truth(run->inventory, domain->uuid,
							 (enum tenure)tenure);
		struct share *share = truth ? fragment_find(truth, name) : NULL;

		if (!share || (run->options.permanent && tenure != TENURE_PERMANENT))
			continue;
		*ret_truth = truth;
		*ret_share = share;
		return NULL;
	}
	return no_share(run, domain, name);
}

struct fault *run_owned(const struct run *run, const struct share *share)
{
	char *owner = NULL;

	if (caller_owns(&run->caller, share->owner))
		return NULL;
	if (share->owner != (uid_t)-1)
		talloc_free(caller_name(NULL, share->owner, &owner));
	struct fault *fault =
		fault_new(FAULT_REFUSED,
			  "'%s' was given by %s%s: only he and root, by sudo, may change "
			  "it or take it away",
			  share->name, owner ? "" : "somebody else", owner ? owner : "");
	talloc_free(owner);
	return fault;
}

/* Without /proc nothing is known of mounts, and nothing of users' processes. */
static void see_mounts(struct policy *policy)
{
	enum { MOUNTS_MAX_BYTES = 64 << 20 };
	char *text = NULL;
	struct fault *fault = file_read(policy, AT_FDCWD, "/proc/self/mountinfo",
					MOUNTS_MAX_BYTES, &text);

	talloc_free(fault);
	if (text)
		policy_add_mounts(policy, mounts_parse(policy, text));
}

struct judged {
	const struct run *run;
	const char *path;
};

static struct fault *judge_policy(const void *arg, FILE *out)
{
	const struct judged *judged = arg;
	const struct run *run = judged->run;
	const char *path = judged->path;
	struct policy *policy;
	struct fault *fault = policy_read(NULL, &run->options.settings, &policy);
	char resolved[PATH_MAX];

	(void)out;
	if (fault)
		return fault;
	if (run->domains)
		policy_add_disks(policy, run->domains);
	see_mounts(policy);
	if (!run->caller.called && realpath(path, resolved))
		path = resolved;
	fault = policy_check(policy, path);
	talloc_free(policy);
	return fault;
}

struct fault *run_policy(const struct run *run, const char *path)
{
	const struct judged judged = { run, path };
	const struct aside aside = { &run->caller,
				     "A directory of the settings, or of a VM's disks,",
				     run->store ? CALLER_WAIT_LOCKED_MS : CALLER_WAIT_MS,
				     judge_policy, &judged };
	struct fault *fault;
	char *nothing = NULL;

	fault = aside_do(NULL, &aside, &nothing);
	talloc_free(nothing);
	return fault;
}

struct fault *run_change(struct run *run, const struct domain *domain)
{
	struct fault *fault =
		apply_change(run->store, run->samba, doorman_door(run->doorman),
			     run->inventory, run->guests, domain);

	if (!fault)
		doorman_admit(run->doorman, domain);
	return fault;
}

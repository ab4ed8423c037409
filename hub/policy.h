/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Which directories of the host may be shared at all: a list of roots.  Its own roots are
 * what no guest should ever see (the host's configuration and devices, hubshare's store,
 * the disks of VMs); allow-roots and deny-roots of hubshare.conf(5) are added to them.
 *
 * The longest root that a directory is, or lies in, decides; where the same one is both
 * denied and allowed, it is allowed.  A directory that holds a denied root is refused too,
 * since sharing it shares that, with one exception: a directory that itself stands in
 * allow-roots may hold what is denied by hubshare, though not what deny-roots names.
 */

#include "common/fault.h"
#include "common/settings.h"
#include "hub/domain.h"
#include "hub/mounts.h"

enum policy_kind {
	POLICY_ITSELF, /* refused by hubshare: this very directory, not what lies in it */
	POLICY_REFUSED, /* refused by hubshare */
	POLICY_DENIED,	/* by deny-roots */
	POLICY_FREE,	/* not refused by hubshare, though it lies in a place that is */
	POLICY_ALLOWED, /* by allow-roots */
};

struct policy_root {
	enum policy_kind kind;
	const char
		*path; /* absolute, no slash at the end, no link in it where it exists */
	const char *what; /* what is there, for people: "the host's configuration" */
};

struct policy {
	struct policy_root *roots;
	size_t count;
};

/*
 * The policy of this host: hubshare's roots, the store as SETTINGS places it, and what they
 * allow and deny.  Looks at the file system, where links lead.  Fault 2 for a root in
 * SETTINGS that is not absolute.
 */
struct fault *policy_read(const void *ctx, const struct settings *settings,
			  struct policy **ret);

/* Adds the disks of all domains, with all files that they are backed by. */
void policy_add_disks(struct policy *policy, const struct domains *domains);

/*
 * Adds the other names that what is refused has by MOUNTS (bind mounts), as far as a name
 * may be refused: to be called last.  Pure.
 */
void policy_add_mounts(struct policy *policy, const struct mounts *mounts);

/* Adds one root; PATH is kept as it is.  Pure, as policy_check(). */
void policy_add(struct policy *policy, enum policy_kind kind, const char *path,
		const char *what);

/*
 * May PATH (absolute, as realpath(3) gives it) be shared?  Fault 6: a sentence that names
 * PATH, the root it is, lies in or holds, and the line that would allow it.
 */
struct fault *policy_check(const struct policy *policy, const char *path);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * One run of hubshare: what the command line said, and what its action's row needs, opened
 * in the order that waits least.  The run is the root of all memory; freeing it closes
 * everything.
 */

#include <stdbool.h>

#include "common/command.h"
#include "common/settings.h"
#include "confgen/store.h"
#include "hub/caller.h"
#include "hub/doorman.h"
#include "hub/guest.h"
#include "hub/samba.h"

/* What an action needs to be open. */
enum run_needs {
	NEEDS_NOTHING = 0,
	NEEDS_DOMAINS = 1 << 0, /* libvirt's list of domains */
	NEEDS_GUESTS = 1 << 1,	/* a sweep of the bridge, joined with the domains */
	NEEDS_STORE = 1 << 2,	/* the store and its inventory, to read */
	NEEDS_CHANGE = 1 << 3,	/* the store locked, and smbd */
};

struct run_options {
	struct settings settings;
	bool read_only, guest_ok, permanent, private, json;
	bool read_write, no_guest, no_allow; /* of edit: undo -r, -g, -a and -e */
	bool dry_run, take, discard, probe, watch, verbose;
	const char *allow;
	const char *os;		 /* --os */
	bool undo;		 /* --undo */
	const char *bridge_by;	 /* --bridge-by */
	const char *lasts;	 /* --for */
	bool until_stop, no_end; /* of edit: undo both */
	bool state;
	bool reset;  /* of user */
	int timeout; /* seconds */
};

struct run {
	struct run_options options;
	const struct command *command; /* the whole of it */
	const struct action *action;
	struct caller caller;
	int status;	/* of the service, where it has carried the action out */
	unsigned needs; /* enum run_needs: what is open */
	const char *const *operands; /* NULL-terminated */
	struct share *share;	     /* the one that add was asked for */
	int64_t lasts_ms;	     /* --for */
	struct term_now now;	     /* when the inventory was read */
	struct domains *domains;
	struct guests *guests;
	struct store *store;
	struct inventory *inventory;
	struct samba *samba;
	struct doorman *doorman; /* NULL: the gate does not stand */
};

/* Checks, opens and does what the action's row says. */
struct fault *run_action(struct run *run);

/* Opens NEEDS (enum run_needs), for an action whose row does not know them. */
struct fault *run_open(struct run *run, unsigned needs);

/*
 * Takes over what the original tool left for a VM, so that a change finds all its shares.
 * Fault 5 where that cannot be.
 */
struct fault *run_adopt(struct run *run, const struct domain *domain);

/*
 * The VM's share NAME, in either tenure, or only in the permanent one where -p says so, and
 * the truth it stands in.  Fault 3 if it has none.
 */
struct fault *run_share(struct run *run, const struct domain *domain, const char *name,
			struct fragment **ret_truth, struct share **ret_share);

/* May the caller change SHARE, or take it away?  Fault 6 if it is another's. */
struct fault *run_owned(const struct run *run, const struct share *share);

/*
 * May PATH be shared, or where it leads?  By hubshare.conf, and by the disks of VMs if the
 * run has its domains already.  For who has asked the service PATH is what it is called, which
 * is not asked again: it may lie where nothing answers.  Fault 6, or 2 for settings that make
 * no sense; 4 if what they or the disks lead to does not answer.
 */
struct fault *run_policy(const struct run *run, const char *path);

/* Makes the change of one VM's truths, as they stand in the inventory, come true. */
struct fault *run_change(struct run *run, const struct domain *domain);

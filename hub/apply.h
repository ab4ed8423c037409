/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Carries a plan out, in the one order that works and that may be interrupted anywhere:
 * what is taken away is first replaced by a rendering without it, which names what is to be
 * cut (the journal); smbd loads that; the sessions are cut, and smbd is asked until none is
 * left; only then the rendering gets its final form or goes.
 */

#include "confgen/store.h"
#include "hub/expiry.h"
#include "hub/plan.h"
#include "hub/samba.h"

/*
 * The door that guests come in by (hub/gate.h).  It is closed before what an address has is
 * taken away or becomes another's, and opened once nothing of another's is left there.
 */
struct door {
	void (*close)(void *arg, struct in_addr ip);
	void (*open)(void *arg, struct in_addr ip);
	void *arg;
};

/*
 * Has Samba's parser look at all that apply() would put in place, but for the work that others
 * began.  Fault as store_prove(); nothing is changed by it.
 */
struct fault *apply_prove(struct store *store, const struct plan *plan);

/*
 * Faults: 7 if smbd could not be told (the store is as it shall be, and smbd will find it
 * so when it starts); 8 if a session could not be shown to be cut; 5 with the plan's first
 * conflict; 1 or 7 if Samba's parser does not agree with what it was to see; all after as much
 * as possible was done.  What others began and cannot be ended
 * now is no fault.  DOOR of NULL: there is none.
 */
struct fault *apply(struct store *store, struct samba *samba, const struct door *door,
		    const struct plan *plan);

/*
 * Makes the change of one VM: saves its truths as they stand in INVENTORY, then plans for
 * it and applies.  Nothing is changed where the plan has a conflict (5), or
 * Samba's parser does not agree with a text of it.
 */
struct fault *apply_change(struct store *store, struct samba *samba,
			   const struct door *door, struct inventory *inventory,
			   const struct guests *guests, const struct domain *domain);

/* Takes what is over out of all truths (expiry_purge()), and saves those.  What cannot be saved
 * is out of INVENTORY all the same, so that a plan closes it. */
struct fault *apply_expiry(struct store *store, struct inventory *inventory,
			   const struct domains *domains, expiry_fn *tell, void *arg);

/* The head of a truth names its VM for people; a VM may have been renamed. */
struct fault *apply_names(struct store *store, struct inventory *inventory,
			  const struct domains *domains);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to perm.conf.d and temp.conf.d, where smbd looks for what a client may see.
 *
 * The truth of a VM and tenure is <UUID>.conf in the tenure's directory.  What smbd
 * includes, <IP>.conf, is a rendering, disposable at any time, and always on a tmpfs:
 * those of temporary shares in temp.conf.d itself, those of permanent ones in the run
 * directory, with a link of ours in perm.conf.d.  After a reboot such a link dangles, which
 * smbd takes for no file, until the VM has been confirmed again.
 *
 * Every file is replaced whole and durably, so readers need no lock; who changes the store
 * holds its one lock from store_open() to the end of the store.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "common/fault.h"
#include "common/settings.h"
#include "confgen/fragment.h"
#include "confgen/inventory.h"

struct store;

enum store_access { STORE_READ, STORE_WRITE };

/*
 * Opens the store of SETTINGS.  To write it takes the lock (waiting up to 30 s), makes the
 * run directory if it is not there, and removes what a killed writer left half-made.
 * Faults: 6 if its directories belong to, or can be written by, somebody else, if the
 * temporary ones are not on a tmpfs (not checked under a root), or if the caller may not;
 * 7 if they are not there; 4 if the lock is not to be had.
 */
struct fault *store_open(const void *ctx, const struct settings *settings,
			 enum store_access access, struct store **ret);

/*
 * Nothing is put in place before Samba's own parser has seen in it just the shares that it was
 * made from.  A fault of these three says what it sees otherwise (1), or that the parser cannot
 * be run (7); nothing is changed then.
 *
 * Writes the truth durably; one without shares is removed.
 */
struct fault *store_save(struct store *store, const struct fragment *fragment);

/* Puts FRAGMENT in place as the rendering for IP; what smbd sees changes with it. */
struct fault *store_render(struct store *store, const struct fragment *fragment,
			   struct in_addr ip);

/*
 * Prepares what store_save() (IP is NULL) or store_render() will be called for: writes the
 * text beside its place and starts the parser on it, so that several run at once.  Faults of
 * the parser come with store_prove(), or with the call that puts the text in place.
 */
struct fault *store_stage(struct store *store, const struct fragment *fragment,
			  const struct in_addr *ip);

/* Waits for the parser to agree with all that was prepared.  On a fault none of it is kept. */
struct fault *store_prove(struct store *store);

/*
 * Everything in the store.  What cannot be understood, and what hubshare did not make and does
 * not follow, becomes an oddity and, where smbd would read it or a truth is expected, a broken
 * fragment.  Fault 6 where the caller may not read.
 */
struct fault *store_inventory(const void *ctx, struct store *store,
			      struct inventory **ret);

/*
 * What a change of the domain UUID, which is at COUNT addresses IPS, has to know: its truths, and
 * what is rendered there.  Of the others only the heads are looked at.  It is the whole
 * inventory where somebody was stopped before he had ended his work, where the domain has a
 * rendering elsewhere, or where anything is not understood.
 */
struct fault *store_inventory_of(const void *ctx, struct store *store, const char *uuid,
				 const struct in_addr *ips, size_t count,
				 struct inventory **ret);

/*
 * All that was begun is ended, by whomever.  From the first change of the store on, until this
 * is said, work is begun: whoever is stopped then leaves it to the next one, who looks at
 * everything.
 */
void store_ended(struct store *store);

/* Takes the rendering for IP away. */
struct fault *store_erase(struct store *store, enum tenure tenure, struct in_addr ip);

/* Keeps a copy of the rendering for IP as <IP>.conf.edited, which smbd never reads. */
struct fault *store_keep(struct store *store, enum tenure tenure, struct in_addr ip);

/* The directory of that tenure, on CTX. */
char *store_directory(const void *ctx, const struct settings *settings,
		      enum tenure tenure);

/* "permanent" or "temporary". */
const char *tenure_text(enum tenure tenure);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Who really calls: through sudo(8), doas(1) or pkexec(1), or through the service's socket; and
 * what an account of this host may do with a directory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/fault.h"

struct caller {
	uid_t uid; /* of the person */
	/* He has asked the service, and has no rights but his own; the rest is of him then, as the
	 * kernel knows it (unix(7): SO_PEERCRED, SO_PEERGROUPS). */
	bool called;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
	int directory; /* the descriptor that came along; -1: none */
	int places;    /* where who looks for him holds a place (hub/aside.h) */
};

/* How long a directory may take to answer; one that does not takes a second more, to be killed. */
enum {
	CALLER_WAIT_MS = 10000,
	CALLER_WAIT_LOCKED_MS = 1000, /* where others wait for the store's lock */
};

/* Who runs this process: what SUDO_UID, DOAS_USER or PKEXEC_UID say where root does, else our
 * own user. */
struct caller caller_here(void);

/* May he change what OWNER (a user id) has made? */
bool caller_owns(const struct caller *caller, uid_t owner);

/* The name of that account on CTX.  Fault 2 if the host has no such account. */
struct fault *caller_name(const void *ctx, uid_t uid, char **ret);

/*
 * May the account USER (a name) read, and write if WRITE, the directory PATH?  Asked in a
 * process of that account, so that the kernel answers.  Only root can ask for others: for
 * anybody else *RET is about himself.  Fault 2 if there is no such account, 4 if that takes
 * longer than WAIT_MS.
 */
struct fault *caller_may(const char *user, const char *path, bool write, int wait_ms,
			 bool *ret);

/*
 * May CALLER share the directory PATH: read and search it, and write in it if WRITE?  Root
 * himself may.  Fault 6 that says what he may not and what would do; 2 if he has no account;
 * 4 if PATH does not answer within WAIT_MS.
 * Of one who has asked the service PATH also has to be what it is called (hub/handed.h).
 */
struct fault *caller_check(const struct caller *caller, const char *path, bool write,
			   int wait_ms);

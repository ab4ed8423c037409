/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What smbstatus --json says (Samba 4.17 and later): which client has which share open.
 * Its sessions (-p) and shares (-S) are asked for one by one: without either it tells of all
 * open files too, of which a guest can have so many that it takes longer than one waits.
 * The client's address is taken from the session, where Samba writes the socket's; the
 * name beside a share is what the client calls itself.
 */

#include <stddef.h>
#include <sys/types.h>

#include "common/address.h"
#include "common/fault.h"

/* A tree connect: one client has one share open. */
struct tree {
	struct in_addr ip; /* 0.0.0.0 for a client that came another way than IPv4 */
	pid_t pid;	   /* the smbd that serves it */
	const char *service;
};

/* A session: a client that has logged on, with or without a share open. */
struct session {
	struct in_addr ip;
	pid_t pid;
	const char *user; /* as whom, before any "force user" */
};

struct clients {
	struct tree *trees;
	size_t tree_count;
	struct session *sessions;
	size_t session_count;
};

/*
 * Reads both JSON texts; SHARES has to be the older one, since a client of theirs is known by
 * its session.  Fault 1 if they are not what smbstatus prints.
 */
struct fault *smbstatus_parse(const void *ctx, const char *shares, const char *sessions,
			      struct clients **ret);

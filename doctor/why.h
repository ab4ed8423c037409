/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The chain of one share, from its VM to the smbd that serves it: a link each, in the order
 * in which they depend on each other.  A guest can open the share when no link is broken.
 * The first ones look at what is known (guests, inventory) alone, and are pure; the others,
 * in doctor/why_host.c, look at this host and at smbd.
 */

#include "doctor/host.h"

struct why {
	struct host *host; /* with its guests and its inventory */
	const struct domain *domain;
	const struct fragment *truth;
	const struct share *share; /* of the truth */
	/* Where it could be opened: the VM's best row, and what smbd includes there. */
	const struct guest *guest;	   /* NULL: none of its NICs was heard */
	const struct rendering *rendering; /* of the truth's tenure; NULL: none */
};

struct link {
	const char *key;	  /* for programs: it does not change */
	const char *title;	  /* what is looked at */
	enum fault_status status; /* to exit with when it is broken */
	struct finding (*look)(const struct why *why);
};

/* All links; the end has no key.  Each may count on those before it. */
extern const struct link why_links[];

/* SHARE of TRUTH, which is DOMAIN's.  All has to live as long as what is made. */
struct why *why_new(const void *ctx, struct host *host, const struct domain *domain,
		    const struct fragment *truth, const struct share *share);

/* Does HOSTS, as share_parse_hosts() makes it, hold IP? */
bool why_hosts_hold(const char *hosts, struct in_addr ip);

struct finding why_tap(const struct why *why);
struct finding why_path(const struct why *why);
struct finding why_account(const struct why *why);
struct finding why_includes(const struct why *why);
struct finding why_name(const struct why *why);
struct finding why_testparm(const struct why *why);
struct finding why_smbd(const struct why *why);
struct finding why_listening(const struct why *why);
struct finding why_session(const struct why *why);

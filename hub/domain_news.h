/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * News of domains: what the process that asks libvirt tells the one that acts on it, a JSON
 * object a line.  So nobody but the first waits for libvirt.
 */

#include "common/fault.h"
#include "hub/domain.h"

enum domain_news_kind {
	NEWS_DOMAIN, /* what a domain is now; its volumes are not told */
	NEWS_GONE,   /* there is no domain of that UUID any more */
	NEWS_LIST,   /* all domains that there are will follow */
	NEWS_WHOLE,  /* these were all */
	NEWS_ALIVE,  /* nothing is new, and libvirt answers */
};

struct domain_news {
	enum domain_news_kind kind;
	struct domain
		*domain; /* of NEWS_DOMAIN; of NEWS_GONE its UUID alone; NULL otherwise */
};

/* The line, without newline, on CTX. */
char *domain_news_line(const void *ctx, const struct domain_news *news);

/* Reads a line.  Fault 1 for one that is none. */
struct fault *domain_news_parse(const void *ctx, const char *line,
				struct domain_news *ret);

/*
 * Brings DOMAINS up to date with NEWS, whose domain goes over to it.  Nothing is gone because a
 * list was not told to its end: LISTED is what it has told so far (NULL between lists).
 */
void domain_news_take(struct domains *domains, struct domains **listed,
		      const struct domain_news *news);

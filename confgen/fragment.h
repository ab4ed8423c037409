/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The shares of one VM and tenure, from and to text.  The same text serves twice:
 *
 *  - the truth, <UUID>.conf, which no client's address can ever name;
 *  - a rendering, <IP>.conf, which smbd includes for the client of that address.  It says
 *    in its head which shares are still to be cut (a stub says nothing else), and carries
 *    a sum, by which an edit by hand is seen.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/fault.h"
#include "confgen/share.h"

enum tenure { TENURE_PERMANENT, TENURE_TEMPORARY, TENURE_COUNT };

struct fragment {
	const char *uuid; /* of the domain, lower case; NULL: made by the original tool */
	const char *vm; /* the domain's name when it was written, as it is; may be NULL */
	const char *mac; /* of a rendering: whose address it is; may be NULL */
	enum tenure tenure;
	struct share **shares;
	size_t count;
	const char **cuts; /* names of shares whose sessions are still to be cut */
	size_t cut_count;
	bool edited; /* of a rendering: its sum is not there, or not its own */
	bool broken; /* only its head could be understood; which shares it has is not known */
};

struct fragment_templates {
	struct template *head, *share;
};

/* Loads the two templates from DIRECTORY. */
struct fault *fragment_templates_load(const void *ctx, const char *directory,
				      struct fragment_templates **ret);

/* An empty fragment of the VM. */
struct fragment *fragment_new(const void *ctx, const char *uuid, const char *vm,
			      enum tenure tenure);

/*
 * Reads TEXT as Samba's parser does (lib/util/tini.c: blanks collapse, a backslash at the
 * end of a line joins it with the next, a section's name ends at the first ']').
 * Fault 1 for what Samba would not take, or would apply to another share than a person
 * sees: a line before the first section that is no comment, an unclosed section, no '=',
 * a value that is none of its parameter, one name twice (Samba merges the two).
 */
struct fault *fragment_parse(const void *ctx, const char *text, struct fragment **ret);

/* Only the head of TEXT (the comments before its first share), of which the rest cannot be
 * understood: a broken fragment. */
struct fragment *fragment_parse_head(const void *ctx, const char *text);

/* The text of the truth. */
struct fault *fragment_truth(const void *ctx, const struct fragment_templates *templates,
			     const struct fragment *fragment, char **ret);
/* The text of the rendering for ADDRESS, with its sum. */
struct fault *fragment_rendering(const void *ctx,
				 const struct fragment_templates *templates,
				 const struct fragment *fragment, const char *address,
				 char **ret);

/* The share of that name, whatever its case; NULL if there is none. */
struct share *fragment_find(const struct fragment *fragment, const char *name);
/* Takes SHARE over, at the end. */
void fragment_add(struct fragment *fragment, struct share *share);
/* Takes SHARE out and frees it. */
void fragment_remove(struct fragment *fragment, struct share *share);
/* One more share to cut, unless it is named already. */
void fragment_cut(struct fragment *fragment, const char *name);

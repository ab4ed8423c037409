/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * One Samba share as hubshare knows it: the table of the parameters it has, what is allowed
 * in each (smb.conf(5), and Samba's parser lib/util/tini.c), and what a hand wrote beside
 * them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/fault.h"
#include "confgen/template.h"
#include "confgen/term.h"

struct share {
	const char *name; /* UTF-8, as a person wrote it; compared without case */
	const char *path; /* absolute, of the host */
	bool guest_ok, read_only;
	bool private; /* hosts allow is the VM's own address */
	const char
		*hosts_allow; /* canonical addresses and CIDR, ", " between; NULL: all */
	const char *force_user; /* to whom files belong; NULL: to who is logged on */
	const char *create_mask, *directory_mask; /* octal; NULL: Samba's default */
	uid_t owner;				  /* who gave it; (uid_t)-1: not known */
	struct term term;			  /* when it ends by itself */
	const char **extras; /* lines of its section that are not ours, in their order */
	size_t extra_count;
};

enum parameter_kind {
	PARAMETER_BOOL,
	PARAMETER_TEXT,
	PARAMETER_LIST, /* text: addresses, commas or blanks between */
	PARAMETER_MODE, /* text: octal */
};

struct parameter {
	const char *name; /* Samba's first name of it, and its name in the template */
	const char
		*aliases; /* others, ';' between; one that means the opposite has a '!' */
	enum parameter_kind kind;
	size_t offset; /* in struct share */
	const char
		*fallback; /* what it is to Samba where it does not stand (smb.conf(5)) */
};

/* The parameters that are ours; the end has no name. */
extern const struct parameter share_parameters[];

/* A share with hubshare's defaults: create mask 0664, directory mask 0775, no owner. */
struct share *share_new(const void *ctx, const char *name, const char *path);

/* What makes a name or a path impossible in smb.conf or for Windows; fault 2 names it. */
struct fault *share_check_name(const char *name);
struct fault *share_check_path(const char *path);
struct fault *share_check(const struct share *share);

/*
 * LIST of IPv4 and IPv6 addresses and CIDR ranges (commas or blanks between), made
 * canonical.  Names, wildcards and words such as ALL are refused (2), and so is an empty
 * list, since to Samba it means everybody.
 */
struct fault *share_parse_hosts(const void *ctx, const char *list, const char **ret);

/*
 * Puts one parameter "NAME = VALUE" of a file into the share; what is not in the table is
 * kept as an extra.  VALUE is copied.  Returns false for a value that cannot be: Samba
 * loads nothing of a file that has one.
 */
bool share_set(struct share *share, const char *name, const char *value);
/* A comment line of the section, with its '#': our notes are understood, others kept. */
void share_remark(struct share *share, const char *line);

/* The values of the template of a share; ADDRESS stands for the VM where it is private. */
struct values *share_values(const void *ctx, const struct share *share,
			    const char *address);

/* Does a client that has A open see a difference in what it may do when B takes its place? */
bool share_same_access(const struct share *a, const struct share *b);
/* Is LINE, up to its '=', the name of the parameter NAME, up to its '='?  Samba looks neither at
 * case nor at blanks. */
bool share_same_parameter(const char *line, const char *name);
/* Are these one name to Samba, which does not look at case? */
bool share_same_name(const char *a, const char *b);

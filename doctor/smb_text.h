/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * smb.conf as a text of lines: who says what where.  What Samba makes of it is testparm's to
 * say (confgen/testparm.h); this is for telling an admin of his lines.
 */

#include <stddef.h>

struct smb_line {
	const char *section; /* "global" before the first one */
	const char *name, *value;
	size_t number, last; /* of the line, from 1, and of the last one joined to it */
};

struct smb_text {
	struct smb_line *lines; /* those that set a parameter */
	size_t count;
};

/* Lines that a backslash joins are one; comments and what is no parameter are left out. */
struct smb_text *smb_text_parse(const void *ctx, const char *text);

/* The last line that sets NAME in SECTION, of which Samba takes no case and no blanks of the
 * name; NULL: none does. */
const struct smb_line *smb_text_find(const struct smb_text *text, const char *section,
				     const char *name);

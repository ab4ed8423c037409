/* SPDX-License-Identifier: ISC */
#pragma once

/* What the two halves of smb.conf's setup share: what is to stand in our block
 * (setup_smb_conf.c), and how it gets there (setup_samba.c). */

#include "confgen/fragment.h"
#include "confgen/testparm.h"
#include "setup/setup_parts.h"
#include "doctor/smb_text.h"

struct smb {
	struct setup *setup;
	const char *file; /* its name for people, without the root */
	char *whole, *own,
		*now;	  /* its text, what the admin wrote of it, our block's lines */
	const char *path; /* of OWN, for testparm */
	struct smb_text *text;	 /* of OWN */
	struct globals *globals; /* of OWN, as Samba sees them */
	struct fragment *shares; /* of OWN, as Samba sees them */
	char *usershares;	 /* what users of the host offer: "[a], [b]" */
	char *global, *sections; /* what our block is to say, and what is told of it */
	const char **news;
	size_t news_count;
	bool binds;    /* the block says where Samba listens */
	bool hopeless; /* nothing may be included */
};

/* Tells that something is left to the admin. */
void smb_leave(struct smb *smb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What our block is to say besides what the admin says; NULL: nothing is needed. */
struct fault *smb_compose(struct smb *smb, char **ret);

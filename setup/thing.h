/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Kinds of things on a host, each with one way to look at one of them, in words that can be
 * written down and compared, and one way to make it so again.
 */

#include <sys/stat.h>

#include "setup/setup_parts.h"

struct thing {
	const char *name;    /* of the kind, in the record */
	const char *well;    /* "is there" */
	const char *making;  /* of one that is not there: "missing, making" */
	const char *undoing; /* of one that was not there before: "removing" */
	/* It may be changed where somebody else has made it otherwise. */
	bool mendable;
	/* How WHAT is, on CTX; NULL: it is not there. */
	struct fault *(*look)(const void *ctx, struct setup *setup, const char *what,
			      char **ret);
	/* Makes it so.  Fault 5 where others use it. */
	struct fault *(*put)(struct setup *setup, const char *what, const char *state);
	/* Takes away what one that was killed may have left beside it; NULL: nothing. */
	void (*tidy)(struct setup *setup, const char *what);
};

/* A file, "MODE\nCONTENT", that is ours alone. */
extern const struct thing thing_file;
/* Marked lines of ours in a file of an admin's (doctor/block.h): those lines. */
extern const struct thing thing_block;
/* A directory: "MODE UID:GID". */
extern const struct thing thing_directory;
/* A link: where it leads. */
extern const struct thing thing_link;
/* Mode and owner of a program: "MODE UID:GID". */
extern const struct thing thing_rights;
/* Its capabilities: "cap_net_raw=ep", or what the kernel keeps of others, in hexadecimal. */
extern const struct thing thing_capability;
/* A group: its members. */
extern const struct thing thing_group;
/* A unit of systemd that begins with the host, or runs. */
extern const struct thing thing_enabled, thing_started;
/* A network of libvirt: its facts (hub/network.h); that it begins with libvirt; that it is up. */
extern const struct thing thing_network, thing_network_autostart, thing_network_up;
/* A connection of NetworkManager, an interface of ifupdown or of networkd, that is up. */
extern const struct thing thing_connection, thing_ifupdown, thing_networkd;

/* All kinds; the last one is NULL. */
extern const struct thing *const things[];

/* Does WHAT of THING lie below the root?  Fault 6 where a link in the tree leads out of it: to
 * another file once the tree has booted, and to one of this host until then. */
struct fault *thing_check_place(const struct setup *setup, const struct thing *thing,
				const char *what);

/* For kinds: the path of WHAT below the root; lstat(2) of it, and whether it is there; and a
 * state that none can be, for what is of another kind. */
char *thing_place(const void *ctx, const struct setup *setup, const char *what);
struct fault *thing_stat(struct setup *setup, const char *what, struct stat *ret,
			 bool *ret_there);
char *thing_other(const void *ctx);

/* "MODE\nCONTENT" */
char *thing_file_state(const void *ctx, unsigned mode, const char *content);

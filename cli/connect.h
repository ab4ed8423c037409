/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * How a guest gets at a share, by the share and the host's address alone: the lines to type
 * or to write into a file, quoted for what reads them.  A share's name is one that
 * share_check_name() lets pass: nothing that cannot be seen, no double quote, no comma, no
 * percent sign, no slash of either kind.
 */

#include <stdbool.h>

#include "confgen/share.h"

enum connect_os { CONNECT_LINUX, CONNECT_WINDOWS, CONNECT_MACOS, CONNECT_OS_COUNT };

struct connect {
	const struct share *share;
	const char *host; /* the address at which guests reach the host */
};

struct connect_way {
	const char *key; /* in JSON; the end has none */
	enum connect_os os;
	const char *title;
	/* Lines, without a newline at the end; NULL: there are none for such a share. */
	char *(*text)(const void *ctx, const struct connect *connect);
};

extern const struct connect_way connect_ways[];

/* "linux" */
const char *connect_os_name(enum connect_os os);
bool connect_os_parse(const char *name, enum connect_os *ret);

/* A line for each system, as short as can be. */
char *connect_brief(const void *ctx, const struct connect *connect);

/* SPDX-License-Identifier: ISC */
#pragma once

/* The service's sockets: files in /run/hubshare, which everybody may see, and the group use. */

#include "common/settings.h"

#define SOCKET_DIRECTORY "/run/hubshare"

/*
 * Listens as NAME in the open directory DIR, in place of what a killed service has left there;
 * nobody can connect before its rights are right.  *RET does not block.  Fault 6 if the
 * caller may not.
 */
struct fault *socket_listen(int dir, const char *name, int backlog,
			    const struct settings *settings, int *ret);

/* A socket that is connected to NAME, non-blocking, or else waiting for TIMEOUT_S seconds at
 * most; -1 with errno. */
int socket_connect(const struct settings *settings, const char *name, int timeout_s);

/* The fault of the service that it cannot use PATH, by errno. */
struct fault *socket_cannot(const char *path);

/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The sandbox: what hubscan still can do once its wire is open.  It can listen, ask, print
 * and end; it has no capability and no way to get one, opens no file, starts no program and
 * makes no connection.
 */

#include <stdbool.h>

#include "common/fault.h"

struct sandbox {
	bool other_user; /* started as root, runs as nobody */
	bool seccomp;	 /* any other system call kills it */
	int landlock_abi; /* of the rules that take every path away; 0: the kernel has none */
};

/*
 * Drops every privilege, for good.  RET tells what was had.  Capabilities and no_new_privs
 * are had, or it is a fault; Landlock is as much as the kernel has, and another user is had
 * where there is one: in a user namespace that maps nothing but root there is not.
 */
struct fault *sandbox_renounce(struct sandbox *ret);

/* Limits the system calls to what listening, asking, printing and ending take. */
struct fault *sandbox_limit(struct sandbox *ret);

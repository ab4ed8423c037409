/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Who really calls, also through sudo(8), doas(1) or pkexec(1), and what an account of this
 * host may do with a directory.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "common/fault.h"

/* The user id of the person: what SUDO_UID, DOAS_USER or PKEXEC_UID say where root runs us,
 * else our own. */
uid_t caller_uid(void);

/* The name of that account on CTX.  Fault 2 if the host has no such account. */
struct fault *caller_name(const void *ctx, uid_t uid, char **ret);

/*
 * May the account USER (a name) read, and write if WRITE, the directory PATH?  Asked in a
 * process of that account, so that the kernel answers.  Only root can ask for others: for
 * anybody else *RET is about himself.  Fault 2 if there is no such account.
 */
struct fault *caller_may(const char *user, const char *path, bool write, bool *ret);

/*
 * May the person who calls share the directory PATH: read and search it, and write in it if
 * WRITE?  Root himself may.  Fault 6 that says what he may not and what would do; 2 if he
 * has no account.
 */
struct fault *caller_check(const char *path, bool write);

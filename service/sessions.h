/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Who has which share open by SMB, from one look to the next: what is there now and was not
 * before was opened, and the other way round.
 */

#include "hub/guest.h"
#include "hub/smbstatus.h"
#include "service/event.h"

struct sessions;

struct sessions *sessions_new(const void *ctx);

/*
 * Takes what CLIENTS has, and calls TELL with each difference from the last time, but not the
 * first time.  A client's VM is who GUESTS (NULL: not known) says was confirmed at its address
 * while it had the share open: an address may have changed hands since.  IPC$ is no share.
 */
void sessions_take(struct sessions *sessions, const struct clients *clients,
		   const struct guests *guests,
		   void (*tell)(void *arg, const struct event *event), void *arg);

/* A tree of CLIENTS as a line without newline, on CTX, and back; false: it is none. */
char *sessions_line(const void *ctx, const struct tree *tree);
bool sessions_line_parse(const char *line, struct clients *clients);

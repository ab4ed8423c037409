/* SPDX-License-Identifier: ISC */
#pragma once

/* Commands of others: what members of the group have the service carry out, and who told
 * hubshare to do what. */

#include "cli/run.h"
#include "service/call.h"

/*
 * Carries CALL out for the service, whose run is ARG: with the rights of him who calls, the
 * service's settings, and the action's own options alone.  Prints what went wrong and returns
 * it.
 */
struct fault *called(void *arg, const struct call *call);

/* Tells the journal of a change, or of a try to make one, that root has made here with the WORDS of his
 * command line; FAULT, or NULL, is what came of it. */
void called_here(const struct run *run, char *const words[], const struct fault *fault);

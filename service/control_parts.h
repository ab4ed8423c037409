/* SPDX-License-Identifier: ISC */
#pragma once

/* What the ends of the control socket share, and control.c with the process of a call. */

#include <stdbool.h>
#include <stdio.h>

#include "service/control.h"

#define CONTROL_SOCKET "control"

enum {
	CONTROL_EACH_MAX = 2, /* of one user at work */
};

/*
 * In the process of a call, whose standard input is the connection: hears who calls and what,
 * has it carried out, tells OUT of it, an event in a line, and answers.  He who is CROWDED is
 * only told so.
 */
void control_call(const struct control_plan *plan, bool crowded, FILE *out);

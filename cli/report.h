/* SPDX-License-Identifier: ISC */
#pragma once

/* What more than one verb prints. */

#include "cli/run.h"
#include "cli/table.h"
#include "doctor/check.h"

/* Prints {"version": 1, KEY: BODY} on stdout; BODY goes over. */
void report_json(const char *key, struct document *body);

/* Says on stderr how the run failed, as the person or the program that called wants it. */
void report_fault(const struct run *run, const struct fault *fault);

/* Says something on stderr that is no failure: in a line, or as {"version": 1, "note": ...}. */
void report_note(const struct run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "172.16.10.59 is NAME (52:54:...)", or the same as JSON. */
void report_guest(const struct run *run, const struct guest *guest);

/* A share of the VM, as an object on the run; VM is its name, NULL where that is not known. */
struct document *report_share(const struct run *run, const struct fragment *truth,
			      const char *vm, const struct share *share);

/* The address at which guests reach the host: the bridge's own on its network, else the
 * first of the network. */
struct in_addr report_host(const struct run *run);

/* What was found, in a line, with what would mend it in another; or as a row of ARRAY. */
void report_finding(const struct run *run, const char *title,
		    const struct finding *finding);
void report_put_finding(struct document *array, const char *key, const char *title,
			const struct finding *finding);

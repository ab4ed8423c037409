/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What hubscan prints: the lines of neighbour.h, or JSON, one object a line, or columns for
 * a person at a terminal.
 */

#include <stdio.h>

#include "scanner/sweep.h"

enum report_form {
	REPORT_LINES,
	REPORT_JSON,
	REPORT_COLUMNS,
};

struct report {
	FILE *out;
	enum report_form form;
	bool watch;	/* columns: there are events and times */
	bool ports;	/* columns: there are ports */
	FILE *progress; /* NULL: nobody looks */
	bool headed, progressing;
};

/* An audience that prints to REPORT, which must live as long. */
struct audience report_audience(struct report *report);

/* Takes the progress line away. */
void report_finish(struct report *report);

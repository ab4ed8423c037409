/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Rows for a person and for a program: the same columns give the table's headings and
 * widths, and JSON's keys.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/terminal.h"
#include "common/document.h"

enum column_kind { COLUMN_TEXT, COLUMN_BOOL };

/* What may be done with its cells, where a terminal is narrower than the table. */
enum column_flags {
	COLUMN_RAGGED = 1 << 0, /* (the last one) no blanks at the end of a line */
	COLUMN_CUT = 1 << 1,	/* the middle of a cell is left out */
	COLUMN_NAME =
		1 << 2, /* the same, as long as different cells still look different */
	COLUMN_LIST = 1 << 3, /* items of ", " are left out at the end, but the first */
};

struct column {
	const char *title; /* NULL: only in JSON */
	const char *key;   /* in JSON */
	enum column_kind kind;
	int width;	/* at least so wide */
	int padding;	/* blanks after the longest cell */
	unsigned flags; /* enum column_flags */
};

struct cell {
	const char *text;  /* NULL: "-" to a person where shown is NULL, null in JSON */
	const char *shown; /* what a person sees instead of text; NULL: text itself */
	bool truth;	   /* of COLUMN_BOOL */
	enum tone tone;
};

struct table {
	const struct column *columns; /* ends with a column without key */
	size_t column_count;
	struct cell *cells; /* row by row */
	size_t row_count;
	int *widths;
	struct terminal terminal; /* what it is printed on */
};

struct table *table_new(const void *ctx, const struct column *columns);
/* One more row; its cells, as many as there are columns, are to be filled in. */
struct cell *table_row(struct table *table);

/* The last row of it; NULL if it has none. */
struct cell *table_last(struct table *table);

/* Makes each column of the tables as wide as the widest of both. */
void table_align(struct table *a, struct table *b);

/*
 * Then, for the TERMINAL they are printed on: its colours are used, and columns that may be
 * shortened are, the widest first, until both fit or nothing more can be left out.
 */
void table_fit(struct table *a, struct table *b, const struct terminal *terminal);

/* Prints heading, a rule of RULE dashes (0: as wide as the heading), and the rows. */
void table_print(const struct table *table, int rule);

/* A JSON array of objects. */
struct document *table_document(const void *ctx, const struct table *table);

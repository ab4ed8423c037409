/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Rows for a person and for a program: the same columns give the table's headings and
 * widths, and JSON's keys.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/document.h"

enum column_kind { COLUMN_TEXT, COLUMN_BOOL };

struct column {
	const char *title; /* NULL: only in JSON */
	const char *key;   /* in JSON */
	enum column_kind kind;
	int width;    /* at least so wide */
	int padding;  /* blanks after the longest cell */
	bool ragged;  /* (the last one) no blanks at the end of a line */
};

struct cell {
	const char *text;  /* NULL: "-" to a person where shown is NULL, null in JSON */
	const char *shown; /* what a person sees instead of text; NULL: text itself */
	bool truth;	   /* of COLUMN_BOOL */
};

struct table {
	const struct column *columns; /* ends with a column without key */
	size_t column_count;
	struct cell *cells; /* row by row */
	size_t row_count;
	int *widths;
};

struct table *table_new(const void *ctx, const struct column *columns);
/* One more row; its cells, as many as there are columns, are to be filled in. */
struct cell *table_row(struct table *table);

/* The last row of it; NULL if it has none. */
struct cell *table_last(struct table *table);

/* Makes each column of the tables as wide as the widest of both. */
void table_align(struct table *a, struct table *b);

/* Prints heading, a rule of RULE dashes (0: as wide as the heading), and the rows. */
void table_print(const struct table *table, int rule);

/* A JSON array of objects. */
struct document *table_document(const void *ctx, const struct table *table);

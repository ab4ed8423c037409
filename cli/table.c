/* SPDX-License-Identifier: ISC */
#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

static const char separator[] = " | ";

struct table *table_new(const void *ctx, const struct column *columns)
{
	struct table *table = mem_new(ctx, struct table);

	table->columns = columns;
	while (columns[table->column_count].key)
		table->column_count++;
	table->widths = mem_array(table, int, table->column_count);
	return table;
}

struct cell *table_row(struct table *table)
{
	size_t cells = (++table->row_count) * table->column_count;

	table->cells = mem_check(talloc_realloc(table, table->cells, struct cell, cells));
	struct cell *row = table->cells + cells - table->column_count;
	for (size_t i = 0; i < table->column_count; i++)
		row[i] = (struct cell){ 0 };
	return row;
}

struct cell *table_last(struct table *table)
{
	return table->row_count ?
		       table->cells + (table->row_count - 1) * table->column_count :
		       NULL;
}

static char *shown(const void *ctx, const struct column *column, const struct cell *cell)
{
	if (column->kind == COLUMN_BOOL)
		return mem_strdup(ctx, cell->truth ? "True" : "False");
	if (cell->shown)
		return text_visible(ctx, cell->shown);
	return text_visible(ctx, cell->text ? cell->text : "-");
}

static void widen(struct table *table, size_t column, const char *text)
{
	int width = (int)text_width(text) + table->columns[column].padding;

	if (table->widths[column] < width)
		table->widths[column] = width;
	if (table->widths[column] < table->columns[column].width)
		table->widths[column] = table->columns[column].width;
}

static void measure(struct table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].title)
			widen(table, i, table->columns[i].title);
		for (size_t row = 0; row < table->row_count; row++) {
			const struct cell *cell =
				&table->cells[row * table->column_count + i];
			char *text = shown(table, &table->columns[i], cell);

			widen(table, i, text);
			talloc_free(text);
		}
	}
}

void table_align(struct table *a, struct table *b)
{
	measure(a);
	measure(b);
	for (size_t i = 0; i < a->column_count; i++)
		a->widths[i] = b->widths[i] =
			a->widths[i] > b->widths[i] ? a->widths[i] : b->widths[i];
}

/* Whole items of LIST, and an ellipsis for the others; the first one stays in any case. */
static char *cut_list(const void *ctx, const char *list, size_t width)
{
	static const char more[] = ", \u2026";
	char *text = mem_strdup(ctx, list), *comma;
	bool cut = false;

	while (text_width(text) + (cut ? text_width(more) : 0) > width &&
	       (comma = strrchr(text, ','))) {
		*comma = '\0';
		cut = true;
	}
	return cut ? mem_append(ctx, text, "%s", more) : text;
}

/* TEXT as a cell of the column in WIDTH columns, of which some are padding. */
static char *fitted(const void *ctx, const struct column *column, const char *text,
		    int width)
{
	size_t room = (size_t)(width > column->padding ? width - column->padding : 0);

	if (column->flags & COLUMN_LIST)
		return cut_list(ctx, text, room);
	return column->flags & (COLUMN_CUT | COLUMN_NAME) ?
		       text_shorten(ctx, text, room) :
		       mem_strdup(ctx, text);
}

struct name {
	char *whole, *cut;
};

static int by_cut(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->cut, y->cut);

	return order ? order : strcmp(x->whole, y->whole);
}

/* Would different cells of the column look the same? */
static bool is_ambiguous(const struct table *table, size_t column, int width)
{
	struct name *names = mem_array(NULL, struct name, table->row_count);
	bool ambiguous = false;

	for (size_t row = 0; row < table->row_count; row++) {
		const struct column *of = &table->columns[column];

		names[row].whole =
			shown(names, of,
			      &table->cells[row * table->column_count + column]);
		names[row].cut = fitted(names, of, names[row].whole, width);
	}
	qsort(names, table->row_count, sizeof(*names), by_cut);
	for (size_t row = 1; row < table->row_count; row++)
		ambiguous = ambiguous ||
			    (strcmp(names[row - 1].cut, names[row].cut) == 0 &&
			     strcmp(names[row - 1].whole, names[row].whole) != 0);
	talloc_free(names);
	return ambiguous;
}

/* The columns that the widest cell takes when as much as can be is left out of each. */
static int least_of(const struct table *table, size_t i)
{
	const struct column *column = &table->columns[i];
	int least = (int)text_width(column->title) + column->padding;

	for (size_t row = 0; column->flags & COLUMN_LIST && row < table->row_count;
	     row++) {
		char *whole =
			shown(NULL, column, &table->cells[row * table->column_count + i]);
		char *cut = cut_list(whole, whole, 0);

		if (least < (int)text_width(cut) + column->padding)
			least = (int)text_width(cut) + column->padding;
		talloc_free(whole);
	}
	return least < column->width ? column->width : least;
}

static bool can_shrink(const struct table *table, size_t i)
{
	const struct column *column = &table->columns[i];

	return column->title &&
	       column->flags & (COLUMN_CUT | COLUMN_NAME | COLUMN_LIST) &&
	       table->widths[i] > least_of(table, i) &&
	       !(column->flags & COLUMN_NAME &&
		 is_ambiguous(table, i, table->widths[i] - 1));
}

/* The widest column that can be narrower in both; as many as there are columns: none can. */
static size_t widest(const struct table *a, const struct table *b)
{
	size_t found = a->column_count;

	for (size_t i = 0; i < a->column_count; i++)
		if ((found == a->column_count || a->widths[i] > a->widths[found]) &&
		    can_shrink(a, i) && (a == b || can_shrink(b, i)))
			found = i;
	return found;
}

static int total_width(const struct table *table)
{
	int width = 0;

	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].title)
			width += table->widths[i] +
				 (width ? (int)sizeof(separator) - 1 : 0);
	return width;
}

void table_fit(struct table *a, struct table *b, const struct terminal *terminal)
{
	size_t i;

	a->terminal = b->terminal = *terminal;
	while (terminal->columns && total_width(a) > terminal->columns &&
	       (i = widest(a, b)) < a->column_count) {
		int narrower = a->widths[i] - 1;

		a->widths[i] = b->widths[i] = narrower;
	}
}

/* Prints one cell and what separates it from the one before; returns the columns used. */
static int print_cell(const struct table *table, size_t i, const char *text,
		      enum tone tone, bool first)
{
	int width = (int)text_width(text);
	int blanks =
		table->columns[i].flags & COLUMN_RAGGED ? 0 : table->widths[i] - width;

	printf("%s%s%s%s%*s", first ? "" : separator,
	       terminal_begin(&table->terminal, tone), text,
	       terminal_end(&table->terminal, tone), blanks > 0 ? blanks : 0, "");
	return (first ? 0 : (int)sizeof(separator) - 1) + width +
	       (blanks > 0 ? blanks : 0);
}

static int print_line(const struct table *table, const struct cell *row)
{
	int width = 0;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		char *whole = row ? shown(NULL, column, &row[i]) : NULL;
		char *text =
			whole ? fitted(whole, column, whole, table->widths[i]) : NULL;

		if (column->title)
			width += print_cell(table, i, text ? text : column->title,
					    row ? row[i].tone : TONE_NONE, !width);
		talloc_free(whole);
	}
	putchar('\n');
	return width;
}

void table_print(const struct table *table, int rule)
{
	int width = print_line(table, NULL);

	if (table->terminal.columns && rule > table->terminal.columns)
		rule = table->terminal.columns;
	for (int i = 0; i < (rule ? rule : width); i++)
		putchar('-');
	putchar('\n');
	for (size_t row = 0; row < table->row_count; row++)
		print_line(table, table->cells + row * table->column_count);
}

struct document *table_document(const void *ctx, const struct table *table)
{
	struct document *rows = document_array(ctx);

	for (size_t row = 0; row < table->row_count; row++) {
		struct document *object = document_object(rows);

		for (size_t i = 0; i < table->column_count; i++) {
			const struct column *column = &table->columns[i];
			const struct cell *cell =
				&table->cells[row * table->column_count + i];

			if (column->kind == COLUMN_BOOL)
				document_put_bool(object, column->key, cell->truth);
			else
				document_put_text(object, column->key, cell->text);
		}
		document_append(rows, object);
	}
	return rows;
}

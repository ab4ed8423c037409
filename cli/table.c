/* SPDX-License-Identifier: ISC */
#include "cli/table.h"

#include <stdio.h>

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
			const struct cell *cell = &table->cells[row * table->column_count + i];
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

/* Prints one cell and what separates it from the one before; returns the columns used. */
static int print_cell(const struct table *table, size_t i, const char *text, bool first)
{
	int width = (int)text_width(text);
	int blanks = table->columns[i].ragged ? 0 : table->widths[i] - width;

	printf("%s%s%*s", first ? "" : separator, text, blanks > 0 ? blanks : 0, "");
	return (first ? 0 : (int)sizeof(separator) - 1) + width + (blanks > 0 ? blanks : 0);
}

static int print_line(const struct table *table, const struct cell *row)
{
	int width = 0;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		char *text = row ? shown(NULL, column, &row[i]) : NULL;

		if (column->title)
			width += print_cell(table, i, text ? text : column->title, !width);
		talloc_free(text);
	}
	putchar('\n');
	return width;
}

void table_print(const struct table *table, int rule)
{
	int width = print_line(table, NULL);

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

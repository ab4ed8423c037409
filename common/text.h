/* SPDX-License-Identifier: ISC */
#pragma once

/* Text that came from somewhere else, made fit to be shown or compared. */

#include <stdbool.h>
#include <stddef.h>

/*
 * TEXT as it may be printed on a terminal or in one line of a file: printable UTF-8 stays
 * (also in the C locale), every other byte and the backslash are written as vis(3) does
 * with VIS_CSTYLE.  No control character, no newline, no invalid byte is left.
 */
char *text_visible(const void *ctx, const char *text);

/*
 * TEXT, which is JSON, as it may be printed on a terminal: the characters that
 * text_visible() does not let pass are written as \uXXXX (RFC 8259, section 7).  It stays
 * the same document; the newlines between its parts stay.
 */
char *text_json(const void *ctx, const char *text);

/* What text_visible() made, turned back. */
char *text_plain(const void *ctx, const char *visible);

/* Is TEXT valid UTF-8 (RFC 3629)?  *ret_chars, unless NULL: how many characters. */
bool text_is_utf8(const char *text, size_t *ret_chars);

/* How many columns TEXT takes on a terminal; invalid bytes count as one. */
size_t text_width(const char *text);

/* TEXT in no more than COLUMNS columns: an ellipsis stands for what is left out of its middle. */
char *text_shorten(const void *ctx, const char *text, size_t columns);

/*
 * TEXT in lines of no more than COLUMNS columns (0: in one), broken at blanks; those after the first begin
 * with INDENT blanks, and the first is said to begin there.  A longer word stays whole.
 */
char *text_wrap(const void *ctx, const char *text, size_t columns, size_t indent);

/* Are A and B, both UTF-8, the same but for upper and lower case? */
bool text_same(const char *a, const char *b);

/* Takes white space off both ends, in place; returns the new beginning. */
char *text_strip(char *text);

/* Cuts the next line off *REST and returns it without its newline; NULL at the end. */
char *text_line(char **rest);

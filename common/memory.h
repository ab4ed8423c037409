/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * talloc that never returns NULL: out of memory ends the program, since nothing that it
 * could still do would be better.  Everything else of talloc(3) is used as it is.
 */

#include <stdarg.h>
#include <stddef.h>
#include <talloc.h>

/* Returns POINTER, or ends the program with status 1 if it is NULL. */
void *mem_check(void *pointer) __attribute__((returns_nonnull));

/* A zeroed TYPE, or COUNT of them, on context CTX. */
#define mem_new(ctx, type) ((type *)mem_check(talloc_zero(ctx, type)))
#define mem_array(ctx, type, count)                                                      \
	((type *)mem_check(talloc_zero_array(ctx, type, count)))

/* Makes ARRAY (its talloc length is the count) one element longer; returns the new one. */
#define mem_grow(ctx, array, type, count)                                                \
	((array) = (type *)mem_check(talloc_realloc(ctx, array, type, (count) + 1)),     \
	 (array)[count] = (type){ 0 }, &(array)[count])

char *mem_strdup(const void *ctx, const char *text) __attribute__((returns_nonnull));
char *mem_strndup(const void *ctx, const char *text, size_t length)
	__attribute__((returns_nonnull));
char *mem_printf(const void *ctx, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));
char *mem_vprintf(const void *ctx, const char *format, va_list args)
	__attribute__((format(printf, 2, 0), returns_nonnull));

/* Adds to the end of TEXT (NULL counts as ""), which may move: use what is returned. */
char *mem_append(const void *ctx, char *text, const char *format, ...)
	__attribute__((format(printf, 3, 4), returns_nonnull));

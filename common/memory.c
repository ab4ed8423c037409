/* SPDX-License-Identifier: ISC */
#include "common/memory.h"

#include <stdio.h>
#include <stdlib.h>

void *mem_check(void *pointer)
{
	if (!pointer) {
		fputs("Out of memory\n", stderr);
		exit(1);
	}
	return pointer;
}

char *mem_strdup(const void *ctx, const char *text)
{
	return mem_check(talloc_strdup(ctx, text));
}

char *mem_strndup(const void *ctx, const char *text, size_t length)
{
	return mem_check(talloc_strndup(ctx, text, length));
}

char *mem_printf(const void *ctx, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(ctx, format, args);
	va_end(args);
	return text;
}

char *mem_vprintf(const void *ctx, const char *format, va_list args)
{
	return mem_check(talloc_vasprintf(ctx, format, args));
}

char *mem_append(const void *ctx, char *text, const char *format, ...)
{
	va_list args;

	if (!text)
		text = mem_strdup(ctx, "");
	va_start(args, format);
	text = mem_check(talloc_vasprintf_append(text, format, args));
	va_end(args);
	return text;
}

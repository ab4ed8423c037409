/* SPDX-License-Identifier: ISC */
#include "common/fault.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

static struct fault *fault_make(enum fault_status status, char *text)
{
	struct fault *fault = mem_new(NULL, struct fault);

	fault->status = status;
	fault->text = talloc_steal(fault, text);
	return fault;
}

struct fault *fault_new(enum fault_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(NULL, format, args);
	va_end(args);
	return fault_make(status, text);
}

struct fault *fault_errno(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *what = mem_vprintf(NULL, format, args);
	va_end(args);
	char *text = mem_printf(NULL, "%s: %s", what, strerror(error));
	talloc_free(what);
	return fault_make(FAULT_FAILED, text);
}

struct fault *fault_wrap(struct fault *fault, const char *format, ...)
{
	va_list args;

	if (!fault)
		return NULL;
	va_start(args, format);
	char *context = mem_vprintf(fault, format, args);
	va_end(args);
	char *text = mem_printf(fault, "%s: %s", context, fault->text);
	talloc_free(context);
	talloc_free(fault->text);
	fault->text = text;
	return fault;
}

struct fault *fault_first(struct fault *first, struct fault *second)
{
	if (!first)
		return second;
	talloc_free(second);
	return first;
}

int fault_finish(struct fault *fault)
{
	if (!fault)
		return FAULT_NONE;
	int status = fault->status;
	fprintf(stderr, "%s\n", text_visible(fault, fault->text));
	talloc_free(fault);
	return status;
}

int fault_flush(int status)
{
	bool printed = fflush(stdout) == 0 && !ferror(stdout);

	if (printed || status)
		return status;
	return fault_finish(
		fault_new(FAULT_FAILED, "Standard output takes nothing more"));
}

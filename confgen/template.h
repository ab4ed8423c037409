/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Text with @names@ in it.  A line whose name has no value is left out; a line whose name
 * has several values stands once for each.  Lines that begin with ';' are remarks of the
 * template and are not copied.  Since no value may hold a control character, no value can
 * become a second line.
 */

#include "common/fault.h"

struct template;
struct values;

/* Loads the file NAME of DIRECTORY.  Fault 7 if it is not there, 1 if it is not one. */
struct fault *template_load(const void *ctx, const char *directory, const char *name,
			    struct template **ret);

/* Makes a template of TEXT, called NAME in faults; at most one name in a line. */
struct fault *template_parse(const void *ctx, const char *name, const char *text,
			     struct template **ret);

struct values *values_new(const void *ctx);
/* One more value for NAME; a TEXT of NULL is none. */
void values_add(struct values *values, const char *name, const char *text);

/* The text with the values in their places, on CTX.  Fault 2 for a value that has a control
 * character in it. */
struct fault *template_fill(const void *ctx, const struct template *template,
			    const struct values *values, char **ret);

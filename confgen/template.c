/* SPDX-License-Identifier: ISC */
#include "confgen/template.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#include "common/file.h"
#include "common/memory.h"
#include "common/text.h"

enum { TEMPLATE_MAX_BYTES = 64 << 10 };

/* "BEFORE @NAME@ AFTER"; without a name all of it is in BEFORE. */
struct line {
	char *before, *name, *after;
};

struct template
{
	struct line *lines;
	size_t count;
};

struct value {
	const char *name, *text;
};

struct values {
	struct value *values;
	size_t count;
};

static struct fault *parse_line(struct template *template, const char *name, char *text)
{
	struct line *line =
		mem_grow(template, template->lines, struct line, template->count);
	char *first = strchr(text, '@');
	char *second = first ? strchr(first + 1, '@') : NULL;

	template->count++;
	line->before = mem_strdup(template, text);
	if (!first)
		return NULL;
	if (!second || strchr(second + 1, '@'))
		return fault_new(FAULT_FAILED, "%s: a line needs one @name@, not '%s'",
				 name, text);
	line->before[first - text] = '\0';
	line->name = mem_strndup(template, first + 1, (size_t)(second - first - 1));
	line->after = mem_strdup(template, second + 1);
	return NULL;
}

struct fault *template_parse(const void *ctx, const char *name, const char *text,
			     struct template **ret)
{
	struct template *template = mem_new(ctx, struct template);
	char *rest = mem_strdup(template, text), *line;
	struct fault *fault = NULL;

	while (!fault && (line = text_line(&rest)))
		if (*line != ';')
			fault = parse_line(template, name, line);
	if (fault)
		talloc_free(template);
	else
		*ret = template;
	return fault;
}

struct fault *template_load(const void *ctx, const char *directory, const char *name,
			    struct template **ret)
{
	char *path = mem_printf(NULL, "%s/%s", directory, name), *text;
	struct fault *fault = file_read(path, AT_FDCWD, path, TEMPLATE_MAX_BYTES, &text);

	if (!fault && !text)
		fault = fault_new(
			FAULT_UNREACHABLE,
			"The template %s is not there; install hubshare, or set "
			"'templates' in hubshare.conf",
			path);
	if (!fault)
		fault = template_parse(ctx, path, text, ret);
	talloc_free(path);
	return fault;
}

struct values *values_new(const void *ctx)
{
	return mem_new(ctx, struct values);
}

void values_add(struct values *values, const char *name, const char *text)
{
	if (!text)
		return;
	struct value *value =
		mem_grow(values, values->values, struct value, values->count);
	values->count++;
	*value = (struct value){ mem_strdup(values, name), mem_strdup(values, text) };
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

static struct fault *fill_line(const struct line *line, const struct values *values,
			       char **text)
{
	if (!line->name) {
		*text = mem_append(NULL, *text, "%s\n", line->before);
		return NULL;
	}
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->values[i];

		if (strcmp(value->name, line->name) != 0)
			continue;
		if (has_control(value->text))
			return fault_new(FAULT_USAGE,
					 "'%s' cannot be written as %s: it has a control "
					 "character in it",
					 value->text, value->name);
		*text = mem_append(NULL, *text, "%s%s%s\n", line->before, value->text,
				   line->after);
	}
	return NULL;
}

struct fault *template_fill(const void *ctx, const struct template *template,
			    const struct values *values, char **ret)
{
	char *text = mem_strdup(NULL, "");
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < template->count; i++)
		fault = fill_line(&template->lines[i], values, &text);
	if (fault)
		talloc_free(text);
	else
		*ret = talloc_steal(ctx, text);
	return fault;
}

/* SPDX-License-Identifier: ISC */
#include "doctor/smb_text.h"

#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "confgen/share.h"

/* Does LINE go on in the next one? */
static char *goes_on(char *line)
{
	char *last = line + strlen(line);

	while (last > line && strchr(" \t\r", last[-1]))
		last--;
	return last > line && last[-1] == '\\' ? last - 1 : NULL;
}

/* The next line with those that are joined to it; *NUMBER counts all. */
static char *next_line(const void *ctx, char **rest, size_t *number)
{
	char *line = text_line(rest), *more, *end;

	*number += line != NULL;
	if (!line || strchr("#;", *text_strip(mem_strdup(ctx, line))))
		return line;
	while ((end = goes_on(line)) && (more = text_line(rest))) {
		*end = '\0';
		line = mem_printf(ctx, "%s%s", line, more);
		++*number;
	}
	return line;
}

struct smb_text *smb_text_parse(const void *ctx, const char *text)
{
	struct smb_text *parsed = mem_new(ctx, struct smb_text);
	char *rest = mem_strdup(parsed, text), *line, *equals, *end;
	const char *section = "global";
	size_t number = 0, first = 1;

	for (; (line = next_line(parsed, &rest, &number)); first = number + 1) {
		line = text_strip(line);
		if (*line == '[' && (end = strchr(line, ']')))
			section = text_strip(
				mem_strndup(parsed, line + 1, (size_t)(end - line - 1)));
		if (!*line || strchr("#;[", *line) || !(equals = strchr(line, '=')))
			continue;
		*equals = '\0';
		*mem_grow(parsed, parsed->lines, struct smb_line, parsed->count) =
			(struct smb_line){ section, text_strip(line),
					   text_strip(equals + 1), first, number };
		parsed->count++;
	}
	return parsed;
}

const struct smb_line *smb_text_find(const struct smb_text *text, const char *section,
				     const char *name)
{
	for (size_t i = text->count; i-- > 0;)
		if (share_same_name(text->lines[i].section, section) &&
		    share_same_parameter(text->lines[i].name, name))
			return &text->lines[i];
	return NULL;
}

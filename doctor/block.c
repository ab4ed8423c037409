/* SPDX-License-Identifier: ISC */
#include "doctor/block.h"

#include <stdbool.h>
#include <string.h>

#include "common/memory.h"

#define BEGIN "# hubshare setup: begin"
#define END   "# hubshare setup: end\n"

/* What the first mark says of the file before. */
static const char plain[] = "\n";
static const char no_newline[] = " (the line before had no end)\n";
static const char no_file[] = " (there was no file)\n";

/* The first line of TEXT that begins with MARK. */
static const char *line_of(const char *text, const char *mark)
{
	for (const char *at = text; (at = strstr(at, mark)); at++)
		if (at == text || at[-1] == '\n')
			return at;
	return NULL;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* What stands before the block: without the empty line that is ours, and without the newline
 * that the file did not have, unless something FOLLOWS now. */
static char *before_block(const void *ctx, const char *text, const char *begin,
			  bool follows)
{
	const char *kind = begin + strlen(BEGIN);
	size_t length = (size_t)(begin - text);

	if (starts(kind, no_file) && length == 0 && !follows)
		return NULL;
	if (length && text[length - 1] == '\n')
		length--;
	if (starts(kind, no_newline) && !follows && length && text[length - 1] == '\n')
		length--;
	return mem_strndup(ctx, text, length);
}

struct fault *block_cut(const void *ctx, const char *text, char **ret_rest,
			char **ret_body)
{
	const char *begin = text ? line_of(text, BEGIN) : NULL;
	const char *body = begin ? strchr(begin, '\n') : NULL;
	const char *end = body ? line_of(body, END) : NULL;
	const char *stray = text ? line_of(text, END) : NULL;

	*ret_body = NULL;
	if (!begin && !stray) {
		*ret_rest = text ? mem_strdup(ctx, text) : NULL;
		return NULL;
	}
	if (!end || stray != end || line_of(begin + 1, BEGIN) || line_of(end + 1, END))
		return fault_new(
			FAULT_CONFLICT,
			"the lines '%s' and '# hubshare setup: end' are not a pair any "
			"more; take them out by hand, with what is between them",
			BEGIN);
	const char *after = end + strlen(END);
	char *rest = before_block(ctx, text, begin, *after != '\0');

	*ret_body = mem_strndup(ctx, body + 1, (size_t)(end - body - 1));
	*ret_rest = *after ? mem_append(ctx, rest, "%s", after) : rest;
	return NULL;
}

/* The empty line also ends one that goes on with a backslash. */
char *block_join(const void *ctx, const char *rest, const char *body)
{
	bool ends = rest && (!*rest || rest[strlen(rest) - 1] == '\n');

	if (!rest)
		return mem_printf(ctx, BEGIN "%s%s" END, no_file, body);
	return mem_printf(ctx, "%s%s\n" BEGIN "%s%s" END, rest, ends ? "" : "\n",
			  ends ? plain : no_newline, body);
}

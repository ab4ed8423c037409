/* SPDX-License-Identifier: ISC */
#include "hub/mounts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* White space and backslashes are written as three octal digits; no slash stays at the end. */
static char *plain_path(const void *ctx, char *text)
{
	char *end = text;

	for (const char *c = text; *c; c++)
		if (*c == '\\' && is_octal(c[1]) && is_octal(c[2]) && is_octal(c[3])) {
			*end++ = (char)((c[1] - '0') * 64 + (c[2] - '0') * 8 +
					(c[3] - '0'));
			c += 3;
		} else {
			*end++ = *c;
		}
	*end = '\0';
	if (end - text == 1)
		*text = '\0';
	return mem_strdup(ctx, text);
}

struct mounts *mounts_parse(const void *ctx, const char *text)
{
	struct mounts *mounts = mem_new(ctx, struct mounts);
	char *rest = mem_strdup(mounts, text), *line;

	while ((line = text_line(&rest))) {
		char device[32], *root = NULL, *point = NULL;

		if (sscanf(line, "%*d %*d %31s %ms %ms", device, &root, &point) == 3) {
			*mem_grow(mounts, mounts->list, struct mount, mounts->count) =
				(struct mount){ mem_strdup(mounts, device),
						plain_path(mounts, root),
						plain_path(mounts, point) };
			mounts->count++;
		}
		free(root);
		free(point);
	}
	return mounts;
}

const struct mount *mounts_of(const struct mounts *mounts, const char *path)
{
	const struct mount *best = NULL;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *one = &mounts->list[i];
		size_t length = strlen(one->point);

		if (strncmp(path, one->point, length) == 0 &&
		    (path[length] == '/' || !path[length]) &&
		    (!best || length >= strlen(best->point)))
			best = one;
	}
	return best;
}

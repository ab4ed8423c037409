/* SPDX-License-Identifier: ISC */
/* Any hubshare.conf: what is taken, written again, is taken as the same. */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>

#include "common/settings.h"
#include "tests/fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *value(const struct settings *settings, const struct settings_row *row)
{
	return *(const char *const *)((const char *)settings + row->offset);
}

/* A value is what a line can hold: no newline, no blank around it. */
static void check_value(const char *text, size_t length)
{
	require(!memchr(text, '\n', length), "a value is one line");
	require(!length || (!isspace((unsigned char)*text) &&
			    !isspace((unsigned char)text[length - 1])),
		"blanks around a value are left out");
}

enum { LINE = 198 }; /* bytes that a line may have */

/* KEY with each line of VALUE, "" for one without any. */
static char *written(char *text, const char *key, const char *value)
{
	do {
		size_t length = strcspn(value, "\n");

		check_value(value, length);
		/* One that does not fit beside its key stood in a line of its own. */
		text = mem_append(NULL, text, "%s=%s%.*s\n", key,
				  strlen(key) + length < LINE ? "" : "\n ", (int)length, value);
		value += length + (value[length] == '\n');
	} while (*value);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size), *copy;
	struct settings first = { 0 }, second = { 0 };
	struct fault *fault = settings_parse(ctx, &first, text);

	if (fault) {
		require(fault->status == FAULT_USAGE, "a refusal is of the input");
	} else {
		copy = mem_strdup(NULL, "[hubshare]\n");
		for (const struct settings_row *row = settings_rows; row->key; row++)
			if (value(&first, row)) {
				require(row->list || !strchr(value(&first, row), '\n'),
					"one value is one line");
				copy = written(copy, row->key, value(&first, row));
			}
		require(!settings_parse(ctx, &second, copy), "it can be read again");
		for (const struct settings_row *row = settings_rows; row->key; row++)
			require(!value(&first, row) == !value(&second, row) &&
					same(value(&first, row), value(&second, row)),
				"it is the same");
		talloc_free(copy);
	}
	talloc_free(fault);
	talloc_free(ctx);
	return 0;
}

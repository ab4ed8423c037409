/* SPDX-License-Identifier: ISC */
/*
 * Any text of others: what is shown of it, plain or in JSON, has nothing in it that a terminal
 * would obey, and can be turned back.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/document.h"
#include "common/text.h"
#include "tests/fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Without what RFC 3629 does not know, control characters, and what text_visible() hides. */
static void require_tame(const void *ctx, const char *text)
{
	require(text_is_utf8(text, NULL), "it is UTF-8");
	for (const char *c = text; *c; c++)
		require(((unsigned char)*c >= 0x20 || *c == '\n') && *c != 0x7f,
			"no control character is left");
	require(same(text_json(ctx, text), text), "nothing that hides or turns text is left");
}

static void try_visible(const void *ctx, const char *text)
{
	char *visible = text_visible(ctx, text);

	require_tame(ctx, visible);
	require(!strchr(visible, '\n'), "it is one line");
	require(same(text_plain(ctx, visible), text), "it can be turned back");
	require(text_width(visible) <= strlen(visible), "no byte is wider than a column");
}

static void try_json(const void *ctx, const char *text)
{
	struct document *object = document_object(ctx), *again;
	char *json;

	document_put_text(object, "text", text);
	json = document_write(ctx, object, true);
	require_tame(ctx, json);
	require(!document_read(ctx, json, &again), "it is JSON");
	require(same(document_text(again, "text"),
		     text_is_utf8(text, NULL) ? text : text_visible(ctx, text)),
		"it says the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);

	try_visible(ctx, text);
	try_json(ctx, text);
	require(!text_is_utf8(text, NULL) || text_same(text, text), "it is like itself");
	talloc_free(ctx);
	return 0;
}

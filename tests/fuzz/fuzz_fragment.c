/* SPDX-License-Identifier: ISC */
/* A fragment that a hand may have edited: what is taken has a name and keeps it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "confgen/fragment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);
	struct fragment *fragment;
	struct fault *fault = fragment_parse(ctx, text, &fragment);

	for (size_t i = 0; !fault && i < fragment->count; i++) {
		if (!*fragment->shares[i]->name ||
		    fragment_find(fragment, fragment->shares[i]->name) != fragment->shares[i])
			abort();
		talloc_free(share_check(fragment->shares[i]));
	}
	if (fault && !fragment_parse_head(ctx, text)->broken)
		abort();
	talloc_free(fault);
	talloc_free(ctx);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * A fragment that a hand may have edited: what is taken has a name and keeps it, and what may
 * be written is read again as the same.
 */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);
	struct fragment *fragment;
	struct fault *fault = fragment_parse(ctx, text, &fragment);

	bool sound = !fault;

	for (size_t i = 0; !fault && i < fragment->count; i++) {
		struct fault *bad = share_check(fragment->shares[i]);

		require(*fragment->shares[i]->name, "a share has a name");
		require(fragment_find(fragment, fragment->shares[i]->name) ==
				fragment->shares[i],
			"no other share has its name");
		sound = sound && !bad;
		talloc_free(bad);
	}
	if (sound)
		round_trip(fragment);
	if (fault)
		require(fragment_parse_head(ctx, text)->broken, "it is known as broken");
	talloc_free(fault);
	talloc_free(ctx);
	return 0;
}

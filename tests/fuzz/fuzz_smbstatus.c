/* SPDX-License-Identifier: ISC */
/* What smbstatus prints of clients: they choose names in it. */
#include <stddef.h>
#include <stdint.h>

#include "common/memory.h"
#include "hub/smbstatus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);

	struct clients *clients;

	talloc_free(smbstatus_parse(ctx, text, text, &clients));
	talloc_free(ctx);
	return 0;
}

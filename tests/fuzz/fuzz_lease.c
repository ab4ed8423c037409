/* SPDX-License-Identifier: ISC */
/* What a DHCP server keeps of what guests told it. */
#include <stddef.h>
#include <stdint.h>

#include "common/memory.h"
#include "hub/lease.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);

	struct leases *leases;

	talloc_free(lease_parse(ctx, text, &leases));
	talloc_free(ctx);
	return 0;
}

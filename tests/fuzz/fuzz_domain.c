/* SPDX-License-Identifier: ISC */
/* The XML of a domain, with names that somebody chose. */
#include <stddef.h>
#include <stdint.h>

#include "common/memory.h"
#include "hub/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);

	struct domain *domain;

	talloc_free(domain_parse(ctx, text, &domain));
	talloc_free(ctx);
	return 0;
}

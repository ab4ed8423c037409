/* SPDX-License-Identifier: ISC */
/* The XML of a domain, with names that somebody chose: who it is can be a file's name. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "hub/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);

	struct domain *domain;
	struct fault *fault = domain_parse(ctx, text, &domain);

	if (!fault && (strlen(domain->uuid) != 36 ||
		       strspn(domain->uuid, "0123456789abcdef-") != 36 || !domain->name))
		abort();
	for (size_t i = 0; !fault && i < domain->disk_count; i++)
		if (*domain->disks[i] != '/')
			abort();
	talloc_free(fault);
	talloc_free(ctx);
	return 0;
}

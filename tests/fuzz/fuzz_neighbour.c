/* SPDX-License-Identifier: ISC */
/* Any line: what neighbour_parse() takes is what neighbour_line() prints, to the byte. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "scanner/neighbour.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = mem_strndup(NULL, (const char *)data, size), *again;
	struct neighbour neighbour;
	struct fault *f = neighbour_parse(line, &neighbour);

	if (!f) {
		if (*neighbour.port && !neighbour_port_is_sound(neighbour.port))
			abort();
		/* MACs are taken in any case. */
		again = neighbour_line(line, &neighbour);
		if (strcasecmp(again, line) != 0)
			abort();
	}
	talloc_free(f);
	talloc_free(line);
	return 0;
}

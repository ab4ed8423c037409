/* SPDX-License-Identifier: ISC */
/*
 * json [LIST KEY]: exits with 0 if standard input is JSON; prints the text KEY of each
 * object in the array LIST, a line each, as it is.
 */
#include <stdio.h>

#include "common/document.h"
#include "common/memory.h"

static struct fault *print_member(const struct document *object, void *key)
{
	printf("%s\n", document_text(object, key));
	return NULL;
}

int main(int argc, char *argv[])
{
	static char text[1 << 20];
	size_t length = fread(text, 1, sizeof(text) - 1, stdin);
	void *ctx = talloc_new(NULL);
	struct document *document, *list = NULL;
	struct fault *fault;

	text[length] = '\0';
	if (!(fault = document_read(ctx, text, &document)) && argc == 3) {
		if ((list = document_member(ctx, document, argv[1])))
			fault = document_each(list, print_member, argv[2]);
		else
			fault = fault_new(FAULT_NOT_FOUND, "There is no list %s", argv[1]);
	}
	talloc_free(ctx);
	return fault_flush(fault_finish(fault));
}

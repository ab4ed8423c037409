/* SPDX-License-Identifier: ISC */
/* What somebody sends to the service's socket, and the answer as who has asked takes it: what
 * is understood can be said again, and is the same then. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "service/call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool truth)
{
	if (!truth)
		abort();
}

static void try_call(void *ctx, const char *text)
{
	const char *const *words, *const *again;
	struct fault *fault = call_parse(ctx, text, &words);
	struct event *event;
	char *line;

	if (fault) {
		insist(fault->status == FAULT_USAGE && *fault->text);
		talloc_free(fault);
		return;
	}
	insist(!call_line(ctx, words, &line) && !strchr(line, '\n'));
	insist(!call_parse(ctx, line, &again));
	size_t i = 0;
	for (; words[i]; i++)
		insist(strcmp(words[i], again[i]) == 0);
	insist(i <= CALL_WORDS_MAX && !again[i]);
	event = call_event(ctx, 0, words, NULL);
	insist(!event_parse(ctx, event_json(ctx, event), &event));
}

static void try_answer(void *ctx, const char *text)
{
	struct answer *answer, *again;
	struct fault *fault = answer_parse(ctx, text, &answer);

	if (fault) {
		talloc_free(fault);
		return;
	}
	insist(!answer_parse(ctx, answer_line(ctx, answer), &again));
	insist(again->status == answer->status && !strcmp(again->output, answer->output) &&
		!strcmp(again->error, answer->error));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);

	try_call(ctx, text);
	try_answer(ctx, text);
	talloc_free(ctx);
	return 0;
}

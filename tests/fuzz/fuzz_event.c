/* SPDX-License-Identifier: ISC */
/* What the service tells, as one who watches takes it: an event that is understood is told on
 * as it came, fits in a line, and moves no cursor. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "service/event.h"
#include "service/sessions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_line(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			abort();
}

static void try_event(void *ctx, const char *text)
{
	struct event *event, *again;
	struct fault *fault = event_parse(ctx, text, &event);

	if (fault) {
		talloc_free(fault);
		return;
	}
	char *json = event_json(ctx, event);
	require_line(json);
	require_line(event_line(ctx, event));
	if (event_parse(ctx, json, &again) || strcmp(event_json(ctx, again), json) != 0)
		abort();
	for (char **field = event_fields(ctx, event); *field; field++)
		if (!strchr(*field, '='))
			abort();
}

static void try_session(void *ctx, const char *text)
{
	struct clients *clients = mem_new(ctx, struct clients);

	if (!sessions_line_parse(text, clients))
		return;
	char *line = sessions_line(ctx, &clients->trees[0]);
	require_line(line);
	if (!sessions_line_parse(line, clients) ||
	    strcmp(clients->trees[0].service, clients->trees[1].service) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = mem_strndup(ctx, (const char *)data, size);

	try_event(ctx, text);
	try_session(ctx, text);
	talloc_free(ctx);
	return 0;
}

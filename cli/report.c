/* SPDX-License-Identifier: ISC */
#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/memory.h"
#include "common/text.h"
#include "scanner/interface.h"
#include "scanner/range.h"

static struct document *envelope(const void *ctx)
{
	struct document *document = document_object(ctx);

	document_put_number(document, "version", REPORT_VERSION);
	return document;
}

static void print(FILE *stream, struct document *document)
{
	fprintf(stream, "%s\n", document_write(document, document, true));
	talloc_free(document);
}

void report_json(const char *key, struct document *body)
{
	struct document *document = envelope(NULL);

	document_put(document, key, body);
	print(stdout, document);
}

static void report_fault_json(const struct fault *fault)
{
	struct document *document = envelope(NULL), *error = document_object(document);

	document_put_number(error, "status", fault->status);
	document_put_text(error, "message", fault->text);
	document_put(document, "error", error);
	print(stderr, document);
}

void report_fault(const struct run *run, const struct fault *fault)
{
	if (run->options.json)
		report_fault_json(fault);
	else
		report_note("%s", fault->text);
}

void report_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(NULL, format, args);
	va_end(args);
	fprintf(stderr, "%s\n", text_visible(text, text));
	talloc_free(text);
}

void report_guest(const struct run *run, const struct guest *guest)
{
	struct document *body;

	if (!run->options.json) {
		char *name = text_visible(NULL, guest->domain->name);

		printf("%s is %s (%s)\n", IP_TEXT(guest->ip), name, MAC_TEXT(guest->mac));
		talloc_free(name);
		return;
	}
	body = document_object(run);
	document_put_text(body, "ip", IP_TEXT(guest->ip));
	document_put_text(body, "mac", MAC_TEXT(guest->mac));
	document_put_text(body, "vm", guest->domain->name);
	document_put_text(body, "uuid", guest->domain->uuid);
	report_json("guest", body);
}

struct in_addr report_host(const struct run *run)
{
	const struct settings *settings = &run->options.settings;
	struct range network = { 0 };
	struct in_addr first = { 0 };
	struct interface *bridge;
	struct fault *fault = range_parse(settings->network, &network);

	first.s_addr = htonl(network.first);
	talloc_free(fault);
	if ((fault = interface_find(run, settings->bridge, &bridge)))
		talloc_free(fault);
	else if (bridge->count)
		first = bridge->address[0].ip;
	return first;
}

static const char *const verdicts[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WRONG] = "wrong",
	[VERDICT_UNKNOWN] = "unknown",
};

void report_finding(const struct run *run, const char *title, const struct finding *finding)
{
	printf("%-7s  %-32s %s\n", verdicts[finding->verdict], title,
	       text_visible(run, finding->text));
	if (finding->mend)
		printf("%9smend it with: %s\n", "", text_visible(run, finding->mend));
}

void report_put_finding(struct document *array, const char *key, const char *title,
			const struct finding *finding)
{
	struct document *row = document_object(array);

	document_put_text(row, "key", key);
	document_put_text(row, "title", title);
	document_put_text(row, "verdict", verdicts[finding->verdict]);
	document_put_text(row, "text", finding->text);
	document_put_text(row, "mend", finding->mend);
	document_append(array, row);
}

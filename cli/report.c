/* SPDX-License-Identifier: ISC */
#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "scanner/interface.h"
#include "scanner/range.h"

static void print(FILE *stream, struct document *document, bool indented)
{
	fprintf(stream, "%s\n", document_write(document, document, indented));
	talloc_free(document);
}

void report_json(const char *key, struct document *body)
{
	struct document *document = document_versioned(NULL);

	document_put(document, key, body);
	print(stdout, document, true);
}

static void report_fault_json(const struct fault *fault)
{
	struct document *document = document_versioned(NULL),
			*error = document_object(document);

	document_put_number(error, "status", fault->status);
	document_put_text(error, "message", fault->text);
	document_put(document, "error", error);
	print(stderr, document, true);
}

void report_fault(const struct run *run, const struct fault *fault)
{
	if (run->options.json)
		report_fault_json(fault);
	else
		report_note(run, "%s", fault->text);
}

static void print_note(const char *text)
{
	struct document *document = document_versioned(NULL);

	document_put_text(document, "note", text);
	print(stderr, document, false);
}

void report_note(const struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(NULL, format, args);
	va_end(args);
	if (run->options.json)
		print_note(text);
	else
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

struct document *report_share(const struct run *run, const struct fragment *truth,
			      const char *vm, const struct share *share)
{
	struct document *row = document_object(run);

	document_put_text(row, "vm", vm);
	document_put_text(row, "uuid", truth->uuid);
	document_put_text(row, "name", share->name);
	document_put_text(row, "path", share->path);
	document_put_text(row, "tenure", tenure_text(truth->tenure));
	document_put_bool(row, "read_only", share->read_only);
	document_put_bool(row, "guest_ok", share->guest_ok);
	document_put_bool(row, "private", share->private);
	document_put_text(row, "hosts_allow", share->hosts_allow);
	document_put_text(row, "until", term_until_text(row, &share->term, &run->now));
	return row;
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
	[VERDICT_OK] = "ok", [VERDICT_WRONG] = "wrong", [VERDICT_UNKNOWN] = "unknown"
};

static const enum tone verdict_tones[] = {
	[VERDICT_OK] = TONE_GOOD,
	[VERDICT_WRONG] = TONE_BAD,
	[VERDICT_UNKNOWN] = TONE_DOUBTFUL,
};

/* Where the title and the sentence begin, and how wide a sentence is at least beside a title. */
enum { TITLE_AT = 9, TITLE_COLUMNS = 32, SENTENCE_AT = 42, SENTENCE_COLUMNS = 30 };

static void print_verdict(const struct terminal *terminal, enum verdict verdict)
{
	const char *word = verdicts[verdict];

	printf("%s%s%s%*s", terminal_begin(terminal, verdict_tones[verdict]), word,
	       terminal_end(terminal, verdict_tones[verdict]),
	       TITLE_AT - (int)strlen(word), "");
}

/* On a narrow terminal the sentence has lines of its own.  The command that mends it stays one
 * line in any case, to be copied. */
void report_finding(const struct run *run, const char *title,
		    const struct finding *finding)
{
	const struct terminal terminal = terminal_stdout();
	bool narrow =
		terminal.columns && terminal.columns < SENTENCE_AT + SENTENCE_COLUMNS;
	const char *sentence = text_visible(run, finding->text);

	print_verdict(&terminal, finding->verdict);
	if (narrow)
		printf("%s\n%*s%s\n", title, TITLE_AT, "",
		       text_wrap(run, sentence, (size_t)terminal.columns, TITLE_AT));
	else
		printf("%-*s %s\n", TITLE_COLUMNS, title,
		       text_wrap(run, sentence, (size_t)terminal.columns, SENTENCE_AT));
	if (finding->mend)
		printf("%*smend it with: %s\n", TITLE_AT, "",
		       text_visible(run, finding->mend));
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

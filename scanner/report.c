/* SPDX-License-Identifier: ISC */
#include "scanner/report.h"

#include <string.h>

#include "common/memory.h"

/* IP, MAC, PORT, EVENT and TIME. */
enum { COLUMNS = 5 };

/* A name has no control characters, but may have a quotation mark. */
static void print_port(FILE *out, const char *port)
{
	fputs(",\"port\":\"", out);
	for (; *port; port++)
		fprintf(out, *port == '"' || *port == '\\' ? "\\%c" : "%c", *port);
	fputc('"', out);
}

static void print_json(FILE *out, const struct neighbour *neighbour)
{
	char time[NEIGHBOUR_TIME];

	if (neighbour->event == NEIGHBOUR_LINK)
		fprintf(out, "{\"ip\":null");
	else
		fprintf(out, "{\"ip\":\"%s\"", IP_TEXT(neighbour->ip));
	fprintf(out, ",\"mac\":\"%s\"", MAC_TEXT(neighbour->mac));
	if (neighbour->event != NEIGHBOUR_HEARD)
		fprintf(out, ",\"event\":\"%s\",\"time\":\"%s\"",
			neighbour_event_name(neighbour->event),
			neighbour_time(neighbour->time_ms, time));
	if (*neighbour->port)
		print_port(out, neighbour->port);
	fputs("}\n", out);
}

/* Cells in their columns; one that is NULL is left out with its column. */
static void print_row(FILE *out, const char *const cell[static COLUMNS])
{
	static const size_t width[COLUMNS] = { 15, 17, IFNAMSIZ - 1, 9 };
	size_t pad = 0;

	for (size_t i = 0; i < COLUMNS; i++) {
		if (!cell[i])
			continue;
		fprintf(out, "%*s%s", (int)pad, "", cell[i]);
		pad = width[i] > strlen(cell[i]) ? width[i] - strlen(cell[i]) + 2 : 2;
	}
	fputc('\n', out);
}

static void print_columns(struct report *report, const struct neighbour *neighbour)
{
	char time[NEIGHBOUR_TIME];
	const char *port = report->ports ? "PORT" : NULL,
		   *event = report->watch ? "EVENT" : NULL;
	bool heard = neighbour->event == NEIGHBOUR_HEARD;

	if (!report->headed)
		print_row(report->out, (const char *[]){ "IP", "MAC", port, event,
							 event ? "TIME" : NULL });
	report->headed = true;
	print_row(report->out,
		  (const char *[]){
			  neighbour->event == NEIGHBOUR_LINK ? "-" :
							       IP_TEXT(neighbour->ip),
			  MAC_TEXT(neighbour->mac),
			  report->ports ? neighbour->port : NULL,
			  neighbour_event_name(neighbour->event),
			  heard ? NULL : neighbour_time(neighbour->time_ms, time) });
}

static void print_line(FILE *out, const struct neighbour *neighbour)
{
	char *line = neighbour_line(NULL, neighbour);

	fprintf(out, "%s\n", line);
	talloc_free(line);
}

static void tell(void *arg, const struct neighbour *neighbour)
{
	struct report *report = arg;

	report_finish(report);
	switch (report->form) {
	case REPORT_LINES:
		print_line(report->out, neighbour);
		break;
	case REPORT_JSON:
		print_json(report->out, neighbour);
		break;
	case REPORT_COLUMNS:
		print_columns(report, neighbour);
		break;
	}
}

static bool flush(void *arg)
{
	struct report *report = arg;

	return fflush(report->out) == 0;
}

static void progress(void *arg, int round, int percent)
{
	struct report *report = arg;

	fprintf(report->progress, "\rround %d, %3d %% asked\033[K", round, percent);
	fflush(report->progress);
	report->progressing = true;
}

struct audience report_audience(struct report *report)
{
	return (struct audience){
		.tell = tell,
		.flush = flush,
		.progress = report->progress ? progress : NULL,
		.arg = report,
	};
}

void report_finish(struct report *report)
{
	if (report->progressing)
		fputs("\r\033[K", report->progress);
	report->progressing = false;
}

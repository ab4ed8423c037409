/* SPDX-License-Identifier: ISC */
#include "scanner/report.h"

#include "common/memory.h"

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
	fputs("}\n", out);
}

static void print_columns(struct report *report, const struct neighbour *neighbour)
{
	char time[NEIGHBOUR_TIME];
	const char *heading = report->watch ? "MAC                EVENT      TIME" : "MAC";
	bool link = neighbour->event == NEIGHBOUR_LINK;

	if (!report->headed)
		fprintf(report->out, "%-15s  %s\n", "IP", heading);
	report->headed = true;
	fprintf(report->out, "%-15s  %s", link ? "-" : IP_TEXT(neighbour->ip),
		MAC_TEXT(neighbour->mac));
	if (neighbour->event != NEIGHBOUR_HEARD)
		fprintf(report->out, "  %-9s  %s", neighbour_event_name(neighbour->event),
			neighbour_time(neighbour->time_ms, time));
	fputc('\n', report->out);
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

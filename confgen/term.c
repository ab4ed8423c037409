/* SPDX-License-Identifier: ISC */
#include "confgen/term.h"

#include <bsd/stdlib.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"

enum { DATE_SIZE = sizeof("2026-01-31T12:00:00.000Z"), WEEKS_MAX = 520 };

static const int64_t second_ms = 1000, week_ms = INT64_C(7) * 24 * 3600 * 1000;

/* The longest first. */
static const struct unit {
	char letter;
	int64_t ms;
} units[] = {
	{ 'w', INT64_C(7) * 24 * 3600 * 1000 },
	{ 'd', INT64_C(24) * 3600 * 1000 },
	{ 'h', INT64_C(3600) * 1000 },
	{ 'm', INT64_C(60) * 1000 },
	{ 's', 1000 },
};
enum { UNITS = sizeof(units) / sizeof(*units) };

static void read_boot(char id[static TERM_BOOT_ID + 1])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, id, TERM_BOOT_ID) != TERM_BOOT_ID)
		*id = '\0';
	close(fd);
}

struct term_now term_now(void)
{
	struct term_now now = { .boot_ms = clock_boot_ms() };
	struct timespec date;

	clock_gettime(CLOCK_REALTIME, &date);
	now.date_ms = (int64_t)date.tv_sec * 1000 + date.tv_nsec / 1000000;
	read_boot(now.boot);
	return now;
}

struct term term_for(const struct term_now *now, int64_t ms, bool permanent)
{
	struct term term = { .kind = permanent ? TERM_DATE : TERM_BOOT };

	term.since_ms = permanent ? now->date_ms : now->boot_ms;
	term.until_ms = term.since_ms + ms;
	if (!permanent)
		memcpy(term.boot, now->boot, sizeof(term.boot));
	return term;
}

struct term term_until_stop(const struct term_now *now, int id)
{
	struct term term = { .kind = TERM_STOP, .id = id };

	memcpy(term.boot, now->boot, sizeof(term.boot));
	return term;
}

/* The sum of the parts of TEXT; -1 if it is not made of such. */
static int64_t sum_of_parts(const char *text)
{
	int64_t sum = 0;
	size_t unit = 0;

	for (size_t digits; *text; text += digits + 1) {
		digits = strspn(text, "0123456789");
		if (digits < 1 || digits > 9)
			return -1;
		while (unit < UNITS && units[unit].letter != text[digits])
			unit++;
		if (unit == UNITS)
			return -1;
		sum += strtoll(text, NULL, 10) * units[unit++].ms;
	}
	return sum;
}

struct fault *term_parse_duration(const char *text, int64_t *ret_ms)
{
	int64_t ms = sum_of_parts(text);

	if (ms < second_ms || ms > WEEKS_MAX * week_ms)
		return fault_new(
			FAULT_USAGE,
			"'%s' is no time that a share can be for: write 90m, 1h30m or 2d "
			"(w, d, h, m, s, the longest first), from 1s to %dw",
			text, WEEKS_MAX);
	*ret_ms = ms;
	return NULL;
}

static bool same_boot(const struct term *term, const struct term_now *now)
{
	return *term->boot && strcmp(term->boot, now->boot) == 0;
}

int64_t term_left_ms(const struct term *term, const struct term_now *now)
{
	int64_t at_ms = term->kind == TERM_DATE ? now->date_ms : now->boot_ms;

	if (term->kind == TERM_NONE || term->kind == TERM_STOP)
		return -1;
	if (term->kind == TERM_LOST ||
	    (term->kind == TERM_BOOT && !same_boot(term, now)) ||
	    at_ms < term->since_ms || at_ms >= term->until_ms)
		return 0;
	return term->until_ms - at_ms;
}

bool term_over(const struct term *term, const struct term_now *now, int id)
{
	if (term->kind == TERM_STOP)
		return id < 0 || id != term->id || !same_boot(term, now);
	return term_left_ms(term, now) == 0;
}

bool term_outlasts(const struct term *a, const struct term *b)
{
	if (b->kind == TERM_NONE || term_same(a, b))
		return false;
	if (a->kind == b->kind && (a->kind == TERM_DATE || a->kind == TERM_BOOT))
		return a->until_ms > b->until_ms || strcmp(a->boot, b->boot) != 0;
	return true;
}

bool term_same(const struct term *a, const struct term *b)
{
	return a->kind == b->kind && a->since_ms == b->since_ms &&
	       a->until_ms == b->until_ms && a->id == b->id &&
	       strcmp(a->boot, b->boot) == 0;
}

/* --- as text --- */

static void print_date(char text[static DATE_SIZE], int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(text, DATE_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, DATE_SIZE - length, ".%03dZ", (int)(ms % 1000));
}

/* -1 if it is none. */
static int64_t read_date(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!rest || *rest != '.')
		return -1;
	return (int64_t)timegm(&tm) * 1000 + strtol(rest + 1, NULL, 10);
}

static int64_t read_number(const char *text, int64_t max)
{
	const char *error = NULL;
	int64_t number = strtonum(text, 0, max, &error);

	return error ? -1 : number;
}

char *term_note(const void *ctx, const struct term *term)
{
	char until[DATE_SIZE] = "", since[DATE_SIZE] = "";

	if (term->kind == TERM_DATE) {
		print_date(until, term->until_ms);
		print_date(since, term->since_ms);
	}
	switch (term->kind) {
	case TERM_NONE:
		return NULL;
	case TERM_DATE:
		return mem_printf(ctx, "until=%s since=%s", until, since);
	case TERM_BOOT:
		return mem_printf(ctx, "until=%lld since=%lld boot=%s",
				  (long long)term->until_ms, (long long)term->since_ms,
				  term->boot);
	case TERM_STOP:
		return mem_printf(ctx, "until=stop domain=%d boot=%s", term->id,
				  term->boot);
	case TERM_LOST:
		break;
	}
	return mem_strdup(ctx, "until=lost");
}

/* What NOTE seems to be; whether it is that is seen when it is written again. */
static struct term seeming(const char *note)
{
	char until[41] = "", since[41] = "";
	struct term term = { .kind = TERM_LOST };
	int words =
		sscanf(note, "until=%40s since=%40s boot=%36s", until, since, term.boot);

	if (sscanf(note, "until=stop domain=%40s boot=%36s", since, term.boot) == 2) {
		term.kind = TERM_STOP;
		term.id = (int)read_number(since, INT32_MAX);
	} else if (words == 3) {
		term.kind = TERM_BOOT;
		term.until_ms = read_number(until, INT64_MAX);
		term.since_ms = read_number(since, INT64_MAX);
	} else if (words == 2) {
		term.kind = TERM_DATE;
		term.until_ms = read_date(until);
		term.since_ms = read_date(since);
	}
	return term;
}

static bool is_boot_id(const char *text)
{
	return strlen(text) == TERM_BOOT_ID &&
	       strspn(text, "0123456789abcdef-") == TERM_BOOT_ID;
}

static bool is_sound(const struct term *term, const char *note)
{
	char *again = term_note(NULL, term);
	bool same = strcmp(again, note) == 0;

	talloc_free(again);
	return same && term->id >= 0 && term->since_ms >= 0 &&
	       term->until_ms >= term->since_ms &&
	       (term->kind == TERM_DATE || is_boot_id(term->boot));
}

bool term_parse_note(const char *note, struct term *ret)
{
	if (strncmp(note, "until=", 6) != 0)
		return false;
	*ret = seeming(note);
	if (ret->kind == TERM_LOST || !is_sound(ret, note))
		*ret = (struct term){ .kind = TERM_LOST };
	return true;
}

/* The two longest units of MS, rounded up: "1h12m". */
static char *duration_text(const void *ctx, int64_t ms)
{
	size_t unit = 0, last;
	int64_t whole, rest;

	while (unit + 1 < UNITS && ms < units[unit].ms)
		unit++;
	last = unit + 1 < UNITS ? unit + 1 : unit;
	ms = (ms + units[last].ms - 1) / units[last].ms * units[last].ms;
	if (unit > 0 &&
	    ms >= units[unit - 1].ms) /* rounded up to one of the next longer */
		last = unit--;
	whole = ms / units[unit].ms;
	rest = ms % units[unit].ms / units[last].ms;
	return rest ? mem_printf(ctx, "%lld%c%lld%c", (long long)whole,
				 units[unit].letter, (long long)rest,
				 units[last].letter) :
		      mem_printf(ctx, "%lld%c", (long long)whole, units[unit].letter);
}

char *term_text(const void *ctx, const struct term *term, const struct term_now *now)
{
	char *left, *text;

	if (term->kind == TERM_NONE)
		return NULL;
	if (term->kind == TERM_STOP)
		return mem_strdup(ctx, "until stop");
	left = duration_text(NULL, term_left_ms(term, now));
	text = mem_printf(ctx, "expires in %s", left);
	talloc_free(left);
	return text;
}

char *term_until_text(const void *ctx, const struct term *term,
		      const struct term_now *now)
{
	int64_t at_ms = term->kind == TERM_DATE ? term->until_ms :
						  now->date_ms + term_left_ms(term, now);
	char date[DATE_SIZE];

	if (term->kind == TERM_NONE)
		return NULL;
	if (term->kind == TERM_STOP)
		return mem_strdup(ctx, "stop");
	print_date(date, at_ms);
	return mem_printf(ctx, "%.19sZ", date);
}

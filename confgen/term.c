/* SPDX-License-Identifier: ISC */
#include "confgen/term.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/file.h"
#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"

enum { DAY_S = 24 * 60 * 60 };

static const int64_t duration_max_ms = 3652LL * DAY_S * 1000;

static const struct {
	char letter;
	int64_t seconds;
} units[] = { { 'w', 7 * DAY_S }, { 'd', DAY_S }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

enum { UNITS = sizeof(units) / sizeof(*units) };

struct term_now term_now(void)
{
	struct term_now now = { .boot_ms = clock_boot_ms() };
	struct timespec date;
	char *text = NULL;
	struct fault *fault = file_read(NULL, AT_FDCWD, "/proc/sys/kernel/random/boot_id",
					TERM_BOOT_ID, &text);

	clock_gettime(CLOCK_REALTIME, &date);
	now.date_ms = date.tv_sec * 1000LL + date.tv_nsec / 1000000;
	if (text)
		snprintf(now.boot, sizeof(now.boot), "%s", text_strip(text));
	talloc_free(fault);
	talloc_free(text);
	return now;
}

/* The number and the unit at *TEXT, in seconds; -1 if there are none. */
static int64_t parse_part(const char **text)
{
	int64_t number = 0;
	const char *at = *text;

	while (*at >= '0' && *at <= '9' && number <= duration_max_ms)
		number = number * 10 + (*at++ - '0');
	for (size_t i = 0; at != *text && i < UNITS; i++)
		if (*at == units[i].letter) {
			*text = at + 1;
			return number > duration_max_ms ? duration_max_ms :
							  number * units[i].seconds;
		}
	return -1;
}

struct fault *term_parse_duration(const char *text, int64_t *ret_ms)
{
	const char *at = text;
	int64_t seconds = 0, part = 0;

	while (*at && (part = parse_part(&at)) >= 0 && seconds <= duration_max_ms / 1000)
		seconds += part;
	if (part < 0 || *at || seconds < 1 || seconds > duration_max_ms / 1000)
		return fault_new(FAULT_USAGE,
				 "'%s' is no duration: write it as 90s, 45m, 1h30m, 2d or 3w, "
				 "from a second to ten years",
				 text);
	*ret_ms = seconds * 1000;
	return NULL;
}

struct term term_for(const struct term_now *now, int64_t ms, bool permanent)
{
	struct term term = { .kind = permanent ? TERM_DATE : TERM_BOOT };

	if (permanent) {
		term.since_ms = now->date_ms / 1000 * 1000;
		term.until_ms = term.since_ms + ms;
	} else {
		term.until_ms = now->boot_ms + ms;
		strcpy(term.boot, now->boot);
	}
	return term;
}

struct term term_until_stop(const struct term_now *now, int id)
{
	struct term term = { .kind = TERM_STOP, .id = id };

	strcpy(term.boot, now->boot);
	return term;
}

bool term_over(const struct term *term, const struct term_now *now, int id)
{
	bool same_boot = strcmp(term->boot, now->boot) == 0;

	switch (term->kind) {
	case TERM_NONE:
		return false;
	case TERM_BOOT:
		return !same_boot || now->boot_ms >= term->until_ms;
	case TERM_DATE:
		return now->date_ms < term->since_ms || now->date_ms >= term->until_ms;
	case TERM_STOP:
		return !same_boot || id != term->id;
	}
	return true;
}

int64_t term_left_ms(const struct term *term, const struct term_now *now)
{
	int64_t left = term->kind == TERM_BOOT ? term->until_ms - now->boot_ms :
		       term->kind == TERM_DATE ? term->until_ms - now->date_ms :
						 -1;

	return left < -1 ? 0 : left;
}

bool term_same(const struct term *a, const struct term *b)
{
	return a->kind == b->kind && a->until_ms == b->until_ms &&
	       a->since_ms == b->since_ms && a->id == b->id && strcmp(a->boot, b->boot) == 0;
}

static char *date_text(const void *ctx, int64_t ms)
{
	char text[sizeof("9999-12-31T23:59:59Z") + 8] = "";
	time_t seconds = ms / 1000;
	struct tm parts;

	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return mem_strdup(ctx, text);
}

char *term_note(const void *ctx, const struct term *term)
{
	switch (term->kind) {
	case TERM_BOOT:
		return mem_printf(ctx, "until-boot=%" PRId64 " boot=%s", term->until_ms,
				  term->boot);
	case TERM_DATE:
		return mem_printf(ctx, "until=%s since=%s", date_text(ctx, term->until_ms),
				  date_text(ctx, term->since_ms));
	case TERM_STOP:
		return mem_printf(ctx, "until-stop=%d boot=%s", term->id, term->boot);
	default:
		return NULL;
	}
}

/* Takes only what date_text() writes. */
static bool parse_date(const char *text, int64_t *ret_ms)
{
	struct tm parts = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);

	if (!end || *end)
		return false;
	*ret_ms = timegm(&parts) * 1000LL;
	char *again = date_text(NULL, *ret_ms);
	bool same = strcmp(again, text) == 0;
	talloc_free(again);
	return same;
}

/* "KEY=VALUE KEY=VALUE" */
static bool split_note(char *note, const char *first, char **ret_first, const char *second,
		       char **ret_second)
{
	char *blank = strchr(note, ' ');

	if (!blank || strncmp(note, first, strlen(first)) != 0 ||
	    strncmp(blank + 1, second, strlen(second)) != 0)
		return false;
	*blank = '\0';
	*ret_first = note + strlen(first);
	*ret_second = blank + 1 + strlen(second);
	return true;
}

static bool parse_number(const char *text, int64_t max, int64_t *ret)
{
	char *end;

	*ret = strtoll(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && *ret <= max;
}

static bool take_boot(struct term *term, const char *boot)
{
	if (strlen(boot) >= sizeof(term->boot) ||
	    boot[strspn(boot, "0123456789abcdef-")] != '\0')
		return false;
	strcpy(term->boot, boot);
	return true;
}

static bool parse_split(char *note, struct term *term)
{
	char *first, *second;
	int64_t id = 0;

	if (split_note(note, "until-boot=", &first, "boot=", &second)) {
		term->kind = TERM_BOOT;
		return parse_number(first, INT64_MAX - 1, &term->until_ms) &&
		       take_boot(term, second);
	}
	if (split_note(note, "until-stop=", &first, "boot=", &second)) {
		term->kind = TERM_STOP;
		bool sound = parse_number(first, INT32_MAX, &id) && take_boot(term, second);
		term->id = (int)id;
		return sound;
	}
	term->kind = TERM_DATE;
	return split_note(note, "until=", &first, "since=", &second) &&
	       parse_date(first, &term->until_ms) && parse_date(second, &term->since_ms);
}

bool term_parse_note(const char *note, struct term *ret)
{
	char *copy = mem_strdup(NULL, note);
	struct term term = { 0 };
	bool sound = parse_split(copy, &term);

	if (sound)
		*ret = term;
	talloc_free(copy);
	return sound;
}

/* The two largest units of it: "1h12m". */
static char *duration_text(const void *ctx, int64_t ms)
{
	int64_t seconds = (ms + 999) / 1000;
	char *text = mem_strdup(ctx, "");
	size_t shown = 0;

	for (size_t i = 0; i < UNITS && shown < 2; i++) {
		if (seconds / units[i].seconds || (i == UNITS - 1 && !*text)) {
			text = mem_append(ctx, text, "%" PRId64 "%c",
					  seconds / units[i].seconds, units[i].letter);
			seconds %= units[i].seconds;
		}
		shown += *text != '\0';
	}
	return text;
}

char *term_text(const void *ctx, const struct term *term, const struct term_now *now)
{
	if (term->kind == TERM_NONE)
		return NULL;
	if (term->kind == TERM_STOP)
		return mem_strdup(ctx, "until stop");
	return mem_printf(ctx, "expires in %s", duration_text(ctx, term_left_ms(term, now)));
}

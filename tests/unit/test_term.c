/* SPDX-License-Identifier: ISC */
/* Terms: what is over by clocks that are set, that stop, and that begin again. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "confgen/term.h"
#include "tests/unit/random.h"

#define BOOT "c0ffee00-0000-4000-8000-00000000b007"
#define OTHER_BOOT "c0ffee00-0000-4000-8000-00000000b008"

static const int64_t second = 1000, minute = 60 * 1000, hour = 3600 * 1000, day = 24 * 3600 * 1000;

/* An hour after boot, on the 31st of January 2026 at noon. */
static const struct term_now start = { 3600 * 1000, INT64_C(1769860800000), BOOT };

/* START, later by BOOT_MS of uptime and by DATE_MS of the calendar. */
static struct term_now later(int64_t boot_ms, int64_t date_ms)
{
	struct term_now now = start;

	now.boot_ms += boot_ms;
	now.date_ms += date_ms;
	return now;
}

static struct term_now rebooted(int64_t boot_ms, int64_t date_ms)
{
	struct term_now now = later(0, date_ms);

	now.boot_ms = boot_ms;
	strcpy(now.boot, OTHER_BOOT);
	return now;
}

static bool over(const struct term *term, struct term_now now)
{
	bool is = term_over(term, &now, -1);

	assert_int_equal(is, term_left_ms(term, &now) == 0);
	return is;
}

/* The time since boot: the date is nothing to it, and sleep is time. */
static void test_boot(void **state)
{
	const struct term term = term_for(&start, 2 * hour, false);

	(void)state;
	assert_int_equal(term.kind, TERM_BOOT);
	assert_false(over(&term, start));
	assert_false(over(&term, later(2 * hour - 1, 2 * hour - 1)));
	assert_true(over(&term, later(2 * hour, 2 * hour)));
	assert_true(over(&term, later(9 * hour, 9 * hour)));
	assert_false(over(&term, later(hour, -day)));	    /* somebody set the clock back */
	assert_false(over(&term, later(hour, 400 * day)));  /* or forward */
	assert_true(over(&term, later(3 * hour, 0)));	    /* slept, and the date was set back */
	assert_true(over(&term, rebooted(0, minute)));
	assert_true(over(&term, rebooted(start.boot_ms + minute, minute)));
	assert_true(over(&term, later(-1, 0))); /* which this boot has not seen yet */
	struct term_now unknown = start;
	*unknown.boot = '\0';
	assert_true(over(&term, unknown));
	assert_true(over(&(struct term){ .kind = TERM_BOOT, .until_ms = INT64_MAX }, unknown));
}

/* The date: it goes on over a boot, and one before the birth is none to go by. */
static void test_date(void **state)
{
	const struct term term = term_for(&start, 2 * day, true);

	(void)state;
	assert_int_equal(term.kind, TERM_DATE);
	assert_false(over(&term, start));
	assert_false(over(&term, later(minute, 2 * day - 1)));
	assert_true(over(&term, later(minute, 2 * day)));
	assert_false(over(&term, rebooted(0, day)));
	assert_true(over(&term, rebooted(0, 2 * day)));
	assert_true(over(&term, later(minute, -1)));
	assert_true(over(&term, rebooted(0, -start.date_ms))); /* 1970: its battery is empty */
	assert_false(over(&term, later(9 * day, day))); /* the date alone counts */
}

/* The VM that runs: another number, or another boot, is another start. */
static void test_stop(void **state)
{
	const struct term term = term_until_stop(&start, 7);
	const struct term_now long_after = later(999 * day, -999 * day);
	const struct term_now boot = rebooted(0, 0);
	struct term_now unknown = start;

	(void)state;
	assert_false(term_over(&term, &start, 7));
	assert_false(term_over(&term, &long_after, 7));
	assert_true(term_over(&term, &start, 8));
	assert_true(term_over(&term, &start, 6));
	assert_true(term_over(&term, &start, -1));
	assert_true(term_over(&term, &boot, 7));
	*unknown.boot = '\0';
	assert_true(term_over(&(struct term){ .kind = TERM_STOP, .id = 7 }, &unknown, 7));
	const struct term off = term_until_stop(&start, -1);
	assert_true(term_over(&off, &start, -1));
	assert_int_equal(term_left_ms(&term, &start), -1);
}

static void test_none(void **state)
{
	const struct term none = { 0 }, lost = { .kind = TERM_LOST };

	(void)state;
	assert_false(term_over(&none, &start, -1));
	assert_int_equal(term_left_ms(&none, &start), -1);
	assert_true(over(&lost, start));
	assert_null(term_note(NULL, &none));
	assert_null(term_text(NULL, &none, &start));
	assert_null(term_until_text(NULL, &none, &start));
}

static void test_outlasts(void **state)
{
	const struct term none = { 0 }, stop = term_until_stop(&start, 7);
	const struct term two = term_for(&start, 2 * hour, false);
	const struct term_now then = later(hour, hour), boot = rebooted(0, 0);
	const struct term less = term_for(&then, hour - 1, false);
	const struct term more = term_for(&then, hour + 1, false);
	const struct term date = term_for(&start, 2 * hour, true);
	const struct term early = term_for(&start, hour, true);
	const struct term again = term_for(&boot, hour, false);

	(void)state;
	assert_true(term_outlasts(&none, &two));
	assert_true(term_outlasts(&none, &stop));
	assert_false(term_outlasts(&two, &none));
	assert_false(term_outlasts(&none, &none));
	assert_false(term_outlasts(&two, &two));
	assert_false(term_outlasts(&less, &two));
	assert_true(term_outlasts(&more, &two));
	assert_true(term_outlasts(&date, &early));
	assert_false(term_outlasts(&early, &date));
	/* What cannot be compared may. */
	assert_true(term_outlasts(&stop, &two));
	assert_true(term_outlasts(&two, &stop));
	assert_true(term_outlasts(&date, &two));
	assert_true(term_outlasts(&two, &date));
	assert_true(term_outlasts(&again, &two));
}

static void test_duration(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = {
		{ "1s", 1 },	   { "90m", 5400 },	   { "1h30m", 5400 },	{ "2d", 172800 },
		{ "1w", 604800 },  { "1w1d1h1m1s", 694861 }, { "0h1s", 1 },	{ "007m", 420 },
		{ "520w", 314496000 }, { "36h", 129600 },  { "314496000s", 314496000 },
	};
	static const char *const bad[] = {
		"",    " ",   "0",    "2",    "s",    "0s",   "-1h",  "+1h",  "1.5h",	  "1,5h",
		"1H",  "1x",  "2hm",  "1m1h", "1h1h", "1h 1m", " 1h", "1h ",  "1h\n",	  "h1",
		"1hh", "521w", "520w1s", "314496001s", "1000000000s", "99999999999999999999w",
		"1year", "1ms", "0x1h", "tomorrow", "1h30", "\xc2\xb2h",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int64_t ms = -1;

		assert_null(term_parse_duration(good[i].text, &ms));
		assert_int_equal(ms, good[i].seconds * 1000);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int64_t ms = -1;
		struct fault *fault = term_parse_duration(bad[i], &ms);

		if (!fault)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(fault->status, FAULT_USAGE);
		assert_int_equal(ms, -1);
		talloc_free(fault);
	}
}

/* What a note says is what was written, and what nobody wrote does not last. */
static void test_notes(void **state)
{
	static const char *const lost[] = {
		"until=", "until=x", "until=lost", "until=-1 since=0 boot=" BOOT, "until=stop",
		"until=5 since=4", "until=5 boot=" BOOT, "until=5 since=4 boot=",
		"until=5 since=4 boot=x", "until=5 since=4 boot=" BOOT "0",
		"until=5 since=4 boot=C0FFEE00-0000-4000-8000-00000000B007",
		"until=4 since=5 boot=" BOOT, "until=05 since=4 boot=" BOOT,
		"until=5  since=4 boot=" BOOT, "until=5 since=4 boot=" BOOT " ",
		"until=5 since=4 boot=" BOOT " x=1", "until=9223372036854775808 since=4 boot=" BOOT,
		"until=stop domain= boot=" BOOT, "until=stop domain=-1 boot=" BOOT,
		"until=stop domain=4294967297 boot=" BOOT, "until=stop domain=7 boot=" BOOT "\n",
		"until=stop domain=7", "until=2026-01-31T12:00:00.000Z",
		"until=2026-01-31 since=2026-01-30", "until=2026-01-31T12:00:00Z since=2026-01-30T12:00:00Z",
		"until=2026-01-30T12:00:00.000Z since=2026-01-31T12:00:00.000Z",
		"until=2026-02-31T12:00:00.000Z since=2026-01-31T12:00:00.000Z",
		"until=2026-01-31T24:00:00.000Z since=2026-01-31T12:00:00.000Z",
		"until=2026-01-31T12:00:00.0000Z since=2026-01-30T12:00:00.000Z",
		"until=2026-01-31T12:00:00.000+01 since=2026-01-30T12:00:00.000Z",
		"until=1969-01-31T12:00:00.000Z since=1968-01-30T12:00:00.000Z",
		"until=forever since=4 boot=" BOOT,
	};
	struct term term;

	(void)state;
	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		memset(&term, 1, sizeof(term));
		assert_true(term_parse_note(lost[i], &term));
		if (term.kind != TERM_LOST)
			fail_msg("'%s' was taken", lost[i]);
		assert_true(over(&term, start));
	}
	assert_false(term_parse_note("", &term));
	assert_false(term_parse_note("owner=1000", &term));
	assert_false(term_parse_note(" until=5", &term));
	assert_true(term_parse_note("until=5 since=4 boot=" BOOT, &term));
	assert_int_equal(term.kind, TERM_BOOT);
	assert_true(term_parse_note("until=stop domain=7 boot=" BOOT, &term));
	assert_int_equal(term.kind, TERM_STOP);
	assert_true(term_parse_note("until=2026-01-31T12:00:00.250Z since=2026-01-30T12:00:00.999Z",
				    &term));
	assert_int_equal(term.kind, TERM_DATE);
	assert_int_equal(term.until_ms, start.date_ms + 250);
	assert_int_equal(term.since_ms, start.date_ms - day + 999);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct term_now now = later((int64_t)random_below(1u << 31), (int64_t)random_below(1u << 31));
		int64_t ms = (int64_t)(1 + random_below(1u << 30)) * second / (one_in(2) ? 7 : 1);
		struct term term = one_in(3) ? term_until_stop(&now, (int)random_below(1u << 31)) :
					       term_for(&now, ms, one_in(2)), back;
		char *note = term_note(NULL, &term), *spoilt;

		assert_true(term_parse_note(note, &back));
		assert_true(term_same(&term, &back));
		assert_false(term_over(&back, &now, term.id));
		/* One byte less, or another one, and it is another term or none. */
		size_t at = 6 + random_below(strlen(note) - 6);
		spoilt = mem_printf(note, "%.*s%s%s", (int)at, note, one_in(2) ? "" : "x",
				    note + at + 1);
		assert_true(term_parse_note(spoilt, &back));
		assert_false(term_same(&term, &back));
		talloc_free(note);
	}
}

static void gives_text(int64_t ms, const char *wanted)
{
	const struct term term = term_for(&start, ms, one_in(2));
	char *text = term_text(NULL, &term, &start);

	assert_int_equal(strncmp(text, "expires in ", 11), 0);
	assert_string_equal(text + 11, wanted);
	talloc_free(text);
}

static void test_text(void **state)
{
	const struct term stop = term_until_stop(&start, 7);
	const struct term boot = term_for(&start, hour, false), date = term_for(&start, day, true);
	const struct term_now then = later(minute, minute);
	void *ctx = talloc_new(NULL);

	(void)state;
	gives_text(1, "1s");
	gives_text(999, "1s");
	gives_text(second + 1, "2s");
	gives_text(59 * second, "59s");
	gives_text(59 * second + 1, "1m");
	gives_text(90 * second, "1m30s");
	gives_text(59 * minute + 59 * second + 1, "1h");
	gives_text(72 * minute, "1h12m");
	gives_text(72 * minute - 1, "1h12m");
	gives_text(71 * minute, "1h11m");
	gives_text(71 * minute + 1, "1h12m");
	gives_text(2 * hour, "2h");
	gives_text(2 * hour - 1, "2h");
	gives_text(24 * hour - 1, "1d");
	gives_text(25 * hour, "1d1h");
	gives_text(24 * hour + minute, "1d1h");
	gives_text(7 * day - 1, "1w");
	gives_text(13 * day, "1w6d");
	gives_text(520 * 7 * day, "520w");
	assert_string_equal(term_text(ctx, &stop, &start), "until stop");
	assert_string_equal(term_until_text(ctx, &stop, &start), "stop");
	assert_string_equal(term_until_text(ctx, &date, &then), "2026-02-01T12:00:00Z");
	assert_string_equal(term_until_text(ctx, &boot, &then), "2026-01-31T13:00:00Z");
	talloc_free(ctx);
}

/* The real clocks: a term that begins now lasts, and so it does when it is read again. */
static void test_now(void **state)
{
	const struct term_now now = term_now(), then = term_now();
	const struct term terms[] = { term_for(&now, hour, false), term_for(&now, hour, true),
				      term_until_stop(&now, 1) };
	struct term back;

	(void)state;
	assert_int_equal(strlen(now.boot), TERM_BOOT_ID);
	assert_string_equal(now.boot, then.boot);
	assert_true(now.boot_ms > 0 && then.boot_ms >= now.boot_ms);
	assert_true(now.date_ms > INT64_C(1700000000000));
	for (size_t i = 0; i < 3; i++) {
		char *note = term_note(NULL, &terms[i]);

		assert_true(term_parse_note(note, &back));
		assert_true(term_same(&terms[i], &back));
		assert_false(term_over(&back, &then, 1));
		talloc_free(note);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),	   cmocka_unit_test(test_date),
		cmocka_unit_test(test_stop),	   cmocka_unit_test(test_none),
		cmocka_unit_test(test_outlasts),   cmocka_unit_test(test_duration),
		cmocka_unit_test(test_notes),	   cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_text),	   cmocka_unit_test(test_now),
	};

	random_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

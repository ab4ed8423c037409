/* SPDX-License-Identifier: ISC */
/* The line of a neighbour: printed as documented, parsed only as printed. */
#include "tests/unit/unit.h"

#include <string.h>
#include <time.h>

#include "common/memory.h"
#include "scanner/neighbour.h"

static const struct neighbour heard = {
	.mac = { { 0x52, 0x54, 0, 0xab, 0xcd, 0xef } },
	.ip = { 0 },
};

static struct neighbour sample(enum neighbour_event event, int64_t time_ms)
{
	struct neighbour ret = heard;

	ret.event = event;
	ret.time_ms = time_ms;
	ip_parse(event == NEIGHBOUR_LINK ? "0.0.0.0" : "172.16.10.5", &ret.ip);
	return ret;
}

static void check_line_of(const struct neighbour *sample, const char *wanted)
{
	enum neighbour_event event = sample->event;
	int64_t time_ms = sample->time_ms;
	struct neighbour neighbour = *sample, again;
	char *line = neighbour_line(NULL, &neighbour);

	assert_string_equal(line, wanted);
	assert_true(strlen(line) < NEIGHBOUR_LINE_MAX);
	assert_null(neighbour_parse(line, &again));
	assert_int_equal(again.event, event);
	assert_int_equal(again.ip.s_addr, neighbour.ip.s_addr);
	assert_true(mac_equal(again.mac, neighbour.mac));
	assert_int_equal(again.time_ms, event == NEIGHBOUR_HEARD ? 0 : time_ms);
	assert_string_equal(again.port, neighbour.port);
	talloc_free(line);
}

static void check_line(enum neighbour_event event, int64_t time_ms, const char *wanted)
{
	struct neighbour neighbour = sample(event, time_ms);

	check_line_of(&neighbour, wanted);
}

/* What it is with a port more. */
static void check_port(enum neighbour_event event, const char *port, const char *wanted)
{
	struct neighbour neighbour = sample(event, 1769860800123);

	strcpy(neighbour.port, port);
	check_line_of(&neighbour, wanted);
}

static void test_ports(void **state)
{
	(void)state;
	check_port(NEIGHBOUR_HEARD, "vnet3", "172.16.10.5\t52:54:00:ab:cd:ef\tvnet3");
	/* A name of as many bytes as the kernel allows, in the longest line there is. */
	check_port(NEIGHBOUR_CONTESTED, "fifteen-bytes-x",
		   "172.16.10.5\t52:54:00:ab:cd:ef\tcontested\t2026-01-31T12:00:00.123Z\t"
		   "fifteen-bytes-x");
	check_port(NEIGHBOUR_LINK, "vnet3",
		   "-\t52:54:00:ab:cd:ef\tlink\t2026-01-31T12:00:00.123Z\tvnet3");
	/* Names that look like something else are names: it is the place that counts. */
	check_port(NEIGHBOUR_HEARD, "new", "172.16.10.5\t52:54:00:ab:cd:ef\tnew");
	check_port(NEIGHBOUR_HEARD, "!\"#\\~", "172.16.10.5\t52:54:00:ab:cd:ef\t!\"#\\~");
	assert_false(neighbour_port_is_sound(""));
	assert_false(neighbour_port_is_sound("sixteen-bytes-xy"));
	assert_false(neighbour_port_is_sound("a/b"));
	assert_false(neighbour_port_is_sound("a b"));
	assert_false(neighbour_port_is_sound("a\x7f"));
	assert_false(neighbour_port_is_sound("\xc3\xa4"));
}

static void test_lines(void **state)
{
	(void)state;
	check_line(NEIGHBOUR_HEARD, 5, "172.16.10.5\t52:54:00:ab:cd:ef");
	check_line(NEIGHBOUR_NEW, 0,
		   "172.16.10.5\t52:54:00:ab:cd:ef\tnew\t1970-01-01T00:00:00.000Z");
	check_line(NEIGHBOUR_MOVED, 951782399999,
		   "172.16.10.5\t52:54:00:ab:cd:ef\tmoved\t2000-02-28T23:59:59.999Z");
	check_line(NEIGHBOUR_CONTESTED, 951782400000,
		   "172.16.10.5\t52:54:00:ab:cd:ef\tcontested\t2000-02-29T00:00:00.000Z");
	check_line(NEIGHBOUR_GONE, 1769860800123,
		   "172.16.10.5\t52:54:00:ab:cd:ef\tgone\t2026-01-31T12:00:00.123Z");
	check_line(NEIGHBOUR_LINK, 253402300799999,
		   "-\t52:54:00:ab:cd:ef\tlink\t9999-12-31T23:59:59.999Z");
}

/* Against the C library, over 400 years in steps that meet every hour and weekday. */
static void test_times(void **state)
{
	char text[NEIGHBOUR_TIME], wanted[32];

	(void)state;
	for (int64_t second = 0; second < 400 * INT64_C(31556952); second += 86399 * 3 + 7) {
		time_t at = (time_t)second;
		struct tm tm;

		gmtime_r(&at, &tm);
		strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.042Z", &tm);
		assert_string_equal(neighbour_time(second * 1000 + 42, text), wanted);
	}
	assert_string_equal(neighbour_time(INT64_MAX, text), "9999-12-31T23:59:59.999Z");
	assert_string_equal(neighbour_time(-1, text), "1970-01-01T00:00:00.000Z");
}

static void test_refused(void **state)
{
	static const char *const lines[] = {
		"", "\t", "172.16.10.5", "172.16.10.5\t", "172.16.10.5 52:54:00:ab:cd:ef",
		"172.16.10.5\t52:54:00:ab:cd:ef\t", "172.16.10.5\t52:54:00:ab:cd:ef\tnew\t",
		"172.16.10.5\t52:54:00:ab:cd:ef\ta/b", "172.16.10.5\t52:54:00:ab:cd:ef\ta b",
		"172.16.10.5\t52:54:00:ab:cd:ef\tsixteen-bytes-xy",
		"172.16.10.5\t52:54:00:ab:cd:ef\tv\x7f", "172.16.10.5\t52:54:00:ab:cd:ef\tv\xe4",
		"172.16.10.5\t52:54:00:ab:cd:ef\tv\x1b[1m",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.123Z\tsixteen-bytes-xy",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.123Z\ta/b",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.123Z\tv\t",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.123Z\tv\tw",
		"-\t52:54:00:ab:cd:ef\tvnet3",
		"172.16.10.5\t52:54:00:ab:cd:ef\t\t", "bridge gone",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.123Z\t",
		"172.16.10.5\t52:54:00:ab:cd:ef\tNEW\t2026-01-31T12:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnews\t2026-01-31T12:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.123",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31 12:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-02-29T12:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-13-01T12:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-00T12:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T24:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t1969-12-31T12:00:00.123Z",
		"172.16.10.5\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.12xZ",
		"172.16.10.5\t52:54:00:ab:cd:ef\tlink\t2026-01-31T12:00:00.123Z",
		"-\t52:54:00:ab:cd:ef", "-\t52:54:00:ab:cd:ef\tnew\t2026-01-31T12:00:00.123Z",
		"172.16.10.256\t52:54:00:ab:cd:ef", " 172.16.10.5\t52:54:00:ab:cd:ef",
		"172.16.10.5\t52:54:00:ab:cd", "172.16.10.5\t52:54:00:ab:cd:ef\n",
		"172.16.10.5\t52-54-00-ab-cd-ef", "172.16.10.5\t\t52:54:00:ab:cd:ef",
		"172.16.10.5\t52:54:00:ab:cd:ef xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct neighbour ret = sample(NEIGHBOUR_GONE, 7);
		struct fault *f = neighbour_parse(lines[i], &ret);

		if (!f)
			fail_msg("taken: '%s'", lines[i]);
		assert_int_equal(f->status, FAULT_FAILED);
		assert_int_equal(ret.time_ms, 7);
		talloc_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

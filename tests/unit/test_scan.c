/* SPDX-License-Identifier: ISC */
/* The lines of a scanner as a loop reads them: whole, in order, and never waited for. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "hub/scan.h"

enum { SOON_MS = 60000 };

#define TIME "2026-01-31T12:00:00.000Z"

static char scanner[] = "/tmp/hubshare-scan-XXXXXX";

/* A program that says SAID and then does AFTER, started as the scanner of a watch. */
static struct scan *start(const char *said, const char *after)
{
	struct settings settings = { .scanner = scanner, .bridge = "br-hub",
				     .network = "172.16.10.0/24", .gate = "on" };
	FILE *file = fopen(scanner, "we");
	struct scan *scan;

	fprintf(file, "#!/bin/sh\nprintf '%s'\n%s\n", said, after);
	fchmod(fileno(file), 0700);
	assert_int_equal(fclose(file), 0);
	assert_null(scan_start(NULL, &settings, SCAN_WATCH, NULL, 0, &scan));
	return scan;
}

/* The next neighbour, waiting for more output wherever there is none yet; false: the end. */
static bool awaited(struct scan *scan, struct neighbour *ret, struct fault **ret_fault)
{
	struct pollfd poller = { .fd = scan_descriptor(scan), .events = POLLIN };
	bool got, more;

	while (!(*ret_fault = scan_ready(scan, ret, &got, &more)) && more && !got)
		assert_int_equal(poll(&poller, 1, SOON_MS), 1);
	return got;
}

/* All at once, with lines of other networks between; nothing is left over and nothing lost. */
static void test_lines(void **state)
{
	struct scan *scan = start("172.16.10.5\\t52:54:00:00:00:0a\\tnew\\t" TIME "\\tvnet3\\n"
				  "10.0.0.1\\t52:54:00:00:00:0b\\tnew\\t" TIME "\\n"
				  "-\\t52:54:00:00:00:0c\\tlink\\t" TIME "\\n",
				  "exec sleep 1000");
	struct neighbour neighbour;
	struct fault *fault;
	bool got, more;

	(void)state;
	assert_true(awaited(scan, &neighbour, &fault));
	assert_string_equal(IP_TEXT(neighbour.ip), "172.16.10.5");
	assert_string_equal(neighbour.port, "vnet3");
	assert_true(awaited(scan, &neighbour, &fault));
	assert_int_equal(neighbour.event, NEIGHBOUR_LINK);
	assert_string_equal(neighbour.port, "");
	assert_null(scan_ready(scan, &neighbour, &got, &more));
	assert_false(got);
	assert_true(more);
	talloc_free(scan);
}

static void test_end(void **state)
{
	struct scan *scan = start("bridge gone\\n", "echo it is gone >&2; exit 7");
	struct neighbour neighbour;
	struct fault *fault;

	(void)state;
	assert_false(awaited(scan, &neighbour, &fault));
	assert_int_equal(fault->status, FAULT_UNREACHABLE);
	talloc_free(fault);
	talloc_free(scan);
	scan = start("", "exit 0");
	assert_false(awaited(scan, &neighbour, &fault));
	assert_null(fault);
	talloc_free(scan);
	scan = start("nonsense\\n", "exec sleep 1000");
	assert_false(awaited(scan, &neighbour, &fault));
	assert_int_equal(fault->status, FAULT_FAILED);
	talloc_free(fault);
	talloc_free(scan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_end),
	};
	int fd = mkstemp(scanner), failed;

	alarm(SOON_MS / 1000 * 3);
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(scanner);
	return failed;
}

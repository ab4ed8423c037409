/* SPDX-License-Identifier: ISC */
/* Other programs: what they print, how they end, and that nobody is waited for without end. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"

enum { SOON_MS = 60000 };

static struct fault *run_shell(const char *script, int timeout_ms, char **ret, int *ret_status)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return process_run(NULL, argv, timeout_ms, ret, ret_status);
}

static void test_run(void **state)
{
	char *output = NULL;
	int status = -1;

	(void)state;
	assert_null(run_shell("echo one; echo two; exit 5", SOON_MS, &output, &status));
	assert_string_equal(output, "one\ntwo\n");
	assert_int_equal(status, 5);
	talloc_free(output);
	assert_null(run_shell("kill -9 $$", SOON_MS, &output, &status));
	assert_int_equal(status, 128 + 9);
	talloc_free(output);
}

/* Also one that has closed its output, and goes on. */
static void test_silent(void **state)
{
	static const char *const scripts[] = { "exec sleep 1000", "exec sleep 1000 >&-" };

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		int64_t begun = clock_ms();
		char *output = NULL;
		int status = -1;
		struct fault *fault = run_shell(scripts[i], 100, &output, &status);

		assert_non_null(fault);
		assert_int_equal(fault->status, FAULT_TIMEOUT);
		assert_true(clock_ms() - begun < SOON_MS);
		talloc_free(fault);
		assert_int_equal(waitpid(-1, &status, 0), -1); /* nobody is left */
		assert_int_equal(errno, ECHILD);
	}
}

static void test_ended(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(3);
	assert_true(process_ended(pid, clock_ms() + SOON_MS, &status));
	assert_int_equal(WEXITSTATUS(status), 3);
	if ((pid = fork()) == 0)
		for (;;)
			pause();
	assert_false(process_ended(pid, clock_ms() + 10, &status));
	assert_int_equal(waitpid(-1, &status, 0), -1);
	assert_int_equal(errno, ECHILD);
}

/* The next line, waiting for more output wherever there is none yet. */
static char *line_awaited(struct process *process, bool *ret_more)
{
	struct pollfd poller = { .fd = process_descriptor(process), .events = POLLIN };
	char *line;

	for (;;) {
		assert_null(process_line_ready(process, process, &line, ret_more));
		if (line || !*ret_more)
			return line;
		assert_int_equal(poll(&poller, 1, SOON_MS), 1);
	}
}

/* A line is had once it is whole; until then nobody waits. */
static void test_line_ready(void **state)
{
	char fifo[] = "/tmp/hubshare-process-XXXXXX", script[128], *line;
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct process *process;
	bool more;

	(void)state;
	assert_non_null(mkdtemp(fifo));
	assert_int_equal(rmdir(fifo), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	snprintf(script, sizeof(script), "printf 'one\\ntwo\\nth'; read x <%s; printf 'ree\\nend'", fifo);
	assert_null(process_start(NULL, argv, &process));
	assert_string_equal(line_awaited(process, &more), "one");
	assert_string_equal(line_awaited(process, &more), "two");
	/* What was read holds no whole line, and the program waits. */
	assert_null(process_line_ready(process, process, &line, &more));
	assert_null(line);
	assert_true(more);
	int end = open(fifo, O_WRONLY);
	assert_int_equal(write(end, "\n", 1), 1);
	close(end);
	assert_string_equal(line_awaited(process, &more), "three");
	assert_string_equal(line_awaited(process, &more), "end");
	assert_true(more);
	assert_null(line_awaited(process, &more));
	assert_false(more);
	assert_null(process_end(process));
	talloc_free(process);
	unlink(fifo);
}

/* What is told is read to its end; what goes wrong is said. */
static void test_tell(void **state)
{
	const char *const reads[] = { "sh", "-c", "x=$(cat); yes | head -c 300000; test \"$x\" = 'two words'",
				      NULL };
	const char *const deaf[] = { "sh", "-c", "read x && echo $x >&2; exit 9", NULL };
	const char *const nothing[] = { "/no/such/program", NULL };
	char *huge = mem_array(NULL, char, 70000);
	struct fault *fault;

	(void)state;
	assert_null(process_tell(reads, "two words\n", SOON_MS));
	assert_non_null(fault = process_tell(reads, "other\n", SOON_MS));
	talloc_free(fault);
	fault = process_tell(deaf, "a complaint\n", SOON_MS);
	assert_int_equal(fault->status, FAULT_FAILED);
	assert_string_equal(fault->text, "a complaint");
	talloc_free(fault);
	assert_non_null(fault = process_tell(deaf, NULL, SOON_MS));
	talloc_free(fault);
	fault = process_tell(nothing, "x\n", SOON_MS);
	assert_int_equal(fault->status, FAULT_UNREACHABLE);
	talloc_free(fault);
	memset(huge, 'x', 69999);
	assert_non_null(fault = process_tell(reads, huge, SOON_MS));
	talloc_free(fault);
	talloc_free(huge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_line_ready),
		cmocka_unit_test(test_tell),
	};

	alarm(SOON_MS / 1000 * 3);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

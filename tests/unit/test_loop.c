/* SPDX-License-Identifier: ISC */
/* The event loop: descriptors, timers, signals, children; and what frees itself meanwhile. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "hub/loop.h"

enum { SOON_MS = 60000 };

/* What is called, in order, a letter each; the loop stops when it is as long as is wanted. */
struct diary {
	struct loop *loop;
	char text[16];
	size_t wanted;
	struct source *source; /* freed by the letter that is called next */
	int fd, status, other_status;
};

static struct diary *diary_new(size_t wanted)
{
	struct diary *diary = mem_new(NULL, struct diary);

	assert_null(loop_new(diary, &diary->loop));
	diary->wanted = wanted;
	return diary;
}

static void write_letter(struct diary *diary, char letter)
{
	size_t length = strlen(diary->text);

	diary->text[length] = letter;
	if (length + 1 >= diary->wanted)
		loop_stop(diary->loop);
	TALLOC_FREE(diary->source);
}

static void a(void *arg) { write_letter(arg, 'a'); }
static void b(void *arg) { write_letter(arg, 'b'); }
static void c(void *arg) { write_letter(arg, 'c'); }

static void read_byte(void *arg)
{
	struct diary *diary = arg;
	char byte;

	write_letter(diary, read(diary->fd, &byte, 1) == 1 ? byte : '.');
}

static void test_read(void **state)
{
	struct diary *diary = diary_new(3);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	diary->fd = ends[0];
	struct source *source = loop_read(diary, diary->loop, ends[0], read_byte, diary);
	assert_int_equal(write(ends[1], "xy", 2), 2);
	close(ends[1]); /* the end is something to read, too */
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "xy.");
	talloc_free(source);
	close(ends[0]);
	talloc_free(diary);
}

static void test_write(void **state)
{
	struct diary *diary = diary_new(2);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	loop_write(diary, diary->loop, ends[1], a, diary);
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "aa");
	talloc_free(diary);
	close(ends[0]);
	close(ends[1]);
}

/* By their times, whatever the order they were made in; one that is freed never. */
static void test_timers(void **state)
{
	struct diary *diary = diary_new(3);
	int64_t now_ms = clock_ms();

	(void)state;
	loop_timer(diary, diary->loop, now_ms + 40, c, diary);
	loop_timer(diary, diary->loop, now_ms - 1000, a, diary);
	loop_timer(diary, diary->loop, now_ms + 20, b, diary);
	talloc_free(loop_timer(diary, diary->loop, now_ms + 1, b, diary));
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "abc");
	assert_true(clock_ms() >= now_ms + 40);
	talloc_free(diary);
}

/* A timer that sets itself again at once leaves time for others. */
static void again(void *arg)
{
	struct diary *diary = arg;

	if (strlen(diary->text) < diary->wanted)
		loop_timer(diary, diary->loop, 0, again, diary);
	if (strlen(diary->text) < diary->wanted)
		write_letter(diary, 'a');
}

static void test_timer_again(void **state)
{
	struct diary *diary = diary_new(8);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[1]); /* there is something to read all the time */
	diary->fd = ends[0];
	loop_timer(diary, diary->loop, 0, again, diary);
	loop_read(diary, diary->loop, ends[0], read_byte, diary);
	assert_null(loop_run(diary->loop));
	assert_non_null(strchr(diary->text, 'a'));
	assert_null(strstr(diary->text, "aaa"));
	talloc_free(diary);
	close(ends[0]);
}

static void test_clocks(void **state)
{
	struct diary *diary = diary_new(2);

	(void)state;
	loop_timer_date(diary, diary->loop, (int64_t)time(NULL) * 1000 - 5000, a, diary);
	loop_timer_boot(diary, diary->loop, clock_boot_ms() + 30, b, diary);
	loop_timer_date(diary, diary->loop, (int64_t)time(NULL) * 1000 + 3600000, c, diary);
	loop_timer_boot(diary, diary->loop, clock_boot_ms() + 3600000, c, diary);
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "ab");
	talloc_free(diary);
}

/* A function frees its own source, or another one that is due. */
static void test_free_inside(void **state)
{
	struct diary *diary = diary_new(2);

	(void)state;
	loop_timer(diary, diary->loop, clock_ms() + 20, c, diary);
	diary->source = loop_timer(diary, diary->loop, 1, a, diary);
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "ac");
	memset(diary->text, 0, sizeof(diary->text));
	diary->source = loop_timer(diary, diary->loop, 1, a, diary);
	loop_timer(diary, diary->loop, 1, b, diary); /* called first: the newest is */
	loop_timer(diary, diary->loop, clock_ms() + 20, c, diary);
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "bc");
	talloc_free(diary);
}

static void test_signal(void **state)
{
	struct diary *diary = diary_new(1);

	(void)state;
	struct source *source = loop_signal(diary, diary->loop, SIGUSR1, a, diary);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "a");
	talloc_free(source);
	talloc_free(diary);
}

static void ended(void *arg, int status)
{
	struct diary *diary = arg;

	diary->status = status;
	write_letter(diary, 'e');
}

static void other_ended(void *arg, int status)
{
	struct diary *diary = arg;

	diary->other_status = status;
	write_letter(diary, 'o');
}

static pid_t child_of_status(int status)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	return pid;
}

/* Each child is told of once, by its own source, also one that had ended before. */
static void test_children(void **state)
{
	struct diary *diary = diary_new(2);
	pid_t dead = child_of_status(3), pid = child_of_status(4);
	siginfo_t info;

	(void)state;
	assert_int_equal(waitid(P_PID, (id_t)dead, &info, WEXITED | WNOWAIT), 0);
	loop_child(diary, diary->loop, dead, other_ended, diary);
	loop_child(diary, diary->loop, pid, ended, diary);
	assert_null(loop_run(diary->loop));
	assert_int_equal(WEXITSTATUS(diary->status), 4);
	assert_int_equal(WEXITSTATUS(diary->other_status), 3);
	assert_non_null(strchr(diary->text, 'e'));
	assert_non_null(strchr(diary->text, 'o'));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* both are reaped */
	talloc_free(diary);
}

/* What a forked child does with its copy is not noticed; signals end it as before. */
static void test_forked(void **state)
{
	struct diary *diary = diary_new(1);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	diary->fd = ends[0];
	loop_read(diary, diary->loop, ends[0], read_byte, diary);
	loop_timer(diary, diary->loop, clock_ms() + 3600000, a, diary);
	loop_signal(diary, diary->loop, SIGTERM, a, diary);
	pid_t pid = fork();
	if (pid == 0) {
		talloc_free(diary->loop);
		raise(SIGTERM);
		_exit(7);
	}
	loop_child(diary, diary->loop, pid, ended, diary);
	assert_null(loop_run(diary->loop));
	assert_true(WIFSIGNALED(diary->status));
	assert_string_equal(diary->text, "e");
	diary->wanted = 2;
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_null(loop_run(diary->loop));
	assert_string_equal(diary->text, "ex");
	talloc_free(diary);
	close(ends[0]);
	close(ends[1]);
}

/* Sources may outlive their loop, and never speak again. */
static void test_loop_first(void **state)
{
	struct diary *diary = diary_new(1);
	struct source *timer = loop_timer(NULL, diary->loop, clock_ms() + 5, a, diary);
	struct source *signal = loop_signal(NULL, diary->loop, SIGUSR1, a, diary);

	(void)state;
	talloc_free(diary);
	talloc_free(timer);
	talloc_free(signal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_timer_again),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_free_inside),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_forked),
		cmocka_unit_test(test_loop_first),
	};

	alarm(SOON_MS / 1000 * 3);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

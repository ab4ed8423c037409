/* SPDX-License-Identifier: ISC */
/* The feed: everybody hears everything in whole lines, and nobody holds the service up. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "service/feed.h"
#include "service/feed_parts.h"
#include "service/socket.h"

enum { SOON_S = 120, BURST = 1000, MANY = 5000, READERS = 16 };

/* A root of its own, the service's loop, and its feed. */
struct scene {
	char root[64];
	struct settings settings;
	struct loop *loop;
	struct feed *feed;
	int changes;
};

static struct scene *scene_new(void)
{
	struct scene *scene = mem_new(NULL, struct scene);

	strcpy(scene->root, "/tmp/hubshare-feed-XXXXXX");
	assert_non_null(mkdtemp(scene->root));
	scene->settings = (struct settings){ .root = scene->root, .group = "no such group" };
	assert_null(loop_new(scene, &scene->loop));
	return scene;
}

static void scene_end(struct scene *scene)
{
	static const char *const names[] = { "/run/hubshare/events", "/run/hubshare/events.new",
					     "/run/hubshare/lock", "/run/hubshare", "/run", "" };

	TALLOC_FREE(scene->feed);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		remove(settings_path(scene, &scene->settings, names[i]));
	assert_int_equal(access(scene->root, F_OK), -1); /* nothing else was made */
	talloc_free(scene);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void pump(struct scene *scene)
{
	struct source *timer = loop_timer(scene, scene->loop, clock_ms() + 1, stop, scene->loop);

	assert_null(loop_run(scene->loop));
	talloc_free(timer);
}

static struct listening *listen_in(struct scene *scene)
{
	struct listening *listening;

	assert_null(feed_connect(scene, &scene->settings, &listening));
	return listening;
}

static void tell_number(struct scene *scene, int number)
{
	feed_tell(scene->feed, &(struct event){ .kind = EVENT_VM_STARTED, .time_ms = number,
						.vm = "a\nb" });
}

/* How many events come until there are no more for now; each in its turn from FIRST on. */
static int drain(struct listening *listening, int first, struct fault **ret_fault)
{
	struct event *event;
	int count = 0, before;

	do {
		before = count;
		struct fault *end = feed_receive(listening);

		while (!(*ret_fault = feed_next(listening, listening, &event)) && event) {
			assert_true(event->time_ms == first + count);
			assert_string_equal(event->vm, "a\nb");
			talloc_free(event);
			count++;
		}
		*ret_fault = fault_first(*ret_fault, end);
	} while (!*ret_fault && count > before);
	return count;
}

static void assert_hears(struct listening *listening, int first, int wanted)
{
	struct fault *fault;

	assert_int_equal(drain(listening, first, &fault), wanted);
	assert_null(fault);
}

static void assert_fault(struct fault *fault, enum fault_status status, const char *words)
{
	assert_non_null(fault);
	if (fault->status != status || !strstr(fault->text, words))
		fail_msg("%d: %s", fault->status, fault->text);
	talloc_free(fault);
}

static void count_change(void *arg)
{
	((struct scene *)arg)->changes++;
}

static void test_told(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	feed_on_change(scene->feed, count_change, scene);
	tell_number(scene, 0); /* nobody hears it, nor later */
	struct listening *one = listen_in(scene), *two = listen_in(scene);
	assert_false(feed_watched(scene->feed)); /* nobody is accepted yet */
	while (!scene->changes)
		pump(scene);
	assert_true(feed_watched(scene->feed));
	pump(scene);
	tell_number(scene, 1);
	tell_number(scene, 2);
	assert_hears(one, 1, 2);
	assert_hears(two, 1, 2);
	assert_hears(two, 3, 0);
	talloc_free(one);
	pump(scene);
	tell_number(scene, 3);
	assert_hears(two, 3, 1);
	assert_int_equal(scene->changes, 1);
	talloc_free(two);
	while (scene->changes < 2)
		pump(scene);
	assert_false(feed_watched(scene->feed));
	scene_end(scene);
}

static mode_t mode_of(struct scene *scene, const char *name)
{
	struct stat st;

	assert_int_equal(stat(settings_path(scene, &scene->settings, name), &st), 0);
	assert_int_equal(st.st_uid, geteuid());
	return st.st_mode & 07777;
}

static void test_rights(void **state)
{
	const struct group *own = getgrgid(getegid());
	struct scene *scene = scene_new();
	mode_t mask = umask(077);

	(void)state;
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	assert_int_equal(mode_of(scene, "/run/hubshare"), 0755);
	TALLOC_FREE(scene->feed);
	umask(0);
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	assert_int_equal(mode_of(scene, "/run/hubshare/lock"), 0600);
	assert_int_equal(mode_of(scene, "/run/hubshare/events"), 0600);
	TALLOC_FREE(scene->feed);
	umask(077);
	scene->settings.group = own ? own->gr_name : "root";
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	assert_int_equal(mode_of(scene, "/run/hubshare/events"), 0660);
	TALLOC_FREE(scene->feed);
	umask(mask);
	assert_int_equal(chmod(settings_path(scene, &scene->settings, "/run/hubshare"), 0777), 0);
	assert_fault(feed_new(scene, scene->loop, &scene->settings, &scene->feed),
		     FAULT_REFUSED, "can be changed by others");
	scene_end(scene);
}

/* Who does not read misses lines, but no half ones; who reads misses nothing. */
static void test_slow(void **state)
{
	struct scene *scene = scene_new();
	struct fault *fault;
	int heard = 0;

	(void)state;
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	struct listening *slow = listen_in(scene), *fast = listen_in(scene);
	while (!feed_watched(scene->feed))
		pump(scene);
	pump(scene);
	for (int i = 0; i < MANY; i++) {
		tell_number(scene, i);
		if (i == BURST / 2 - 1 && geteuid() == 0) /* some hundreds are kept */
			assert_true(feed_watched(scene->feed));
		heard += drain(fast, heard, &fault);
		assert_null(fault);
	}
	assert_int_equal(heard, MANY);
	heard = drain(slow, 0, &fault);
	assert_in_range(heard, 100, MANY - 1);
	assert_fault(fault, FAULT_UNREACHABLE, "did not read");
	print_message("%d lines were kept for one who does not read\n", heard);
	talloc_free(slow);
	talloc_free(fast);
	scene_end(scene);
}

static void test_crowd(void **state)
{
	struct scene *scene = scene_new();
	struct listening *all[READERS + 1];
	struct fault *fault;

	(void)state;
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	for (int i = 0; i <= READERS; i++) {
		all[i] = listen_in(scene);
		pump(scene);
	}
	for (int i = 0; i < 10; i++)
		pump(scene);
	tell_number(scene, 7);
	for (int i = 0; i < READERS; i++)
		assert_hears(all[i], 7, 1);
	assert_int_equal(drain(all[READERS], 7, &fault), 0);
	assert_fault(fault, FAULT_UNREACHABLE, "So many watch already");
	talloc_free(all[0]); /* leaves room */
	pump(scene);
	all[0] = listen_in(scene);
	for (int i = 0; i < 10; i++)
		pump(scene);
	tell_number(scene, 8);
	assert_hears(all[0], 8, 1);
	scene_end(scene);
}

static void test_talker(void **state)
{
	struct scene *scene = scene_new();
	struct fault *fault;

	(void)state;
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	struct listening *talker = listen_in(scene);
	assert_int_equal(send(feed_descriptor(talker), "hello\n", 6, 0), 6);
	do
		pump(scene);
	while (feed_watched(scene->feed));
	tell_number(scene, 0);
	assert_int_equal(drain(talker, 0, &fault), 0);
	assert_int_equal(fault->status, FAULT_UNREACHABLE);
	talloc_free(fault);
	scene_end(scene);
}

/* A service in a process of its own, with a child that outlives it and frees its copy of the
 * feed, or does not. */
static pid_t service_apart(struct scene *scene, bool frees, pid_t *ret_child)
{
	int ends[2];
	pid_t pid, child;

	assert_int_equal(pipe(ends), 0);
	if ((pid = fork()) == 0) {
		struct feed *feed;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		struct fault *fault = feed_new(scene, scene->loop, &scene->settings, &feed);

		if (fault)
			_exit(1);
		if ((child = fork()) == 0) {
			alarm(SOON_S);
			if (frees)
				talloc_free(feed);
			child = getpid(); /* it says so itself, when it has come so far */
			if (write(ends[1], &child, sizeof(child)) < 0)
				_exit(1);
		}
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &child, sizeof(child)), sizeof(child));
	close(ends[0]);
	close(ends[1]);
	*ret_child = child;
	return pid;
}

static void kill_service(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_one_service(void **state)
{
	struct scene *scene = scene_new();
	struct listening *listening;
	pid_t child;

	(void)state;
	assert_false(service_runs(&scene->settings));
	assert_fault(feed_connect(scene, &scene->settings, &listening), FAULT_UNREACHABLE,
		     "'systemctl start hubshare'");
	pid_t pid = service_apart(scene, true, &child);
	assert_true(service_runs(&scene->settings));
	assert_fault(feed_new(scene, scene->loop, &scene->settings, &scene->feed),
		     FAULT_UNREACHABLE, "runs already");
	assert_true(service_runs(&scene->settings)); /* its socket was left alone */
	listening = listen_in(scene);
	kill_service(pid);
	/* Its child lives on, and is no service; the socket is stale. */
	assert_int_equal(access(settings_path(scene, &scene->settings, "/run/hubshare/events"),
				F_OK), 0);
	assert_false(service_runs(&scene->settings));
	assert_fault(feed_receive(listening), FAULT_UNREACHABLE, "has ended");
	assert_fault(feed_connect(scene, &scene->settings, &listening), FAULT_UNREACHABLE,
		     "'systemctl start hubshare'");
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	assert_true(service_runs(&scene->settings));
	kill(child, SIGKILL);
	TALLOC_FREE(scene->feed);
	assert_false(service_runs(&scene->settings));
	scene_end(scene);
}

/* A child that keeps its copy makes the service seem to run, but does not keep the next one
 * from coming. */
static void test_child_keeps(void **state)
{
	struct scene *scene = scene_new();
	pid_t child;

	(void)state;
	kill_service(service_apart(scene, false, &child));
	assert_true(service_runs(&scene->settings));
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	kill(child, SIGKILL);
	scene_end(scene);
}

/* Whoever frees a copy in a child leaves the service its socket. */
static void test_child_frees(void **state)
{
	struct scene *scene = scene_new();
	pid_t pid;

	(void)state;
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	if ((pid = fork()) == 0) {
		talloc_free(scene->feed);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(service_runs(&scene->settings));
	scene_end(scene);
}

/* TEXT is what the service says. */
static struct fault *hear(struct scene *scene, const char *text, size_t length)
{
	struct listening *listening;
	struct event *event;
	struct fault *fault;

	int dir = open(settings_path(scene, &scene->settings, SOCKET_DIRECTORY), O_RDONLY);
	int server;
	assert_null(socket_listen(dir, FEED_SOCKET, 1, &scene->settings, &server));
	listening = listen_in(scene);
	int fd = accept(server, NULL, NULL);
	assert_int_equal(send(fd, text, length, 0), length);
	close(fd);
	close(server);
	close(dir);
	do
		fault = feed_receive(listening);
	while (!fault && !(fault = feed_next(scene, listening, &event)) && !event);
	return fault;
}

static void test_foul(void **state)
{
	struct scene *scene = scene_new();
	char *endless = mem_array(scene, char, 2 * FEED_LINE_MAX);

	(void)state;
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	TALLOC_FREE(scene->feed);
	assert_fault(hear(scene, "hello\n", 6), FAULT_FAILED, "cannot be used");
	assert_fault(hear(scene, "\n", 1), FAULT_FAILED, "cannot be used");
	assert_fault(hear(scene, "{}\n", 3), FAULT_FAILED, "cannot be used");
	assert_fault(hear(scene, "{\"kind\": \"vm-", 13), FAULT_UNREACHABLE, "has ended");
	memset(endless, 'x', 2 * FEED_LINE_MAX);
	assert_fault(hear(scene, endless, 2 * FEED_LINE_MAX), FAULT_FAILED, "bytes in a line");
	scene_end(scene);
}

/* Nobody who could take a line of it is dropped for one that nobody can. */
static void test_long(void **state)
{
	struct scene *scene = scene_new();
	char *name = mem_array(scene, char, 2 * FEED_LINE_MAX);

	(void)state;
	memset(name, 'x', 2 * FEED_LINE_MAX - 1);
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	struct listening *listening = listen_in(scene);
	while (!feed_watched(scene->feed))
		pump(scene);
	feed_tell(scene->feed, &(struct event){ .kind = EVENT_VM_STARTED, .vm = name });
	tell_number(scene, 1);
	assert_hears(listening, 1, 1);
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_talker),
		cmocka_unit_test(test_one_service),
		cmocka_unit_test(test_child_keeps),
		cmocka_unit_test(test_child_frees),
		cmocka_unit_test(test_foul),
		cmocka_unit_test(test_long),
	};

	alarm(SOON_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

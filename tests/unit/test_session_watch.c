/* SPDX-License-Identifier: ISC */
/*
 * Sessions as the loop sees them.  smbstatus is a script, which prints what is to be seen next,
 * and fails or hangs at will; what the real one says is tried in tests/net.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "service/session_watch.h"

enum { SOON_S = 60 };

#define NOBODY "{\"sessions\": {}, \"tcons\": {}}"
#define SESSION                                                                          \
	"\"sessions\": {\"1\": {\"server_id\": {\"pid\": \"62\"}, "                      \
	"\"hostname\": \"ipv4:172.16.10.11:1\"}}"
#define TCON(id, service)                                                                \
	"\"" id "\": {\"service\": \"" service "\", \"server_id\": {\"pid\": \"62\"}, "      \
	"\"session_id\": \"1\"}"

struct scene {
	char dir[64];
	struct settings settings;
	struct loop *loop;
	struct session_watch *watch;
	struct domain domain;
	struct guest guest;
	struct guests guests;
	char *told;
	size_t wanted; /* how long it has to be before the loop ends */
};

/* SCRIPT is what the fake does. */
static void fake(struct scene *scene, const char *script)
{
	char *path = mem_printf(scene, "%s/smbstatus", scene->dir);
	char *next = mem_printf(scene, "%s.next", path);
	FILE *file = fopen(next, "w");

	fprintf(file, "#!/bin/sh\n%s\n", script);
	fclose(file);
	chmod(next, 0700);
	assert_int_equal(rename(next, path), 0);
	scene->settings.smbstatus = path;
}

static struct scene *scene_new(const char *script)
{
	struct scene *scene = mem_new(NULL, struct scene);

	strcpy(scene->dir, "/tmp/hubshare-sessions-XXXXXX");
	assert_non_null(mkdtemp(scene->dir));
	scene->settings.smbcontrol = "none";
	scene->domain = (struct domain){ .name = "A", .uuid = "uuid-a" };
	scene->guest = (struct guest){ .domain = &scene->domain, .heard = true };
	assert_true(ip_parse("172.16.10.11", &scene->guest.ip));
	scene->guests = (struct guests){ .list = &scene->guest, .count = 1 };
	scene->told = mem_strdup(scene, "");
	assert_null(loop_new(scene, &scene->loop));
	fake(scene, script);
	return scene;
}

static void scene_end(struct scene *scene)
{
	TALLOC_FREE(scene->watch);
	unlink(scene->settings.smbstatus);
	rmdir(scene->dir);
	talloc_free(scene);
}

static const struct guests *guests_of(void *arg)
{
	return &((struct scene *)arg)->guests;
}

static void note(void *arg, const struct event *event)
{
	struct scene *scene = arg;

	scene->told = mem_append(scene, scene->told, "%s %s %s;", event_name(event->kind),
				 event->vm ? event->vm : "-", event->share ? event->share : "-");
	if (strlen(scene->told) >= scene->wanted)
		loop_stop(scene->loop);
}

static void watch_in(struct scene *scene)
{
	const struct session_watch_plan plan = { guests_of, note, scene };

	scene->watch = session_watch_start(scene, scene->loop, &scene->settings, &plan);
}

static void assert_told(struct scene *scene, const char *wanted)
{
	scene->wanted = strlen(wanted);
	assert_null(loop_run(scene->loop));
	assert_string_equal(scene->told, wanted);
	talloc_free(scene->told);
	scene->told = mem_strdup(scene, "");
}

static void change(void *arg)
{
	fake(arg, "printf '%s' '{" SESSION ", \"tcons\": {" TCON("7", "a\\nb") ", " TCON("8", "a\\nb") ", "
		  TCON("9", "IPC$") "}}'");
}

/* After a look or two. */
static void change_later(struct scene *scene)
{
	loop_timer(scene, scene->loop, clock_ms() + 1500, change, scene);
}

static void test_seen(void **state)
{
	struct scene *scene = scene_new("echo '" NOBODY "'");

	(void)state;
	watch_in(scene);
	change_later(scene);
	assert_told(scene, "session-opened A a\nb;");
	fake(scene, "echo '" NOBODY "'");
	assert_told(scene, "session-closed A a\nb;");
	scene_end(scene);
}

/* Trouble is told once. */
static void test_trouble(void **state)
{
	struct scene *scene = scene_new("echo 'smbd went away' >&2; exit 3");

	(void)state;
	watch_in(scene);
	assert_told(scene, "degraded - -;");
	scene_end(scene);
}

/* Whoever is pid 1 here may not reap what it inherits. */
static bool is_zombie(pid_t pid)
{
	char *path = mem_printf(NULL, "/proc/%d/stat", pid), stat[256] = "";
	FILE *file = fopen(path, "r");

	talloc_free(path);
	if (!file)
		return true;
	bool zombie = fgets(stat, sizeof(stat), file) && strstr(stat, ") Z");
	fclose(file);
	return zombie;
}

static void tick(void *arg)
{
	loop_stop(arg);
}

/* The loop is not held up by one that hangs, nor is the end of the watch; it goes with it. */
static void test_hangs(void **state)
{
	struct scene *scene = scene_new("echo $$ >\"$0.pid\"; exec sleep 1000");
	char *pid_path = mem_printf(scene, "%s.pid", scene->settings.smbstatus), text[16] = "";
	int64_t begun_ms = clock_ms();

	(void)state;
	watch_in(scene);
	while (!*text) {
		struct source *timer =
			loop_timer(scene, scene->loop, clock_ms() + 50, tick, scene->loop);
		int fd = open(pid_path, O_RDONLY);

		assert_null(loop_run(scene->loop));
		if (fd >= 0)
			assert_true(read(fd, text, sizeof(text) - 1) >= 0);
		close(fd);
		talloc_free(timer);
	}
	TALLOC_FREE(scene->watch);
	assert_true(clock_ms() - begun_ms < 8000); /* smbstatus itself is given 10 s */
	while (kill(atoi(text), 0) == 0 && !is_zombie(atoi(text)))
		usleep(1000); /* as long as the alarm allows */
	unlink(pid_path);
	assert_string_equal(scene->told, "");
	scene_end(scene);
}

/* Where no smbd serves this tree there is nothing to see. */
static void test_none(void **state)
{
	struct scene *scene = scene_new("echo '" NOBODY "'");
	const char *path = scene->settings.smbstatus;

	(void)state;
	scene->settings.smbstatus = "none";
	watch_in(scene);
	loop_timer(scene, scene->loop, clock_ms() + 100, tick, scene->loop);
	assert_null(loop_run(scene->loop));
	assert_string_equal(scene->told, "");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nor anybody who would look */
	scene->settings.smbstatus = path;
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_none),
	};

	alarm(SOON_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

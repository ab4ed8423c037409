/* SPDX-License-Identifier: ISC */
/* The control socket: who is heard, what he sends, and that nobody holds the service up. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "service/control.h"
#include "service/feed.h"
#include "service/quota.h"
#include "service/socket.h"

enum { SOON_S = 120, CROWD = 12 };

/* A service that knows a few commands; the clients are processes of a member: root's tests play
 * the user daemon. */
struct scene {
	char root[64];
	struct settings settings;
	struct loop *loop;
	struct feed *feed;
	struct control *control;
	uid_t uid;
	gid_t gid;
	int told;
	char *last; /* sentence */
	atomic_int *hanging; /* calls, seen by all processes */
};

static struct fault *serve(void *arg, const struct call *call)
{
	const struct scene *scene = arg;
	const char *word = call->words[0];

	if (call->caller.uid != scene->uid || !call->caller.called)
		return fault_new(FAULT_FAILED, "It is somebody else");
	if (strcmp(word, "hang") == 0)
		for (++*scene->hanging;;)
			pause();
	if (strcmp(word, "die") == 0)
		abort();
	for (int i = 0; strcmp(word, "talk") == 0 && i < 100000; i++)
		printf("much to say\n");
	for (int i = 0; strcmp(word, "list") == 0 && i < 80000; i++)
		printf("\"much\" \\\n"); /* which becomes half as long again */
	printf("done as %s, %s\n", word, call->caller.directory < 0 ? "alone" : "with it");
	fprintf(stderr, "and so on\n");
	return strcmp(word, "fail") == 0 ? fault_new(FAULT_CONFLICT, "It is taken") : NULL;
}

static void take_event(void *arg, const struct event *event)
{
	struct scene *scene = arg;

	assert_int_equal(event->kind, EVENT_COMMAND);
	talloc_free(scene->last);
	scene->last = event_sentence(scene, event);
	scene->told++;
}

static void choose_member(struct scene *scene)
{
	const struct passwd *daemon = getpwnam("daemon");

	scene->uid = getuid() ? getuid() : daemon->pw_uid;
	scene->gid = getuid() ? getgid() : daemon->pw_gid;
	const struct group *group = getgrgid(scene->gid);
	scene->settings.group = mem_strdup(scene, group ? group->gr_name : "no such group");
}

static struct scene *control_scene(int limit_ms)
{
	struct scene *scene = mem_new(NULL, struct scene);

	strcpy(scene->root, "/tmp/hubshare-control-XXXXXX");
	assert_non_null(mkdtemp(scene->root));
	chmod(scene->root, 0755);
	scene->hanging = mmap(NULL, sizeof(*scene->hanging), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(scene->hanging, MAP_FAILED);
	scene->settings.root = scene->root;
	choose_member(scene);
	const struct control_plan plan = { &scene->settings, serve, scene, take_event, scene,
					   limit_ms };
	assert_null(loop_new(scene, &scene->loop));
	assert_null(feed_new(scene, scene->loop, &scene->settings, &scene->feed));
	assert_null(control_new(scene, scene->loop, &plan, &scene->control));
	return scene;
}

static void control_end(struct scene *scene)
{
	static const char *const names[] = { "/run/hubshare/lock", "/run/hubshare", "/run", "" };

	TALLOC_FREE(scene->control);
	TALLOC_FREE(scene->feed);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		remove(settings_path(scene, &scene->settings, names[i]));
	assert_int_equal(access(scene->root, F_OK), -1); /* nothing else was left */
	munmap(scene->hanging, sizeof(*scene->hanging));
	talloc_free(scene);
}

static void stop_loop(void *arg)
{
	loop_stop(arg);
}

static void run_for(struct scene *scene, int ms)
{
	struct source *timer = loop_timer(scene, scene->loop, clock_ms() + ms, stop_loop,
					  scene->loop);

	assert_null(loop_run(scene->loop));
	talloc_free(timer);
}

/* A process of the member, which ends with what CLIENT returns. */
static pid_t begin_client(const struct scene *scene, int (*client)(const struct scene *scene,
								   const char *what),
			  const char *what)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	alarm(SOON_S);
	if (getuid() == 0 && (setgroups(0, NULL) < 0 || setgid(scene->gid) < 0 ||
			      setuid(scene->uid) < 0))
		_exit(100);
	_exit(client(scene, what));
}

/* What it ends with, while the service goes on. */
static int end_client(struct scene *scene, pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, WNOHANG) == 0)
		run_for(scene, 2);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int run_client(struct scene *scene,
		      int (*client)(const struct scene *scene, const char *what), const char *what)
{
	int told = scene->told, status = end_client(scene, begin_client(scene, client, what));

	for (int64_t until_ms = clock_ms() + SOON_S * 1000;
	     scene->told == told && clock_ms() < until_ms;)
		run_for(scene, 2);
	assert_int_equal(scene->told, told + 1);
	return status;
}

/* Asks as the program does; 50 more than the status where it has got what was printed. */
static int ask(const struct scene *scene, const char *what)
{
	const char *const words[] = { what, NULL };
	struct answer *answer;
	struct fault *fault = control_ask(scene, &scene->settings, words, -1, &answer);

	if (fault)
		return (int)fault->status;
	if (!answer)
		return 99;
	char *wanted = mem_printf(answer, "done as %s, alone\n", what);
	const char *last = strstr(answer->output, "done");
	bool whole = last && strcmp(last, wanted) == 0 && strcmp(answer->error, "and so on\n") == 0;
	if (strcmp(what, "list") == 0)
		whole &= strlen(answer->output) == 80000 * strlen("\"much\" \\\n") + strlen(wanted);
	return answer->status + (whole ? 50 : 0);
}

static void test_asked(void **state)
{
	struct scene *scene = control_scene(SOON_S * 1000);

	(void)state;
	assert_int_equal(run_client(scene, ask, "act"), 50);
	assert_non_null(strstr(scene->last, "called 'hubshare act': done"));
	assert_int_equal(run_client(scene, ask, "fail"), 50 + FAULT_CONFLICT);
	assert_non_null(strstr(scene->last, "called 'hubshare fail': It is taken"));
	TALLOC_FREE(scene->control);
	assert_int_equal(end_client(scene, begin_client(scene, ask, "act")), 99);
	control_end(scene);
}

static void test_strangers(void **state)
{
	struct scene *scene = control_scene(SOON_S * 1000);

	(void)state;
	scene->settings.group = "no such group";
	assert_int_equal(run_client(scene, ask, "act"), FAULT_REFUSED);
	assert_non_null(strstr(scene->last, "Only members"));
	control_end(scene);
}

static void test_end(void **state)
{
	struct scene *scene = control_scene(300);

	(void)state;
	assert_int_equal(run_client(scene, ask, "die"), FAULT_UNREACHABLE);
	assert_non_null(strstr(scene->last, "signal"));
	assert_int_equal(run_client(scene, ask, "hang"), FAULT_UNREACHABLE);
	assert_non_null(strstr(scene->last, "did not end in time"));
	control_end(scene);
}

static void test_much(void **state)
{
	struct scene *scene = control_scene(SOON_S * 1000);

	(void)state;
	assert_int_equal(run_client(scene, ask, "talk"), FAULT_FAILED);
	assert_int_equal(run_client(scene, ask, "list"), 50);
	control_end(scene);
}

/* Sends bytes, with as many descriptors as the first one says, and reads what is answered. */
static int send_raw(const struct scene *scene, const char *what)
{
	int fd = socket_connect(&scene->settings, "control", SOON_S), sent[4] = { 0, 0, 0, 0 };
	char control[CMSG_SPACE(sizeof(sent))] = { 0 }, text[4096] = "";
	struct iovec part = { (char *)what + 1, strlen(what + 1) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
				  .msg_control = control, .msg_controllen = sizeof(control) };
	size_t count = (size_t)(*what - '0'), length = 0;
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	struct answer *answer;
	ssize_t n;

	*head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(count * sizeof(int)),
				  .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(head), sent, count * sizeof(int));
	message.msg_controllen = count ? CMSG_SPACE(count * sizeof(int)) : 0;
	if (fd < 0 || sendmsg(fd, &message, 0) < 0 || shutdown(fd, SHUT_WR) < 0)
		return 98;
	while ((n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)n;
	text[strcspn(text, "\n")] = '\0';
	struct fault *fault = answer_parse(scene, text, &answer);
	return fault ? 97 : answer->status;
}

static void test_sent(void **state)
{
	struct scene *scene = control_scene(SOON_S * 1000);

	(void)state;
	assert_int_equal(run_client(scene, send_raw, "0{\"version\": 1, \"words\": [\"act\"]}\n"), 0);
	assert_int_equal(run_client(scene, send_raw, "1{\"version\": 1, \"words\": [\"act\"]}\n"), 0);
	assert_int_equal(run_client(scene, send_raw, "2{\"version\": 1, \"words\": [\"act\"]}\n"),
			 FAULT_USAGE);
	assert_int_equal(run_client(scene, send_raw, "4{\"version\": 1, \"words\": [\"act\"]}\n"),
			 FAULT_USAGE);
	assert_int_equal(run_client(scene, send_raw, "0{\"version\": 1, \"words\": [\"act\"]}"),
			 FAULT_USAGE);
	assert_int_equal(run_client(scene, send_raw, "0{\"version\": 1, \"words\": [\"act\"]}\n\n"),
			 FAULT_USAGE);
	assert_int_equal(run_client(scene, send_raw, "0x\n"), FAULT_USAGE);
	control_end(scene);
}

/* More than can be at work at once: each is carried out, or is told why not. */
static void test_crowd(void **state)
{
	struct scene *scene = control_scene(SOON_S * 1000);
	int done = 0, refused = 0;
	pid_t pids[CROWD];

	(void)state;
	for (int i = 0; i < CROWD; i++)
		pids[i] = begin_client(scene, ask, "act");
	for (int i = 0; i < CROWD; i++) {
		int status = end_client(scene, pids[i]);

		done += status == 50;
		refused += status == FAULT_FAILED;
	}
	assert_int_equal(done + refused, CROWD);
	assert_in_range(done, 2, CROWD);
	control_end(scene);
}

/* Two that say nothing are at work for some seconds; a third one is told so at once. */
static void test_silent(void **state)
{
	struct scene *scene = control_scene(SOON_S * 1000);
	int64_t began_ms = clock_ms();
	pid_t hanging[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		hanging[i] = begin_client(scene, ask, "hang");
	while (*scene->hanging < 2 && clock_ms() - began_ms < SOON_S * 1000)
		run_for(scene, 2);
	assert_int_equal(run_client(scene, ask, "act"), FAULT_FAILED);
	assert_non_null(strstr(scene->last, "at work already"));
	/* ... as often as he asks, which is not told as often */
	for (int i = 0; i < QUOTA_LINES + 10; i++)
		assert_int_equal(end_client(scene, begin_client(scene, ask, "act")), FAULT_FAILED);
	assert_in_range(scene->told, 2,
			QUOTA_LINES + 1 + (clock_ms() - began_ms) / QUOTA_PAUSE_MS);
	for (int i = 0; i < 2; i++)
		kill(hanging[i], SIGKILL);
	for (int i = 0; i < 2; i++)
		waitpid(hanging[i], NULL, 0);
	control_end(scene); /* which waits for none of them */
	assert_in_range(clock_ms() - began_ms, 0, SOON_S * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked), cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_end),   cmocka_unit_test(test_much),
		cmocka_unit_test(test_sent),  cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

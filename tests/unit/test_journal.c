/* SPDX-License-Identifier: ISC */
/*
 * What systemd hears: a datagram socket plays it.  The journal's path is fixed, so its socket
 * stands on a /run of its own, in a mount namespace.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "service/journal.h"

enum { SOON_S = 60, CANNOT = 77 };

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void assert_hears(int fd, const char *wanted)
{
	char text[4096] = "";
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	assert_string_equal(text, wanted);
}

static void test_notify(void **state)
{
	char dir[] = "/tmp/hubshare-journal-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	char *path = mem_printf(NULL, "%s/notify", dir);
	int fd = listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	notify_ready();
	assert_hears(fd, "READY=1");
	notify_status("2 VMs\nMAINPID=1");
	assert_hears(fd, "STATUS=2 VMs\\nMAINPID=1");
	notify_watchdog();
	assert_hears(fd, "WATCHDOG=1");
	notify_stopping();
	assert_hears(fd, "STOPPING=1");
	close(fd);
	notify_watchdog(); /* nobody is there any more: no matter */
	unlink(path);
	unsetenv("NOTIFY_SOCKET");
	notify_ready();
	rmdir(dir);
	talloc_free(path);
}

static void test_watchdog(void **state)
{
	char pid[16];

	(void)state;
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_true(notify_interval_ms() == 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_true(notify_interval_ms() == 15000);
	setenv("WATCHDOG_PID", "1", 1); /* another process is meant */
	assert_true(notify_interval_ms() == 0);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_true(notify_interval_ms() == 15000);
	setenv("WATCHDOG_USEC", "soon", 1);
	assert_true(notify_interval_ms() == 0);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

static const struct event event = {
	.kind = EVENT_CONFLICT,
	.vm = "a\nb",
	.ip = { 0x0100007f },
	.mac = { { 0x52, 0x54, 0, 0, 0, 1 } },
	.tap = "vnet3",
};

/* A field is "NAME=value\n", or where the value has a newline "NAME\n", its length in 64 bits,
 * little-endian, the value and a newline. */
static const char wanted[] =
	"MESSAGE=Conflict over 127.0.0.1, claimed by a\\nb (52:54:00:00:00:01) on vnet3\n"
	"PRIORITY=4\n"
	"MESSAGE_ID=d19164963e1047ce82d91a476e4110e3\n"
	"SYSLOG_IDENTIFIER=hubshare\n"
	"HUBSHARE_KIND=conflict\n"
	"HUBSHARE_VM\n\3\0\0\0\0\0\0\0a\nb\n"
	"HUBSHARE_IP=127.0.0.1\n"
	"HUBSHARE_MAC=52:54:00:00:00:01\n"
	"HUBSHARE_TAP=vnet3\n";

static void expect(bool truth, const char *what)
{
	if (!truth) {
		fprintf(stderr, "Not so: %s\n", what);
		_exit(1);
	}
}

/* A /run without anything in it. */
static void leave_run(void)
{
	if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
		_exit(CANNOT);
}

static int make_journal(void)
{
	mkdir("/run/systemd", 0755);
	mkdir("/run/systemd/journal", 0755);
	return listen_at("/run/systemd/journal/socket");
}

static void try_journal(void)
{
	char text[4096];

	leave_run();
	journal_tell(&event); /* nobody is there: no matter */
	int fd = make_journal();
	journal_tell(&event);
	ssize_t n = recv(fd, text, sizeof(text), MSG_DONTWAIT);
	expect(n == sizeof(wanted) - 1, "one datagram of the right length");
	expect(memcmp(text, wanted, sizeof(wanted) - 1) == 0, "the fields as they should be");
}

/* A journal that reads nothing holds nobody up, and what it missed is counted. */
static void try_full(void)
{
	static const char lost[] = "\nHUBSHARE_LOST=";
	char text[4096] = "";
	int heard = 0, told = 5000;

	leave_run();
	int fd = make_journal();
	for (int i = 0; i < told; i++)
		journal_tell(&event);
	while (recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0)
		heard++;
	expect(heard > 0 && heard < told, "some got in, and some did not");
	journal_tell(&event);
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	text[n > 0 ? n : 0] = '\0';
	char *gap = n > 0 ? memmem(text, (size_t)n, lost, strlen(lost)) : NULL;
	expect(gap && atoi(gap + strlen(lost)) == told - heard, "how many were lost");
	journal_tell(&event);
	n = recv(fd, text, sizeof(text), MSG_DONTWAIT);
	expect(n > 0 && !memmem(text, (size_t)n, lost, strlen(lost)), "it is said once");
}

static void run_apart(void (*function)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(SOON_S);
		function();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT) {
		print_message("a mount namespace cannot be had\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void test_journal(void **state)
{
	(void)state;
	run_apart(try_journal);
}

static void test_full(void **state)
{
	(void)state;
	run_apart(try_full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

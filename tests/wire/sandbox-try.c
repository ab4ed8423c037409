/* SPDX-License-Identifier: ISC */
/*
 * Enters the sandbox and tries what its argument says; prints "ENTERED" first and "DONE"
 * after.  The seccomp filter should end it in between.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scanner/sandbox.h"

static void nothing(void)
{
}

static void try_open(void)
{
	(void)!open("/etc/passwd", O_RDONLY);
}

static void try_stat(void)
{
	(void)!access("/etc/passwd", F_OK);
}

static void try_socket(void)
{
	(void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void try_packet_socket(void)
{
	(void)!socket(AF_PACKET, SOCK_RAW, 0);
}

static void try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void try_fork(void)
{
	(void)!fork();
}

static void try_code(void)
{
	(void)!mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
}

static void try_make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)!mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void try_root(void)
{
	(void)!setuid(0);
}

static void try_kill(void)
{
	(void)!syscall(SYS_kill, getppid(), 0);
}

/* Puts a byte into the input queue of a terminal. */
static void try_type(void)
{
	(void)!ioctl(0, TIOCSTI, "x");
}

static void try_send_to(void)
{
	struct sockaddr to = { .sa_family = AF_INET };

	(void)!sendto(1, "x", 1, 0, &to, sizeof(to));
}

static const struct {
	const char *name;
	void (*run)(void);
} tries[] = {
	{ "nothing", nothing },	    { "open", try_open },
	{ "stat", try_stat },	    { "socket", try_socket },
	{ "exec", try_exec },	    { "packet-socket", try_packet_socket },
	{ "fork", try_fork },	    { "code", try_code },
	{ "root", try_root },	    { "make-code", try_make_code },
	{ "kill", try_kill },	    { "type", try_type },
	{ "send-to", try_send_to },
};

int main(int argc, char *argv[])
{
	struct sandbox sandbox;
	struct fault *f = sandbox_renounce(&sandbox);

	if (f || (f = sandbox_limit(&sandbox)))
		return fault_finish(f);
	puts("ENTERED");
	fflush(stdout);
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		if (argc == 2 && strcmp(argv[1], tries[i].name) == 0)
			tries[i].run();
	}
	puts("DONE");
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * meddle ROOT JOURNAL WHAT N COMMAND...: runs COMMAND and numbers, from 1, the system calls by
 * which it changes files under ROOT or deals with its helpers.  Call N is its last if WHAT is
 * "kill": it is killed before the call has any effect.  Call N fails if WHAT is the name of an
 * error (ENOSPC); with a plus after it, so do all later ones on files.  N of 0: none.
 *
 * Each call becomes a line of JOURNAL: its number, its name, its arguments, between tabs; paths
 * are relative to ROOT, the data of a write in hex digits.  What its helpers do is not counted:
 * some of them run beside it, in no order.
 *
 * Exits when COMMAND and all that it started have ended: as COMMAND did, with 128 + the signal
 * that killed it, 125 if call N was never made, 77 if the kernel does not let itself be asked.
 *
 * It is asked by seccomp_unotify(2), which lets go on, or answers for the kernel.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"

enum { NOT_REACHED = 125, NOT_POSSIBLE = 77 };

/*
 * Arguments in their order.  P: a path, D: a directory's descriptor and a path in it, F: the
 * descriptor of a file, B: a buffer and its length, S: a text, n: a number, o: an octal one.
 * No argument is of interest in a call that makes a process, or ends one.
 */
static const struct call {
	const char *name, *arguments;
} calls[] = {
	{ "open", "Pno" },	{ "openat", "Dno" },	{ "creat", "Po" },
	{ "write", "FB" },	{ "pwrite64", "FBn" },	{ "writev", "F" },
	{ "ftruncate", "Fn" },	{ "truncate", "Pn" },	{ "fallocate", "Fnnn" },
	{ "fchmod", "Fo" },	{ "chmod", "Po" },	{ "fchmodat", "Do" },
	{ "fchown", "Fnn" },	{ "chown", "Pnn" },	{ "fchownat", "Dnn" },
	{ "fsync", "F" },	{ "fdatasync", "F" },
	{ "rename", "PP" },	{ "renameat", "DD" },	{ "renameat2", "DDn" },
	{ "link", "PP" },	{ "linkat", "DDn" },	{ "symlink", "SP" },
	{ "symlinkat", "SD" },	{ "unlink", "P" },	{ "unlinkat", "Dn" },
	{ "mkdir", "Po" },	{ "mkdirat", "Do" },	{ "rmdir", "P" },
	{ "flock", "Fn" },	{ "fork", "" },		{ "vfork", "" },
	{ "clone", "" },	{ "clone3", "" },	{ "kill", "" },
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

struct meddling {
	const char *root;
	FILE *journal;
	int error; /* 0: kill */
	bool lasting;
	unsigned at, count;
	pid_t pid;
	int numbers[CALLS]; /* of the system calls, here */
};

static void *remember(const void *ctx, pid_t pid, uint64_t address, size_t length)
{
	char *copy = mem_array(ctx, char, length + 1);
	struct iovec here = { copy, length }, there = { (void *)(uintptr_t)address, length };
	ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

	copy[n > 0 ? n : 0] = '\0';
	return copy;
}

/* A text's length is not known, and the page after it may not be there. */
static char *text_at(const void *ctx, pid_t pid, uint64_t address)
{
	char *text = mem_strdup(ctx, "");

	for (;;) {
		size_t room = 256 - address % 256;
		char *piece = remember(ctx, pid, address, room);

		text = mem_append(ctx, text, "%s", piece);
		if (strlen(piece) < room)
			return text;
		address += room;
	}
}

static char *path_of_link(const void *ctx, pid_t pid, const char *what)
{
	char *link = mem_printf(ctx, "/proc/%d/%s", pid, what), target[4096];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	return mem_strndup(ctx, target, n > 0 ? (size_t)n : 0);
}

static char *path_of_file(const void *ctx, pid_t pid, int fd)
{
	return path_of_link(ctx, pid, mem_printf(ctx, "fd/%d", fd));
}

static char *path_in(const void *ctx, pid_t pid, int dirfd, uint64_t address)
{
	static const char self[] = "/proc/self/fd/";
	char *path = text_at(ctx, pid, address);

	if (strncmp(path, self, strlen(self)) == 0) /* how a nameless file gets its name */
		return path_of_file(ctx, pid, atoi(path + strlen(self)));
	if (*path == '/')
		return path;
	char *directory = dirfd == AT_FDCWD ? path_of_link(ctx, pid, "cwd") :
					      path_of_file(ctx, pid, dirfd);
	return *path ? mem_printf(ctx, "%s/%s", directory, path) : directory;
}

/* PATH below the root; NULL where it is not. */
static const char *below(const struct meddling *m, const char *path)
{
	size_t length = strlen(m->root);

	return strncmp(path, m->root, length) == 0 && path[length] == '/' ? path + length + 1 :
									    NULL;
}

static char *hex(const void *ctx, const unsigned char *data, size_t length)
{
	char *text = mem_array(ctx, char, length * 2 + 1);

	for (size_t i = 0; i < length; i++)
		sprintf(text + 2 * i, "%02x", data[i]);
	text[2 * length] = '\0';
	return text;
}

/* What CALL is asked for, as the journal has it; NULL if it concerns no file of ours. */
static char *describe(const void *ctx, const struct meddling *m, const struct call *call,
		      pid_t pid, const __u64 *argument)
{
	char *text = mem_strdup(ctx, "");

	for (const char *kind = call->arguments; *kind; kind++) {
		const char *word, *path = NULL;

		if (*kind == 'P')
			path = path_in(ctx, pid, AT_FDCWD, *argument);
		else if (*kind == 'F')
			path = path_of_file(ctx, pid, (int)*argument);
		else if (*kind == 'D')
			path = path_in(ctx, pid, (int)argument[0], argument[1]);
		if (path)
			word = below(m, path);
		else if (*kind == 'S')
			word = text_at(ctx, pid, *argument);
		else if (*kind == 'B')
			word = hex(ctx, remember(ctx, pid, argument[0], argument[1]),
				   argument[1]);
		else
			word = mem_printf(ctx, *kind == 'o' ? "%llo" : "%llu", *argument);
		if (!word)
			return NULL;
		text = mem_append(ctx, text, "\t%s", word);
		argument += strchr("DB", *kind) ? 2 : 1;
	}
	return text;
}

static bool makes_thread(pid_t pid, const char *name, const __u64 *argument)
{
	uint64_t flags = 0;

	if (strcmp(name, "clone") == 0)
		flags = argument[0];
	if (strcmp(name, "clone3") == 0) {
		void *copy = remember(NULL, pid, argument[0], sizeof(flags));

		memcpy(&flags, copy, sizeof(flags));
		talloc_free(copy);
	}
	return flags & CLONE_THREAD;
}

/* Does this call of that process change anything, as far as its name tells? */
static bool concerns(const struct meddling *m, const struct call *call, pid_t pid,
		     const __u64 *argument)
{
	if (pid != m->pid)
		return false;
	if (strchr(call->arguments, 'F') == call->arguments && argument[0] <= STDERR_FILENO)
		return false; /* what is printed, wherever it goes */
	return !makes_thread(pid, call->name, argument);
}

/* Returns the error that the call is to fail with, or 0. */
static int consider(struct meddling *m, const struct seccomp_notif *request)
{
	const struct call *call = calls;
	void *ctx = talloc_new(NULL);
	char *text = NULL;
	int error = 0;

	for (int i = 0; i < CALLS; i++)
		if (m->numbers[i] == request->data.nr)
			call = &calls[i];
	if (concerns(m, call, (pid_t)request->pid, request->data.args))
		text = describe(ctx, m, call, (pid_t)request->pid, request->data.args);
	if (text) {
		m->count++;
		fprintf(m->journal, "%u\t%s%s\n", m->count, call->name, text);
		if (m->count == m->at ||
		    (m->lasting && m->at && m->count > m->at && strpbrk(call->arguments, "DFP")))
			error = m->error;
		if (m->count == m->at && !m->error)
			kill(m->pid, SIGKILL);
	}
	talloc_free(ctx);
	return error;
}

/* Answers until nobody is left who could ask. */
static void listen_to(struct meddling *m, int listener)
{
	struct pollfd poller = { .fd = listener, .events = POLLIN };
	struct seccomp_notif *request;
	struct seccomp_notif_resp *answer;

	if (seccomp_notify_alloc(&request, &answer) != 0)
		exit(NOT_POSSIBLE);
	for (;;) {
		if (poll(&poller, 1, -1) < 0 && errno != EINTR)
			break;
		if (poller.revents & POLLHUP)
			break;
		memset(request, 0, sizeof(*request)); /* or it is refused */
		if (!(poller.revents & POLLIN) ||
		    seccomp_notify_receive(listener, request) != 0)
			continue; /* killed meanwhile */
		memset(answer, 0, sizeof(*answer));
		answer->id = request->id;
		answer->error = -consider(m, request);
		answer->flags = answer->error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		seccomp_notify_respond(listener, answer);
	}
	seccomp_notify_free(request, answer);
}

/* Asks for one call; of those that open files, for the ones that open them to write. */
static int ask_for(scmp_filter_ctx filter, const struct call *call, int number)
{
	static const unsigned bits[] = { O_WRONLY, O_RDWR, O_CREAT };
	unsigned flags = call->arguments[0] == 'D' ? 2 : 1;
	int failed = 0;

	if (strncmp(call->name, "open", 4) != 0)
		return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, number, 0);
	for (int i = 0; i < 3; i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_NOTIFY, number, 1,
					   SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, bits[i], bits[i]));
	return failed;
}

/* In the child: has the calls asked for, hands the listener over, and becomes COMMAND. */
static void __attribute__((noreturn))
become(const struct meddling *m, int peer, char *const command[])
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int listener;

	for (int i = 0; filter && i < CALLS; i++)
		if (m->numbers[i] >= 0 && ask_for(filter, &calls[i], m->numbers[i]) != 0)
			_exit(NOT_POSSIBLE);
	if (!filter || seccomp_load(filter) != 0)
		_exit(NOT_POSSIBLE);
	listener = seccomp_notify_fd(filter);
	send(peer, &listener, sizeof(listener), 0);
	recv(peer, &listener, sizeof(listener), 0);
	fcntl(listener, F_SETFD, FD_CLOEXEC);
	fcntl(peer, F_SETFD, FD_CLOEXEC);
	execv(command[0], command);
	_exit(127);
}

/* Fetches the listener out of the child (pidfd_getfd(2)); -1 where there is none. */
static int fetch(pid_t pid, int peer)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), listener = -1, theirs;

	if (recv(peer, &theirs, sizeof(theirs), 0) == sizeof(theirs)) {
		listener = (int)syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
		send(peer, &theirs, sizeof(theirs), 0);
	}
	close(pidfd);
	return listener;
}

static int error_of(const char *name, size_t length)
{
	for (int error = 1; error < 200; error++) {
		const char *other = strerrorname_np(error);

		if (other && strlen(other) == length && strncmp(name, other, length) == 0)
			return error;
	}
	return 0;
}

int main(int argc, char *argv[])
{
	struct meddling m = { 0 };
	int pair[2], listener, status;

	if (argc < 6 || !(m.journal = fopen(argv[2], "we")))
		return 2;
	m.root = argv[1];
	m.lasting = strchr(argv[3], '+') != NULL;
	m.error = error_of(argv[3], strcspn(argv[3], "+"));
	m.at = (unsigned)atoi(argv[4]);
	for (int i = 0; i < CALLS; i++)
		m.numbers[i] = seccomp_syscall_resolve_name(calls[i].name);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0 || (m.pid = fork()) < 0)
		return NOT_POSSIBLE;
	if (m.pid == 0)
		become(&m, pair[1], argv + 5);
	close(pair[1]);
	if ((listener = fetch(m.pid, pair[0])) < 0)
		return kill(m.pid, SIGKILL), NOT_POSSIBLE;
	listen_to(&m, listener);
	fclose(m.journal);
	waitpid(m.pid, &status, 0);
	if (m.count < m.at)
		return NOT_REACHED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

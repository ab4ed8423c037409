/* SPDX-License-Identifier: ISC */
#include "hub/aside.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"

struct fault *aside_places(int dir, int *ret)
{
	*ret = openat(dir, ASIDE_PLACES, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *ret < 0 ? fault_errno(errno, "Cannot count who asks") : NULL;
}

/* A byte for each process of the caller's; another one of the same call has it, too. */
static struct fault *take_place(const struct caller *caller)
{
	for (int i = 0; i < ASIDE_WAITING_MAX; i++) {
		struct flock lock = { .l_type = F_WRLCK,
				      .l_whence = SEEK_SET,
				      .l_start =
					      (off_t)caller->uid * ASIDE_WAITING_MAX + i,
				      .l_len = 1 };

		if (fcntl(caller->places, F_OFD_SETLK, &lock) == 0)
			return NULL;
	}
	return fault_new(
		FAULT_TIMEOUT,
		"%d commands of yours wait for directories that do not answer: see "
		"to these first, or unmount them",
		ASIDE_WAITING_MAX);
}

/* OLD becomes NEW, or nothing does. */
static void keep_as(int old, int new)
{
	if (old < 0 || dup2(old, new) < 0)
		close(new);
}

static void __attribute__((noreturn)) work_aside(const struct aside *aside, int memory)
{
	struct fault *fault;
	FILE *out;

	keep_as(memory, STDOUT_FILENO);
	keep_as(aside->caller->directory, STDIN_FILENO);
	keep_as(aside->caller->places, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	if (!(out = fdopen(STDOUT_FILENO, "w")))
		_exit(FAULT_FAILED);
	if ((fault = aside->work(aside->arg, out)))
		fputs(fault->text, out);
	if (fflush(out) != 0)
		_exit(FAULT_FAILED);
	_exit(fault ? (int)fault->status : FAULT_NONE);
}

/* All that is in it. */
static char *read_memory(const void *ctx, int memory)
{
	struct stat st = { .st_size = 0 };
	ssize_t length;
	char *text;

	fstat(memory, &st);
	text = mem_array(ctx, char, (size_t)st.st_size + 1);
	length = pread(memory, text, (size_t)st.st_size, 0);
	text[length < 0 ? 0 : length] = '\0';
	return text;
}

static struct fault *wait_aside(const void *ctx, const struct aside *aside, pid_t pid,
				int memory, char **ret)
{
	int status = 0;
	char *text;

	if (!process_ended(pid, clock_ms() + aside->wait_ms, &status))
		return fault_new(FAULT_TIMEOUT, "%s does not answer within %d s",
				 aside->what, aside->wait_ms / 1000);
	text = read_memory(ctx, memory);
	if (WIFEXITED(status) && WEXITSTATUS(status) == FAULT_NONE) {
		*ret = text;
		return NULL;
	}
	struct fault *fault =
		WIFEXITED(status) && *text ?
			fault_new((enum fault_status)WEXITSTATUS(status), "%s", text) :
			fault_new(FAULT_FAILED, "Cannot look at %s", aside->what);
	talloc_free(text);
	return fault;
}

struct fault *aside_do(const void *ctx, const struct aside *aside, char **ret)
{
	struct fault *fault = aside->caller->called ? take_place(aside->caller) : NULL;
	int memory;
	pid_t pid;

	if (fault)
		return fault;
	memory = memfd_create("aside", MFD_CLOEXEC);
	pid = memory < 0 ? -1 : fork();
	if (pid < 0)
		fault = fault_errno(errno, "Cannot look at %s", aside->what);
	else if (pid == 0)
		work_aside(aside, memory);
	else
		fault = wait_aside(ctx, aside, pid, memory, ret);
	if (memory >= 0)
		close(memory);
	return fault;
}

/* SPDX-License-Identifier: ISC */
#include "common/process.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/text.h"

enum {
	GRACE_MS = 1000,
	LINE_MAX_BYTES = 4096,
	ERROR_MAX_BYTES = 4096,
	OUTPUT_MAX_BYTES = 64 << 20,
};

struct process {
	const char *name;
	pid_t pid; /* 0: reaped */
	int output, error;
	char *text; /* what was read and not yet handed out; its talloc size is the room */
	size_t length;
	bool ended; /* no more output will come */
};

static int64_t clock_read(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
	return clock_read(CLOCK_BOOTTIME);
}

int64_t process_born_ms(pid_t pid)
{
	char *path = mem_printf(NULL, "/proc/%d/stat", pid), stat[1024] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
	char *rest =
		length > 0 ? strrchr(stat, ')') : NULL; /* its name may hold anything */
	unsigned long long ticks;

	talloc_free(path);
	if (fd >= 0)
		close(fd);
	for (int field = 3; rest && field <= 22; field++)
		rest = strchr(rest + 1, ' ');
	if (!rest || sscanf(rest, "%llu", &ticks) != 1)
		return -1;
	return (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

/* Waits until PID has ended or UNTIL_MS is over; it stays to be reaped. */
static bool pid_wait(pid_t pid, int64_t until_ms)
{
	struct pollfd poller = { .fd = (int)syscall(SYS_pidfd_open, pid, 0),
				 .events = POLLIN };
	siginfo_t info;
	int n;

	if (poller.fd < 0) /* no descriptor is left, or the kernel is older than 5.3 */
		return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0;
	do {
		int64_t left = until_ms - clock_ms();

		n = poll(&poller, 1, left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
	} while (n < 0 && errno == EINTR);
	close(poller.fd);
	return n > 0;
}

bool process_ended(pid_t pid, int64_t until_ms, int *ret_status)
{
	bool ended = pid_wait(pid, until_ms);

	if (!ended) {
		kill(pid, SIGKILL);
		pid_wait(pid, clock_ms() + GRACE_MS);
	}
	while (waitpid(pid, ret_status, WNOHANG) < 0 && errno == EINTR)
		;
	return ended;
}

/* Killed where it has not ended by UNTIL_MS. */
static bool process_reap(struct process *process, int64_t until_ms, int *ret_status)
{
	bool ended = process_ended(process->pid, until_ms, ret_status);

	process->pid = 0;
	return ended;
}

static int process_close(struct process *process)
{
	int status;

	if (process->pid > 0)
		process_reap(process, 0, &status);
	close(process->output);
	close(process->error);
	return 0;
}

static void __attribute__((noreturn))
child_exec(const char *const argv[], int input, int output, int error)
{
	dup2(input < 0 ? open("/dev/null", O_RDONLY) : input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	execvp(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "%s\n", strerror(errno));
	_exit(127);
}

/* INPUT: a descriptor for its standard input; -1: /dev/null. */
static struct fault *process_spawn(const void *ctx, const char *const argv[], int input,
				   struct process **ret)
{
	int output[2], error[2] = { -1, -1 };
	struct fault *fault = NULL;
	pid_t pid = -1;

	if (pipe2(output, O_CLOEXEC) < 0)
		return fault_errno(errno, "No pipe for %s", argv[0]);
	if (pipe2(error, O_CLOEXEC | O_NONBLOCK) < 0 || (pid = fork()) < 0)
		fault = fault_errno(errno, "Cannot start %s", argv[0]);
	if (pid == 0)
		child_exec(argv, input, output[1], error[1]);
	close(output[1]);
	close(error[1]);
	if (fault) {
		close(output[0]);
		close(error[0]);
		return fault;
	}
	struct process *process = mem_new(ctx, struct process);
	*process = (struct process){ .pid = pid, .output = output[0], .error = error[0] };
	process->name = mem_strdup(process, argv[0]);
	process->text = mem_array(process, char, LINE_MAX_BYTES);
	talloc_set_destructor(process, process_close);
	*ret = process;
	return NULL;
}

struct fault *process_start(const void *ctx, const char *const argv[],
			    struct process **ret)
{
	return process_spawn(ctx, argv, -1, ret);
}

/* The end of a pipe that TEXT can be read from; so much of it fits in. */
static struct fault *input_pipe(const char *text, int *ret)
{
	size_t length = strlen(text);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_errno(errno, "No pipe");
	ssize_t n = length <= PIPE_BUF ? write(ends[1], text, length) : -1;
	close(ends[1]);
	*ret = ends[0];
	if (n == (ssize_t)length)
		return NULL;
	close(ends[0]);
	return fault_new(FAULT_FAILED, "%zu bytes are too many for a pipe", length);
}

/* Waits until there is output to read, or for UNTIL_MS. */
static struct fault *process_wait(struct process *process, int64_t until_ms)
{
	struct pollfd poller = { .fd = process->output, .events = POLLIN };

	for (;;) {
		int64_t left = until_ms < 0 ? -1 : until_ms - clock_ms();
		int n = poll(&poller, 1, until_ms < 0 ? -1 : left < 0 ? 0 : (int)left);

		if (n > 0)
			return NULL;
		if (n < 0 && errno != EINTR)
			return fault_errno(errno, "%s cannot be listened to",
					   process->name);
		if (n == 0)
			return fault_new(FAULT_TIMEOUT, "%s did not answer in time",
					 process->name);
	}
}

/* Reads what there is; the room is doubled when it is full, up to MAX. */
static struct fault *process_fill(struct process *process, size_t max)
{
	if (process->length == talloc_get_size(process->text)) {
		if (process->length >= max)
			return fault_new(FAULT_FAILED, "%s said more than %zu bytes",
					 process->name, max);
		process->text = mem_check(talloc_realloc(process, process->text, char,
							 process->length * 2));
	}
	ssize_t n = read(process->output, process->text + process->length,
			 talloc_get_size(process->text) - process->length);
	if (n < 0 && errno != EINTR)
		return fault_errno(errno, "%s cannot be read", process->name);
	process->ended = n == 0;
	process->length += n > 0 ? (size_t)n : 0;
	return NULL;
}

/* Cuts the next line off what was read; NULL if there is no whole one yet. */
static char *process_cut(const void *ctx, struct process *process)
{
	char *end = memchr(process->text, '\n', process->length);

	if (!end && !(process->ended && process->length > 0))
		return NULL;
	size_t length = end ? (size_t)(end - process->text) : process->length;
	size_t used = end ? length + 1 : length;
	char *line = mem_strndup(ctx, process->text, length);
	memmove(process->text, process->text + used, process->length - used);
	process->length -= used;
	return line;
}

struct fault *process_line(const void *ctx, struct process *process, int64_t until_ms,
			   char **ret)
{
	struct fault *fault;

	*ret = NULL;
	for (;;) {
		/* Also somebody who talks without end is not listened to for longer. */
		if (until_ms >= 0 && process->length && clock_ms() > until_ms)
			return fault_new(FAULT_TIMEOUT, "%s did not end in time",
					 process->name);
		if ((*ret = process_cut(ctx, process)) || process->ended)
			return NULL;
		if ((fault = process_wait(process, until_ms)) ||
		    (fault = process_fill(process, LINE_MAX_BYTES)))
			return fault;
	}
}

struct fault *process_line_ready(const void *ctx, struct process *process, char **ret,
				 bool *ret_more)
{
	struct pollfd poller = { .fd = process->output, .events = POLLIN };
	struct fault *fault = NULL;

	while (!(*ret = process_cut(ctx, process)) && !process->ended && !fault &&
	       poll(&poller, 1, 0) > 0)
		fault = process_fill(process, LINE_MAX_BYTES);
	*ret_more = *ret || !process->ended;
	return fault;
}

int process_descriptor(const struct process *process)
{
	return process->output;
}

/* The last line that the program wrote on standard error; "" if none. */
static char *process_complaint(struct process *process)
{
	char *text = mem_array(process, char, ERROR_MAX_BYTES + 1);
	ssize_t n = read(process->error, text, ERROR_MAX_BYTES);
	char *rest = text, *last = NULL, *line;

	text[n > 0 ? n : 0] = '\0';
	while ((line = text_line(&rest)))
		if (*text_strip(line))
			last = line;
	return mem_strdup(process, last ? text_strip(last) : "");
}

struct fault *process_end(struct process *process)
{
	int status = SIGKILL; /* one that goes on without output is given a moment */

	process_reap(process, clock_ms() + GRACE_MS, &status);
	char *complaint = process_complaint(process);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	if (WIFSIGNALED(status))
		return fault_new(FAULT_FAILED, "%s was killed by signal %d",
				 process->name, WTERMSIG(status));
	if (code == 127)
		return fault_new(FAULT_UNREACHABLE, "%s cannot be run: %s", process->name,
				 complaint);
	if (code != 0)
		return fault_new(code <= FAULT_UNPROVED ? (enum fault_status)code :
							  FAULT_FAILED,
				 "%s", *complaint ? complaint : process->name);
	return NULL;
}

struct fault *process_output(const void *ctx, struct process *process, int timeout_ms,
			     char **ret_output, int *ret_status)
{
	int64_t until_ms = clock_ms() + timeout_ms;
	struct fault *fault = NULL;

	while (!fault && !process->ended)
		if (!(fault = process_wait(process, until_ms)))
			fault = process_fill(process, OUTPUT_MAX_BYTES);
	if (fault)
		return fault;
	int status = 0;
	if (!process_reap(process, until_ms, &status))
		return fault_new(FAULT_TIMEOUT, "%s did not end in time", process->name);
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (*ret_status == 127)
		return fault_new(FAULT_UNREACHABLE, "%s cannot be run: %s", process->name,
				 process_complaint(process));
	*ret_output = mem_strndup(ctx, process->text, process->length);
	return NULL;
}

struct fault *process_run(const void *ctx, const char *const argv[], int timeout_ms,
			  char **ret_output, int *ret_status)
{
	struct process *process;
	struct fault *fault = process_start(NULL, argv, &process);

	if (fault)
		return fault;
	fault = process_output(ctx, process, timeout_ms, ret_output, ret_status);
	talloc_free(process);
	return fault;
}

/* Reads what PROCESS prints, which counts for nothing, to its end. */
static struct fault *process_drain(struct process *process, int64_t until_ms)
{
	struct fault *fault = NULL;

	while (!fault && !process->ended) {
		process->length = 0;
		if (!(fault = process_wait(process, until_ms)))
			fault = process_fill(process, LINE_MAX_BYTES);
	}
	return fault;
}

struct fault *process_tell(const char *const argv[], const char *input, int timeout_ms)
{
	struct process *process = NULL;
	struct fault *fault = NULL;
	int fd = -1;

	if (!input || !(fault = input_pipe(input, &fd)))
		fault = process_spawn(NULL, argv, fd, &process);
	if (fd >= 0)
		close(fd);
	if (fault || (fault = process_drain(process, clock_ms() + timeout_ms))) {
		talloc_free(process);
		return fault;
	}
	if ((fault = process_end(process)) && fault->status != FAULT_UNREACHABLE)
		fault->status = FAULT_FAILED; /* its own numbers mean something else */
	talloc_free(process);
	return fault;
}

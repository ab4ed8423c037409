/* SPDX-License-Identifier: ISC */
#include "hub/helper.h"

#include <bsd/stdlib.h>
#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"

enum {
	LINE_MAX_BYTES = 256 << 10,
	READ_BYTES = 16384,
	PIPE_FD = 3,
	STATUS_MAX = 255,
};

/* Begins the line that tells how the work ended. */
static const char fault_mark = '!';

struct helper {
	struct helper_plan plan;
	struct loop *loop;
	pid_t pid; /* 0: reaped */
	int fd;
	struct source *source;
	char *text;
	size_t length;
	struct fault *fault;
};

void helper_kill(struct helper *helper)
{
	if (helper->pid > 0)
		kill(-helper->pid, SIGKILL); /* and whatever it has started */
}

static int helper_close(struct helper *helper)
{
	int status;

	talloc_free(helper->source);
	if (helper->pid > 0) {
		helper_kill(helper);
		process_ended(helper->pid, 0, &status);
	}
	if (helper->fd >= 0)
		close(helper->fd);
	talloc_free(helper->fault);
	return 0;
}

/* The helper's end of it: nothing of the parent's stays open but where errors go. */
static void __attribute__((noreturn))
helper_main(const struct helper_plan *plan, struct loop *loop, int fd, pid_t parent)
{
	struct fault *fault;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(FAULT_FAILED);
	prctl(PR_SET_NAME, plan->name);
	talloc_free(loop);
	signal(SIGPIPE, SIG_DFL);
	if (plan->input > 0)
		dup2(plan->input, STDIN_FILENO);
	if (fd != PIPE_FD)
		dup2(fd, PIPE_FD);
	closefrom(PIPE_FD + 1);
	FILE *out = fdopen(PIPE_FD, "w");
	if (!out)
		_exit(FAULT_FAILED);
	fault = plan->work(plan->arg, out);
	if (fault) {
		for (char *c = fault->text; (c = strchr(c, '\n')); c++)
			*c = ' ';
		fprintf(out, "%c%d %s\n", fault_mark, (int)fault->status, fault->text);
	}
	fflush(out);
	_exit(fault ? (int)fault->status : FAULT_NONE);
}

static void take_fault(struct helper *helper, char *text)
{
	char *words = strchr(text, ' ');

	if (words)
		*words++ = '\0';
	talloc_free(helper->fault);
	helper->fault = fault_new((enum fault_status)strtonum(text, 1, STATUS_MAX, NULL),
				  "%s", words ? words : "");
}

/* Hands out all whole lines. */
static void take_lines(struct helper *helper)
{
	char *line = helper->text, *end;
	size_t left = helper->length;

	while ((end = memchr(line, '\n', left))) {
		*end = '\0';
		if (*line == fault_mark)
			take_fault(helper, line + 1);
		else
			helper->plan.line(helper->plan.arg, line);
		left -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(helper->text, line, left);
	helper->length = left;
}

static void on_ended(void *arg, int status)
{
	struct helper *helper = arg;
	struct fault *fault = helper->fault;

	helper->pid = 0;
	helper->fault = NULL;
	if (!fault && status != 0)
		fault = fault_new(FAULT_FAILED, "The helper '%s' was ended by %s %d",
				  helper->plan.name,
				  WIFSIGNALED(status) ? "signal" : "status",
				  WIFSIGNALED(status) ? WTERMSIG(status) :
							WEXITSTATUS(status));
	helper->plan.end(helper->plan.arg, fault);
}

static void read_all_ended(struct helper *helper)
{
	talloc_free(helper->source);
	helper->source = loop_child(helper, helper->loop, helper->pid, on_ended, helper);
}

static void on_helper_output(void *arg)
{
	struct helper *helper = arg;
	size_t room = talloc_get_size(helper->text) - helper->length;
	ssize_t n;

	if (room < READ_BYTES)
		helper->text = mem_check(talloc_realloc(helper, helper->text, char,
							helper->length + 2 * READ_BYTES));
	n = read(helper->fd, helper->text + helper->length, READ_BYTES);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		helper->length += (size_t)n;
		take_lines(helper);
	}
	if (helper->length > LINE_MAX_BYTES) {
		kill(helper->pid, SIGKILL);
		n = 0;
	}
	if (n <= 0)
		read_all_ended(helper);
}

struct fault *helper_start(const void *ctx, struct loop *loop,
			   const struct helper_plan *plan, struct helper **ret)
{
	pid_t parent = getpid(), pid;
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return fault_errno(errno, "No pipe for a helper");
	pid = fork();
	if (pid == 0)
		helper_main(plan, loop, pipes[1], parent);
	close(pipes[1]);
	if (pid < 0) {
		close(pipes[0]);
		return fault_errno(errno, "No process for a helper");
	}
	setpgid(pid, pid); /* whoever is first */
	struct helper *helper = mem_new(ctx, struct helper);
	*helper = (struct helper){
		.plan = *plan, .loop = loop, .pid = pid, .fd = pipes[0]
	};
	talloc_set_destructor(helper, helper_close);
	helper->text = mem_array(helper, char, READ_BYTES);
	helper->source = loop_read(helper, loop, helper->fd, on_helper_output, helper);
	*ret = helper;
	return NULL;
}

/* SPDX-License-Identifier: ISC */
/* The process of a call.  Its standard input is the connection. */
#include "service/control_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"
#include "hub/aside.h"
#include "service/socket.h"

enum {
	HEAR_MS = 5000,	  /* until the command is there */
	ANSWER_MS = 5000, /* until the answer is taken */
	OVERFLOW_UID =
		65534, /* stands for whoever has no number here: user_namespaces(7) */
};

/* --- who calls --- */

static struct fault *groups_of(const void *ctx, struct caller *caller)
{
	socklen_t size = 0;

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0)
		return NULL; /* he is in none */
	gid_t *groups = mem_array(ctx, gid_t, size / sizeof(*groups));
	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return fault_errno(errno, "It cannot be seen in which groups you are");
	caller->groups = groups;
	caller->group_count = size / sizeof(*groups);
	return NULL;
}

static bool is_member(const struct caller *caller, const char *name)
{
	const struct group *group = getgrnam(name);
	bool member = group && group->gr_gid == caller->gid;

	for (size_t i = 0; group && i < caller->group_count; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there are as many */
		member |= caller->groups[i] == group->gr_gid;
	return member;
}

static struct fault *open_places(const void *ctx, const struct settings *settings,
				 int *ret)
{
	int dir = open(settings_path(ctx, settings, SOCKET_DIRECTORY),
		       O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct fault *fault = aside_places(dir, ret);

	if (dir >= 0)
		close(dir);
	return fault;
}

/* As he was when he connected, whoever has the connection now. */
static struct fault *know_caller(const void *ctx, const struct settings *settings,
				 struct caller *caller)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t length = sizeof(peer);
	struct fault *fault;

	*caller = (struct caller){
		.uid = peer.uid, .called = true, .directory = -1, .places = -1
	};
	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return fault_errno(errno, "It cannot be seen who you are");
	caller->uid = peer.uid;
	caller->gid = peer.gid;
	if ((fault = groups_of(ctx, caller)))
		return fault;
	if (peer.uid == 0)
		return fault_new(FAULT_REFUSED,
				 "Root does it himself, without the service");
	if (peer.uid == (uid_t)-1 || peer.uid == OVERFLOW_UID ||
	    !is_member(caller, settings->group))
		return fault_new(FAULT_REFUSED,
				 "Only members of the group '%s' may ask the service",
				 settings->group);
	return open_places(ctx, settings, &caller->places);
}

/* --- what he wants --- */

/* The descriptor that came with MESSAGE, if one did, becomes *RET. */
static struct fault *take_descriptor(struct msghdr *message, int *ret)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
	     head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		if (*ret >= 0 || head->cmsg_len != CMSG_LEN(sizeof(*ret)))
			return fault_new(FAULT_USAGE,
					 "More than one descriptor was sent");
		memcpy(ret, CMSG_DATA(head), sizeof(*ret));
	}
	return message->msg_flags & MSG_CTRUNC ?
		       fault_new(FAULT_USAGE, "More than one descriptor was sent") :
		       NULL;
}

/* Adds what there is to the *LENGTH bytes of TEXT, and takes the descriptor. */
static struct fault *take_some(char *text, size_t *length, int *directory)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { text + *length, CALL_MAX_BYTES - *length };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(STDIN_FILENO, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	if (n <= 0)
		return fault_new(FAULT_USAGE, "The command ended before its end");
	*length += (size_t)n;
	return take_descriptor(&message, directory);
}

static bool wait_ready(short events, int64_t until_ms)
{
	struct pollfd poller = { .fd = STDIN_FILENO, .events = events };
	int64_t left = until_ms - clock_ms();

	return left > 0 && poll(&poller, 1, (int)left) != 0;
}

/* One line, and nothing behind it. */
static struct fault *hear_line(char *text, int *directory)
{
	int64_t until_ms = clock_ms() + HEAR_MS;
	struct fault *fault = NULL;
	size_t length = 0;
	char *end = NULL;

	while (!fault && !(end = memchr(text, '\n', length))) {
		if (length == CALL_MAX_BYTES)
			return fault_new(FAULT_USAGE,
					 "The command has more than %d bytes",
					 CALL_MAX_BYTES);
		fault = wait_ready(POLLIN, until_ms) ?
				take_some(text, &length, directory) :
				fault_new(FAULT_TIMEOUT,
					  "The command did not come within %d s",
					  HEAR_MS / 1000);
	}
	if (!fault && (end + 1 != text + length || memchr(text, '\0', length)))
		fault = fault_new(FAULT_USAGE, "The command is not one line of text");
	if (!fault)
		*end = '\0';
	return fault;
}

static struct fault *hear_call(const void *ctx, const struct control_plan *plan,
			       bool crowded, struct call *call)
{
	char *text = mem_array(ctx, char, CALL_MAX_BYTES);
	struct fault *fault = know_caller(ctx, plan->settings, &call->caller);

	if (!fault && crowded)
		fault = fault_new(
			FAULT_FAILED,
			"%d commands of yours are at work already: try again when one has "
			"ended",
			CONTROL_EACH_MAX);
	if (fault || (fault = hear_line(text, &call->caller.directory)))
		return fault;
	return call_parse(ctx, text, &call->words);
}

/* --- what comes of it --- */

/* What is printed to FD is kept, up to a size. */
static bool keep_output(int fd, const char *name)
{
	int memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return memory >= 0 && ftruncate(memory, CALL_OUTPUT_MAX_BYTES) == 0 &&
	       fcntl(memory, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0 &&
	       dup2(memory, fd) >= 0;
}

/* All that was printed to it. */
static char *kept_output(const void *ctx, int fd)
{
	char *text = mem_array(ctx, char, CALL_OUTPUT_MAX_BYTES + 1);
	off_t length = lseek(fd, 0, SEEK_CUR);

	if (length <= 0 || pread(fd, text, (size_t)length, 0) != length)
		*text = '\0';
	return text;
}

/* Who does not take it in time has not got it. */
static void send_answer(const char *line)
{
	int64_t until_ms = clock_ms() + ANSWER_MS;
	size_t left = strlen(line);

	while (left > 0 && wait_ready(POLLOUT, until_ms)) {
		ssize_t n = send(STDIN_FILENO, line, left, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		line += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
}

static void answer_call(const void *ctx, int status)
{
	const struct answer answer = { .status = fault_flush(status),
				       .output = kept_output(ctx, STDOUT_FILENO),
				       .error = kept_output(ctx, STDERR_FILENO) };

	send_answer(mem_append(ctx, answer_line(ctx, &answer), "\n"));
}

static void tell_call(const void *ctx, const struct call *call, const struct fault *fault,
		      FILE *out)
{
	struct event *event = call_event(ctx, call->caller.uid, call->words, fault);

	fprintf(out, "%s\n", event_json(event, event));
	fflush(out);
}

void control_call(const struct control_plan *plan, bool crowded, FILE *out)
{
	void *ctx = talloc_new(NULL);
	struct call call = { 0 };
	struct fault *fault = NULL;

	if (!keep_output(STDOUT_FILENO, "output") || !keep_output(STDERR_FILENO, "error"))
		return;
	if ((fault = hear_call(ctx, plan, crowded, &call)))
		fprintf(stderr, "%s\n", text_visible(ctx, fault->text));
	else
		fault = plan->serve(plan->serve_arg, &call);
	tell_call(ctx, &call, fault, out);
	answer_call(ctx, fault ? (int)fault->status : FAULT_NONE);
	talloc_free(fault);
	talloc_free(ctx);
}

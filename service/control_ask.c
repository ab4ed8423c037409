/* SPDX-License-Identifier: ISC */
/* The end of who asks. */
#include "service/control_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/memory.h"
#include "service/socket.h"

enum {
	CONNECT_S = 20,		 /* while others wait, too */
	ANSWER_S = 150,		 /* more than the service gives it */
	ANSWER_BYTES = 16 << 10, /* to begin with */
	ANSWER_MAX_BYTES = 16 << 20,
};

static struct fault *no_control(int error, const struct settings *settings)
{
	struct fault *fault;

	if (error == ENOENT || error == ECONNREFUSED)
		return NULL;
	if (error == EACCES)
		return fault_new(
			FAULT_REFUSED,
			"Only root, by sudo, and members of the group '%s' may change "
			"shares: 'sudo usermod -aG %s \"$USER\"' makes you one at your next "
			"login",
			settings->group, settings->group);
	if (error == EAGAIN)
		return fault_new(FAULT_TIMEOUT,
				 "The service has so much to do that it did not "
				 "listen within %d s; try again",
				 CONNECT_S);
	fault = fault_errno(error, "The service cannot be asked");
	fault->status = FAULT_UNREACHABLE;
	return fault;
}

/* With DIRECTORY at the first byte of it.  What cannot be sent has its reason in the answer. */
static void send_call(int fd, const char *line, int directory)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { (char *)line, strlen(line) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(directory));
	memcpy(CMSG_DATA(head), &directory, sizeof(directory));
	if (directory < 0)
		message.msg_controllen = 0;
	while (part.iov_len > 0) {
		ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return;
		part.iov_base = (char *)part.iov_base + (n > 0 ? n : 0);
		part.iov_len -= n > 0 ? (size_t)n : 0;
		message.msg_controllen = n > 0 ? 0 : message.msg_controllen;
	}
}

/* The line, without its newline; NULL with errno, 0 for the end of it, where it does not come. */
static char *hear_answer_line(const void *ctx, int fd)
{
	char *text = mem_array(ctx, char, ANSWER_BYTES);
	size_t length = 0, room = ANSWER_BYTES;
	ssize_t n = 0;

	while (length < ANSWER_MAX_BYTES && (length == 0 || text[length - 1] != '\n')) {
		if (length == room)
			text = mem_check(talloc_realloc(ctx, text, char, room *= 2));
		n = TEMP_FAILURE_RETRY(read(fd, text + length, room - length));
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	errno = n < 0 ? errno : 0;
	if (length == 0 || text[length - 1] != '\n')
		return NULL;
	text[length - 1] = '\0';
	return text;
}

static struct fault *hear_answer(const void *ctx, int fd, struct answer **ret)
{
	const struct timeval limit = { .tv_sec = ANSWER_S };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	char *text = hear_answer_line(ctx, fd);
	if (!text)
		return fault_new(
			errno == EAGAIN ? FAULT_TIMEOUT : FAULT_UNREACHABLE,
			"The service did not say what became of it; 'hubshare list' shows "
			"it, and what was begun is ended by the next change");
	return answer_parse(ctx, text, ret);
}

struct fault *control_ask(const void *ctx, const struct settings *settings,
			  const char *const *words, int directory, struct answer **ret)
{
	char *line;
	struct fault *fault = call_line(ctx, words, &line);

	*ret = NULL;
	if (fault)
		return fault;
	int fd = socket_connect(settings, CONTROL_SOCKET, CONNECT_S);
	if (fd < 0)
		return no_control(errno, settings);
	send_call(fd, mem_append(ctx, line, "\n"), directory);
	fault = hear_answer(ctx, fd, ret);
	close(fd);
	return fault;
}

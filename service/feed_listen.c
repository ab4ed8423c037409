/* SPDX-License-Identifier: ISC */
/* The feed as those see it who listen. */
#include "service/feed.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/document.h"
#include "common/memory.h"
#include "service/feed_parts.h"
#include "service/socket.h"

struct listening {
	int fd;
	size_t length;
	char text[FEED_LINE_MAX + 1]; /* what was received and not yet handed out */
};

static int listening_close(struct listening *listening)
{
	if (listening->fd >= 0)
		close(listening->fd);
	return 0;
}

/* A service that has so many waiting to be accepted that it takes no more runs, too. */
bool service_runs(const struct settings *settings)
{
	int fd = socket_connect(settings, FEED_SOCKET, 0);

	if (fd < 0)
		return errno == EAGAIN;
	close(fd);
	return true;
}

static struct fault *no_service(int error, const struct settings *settings)
{
	if (error == ENOENT || error == ECONNREFUSED)
		return fault_new(
			FAULT_UNREACHABLE,
			"No service runs that would tell: 'systemctl start hubshare' "
			"or 'hubshare sync --watch' starts it");
	if (error == EACCES)
		return fault_new(FAULT_REFUSED,
				 "Only root and members of the group '%s' may watch",
				 settings->group);
	struct fault *fault = fault_errno(error, "The service cannot be listened to");
	fault->status = FAULT_UNREACHABLE;
	return fault;
}

struct fault *feed_connect(const void *ctx, const struct settings *settings,
			   struct listening **ret)
{
	int fd = socket_connect(settings, FEED_SOCKET, 0);

	if (fd < 0)
		return no_service(errno, settings);
	struct listening *listening = mem_new(ctx, struct listening);
	listening->fd = fd;
	talloc_set_destructor(listening, listening_close);
	*ret = listening;
	return NULL;
}

int feed_descriptor(const struct listening *listening)
{
	return listening->fd;
}

struct fault *feed_receive(struct listening *listening)
{
	ssize_t n = read(listening->fd, listening->text + listening->length,
			 sizeof(listening->text) - listening->length);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	listening->length += n > 0 ? (size_t)n : 0;
	if (n > 0)
		return NULL;
	return fault_new(
		FAULT_UNREACHABLE,
		"The service has ended: 'systemctl start hubshare' or 'hubshare sync "
		"--watch' starts it");
}

/* A line that says why there will be no more; false: it is another one. */
static bool is_error(const char *line, struct fault **ret)
{
	struct document *object;
	struct fault *fault = document_read(NULL, line, &object);

	if (fault) {
		talloc_free(fault);
		return false;
	}
	const char *why =
		document_is_object(object) ? document_text(object, FEED_ERROR) : "";
	if (*why)
		*ret = fault_new(FAULT_UNREACHABLE, "%s", why);
	bool is = *why != '\0';
	talloc_free(object);
	return is;
}

struct fault *feed_next(const void *ctx, struct listening *listening, struct event **ret)
{
	char *end = memchr(listening->text, '\n', listening->length);

	*ret = NULL;
	if (!end && listening->length < sizeof(listening->text))
		return NULL;
	if (!end)
		return fault_new(FAULT_FAILED,
				 "The service says more than %d bytes in a line",
				 FEED_LINE_MAX);
	size_t used = (size_t)(end + 1 - listening->text);
	char *line = mem_strndup(NULL, listening->text, used - 1);
	memmove(listening->text, listening->text + used, listening->length - used);
	listening->length -= used;
	struct fault *fault;
	if (!is_error(line, &fault))
		fault = fault_wrap(event_parse(ctx, line, ret),
				   "What the service says cannot be used");
	talloc_free(line);
	return fault;
}

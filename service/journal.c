/* SPDX-License-Identifier: ISC */
#include "service/journal.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#define SD_JOURNAL_SUPPRESS_LOCATION /* it would be the same for all events */
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/text.h"

enum { FIELDS_MAX = 32 };

enum journal_state { JOURNAL_AWAY, JOURNAL_FULL, JOURNAL_READY };

/* sd_journal_sendv() waits as long as the journal's queue is full, and the kernel tells a
 * connected socket whether its peer's is. */
static enum journal_state journal_look(void)
{
	const struct sockaddr_un address = { AF_UNIX, "/run/systemd/journal/socket" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	enum journal_state state = JOURNAL_AWAY;

	if (fd < 0)
		return JOURNAL_FULL;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		state = poll(&poller, 1, 0) > 0 ? JOURNAL_READY : JOURNAL_FULL;
	close(fd);
	return state;
}

static void journal_send(char *const fields[], unsigned lost)
{
	char *gap = lost ? mem_printf(NULL, "HUBSHARE_LOST=%u", lost) : NULL;
	struct iovec list[FIELDS_MAX];
	int count = 0;

	for (; *fields && count < FIELDS_MAX - 1; fields++)
		list[count++] = (struct iovec){ *fields, strlen(*fields) };
	if (gap)
		list[count++] = (struct iovec){ gap, strlen(gap) };
	sd_journal_sendv(list, count);
	talloc_free(gap);
}

void journal_tell(const struct event *event)
{
	static unsigned lost;
	enum journal_state state = journal_look();

	if (state != JOURNAL_READY) {
		lost += state == JOURNAL_FULL;
		return;
	}
	char **fields = event_fields(NULL, event);
	journal_send(fields, lost);
	lost = 0;
	talloc_free(fields);
}

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

/* A newline would begin another message to systemd. */
void notify_status(const char *text)
{
	char *visible = text_visible(NULL, text);

	sd_notifyf(0, "STATUS=%s", visible);
	talloc_free(visible);
}

void notify_watchdog(void)
{
	sd_notify(0, "WATCHDOG=1");
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

/* Twice as often as it would be too late: sd_watchdog_enabled(3). */
int64_t notify_interval_ms(void)
{
	uint64_t usec = 0;

	return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)(usec / 2000) : 0;
}

/* SPDX-License-Identifier: ISC */
#include "service/file_watch.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/memory.h"

enum {
	WATCHED = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE,
	READ_BYTES = 4096,
};

struct file_watching {
	int fd;
	const char *name;
	loop_fn *fn;
	void *arg;
};

static int file_watch_close(struct file_watching *watching)
{
	close(watching->fd);
	return 0;
}

static bool is_watched(const struct file_watching *watching,
		       const struct inotify_event *event)
{
	size_t length = event->len ? strlen(event->name) : 0;

	if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED))
		return true;
	if (watching->name)
		return length && strcmp(event->name, watching->name) == 0;
	return length > 5 && *event->name != '.' &&
	       strcmp(event->name + length - 5, ".conf") == 0;
}

static void on_file_events(void *arg)
{
	const struct file_watching *watching = arg;
	char buffer[READ_BYTES]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t length = read(watching->fd, buffer, sizeof(buffer));
	bool changed = false;

	for (char *at = buffer; length > 0 && at < buffer + length;) {
		const struct inotify_event *event = (const void *)at;

		changed |= is_watched(watching, event);
		at += sizeof(*event) + event->len;
	}
	if (changed)
		watching->fn(watching->arg);
}

bool file_watch(const void *ctx, struct loop *loop, const char *directory,
		const char *name, loop_fn *fn, void *arg)
{
	struct file_watching *watching;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0 || inotify_add_watch(fd, directory, WATCHED | IN_ONLYDIR) < 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	watching = mem_new(ctx, struct file_watching);
	*watching = (struct file_watching){ .fd = fd,
					    .fn = fn,
					    .arg = arg,
					    .name = name ? mem_strdup(watching, name) :
							   NULL };
	loop_read(watching, loop, fd, on_file_events, watching);
	talloc_set_destructor(watching, file_watch_close);
	return true;
}

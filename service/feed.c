/* SPDX-License-Identifier: ISC */
#include "service/feed.h"

#include <bsd/sys/queue.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/document.h"
#include "common/memory.h"
#include "common/process.h"
#include "service/feed_parts.h"
#include "service/socket.h"

enum {
	WATCHERS_MAX = 16,
	/* Twice that is what the kernel keeps (socket(7)); where others' limit is ours, too, less,
	 * so that there is always room for a last line. */
	WATCHER_BUFFER = 512 << 10,
	WATCHER_BUFFER_SMALL = 96 << 10,
	ACCEPT_PAUSE_MS = 1000, /* where there is no descriptor for one more */
};

struct watcher {
	LIST_ENTRY(watcher) entry;
	struct feed *feed;
	struct source *source;
	int fd;
};

struct feed {
	LIST_HEAD(watchers, watcher) watchers;
	size_t count;
	struct loop *loop;
	struct source *source, *pause, *change;
	loop_fn *fn; /* on a change */
	void *arg;
	bool watched; /* as it was told last */
	pid_t pid;    /* whose it is: a child's copy removes no names */
	int dir, lock, fd;
};

/* The files that go with the service go first, and its lock last. */
static int feed_close(struct feed *feed)
{
	if (feed->fd >= 0 && feed->pid == getpid())
		unlinkat(feed->dir, FEED_SOCKET, 0);
	TALLOC_FREE(feed->source);
	const int fds[] = { feed->fd, feed->dir, feed->lock };
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return 0;
}

/* Makes the directory unless it is there; nobody else may be able to change it. */
static struct fault *open_directory(struct feed *feed, const struct settings *settings)
{
	char *run = settings_path(feed, settings, "/run");
	char *path = settings_path(feed, settings, SOCKET_DIRECTORY);
	struct stat st;

	mkdir(run, 0755); /* under a root it may not be there */
	bool made = mkdir(path, 0755) == 0;
	feed->dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (feed->dir < 0 || (made && fchmod(feed->dir, 0755) < 0) ||
	    fstat(feed->dir, &st) < 0)
		return socket_cannot(path);
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return fault_new(FAULT_REFUSED, "%s can be changed by others: remove it",
				 path);
	return NULL;
}

/*
 * A lock of fcntl(2), since a child's copy of a descriptor holds one of flock(2) on: the
 * service's children must not keep the next service from starting.
 */
static struct fault *take_service_lock(struct feed *feed)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	feed->lock = openat(feed->dir, FEED_LOCK,
			    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (feed->lock < 0)
		return socket_cannot(SOCKET_DIRECTORY "/" FEED_LOCK);
	if (fcntl(feed->lock, F_SETLK, &whole) == 0)
		return NULL;
	if (errno != EACCES && errno != EAGAIN)
		return fault_errno(errno, "The service's lock cannot be had");
	return fault_new(
		FAULT_UNREACHABLE,
		"'hubshare sync --watch' runs already; 'systemctl status hubshare' "
		"shows it where systemd has started it");
}

bool feed_watched(const struct feed *feed)
{
	return feed->count > 0;
}

void feed_on_change(struct feed *feed, loop_fn *fn, void *arg)
{
	feed->fn = fn;
	feed->arg = arg;
}

static void tell_change(void *arg)
{
	struct feed *feed = arg;

	if (!feed->fn || feed->watched == feed_watched(feed))
		return;
	feed->watched = !feed->watched;
	feed->fn(feed->arg);
}

/* The function is called from the loop, since whoever tells an event may be in its midst. */
static void note_change(struct feed *feed)
{
	TALLOC_FREE(feed->change);
	feed->change = loop_timer(feed, feed->loop, clock_ms(), tell_change, feed);
}

static int watcher_close(struct watcher *watcher)
{
	TALLOC_FREE(watcher->source);
	close(watcher->fd);
	LIST_REMOVE(watcher, entry);
	watcher->feed->count--;
	return 0;
}

/* With CAP_NET_ADMIN it may be larger than others' (socket(7)). */
static void set_buffer(int fd, int size, int size_else)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size_else, sizeof(size_else));
}

/* The last that is sent to somebody. */
static void say_why(int fd, const char *why)
{
	struct document *object = document_object(NULL);

	document_put_text(object, FEED_ERROR, why);
	char *line = mem_printf(object, "%s\n", document_write(object, object, false));
	send(fd, line, strlen(line), MSG_NOSIGNAL);
	talloc_free(object);
}

static void watcher_drop(struct watcher *watcher)
{
	struct feed *feed = watcher->feed;

	talloc_free(watcher);
	note_change(feed);
}

/* It has gone, or says something, which it should not. */
static void watcher_spoke(void *arg)
{
	watcher_drop(arg);
}

static void watcher_new(struct feed *feed, int fd)
{
	struct watcher *watcher = mem_new(feed, struct watcher);

	set_buffer(fd, WATCHER_BUFFER, WATCHER_BUFFER_SMALL);
	watcher->feed = feed;
	watcher->fd = fd;
	LIST_INSERT_HEAD(&feed->watchers, watcher, entry);
	feed->count++;
	talloc_set_destructor(watcher, watcher_close);
	watcher->source = loop_read(watcher, feed->loop, fd, watcher_spoke, watcher);
	note_change(feed);
}

static void watcher_turn_away(int fd)
{
	say_why(fd,
		"So many watch already that nobody else can: end another 'hubshare watch'");
	close(fd);
}

static void accept_next(void *arg);

static void listen_again(void *arg)
{
	struct feed *feed = arg;

	TALLOC_FREE(feed->pause);
	feed->source = loop_read(feed, feed->loop, feed->fd, accept_next, feed);
}

/* Who waits to be accepted would be told of without end. */
static void listen_later(struct feed *feed)
{
	TALLOC_FREE(feed->source);
	feed->pause = loop_timer(feed, feed->loop, clock_ms() + ACCEPT_PAUSE_MS,
				 listen_again, feed);
}

static void accept_next(void *arg)
{
	struct feed *feed = arg;
	int fd = accept4(feed->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 &&
	    (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
		listen_later(feed);
	else if (fd >= 0 && feed->count < WATCHERS_MAX)
		watcher_new(feed, fd);
	else if (fd >= 0)
		watcher_turn_away(fd);
}

struct fault *feed_new(const void *ctx, struct loop *loop,
		       const struct settings *settings, struct feed **ret)
{
	struct feed *feed = mem_new(ctx, struct feed);
	struct fault *fault;

	feed->loop = loop;
	feed->pid = getpid();
	feed->dir = feed->lock = feed->fd = -1;
	talloc_set_destructor(feed, feed_close);
	if ((fault = open_directory(feed, settings)) ||
	    (fault = take_service_lock(feed)) ||
	    (fault = socket_listen(feed->dir, FEED_SOCKET, WATCHERS_MAX, settings,
				   &feed->fd))) {
		talloc_free(feed);
		return fault;
	}
	feed->source = loop_read(feed, loop, feed->fd, accept_next, feed);
	*ret = feed;
	return NULL;
}

/* There is a little more room now. */
static void watcher_give_up(struct watcher *watcher)
{
	set_buffer(watcher->fd, 2 * WATCHER_BUFFER, WATCHER_BUFFER);
	say_why(watcher->fd,
		"This watch did not read for so long that it is told no more: start "
		"it again");
	watcher_drop(watcher);
}

/* A line of this length goes as a whole or not at all (unix_stream_sendmsg() in Linux). */
void feed_tell(struct feed *feed, const struct event *event)
{
	struct watcher *watcher, *next;

	if (!feed_watched(feed))
		return;
	char *line = mem_append(NULL, event_json(NULL, event), "\n");
	size_t length = strlen(line);
	LIST_FOREACH_SAFE(watcher, &feed->watchers, entry, next)
	if (length <= FEED_LINE_MAX &&
	    send(watcher->fd, line, length, MSG_NOSIGNAL) != (ssize_t)length)
		watcher_give_up(watcher);
	talloc_free(line);
}

/* SPDX-License-Identifier: ISC */
/*
 * How long from a frame on the wire to a line about it:
 *
 *	latency PID INTERFACE TITLE COMMAND...
 *
 * Starts COMMAND, whose lines are read through a pipe, and sends announcements of new
 * guests from INTERFACE of the network namespace of PID: 300 one by one after 5 to 45 ms,
 * then 250 at once.  Prints percentiles in microseconds.
 */
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SINGLE = 300, BURST = 250, FRAME = 60 };

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A packet socket in another namespace stays there. */
static int open_there(const char *pid, const char *interface)
{
	char path[64];
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0 || setns(there, CLONE_NEWNET) < 0)
		fail(path);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_ifindex = (int)if_nametoindex(interface);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail(interface);
	if (setns(here, CLONE_NEWNET) < 0)
		fail("setns");
	return fd;
}

/* Guest N, 172.16.10.(2 + N mod 250), announces itself. */
static void announce(int fd, unsigned n)
{
	static const uint8_t fixed[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	uint8_t frame[FRAME] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const uint8_t mac[] = { 0x52, 0x54, 0, 0x77, (uint8_t)(n >> 8), (uint8_t)n };
	const uint8_t ip[] = { 172, 16, 10, (uint8_t)(2 + n % 250) };

	memcpy(frame + 6, mac, 6);
	memcpy(frame + 12, fixed, sizeof(fixed));
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 28, ip, 4);
	memcpy(frame + 38, ip, 4);
	if (send(fd, frame, FRAME, 0) != FRAME)
		fail("send");
}

/* Lines as they come; each with the time it was read. */
struct reader {
	int fd;
	char buffer[65536];
	size_t length;
};

/* The guest that the next line is about; -1 if it is about none, -2 after UNTIL. */
static int next_guest(struct reader *reader, int64_t until_us)
{
	char *end;
	unsigned high, low;
	const char *at;
	int guest = -1;

	while (!(end = memchr(reader->buffer, '\n', reader->length))) {
		int64_t left = until_us - now_us();
		struct pollfd fd = { .fd = reader->fd, .events = POLLIN };
		ssize_t got;

		if (left <= 0 || poll(&fd, 1, (int)(left / 1000 + 1)) <= 0)
			return -2;
		got = read(reader->fd, reader->buffer + reader->length,
			   sizeof(reader->buffer) - 1 - reader->length);
		if (got <= 0)
			fail("the command ended");
		reader->length += (size_t)got;
	}
	*end = '\0';
	if ((at = strstr(reader->buffer, "52:54:00:77:")) &&
	    sscanf(at + 12, "%2x:%2x", &high, &low) == 2)
		guest = (int)(high << 8 | low);
	reader->length -= (size_t)(end + 1 - reader->buffer);
	memmove(reader->buffer, end + 1, reader->length);
	return guest;
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print(const char *title, const char *kind, int64_t *us, int count, int of)
{
	qsort(us, (size_t)count, sizeof(*us), compare);
	printf("%-10s %-10s seen %3d of %3d", title, kind, count, of);
	if (count)
		printf("   p50 %6lld   p90 %6lld   p99 %6lld   max %6lld",
		       (long long)us[count / 2], (long long)us[count * 9 / 10],
		       (long long)us[count * 99 / 100], (long long)us[count - 1]);
	putchar('\n');
}

static void pause_us(int64_t us)
{
	struct timespec time = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&time, NULL);
}

static void one_by_one(struct reader *reader, int fd, const char *title)
{
	int64_t us[SINGLE];
	int count = 0;

	for (unsigned n = 0; n < SINGLE; n++) {
		int64_t sent;
		int guest;

		pause_us(5000 + random() % 40000);
		sent = now_us();
		announce(fd, n);
		do
			guest = next_guest(reader, sent + 1000000);
		while (guest != -2 && guest != (int)n);
		if (guest == (int)n)
			us[count++] = now_us() - sent;
	}
	print(title, "one by one", us, count, SINGLE);
}

static void at_once(struct reader *reader, int fd, const char *title)
{
	int64_t us[BURST], sent[BURST], until;
	bool seen[BURST] = { false };
	int count = 0, guest;

	for (unsigned n = 0; n < BURST; n++) {
		sent[n] = now_us();
		announce(fd, 0x1000 + n);
	}
	until = now_us() + 1000000;
	while (count < BURST && (guest = next_guest(reader, until)) != -2) {
		int n = guest - 0x1000;

		if (n < 0 || n >= BURST || seen[n])
			continue;
		seen[n] = true;
		us[count++] = now_us() - sent[n];
	}
	print(title, "at once", us, count, BURST);
}

int main(int argc, char *argv[])
{
	static struct reader reader;
	int fd, pipe_fd[2];
	pid_t pid;

	if (argc < 5 || pipe(pipe_fd) < 0)
		return 2;
	fd = open_there(argv[1], argv[2]);
	pid = fork();
	if (pid == 0) {
		dup2(pipe_fd[1], STDOUT_FILENO);
		close(pipe_fd[0]);
		freopen("/dev/null", "w", stderr);
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	close(pipe_fd[1]);
	reader.fd = pipe_fd[0];
	/* It listens once it tells of a guest. */
	for (int tries = 0; tries < 100; tries++) {
		announce(fd, 0xffff);
		if (next_guest(&reader, now_us() + 50000) != -2)
			break;
	}
	/* And a watch has asked everybody after its first rounds. */
	pause_us(600000);
	one_by_one(&reader, fd, argv[3]);
	at_once(&reader, fd, argv[3]);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return 0;
}

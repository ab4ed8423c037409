/* SPDX-License-Identifier: ISC */
/*
 * A client that tries to read a secret all the time: it speaks SMB2 by itself (MS-SMB2), as
 * nobody, over several connections at once, and counts.
 *
 *	liar [OPTION...] SERVER FILE SECRET SHARE...
 *
 *	-b ADDRESS  come from ADDRESS, once it is there (again: from each in turn)
 *	-c COUNT    so many connections at once (16)
 *	-r RATE     at most so many tries a second in all (400)
 *	-o STATUS   keep STATUS telling what it has come to
 *	-1          end with the first byte of the secret
 *
 * Tries to open FILE on each SHARE; what begins with SECRET is the secret, and is read again
 * and again.  A try is an attempt to connect, or to open a share.  Of four connections three stay
 * and try on in their session, one begins anew time and again, and gives up soon.  Ends by SIGTERM; the last
 * line, and what STATUS holds, is
 *
 *	tries N connections N sessions N bytes N gap N first N ago N
 *
 * where sessions are those that had the secret open, and times are in ms: the longest that it
 * could not read since its first byte, from its start to its first byte, and since its last
 * one (-1: none).  In a guest as well as in a namespace: link it statically.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64, ROOM = 8192, HEAD = 64, BLOCK = 4096 };
enum { OK = 0, PENDING = 0x103 };
enum { NEGOTIATE, SETUP, TCON = 3, CREATE = 5, READ = 8 };
static const uint32_t MORE = 0xC0000016;

enum step { REST, CONNECT, SAY_WHAT, SAY_WHO, PROVE_WHO, OPEN_SHARE, OPEN_FILE, READ_FILE };

struct slot {
	int fd;
	enum step step;
	bool stays, had_it;
	int64_t due_us; /* REST: to go on; else: to give up */
	int64_t patience_us;
	enum step next; /* after REST */
	uint64_t mid, session;
	uint32_t tree;
	uint8_t file[16];
	unsigned share, rounds;
	uint8_t in[ROOM];
	size_t have;
};

static struct {
	struct sockaddr_in server;
	struct in_addr from[8];
	unsigned from_count, from_next, slots, rate, share_count;
	const char *name, *file, *secret, *status;
	char **shares;
	bool first_only;
	struct slot slot[MOST];
	int64_t start_us, first_us, last_us, gap_us, told_us;
	uint64_t tries, connections, sessions, bytes;
} liar = { .slots = 16, .rate = 400 };

static volatile sig_atomic_t ended;

static void on_signal(int signal)
{
	(void)signal;
	ended = 1;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t ms(int64_t us)
{
	return us < 0 ? -1 : us / 1000;
}

static int summary(char *text, size_t size)
{
	int64_t now = now_us(), ago = liar.last_us ? now - liar.last_us : -1;
	int64_t gap = ago > liar.gap_us ? ago : liar.gap_us;

	return snprintf(text, size,
			"tries %ju connections %ju sessions %ju bytes %ju gap %jd first %jd ago %jd\n",
			(uintmax_t)liar.tries, (uintmax_t)liar.connections,
			(uintmax_t)liar.sessions, (uintmax_t)liar.bytes, (intmax_t)ms(gap),
			(intmax_t)ms(liar.first_us ? liar.first_us - liar.start_us : -1),
			(intmax_t)ms(ago));
}

/* A new file each time, so that a reader sees a whole line. */
static void tell(void)
{
	char text[256], path[256];
	int length = summary(text, sizeof(text)), fd;

	if (!liar.status)
		return;
	snprintf(path, sizeof(path), "%s.new", liar.status);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd >= 0 && write(fd, text, (size_t)length) == length)
		rename(path, liar.status);
	close(fd);
}

/* --- what is said: little-endian, behind a head of 64 bytes --- */

struct message {
	uint8_t bytes[1024];
	size_t length;
};

static void put(struct message *m, unsigned width, uint64_t value)
{
	for (unsigned i = 0; i < width; i++)
		m->bytes[m->length++] = (uint8_t)(value >> 8 * i);
}

static void put_bytes(struct message *m, const void *bytes, size_t count)
{
	memcpy(m->bytes + m->length, bytes, count);
	m->length += count;
}

/* ASCII as UTF-16. */
static void put_wide(struct message *m, const char *text)
{
	for (; *text; text++)
		put(m, 2, (uint8_t)*text);
}

static uint64_t get(const uint8_t *from, unsigned width)
{
	uint64_t value = 0;

	while (width--)
		value = value << 8 | from[width];
	return value;
}

static void rest(struct slot *slot, enum step next);

static void hang_up(struct slot *slot)
{
	static const struct linger at_once = { .l_onoff = 1 };

	if (slot->fd >= 0) {
		setsockopt(slot->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(slot->fd);
	}
	slot->fd = -1;
	slot->have = 0;
	rest(slot, CONNECT);
}

static void say(struct slot *slot, uint16_t command, const struct message *body)
{
	struct message m = { .length = 4 };

	put_bytes(&m, "\xfeSMB", 4);
	put(&m, 2, HEAD);
	put(&m, 2, 1);
	put(&m, 4, 0);
	put(&m, 2, command);
	put(&m, 2, 256); /* credits */
	put(&m, 8, 0);
	put(&m, 8, slot->mid++);
	put(&m, 4, 0);
	put(&m, 4, slot->tree);
	put(&m, 8, slot->session);
	put(&m, 8, 0);
	put(&m, 8, 0);
	put_bytes(&m, body->bytes, body->length);
	for (unsigned i = 0; i < 4; i++)
		m.bytes[i] = (uint8_t)((m.length - 4) >> 8 * (3 - i));
	if (send(slot->fd, m.bytes, m.length, MSG_NOSIGNAL) != (ssize_t)m.length)
		hang_up(slot);
}

/* SMB 3.0.2, no signing. */
static void say_what(struct slot *slot)
{
	struct message m = { 0 };
	uint8_t guid[16];

	for (unsigned i = 0; i < sizeof(guid); i++)
		guid[i] = (uint8_t)rand();
	put(&m, 2, 36);
	put(&m, 2, 1);
	put(&m, 2, 1);
	put(&m, 2, 0);
	put(&m, 4, 0);
	put_bytes(&m, guid, sizeof(guid));
	put(&m, 8, 0);
	put(&m, 2, 0x302);
	say(slot, NEGOTIATE, &m);
}

static void say_setup(struct slot *slot, const struct message *blob)
{
	struct message m = { 0 };

	put(&m, 2, 25);
	put(&m, 2, 0x100);
	put(&m, 4, 0);
	put(&m, 4, 0);
	put(&m, 2, 0x58);
	put(&m, 2, blob->length);
	put(&m, 8, 0);
	put_bytes(&m, blob->bytes, blob->length);
	say(slot, SETUP, &m);
}

/* NTLMSSP as nobody (MS-NLMP 3.2.5.1.2). */
static void say_who(struct slot *slot)
{
	struct message m = { 0 };

	put_bytes(&m, "NTLMSSP", 8);
	put(&m, 4, 1);
	put(&m, 4, 0xA0088205);
	put(&m, 8, 0);
	put(&m, 8, 0);
	say_setup(slot, &m);
}

static void prove_who(struct slot *slot)
{
	struct message m = { 0 };

	put_bytes(&m, "NTLMSSP", 8);
	put(&m, 4, 3);
	for (unsigned i = 0; i < 6; i++) {
		put(&m, 2, i == 0);
		put(&m, 2, i == 0);
		put(&m, 4, i == 0 ? 64 : 65);
	}
	put(&m, 4, 0xA0088A05);
	put(&m, 1, 0);
	say_setup(slot, &m);
}

static void open_share(struct slot *slot)
{
	struct message m = { 0 };

	liar.tries++;
	put(&m, 2, 9);
	put(&m, 2, 0);
	put(&m, 2, 0x48);
	put(&m, 2, 2 * (strlen(liar.name) + strlen(liar.shares[slot->share]) + 3));
	put_wide(&m, "\\\\");
	put_wide(&m, liar.name);
	put_wide(&m, "\\");
	put_wide(&m, liar.shares[slot->share]);
	say(slot, TCON, &m);
}

static void open_file(struct slot *slot)
{
	struct message m = { 0 };

	put(&m, 2, 57);
	put(&m, 2, 0);
	put(&m, 4, 2);
	put(&m, 8, 0);
	put(&m, 8, 0);
	put(&m, 4, 0x120089); /* read */
	put(&m, 4, 0);
	put(&m, 4, 7);
	put(&m, 4, 1); /* what is there */
	put(&m, 4, 0x40);
	put(&m, 2, 0x78);
	put(&m, 2, 2 * strlen(liar.file));
	put(&m, 8, 0);
	put_wide(&m, liar.file);
	put(&m, 1, 0);
	say(slot, CREATE, &m);
}

static void read_file(struct slot *slot)
{
	struct message m = { 0 };

	put(&m, 2, 49);
	put(&m, 2, 0x50);
	put(&m, 4, BLOCK);
	put(&m, 8, 0);
	put_bytes(&m, slot->file, sizeof(slot->file));
	for (unsigned i = 0; i < 4; i++)
		put(&m, 4, 0);
	put(&m, 1, 0);
	say(slot, READ, &m);
}

/* --- what comes of it --- */

static void take(struct slot *slot, enum step step);

static void begin(struct slot *slot)
{
	struct sockaddr_in from = { .sin_family = AF_INET };

	slot->have = 0;
	slot->mid = slot->session = 0;
	slot->tree = slot->share = slot->rounds = 0;
	slot->had_it = false;
	slot->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (slot->fd < 0) {
		rest(slot, CONNECT);
		return;
	}
	if (liar.from_count) {
		from.sin_addr = liar.from[liar.from_next++ % liar.from_count];
		if (bind(slot->fd, (struct sockaddr *)&from, sizeof(from)) < 0) {
			hang_up(slot); /* it is not there yet: no try */
			return;
		}
	}
	liar.tries++;
	if (connect(slot->fd, (struct sockaddr *)&liar.server, sizeof(liar.server)) < 0 &&
	    errno != EINPROGRESS)
		hang_up(slot);
}

/* The next step is due when it is this connection's turn. */
static void rest(struct slot *slot, enum step next)
{
	slot->step = REST;
	slot->next = next;
	slot->due_us = now_us() + INT64_C(1000000) * liar.slots / liar.rate;
}

static void take(struct slot *slot, enum step step)
{
	static void (*const does[])(struct slot *) = {
		[CONNECT] = begin,	  [SAY_WHAT] = say_what,     [SAY_WHO] = say_who,
		[PROVE_WHO] = prove_who,  [OPEN_SHARE] = open_share, [OPEN_FILE] = open_file,
		[READ_FILE] = read_file,
	};
	int64_t patience = slot->stays ? 10000000 : 500000;

	slot->step = step;
	slot->due_us = now_us() + (step == CONNECT ? slot->patience_us : patience);
	does[step](slot);
}

static void refused(struct slot *slot)
{
	slot->tree = 0;
	slot->had_it = false;
	if (++slot->share == liar.share_count) {
		slot->share = 0;
		slot->rounds++;
	}
	if (slot->stays || slot->rounds < 5) {
		rest(slot, OPEN_SHARE);
	} else {
		hang_up(slot);
	}
}

static void got_bytes(struct slot *slot, const uint8_t *frame, size_t length)
{
	size_t at = frame[66], count = length >= 80 ? get(frame + 68, 4) : 0;
	size_t secret = strlen(liar.secret);
	int64_t now = now_us();

	if (count < secret || at + count > length || memcmp(frame + at, liar.secret, secret)) {
		refused(slot); /* something, but not that */
		return;
	}
	if (!liar.first_us)
		liar.first_us = now;
	else if (now - liar.last_us > liar.gap_us)
		liar.gap_us = now - liar.last_us;
	liar.last_us = now;
	liar.sessions += !slot->had_it;
	slot->had_it = true;
	liar.bytes += count;
	ended |= liar.first_only;
	rest(slot, READ_FILE);
}

static void answered(struct slot *slot, const uint8_t *frame, size_t length)
{
	uint32_t status = length >= HEAD ? (uint32_t)get(frame + 8, 4) : 1;

	if (status == PENDING)
		return;
	if (slot->step == SAY_WHO && status == MORE)
		status = OK;
	if (status != OK && slot->step < OPEN_SHARE) {
		hang_up(slot);
	} else if (status != OK) {
		refused(slot);
	} else if (slot->step == READ_FILE) {
		got_bytes(slot, frame, length);
	} else {
		if (slot->step == SAY_WHO)
			slot->session = get(frame + 40, 8);
		if (slot->step == OPEN_SHARE)
			slot->tree = (uint32_t)get(frame + 36, 4);
		if (slot->step == OPEN_FILE)
			memcpy(slot->file, frame + 128, sizeof(slot->file));
		take(slot, slot->step + 1);
	}
}

static void hear(struct slot *slot)
{
	ssize_t count = recv(slot->fd, slot->in + slot->have, ROOM - slot->have, 0);

	if (count <= 0) {
		if (count == 0 || (errno != EAGAIN && errno != EINTR))
			hang_up(slot);
		return;
	}
	slot->have += (size_t)count;
	while (slot->have >= 4) {
		size_t length = (size_t)slot->in[1] << 16 | (size_t)slot->in[2] << 8 | slot->in[3];
		static uint8_t frame[ROOM];

		if (length > ROOM - 4)
			hang_up(slot);
		if (slot->fd < 0 || slot->have < length + 4)
			return;
		memcpy(frame, slot->in + 4, length);
		slot->have -= length + 4;
		memmove(slot->in, slot->in + 4 + length, slot->have);
		answered(slot, frame, length);
	}
}

static void connected(struct slot *slot)
{
	int fault = 0;
	socklen_t size = sizeof(fault);

	getsockopt(slot->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
	if (fault) {
		hang_up(slot);
		return;
	}
	liar.connections++;
	take(slot, SAY_WHAT);
}

static void go_on(struct slot *slot, bool ready, int64_t now)
{
	if (slot->step == REST) {
		if (ready)
			hear(slot); /* the end, or what nobody asked for */
		else if (now >= slot->due_us)
			take(slot, slot->next);
	} else if (ready) {
		if (slot->step == CONNECT)
			connected(slot);
		else
			hear(slot);
	} else if (now >= slot->due_us) {
		hang_up(slot);
	}
}

static void work(void)
{
	struct pollfd fds[MOST];
	int64_t now = now_us(), until = now + 100000;

	for (unsigned i = 0; i < liar.slots; i++) {
		const struct slot *slot = &liar.slot[i];

		fds[i] = (struct pollfd){ slot->fd, slot->step == CONNECT ? POLLOUT : POLLIN, 0 };
		until = slot->due_us < until ? slot->due_us : until;
	}
	poll(fds, liar.slots, until <= now ? 0 : (int)((until - now + 999) / 1000));
	now = now_us();
	for (unsigned i = 0; i < liar.slots; i++)
		go_on(&liar.slot[i], liar.slot[i].fd >= 0 && fds[i].revents, now);
	if (now - liar.told_us > 100000) {
		liar.told_us = now;
		tell();
	}
}

static int usage(void)
{
	fputs("usage: liar [-1] [-b ADDRESS]... [-c COUNT] [-r RATE] [-o STATUS] "
	      "SERVER FILE SECRET SHARE...\n",
	      stderr);
	return 2;
}

static bool options(int argc, char *argv[])
{
	int letter;

	while ((letter = getopt(argc, argv, "1b:c:r:o:")) != -1) {
		if (letter == '1')
			liar.first_only = true;
		else if (letter == 'b' && liar.from_count < 8)
			inet_pton(AF_INET, optarg, &liar.from[liar.from_count++]);
		else if (letter == 'c')
			liar.slots = (unsigned)atoi(optarg);
		else if (letter == 'r')
			liar.rate = (unsigned)atoi(optarg);
		else if (letter == 'o')
			liar.status = optarg;
		else
			return false;
	}
	return argc - optind >= 4 && liar.slots && liar.slots <= MOST && liar.rate;
}

int main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = on_signal };
	char text[256];

	if (!options(argc, argv))
		return usage();
	liar.name = argv[optind];
	liar.file = argv[optind + 1];
	liar.secret = argv[optind + 2];
	liar.shares = argv + optind + 3;
	liar.share_count = (unsigned)(argc - optind - 3);
	liar.server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(445) };
	if (inet_pton(AF_INET, liar.name, &liar.server.sin_addr) != 1)
		return usage();
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	liar.start_us = now_us();
	srand((unsigned)liar.start_us);
	/* Most try to connect for a moment and then again, some give a busy host the time. */
	for (unsigned i = 0; i < liar.slots; i++) {
		liar.slot[i].fd = -1;
		liar.slot[i].stays = i % 4 != 1;
		liar.slot[i].patience_us = i % 4 < 2 ? 20000 : i % 4 == 2 ? 60000 : 500000;
		liar.slot[i].due_us = liar.start_us;
		liar.slot[i].next = CONNECT;
	}
	while (!ended)
		work();
	tell();
	summary(text, sizeof(text));
	fputs(text, stdout);
	return 0;
}

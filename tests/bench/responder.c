/* SPDX-License-Identifier: ISC */
/*
 * Answers ARP for many made-up guests behind one interface: who is there, how late and how
 * lossy follows from a seed.
 *
 *	responder INTERFACE NETWORK/PREFIX COUNT LOSS% DELAY_MS SEED >LIST
 *
 * DELAY_MS is the most that a guest takes; each has its own delay, from 0 to that.  Writes
 * "IP=MAC" of each guest, closes its output, and answers until it is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, FRAME = 60, BUFFER = 128 << 20 };

struct answer {
	int64_t due_us;
	uint8_t frame[FRAME];
};

struct responder {
	int fd;
	uint32_t network, size; /* host order */
	int32_t *delay_us;	/* by address; -1: nobody */
	double loss;
	uint64_t random;

	/* Answers that are due later, as a binary heap. */
	struct answer *later;
	size_t count, room;

	/* Answers that are due now. */
	uint8_t out[BATCH][FRAME];
	unsigned ready;
};

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

/* xorshift64* (Vigna); 0 to 1. */
static double chance(struct responder *r)
{
	r->random ^= r->random >> 12;
	r->random ^= r->random << 25;
	r->random ^= r->random >> 27;
	return (double)(r->random * UINT64_C(2685821657736338717) >> 11) / 9007199254740992.0;
}

static void mac_of(uint32_t ip, uint8_t mac[static 6])
{
	const uint8_t value[6] = { 0x52, 0x54, (uint8_t)(ip >> 24), (uint8_t)(ip >> 16),
				   (uint8_t)(ip >> 8), (uint8_t)ip };

	memcpy(mac, value, 6);
}

static void send_ready(struct responder *r)
{
	struct mmsghdr message[BATCH] = { 0 };
	struct iovec vector[BATCH];
	unsigned sent = 0;

	for (unsigned i = 0; i < r->ready; i++) {
		vector[i] = (struct iovec){ r->out[i], FRAME };
		message[i].msg_hdr.msg_iov = &vector[i];
		message[i].msg_hdr.msg_iovlen = 1;
	}
	while (sent < r->ready) {
		int count = sendmmsg(r->fd, message + sent, r->ready - sent, 0);

		if (count < 0 && errno != EAGAIN && errno != ENOBUFS)
			fail("send");
		sent += count > 0 ? (unsigned)count : 0;
	}
	r->ready = 0;
}

static void answer_now(struct responder *r, const uint8_t frame[static FRAME])
{
	memcpy(r->out[r->ready++], frame, FRAME);
	if (r->ready == BATCH)
		send_ready(r);
}

static void answer_later(struct responder *r, const struct answer *answer)
{
	size_t at = r->count++;

	if (at == r->room) {
		r->room = r->room ? 2 * r->room : 1024;
		r->later = realloc(r->later, r->room * sizeof(*r->later));
		if (!r->later)
			fail("realloc");
	}
	for (; at && r->later[(at - 1) / 2].due_us > answer->due_us; at = (at - 1) / 2)
		r->later[at] = r->later[(at - 1) / 2];
	r->later[at] = *answer;
}

static void answer_due(struct responder *r, int64_t now)
{
	while (r->count && r->later[0].due_us <= now) {
		struct answer last = r->later[--r->count];
		size_t at = 0, child;

		answer_now(r, r->later[0].frame);
		for (; (child = 2 * at + 1) < r->count; at = child) {
			if (child + 1 < r->count &&
			    r->later[child + 1].due_us < r->later[child].due_us)
				child++;
			if (r->later[child].due_us >= last.due_us)
				break;
			r->later[at] = r->later[child];
		}
		r->later[at] = last;
	}
}

/* Makes the answer to a question; false if nobody answers it. */
static bool make_answer(struct responder *r, const uint8_t *question, size_t length,
			struct answer *ret)
{
	static const uint8_t fixed[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 2 };
	uint8_t *frame = ret->frame, mac[6];
	uint32_t ip;

	if (length < 42 || question[21] != 1)
		return false;
	memcpy(&ip, question + 38, 4);
	ip = ntohl(ip);
	if (ip - r->network >= r->size || r->delay_us[ip - r->network] < 0)
		return false;
	mac_of(ip, mac);
	/* A unicast to somebody else is not for this guest. */
	if (!(question[0] & 1) && memcmp(question, mac, 6) != 0)
		return false;
	memset(frame, 0, FRAME);
	memcpy(frame, question + 6, 6);
	memcpy(frame + 6, mac, 6);
	memcpy(frame + 12, fixed, sizeof(fixed));
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 28, question + 38, 4);
	memcpy(frame + 32, question + 22, 10);
	ret->due_us = r->delay_us[ip - r->network];
	return true;
}

static void take(struct responder *r, const uint8_t *question, size_t length)
{
	struct answer answer;

	if (!make_answer(r, question, length, &answer) || chance(r) < r->loss)
		return;
	if (answer.due_us) {
		answer.due_us += now_us();
		answer_later(r, &answer);
	} else {
		answer_now(r, answer.frame);
	}
}

/* Reads all questions that are there. */
static void receive(struct responder *r)
{
	static uint8_t in[BATCH][FRAME];
	static struct sockaddr_ll from[BATCH];
	struct mmsghdr message[BATCH] = { 0 };
	struct iovec vector[BATCH];
	int count;

	for (unsigned i = 0; i < BATCH; i++) {
		vector[i] = (struct iovec){ in[i], FRAME };
		message[i].msg_hdr.msg_iov = &vector[i];
		message[i].msg_hdr.msg_iovlen = 1;
		message[i].msg_hdr.msg_name = &from[i];
		message[i].msg_hdr.msg_namelen = sizeof(from[i]);
	}
	while ((count = recvmmsg(r->fd, message, BATCH, MSG_DONTWAIT, NULL)) > 0) {
		for (int i = 0; i < count; i++) {
			if (from[i].sll_pkttype != PACKET_OUTGOING)
				take(r, in[i], message[i].msg_len);
		}
		send_ready(r);
		if (count < BATCH)
			break;
	}
}

static void serve(struct responder *r)
{
	struct pollfd fd = { .fd = r->fd, .events = POLLIN };

	for (;;) {
		int64_t now = now_us(), wait = r->count ? r->later[0].due_us - now : -1;
		struct timespec time = { wait / 1000000, wait % 1000000 * 1000 };

		if (r->count && wait < 0)
			time = (struct timespec){ 0 };
		ppoll(&fd, 1, r->count ? &time : NULL, NULL);
		receive(r);
		answer_due(r, now_us());
		send_ready(r);
	}
}

static int open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP)), buffer = BUFFER, on = 1;

	if (fd < 0 || !address.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail(name);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	return fd;
}

/* Draws COUNT guests, none at the network's first two addresses (itself, the host). */
static void populate(struct responder *r, uint32_t count, double delay_ms)
{
	for (uint32_t i = 0; i < r->size; i++)
		r->delay_us[i] = -1;
	while (count) {
		uint32_t at = (uint32_t)(chance(r) * r->size), ip = r->network + at;
		uint8_t mac[6];

		if (at < 2 || at == r->size - 1 || r->delay_us[at] >= 0)
			continue;
		r->delay_us[at] = (int32_t)(chance(r) * delay_ms * 1000);
		count--;
		mac_of(ip, mac);
		printf("%u.%u.%u.%u=%02x:%02x:%02x:%02x:%02x:%02x\n", ip >> 24, ip >> 16 & 255,
		       ip >> 8 & 255, ip & 255, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	}
}

int main(int argc, char *argv[])
{
	struct responder r = { 0 };
	char *slash = argc == 7 ? strchr(argv[2], '/') : NULL;
	struct in_addr network;

	if (!slash || (*slash = '\0', inet_pton(AF_INET, argv[2], &network) != 1)) {
		fputs("usage: responder INTERFACE NETWORK/PREFIX COUNT LOSS% DELAY_MS SEED\n",
		      stderr);
		return 2;
	}
	r.fd = open_interface(argv[1]);
	r.size = UINT32_C(1) << (32 - atoi(slash + 1));
	r.network = ntohl(network.s_addr) & ~(r.size - 1);
	r.delay_us = calloc(r.size, sizeof(*r.delay_us));
	r.loss = atof(argv[4]) / 100;
	r.random = strtoull(argv[6], NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1;
	if (!r.delay_us)
		fail("calloc");
	populate(&r, (uint32_t)atoi(argv[3]), atof(argv[5]));
	if (fclose(stdout) != 0)
		fail("list");
	serve(&r);
}

/* SPDX-License-Identifier: ISC */
/*
 * Frames that no well-behaved guest sends, by hand.  Links statically, for guests.
 *
 *	frames INTERFACE send HEX...            each as it is given, from its first byte
 *	frames INTERFACE claim ip= [mac= from= every=]
 *	                                        announces ip at mac (ARP) until killed
 *	frames INTERFACE answer ip= [mac= from=]
 *	                                        answers whoever asks for ip (ARP) until killed
 *	frames INTERFACE flood [count=]         made-up ARP and TCP as fast as it goes
 *	frames INTERFACE dhcp KIND [mac= from= id= ip= server=]
 *	                                        one message (discover, request, decline, release);
 *	                                        prints "offer IP", "ack IP", "nak" or "none"
 *	frames INTERFACE drain count= [mac=]    asks for count addresses, each for another
 *	                                        chaddr of mac's first three bytes; prints how
 *	                                        many it got
 *
 * mac is what the frame says of its sender (sha, chaddr) and from the frame's own source; both
 * are the interface's if they are not given, from is mac if mac is.  every is in ms (20).  id
 * is the client-id in hex.
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
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 2048, SHORTEST = 60 };
enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE };

static struct {
	int fd;
	uint8_t own[6], mac[6], from[6], id[64];
	struct in_addr ip, server;
	size_t id_length;
	unsigned every_ms, count;
} frames = { .every_ms = 20 };

struct frame {
	uint8_t bytes[ROOM];
	size_t length;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void wrong(const char *what)
{
	fprintf(stderr, "frames: %s is not understood; see the head of frames.c\n", what);
	exit(2);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void put(struct frame *f, const void *bytes, size_t count)
{
	memcpy(f->bytes + f->length, bytes, count);
	f->length += count;
}

static void put16(struct frame *f, unsigned value)
{
	put(f, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void put_zeros(struct frame *f, size_t count)
{
	memset(f->bytes + f->length, 0, count);
	f->length += count;
}

/* Frames that find no room are sent again, by whoever sends them all the time. */
static void send_frame(struct frame *f)
{
	if (f->length < SHORTEST)
		put_zeros(f, SHORTEST - f->length);
	if (send(frames.fd, f->bytes, f->length, 0) < 0 && errno != ENOBUFS && errno != EAGAIN)
		fail("send");
}

/* --- ARP --- */

static struct frame arp(unsigned operation, const uint8_t to[static 6], struct in_addr tpa)
{
	static const uint8_t fixed[] = { 8, 6, 0, 1, 8, 0, 6, 4 };
	struct frame f = { .length = 0 };

	put(&f, to, 6);
	put(&f, frames.from, 6);
	put(&f, fixed, sizeof(fixed));
	put16(&f, operation);
	put(&f, frames.mac, 6);
	put(&f, &frames.ip, 4);
	put(&f, to, 6);
	put(&f, &tpa, 4);
	return f;
}

static const uint8_t everybody[6] = { 255, 255, 255, 255, 255, 255 };

/* Says it as a question and as an answer, which hosts believe under different conditions. */
static void claim(void)
{
	for (unsigned n = 0;; n++) {
		struct frame f = arp(1 + n % 2, everybody, frames.ip);

		send_frame(&f);
		poll(NULL, 0, (int)frames.every_ms);
	}
}

static void answer(void)
{
	uint8_t in[ROOM];
	struct in_addr asker;

	for (;;) {
		ssize_t length = recv(frames.fd, in, sizeof(in), 0);

		if (length < 42 || in[12] != 8 || in[13] != 6 || in[21] != 1 ||
		    memcmp(in + 38, &frames.ip, 4) != 0)
			continue;
		memcpy(&asker, in + 28, 4);
		struct frame f = arp(2, in + 22, asker);
		send_frame(&f);
	}
}

/* --- a flood --- */

static uint32_t chance(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

/* A SYN to port 445 from an address of the network, or an ARP claim of one. */
static void flood_once(void)
{
	uint32_t random = chance(), host = htonl(0xac100a00 | (random & 255));

	memcpy(frames.mac + 2, &random, 4);
	frames.mac[0] = 0x52;
	if (random & 0x100) /* else the one before says it */
		memcpy(frames.from, frames.mac, 6);
	frames.ip.s_addr = host;
	struct frame f = arp(1 + (random >> 9) % 2, everybody, frames.ip);
	if (random & 0x400) {
		static const uint8_t ip[] = { 8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0 };
		static const uint8_t to[] = { 172, 16, 10, 1 };
		uint8_t tcp[20] = { (uint8_t)(random >> 11), 1, 1, 0xbd, [12] = 0x50, 2, 1 };

		f.length = 12;
		put(&f, ip, sizeof(ip));
		put(&f, &host, 4);
		put(&f, to, sizeof(to));
		put(&f, tcp, sizeof(tcp));
	}
	send_frame(&f);
}

static void flood(void)
{
	for (unsigned n = 0; !frames.count || n < frames.count; n++)
		flood_once();
}

/* --- DHCP (RFC 2131) --- */

static unsigned checksum(const uint8_t *bytes, size_t count)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~(sum + (sum >> 16)) & 0xffff;
}

static void put_option(struct frame *f, unsigned code, const void *value, size_t length)
{
	put(f, (uint8_t[]){ (uint8_t)code, (uint8_t)length }, 2);
	put(f, value, length);
}

/* From 0.0.0.0, broadcast, its answer wanted as a broadcast; no UDP checksum. */
static void say_dhcp(uint8_t kind, uint32_t xid)
{
	static const uint8_t ip[] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0 };
	static const uint8_t cookie[] = { 99, 130, 83, 99 };
	struct frame f = { .length = 0 };

	put(&f, everybody, 6);
	put(&f, frames.from, 6);
	put16(&f, ETHERTYPE_IP);
	put(&f, ip, sizeof(ip));
	put_zeros(&f, 4);
	put(&f, everybody, 4);
	put16(&f, 68);
	put16(&f, 67);
	put_zeros(&f, 4);
	put(&f, (uint8_t[]){ 1, 1, 6, 0 }, 4);
	put(&f, &xid, 4);
	put(&f, (uint8_t[]){ 0, 0, 0x80, 0 }, 4);
	put_zeros(&f, 16);
	if (kind == RELEASE)
		memcpy(f.bytes + f.length - 16, &frames.ip, 4);
	put(&f, frames.mac, 6);
	put_zeros(&f, 10 + 64 + 128);
	put(&f, cookie, sizeof(cookie));
	put_option(&f, 53, &kind, 1);
	if (frames.id_length)
		put_option(&f, 61, frames.id, frames.id_length);
	if (frames.ip.s_addr && kind != RELEASE)
		put_option(&f, 50, &frames.ip, 4);
	if (frames.server.s_addr)
		put_option(&f, 54, &frames.server, 4);
	put(&f, (uint8_t[]){ 255 }, 1);
	put_zeros(&f, f.length % 2);
	f.bytes[16] = (uint8_t)((f.length - 14) >> 8);
	f.bytes[17] = (uint8_t)(f.length - 14);
	f.bytes[38] = (uint8_t)((f.length - 34) >> 8);
	f.bytes[39] = (uint8_t)(f.length - 34);
	unsigned sum = checksum(f.bytes + 14, 20);
	f.bytes[24] = (uint8_t)(sum >> 8);
	f.bytes[25] = (uint8_t)sum;
	send_frame(&f);
}

/* The kind of the answer to XID; its address and its server go to where they are asked for. */
static uint8_t dhcp_kind(const uint8_t *in, size_t length, uint32_t xid)
{
	const uint8_t *end = in + length, *at = in + 282;
	uint8_t kind = 0;

	if (length < 286 || in[12] != 8 || in[13] || in[23] != 17 || in[37] != 68 || in[42] != 2 ||
	    memcmp(in + 46, &xid, 4) != 0)
		return 0;
	memcpy(&frames.ip, in + 58, 4);
	while (end - at > 2 && *at != 255 && end - at > 2 + at[1]) {
		if (at[0] == 53)
			kind = at[2];
		if (at[0] == 54 && at[1] == 4)
			memcpy(&frames.server, at + 2, 4);
		at += *at ? 2 + at[1] : 1;
	}
	return kind;
}

static uint8_t hear_dhcp(uint32_t xid, int wait_ms)
{
	int64_t until = now_ms() + wait_ms, left;
	struct pollfd fd = { frames.fd, POLLIN, 0 };
	uint8_t in[ROOM];

	while ((left = until - now_ms()) > 0 && poll(&fd, 1, (int)left) > 0) {
		ssize_t length = recv(frames.fd, in, sizeof(in), 0);
		uint8_t kind = length > 0 ? dhcp_kind(in, (size_t)length, xid) : 0;

		if (kind)
			return kind;
	}
	return 0;
}

static void dhcp(const char *name)
{
	static const char *const names[] = { [DISCOVER] = "discover", [OFFER] = "offer",
					     [REQUEST] = "request",   [DECLINE] = "decline",
					     [ACK] = "ack",	      [NAK] = "nak",
					     [RELEASE] = "release" };
	uint8_t kind = DISCOVER;
	uint32_t xid = chance() ^ (uint32_t)now_ms();

	while (kind <= RELEASE && strcmp(names[kind], name) != 0)
		kind++;
	if (kind > RELEASE)
		wrong(name);
	say_dhcp(kind, xid);
	if (kind != DISCOVER && kind != REQUEST)
		return;
	kind = hear_dhcp(xid, 3000);
	if (kind == OFFER || kind == ACK)
		printf("%s %s\n", names[kind], inet_ntoa(frames.ip));
	else
		puts(kind == NAK ? "nak" : "none");
}

static void drain(void)
{
	unsigned got = 0;

	for (unsigned n = 0; n < frames.count; n++) {
		uint32_t xid = chance() ^ (uint32_t)now_ms();

		memcpy(frames.mac + 3, &xid, 3);
		frames.ip.s_addr = frames.server.s_addr = 0;
		say_dhcp(DISCOVER, xid);
		if (hear_dhcp(xid, 500) != OFFER)
			continue;
		say_dhcp(REQUEST, xid);
		got += hear_dhcp(xid, 500) == ACK;
	}
	printf("%u\n", got);
}

/* --- the command line --- */

/* Pairs of hexadecimal digits, colons between them or not. */
static size_t bytes_of(const char *text, uint8_t *ret, size_t room)
{
	size_t count = 0;

	for (const char *at = text; *at; at += 2) {
		at += *at == ':';
		if (count == room || sscanf(at, "%2hhx", &ret[count++]) != 1 || !at[1])
			wrong(text);
	}
	return count;
}

static void address_of(const char *text, struct in_addr *ret)
{
	if (inet_pton(AF_INET, text, ret) != 1)
		wrong(text);
}

static void options(char *argv[])
{
	bool mac = false, from = false;

	for (; *argv; argv++) {
		const char *value = strchr(*argv, '=');
		size_t key = value ? (size_t)(value++ - *argv) : 0;

		if (key == 3 && !strncmp(*argv, "mac", key))
			mac = bytes_of(value, frames.mac, 6) == 6 || (wrong(*argv), false);
		else if (key == 4 && !strncmp(*argv, "from", key))
			from = bytes_of(value, frames.from, 6) == 6 || (wrong(*argv), false);
		else if (key == 2 && !strncmp(*argv, "ip", key))
			address_of(value, &frames.ip);
		else if (key == 6 && !strncmp(*argv, "server", key))
			address_of(value, &frames.server);
		else if (key == 2 && !strncmp(*argv, "id", key))
			frames.id_length = bytes_of(value, frames.id, sizeof(frames.id));
		else if (key == 5 && !strncmp(*argv, "every", key))
			frames.every_ms = (unsigned)atoi(value);
		else if (key == 5 && !strncmp(*argv, "count", key))
			frames.count = (unsigned)atoi(value);
		else
			wrong(*argv);
	}
	if (!mac)
		memcpy(frames.mac, frames.own, 6);
	if (!from)
		memcpy(frames.from, frames.mac, 6);
}

static void open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	struct ifreq request = { 0 };

	frames.fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (frames.fd < 0 || !address.sll_ifindex ||
	    bind(frames.fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    ioctl(frames.fd, SIOCGIFHWADDR, &request) < 0)
		fail(name);
	memcpy(frames.own, request.ifr_hwaddr.sa_data, 6);
}

static void send_given(char *argv[])
{
	for (; *argv; argv++) {
		struct frame f;

		f.length = bytes_of(*argv, f.bytes, sizeof(f.bytes));
		send_frame(&f);
	}
}

int main(int argc, char *argv[])
{
	const char *verb = argc > 2 ? argv[2] : "";

	if (argc < 3)
		wrong("the command line");
	open_interface(argv[1]);
	if (!strcmp(verb, "send")) {
		send_given(argv + 3);
		return 0;
	}
	if (!strcmp(verb, "dhcp") && argc < 4)
		wrong("dhcp");
	options(argv + (!strcmp(verb, "dhcp") ? 4 : 3));
	if (!strcmp(verb, "claim"))
		claim();
	else if (!strcmp(verb, "answer"))
		answer();
	else if (!strcmp(verb, "flood"))
		flood();
	else if (!strcmp(verb, "dhcp"))
		dhcp(argv[3]);
	else if (!strcmp(verb, "drain"))
		drain();
	else
		wrong(verb);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * Makes the recordings of this directory: frames as they were seen on real bridges, or as
 * somebody would send them who means harm.  Run it in here; each recording is written
 * whole, with fixed times, so that it comes out the same every time.
 *
 * The hub is 172.16.10.0/24; the host is 172.16.10.1 at 02:00:00:00:00:01.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 256, ARP_LENGTH = 42, REQUEST = 1, REPLY = 2 };
enum { ETHERNET = 1, PACKET_LOG = 239 /* libpcap's link types */ };

#define HOST   "\x02\0\0\0\0\x01"
#define GUEST  "\x52\x54\0\0\0\x0a"
#define OTHER  "\x52\x54\0\0\0\x0b"
#define GROUP  "\x53\x54\0\0\0\x0a"
#define ALL    "\xff\xff\xff\xff\xff\xff"
#define NOBODY "\0\0\0\0\0\0"

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

static FILE *recording;
static uint32_t clock_us;

static void begin_link(const char *name, uint32_t link)
{
	const uint32_t head[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 128, link };

	recording = fopen(name, "wb");
	if (!recording || fwrite(head, sizeof(head), 1, recording) != 1) {
		perror(name);
		exit(1);
	}
	clock_us = 0;
}

static void begin(const char *name)
{
	begin_link(name, ETHERNET);
}

static void end(void)
{
	if (fclose(recording) != 0) {
		perror("write");
		exit(1);
	}
}

/* A frame each millisecond from 2026-01-31T12:00:00Z on. */
static void put(const struct frame *frame)
{
	const uint32_t head[] = { 1769860800 + clock_us / 1000000, clock_us % 1000000,
				  (uint32_t)frame->length, (uint32_t)frame->length };

	clock_us += 1000;
	fwrite(head, sizeof(head), 1, recording);
	fwrite(frame->bytes, frame->length, 1, recording);
}

static void put_ip(uint8_t *at, const char *text)
{
	if (inet_pton(AF_INET, text, at) != 1)
		abort();
}

/* An ARP frame to TO from SHA, who says SPA of itself and names TPA. */
static struct frame arp(const char *to, int op, const char *sha, const char *spa,
			const char *tha, const char *tpa)
{
	static const uint8_t fixed[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0 };
	struct frame frame = { .length = ARP_LENGTH };

	memcpy(frame.bytes, to, 6);
	memcpy(frame.bytes + 6, sha, 6);
	memcpy(frame.bytes + 12, fixed, sizeof(fixed));
	frame.bytes[21] = (uint8_t)op;
	memcpy(frame.bytes + 22, sha, 6);
	put_ip(frame.bytes + 28, spa);
	memcpy(frame.bytes + 32, tha, 6);
	put_ip(frame.bytes + 38, tpa);
	return frame;
}

static struct frame reply(const char *sha, const char *spa)
{
	return arp(HOST, REPLY, sha, spa, HOST, "172.16.10.1");
}

/* Puts a tag before the type. */
static struct frame tagged(struct frame frame, unsigned type, unsigned tci)
{
	const uint8_t tag[] = { (uint8_t)(type >> 8), (uint8_t)type, (uint8_t)(tci >> 8),
				(uint8_t)tci };

	memmove(frame.bytes + 16, frame.bytes + 12, frame.length - 12);
	memcpy(frame.bytes + 12, tag, 4);
	frame.length += 4;
	return frame;
}

static void put_changed(size_t at, uint8_t value)
{
	struct frame frame = reply(GUEST, "172.16.10.66");

	frame.bytes[at] = value;
	put(&frame);
}

/* Good answers: bare, and padded with zeros and with something else. */
static void make_padded(void)
{
	struct frame frame = reply(GUEST, "172.16.10.5");

	begin("padded.pcap");
	put(&frame);
	frame = reply(OTHER, "172.16.10.6");
	frame.length = 60;
	put(&frame);
	frame = reply(OTHER, "172.16.10.7");
	memset(frame.bytes + ARP_LENGTH, 0xa5, 60 - ARP_LENGTH);
	frame.length = 60;
	put(&frame);
	end();
}

/* An answer cut off at every length. */
static void make_short(void)
{
	struct frame frame = reply(GUEST, "172.16.10.66");

	begin("short.pcap");
	for (frame.length = 0; frame.length < ARP_LENGTH; frame.length++)
		put(&frame);
	end();
}

/* Tags: priority only (good), a VLAN, a provider's, two. */
static void make_vlan(void)
{
	struct frame frame = tagged(reply(GUEST, "172.16.10.5"), 0x8100, 0xa000);

	begin("vlan.pcap");
	put(&frame);
	frame = tagged(reply(GUEST, "172.16.10.66"), 0x8100, 10);
	put(&frame);
	frame = tagged(reply(GUEST, "172.16.10.67"), 0x88a8, 0);
	put(&frame);
	frame = tagged(tagged(reply(GUEST, "172.16.10.68"), 0x8100, 10), 0x8100, 0);
	put(&frame);
	frame = tagged(reply(OTHER, "172.16.10.69"), 0x8100, 10);
	put(&frame);
	end();
}

/* Each field wrong once. */
static void make_wrong(void)
{
	begin("wrong.pcap");
	put_changed(15, 6);   /* hardware */
	put_changed(16, 0x86); /* protocol */
	put_changed(18, 8);   /* hln */
	put_changed(18, 0);
	put_changed(19, 16);  /* pln */
	put_changed(21, 0);   /* op */
	put_changed(21, 3);
	put_changed(20, 0xff);
	put_changed(28, 0);   /* spa */
	put_changed(28, 127);
	put_changed(28, 239);
	put_changed(28, 255);
	end();
}

/* Who lies about its own MAC. */
static void make_sender(void)
{
	struct frame frame;

	begin("sender.pcap");
	put_changed(11, 0x0b); /* the frame's source is another one */
	put_changed(27, 0x0b); /* sha is */
	frame = reply(GROUP, "172.16.10.66");
	put(&frame);
	frame = reply(NOBODY, "172.16.10.66");
	put(&frame);
	frame = reply(ALL, "172.16.10.66");
	put(&frame);
	end();
}

/* A probe claims nothing, the announcement that follows does. */
static void make_probe(void)
{
	struct frame frame = arp(ALL, REQUEST, GUEST, "0.0.0.0", NOBODY, "172.16.10.5");

	begin("probe.pcap");
	put(&frame);
	put(&frame);
	frame = arp(ALL, REQUEST, GUEST, "172.16.10.5", NOBODY, "172.16.10.5");
	put(&frame);
	/* And one as a reply, as some systems send it (RFC 5227, 3). */
	frame = arp(ALL, REPLY, OTHER, "172.16.10.6", ALL, "172.16.10.6");
	put(&frame);
	end();
}

/* Two claimants of one address. */
static void make_claimants(void)
{
	struct frame first = reply(GUEST, "172.16.10.5"), second = reply(OTHER, "172.16.10.5");

	begin("claimants.pcap");
	put(&first);
	put(&second);
	put(&first);
	put(&second);
	end();
}

/* The host's own address claimed, its own MAC used, and the network's edges. */
static void make_own(void)
{
	struct frame frame = arp(ALL, REQUEST, GUEST, "172.16.10.1", NOBODY, "172.16.10.1");

	begin("own.pcap");
	put(&frame);
	frame = reply(HOST, "172.16.10.1");
	put(&frame);
	frame = reply(HOST, "172.16.10.66");
	put(&frame);
	frame = reply(GUEST, "172.16.10.0");
	put(&frame);
	frame = reply(GUEST, "172.16.10.255");
	put(&frame);
	frame = reply(GUEST, "172.16.11.5");
	put(&frame);
	end();
}

/* A guest without address sends IPv6 multicast, then takes one. */
static void make_link(void)
{
	struct frame frame = { .bytes = "\x33\x33\0\0\0\x16\x52\x54\0\0\0\x0a\x86\xdd\x60",
			       .length = 90 };

	begin("link.pcap");
	put(&frame);
	put(&frame);
	frame = arp(ALL, REQUEST, GUEST, "172.16.10.5", NOBODY, "172.16.10.1");
	put(&frame);
	frame.length = 60;
	put(&frame);
	end();
}

/* An attribute of the packet log, padded. */
static void put_attribute(struct frame *to, uint16_t type, const void *value, size_t length)
{
	const uint16_t head[] = { (uint16_t)(4 + length), type };

	memcpy(to->bytes + to->length, head, sizeof(head));
	memcpy(to->bytes + to->length + 4, value, length);
	to->length += (4 + length + 3) & ~(size_t)3;
}

/* FRAME as the packet log of the bridge of index 2 has it, with attributes that say nothing. */
static struct frame logged(const struct frame *frame, uint8_t port)
{
	struct frame log = { .bytes = { 7, 0, 0x43, 0x40 }, .length = 4 };

	put_attribute(&log, 1, "\x08\x06\0", 4); /* NFULA_PACKET_HDR */
	put_attribute(&log, 10, "", 1);		  /* NFULA_PREFIX */
	put_attribute(&log, 6, (uint8_t[]){ 0, 0, 0, port }, 4); /* NFULA_IFINDEX_PHYSINDEV */
	put_attribute(&log, 4, "\0\0\0\2", 4); /* NFULA_IFINDEX_INDEV */
	put_attribute(&log, 16, frame->bytes, 14); /* NFULA_HWHEADER */
	put_attribute(&log, 9, frame->bytes + 14, frame->length - 14); /* NFULA_PAYLOAD */
	return log;
}

static void put_logged(const struct frame *frame, uint8_t port)
{
	struct frame log = logged(frame, port);

	put(&log);
}

/* What a gate copies before it judges: two guests, and one at the port of the other. */
static void make_ports(void)
{
	struct frame guest = reply(GUEST, "172.16.10.5"), other = reply(OTHER, "172.16.10.6");
	struct frame probe = arp(ALL, REQUEST, GUEST, "0.0.0.0", NOBODY, "172.16.10.7");
	struct frame host = reply(HOST, "172.16.10.1"), forged;

	begin_link("ports.pcap", PACKET_LOG);
	put_logged(&probe, 3);
	put_logged(&guest, 3);
	put_logged(&guest, 3);
	put_logged(&other, 4);
	put_logged(&guest, 4);
	put_logged(&host, 4);
	/* In another one's name, from its own MAC. */
	forged = reply(GUEST, "172.16.10.8");
	memcpy(forged.bytes + 6, OTHER, 6);
	put_logged(&forged, 4);
	end();
}

/* Messages of the packet log that are none of ours, or cut off, or lie about their lengths. */
static void make_logged(void)
{
	struct frame guest = reply(GUEST, "172.16.10.66"), log = logged(&guest, 3), bad;
	const uint16_t lie = 0xfffc;

	begin_link("logged.pcap", PACKET_LOG);
	for (bad = log, bad.length = 0; bad.length < log.length; bad.length++)
		put(&bad);
	for (size_t at = 4; at < log.length; at += (log.bytes[at] + 3u) & ~3u) {
		bad = log;
		memcpy(bad.bytes + at, &lie, sizeof(lie));
		put(&bad);
	}
	bad = log;
	bad.bytes[0] = 2; /* of IPv4 */
	put(&bad);
	bad = log;
	put_attribute(&bad, 0x8014, "\6\0\1\0\x81\0\0\0\6\0\2\0\0\5\0", 16); /* in VLAN 5 */
	put(&bad);
	guest = reply(GUEST, "172.16.10.5");
	put_logged(&guest, 3);
	end();
}

/* 1300 MACs claim all addresses; then two guests that are really there say a word. */
static void make_storm(void)
{
	struct frame frame;
	char ip[INET_ADDRSTRLEN];

	begin("storm.pcap");
	for (unsigned i = 0; i < 1300; i++) {
		char mac[6] = { 0x52, 0x54, 1, 0, (char)(i >> 8), (char)i };

		snprintf(ip, sizeof(ip), "172.16.10.%u", 2 + i % 200);
		frame = reply(mac, ip);
		put(&frame);
	}
	frame = reply(GUEST, "172.16.10.5");
	put(&frame);
	frame = reply(OTHER, "172.16.10.250");
	put(&frame);
	end();
}

int main(void)
{
	make_padded();
	make_short();
	make_vlan();
	make_wrong();
	make_sender();
	make_probe();
	make_claimants();
	make_own();
	make_ports();
	make_link();
	make_logged();
	make_storm();
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * A guest gone mad: sends claims of 172.16.10.2 to .199, each from a MAC of its own, and a
 * frame without address after each, as fast as RATE a second, for SECONDS.  Prints how many
 * frames it sent.
 *
 *	storm INTERFACE RATE SECONDS
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAME = 60, BATCH = 100 };

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror(name);
		exit(1);
	}
	return fd;
}

static void fill(uint8_t frame[static FRAME], uint32_t n)
{
	static const uint8_t head[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 2 };
	const uint8_t mac[] = { 0x56, 0, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
				(uint8_t)(n >> 8), (uint8_t)n };
	const uint8_t ip[] = { 172, 16, 10, (uint8_t)(2 + n / 2 % 198) };

	memset(frame, 0, FRAME);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, mac, 6);
	if (n % 2) {
		memcpy(frame + 12, "\x86\xdd\x60", 3);
		return;
	}
	memcpy(frame + 12, head, sizeof(head));
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 28, ip, 4);
}

int main(int argc, char *argv[])
{
	int64_t began = now_us(), rate, end;
	uint8_t frame[FRAME];
	uint32_t n = 0;
	int fd;

	if (argc != 4)
		return 2;
	fd = open_interface(argv[1]);
	rate = atoll(argv[2]);
	end = began + atoll(argv[3]) * 1000000;
	while (now_us() < end) {
		int64_t due = began + n * INT64_C(1000000) / rate - now_us();
		struct timespec time = { 0, due * 1000 };

		if (due > 0 && due < 1000000)
			nanosleep(&time, NULL);
		for (int i = 0; i < BATCH; i++) {
			fill(frame, n++);
			send(fd, frame, sizeof(frame), 0);
		}
	}
	printf("%u\n", n);
	return 0;
}

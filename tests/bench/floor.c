/* SPDX-License-Identifier: ISC */
/*
 * floor INTERFACE SOURCE-IP COUNT: the floor to compare with.  A plain AF_PACKET socket
 * (packet(7)) asks for all other addresses of the /24 and leaves when COUNT of them have
 * answered, or after a second.  No checks, no sandbox, nothing else.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct frame {
	struct ether_header ether;
	struct ether_arp arp;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_wire(const char *interface, uint8_t mac[static ETH_ALEN])
{
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP));
	struct sockaddr_ll where = { .sll_family = AF_PACKET,
				     .sll_protocol = htons(ETH_P_ARP),
				     .sll_ifindex = (int)if_nametoindex(interface) };
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) < 0 ||
	    ioctl(fd, SIOCGIFHWADDR, &request) < 0) {
		perror(interface);
		exit(1);
	}
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	return fd;
}

static void ask_all(int fd, const uint8_t mac[static ETH_ALEN], uint32_t self)
{
	struct frame frame = { .ether.ether_type = htons(ETH_P_ARP),
			       .arp.ea_hdr = { .ar_hrd = htons(ARPHRD_ETHER),
					       .ar_pro = htons(ETH_P_IP),
					       .ar_hln = ETH_ALEN,
					       .ar_pln = 4,
					       .ar_op = htons(ARPOP_REQUEST) } };
	uint32_t source = htonl(self);

	memset(frame.ether.ether_dhost, 0xff, ETH_ALEN);
	memcpy(frame.ether.ether_shost, mac, ETH_ALEN);
	memcpy(frame.arp.arp_sha, mac, ETH_ALEN);
	memcpy(frame.arp.arp_spa, &source, 4);
	for (uint32_t host = 1; host < 255; host++) {
		uint32_t target = htonl((self & ~255u) | host);

		memcpy(frame.arp.arp_tpa, &target, 4);
		if (target != source && send(fd, &frame, sizeof(frame), 0) < 0)
			perror("send");
	}
}

static void hear(int fd, int count)
{
	bool heard[256] = { false };
	double until = now() + 1;
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	struct frame frame;

	while (count > 0 && now() < until && poll(&poller, 1, 1000) > 0) {
		if (recv(fd, &frame, sizeof(frame), 0) < (ssize_t)sizeof(frame) ||
		    frame.arp.ea_hdr.ar_op != htons(ARPOP_REPLY) || heard[frame.arp.arp_spa[3]])
			continue;
		heard[frame.arp.arp_spa[3]] = true;
		count--;
		printf("%u.%u.%u.%u\n", frame.arp.arp_spa[0], frame.arp.arp_spa[1],
		       frame.arp.arp_spa[2], frame.arp.arp_spa[3]);
	}
}

int main(int argc, char *argv[])
{
	uint8_t mac[ETH_ALEN];
	struct in_addr self;

	if (argc != 4 || inet_pton(AF_INET, argv[2], &self) != 1) {
		fputs("usage: floor INTERFACE SOURCE-IP COUNT\n", stderr);
		return 2;
	}
	int fd = open_wire(argv[1], mac);
	ask_all(fd, mac, ntohl(self.s_addr));
	hear(fd, atoi(argv[3]));
	fflush(stdout);
	close(fd);
	return 0;
}

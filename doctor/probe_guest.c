/* SPDX-License-Identifier: ISC */
/* What the station of doctor/probe.h does: it runs in a process of its own. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "doctor/probe.h"
#include "doctor/smb2.h"
#include "hub/netlink.h"
#include "scanner/arp.h"

enum {
	PLUG_MS = 2000,	    /* until the bridge lets its new port speak */
	HEAR_MS = 300,	    /* until an answer to ARP is in; a guest's take some ms */
	CONNECT_MS = 700,   /* until a host has taken a connection */
	DHCP_MS = 4500,	    /* dnsmasq looks for 3 s whether somebody has the address */
	DISCOVER_MS = 1500, /* between two of ours */
	SMB_MS = 5000,	    /* until smbd, which starts a process first, has answered */
	CANDIDATES = 5,	    /* addresses tried if none was offered */
	DNS_PORT = 53,
};

static const char station[] = "eth0";

struct asking {
	struct probe *probe;
	struct netlink *host; /* of the host's namespace */
	struct netlink *own;
	char port[IF_NAMESIZE]; /* our end on the bridge */
	struct mac mac;
	uint32_t xid;
	int arp, dhcp;
	struct in_addr wanted; /* the address that ARP is asked about */
	bool wanted_claimed;
	int64_t began_ms, discover_ms;
};

/* Keeps why it cannot go on. */
static bool gone_well(struct asking *asking, struct fault *fault)
{
	if (fault)
		snprintf(asking->probe->trouble, PROBE_TROUBLE, "%s", fault->text);
	talloc_free(fault);
	return !fault;
}

static void set_quiet(const char *what, const char *value)
{
	int fd = open(what, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		(void)0; /* a kernel without it is quiet */
	close(fd);
}

/* A namespace of its own, which takes an answer by broadcast before it has an address. */
static bool enter_space(struct asking *asking)
{
	if (unshare(CLONE_NEWNET) < 0)
		return gone_well(asking, fault_errno(errno, "No network namespace"));
	set_quiet("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
	set_quiet("/proc/sys/net/ipv4/conf/default/rp_filter", "0");
	return gone_well(asking, netlink_open(NULL, &asking->own));
}

/* By IPv6 it would speak by itself, with everybody; it has it only where the bridge has, and
 * then no address but the one it is given. */
static void set_ipv6(const struct asking *asking)
{
	bool none = IN6_IS_ADDR_UNSPECIFIED(&asking->probe->ipv6);

	set_quiet("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", none ? "1" : "0");
	set_quiet("/proc/sys/net/ipv6/conf/eth0/accept_ra", "0");
	set_quiet("/proc/sys/net/ipv6/conf/eth0/router_solicitations", "0");
	set_quiet("/proc/sys/net/ipv6/conf/eth0/addr_gen_mode", "1");
}

/* A link-local address made of its MAC, long before it is used: the kernel answers for it only
 * some time after it has it. */
static struct fault *take_ipv6(const struct asking *asking)
{
	struct in6_addr ip = { .s6_addr = { 0xfe, 0x80 } };

	memcpy(&ip.s6_addr[10], &asking->mac, sizeof(asking->mac));
	if (IN6_IS_ADDR_UNSPECIFIED(&asking->probe->ipv6))
		return NULL;
	return netlink_address(asking->own, station, AF_INET6, &ip, 64);
}

/* A bridge with a forward delay keeps a new port quiet for that long. */
static bool port_speaks(const struct asking *asking)
{
	char path[64], state[2] = "";

	snprintf(path, sizeof(path), "/sys/class/net/%s/brport/state", asking->port);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool speaks = fd >= 0 && read(fd, state, 1) == 1 && state[0] == '3';
	if (fd >= 0)
		close(fd);
	return speaks;
}

static void pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

static bool plug_in(struct asking *asking)
{
	int64_t until_ms = clock_ms() + PLUG_MS;
	int space = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	snprintf(asking->port, sizeof(asking->port), "hubprobe%x", (unsigned)getpid());
	if (getrandom(&asking->mac, sizeof(asking->mac), 0) < 0 ||
	    getrandom(&asking->xid, sizeof(asking->xid), 0) < 0)
		return gone_well(asking, fault_errno(errno, "No random MAC"));
	/* One address of ours, not of a manufacturer (IEEE 802, 8.2). */
	asking->mac.octet[0] = (uint8_t)((asking->mac.octet[0] & 0xfc) | 0x02);
	struct fault *fault =
		netlink_veth(asking->host, asking->port, asking->probe->bridge, station,
			     asking->mac, space);
	close(space);
	set_ipv6(asking);
	if (!fault)
		fault = netlink_up(asking->own, station);
	if (!fault)
		fault = take_ipv6(asking);
	if (!gone_well(asking, fault))
		return false;
	while (!port_speaks(asking) && clock_ms() < until_ms) {
		talloc_free(netlink_forward(asking->host, asking->port));
		pause_ms(5);
	}
	if (!port_speaks(asking))
		return gone_well(asking,
				 fault_new(FAULT_FAILED,
					   "%s lets a new port wait before it may speak",
					   asking->probe->bridge));
	return true;
}

/* --- ARP and DHCP, before it has an address --- */

static bool open_sockets(struct asking *asking)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET,
				    .sll_protocol = htons(ETHERTYPE_ARP),
				    .sll_ifindex = (int)if_nametoindex(station) };
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(DHCP_CLIENT_PORT) };
	int kind = SOCK_NONBLOCK | SOCK_CLOEXEC, one = 1;

	asking->arp = socket(AF_PACKET, SOCK_RAW | kind, 0);
	asking->dhcp = socket(AF_INET, SOCK_DGRAM | kind, 0);
	if (asking->arp < 0 || asking->dhcp < 0 ||
	    bind(asking->arp, (struct sockaddr *)&link, sizeof(link)) < 0 ||
	    setsockopt(asking->dhcp, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)) < 0 ||
	    setsockopt(asking->dhcp, SOL_SOCKET, SO_BINDTODEVICE, station,
		       sizeof(station)) < 0 ||
	    bind(asking->dhcp, (struct sockaddr *)&any, sizeof(any)) < 0)
		return gone_well(asking, fault_errno(errno, "The probe cannot listen"));
	return true;
}

/* Asks who has IP, and claims nothing (RFC 5227, 2.1.1). */
static void send_arp(const struct asking *asking, struct in_addr ip)
{
	struct arp arp = { .op = ARP_REQUEST, .sha = asking->mac, .tpa = ip };
	uint8_t frame[ARP_FRAME];

	arp_pack(&arp, mac_broadcast, frame);
	if (write(asking->arp, frame, sizeof(frame)) < 0)
		(void)0; /* then nobody answers */
}

static void send_discover(struct asking *asking)
{
	struct sockaddr_in everybody = { .sin_family = AF_INET,
					 .sin_port = htons(DHCP_SERVER_PORT),
					 .sin_addr = { INADDR_BROADCAST } };
	uint8_t packet[DHCP_DISCOVER];

	dhcp_pack_discover(asking->xid, asking->mac, packet);
	if (sendto(asking->dhcp, packet, sizeof(packet), 0, (struct sockaddr *)&everybody,
		   sizeof(everybody)) < 0)
		(void)0;
	asking->discover_ms = clock_ms();
}

static void add_claim(struct probe *probe, struct mac mac)
{
	for (size_t i = 0; i < probe->claim_count; i++)
		if (mac_equal(probe->claims[i], mac))
			return;
	if (probe->claim_count < PROBE_CLAIMS)
		probe->claims[probe->claim_count++] = mac;
}

static void hear_arp(struct asking *asking)
{
	uint8_t frame[256];
	struct arp arp;
	ssize_t n;

	while ((n = read(asking->arp, frame, sizeof(frame))) > 0) {
		if (arp_unpack(frame, (size_t)n, &arp) != ARP_SOUND ||
		    mac_equal(arp.sha, asking->mac))
			continue;
		if (arp.spa.s_addr == asking->probe->host.s_addr)
			add_claim(asking->probe, arp.sha);
		asking->wanted_claimed |= arp.spa.s_addr == asking->wanted.s_addr;
	}
}

static bool known_offer(const struct probe *probe, const struct dhcp_offer *offer)
{
	for (size_t i = 0; i < probe->offer_count; i++)
		if (probe->offers[i].server.s_addr == offer->server.s_addr)
			return true;
	return probe->offer_count == PROBE_OFFERS;
}

static void hear_dhcp(struct asking *asking)
{
	struct probe *probe = asking->probe;
	struct dhcp_offer offer;
	uint8_t packet[DHCP_MAX];
	ssize_t n;

	while ((n = read(asking->dhcp, packet, sizeof(packet))) > 0)
		if (dhcp_unpack_offer(packet, (size_t)n, asking->xid, asking->mac,
				      &offer) &&
		    !known_offer(probe, &offer))
			probe->offers[probe->offer_count++] = offer;
}

/* Listens until UNTIL_MS, or only until the first offer. */
static void hear(struct asking *asking, int64_t until_ms, bool offer)
{
	struct pollfd fds[] = { { asking->arp, POLLIN, 0 }, { asking->dhcp, POLLIN, 0 } };

	while (!(offer && asking->probe->offer_count)) {
		int64_t now_ms = clock_ms();

		if (now_ms >= until_ms)
			return;
		poll(fds, 2, (int)(until_ms - now_ms));
		hear_arp(asking);
		hear_dhcp(asking);
	}
}

/* Has nobody IP? */
static bool is_free(struct asking *asking, struct in_addr ip)
{
	asking->wanted = ip;
	asking->wanted_claimed = ip.s_addr == asking->probe->host.s_addr;
	for (int i = 0; i < 2 && !asking->wanted_claimed; i++) {
		send_arp(asking, ip);
		hear(asking, clock_ms() + HEAR_MS / 2, false);
	}
	return !asking->wanted_claimed;
}

/* The address that was offered, else one that nobody has: from the upper end of the network,
 * where a host gives them last. */
static bool choose_address(struct asking *asking)
{
	struct probe *probe = asking->probe;
	uint32_t size = probe->network.last - probe->network.first + 1, number = 0;

	if (probe->offer_count) {
		probe->ip = probe->offers[0].ip;
		probe->offer_claimed = !is_free(asking, probe->ip);
		if (!probe->offer_claimed && range_contains(probe->network, probe->ip))
			return true;
	}
	for (int i = 0; i < CANDIDATES; i++) {
		if (getrandom(&number, sizeof(number), 0) < 0)
			break;
		probe->ip.s_addr = htonl(probe->network.last -
					 number % (size > 8 ? size / 8 : size));
		if (is_free(asking, probe->ip))
			return true;
	}
	return gone_well(asking,
			 fault_new(FAULT_FAILED, "No free address was found on %s",
				   probe->bridge));
}

/* All ways lead to the bridge's MAC, so that no guest can answer in the host's place. */
static bool wear_address(struct asking *asking)
{
	const struct probe *probe = asking->probe;
	struct fault *fault;

	if ((fault = netlink_address(asking->own, station, AF_INET, &probe->ip,
				     probe->length)) ||
	    (fault = netlink_pin(asking->own, station, AF_INET, &probe->host,
				 probe->bridge_mac)) ||
	    (fault = netlink_route(asking->own, station, probe->host)))
		return gone_well(asking, fault);
	return true;
}

/* --- what the host answers --- */

/* Begins to connect; a descriptor, or -1. */
static int connect_to(const struct asking *asking, const struct in6_addr *ip,
		      in_port_t port)
{
	bool v4 = IN6_IS_ADDR_V4MAPPED(ip);
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port),
				    .sin6_addr = *ip,
				    .sin6_scope_id = if_nametoindex(station) };
	int fd = socket(v4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(&in.sin_addr, &ip->s6_addr[12], sizeof(in.sin_addr));
	if (!v4)
		talloc_free(netlink_pin(asking->own, station, AF_INET6, ip,
					asking->probe->bridge_mac));
	if (fd >= 0)
		(void)!connect(fd, v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6,
			       v4 ? sizeof(in) : sizeof(in6));
	return fd;
}

static enum probe_answer answer_of(int fd)
{
	socklen_t length = sizeof(int);
	int error = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		return PROBE_SILENT;
	return error == 0	     ? PROBE_OPEN :
	       error == ECONNREFUSED ? PROBE_REFUSED :
				       PROBE_SILENT;
}

/* Waits until each of COUNT connections is made or refused, or the time is over. */
static void await_connections(struct pollfd *fds, enum probe_answer *answers,
			      size_t count)
{
	int64_t until_ms = clock_ms() + CONNECT_MS, left_ms;
	size_t waiting = count;

	while (waiting && (left_ms = until_ms - clock_ms()) > 0) {
		waiting = 0;
		poll(fds, count, (int)left_ms);
		for (size_t i = 0; i < count; i++) {
			if (fds[i].fd >= 0 && fds[i].revents) {
				answers[i] = answer_of(fds[i].fd);
				fds[i].fd = ~fds[i].fd; /* poll(2) passes it over */
			}
			waiting += fds[i].fd >= 0;
		}
	}
}

static void connect_all(struct asking *asking)
{
	static struct pollfd fds[PROBE_TARGETS];
	static enum probe_answer answers[PROBE_TARGETS];
	struct probe *probe = asking->probe;

	for (size_t i = 0; i < probe->target_count; i++) {
		int fd =
			connect_to(asking, &probe->targets[i].ip, probe->targets[i].port);

		/* One that cannot be asked is passed over too. */
		fds[i] = (struct pollfd){ .fd = fd, .events = POLLOUT };
	}
	await_connections(fds, answers, probe->target_count);
	for (size_t i = 0; i < probe->target_count; i++) {
		probe->targets[i].answer = answers[i];
		close(fds[i].fd >= 0 ? fds[i].fd : ~fds[i].fd);
	}
}

static void ask_smb(struct asking *asking)
{
	const struct in6_addr host = ip_mapped(asking->probe->host);
	struct pollfd fd = { connect_to(asking, &host, SMB2_PORT), POLLOUT, 0 };
	uint8_t question[SMB2_NEGOTIATE], reply[SMB2_REPLY];
	int64_t until_ms;
	size_t length = 0;
	ssize_t n = 1;

	await_connections(&fd, &asking->probe->smb, 1);
	fd.fd = fd.fd < 0 ? ~fd.fd : fd.fd;
	smb2_pack_negotiate(question);
	if (asking->probe->smb == PROBE_OPEN &&
	    write(fd.fd, question, sizeof(question)) == sizeof(question)) {
		until_ms = clock_ms() + SMB_MS;
		fd.events = POLLIN;
		while (length < sizeof(reply) && n > 0 && clock_ms() < until_ms &&
		       poll(&fd, 1, (int)(until_ms - clock_ms())) == 1)
			if ((n = read(fd.fd, reply + length, sizeof(reply) - length)) > 0)
				length += (size_t)n;
		asking->probe->smb_speaks = smb2_is_reply(reply, length);
	}
	close(fd.fd);
}

/* A question that no server hands on: its own version (RFC 4892, 3). */
static int send_dns(const struct asking *asking)
{
	static const uint8_t question[] =
		"\x00\x2a\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
		"\x07version\x04"
		"bind\x00\x00\x10\x00\x03";
	struct sockaddr_in host = { .sin_family = AF_INET,
				    .sin_port = htons(DNS_PORT),
				    .sin_addr = asking->probe->host };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (connect(fd, (struct sockaddr *)&host, sizeof(host)) < 0 ||
			write(fd, question, sizeof(question) - 1) < 0))
		(void)0; /* then nobody answers */
	return fd;
}

static void take_dns(struct probe *probe, int fd)
{
	struct pollfd poller = { fd, POLLIN, 0 };
	uint8_t answer[512];

	if (fd < 0)
		return;
	probe->dns = poll(&poller, 1, HEAR_MS) == 1 &&
		     read(fd, answer, sizeof(answer)) > 2 && answer[1] == 0x2a;
	close(fd);
}

static void ask_host(struct asking *asking)
{
	int dns = send_dns(asking);

	connect_all(asking);
	ask_smb(asking);
	take_dns(asking->probe, dns);
}

static void wait_for_offer(struct asking *asking)
{
	const struct probe *probe = asking->probe;

	while (!probe->offer_count && clock_ms() < asking->began_ms + DHCP_MS) {
		send_discover(asking);
		hear(asking, asking->discover_ms + DISCOVER_MS, true);
	}
	if (probe->offer_count && probe->offers[0].ip.s_addr != probe->ip.s_addr)
		asking->probe->offer_claimed = !is_free(asking, probe->offers[0].ip);
}

/* DHCP is asked first and waited for last. */
static void ask_all(struct asking *asking)
{
	asking->began_ms = clock_ms();
	send_discover(asking);
	send_arp(asking, asking->probe->host);
	hear(asking, asking->began_ms + HEAR_MS, false);
	if (!asking->probe->claim_count)
		send_arp(asking, asking->probe->host);
	if (!choose_address(asking) || !wear_address(asking))
		return;
	ask_host(asking);
	wait_for_offer(asking);
	hear_arp(asking);
	hear_dhcp(asking);
	asking->probe->done = true;
}

void probe_ask(struct probe *probe)
{
	struct asking asking = { .probe = probe, .arp = -1, .dhcp = -1 };

	if (!gone_well(&asking, netlink_open(NULL, &asking.host)) ||
	    !enter_space(&asking) || !plug_in(&asking))
		return;
	if (open_sockets(&asking))
		ask_all(&asking);
	talloc_free(netlink_remove(asking.host, asking.port));
	if (probe->ip.s_addr)
		talloc_free(netlink_forget(asking.host, probe->bridge, probe->ip));
}

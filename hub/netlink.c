/* SPDX-License-Identifier: ISC */
#include "hub/netlink.h"

#include <arpa/inet.h>
#include <bsd/string.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/memory.h"

enum { DUMP_BYTES = 32768 /* what the kernel fills at most (linux/netlink.h) */ };

/* By this a neighbour of ours is told from an admin's (rtnetlink: NDA_PROTOCOL). */
enum { PROTOCOL_OURS = 75 };

struct dump {
	const void *ctx;
	unsigned interface;
	bool pinned; /* those that netlink_pin() made, and no others */
	struct neighbour *list;
	size_t count;
};

/* One RTM_NEWNEIGH. */
static int take_neighbour(const struct nlmsghdr *header, void *user)
{
	const struct ndmsg *message = mnl_nlmsg_get_payload(header);
	struct neighbour neighbour = { 0 };
	bool has_ip = false, has_mac = false, pinned = false;
	struct dump *dump = user;
	struct nlattr *attribute;

	mnl_attr_for_each(attribute, header, sizeof(*message)) {
		const void *payload = mnl_attr_get_payload(attribute);
		size_t length = mnl_attr_get_payload_len(attribute);

		if (mnl_attr_get_type(attribute) == NDA_DST &&
		    length == sizeof(neighbour.ip)) {
			memcpy(&neighbour.ip, payload, length);
			has_ip = true;
		} else if (mnl_attr_get_type(attribute) == NDA_LLADDR &&
			   length == sizeof(neighbour.mac)) {
			memcpy(&neighbour.mac, payload, length);
			has_mac = true;
		} else if (mnl_attr_get_type(attribute) == NDA_PROTOCOL) {
			pinned = mnl_attr_get_u8(attribute) == PROTOCOL_OURS &&
				 message->ndm_state & NUD_PERMANENT;
		}
	}
	if (!has_ip || !has_mac || message->ndm_state & NUD_NOARP ||
	    (dump->pinned && !pinned) ||
	    (unsigned)message->ndm_ifindex != dump->interface)
		return MNL_CB_OK;
	*mem_grow(dump->ctx, dump->list, struct neighbour, dump->count) = neighbour;
	dump->count++;
	return MNL_CB_OK;
}

static int run_dump(struct mnl_socket *socket, struct dump *dump)
{
	char buffer[DUMP_BYTES];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ndmsg *message;
	int status = 1;

	header->nlmsg_type = RTM_GETNEIGH;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->ndm_family = AF_INET;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -1;
	while (status > 0) {
		ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		status = n <= 0 ? -1 :
				  mnl_cb_run(buffer, (size_t)n, 0,
					     mnl_socket_get_portid(socket),
					     take_neighbour, dump);
	}
	return status;
}

static struct fault *dump_neighbours(const void *ctx, const char *interface, bool pinned,
				     struct neighbour **ret, size_t *ret_count)
{
	struct dump dump = { .ctx = ctx,
			     .interface = if_nametoindex(interface),
			     .pinned = pinned };
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	struct fault *fault = NULL;

	if (!socket || run_dump(socket, &dump) < 0)
		fault = fault_errno(errno, "The kernel does not tell its neighbours");
	if (socket)
		mnl_socket_close(socket);
	*ret = dump.list;
	*ret_count = dump.count;
	return fault;
}

struct fault *netlink_neighbours(const void *ctx, const char *interface,
				 struct neighbour **ret, size_t *ret_count)
{
	return dump_neighbours(ctx, interface, false, ret, ret_count);
}

struct fault *netlink_pinned(const void *ctx, const char *interface,
			     struct neighbour **ret, size_t *ret_count)
{
	return dump_neighbours(ctx, interface, true, ret, ret_count);
}

struct port_dump {
	const void *ctx;
	uint32_t bridge;
	char (*names)[IFNAMSIZ];
	size_t count;
};

/* One RTM_NEWLINK: its name, and its bridge (0: it is no port). */
static uint32_t read_link(const struct nlmsghdr *header, const char **ret_name)
{
	struct nlattr *attribute;
	uint32_t bridge = 0;

	*ret_name = "";
	mnl_attr_for_each(attribute, header, sizeof(struct ifinfomsg)) {
		if (mnl_attr_get_type(attribute) == IFLA_IFNAME)
			*ret_name = mnl_attr_get_str(attribute);
		else if (mnl_attr_get_type(attribute) == IFLA_MASTER)
			bridge = mnl_attr_get_u32(attribute);
	}
	return bridge;
}

static int take_port(const struct nlmsghdr *header, void *user)
{
	struct port_dump *dump = user;
	const char *name;

	if (header->nlmsg_type != RTM_NEWLINK || read_link(header, &name) != dump->bridge)
		return MNL_CB_OK;
	dump->names = mem_check(talloc_realloc_size(dump->ctx, dump->names,
						    (dump->count + 1) * IFNAMSIZ));
	strlcpy(dump->names[dump->count++], name, IFNAMSIZ);
	return MNL_CB_OK;
}

enum { REQUEST_BYTES = 1024 };

struct netlink {
	struct mnl_socket *socket;
	uint32_t number;
};

static int netlink_close(struct netlink *netlink)
{
	mnl_socket_close(netlink->socket);
	return 0;
}

struct fault *netlink_open(const void *ctx, struct netlink **ret)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		struct fault *fault =
			fault_errno(errno, "The kernel's network is not to be had");

		if (socket)
			mnl_socket_close(socket);
		return fault;
	}
	*ret = mem_new(ctx, struct netlink);
	(*ret)->socket = socket;
	talloc_set_destructor(*ret, netlink_close);
	return NULL;
}

/* A request of TYPE in BUFFER, with room for EXTRA bytes at *RET. */
static struct nlmsghdr *netlink_begin(char *buffer, uint16_t type, uint16_t flags,
				      size_t extra, void *ret)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);

	header->nlmsg_type = type;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	*(void **)ret = mnl_nlmsg_put_extra_header(header, extra);
	return header;
}

/* Sends a request and waits for its answer, which CALLBACK is given, and the acknowledgement. */
static int netlink_talk(struct netlink *netlink, struct nlmsghdr *header,
			mnl_cb_t callback, void *user)
{
	unsigned port = mnl_socket_get_portid(netlink->socket);
	char buffer[DUMP_BYTES];
	int status = 1;

	header->nlmsg_flags |= NLM_F_ACK;
	header->nlmsg_seq = ++netlink->number;
	if (mnl_socket_sendto(netlink->socket, header, header->nlmsg_len) < 0)
		return -1;
	while (status > 0) {
		ssize_t n = mnl_socket_recvfrom(netlink->socket, buffer, sizeof(buffer));

		status = n <= 0 ? -1 :
				  mnl_cb_run(buffer, (size_t)n, netlink->number, port,
					     callback, user);
	}
	return status;
}

static int take_index(const struct nlmsghdr *header, void *user)
{
	const struct ifinfomsg *message = mnl_nlmsg_get_payload(header);

	*(uint32_t *)user = (uint32_t)message->ifi_index;
	return MNL_CB_OK;
}

/* The index of an interface in the socket's namespace, which need not be the process's. */
static uint32_t index_of(struct netlink *netlink, const char *name)
{
	char buffer[REQUEST_BYTES];
	struct ifinfomsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_GETLINK, 0, sizeof(*message), &message);
	uint32_t index = 0;

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	return netlink_talk(netlink, header, take_index, &index) < 0 ? 0 : index;
}

struct fault *netlink_ports(const void *ctx, const char *bridge, char (**ret)[IFNAMSIZ],
			    size_t *ret_count)
{
	struct netlink *netlink;
	struct fault *fault = netlink_open(NULL, &netlink);
	struct port_dump dump = { .ctx = ctx };
	struct ifinfomsg *message;
	char buffer[REQUEST_BYTES];

	if (fault)
		return fault;
	if ((dump.bridge = index_of(netlink, bridge))) {
		struct nlmsghdr *header = netlink_begin(buffer, RTM_GETLINK, NLM_F_DUMP,
							sizeof(*message), &message);

		if (netlink_talk(netlink, header, take_port, &dump) < 0)
			fault = fault_errno(errno,
					    "The kernel does not tell the ports of %s",
					    bridge);
	}
	talloc_free(netlink);
	*ret = dump.names;
	*ret_count = dump.count;
	return fault;
}

/* Makes the change; SAYS what it is. */
static struct fault *netlink_change(struct netlink *netlink, struct nlmsghdr *header,
				    const char *says, const char *name)
{
	if (netlink_talk(netlink, header, NULL, NULL) < 0)
		return fault_errno(errno, "%s %s", says, name);
	return NULL;
}

/*
 * A bridge without a MAC of its own takes the lowest one of its ports; a port that begins with
 * fe is the last one to give it its own, which guests would have to learn anew.
 */
static const struct mac port_mac = { { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xfe } };

/* Puts the kind, and the other end: an ifinfomsg with attributes of its own (linux/veth.h). */
static void put_peer(struct nlmsghdr *header, const char *peer, struct mac mac, int space)
{
	struct nlattr *info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
	struct nlattr *data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	struct nlattr *end = mnl_attr_nest_start(header, VETH_INFO_PEER);

	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(header, IFLA_IFNAME, peer);
	mnl_attr_put(header, IFLA_ADDRESS, sizeof(mac), &mac);
	mnl_attr_put_u32(header, IFLA_NET_NS_FD, (uint32_t)space);
	mnl_attr_nest_end(header, end);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
}

struct fault *netlink_veth(struct netlink *netlink, const char *name, const char *bridge,
			   const char *peer, struct mac mac, int space)
{
	char buffer[REQUEST_BYTES];
	struct ifinfomsg *message;
	uint32_t master = index_of(netlink, bridge);
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
			      sizeof(*message), &message);

	message->ifi_flags = message->ifi_change = IFF_UP;
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	mnl_attr_put(header, IFLA_ADDRESS, sizeof(port_mac), &port_mac);
	mnl_attr_put_u32(header, IFLA_MASTER, master);
	put_peer(header, peer, mac, space);
	if (!master)
		return fault_new(FAULT_UNREACHABLE, "There is no bridge %s", bridge);
	return netlink_change(netlink, header, "Nothing can be plugged into", bridge);
}

struct fault *netlink_up(struct netlink *netlink, const char *name)
{
	char buffer[REQUEST_BYTES];
	struct ifinfomsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_NEWLINK, 0, sizeof(*message), &message);

	message->ifi_flags = message->ifi_change = IFF_UP;
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	return netlink_change(netlink, header, "Cannot set up", name);
}

struct fault *netlink_forward(struct netlink *netlink, const char *name)
{
	char buffer[REQUEST_BYTES];
	struct ifinfomsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_SETLINK, 0, sizeof(*message), &message);

	message->ifi_family = AF_BRIDGE;
	message->ifi_index = (int)index_of(netlink, name);
	struct nlattr *port = mnl_attr_nest_start(header, IFLA_PROTINFO);
	mnl_attr_put_u8(header, IFLA_BRPORT_STATE, BR_STATE_FORWARDING);
	mnl_attr_nest_end(header, port);
	port->nla_type |= NLA_F_NESTED;
	return netlink_change(netlink, header, "The bridge does not let speak", name);
}

struct fault *netlink_unlearn(struct netlink *netlink, const char *name)
{
	const struct br_boolopt_multi option = { .optval = 1 << BR_BOOLOPT_NO_LL_LEARN,
						 .optmask = 1 << BR_BOOLOPT_NO_LL_LEARN };
	char buffer[REQUEST_BYTES];
	struct ifinfomsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_NEWLINK, 0, sizeof(*message), &message);

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	struct nlattr *info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "bridge");
	struct nlattr *data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	mnl_attr_put(header, IFLA_BR_MULTI_BOOLOPT, sizeof(option), &option);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	return netlink_change(netlink, header, "Cannot tell what not to learn", name);
}

struct fault *netlink_remove(struct netlink *netlink, const char *name)
{
	char buffer[REQUEST_BYTES];
	struct ifinfomsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_DELLINK, 0, sizeof(*message), &message);

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	return netlink_change(netlink, header, "Cannot remove", name);
}

static size_t size_of(sa_family_t family)
{
	return family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

struct fault *netlink_address(struct netlink *netlink, const char *name,
			      sa_family_t family, const void *ip, uint8_t length)
{
	char buffer[REQUEST_BYTES];
	struct ifaddrmsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE,
			      sizeof(*message), &message);

	message->ifa_family = (uint8_t)family;
	message->ifa_prefixlen = length;
	message->ifa_flags = IFA_F_NODAD;
	message->ifa_index = index_of(netlink, name);
	mnl_attr_put(header, IFA_LOCAL, size_of(family), ip);
	mnl_attr_put(header, IFA_ADDRESS, size_of(family), ip);
	return netlink_change(netlink, header, "Cannot give an address to", name);
}

struct fault *netlink_route(struct netlink *netlink, const char *name,
			    struct in_addr router)
{
	char buffer[REQUEST_BYTES];
	struct rtmsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE,
			      sizeof(*message), &message);

	message->rtm_family = AF_INET;
	message->rtm_table = RT_TABLE_MAIN;
	message->rtm_protocol = RTPROT_STATIC;
	message->rtm_type = RTN_UNICAST;
	message->rtm_flags = RTNH_F_ONLINK;
	mnl_attr_put_u32(header, RTA_OIF, index_of(netlink, name));
	mnl_attr_put(header, RTA_GATEWAY, sizeof(router), &router);
	return netlink_change(netlink, header, "Cannot set a route by", name);
}

static struct fault *change_neighbour(struct netlink *netlink, uint16_t type,
				      const char *name, sa_family_t family,
				      const void *ip, const struct mac *mac)
{
	char buffer[REQUEST_BYTES];
	struct ndmsg *message;
	struct nlmsghdr *header =
		netlink_begin(buffer, type, mac ? NLM_F_CREATE | NLM_F_REPLACE : 0,
			      sizeof(*message), &message);

	message->ndm_family = (uint8_t)family;
	message->ndm_ifindex = (int)index_of(netlink, name);
	message->ndm_state = NUD_PERMANENT;
	mnl_attr_put(header, NDA_DST, size_of(family), ip);
	if (mac) {
		mnl_attr_put(header, NDA_LLADDR, sizeof(*mac), mac);
		mnl_attr_put_u8(header, NDA_PROTOCOL, PROTOCOL_OURS);
	}
	return netlink_change(netlink, header, "Cannot change a neighbour on", name);
}

struct fault *netlink_pin(struct netlink *netlink, const char *name, sa_family_t family,
			  const void *ip, struct mac mac)
{
	return change_neighbour(netlink, RTM_NEWNEIGH, name, family, ip, &mac);
}

struct fault *netlink_ask(struct netlink *netlink, const char *name, struct in_addr ip)
{
	char buffer[REQUEST_BYTES];
	struct ndmsg *message;
	struct nlmsghdr *header;

	talloc_free(netlink_forget(netlink, name, ip));
	header = netlink_begin(buffer, RTM_NEWNEIGH, NLM_F_CREATE, sizeof(*message),
			       &message);
	message->ndm_family = AF_INET;
	message->ndm_ifindex = (int)index_of(netlink, name);
	message->ndm_flags = NTF_USE;
	mnl_attr_put(header, NDA_DST, sizeof(ip), &ip);
	return netlink_change(netlink, header, "Cannot ask on", name);
}

struct fault *netlink_forget(struct netlink *netlink, const char *name, struct in_addr ip)
{
	return change_neighbour(netlink, RTM_DELNEIGH, name, AF_INET, &ip, NULL);
}

struct notices {
	struct mnl_socket *routes, *rules;
	const char *bridge;
	int epoll;
	unsigned kinds; /* found so far */
};

static int notices_close(struct notices *notices)
{
	if (notices->routes)
		mnl_socket_close(notices->routes);
	if (notices->rules)
		mnl_socket_close(notices->rules);
	if (notices->epoll >= 0)
		close(notices->epoll);
	return 0;
}

/* A socket on which one is told of GROUPS, and that can be waited for with the other one. */
static struct mnl_socket *subscribe(struct notices *notices, int bus, unsigned groups)
{
	struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };

	if (socket && (mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) < 0 ||
		       epoll_ctl(notices->epoll, EPOLL_CTL_ADD, mnl_socket_get_fd(socket),
				 &event) < 0)) {
		mnl_socket_close(socket);
		socket = NULL;
	}
	return socket;
}

struct fault *notices_open(const void *ctx, const char *bridge, struct notices **ret)
{
	struct notices *notices = mem_new(ctx, struct notices);
	struct fault *fault = NULL;

	notices->bridge = mem_strdup(notices, bridge);
	notices->epoll = epoll_create1(EPOLL_CLOEXEC);
	talloc_set_destructor(notices, notices_close);
	notices->routes = subscribe(notices, NETLINK_ROUTE,
				    RTMGRP_LINK | RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR);
	notices->rules = notices->routes ? subscribe(notices, NETLINK_NETFILTER,
						     1 << (NFNLGRP_NFTABLES - 1)) :
					   NULL;
	if (!notices->rules)
		fault = errno == EPERM ?
				fault_new(FAULT_REFUSED, "The kernel tells only root of "
							 "its rules; use sudo") :
				fault_errno(errno, "The kernel does not tell of its "
						   "network");
	if (fault)
		talloc_free(notices);
	else
		*ret = notices;
	return fault;
}

int notices_descriptor(const struct notices *notices)
{
	return notices->epoll;
}

/* One that is pinned now has just been. */
static void note_neighbour(const struct nlmsghdr *header, struct notices *notices)
{
	const struct ndmsg *message = mnl_nlmsg_get_payload(header);

	if ((header->nlmsg_type == RTM_DELNEIGH ||
	     !(message->ndm_state & NUD_PERMANENT)) &&
	    message->ndm_family == AF_INET &&
	    (unsigned)message->ndm_ifindex == if_nametoindex(notices->bridge))
		notices->kinds |= NOTICE_NEIGHBOURS;
}

/* A link of the bridge, or the bridge itself: also one that has just left it. */
static int note_route(const struct nlmsghdr *header, void *user)
{
	struct notices *notices = user;
	const char *name;

	if (header->nlmsg_type == RTM_NEWNEIGH || header->nlmsg_type == RTM_DELNEIGH)
		note_neighbour(header, notices);
	else if (header->nlmsg_type == RTM_NEWADDR || header->nlmsg_type == RTM_DELADDR)
		notices->kinds |= NOTICE_PORTS;
	else if (header->nlmsg_type == RTM_NEWLINK || header->nlmsg_type == RTM_DELLINK)
		if (read_link(header, &name) || strcmp(name, notices->bridge) == 0)
			notices->kinds |= NOTICE_PORTS;
	return MNL_CB_OK;
}

/* Who has made this generation of the rules? */
static int note_rules(const struct nlmsghdr *header, void *user)
{
	struct notices *notices = user;
	uint32_t pid = 0;
	struct nlattr *attribute;

	if ((header->nlmsg_type & 0xff) != NFT_MSG_NEWGEN)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, header, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attribute) == NFTA_GEN_PROC_PID)
			pid = ntohl(mnl_attr_get_u32(attribute));
	if (pid != (uint32_t)getpid())
		notices->kinds |= NOTICE_RULES;
	return MNL_CB_OK;
}

static void read_notices(struct notices *notices, struct mnl_socket *socket,
			 mnl_cb_t note, unsigned everything)
{
	char buffer[DUMP_BYTES];
	ssize_t n;

	while ((n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			return;
		if (n < 0 || mnl_cb_run(buffer, (size_t)n, 0, 0, note, notices) < 0)
			notices->kinds |= everything;
	}
}

unsigned notices_read(struct notices *notices)
{
	notices->kinds = 0;
	read_notices(notices, notices->routes, note_route,
		     NOTICE_PORTS | NOTICE_NEIGHBOURS);
	read_notices(notices, notices->rules, note_rules, NOTICE_RULES);
	return notices->kinds;
}

/* SPDX-License-Identifier: ISC */
#include "scanner/packetlog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/memory.h"

enum {
	GROUPS_MAX = 64,
	PACKETS_A_TIME = 256,
	/* What waits in the kernel while nobody reads: more than 1000 packets. */
	QUEUE_BYTES = 1 << 20,
	/* The kernel puts no more than a page into a message, and copies no more than that. */
	MESSAGE_BYTES = 8192,
};

struct packetlog {
	struct mnl_socket *socket;
	unsigned group;
	uint64_t missed;
};

/* What mnl_cb_run() needs to call a packetlog_heard_fn. */
struct packetlog_listener {
	packetlog_heard_fn *heard;
	void *arg;
	size_t count;
};

static bool parse_group(const char *text, char end, uint16_t *ret, const char **ret_rest)
{
	char *rest;
	unsigned long value = strtoul(text, &rest, 10);

	if (*text < '0' || *text > '9' || *rest != end || value > UINT16_MAX)
		return false;
	*ret = (uint16_t)value;
	*ret_rest = rest;
	return true;
}

struct fault *packetlog_parse(const char *text, struct packetlog_groups *ret)
{
	struct packetlog_groups groups = { 0 };
	bool range = strchr(text, '-'), sound;
	const char *rest;

	sound = parse_group(text, range ? '-' : '\0', &groups.first, &rest);
	groups.last = groups.first;
	if (sound && range)
		sound = parse_group(rest + 1, '\0', &groups.last, &rest);
	if (!sound || groups.last < groups.first ||
	    groups.last - groups.first >= GROUPS_MAX)
		return fault_new(FAULT_USAGE,
				 "'%s' is no GROUP from 0 to 65535, and no FIRST-LAST of "
				 "%d at most",
				 text, GROUPS_MAX);
	*ret = groups;
	return NULL;
}

static int close_log(struct packetlog *log)
{
	mnl_socket_close(log->socket);
	return 0;
}

/* Who asks for GROUP, for ARP packets whole, each at once. */
static void put_request(struct nlmsghdr *message, uint16_t group)
{
	struct nfulnl_msg_config_cmd command = { .command = NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode mode = { .copy_range = htonl(NFLOG_FRAME),
					       .copy_mode = NFULNL_COPY_PACKET };
	struct nfgenmsg *head;

	message->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head = mnl_nlmsg_put_extra_header(message, sizeof(*head));
	*head = (struct nfgenmsg){ .nfgen_family = AF_UNSPEC, .res_id = htons(group) };
	mnl_attr_put(message, NFULA_CFG_CMD, sizeof(command), &command);
	mnl_attr_put(message, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(message, NFULA_CFG_QTHRESH, htonl(1));
}

/* The kernel's answer; packets may come before it, or instead of it where they are too many,
 * which only happens once they do come.  False with errno. */
static bool acknowledged(struct mnl_socket *socket)
{
	char buffer[MESSAGE_BYTES];
	int status = MNL_CB_OK;

	while (status == MNL_CB_OK) {
		ssize_t length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (length < 0)
			return errno == ENOBUFS;
		status = mnl_cb_run(buffer, (size_t)length, 0, 0, NULL, NULL);
	}
	return status == MNL_CB_STOP;
}

static bool bind_group(struct mnl_socket *socket, uint16_t group)
{
	char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	put_request(message, group);
	return mnl_socket_sendto(socket, message, message->nlmsg_len) >= 0 &&
	       acknowledged(socket);
}

static struct fault *bind_first(struct packetlog *log,
				const struct packetlog_groups *groups)
{
	for (unsigned group = groups->first; group <= groups->last; group++) {
		log->group = group;
		if (bind_group(log->socket, (uint16_t)group))
			return NULL;
		if (errno != EPERM && errno != EBUSY)
			return fault_errno(errno, "No packet log");
	}
	return fault_new(
		FAULT_REFUSED,
		"Not permitted to listen to group %u to %u of the packet log, or none "
		"is free",
		groups->first, groups->last);
}

struct fault *packetlog_open(const void *ctx, const struct packetlog_groups *groups,
			     struct packetlog **ret)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int size = QUEUE_BYTES;
	struct packetlog *log;
	struct fault *f;

	if (!socket)
		return fault_errno(errno, "No packet log");
	log = mem_new(ctx, struct packetlog);
	log->socket = socket;
	talloc_set_destructor(log, close_log);
	/* Without, there is as much as everybody has. */
	(void)setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUFFORCE, &size,
			 sizeof(size));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		f = fault_errno(errno, "No packet log");
	else
		f = bind_first(log, groups);
	if (f)
		talloc_free(log);
	else
		*ret = log;
	return f;
}

unsigned packetlog_group(const struct packetlog *log)
{
	return log->group;
}

int packetlog_descriptor(const struct packetlog *log)
{
	return mnl_socket_get_fd(log->socket);
}

static int take_message(const struct nlmsghdr *message, void *arg)
{
	struct packetlog_listener *listener = arg;
	struct nflog packet;

	if (message->nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) &&
	    nflog_unpack(mnl_nlmsg_get_payload(message),
			 mnl_nlmsg_get_payload_len(message), &packet))
		listener->heard(listener->arg, &packet);
	listener->count++;
	return MNL_CB_OK;
}

size_t packetlog_hear(struct packetlog *log, packetlog_heard_fn *heard, void *arg)
{
	struct packetlog_listener listener = { heard, arg, 0 };
	char buffer[MESSAGE_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t length;

	while (listener.count < PACKETS_A_TIME) {
		length = recv(packetlog_descriptor(log), buffer, sizeof(buffer),
			      MSG_DONTWAIT);
		if (length <= 0 && errno != ENOBUFS)
			break;
		/* Something was dropped since the last time; what was not comes next. */
		if (length < 0)
			log->missed++;
		else
			(void)mnl_cb_run(buffer, (size_t)length, 0, 0, take_message,
					 &listener);
	}
	return listener.count;
}

uint64_t packetlog_missed(const struct packetlog *log)
{
	return log->missed;
}

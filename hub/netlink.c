/* SPDX-License-Identifier: ISC */
#include "hub/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "common/memory.h"

enum { DUMP_BYTES = 32768 /* what the kernel fills at most (linux/netlink.h) */ };

struct dump {
	const void *ctx;
	unsigned interface;
	struct neighbour *list;
	size_t count;
};

/* One RTM_NEWNEIGH. */
static int take_neighbour(const struct nlmsghdr *header, void *user)
{
	const struct ndmsg *message = mnl_nlmsg_get_payload(header);
	struct neighbour neighbour = { 0 };
	bool has_ip = false, has_mac = false;
	struct dump *dump = user;
	struct nlattr *attribute;

	mnl_attr_for_each(attribute, header, sizeof(*message)) {
		const void *payload = mnl_attr_get_payload(attribute);
		size_t length = mnl_attr_get_payload_len(attribute);

		if (mnl_attr_get_type(attribute) == NDA_DST && length == sizeof(neighbour.ip)) {
			memcpy(&neighbour.ip, payload, length);
			has_ip = true;
		} else if (mnl_attr_get_type(attribute) == NDA_LLADDR &&
			   length == sizeof(neighbour.mac)) {
			memcpy(&neighbour.mac, payload, length);
			has_mac = true;
		}
	}
	if (!has_ip || !has_mac || message->ndm_state & NUD_NOARP ||
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
					     mnl_socket_get_portid(socket), take_neighbour, dump);
	}
	return status;
}

struct fault *netlink_neighbours(const void *ctx, const char *interface,
				 struct neighbour **ret, size_t *ret_count)
{
	struct dump dump = { .ctx = ctx, .interface = if_nametoindex(interface) };
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

/* SPDX-License-Identifier: ISC */
#include "scanner/wire.h"

#include <errno.h>
#include <net/if.h>
#include <pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "common/memory.h"
#include "scanner/neighbour.h"
#include "scanner/nflog.h"

enum {
	SNAPSHOT = 64,
	FRAMES_A_TIME = 256,
};

struct wire {
	const char *interface; /* NULL: a recording */
	int index;
	pcap_t *pcap;
	int fd;
	struct packetlog *log; /* NULL: none are heard */
	bool down;
	uint64_t missed;
	uint32_t missed_counter; /* libpcap's, which wraps */
};

/* What pcap_dispatch() and packetlog_hear() need to call a wire_heard_fn. */
struct listener {
	struct wire *wire;
	wire_heard_fn *heard;
	void *arg;
};

int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int close_wire(struct wire *wire)
{
	if (wire->pcap)
		pcap_close(wire->pcap);
	return 0;
}

static struct wire *new_wire(const void *ctx, pcap_t *pcap)
{
	struct wire *wire = mem_new(ctx, struct wire);

	wire->pcap = pcap;
	wire->fd = -1;
	talloc_set_destructor(wire, close_wire);
	return wire;
}

static struct fault *gone(const struct wire *wire)
{
	return fault_new(FAULT_UNREACHABLE, "The interface %s is gone", wire->interface);
}

static struct fault *cannot_activate(const struct wire *wire, int status)
{
	const char *name = wire->interface;

	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
		return fault_new(FAULT_REFUSED,
				 "Not permitted to open %s: run hubscan as root, or as a "
				 "member of the group that may run it with cap_net_raw",
				 name);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return fault_new(FAULT_UNREACHABLE, "There is no interface %s", name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return fault_new(FAULT_UNREACHABLE, "%s is down: ip link set %s up", name,
				 name);
	default:
		return fault_new(FAULT_FAILED, "Cannot listen on %s: %s", name,
				 pcap_geterr(wire->pcap));
	}
}

static struct fault *pcap_fault(const struct wire *wire, const char *what)
{
	return fault_new(FAULT_FAILED, "%s: %s: %s",
			 wire->interface ? wire->interface : "recording", what,
			 pcap_geterr(wire->pcap));
}

static struct fault *activate(struct wire *wire)
{
	char error[PCAP_ERRBUF_SIZE];
	int status;

	pcap_set_snaplen(wire->pcap, SNAPSHOT);
	pcap_set_immediate_mode(wire->pcap, 1);
	status = pcap_activate(wire->pcap);
	if (status < 0)
		return cannot_activate(wire, status);
	if (pcap_datalink(wire->pcap) != DLT_EN10MB)
		return fault_new(FAULT_UNREACHABLE, "%s is no Ethernet", wire->interface);
	if (pcap_setnonblock(wire->pcap, 1, error) < 0)
		return pcap_fault(wire, "No non-blocking mode");
	wire->fd = pcap_get_selectable_fd(wire->pcap);
	wire->index = (int)if_nametoindex(wire->interface);
	return wire->index ? NULL : gone(wire);
}

static struct fault *set_filter(struct wire *wire, struct mac self, bool multicast)
{
	struct bpf_program program;
	char *text = mem_printf(wire, "(arp%s) and not ether src %s",
				multicast ? " or ether multicast" : "", MAC_TEXT(self));
	int status = pcap_compile(wire->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN);

	talloc_free(text);
	if (status < 0)
		return pcap_fault(wire, "No filter");
	status = pcap_setfilter(wire->pcap, &program);
	pcap_freecode(&program);
	return status < 0 ? pcap_fault(wire, "Cannot filter") : NULL;
}

struct fault *wire_open(const void *ctx, const char *interface, struct mac self,
			bool multicast, struct wire **ret)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_create(interface, error);
	struct wire *wire;
	struct fault *f;

	if (!pcap)
		return fault_new(FAULT_FAILED, "Cannot listen on %s: %s", interface,
				 error);
	wire = new_wire(ctx, pcap);
	wire->interface = mem_strdup(wire, interface);
	if ((f = activate(wire)) || (f = set_filter(wire, self, multicast))) {
		talloc_free(wire);
		return f;
	}
	*ret = wire;
	return NULL;
}

void wire_add_log(struct wire *wire, struct packetlog *log)
{
	wire->log = talloc_steal(wire, log);
}

bool wire_has_log(const struct wire *wire)
{
	return wire->log != NULL;
}

struct fault *wire_replay(const void *ctx, FILE *file, struct wire **ret)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_fopen_offline(file, error);
	struct wire *wire;

	if (!pcap) {
		fclose(file);
		return fault_new(FAULT_FAILED, "This is no recording: %s", error);
	}
	wire = new_wire(ctx, pcap);
	if (pcap_datalink(pcap) != DLT_EN10MB && pcap_datalink(pcap) != DLT_NFLOG) {
		talloc_free(wire);
		return fault_new(
			FAULT_FAILED,
			"The recording is neither of an Ethernet nor of the packet "
			"log");
	}
	*ret = wire;
	return NULL;
}

/* Is the interface that was opened still there, under whatever name? */
static bool is_there(const struct wire *wire)
{
	struct ifreq request = { .ifr_ifindex = wire->index };

	return ioctl(wire->fd, SIOCGIFNAME, &request) == 0;
}

bool wire_has_port(const struct wire *wire, const char *port)
{
	struct ifreq request = { .ifr_ifindex = 0 };

	if (!wire->interface)
		return true;
	if (*port == '#' && (request.ifr_ifindex = atoi(port + 1)) > 0)
		return ioctl(wire->fd, SIOCGIFNAME, &request) == 0;
	strncpy(request.ifr_name, port, sizeof(request.ifr_name) - 1);
	return ioctl(wire->fd, SIOCGIFINDEX, &request) == 0;
}

bool wire_mac(const struct wire *wire, struct mac *ret)
{
	struct ifreq request = { .ifr_ifindex = wire->index };

	if (!wire->index || ioctl(wire->fd, SIOCGIFNAME, &request) < 0 ||
	    ioctl(wire->fd, SIOCGIFHWADDR, &request) < 0)
		return false;
	memcpy(ret->octet, request.ifr_hwaddr.sa_data, sizeof(ret->octet));
	return true;
}

struct fault *wire_say(struct wire *wire, const uint8_t *frame, size_t length)
{
	errno = 0;
	if (pcap_inject(wire->pcap, frame, length) >= 0) {
		wire->down = false;
		return NULL;
	}
	if (errno == ENXIO || errno == ENODEV)
		return gone(wire);
	if (errno == ENETDOWN)
		wire->down = true;
	return wire->down && !is_there(wire) ? gone(wire) : NULL;
}

/*
 * What a port is called now, which is asked each time, since an index may be used again.
 * One whose name cannot stand in a line goes by its index.  False if it is gone.
 */
static bool find_port(const struct wire *wire, uint32_t index, char ret[static IFNAMSIZ])
{
	struct ifreq request = { .ifr_ifindex = (int)index };

	if (wire->interface && ioctl(wire->fd, SIOCGIFNAME, &request) < 0)
		return false;
	if (wire->interface && neighbour_port_is_sound(request.ifr_name))
		memcpy(ret, request.ifr_name, IFNAMSIZ);
	else
		snprintf(ret, IFNAMSIZ, "#%u", index);
	return true;
}

static void pass_on_message(const struct listener *listener, const struct nflog *packet,
			    int64_t time_us)
{
	const struct wire *wire = listener->wire;
	char port[IFNAMSIZ];
	struct wire_frame frame = { packet->frame, packet->length, time_us, port };
	bool elsewhere = packet->bridge && packet->bridge != (uint32_t)wire->index;

	if ((!wire->interface || !elsewhere) && find_port(wire, packet->port, port))
		listener->heard(listener->arg, &frame);
}

static void pass_on_logged(void *arg, const struct nflog *packet)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	pass_on_message(arg, packet, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static size_t hear_log(struct listener *listener)
{
	struct packetlog *log = listener->wire->log;

	return log ? packetlog_hear(log, pass_on_logged, listener) : 0;
}

/* A claim comes before the same frame from the interface, since it left earlier. */
static void pass_on(u_char *arg, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct listener *listener = (struct listener *)(void *)arg;
	int64_t time_us = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec;
	struct wire_frame frame = { bytes, header->caplen, time_us, "" };
	struct nflog packet;

	hear_log(listener);
	if (pcap_datalink(listener->wire->pcap) == DLT_EN10MB)
		listener->heard(listener->arg, &frame);
	else if (nflog_unpack(bytes, header->caplen, &packet))
		pass_on_message(listener, &packet, time_us);
}

/* Takes the error off the socket, so that the next poll(2) waits again. */
static void clear_error(const struct wire *wire)
{
	int error;
	socklen_t length = sizeof(error);

	(void)getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &length);
}

/* Waits for a frame until UNTIL_US. */
static struct fault *wait_for(struct wire *wire, int64_t until_us)
{
	int64_t left = until_us - clock_us();
	struct timespec time = { left / 1000000, left % 1000000 * 1000 };
	/* poll(2) leaves a negative descriptor out. */
	struct pollfd fds[] = {
		{ .fd = wire->fd, .events = POLLIN },
		{ .fd = wire->log ? packetlog_descriptor(wire->log) : -1,
		  .events = POLLIN },
	};
	short state = 0;

	if (left > 0 && ppoll(fds, 2, &time, NULL) > 0)
		state = fds[0].revents;
	if (state & POLLERR)
		clear_error(wire);
	return state & (POLLERR | POLLHUP | POLLNVAL) && !is_there(wire) ? gone(wire) :
									   NULL;
}

static struct fault *dispatch(struct wire *wire, struct listener *listener, int *ret)
{
	*ret = pcap_dispatch(wire->pcap, FRAMES_A_TIME, pass_on, (u_char *)listener);
	if (*ret >= 0)
		return NULL;
	if (!wire->interface)
		return pcap_fault(wire, "Cannot read on");
	return is_there(wire) ? NULL : gone(wire);
}

struct fault *wire_hear(struct wire *wire, int64_t until_us, wire_heard_fn *heard,
			void *arg, bool *ret_end)
{
	struct listener listener = { wire, heard, arg };
	size_t logged = hear_log(&listener);
	struct fault *f;
	int count;

	*ret_end = false;
	if ((f = dispatch(wire, &listener, &count)))
		return f;
	if (!wire->interface) {
		*ret_end = count == 0;
		return NULL;
	}
	if (count != 0 || logged != 0)
		return NULL;
	if ((f = wait_for(wire, until_us)))
		return f;
	hear_log(&listener);
	return dispatch(wire, &listener, &count);
}

int wire_descriptor(const struct wire *wire)
{
	return wire->fd;
}

bool wire_is_recording(const struct wire *wire)
{
	return !wire->interface;
}

bool wire_is_down(const struct wire *wire)
{
	return wire->down;
}

uint64_t wire_missed(struct wire *wire)
{
	struct pcap_stat stat;

	if (wire->interface && pcap_stats(wire->pcap, &stat) == 0) {
		wire->missed += stat.ps_drop - wire->missed_counter;
		wire->missed_counter = stat.ps_drop;
	}
	return wire->missed + (wire->log ? packetlog_missed(wire->log) : 0);
}

/* SPDX-License-Identifier: ISC */
#include "doctor/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "doctor/smb2.h"
#include "scanner/interface.h"

enum { PROBE_TIMEOUT_MS = 20000 /* its own bounds are shorter */ };

static void add_target(struct probe *probe, const struct in6_addr *ip, in_port_t port)
{
	const struct in6_addr host = ip_mapped(probe->host);

	if (port == SMB2_PORT && IN6_ARE_ADDR_EQUAL(ip, &host))
		return;
	for (size_t i = 0; i < probe->target_count; i++)
		if (probe->targets[i].port == port &&
		    IN6_ARE_ADDR_EQUAL(&probe->targets[i].ip, ip))
			return;
	if (probe->target_count == PROBE_TARGETS)
		probe->targets_left = true;
	else
		probe->targets[probe->target_count++] =
			(struct probe_target){ .ip = *ip, .port = port };
}

void probe_aim(struct probe *probe, const struct listeners *listeners,
	       const struct in6_addr *ip)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (listener_takes(&listeners->list[i], ip))
			add_target(probe, ip, listeners->list[i].port);
}

/* The text of one of the kernel's tables; "" if it is not there. */
static char *read_table(const void *ctx, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = mem_strdup(ctx, ""), part[4096];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, part, sizeof(part) - 1)) > 0) {
		part[n] = '\0';
		text = mem_append(ctx, text, "%s", part);
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* The bridge itself, and where a station finds the host on it. */
static struct fault *find_bridge(const void *ctx, const struct settings *settings,
				 struct probe *probe)
{
	struct interface *bridge;
	struct fault *fault;

	if ((fault = interface_find(ctx, settings->bridge, &bridge)) ||
	    (fault = range_parse(settings->network, &probe->network)))
		return fault;
	for (size_t i = 0; i < bridge->count; i++)
		if (range_contains(probe->network, bridge->address[i].ip)) {
			probe->host = bridge->address[i].ip;
			probe->length = (uint8_t)__builtin_popcount(
				bridge->address[i].mask.s_addr);
		}
	if (!probe->host.s_addr || strlen(settings->bridge) >= sizeof(probe->bridge))
		return fault_new(FAULT_UNREACHABLE, "%s has no address in %s",
				 settings->bridge, settings->network);
	strcpy(probe->bridge, settings->bridge);
	probe->bridge_mac = bridge->mac;
	return NULL;
}

/* An address of the host.  It answers at those of all its interfaces, whichever way one comes
 * (the weak host model), but for 127.0.0.0/8; those of IPv6 need IPv6 on the bridge first. */
static void aim_at(struct probe *probe, const struct listeners *listeners,
		   const struct ifaddrs *entry)
{
	bool own = strcmp(entry->ifa_name, probe->bridge) == 0;
	struct sockaddr_in6 in6;
	struct in6_addr mapped;
	struct sockaddr_in in;

	if (!entry->ifa_addr)
		return;
	if (entry->ifa_addr->sa_family == AF_INET) {
		memcpy(&in, entry->ifa_addr, sizeof(in));
		mapped = ip_mapped(in.sin_addr);
		if (ntohl(in.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
			probe_aim(probe, listeners, &mapped);
	} else if (own && entry->ifa_addr->sa_family == AF_INET6) {
		memcpy(&in6, entry->ifa_addr, sizeof(in6));
		add_target(probe, &in6.sin6_addr, SMB2_PORT);
		probe_aim(probe, listeners, &in6.sin6_addr);
		if (!IN6_IS_ADDR_LINKLOCAL(&probe->ipv6))
			probe->ipv6 = in6.sin6_addr;
	}
}

static struct fault *find_targets(const void *ctx, struct probe *probe)
{
	struct listeners *listeners =
		listeners_parse(ctx, read_table(ctx, "/proc/net/tcp"),
				read_table(ctx, "/proc/net/tcp6"));
	struct ifaddrs *all;

	if (getifaddrs(&all) < 0)
		return fault_errno(errno, "Cannot list the network interfaces");
	for (const struct ifaddrs *one = all; one; one = one->ifa_next)
		aim_at(probe, listeners, one);
	freeifaddrs(all);
	return NULL;
}

/* The station ends when its process does, and that one with ours. */
static void __attribute__((noreturn)) child_probe(struct probe *probe, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		probe_ask(probe);
	_exit(0);
}

static struct fault *run_child(struct probe *probe)
{
	pid_t parent = getpid(), pid = fork();
	struct pollfd end = { .events = POLLIN };

	if (pid < 0)
		return fault_errno(errno, "Cannot start the probe");
	if (pid == 0)
		child_probe(probe, parent);
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0 || poll(&end, 1, PROBE_TIMEOUT_MS) != 1)
		kill(pid, SIGKILL);
	if (end.fd >= 0)
		close(end.fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (*probe->trouble)
		return fault_new(FAULT_FAILED, "%s", probe->trouble);
	return probe->done ? NULL : fault_new(FAULT_FAILED, "The probe was ended");
}

struct fault *probe_run(const void *ctx, const struct settings *settings,
			struct probe **ret)
{
	struct probe *probe;
	struct fault *fault;

	if (geteuid() != 0)
		return fault_new(FAULT_REFUSED,
				 "Only root can plug a probe into %s: use sudo",
				 settings->bridge);
	probe = mmap(NULL, sizeof(*probe), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (probe == MAP_FAILED)
		return fault_errno(errno, "No memory for the probe");
	void *scratch = talloc_new(NULL);
	if (!(fault = find_bridge(scratch, settings, probe)) &&
	    !(fault = find_targets(scratch, probe)) && !(fault = run_child(probe))) {
		*ret = mem_new(ctx, struct probe);
		**ret = *probe;
	}
	talloc_free(scratch);
	munmap(probe, sizeof(*probe));
	return fault;
}

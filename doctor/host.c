/* SPDX-License-Identifier: ISC */
#include "doctor/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/memory.h"
#include "hub/inquiry.h"
#include "hub/scan.h"
#include "scanner/range.h"

struct host *host_new(const void *ctx, const struct settings *settings)
{
	struct host *host = mem_new(ctx, struct host);

	host->settings = settings;
	host->now = term_now();
	host->smb_conf =
		mem_printf(host, "%s%s/smb.conf", settings->root, settings->samba_dir);
	return host;
}

static struct finding __attribute__((format(printf, 4, 0)))
found(struct host *host, enum verdict verdict, const char *mend, const char *format,
      va_list args)
{
	return (struct finding){ verdict, mem_vprintf(host, format, args), mend };
}

struct finding found_ok(struct host *host, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	struct finding finding = found(host, VERDICT_OK, NULL, format, args);
	va_end(args);
	return finding;
}

struct finding found_unknown(struct host *host, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	struct finding finding = found(host, VERDICT_UNKNOWN, NULL, format, args);
	va_end(args);
	return finding;
}

struct finding found_wrong(struct host *host, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	struct finding finding = found(host, VERDICT_WRONG, mend, format, args);
	va_end(args);
	return finding;
}

const char *mend(struct host *host, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(host, format, args);
	va_end(args);
	return text;
}

const char *host_told(struct host *host, struct fault *fault)
{
	return ((struct fault *)talloc_steal(host, fault))->text;
}

/* A device does things when it is opened, so the file is looked at before. */
static int open_regular(const char *path)
{
	int there = open(path, O_PATH | O_CLOEXEC), fd = -1;
	struct stat st;

	if (there >= 0 && fstat(there, &st) == 0 && S_ISREG(st.st_mode)) {
		char *again = mem_printf(NULL, "/proc/self/fd/%d", there);

		fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		talloc_free(again);
	}
	if (there >= 0)
		close(there);
	return fd;
}

char *host_read(struct host *host, const char *path)
{
	int fd = open_regular(path);
	char *text = mem_array(host, char, 1), part[4096];
	size_t length = 0;
	ssize_t n;

	while (fd >= 0 && length < HOST_READ_MAX &&
	       (n = read(fd, part, sizeof(part))) > 0) {
		text = mem_check(
			talloc_realloc(host, text, char, length + (size_t)n + 1));
		memcpy(text + length, part, (size_t)n);
		length += (size_t)n;
	}
	text[length] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

bool host_is_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool empty = dir != NULL;

	while (dir && empty && (entry = readdir(dir)))
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	if (dir)
		closedir(dir);
	return empty;
}

bool host_on_tmpfs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 &&
	       (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static void take_address(const struct sockaddr *address, struct range network,
			 struct bridge_state *state)
{
	struct in_addr ip;

	if (address->sa_family == AF_INET6)
		state->ipv6 = true;
	if (address->sa_family != AF_INET)
		return;
	memcpy(&ip, (const char *)address + offsetof(struct sockaddr_in, sin_addr),
	       sizeof(ip));
	if (range_contains(network, ip))
		state->ip = ip;
}

void host_bridge(struct host *host, struct bridge_state *ret)
{
	const char *name = host->settings->bridge;
	struct ifaddrs *all = NULL;
	struct range network = { 0 };

	*ret = (struct bridge_state){ .there = if_nametoindex(name) != 0 };
	talloc_free(range_parse(host->settings->network, &network));
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
		if (strcmp(one->ifa_name, name) != 0)
			continue;
		ret->up |= (one->ifa_flags & IFF_UP) != 0;
		if (one->ifa_addr)
			take_address(one->ifa_addr, network, ret);
	}
	freeifaddrs(all);
}

/* Keeps why something cannot be had. */
static bool had(struct host *host, struct fault *fault)
{
	if (fault)
		host->blind = mem_strdup(host, fault->text);
	talloc_free(fault);
	return !fault;
}

bool host_inventory(struct host *host)
{
	struct store *store = NULL;

	if (host->inventory)
		return true;
	bool open = had(host, store_open(host, host->settings, STORE_READ, &store)) &&
		    had(host, store_inventory(host, store, &host->inventory));
	talloc_free(store);
	return open;
}

bool host_domains(struct host *host)
{
	return host->domains ||
	       had(host, inquiry_domains(host, host->settings->connect, &host->domains));
}

bool host_guests(struct host *host)
{
	if (host->guests)
		return true;
	return host_domains(host) &&
	       had(host, scan_guests(host, host->settings, SCAN_GLANCE, host->domains,
				     NULL, &host->guests));
}

/* SPDX-License-Identifier: ISC */
/* Looks at the bridge and at who gives addresses on it. */

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "doctor/host.h"
#include "doctor/networkd.h"
#include "scanner/range.h"

struct finding look_bridge(struct host *host)
{
	const char *name = host->settings->bridge;
	struct bridge_state state;
	char *directory = mem_printf(host, "/sys/class/net/%s/bridge", name);

	host_bridge(host, &state);
	if (!state.there)
		return found_wrong(host, "hubshare setup", "There is no interface %s",
				   name);
	if (access(directory, F_OK) < 0)
		return found_wrong(host, NULL, "%s is no bridge", name);
	return found_ok(host, "%s", name);
}

struct finding look_bridge_up(struct host *host)
{
	const char *name = host->settings->bridge;
	struct bridge_state state;

	host_bridge(host, &state);
	if (!state.there)
		return found_unknown(host, "There is no interface %s", name);
	return state.up ? found_ok(host, "%s is up", name) :
			  found_wrong(host, mend(host, "ip link set %s up", name),
				      "%s is down", name);
}

struct finding look_bridge_address(struct host *host)
{
	const struct settings *settings = host->settings;
	const char *length = strchr(settings->network, '/');
	struct bridge_state state;
	struct range network = { 0 };
	struct in_addr first;

	host_bridge(host, &state);
	talloc_free(range_parse(settings->network, &network));
	first.s_addr = htonl(network.first);
	if (!state.there)
		return found_unknown(host, "There is no interface %s", settings->bridge);
	if (!state.ip.s_addr)
		return found_wrong(host,
				   mend(host, "ip address add %s%s dev %s",
					IP_TEXT(first), length ? length : "/24",
					settings->bridge),
				   "%s has no address in %s", settings->bridge,
				   settings->network);
	return found_ok(host, "%s", IP_TEXT(state.ip));
}

/* Rules and file names by IPv4 address know nothing of a client that comes by IPv6. */
struct finding look_bridge_ipv6(struct host *host)
{
	const char *name = host->settings->bridge;
	struct bridge_state state;

	host_bridge(host, &state);
	if (!state.there)
		return found_unknown(host, "There is no interface %s", name);
	if (state.ipv6)
		return found_wrong(
			host,
			mend(host, "sysctl -qw net/ipv6/conf/%s/disable_ipv6=1", name),
			"%s has an IPv6 address, by which a VM gets past its own shares",
			name);
	return found_ok(host, "%s has no IPv6 address", name);
}

/* Adds the files that PATTERN names. */
static char *add_files(struct host *host, char *options, const char *pattern)
{
	glob_t files = { 0 };

	if (glob(pattern, 0, NULL, &files) == 0)
		for (size_t i = 0; i < files.gl_pathc && strlen(options) < HOST_READ_MAX;
		     i++)
			options = mem_append(host, options, "%s\n",
					     host_read(host, files.gl_pathv[i]));
	globfree(&files);
	return options;
}

/* One word of a dnsmasq's command line. */
static char *add_word(struct host *host, char *options, const char *word, bool *own_file)
{
	static const char file[] = "--conf-file=", directory[] = "--conf-dir=";

	if (strncmp(word, file, strlen(file)) == 0) {
		*own_file = true;
		return add_files(host, options, word + strlen(file));
	}
	if (strncmp(word, directory, strlen(directory)) == 0) {
		char *pattern = mem_strdup(host, word + strlen(directory));

		pattern[strcspn(pattern, ",")] = '\0';
		return add_files(host, options, mem_printf(host, "%s/*", pattern));
	}
	return mem_append(host, options, "%s\n", word + strspn(word, "-"));
}

/* Its options, one a line, from the command line and the files that it names. */
static char *dnsmasq_options(struct host *host, const char *pid)
{
	char *path = mem_printf(host, "/proc/%s/cmdline", pid), words[4096];
	char *options = mem_strdup(host, "");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, words, sizeof(words) - 1);
	bool own_file = false;

	if (fd >= 0)
		close(fd);
	words[length > 0 ? length : 0] = '\0';
	for (char *word = words; word - words < length; word += strlen(word) + 1)
		options = add_word(host, options, word, &own_file);
	if (!own_file)
		options = add_files(host, add_files(host, options, "/etc/dnsmasq.conf"),
				    "/etc/dnsmasq.d/*");
	return options;
}

/*
 * Is process PID a dnsmasq of this host?  A name anybody can take, so it has to run as root,
 * or as one of the accounts that dnsmasq is given, and in our own network.  "Uid" begins with
 * the real one, which no set-user-ID program changes; the owner of /proc/PID would be root for
 * all who cannot be traced.  Only root sees others' networks.
 */
static bool is_dnsmasq(struct host *host, const char *pid)
{
	static const char *const accounts[] = { "root", "dnsmasq", "libvirt-dnsmasq" };
	char *name = host_read(host, mem_printf(host, "/proc/%s/comm", pid));
	char *status = host_read(host, mem_printf(host, "/proc/%s/status", pid));
	const char *line = strstr(status, "\nUid:");
	struct stat own, its;
	unsigned uid;

	if (strcmp(name, "dnsmasq\n") != 0 || !line ||
	    sscanf(line, "\nUid: %u", &uid) != 1)
		return false;
	if (stat("/proc/self/ns/net", &own) == 0 &&
	    stat(mem_printf(host, "/proc/%s/ns/net", pid), &its) == 0 &&
	    own.st_ino != its.st_ino)
		return false;
	for (size_t i = 0; i < sizeof(accounts) / sizeof(*accounts); i++) {
		const struct passwd *account = getpwnam(accounts[i]);

		if (account && account->pw_uid == uid)
			return true;
	}
	return false;
}

/* The options of the dnsmasq that serves the bridge; NULL if none does. */
static char *serving_options(struct host *host)
{
	DIR *dir = opendir("/proc");
	char *options = NULL;
	struct dirent *entry;

	while (dir && !options && (entry = readdir(dir))) {
		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name))
			continue;
		if (is_dnsmasq(host, entry->d_name))
			options = dnsmasq_options(host, entry->d_name);
		if (options && !dhcp_serves(options, host->settings->bridge))
			options = NULL;
	}
	if (dir)
		closedir(dir);
	return options;
}

/* Who gives addresses, and what is wrong with what he gives: NULL, nothing. */
static const char *server(struct host *host, const char **ret_wrong)
{
	char *options = serving_options(host),
	     *text = options ? NULL : networkd_text(host);

	if (options) {
		*ret_wrong = judge_dhcp(options);
		return "dnsmasq";
	}
	if (!text || !networkd_serves(text))
		return NULL;
	*ret_wrong = judge_networkd(text);
	return "systemd-networkd";
}

struct finding look_dhcp(struct host *host)
{
	const char *wrong, *who = server(host, &wrong);

	if (!who)
		return found_wrong(host, NULL,
				   "No dnsmasq serves %s; with libvirt's network: virsh "
				   "net-start hub",
				   host->settings->bridge);
	return found_ok(host, "%s serves %s", who, host->settings->bridge);
}

struct finding look_dhcp_options(struct host *host)
{
	const char *wrong = NULL;

	if (!server(host, &wrong))
		return found_unknown(host, "No dnsmasq serves %s",
				     host->settings->bridge);
	if (wrong)
		return found_wrong(host, NULL,
				   "%s, so that VMs may lose their way to the internet",
				   wrong);
	return found_ok(host, "addresses and nothing else");
}

static bool has_line(const char *options, const char *wanted)
{
	size_t length = strlen(wanted);

	for (const char *line = options; line && *line;) {
		if (strncmp(line, wanted, length) == 0 &&
		    (line[length] == '\n' || !line[length]))
			return true;
		if ((line = strchr(line, '\n')))
			line++;
	}
	return false;
}

bool dhcp_serves(const char *options, const char *bridge)
{
	char *wanted = mem_printf(NULL, "interface=%s", bridge);
	bool serves = has_line(options, wanted);

	talloc_free(wanted);
	return serves;
}

/* An option without a value is not sent (dnsmasq(8), --dhcp-option); a dnsmasq that answers no
 * DNS does not name itself. */
const char *judge_dhcp(const char *options)
{
	if (!has_line(options, "dhcp-option=3") &&
	    !has_line(options, "dhcp-option=option:router"))
		return "It gives a default route (dnsmasq: set dhcp-option=3; libvirt: no <forward>)";
	if (!has_line(options, "port=0") && !has_line(options, "dhcp-option=6") &&
	    !has_line(options, "dhcp-option=option:dns-server"))
		return "It gives a DNS server (dnsmasq: set dhcp-option=6; libvirt: <dns "
		       "enable='no'/>)";
	return NULL;
}

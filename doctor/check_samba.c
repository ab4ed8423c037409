/* SPDX-License-Identifier: ISC */
/* Looks at Samba's configuration and at smbd. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/text.h"
#include "confgen/testparm.h"
#include "doctor/block.h"
#include "doctor/host.h"
#include "doctor/smb_text.h"
#include "doctor/usershare.h"
#include "hub/samba.h"

enum { SMB_PORT = 445 };

/* Where smb.conf cannot be read, testparm cannot either, which does not say why. */
static bool readable(struct host *host, struct finding *finding)
{
	if (access(host->smb_conf, R_OK) == 0)
		return true;
	*finding = found_unknown(host, "%s: %s", host->smb_conf, strerror(errno));
	return false;
}

/* [global] is there to be looked at; false, with the finding that says so, where it is not. */
static bool see_globals(struct host *host, struct finding *finding)
{
	struct fault *fault;

	if (!host->globals && !host->globals_trouble && !readable(host, finding))
		return false;
	if (!host->globals && !host->globals_trouble &&
	    (fault = globals_read(host, host->settings, host->smb_conf, &host->globals)))
		host->globals_trouble = host_told(host, fault);
	if (!host->globals)
		*finding = found_unknown(host, "%s", host->globals_trouble);
	return host->globals;
}

struct finding look_smb_conf(struct host *host)
{
	const char *file = host->smb_conf;
	struct finding finding;

	if (access(file, F_OK) < 0)
		return found_wrong(host, "hubshare setup", "There is no %s", file);
	if (!readable(host, &finding))
		return finding;
	if (see_globals(host, &finding))
		return found_ok(host, "%s", file);
	return found_wrong(host, NULL, "%s", finding.text);
}

/* Those that setup has put there it puts at the end again; those of an admin's are his. */
static bool setup_includes(struct host *host)
{
	char *rest = NULL, *body = NULL;
	struct fault *fault =
		block_cut(host, host_read(host, host->smb_conf), &rest, &body);
	bool can = !fault && !strstr(rest ? rest : "", ".conf.d/%I.conf");

	talloc_free(fault);
	return can;
}

struct finding look_includes(struct host *host)
{
	const char *file = host->smb_conf, *dir = host->settings->samba_dir, *wrong;
	struct finding finding;

	if (!readable(host, &finding))
		return finding;
	if ((wrong = judge_includes(host_read(host, file), dir)))
		return found_wrong(
			host,
			setup_includes(host) ?
				"hubshare setup" :
				mend(host,
				     "sed -i '/^[[:space:]]*include.*conf[.]d.%%I[.]conf/d' %s && "
				     "{ echo; echo 'include = %s/perm.conf.d/%%I.conf'; "
				     "echo 'include = %s/temp.conf.d/%%I.conf'; } >>%s && "
				     "smbcontrol smbd reload-config",
				     file, dir, dir, file),
			"%s", wrong);
	return found_ok(host, "both are there, and last");
}

const char *judge_includes(const char *text, const char *samba_dir)
{
	static const char *const kinds[] = { "perm", "temp" };
	char *copy = mem_strdup(NULL, text), *rest = copy, *line;
	bool seen[2] = { false, false };
	const char *wrong = NULL;

	while ((line = text_line(&rest))) {
		bool include = false;
		char *word = text_strip(line);

		if (!*word || *word == '#' || *word == ';')
			continue;
		for (size_t i = 0; i < 2; i++) {
			char *value = strncasecmp(word, "include", 7) == 0 ?
					      strchr(word, '=') :
					      NULL;
			char *path = mem_printf(copy, "%s/%s.conf.d/%%I.conf", samba_dir,
						kinds[i]);

			if (value && strcmp(text_strip(value + 1), path) == 0)
				include = seen[i] = true;
		}
		if (!include && (seen[0] || seen[1]))
			wrong = "Something follows the includes, which Samba takes for a part of the "
				"last share that a VM has";
	}
	if (!seen[0] || !seen[1])
		wrong = seen[0] || seen[1] ?
				"One of the two includes of VMs' shares is not there" :
				"The includes of VMs' shares are not there, so that no VM is served";
	talloc_free(copy);
	return wrong;
}

/* SMB1 has neither signing that deserves the name nor a reason to be on. */
static bool is_no_smb1(const char *value)
{
	return strncmp(value, "SMB2", 4) == 0 || strncmp(value, "SMB3", 4) == 0;
}

const struct demand demands[] = {
	[DEMAND_MULTI_CHANNEL] = { "server multi channel support", "No",
				   "a VM can have itself handed to another VM's smbd",
				   NULL },
	[DEMAND_BIND_ONLY] = { "bind interfaces only", "Yes",
			       "Samba serves every network that the host is on", NULL },
	[DEMAND_MAP_TO_GUEST] = { "map to guest", "Bad User",
				  "shares given with -g ask for a password", NULL },
	[DEMAND_WIDE_LINKS] = { "wide links", "No",
				"a link in a shared directory can lead anywhere", NULL },
	[DEMAND_MIN_PROTOCOL] = { "server min protocol", "SMB2_02", "VMs may speak SMB1",
				  is_no_smb1 },
};

bool demand_met(const struct demand *demand, const char *value)
{
	return demand->meets ? demand->meets(value) :
			       strcasecmp(value, demand->wanted) == 0;
}

/* The line that says otherwise is changed; where there is none setup may say it, or a file that is
 * included does. */
static const char *mend_global(struct host *host, const struct demand *demand,
			       const char *wanted)
{
	struct smb_text *text = smb_text_parse(host, host_read(host, host->smb_conf));
	const struct smb_line *line = smb_text_find(text, "global", demand->parameter);

	if (!line)
		return demand->meets ? NULL : "hubshare setup";
	if (strpbrk(wanted, "'\\"))
		return NULL; /* they say something to the shell, or to sed */
	return mend(host, "sed -i '%zu,%zuc %s = %s' %s && smbcontrol smbd reload-config",
		    line->number, line->last, demand->parameter, wanted, host->smb_conf);
}

/* A parameter of [global] that has to have a value. */
static struct finding look_global(struct host *host, const struct demand *demand)
{
	struct finding finding;

	if (!see_globals(host, &finding))
		return finding;
	const char *value = globals_value(host->globals, demand->parameter);
	if (!demand_met(demand, value))
		return found_wrong(host, mend_global(host, demand, demand->wanted),
				   "'%s' is '%s', so that %s", demand->parameter, value,
				   demand->harm);
	return found_ok(host, "%s = %s", demand->parameter, value);
}

struct finding look_multi_channel(struct host *host)
{
	return look_global(host, &demands[DEMAND_MULTI_CHANNEL]);
}

struct finding look_bind_only(struct host *host)
{
	return look_global(host, &demands[DEMAND_BIND_ONLY]);
}

struct finding look_map_to_guest(struct host *host)
{
	return look_global(host, &demands[DEMAND_MAP_TO_GUEST]);
}

struct finding look_wide_links(struct host *host)
{
	return look_global(host, &demands[DEMAND_WIDE_LINKS]);
}

struct finding look_min_protocol(struct host *host)
{
	return look_global(host, &demands[DEMAND_MIN_PROTOCOL]);
}

bool names_interface(const char *list, const char *interface)
{
	char *words = mem_strdup(NULL, list), *rest = words, *word;
	bool named = false;

	while ((word = strsep(&rest, " ,\t")))
		named |= strcmp(word, interface) == 0;
	talloc_free(words);
	return named;
}

struct finding look_interfaces(struct host *host)
{
	const char *bridge = host->settings->bridge;
	struct finding finding;

	if (!see_globals(host, &finding))
		return finding;
	const char *value = globals_value(host->globals, "interfaces");
	if (names_interface(value, bridge))
		return found_ok(host, "interfaces = %s", value);
	const struct demand demand = {
		"interfaces", mend(host, "%s%s%s", value, *value ? " " : "lo ", bridge),
		"VMs do not reach Samba", NULL
	};
	return found_wrong(host, mend_global(host, &demand, demand.wanted),
			   "'%s' is '%s', so that %s", demand.parameter, value,
			   demand.harm);
}

struct finding look_homes(struct host *host)
{
	struct fragment *shares = NULL;
	struct finding finding;
	struct fault *fault;

	if (!see_globals(host, &finding))
		return finding;
	if ((fault = testparm_shares(host, host->settings, host->smb_conf, &shares)))
		return found_unknown(host, "%s", host_told(host, fault));
	const char *allowed = globals_value(host->globals, "hosts allow");
	const struct share *homes = shares ? fragment_find(shares, "homes") : NULL;
	if (!homes)
		return found_ok(host, "no [homes]");
	/* What [global] allows goes before it, too. */
	if (share_denies(homes, host->settings->network) && !*allowed)
		return found_ok(host, "[homes] is closed to %s", host->settings->network);
	return found_wrong(
		host, homes->hosts_allow || *allowed ? NULL : "hubshare setup",
		"[homes] in %s gives a VM the home of everybody whose password it "
		"has; take it out, or write 'hosts deny = %s' in it",
		host->smb_conf, host->settings->network);
}

struct finding look_usershares(struct host *host)
{
	struct finding finding;
	struct fault *fault;
	char *names;

	if (!see_globals(host, &finding))
		return finding;
	if ((fault = usershare_names(host, host->settings, host->globals, &names)))
		return found_unknown(host, "%s", host_told(host, fault));
	if (!*names)
		return found_ok(host, "none");
	return found_wrong(
		host, NULL,
		"VMs are offered what users of this host share: %s; have them take "
		"that away by 'net usershare delete', or write 'usershare max "
		"shares = 0' into [global]",
		names);
}

/* Who is on a list of those allowed comes in, denied or not (smb.conf(5), hosts deny). */
bool share_denies(const struct share *share, const char *network)
{
	const char *denied = share_extra(share, "hosts deny");

	return !share->hosts_allow && denied && names_interface(denied, network);
}

const char *share_extra(const struct share *share, const char *name)
{
	for (size_t i = 0; i < share->extra_count; i++) {
		const char *value = strchr(share->extras[i], '=');

		if (value && share_same_parameter(share->extras[i], name))
			return value + 1 + strspn(value + 1, " \t");
	}
	return NULL;
}

struct finding look_smbd(struct host *host)
{
	struct samba *samba = samba_new(host, host->settings);
	struct fault *fault = samba_ping(samba);

	if (!fault)
		return found_ok(host, "it answers");
	return found_wrong(host, "systemctl restart smbd", "%s", host_told(host, fault));
}

/* With "bind interfaces only" an smbd that started before the bridge was there never listens on
 * it, also after loading its configuration again. */
struct finding look_listening(struct host *host)
{
	struct bridge_state state;

	host_bridge(host, &state);
	if (!state.ip.s_addr)
		return found_unknown(host, "%s has no address", host->settings->bridge);
	if (tcp_listens(host_read(host, "/proc/net/tcp"), state.ip, SMB_PORT))
		return found_ok(host, "at %s port %d", IP_TEXT(state.ip), SMB_PORT);
	return found_wrong(
		host, "systemctl restart smbd",
		"Nobody listens at %s port %d; an smbd that began before the bridge was "
		"there never does",
		IP_TEXT(state.ip), SMB_PORT);
}

bool tcp_listens(const char *table, struct in_addr ip, unsigned port)
{
	enum { LISTEN = 0x0a };
	bool listens = false;

	for (const char *line = strchr(table, '\n'); line && line[1];
	     line = strchr(line + 1, '\n')) {
		unsigned address, at, state;

		if (sscanf(line + 1, " %*u: %8x:%4x %*8x:%*4x %2x", &address, &at,
			   &state) == 3)
			listens |= state == LISTEN && at == port &&
				   (address == 0 || address == ip.s_addr);
	}
	return listens;
}

/* SPDX-License-Identifier: ISC */
#include "common/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <string.h>

#include "common/address.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/text.h"

enum {
	SETTINGS_MAX_BYTES = 64 << 10,
	SETTINGS_MAX_LINE =
		198, /* what libinih reads as one line (ini.h: INI_MAX_LINE) */
	SETTINGS_MAX_ROWS = 64,
};

#define ROW(key, member, fallback, help)                                                 \
	{                                                                                \
		key, offsetof(struct settings, member), fallback, help, false, NULL,     \
			NULL                                                             \
	}
#define LIST(key, member, help)                                                          \
	{                                                                                \
		key, offsetof(struct settings, member), "", help, true, NULL, NULL       \
	}
#define WORD(key, member, fallback, fits, takes, help)                                   \
	{                                                                                \
		key, offsetof(struct settings, member), fallback, help, false, fits,     \
			takes                                                            \
	}
#define WORDS(key, member, fits, takes, help)                                            \
	{                                                                                \
		key, offsetof(struct settings, member), "", help, true, fits, takes      \
	}

static bool is_switch(const char *word)
{
	return strcmp(word, "on") == 0 || strcmp(word, "off") == 0;
}

static bool is_allowance(const char *word)
{
	return strcmp(word, "guests") == 0 || strcmp(word, "host-addresses") == 0 ||
	       strcmp(word, "routes") == 0;
}

static bool is_mac(const char *word)
{
	struct mac mac;

	return mac_parse(word, &mac);
}

const struct settings_row settings_rows[] = {
	ROW("bridge", bridge, "br-hub", "the bridge that the VMs are on"),
	ROW("network", network, "172.16.10.0/24", "the bridge's network"),
	ROW("connect", connect, "qemu:///system", "libvirt's URI"),
	ROW("samba-dir", samba_dir, "/etc/samba", "where smb.conf and the store are"),
	ROW("run-dir", run_dir, "/run/samba/hubshare",
	    "where the renderings of permanent shares lie, on a tmpfs"),
	ROW("group", group, "hubshare", "the group that may read the store"),
	LIST("allow-roots", allow_roots, "what may be shared all the same"),
	LIST("deny-roots", deny_roots, "what may not be shared besides"),
	WORD("gate", gate, "on", is_switch, "on or off",
	     "keep guests to their own addresses"),
	WORDS("gate-allow", gate_allow, is_allowance, "guests, host-addresses and routes",
	      "what guests may reach besides"),
	WORDS("allow-stations", allow_stations, is_mac, "MACs",
	      "MACs of no VM that may come in"),
	ROW("leases", leases, "", "the DHCP server's file of leases"),
	ROW("scanner", scanner, NULL, "the program hubscan"),
	ROW("templates", templates, NULL, "the directory of the templates"),
	ROW("testparm", testparm, "testparm", "Samba's parser of configurations"),
	ROW("smbcontrol", smbcontrol, "smbcontrol",
	    "Samba's tool that commands smbd, or none"),
	ROW("smbstatus", smbstatus, "smbstatus",
	    "Samba's tool that shows sessions, or none"),
	{ 0 },
};

struct reading {
	const void *ctx;
	struct settings *settings;
	bool given[SETTINGS_MAX_ROWS]; /* on the command line: the file's is left aside */
	bool seen[SETTINGS_MAX_ROWS];
	struct fault *fault;
};

static const char **member(struct settings *settings, const struct settings_row *row)
{
	return (const char **)((char *)settings + row->offset);
}

/* VALUE without a comment behind it: libinih leaves that in lines that go on. */
static char *without_comment(const void *ctx, const char *value)
{
	char *copy = mem_strdup(ctx, value);

	for (char *c = copy; (c = strchr(c, ';')); c++)
		if (c == copy || isspace((unsigned char)c[-1])) {
			*c = '\0';
			break;
		}
	return text_strip(copy);
}

/* TEXT's words, a line each.  Fault 2 for one that does not fit ROW, and for none or
 * several where it takes one. */
static struct fault *take_words(const void *ctx, const struct settings_row *row,
				const char *text, char **ret)
{
	char *rest = mem_strdup(ctx, text), *word;
	size_t count = 0;

	*ret = mem_strdup(ctx, "");
	while ((word = strsep(&rest, " \t"))) {
		if (*word && !row->fits(word))
			return fault_new(FAULT_USAGE,
					 "the setting '%s' takes %s, not '%s'", row->key,
					 row->takes, word);
		if (*word)
			*ret = mem_append(ctx, *ret, "%s%s", count++ ? "\n" : "", word);
	}
	if (!row->list && count != 1)
		return fault_new(FAULT_USAGE, "the setting '%s' takes %s, not '%s'",
				 row->key, row->takes, text);
	return NULL;
}

static struct fault *take_value(struct reading *reading, const struct settings_row *row,
				const char *value)
{
	const char **to = member(reading->settings, row);
	size_t number = (size_t)(row - settings_rows);
	bool more = reading->seen[number];

	if (more && !row->list)
		return fault_new(FAULT_USAGE, "the setting '%s' stands there twice",
				 row->key);
	reading->seen[number] = true;
	if (reading->given[number])
		return NULL;
	char *text = without_comment(reading->ctx, value);
	struct fault *fault =
		row->fits ? take_words(reading->ctx, row, text, &text) : NULL;
	if (fault)
		return fault;
	if (!row->list)
		*to = mem_strdup(reading->ctx, row->fits ? text : value);
	else if (*text || !more)
		*to = mem_printf(reading->ctx, "%s%s%s", more ? *to : "",
				 more && **to ? "\n" : "", text);
	return NULL;
}

/* inih's handler: returns 0 to refuse a line. */
static int take(void *user, const char *section, const char *key, const char *value)
{
	struct reading *reading = user;
	const struct settings_row *row = settings_rows;
	struct fault *fault;

	while (row->key && strcmp(row->key, key) != 0)
		row++;
	if (strcmp(section, "hubshare") != 0)
		fault = fault_new(FAULT_USAGE, "[%s] is no section of it: use [hubshare]",
				  section);
	else if (!row->key)
		fault = fault_new(FAULT_USAGE, "there is no setting '%s'", key);
	else
		fault = take_value(reading, row, value);
	reading->fault = fault_first(reading->fault, fault);
	return !fault;
}

/* libinih would read a line that is too long as two. */
static struct fault *check_lines(const char *text)
{
	for (int number = 1; *text; number++) {
		size_t length = strcspn(text, "\n");

		if (length > SETTINGS_MAX_LINE)
			return fault_new(FAULT_USAGE, "line %d has more than %d bytes",
					 number, SETTINGS_MAX_LINE);
		text += length + (text[length] == '\n');
	}
	return NULL;
}

struct fault *settings_parse(const void *ctx, struct settings *settings, const char *text)
{
	struct reading reading = { .ctx = ctx, .settings = settings };
	struct fault *fault = check_lines(text);

	if (fault)
		return fault;
	for (size_t i = 0; settings_rows[i].key; i++)
		reading.given[i] = *member(settings, &settings_rows[i]) != NULL;
	int line = ini_parse_string(text, take, &reading);
	if (reading.fault || line == 0)
		return reading.fault;
	return fault_new(FAULT_USAGE, "line %d is not 'key = value'", line);
}

static struct fault *read_file(const void *ctx, struct settings *settings)
{
	char *path = settings_path(ctx, settings, SYSCONFDIR "/hubshare/hubshare.conf"),
	     *text;
	struct fault *fault = file_read(ctx, AT_FDCWD, path, SETTINGS_MAX_BYTES, &text);

	if (fault || !text)
		return fault;
	return fault_wrap(settings_parse(ctx, settings, text), "%s", path);
}

struct fault *settings_fill(const void *ctx, struct settings *settings)
{
	if (!settings->root)
		settings->root = "";
	if (settings->root[strspn(settings->root, "/")] == '\0')
		settings->root = ""; /* also of "/": the real one */
	if (*settings->root && *settings->root != '/')
		return fault_new(FAULT_USAGE, "--root takes an absolute path, not '%s'",
				 settings->root);
	struct fault *fault = read_file(ctx, settings);
	if (fault)
		return fault;
	if (*settings->root && !settings->smbcontrol)
		settings->smbcontrol = "none";
	if (*settings->root && !settings->smbstatus)
		settings->smbstatus = "none";
	if (!settings->scanner)
		settings->scanner = file_beside(ctx, "hubscan", SBINDIR "/hubscan");
	if (!settings->templates)
		settings->templates =
			file_beside(ctx, "samba-snippets", PKGDATADIR "/samba-snippets");
	for (const struct settings_row *row = settings_rows; row->key; row++)
		if (!*member(settings, row))
			*member(settings, row) = row->fallback;
	return NULL;
}

char *settings_path(const void *ctx, const struct settings *settings, const char *path)
{
	return mem_printf(ctx, "%s%s", settings->root, path);
}

/* SPDX-License-Identifier: ISC */
#include "common/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <string.h>

#include "common/file.h"
#include "common/memory.h"

enum { SETTINGS_MAX_BYTES = 64 << 10 };

#define ROW(key, member, fallback, help)                                                 \
	{ key, offsetof(struct settings, member), fallback, help }

const struct settings_row settings_rows[] = {
	ROW("bridge", bridge, "br-hub", "the bridge that the VMs are on"),
	ROW("network", network, "172.16.10.0/24", "the bridge's network"),
	ROW("connect", connect, "qemu:///system", "libvirt's URI"),
	ROW("samba-dir", samba_dir, "/etc/samba", "where smb.conf and the store are"),
	ROW("run-dir", run_dir, "/run/samba/hubshare",
	    "where the renderings of permanent shares lie, on a tmpfs"),
	ROW("group", group, "hubshare", "the group that may read the store"),
	ROW("leases", leases, "", "the DHCP server's file of leases"),
	ROW("scanner", scanner, NULL, "the program hubscan"),
	ROW("templates", templates, NULL, "the directory of the templates"),
	ROW("testparm", testparm, "testparm", "Samba's parser of configurations"),
	ROW("smbcontrol", smbcontrol, "smbcontrol", "Samba's tool that commands smbd, or none"),
	ROW("smbstatus", smbstatus, "smbstatus", "Samba's tool that shows sessions, or none"),
	{ 0 },
};

struct reading {
	const void *ctx;
	struct settings *settings;
	struct fault *fault;
};

static const char **member(struct settings *settings, const struct settings_row *row)
{
	return (const char **)((char *)settings + row->offset);
}

/* inih's handler: returns 0 to refuse a line. */
static int take(void *user, const char *section, const char *key, const char *value)
{
	struct reading *reading = user;

	if (strcmp(section, "hubshare") != 0) {
		reading->fault = fault_first(
			reading->fault,
			fault_new(FAULT_USAGE, "[%s] is no section of it: use [hubshare]",
				  section));
		return 0;
	}
	for (const struct settings_row *row = settings_rows; row->key; row++) {
		if (strcmp(row->key, key) != 0)
			continue;
		if (!*member(reading->settings, row))
			*member(reading->settings, row) = mem_strdup(reading->ctx, value);
		return 1;
	}
	reading->fault = fault_first(reading->fault,
				     fault_new(FAULT_USAGE, "there is no setting '%s'", key));
	return 0;
}

static struct fault *read_file(const void *ctx, struct settings *settings)
{
	struct reading reading = { ctx, settings, NULL };
	char *path = settings_path(ctx, settings, SYSCONFDIR "/hubshare/hubshare.conf"), *text;
	struct fault *fault = file_read(ctx, AT_FDCWD, path, SETTINGS_MAX_BYTES, &text);

	if (fault || !text)
		return fault;
	int line = ini_parse_string(text, take, &reading);
	if (reading.fault)
		return fault_wrap(reading.fault, "%s", path);
	if (line != 0)
		return fault_new(FAULT_USAGE, "%s: line %d is not 'key = value'", path, line);
	return NULL;
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

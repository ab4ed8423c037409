/* SPDX-License-Identifier: ISC */
#include "cli/connect.h"

#include <ctype.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

static const char *const os_names[CONNECT_OS_COUNT] = { [CONNECT_LINUX] = "linux",
							[CONNECT_WINDOWS] = "windows",
							[CONNECT_MACOS] = "macos" };

const char *connect_os_name(enum connect_os os)
{
	return os_names[os];
}

bool connect_os_parse(const char *name, enum connect_os *ret)
{
	for (int os = 0; os < CONNECT_OS_COUNT; os++)
		if (strcmp(os_names[os], name) == 0) {
			*ret = (enum connect_os)os;
			return true;
		}
	return false;
}

static char *with_name(const void *ctx, const char *before, const struct connect *connect)
{
	return mem_printf(ctx, "%s%s", before, connect->share->name);
}

/* TEXT as one word of a shell. */
static char *shell_word(const void *ctx, const char *text)
{
	char *word = mem_strdup(ctx, "'");

	for (const char *end; *(end = strchrnul(text, '\'')); text = end + 1)
		word = mem_append(ctx, word, "%.*s'\\''", (int)(end - text), text);
	return mem_append(ctx, word, "%s'", text);
}

static char *unc(const void *ctx, const struct connect *connect, const char *slash)
{
	return mem_printf(ctx, "%s%s%s%s%s", slash, slash, connect->host, slash,
			  connect->share->name);
}

/* RFC 3986, section 2.3: all but the unreserved characters are written as %XX. */
static char *url(const void *ctx, const struct connect *connect)
{
	char *text = mem_printf(ctx, "smb://%s/", connect->host);

	for (const char *c = connect->share->name; *c; c++)
		text = mem_append(ctx, text,
				  isascii(*c) && (isalnum(*c) || strchr("-._~", *c)) ?
					  "%c" :
					  "%%%02X",
				  (unsigned char)*c);
	return text;
}

/* TEXT as a field of fstab(5). */
static char *fstab_field(const void *ctx, const char *text)
{
	char *visible = text_visible(NULL, text), *field = mem_strdup(ctx, "");

	for (const char *c = visible; *c; c++)
		field = mem_append(ctx, field, *c == ' ' || *c == '#' ? "\\%03o" : "%c",
				   (unsigned char)*c);
	talloc_free(visible);
	return field;
}

/* The name of a unit for the directory PATH: systemd.unit(5), string escaping. */
static char *unit_name(const void *ctx, const char *path, const char *suffix)
{
	char *name = mem_strdup(ctx, "");

	for (const char *c = path + 1; *c; c++) {
		bool stays = isascii(*c) && (isalnum(*c) || strchr(":_.", *c));

		name = mem_append(ctx, name, stays || *c == '/' ? "%c" : "\\x%02x",
				  *c == '/' ? '-' : (unsigned char)*c);
	}
	return mem_append(ctx, name, ".%s", suffix);
}

static const char *mount_ro(const struct connect *connect)
{
	return connect->share->read_only ? ",ro" : "";
}

/* Who is logged on, where nobody is there to be asked for a password. */
static const char *mount_as(const struct connect *connect)
{
	return connect->share->guest_ok ? "guest" : "credentials=/etc/hub.credentials";
}

/* Files belong to who mounts, not to the guest's root. */
static char *way_mount(const void *ctx, const struct connect *connect)
{
	char *place = shell_word(ctx, with_name(ctx, "/mnt/", connect));

	return mem_printf(ctx,
			  "sudo mkdir -p %s\n"
			  "sudo mount -t cifs %s %s -o %s%s,uid=$(id -u),gid=$(id -g)",
			  place, shell_word(ctx, unc(ctx, connect, "/")), place,
			  connect->share->guest_ok ? "guest" : "username=NAME",
			  mount_ro(connect));
}

static char *way_credentials(const void *ctx, const struct connect *connect)
{
	return connect->share->guest_ok ?
		       NULL :
		       mem_strdup(ctx, "username=NAME\npassword=PASSWORD");
}

static char *fstab_line(const void *ctx, const struct connect *connect, const char *when)
{
	return mem_printf(ctx, "%s %s cifs %s%s,uid=1000,gid=1000,_netdev,nofail%s 0 0",
			  fstab_field(ctx, unc(ctx, connect, "/")),
			  fstab_field(ctx, with_name(ctx, "/mnt/", connect)),
			  mount_as(connect), mount_ro(connect), when);
}

static char *way_fstab(const void *ctx, const struct connect *connect)
{
	return fstab_line(ctx, connect, "");
}

static char *way_fstab_automount(const void *ctx, const struct connect *connect)
{
	return fstab_line(ctx, connect,
			  ",x-systemd.automount,x-systemd.idle-timeout=5min");
}

static char *way_mount_unit(const void *ctx, const struct connect *connect)
{
	char *place = with_name(ctx, "/mnt/", connect);

	return mem_printf(ctx,
			  "# /etc/systemd/system/%s\n"
			  "[Mount]\n"
			  "What=%s\n"
			  "Where=%s\n"
			  "Type=cifs\n"
			  "Options=%s%s,uid=1000,gid=1000,_netdev",
			  unit_name(ctx, place, "mount"), unc(ctx, connect, "/"), place,
			  mount_as(connect), mount_ro(connect));
}

static char *way_automount_unit(const void *ctx, const struct connect *connect)
{
	char *place = with_name(ctx, "/mnt/", connect);

	return mem_printf(ctx,
			  "# /etc/systemd/system/%s\n"
			  "[Automount]\n"
			  "Where=%s\n"
			  "TimeoutIdleSec=5min\n"
			  "\n"
			  "[Install]\n"
			  "WantedBy=multi-user.target",
			  unit_name(ctx, place, "automount"), place);
}

/* Within double quotes cmd.exe takes all as it is that a share's name may have. */
static char *way_net_use(const void *ctx, const struct connect *connect)
{
	return mem_printf(ctx, "net use * \"%s\"%s", unc(ctx, connect, "\\"),
			  connect->share->guest_ok ? "" : " /user:NAME");
}

/* How many bytes at TEXT are what PowerShell takes for a single quote; U+2018 to U+201B are. */
static size_t single_quote(const char *text)
{
	if (*text == '\'')
		return 1;
	return strncmp(text, "\xe2\x80", 2) == 0 && (unsigned char)text[2] >= 0x98 &&
			       (unsigned char)text[2] <= 0x9b ?
		       3 :
		       0;
}

/* Where PowerShell would read something else between double quotes. */
static char *way_powershell(const void *ctx, const struct connect *connect)
{
	char *text = mem_strdup(ctx, "net use * '");
	const char *share = unc(ctx, connect, "\\");
	bool differs = false;

	for (const char *c = share; *c; c++) {
		size_t quote = single_quote(c);

		differs = differs || *c == '$' || *c == '`' || !isascii(*c);
		text = mem_append(ctx, text, "%.*s%c", (int)quote, c, *c);
		if (quote > 1) { /* the rest of its bytes */
			text = mem_append(ctx, text, "%.*s", (int)quote - 1, c + 1);
			c += quote - 1;
		}
	}
	if (!differs)
		return NULL;
	return mem_append(ctx, text, "'%s",
			  connect->share->guest_ok ? "" : " /user:NAME");
}

/* A guest's session cannot be signed, and Windows 11 24H2 wants that. */
static char *way_account_host(const void *ctx, const struct connect *connect)
{
	return connect->share->guest_ok ? mem_strdup(ctx, "sudo hubshare user add NAME") :
					  NULL;
}

static char *way_account(const void *ctx, const struct connect *connect)
{
	return connect->share->guest_ok ?
		       mem_append(ctx, way_net_use(ctx, connect), " /user:NAME") :
		       NULL;
}

static char *way_insecure(const void *ctx, const struct connect *connect)
{
	if (!connect->share->guest_ok)
		return NULL;
	return mem_strdup(ctx,
			  "Set-SmbClientConfiguration -EnableInsecureGuestLogons $true "
			  "-RequireSecuritySignature $false -Force");
}

static char *way_open(const void *ctx, const struct connect *connect)
{
	return mem_printf(ctx, "open '%s'", url(ctx, connect));
}

const struct connect_way connect_ways[] = {
	{ "mount", CONNECT_LINUX, "Linux, now", way_mount },
	{ "credentials", CONNECT_LINUX,
	  "For the next ones, /etc/hub.credentials (chmod 600)", way_credentials },
	{ "fstab", CONNECT_LINUX,
	  "Linux, at each boot, in /etc/fstab (1000: who may write)", way_fstab },
	{ "fstab-automount", CONNECT_LINUX, "Linux, when it is used, in /etc/fstab",
	  way_fstab_automount },
	{ "mount-unit", CONNECT_LINUX, "Linux, when it is used, as units of systemd",
	  way_mount_unit },
	{ "automount-unit", CONNECT_LINUX, "and", way_automount_unit },
	{ "net-use", CONNECT_WINDOWS, "Windows", way_net_use },
	{ "powershell", CONNECT_WINDOWS, "Windows, in PowerShell", way_powershell },
	{ "account-host", CONNECT_WINDOWS,
	  "Where Windows refuses guest access, make an account for it, on the host",
	  way_account_host },
	{ "account", CONNECT_WINDOWS, "and use that in Windows", way_account },
	{ "insecure-guest", CONNECT_WINDOWS,
	  "or, which is less safe, have Windows take guest access to any server: in "
	  "PowerShell, as administrator",
	  way_insecure },
	{ "open", CONNECT_MACOS, "macOS, in a terminal", way_open },
	{ "url", CONNECT_MACOS, "macOS, in the Finder with Cmd-K", url },
	{ 0 },
};

char *connect_brief(const void *ctx, const struct connect *connect)
{
	char *word = shell_word(ctx, unc(ctx, connect, "/"));

	return mem_printf(ctx,
			  "Linux:    mount -t cifs %s /mnt -o %s\n"
			  "Windows:  %s\n"
			  "macOS:    %s\n",
			  word, connect->share->guest_ok ? "guest" : "user=NAME",
			  way_net_use(ctx, connect), way_open(ctx, connect));
}

/* SPDX-License-Identifier: ISC */
#include "hub/passdb.h"

#include <string.h>
#include <strings.h>

#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"

enum { PASSDB_TIMEOUT_MS = 20000 };

static char *smb_conf(const void *ctx, const struct settings *settings)
{
	return mem_printf(ctx, "%s%s/smb.conf", settings->root, settings->samba_dir);
}

/* Each line is "NAME:UID:COMMENT". */
static void parse_names(struct passdb *passdb, char *text)
{
	for (char *line; (line = text_line(&text));) {
		char *end = strchr(line, ':');

		if (!end)
			continue;
		*mem_grow(passdb, passdb->names, const char *, passdb->count) =
			mem_strndup(passdb, line, (size_t)(end - line));
		passdb->count++;
	}
}

struct fault *passdb_read(const void *ctx, const struct settings *settings,
			  struct passdb **ret)
{
	struct passdb *passdb = mem_new(ctx, struct passdb);
	const char *const argv[] = { "pdbedit", "-L", "-s", smb_conf(passdb, settings),
				     NULL };
	char *text = NULL;
	int status = 0;
	struct fault *fault =
		process_run(passdb, argv, PASSDB_TIMEOUT_MS, &text, &status);

	if (!fault && status != 0)
		fault = fault_new(FAULT_FAILED,
				  "Samba's accounts cannot be read (pdbedit -L)");
	if (fault) {
		talloc_free(passdb);
		return fault;
	}
	parse_names(passdb, text);
	*ret = passdb;
	return NULL;
}

bool passdb_has(const struct passdb *passdb, const char *name)
{
	for (size_t i = 0; i < passdb->count; i++)
		if (strcasecmp(passdb->names[i], name) == 0)
			return true;
	return false;
}

/* smbpasswd -s OPTION NAME */
static struct fault *smbpasswd(const struct settings *settings, const char *option,
			       const char *name, const char *input)
{
	char *conf = smb_conf(NULL, settings);
	const char *const argv[] = { "smbpasswd", "-c", conf, "-s", option, name, NULL };
	struct fault *fault = process_tell(argv, input, PASSDB_TIMEOUT_MS);

	talloc_free(conf);
	return fault_wrap(fault, "smbpasswd %s %s", option, name);
}

struct fault *passdb_set(const struct settings *settings, const char *name,
			 const char *password)
{
	char *twice = mem_printf(NULL, "%s\n%s\n", password, password);
	struct fault *fault = smbpasswd(settings, "-a", name, twice);

	talloc_free(twice);
	return fault;
}

struct fault *passdb_remove(const struct settings *settings, const char *name)
{
	return smbpasswd(settings, "-x", name, NULL);
}

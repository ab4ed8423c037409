/* SPDX-License-Identifier: ISC */
#include "hub/mapping.h"

#include "common/memory.h"
#include "confgen/testparm.h"
#include "hub/caller.h"

struct fault *mapping_account(const void *ctx, const struct settings *settings,
			      char **ret)
{
	char *file =
		mem_printf(NULL, "%s%s/smb.conf", settings->root, settings->samba_dir);
	struct globals *globals;
	struct fault *fault = globals_read(file, settings, file, &globals);
	const char *account = fault ? "" : globals_value(globals, "guest account");

	if (!fault)
		*ret = mem_strdup(ctx, *account ? account : "nobody"); /* smb.conf(5) */
	talloc_free(file);
	return fault;
}

struct fault *mapping_check(const char *account, const char *path, bool read_only,
			    int wait_ms)
{
	bool may;
	struct fault *fault = caller_may(account, path, !read_only, wait_ms, &may);

	if (fault || may)
		return fault;
	return fault_new(
		FAULT_REFUSED,
		"Guests would be %s, who may not %s %s; call hubshare with sudo as the "
		"user whose files they are, or %s",
		account, read_only ? "read" : "write in", path,
		read_only ? "let others read it" : "share it read-only with -r");
}

struct fault *mapping_choose(const void *ctx, const struct caller *caller,
			     const struct settings *settings, const char *path,
			     bool read_only, int wait_ms, const char **ret)
{
	struct fault *fault;
	char *account;

	if (caller->uid != 0) {
		if (!(fault = caller_name(ctx, caller->uid, &account)))
			*ret = account;
		return fault;
	}
	if ((fault = mapping_account(ctx, settings, &account)) ||
	    (fault = mapping_check(account, path, read_only, wait_ms)))
		return fault;
	*ret = NULL;
	return NULL;
}

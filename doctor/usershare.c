/* SPDX-License-Identifier: ISC */
#include "doctor/usershare.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Each is a file of its name. */
static struct fault *list(const void *ctx, const char *directory, char **ret)
{
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, is_shown, alphasort);

	if (count < 0 && errno != ENOENT && errno != ENOTDIR) {
		bool forbidden = errno == EACCES || errno == EPERM;
		struct fault *fault = fault_errno(errno, "%s", directory);

		if (forbidden)
			fault->status = FAULT_REFUSED;
		return fault;
	}
	void *scope = talloc_new(NULL);
	for (int i = 0; i < count; i++) {
		*ret = mem_append(ctx, *ret, "%s[%s]", i ? ", " : "",
				  text_visible(scope, entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	talloc_free(scope);
	return NULL;
}

struct fault *usershare_names(const void *ctx, const struct settings *settings,
			      const struct globals *globals, char **ret)
{
	const char *path = globals_value(globals, "usershare path");
	struct fault *fault;
	char *directory;

	*ret = mem_strdup(ctx, "");
	if (!*path || strcmp(globals_value(globals, "usershare max shares"), "0") == 0)
		return NULL;
	directory = settings_path(ctx, settings, path);
	fault = list(ctx, directory, ret);
	talloc_free(directory);
	return fault;
}

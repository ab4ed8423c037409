/* SPDX-License-Identifier: ISC */
#include "doctor/usershare.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "confgen/testparm.h"

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
			      const char *file, char **ret)
{
	void *scope = talloc_new(NULL);
	struct fault *fault;
	char *most, *path;

	*ret = mem_strdup(ctx, "");
	if (!(fault = testparm_global(scope, settings, file, "usershare max shares",
				      &most)) &&
	    strcmp(most, "0") != 0 &&
	    !(fault = testparm_global(scope, settings, file, "usershare path", &path)) &&
	    *path)
		fault = list(ctx, settings_path(scope, settings, path), ret);
	talloc_free(scope);
	return fault;
}

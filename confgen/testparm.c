/* SPDX-License-Identifier: ISC */
#include "confgen/testparm.h"

#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"

enum { TESTPARM_TIMEOUT_MS = 20000 };

/* Samba's defaults of the masks (smb.conf(5)); its dump leaves them out. */
static const char create_mask_default[] = "0744", directory_mask_default[] = "0755";

static struct fault *run_testparm(const void *ctx, const char *const argv[], const char *file,
			 char **ret)
{
	int status;
	struct fault *fault = process_run(ctx, argv, TESTPARM_TIMEOUT_MS, ret, &status);

	if (!fault && status != 0)
		fault = fault_new(FAULT_FAILED, "Samba's parser refuses %s", file);
	return fault;
}

/* The dump without what comes before its first section. */
static char *without_head(char *dump)
{
	char *first = *dump == '[' ? dump : strstr(dump, "\n[");

	return first ? first : dump + strlen(dump);
}

struct fault *testparm_shares(const void *ctx, const struct settings *settings,
			      const char *file, struct fragment **ret)
{
	const char *const argv[] = { settings->testparm, "-s", "-l", file, NULL };
	char *dump;

	*ret = NULL;
	if (access(file, F_OK) < 0)
		return NULL;
	struct fault *fault = run_testparm(NULL, argv, file, &dump);
	if (fault)
		return fault;
	if (!(fault = fragment_parse(ctx, without_head(dump), ret))) {
		struct share *global = fragment_find(*ret, "global");

		if (global)
			fragment_remove(*ret, global);
	}
	talloc_free(dump);
	return fault_wrap(fault, "what testparm prints of %s", file);
}

struct fault *testparm_global(const void *ctx, const struct settings *settings,
			      const char *file, const char *parameter, char **ret)
{
	const char *option = mem_printf(NULL, "--parameter-name=%s", parameter);
	const char *const argv[] = { settings->testparm, "-s", "-l", option, file, NULL };
	struct fault *fault = NULL;

	if (access(file, F_OK) < 0)
		*ret = mem_strdup(ctx, "");
	else if (!(fault = run_testparm(ctx, argv, file, ret)))
		*ret = text_strip(*ret);
	talloc_free((void *)option);
	return fault;
}

static void add(const void *ctx, const char ***list, size_t *count, char *sentence)
{
	*mem_grow(ctx, *list, const char *, *count) = sentence;
	(*count)++;
}

static const char *shown(const struct share *share, const struct parameter *parameter)
{
	const void *member = (const char *)share + parameter->offset;

	if (parameter->kind == PARAMETER_BOOL)
		return *(const bool *)member ? "yes" : "no";
	if (*(const char *const *)member)
		return *(const char *const *)member;
	if (member == &share->create_mask)
		return create_mask_default;
	return member == &share->directory_mask ? directory_mask_default : "";
}

static bool has_extra(const struct share *share, const char *extra)
{
	size_t length = strcspn(extra, "=");

	for (size_t i = 0; i < share->extra_count; i++)
		if (strncasecmp(share->extras[i], extra, length) == 0)
			return true;
	return false;
}

static void compare(const void *ctx, const struct share *written, const struct share *seen,
		    const char ***list, size_t *count)
{
	for (const struct parameter *p = share_parameters; p->name; p++)
		if (strcmp(shown(written, p), shown(seen, p)) != 0)
			add(ctx, list, count,
			    mem_printf(ctx, "[%s]: '%s' is '%s' to Samba, not '%s'",
				       written->name, p->name, shown(seen, p),
				       shown(written, p)));
	for (size_t i = 0; i < written->extra_count; i++)
		if (*written->extras[i] != '#' && *written->extras[i] != ';' &&
		    !has_extra(seen, written->extras[i]))
			add(ctx, list, count,
			    mem_printf(ctx,
				       "[%s]: '%s' is unknown to Samba, or what it does anyway",
				       written->name, written->extras[i]));
}

struct fault *testparm_differences(const void *ctx, const struct settings *settings,
				   const char *file, const struct fragment *written,
				   const char ***ret)
{
	const char **list = NULL;
	struct fragment *seen;
	size_t count = 0;
	struct fault *fault = testparm_shares(NULL, settings, file, &seen);

	if (fault)
		return fault;
	for (size_t i = 0; i < written->count; i++) {
		const struct share *share = seen ? fragment_find(seen, written->shares[i]->name) :
						   NULL;

		if (share)
			compare(ctx, written->shares[i], share, &list, &count);
		else
			add(ctx, &list, &count,
			    mem_printf(ctx, "[%s]: Samba does not see it",
				       written->shares[i]->name));
	}
	add(ctx, &list, &count, NULL);
	talloc_free(seen);
	*ret = list;
	return NULL;
}

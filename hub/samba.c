/* SPDX-License-Identifier: ISC */
#include "hub/samba.h"

#include <string.h>
#include <time.h>

#include "common/memory.h"
#include "common/process.h"
#include "confgen/share.h"
#include "hub/smbstatus.h"

enum {
	TOOL_TIMEOUT_MS = 10000,
	PROOF_TIMEOUT_MS = 5000,
	PROOF_PAUSE_NS = 20000000,
};

struct samba {
	const char *smbcontrol, *smbstatus; /* NULL: no smbd serves this tree */
};

static const char *tool(const char *setting)
{
	return strcmp(setting, "none") == 0 ? NULL : setting;
}

struct samba *samba_new(const void *ctx, const struct settings *settings)
{
	struct samba *samba = mem_new(ctx, struct samba);

	samba->smbcontrol = tool(settings->smbcontrol);
	samba->smbstatus = tool(settings->smbstatus);
	return samba;
}

/* smbcontrol DESTINATION MESSAGE [ARGUMENT] */
static struct fault *control(struct samba *samba, const char *destination,
			     const char *message, const char *argument)
{
	const char *const argv[] = { samba->smbcontrol, destination, message, argument, NULL };
	char *output = NULL;
	int status = 0;
	struct fault *fault = process_run(samba, argv, TOOL_TIMEOUT_MS, &output, &status);

	talloc_free(output);
	if (fault)
		fault->status = FAULT_UNREACHABLE;
	else if (status != 0)
		fault = fault_new(FAULT_UNREACHABLE, "smbd does not run (smbcontrol %s %s)",
				  destination, message);
	return fault;
}

struct fault *samba_reload(struct samba *samba)
{
	return samba->smbcontrol ? control(samba, "smbd", "reload-config", NULL) : NULL;
}

static struct fault *ask_trees(const void *ctx, struct samba *samba, struct trees **ret)
{
	const char *const argv[] = { samba->smbstatus, "--json", NULL };
	char *json = NULL;
	int status = 0;
	struct fault *fault = process_run(ctx, argv, TOOL_TIMEOUT_MS, &json, &status);

	if (!fault)
		fault = smbstatus_parse(ctx, json, ret);
	talloc_free(json);
	return fault;
}

static bool concerns(const struct tree *tree, struct in_addr ip, const char *const *names,
		     size_t count)
{
	for (size_t i = 0; tree->ip.s_addr == ip.s_addr && i < count; i++)
		if (share_same_name(tree->service, names[i]))
			return true;
	return false;
}

/*
 * Tells the client's smbds to close its shares.  One that ended in between is no fault: it
 * serves nobody.
 */
static void close_trees(struct samba *samba, const struct trees *trees, struct in_addr ip,
			const char *const *names, size_t count)
{
	for (size_t i = 0; i < trees->count; i++) {
		if (!concerns(&trees->list[i], ip, names, count))
			continue;
		char *pid = mem_printf(samba, "%d", trees->list[i].pid);
		talloc_free(control(samba, pid, "close-share", trees->list[i].service));
		talloc_free(pid);
	}
}

static const struct tree *open_tree(const struct trees *trees, struct in_addr ip,
				    const char *const *names, size_t count)
{
	for (size_t i = 0; i < trees->count; i++)
		if (concerns(&trees->list[i], ip, names, count))
			return &trees->list[i];
	return NULL;
}

/* Closes and looks, until nothing is open any more. */
static struct fault *cut_and_prove(struct samba *samba, struct in_addr ip,
				   const char *const *names, size_t count)
{
	const struct timespec pause = { .tv_nsec = PROOF_PAUSE_NS };
	int64_t until = clock_ms() + PROOF_TIMEOUT_MS;
	struct fault *fault = NULL;

	for (bool first = true, open = true; open; first = false) {
		struct trees *trees;

		if ((fault = ask_trees(samba, samba, &trees)))
			break;
		const struct tree *tree = open_tree(trees, ip, names, count);
		open = tree != NULL;
		if (open && clock_ms() > until) {
			fault = fault_new(FAULT_UNPROVED,
					  "The client at %s still has '%s' open after %d s; "
					  "'hubshare sync' tries again",
					  IP_TEXT(ip), tree->service, PROOF_TIMEOUT_MS / 1000);
			open = false;
		}
		if (open) {
			close_trees(samba, trees, ip, names, count);
			if (!first)
				nanosleep(&pause, NULL);
		}
		talloc_free(trees);
	}
	return fault;
}

struct fault *samba_cut(struct samba *samba, struct in_addr ip, const char *const *names,
			size_t count, bool whole)
{
	struct fault *fault = NULL;

	if (!samba->smbcontrol || !samba->smbstatus)
		return NULL;
	if (whole)
		fault = control(samba, "smbd", "kill-client-ip", IP_TEXT(ip));
	return fault ? fault : cut_and_prove(samba, ip, names, count);
}

/* SPDX-License-Identifier: ISC */
#include "hub/samba.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/memory.h"
#include "common/process.h"
#include "confgen/share.h"
#include "hub/smbstatus.h"

enum {
	TOOL_TIMEOUT_MS = 10000,
	PROOF_TIMEOUT_MS = 5000,
	PROOF_PAUSE_NS = 5000000, /* each look takes smbstatus 20 ms anyway */
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
	const char *const argv[] = { samba->smbcontrol, destination, message, argument,
				     NULL };
	char *output = NULL;
	int status = 0;
	struct fault *fault = process_run(samba, argv, TOOL_TIMEOUT_MS, &output, &status);

	talloc_free(output);
	if (fault)
		fault->status = FAULT_UNREACHABLE;
	else if (status != 0)
		fault = fault_new(FAULT_UNREACHABLE,
				  "smbd does not run (smbcontrol %s %s)", destination,
				  message);
	return fault;
}

struct fault *samba_ping(struct samba *samba)
{
	return samba->smbcontrol ? control(samba, "smbd", "ping", NULL) : NULL;
}

struct fault *samba_reload(struct samba *samba)
{
	return samba->smbcontrol ? control(samba, "smbd", "reload-config", NULL) : NULL;
}

struct fault *samba_end(struct samba *samba)
{
	return samba->smbcontrol ? control(samba, "smbd", "shutdown", NULL) : NULL;
}

/* smbstatus --json WHAT */
static struct fault *ask_status(const void *ctx, struct samba *samba, const char *what,
				char **ret)
{
	const char *const argv[] = { samba->smbstatus, "--json", what, NULL };
	int status = 0;

	return process_run(ctx, argv, TOOL_TIMEOUT_MS, ret, &status);
}

struct fault *samba_clients(const void *ctx, struct samba *samba, struct clients **ret)
{
	char *shares = NULL, *sessions = NULL;
	struct fault *fault;

	if (!samba->smbstatus) {
		*ret = mem_new(ctx, struct clients);
		return NULL;
	}
	if (!(fault = ask_status(ctx, samba, "--shares", &shares)) &&
	    !(fault = ask_status(ctx, samba, "--processes", &sessions)))
		fault = smbstatus_parse(ctx, shares, sessions, ret);
	talloc_free(shares);
	talloc_free(sessions);
	return fault;
}

/*
 * One client and the shares it is to lose, and which of its smbds have the configuration
 * without them: those that said so, and those forked since the first smbd had loaded it.
 */
struct cut {
	struct samba *samba;
	struct in_addr ip;
	const char *const *names;
	size_t count;
	bool whole;	  /* the client has to come anew, whatever it has open */
	int64_t since_ms; /* of clock_boot_ms() */
	pid_t *loaded;
	size_t loaded_count;
};

/* Was that smbd forked since the configuration was loaded? */
static bool is_new(const struct cut *cut, pid_t pid)
{
	return process_born_ms(pid) >= cut->since_ms;
}

static bool concerns(const struct cut *cut, const struct tree *tree)
{
	if (tree->ip.s_addr != cut->ip.s_addr)
		return false;
	for (size_t i = 0; i < cut->count; i++)
		if (share_same_name(tree->service, cut->names[i]))
			return true;
	return cut->whole && !is_new(cut, tree->pid);
}

static bool has_loaded(const struct cut *cut, pid_t pid)
{
	for (size_t i = 0; !cut->whole && i < cut->loaded_count; i++)
		if (cut->loaded[i] == pid)
			return true;
	return is_new(cut, pid);
}

/* A message to one smbd.  One that has ended is no fault: it serves nobody. */
static bool tell(const struct cut *cut, pid_t pid, const char *message,
		 const char *argument)
{
	char *destination = mem_printf(cut->samba, "%d", pid);
	struct fault *fault = control(cut->samba, destination, message, argument);
	bool told = !fault;

	talloc_free(fault);
	talloc_free(destination);
	return told;
}

/*
 * An smbd handles its messages in their order, so one that answers a ping has loaded the
 * configuration before.  Until then its client could open the share again.
 */
static void close_shares(struct cut *cut, const struct clients *clients)
{
	if (cut->whole) {
		talloc_free(
			control(cut->samba, "smbd", "kill-client-ip", IP_TEXT(cut->ip)));
		return;
	}
	for (size_t i = 0; i < clients->session_count; i++) {
		const struct session *session = &clients->sessions[i];

		if (session->ip.s_addr != cut->ip.s_addr ||
		    has_loaded(cut, session->pid) ||
		    !tell(cut, session->pid, "ping", NULL))
			continue;
		*mem_grow(cut->samba, cut->loaded, pid_t, cut->loaded_count) =
			session->pid;
		cut->loaded_count++;
	}
	for (size_t i = 0; i < clients->tree_count; i++)
		if (concerns(cut, &clients->trees[i]))
			tell(cut, clients->trees[i].pid, "close-share",
			     clients->trees[i].service);
}

/* Could the client still use one of the shares? */
static bool may_use(const struct cut *cut, const struct clients *clients)
{
	for (size_t i = 0; i < clients->tree_count; i++)
		if (concerns(cut, &clients->trees[i]))
			return true;
	for (size_t i = 0; i < clients->session_count; i++)
		if (clients->sessions[i].ip.s_addr == cut->ip.s_addr &&
		    !has_loaded(cut, clients->sessions[i].pid))
			return true;
	return false;
}

/* Cuts and looks, until nothing is open any more. */
static struct fault *cut_and_prove(struct cut *cut)
{
	const struct timespec pause = { .tv_nsec = PROOF_PAUSE_NS };
	int64_t until = clock_ms() + PROOF_TIMEOUT_MS;
	struct clients *clients;
	struct fault *fault;

	for (bool first = true;; first = false) {
		bool late = !first && clock_ms() > until;

		if ((fault = samba_clients(cut->samba, cut->samba, &clients)))
			return fault;
		bool open = may_use(cut, clients);
		if (open && !late)
			close_shares(cut, clients);
		talloc_free(clients);
		if (!open)
			return NULL;
		if (late)
			return fault_new(FAULT_UNPROVED,
					 "it may still have one open after %d s",
					 PROOF_TIMEOUT_MS / 1000);
		nanosleep(&pause, NULL);
	}
}

struct fault *samba_cut(struct samba *samba, struct in_addr ip, const char *const *names,
			size_t count, bool whole)
{
	struct cut cut = { samba, ip, names, count, whole, 0, NULL, 0 };
	struct fault *fault = NULL;

	if (!samba->smbcontrol || !samba->smbstatus || (count == 0 && !whole))
		return NULL;
	/* When the first smbd answers, it has passed the order to load on to all others. */
	fault = samba_ping(samba);
	cut.since_ms = clock_boot_ms() + 1;
	if (!fault && whole)
		fault = control(samba, "smbd", "kill-client-ip", IP_TEXT(ip));
	if (!fault && (fault = cut_and_prove(&cut)) && !whole)
		/* Rather too much than too little. */
		talloc_free(control(samba, "smbd", "kill-client-ip", IP_TEXT(ip)));
	talloc_free(cut.loaded);
	if (!fault)
		return NULL;
	fault->status = FAULT_UNPROVED;
	return fault_wrap(
		fault,
		"It cannot be shown that the client at %s has lost %s%s%s ('hubshare "
		"sync' tries again)",
		IP_TEXT(ip), count ? "'" : "", count ? names[0] : "its shares",
		count ? "'" : "");
}

/* Has another session of USER before NUMBER the same address? */
static bool came_before(const struct clients *clients, size_t number, const char *user)
{
	for (size_t i = 0; i < number; i++)
		if (clients->sessions[i].ip.s_addr ==
			    clients->sessions[number].ip.s_addr &&
		    strcasecmp(clients->sessions[i].user, user) == 0)
			return true;
	return false;
}

struct fault *samba_cut_user(struct samba *samba, const char *user)
{
	struct clients *clients;
	struct fault *fault = samba_clients(samba, samba, &clients);

	if (fault)
		return fault;
	for (size_t i = 0; i < clients->session_count; i++) {
		const struct session *session = &clients->sessions[i];
		struct fault *cut = NULL;

		if (strcasecmp(session->user, user) != 0 || came_before(clients, i, user))
			continue;
		if (session->ip.s_addr)
			cut = samba_cut(samba, session->ip, NULL, 0, true);
		else
			cut = fault_new(
				FAULT_UNPROVED,
				"A session of %s did not come by IPv4 and goes on; end "
				"it by restarting smbd",
				user);
		fault = fault_first(fault, cut);
	}
	talloc_free(clients);
	return fault;
}

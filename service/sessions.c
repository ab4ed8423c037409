/* SPDX-License-Identifier: ISC */
#include "service/sessions.h"

#include <bsd/stdlib.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "common/memory.h"
#include "common/text.h"

struct open_share {
	struct in_addr ip;
	pid_t pid;
	const char *share, *vm, *uuid;
};

/* All that are open at one time. */
struct look {
	struct open_share *list;
	size_t count;
};

struct sessions {
	struct look *last; /* NULL: there was none yet */
};

struct sessions *sessions_new(const void *ctx)
{
	return mem_new(ctx, struct sessions);
}

/* The one that is the same share, opened by the same client; NULL: none is. */
static const struct open_share *open_find(const struct look *look,
					  const struct open_share *wanted)
{
	for (size_t i = 0; look && i < look->count; i++)
		if (look->list[i].ip.s_addr == wanted->ip.s_addr &&
		    look->list[i].pid == wanted->pid &&
		    strcmp(look->list[i].share, wanted->share) == 0)
			return &look->list[i];
	return NULL;
}

static void name_client(const void *ctx, struct open_share *open,
			const struct guests *guests)
{
	const struct guest *guest = guests ? guest_at(guests, open->ip) : NULL;

	if (open->uuid || !guest || !guest->domain || guest->contested)
		return;
	open->vm = mem_strdup(ctx, guest->domain->name);
	open->uuid = mem_strdup(ctx, guest->domain->uuid);
}

/* One more, with the name that its client had BEFORE, unless it is there already. */
static void open_add(struct look *look, const struct look *before,
		     const struct tree *tree, const struct guests *guests)
{
	struct open_share open = { .ip = tree->ip,
				   .pid = tree->pid,
				   .share = tree->service };
	const struct open_share *old = open_find(before, &open);

	if (!tree->ip.s_addr || strcasecmp(tree->service, "IPC$") == 0 ||
	    open_find(look, &open))
		return;
	open.share = mem_strdup(look, tree->service);
	if (old && old->uuid) {
		open.vm = mem_strdup(look, old->vm);
		open.uuid = mem_strdup(look, old->uuid);
	}
	name_client(look, &open, guests);
	*mem_grow(look, look->list, struct open_share, look->count) = open;
	look->count++;
}

/* Tells of those in LOOK that are not in OTHER. */
static void tell_of(enum event_kind kind, const struct look *look,
		    const struct look *other,
		    void (*tell)(void *arg, const struct event *event), void *arg)
{
	for (size_t i = 0; i < look->count; i++) {
		const struct open_share *open = &look->list[i];

		if (!open_find(other, open))
			tell(arg, &(struct event){ .kind = kind,
						   .vm = open->vm,
						   .uuid = open->uuid,
						   .ip = open->ip,
						   .share = open->share });
	}
}

void sessions_take(struct sessions *sessions, const struct clients *clients,
		   const struct guests *guests,
		   void (*tell)(void *arg, const struct event *event), void *arg)
{
	struct look *look = mem_new(sessions, struct look), *last = sessions->last;

	for (size_t i = 0; i < clients->tree_count; i++)
		open_add(look, last, &clients->trees[i], guests);
	if (last) {
		tell_of(EVENT_SESSION_CLOSED, last, look, tell, arg);
		tell_of(EVENT_SESSION_OPENED, look, last, tell, arg);
	}
	talloc_free(last);
	sessions->last = look;
}

/* "172.16.10.51 1234 user-temp" */
char *sessions_line(const void *ctx, const struct tree *tree)
{
	char *service = text_visible(NULL, tree->service);
	char *line =
		mem_printf(ctx, "%s %d %s", IP_TEXT(tree->ip), (int)tree->pid, service);

	talloc_free(service);
	return line;
}

bool sessions_line_parse(const char *line, struct clients *clients)
{
	char *copy = mem_strdup(clients, line), *rest = copy;
	const char *address = strsep(&rest, " "), *number = strsep(&rest, " "),
		   *error = "";
	struct tree tree = { .service = text_plain(clients, rest ? rest : "") };

	if (*tree.service && ip_parse(address, &tree.ip))
		tree.pid = (pid_t)strtonum(number, 1, INT_MAX, &error);
	if (!error) {
		*mem_grow(clients, clients->trees, struct tree, clients->tree_count) =
			tree;
		clients->tree_count++;
	}
	talloc_free(copy);
	return !error;
}

/* SPDX-License-Identifier: ISC */
#include "service/served.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"

/* Only the VM's name, which is the last, may have a tab in it. */
static char *line_of(const void *ctx, struct in_addr ip, const char *tenure,
		     const char *uuid, const char *share, const char *vm)
{
	return mem_printf(ctx, "%s\t%s\t%s\t%s\t%s", IP_TEXT(ip), tenure, uuid, share,
			  vm ? vm : "");
}

static void add_line(struct served *served, char *line)
{
	*mem_grow(served, served->list, const char *, served->count) = line;
	served->count++;
}

static void add_fragment(struct served *served, const struct fragment *fragment,
			 struct in_addr ip)
{
	for (size_t i = 0; fragment && fragment->uuid && i < fragment->count; i++)
		add_line(served, line_of(served, ip, tenure_text(fragment->tenure),
					 fragment->uuid, fragment->shares[i]->name,
					 fragment->vm));
}

static bool is_changed(const struct plan *plan, const struct rendering *rendering)
{
	for (size_t i = 0; plan && i < plan->change_count; i++)
		if (plan->changes[i].ip.s_addr == rendering->ip.s_addr &&
		    plan->changes[i].tenure == rendering->tenure)
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct served *served_of(const void *ctx, const struct inventory *inventory,
			 const struct plan *plan)
{
	struct served *served = mem_new(ctx, struct served);

	for (size_t i = 0; i < inventory->rendering_count; i++)
		if (!is_changed(plan, &inventory->renderings[i]))
			add_fragment(served, inventory->renderings[i].fragment,
				     inventory->renderings[i].ip);
	for (size_t i = 0; plan && i < plan->change_count; i++)
		add_fragment(served, plan->changes[i].final, plan->changes[i].ip);
	if (served->count)
		qsort(served->list, served->count, sizeof(*served->list), by_text);
	return served;
}

static void tell_line(enum event_kind kind, const char *line,
		      void (*tell)(void *arg, const struct event *event), void *arg)
{
	char *copy = mem_strdup(NULL, line), *rest = copy;
	const char *ip = strsep(&rest, "\t"), *tenure = strsep(&rest, "\t");
	const char *uuid = strsep(&rest, "\t"), *share = strsep(&rest, "\t");
	struct event event = {
		.kind = kind, .vm = rest, .uuid = uuid, .share = share, .tenure = tenure
	};

	if (ip_parse(ip, &event.ip))
		tell(arg, &event);
	talloc_free(copy);
}

void served_compare(const struct served *before, const struct served *now,
		    void (*tell)(void *arg, const struct event *event), void *arg)
{
	size_t b = 0, n = 0;

	while (b < before->count || n < now->count) {
		int order = b == before->count ? 1 :
			    n == now->count    ? -1 :
						 strcmp(before->list[b], now->list[n]);

		if (order < 0)
			tell_line(EVENT_SHARE_CLOSED, before->list[b++], tell, arg);
		else if (order > 0)
			tell_line(EVENT_SHARE_OPENED, now->list[n++], tell, arg);
		else
			b++, n++;
	}
}

/* Where LINE is, or would be. */
static size_t place_of(const struct served *served, const char *line, bool *ret_there)
{
	size_t low = 0, high = served->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(served->list[middle], line) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_there = low < served->count && strcmp(served->list[low], line) == 0;
	return low;
}

void served_take(struct served *served, const struct event *event)
{
	char *line = line_of(served, event->ip, event->tenure ? event->tenure : "",
			     event->uuid ? event->uuid : "",
			     event->share ? event->share : "", event->vm);
	bool there;
	size_t at = place_of(served, line, &there);

	if (event->kind == EVENT_SHARE_OPENED && !there) {
		add_line(served, line);
		memmove(&served->list[at + 1], &served->list[at],
			(served->count - at - 1) * sizeof(*served->list));
		served->list[at] = line;
		return;
	}
	if (event->kind != EVENT_SHARE_OPENED && there) {
		talloc_free((char *)served->list[at]);
		served->count--;
		memmove(&served->list[at], &served->list[at + 1],
			(served->count - at) * sizeof(*served->list));
	}
	talloc_free(line);
}

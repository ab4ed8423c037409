/* SPDX-License-Identifier: ISC */
/* The store, written: nothing gets its place before Samba's parser has seen it there. */
#include "confgen/store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"
#include "confgen/testparm.h"

enum { LOOKS_MAX = 4 /* how many parsers run at a time */ };

/* A text that waits beside its place: nobody sees it under that name. */
struct staged {
	int dirfd;
	const char *path; /* of the directory */
	char *name, *temporary, *text;
	const struct fragment *fragment;
	char *address;		 /* whose rendering it is; NULL: a truth */
	struct testparm *look;	 /* NULL: it has been, or there is no share to look at */
	struct fault *disagreed; /* what the parser saw otherwise */
};

static int staged_drop(struct staged *staged)
{
	if (staged->temporary)
		unlinkat(staged->dirfd, staged->temporary, 0);
	return 0;
}

void store_drop_staged(struct store *store)
{
	for (size_t i = 0; i < store->staged_count; i++)
		talloc_free(store->staged[i]);
	store->staged_count = 0;
}

int store_rendering_dir(const struct store *store, enum tenure tenure)
{
	return tenure == TENURE_PERMANENT ? store->run : store->dir[tenure];
}

char *store_rendering_name(const void *ctx, struct in_addr ip)
{
	return mem_printf(ctx, "%s.conf", IP_TEXT(ip));
}

/* What is to be written, and where; not yet written. */
static struct fault *compose(struct store *store, const struct fragment *fragment,
			     const struct in_addr *ip, struct staged **ret)
{
	struct staged *staged = mem_new(store, struct staged);
	bool run = ip && fragment->tenure == TENURE_PERMANENT;
	struct fault *fault;

	staged->dirfd = run ? store->run : store->dir[fragment->tenure];
	staged->path = run ? store->run_path : store->path[fragment->tenure];
	staged->fragment = fragment;
	if (ip) {
		staged->name = store_rendering_name(staged, *ip);
		staged->address = mem_strdup(staged, IP_TEXT(*ip));
		fault = fragment_rendering(staged, store->templates, fragment,
					   staged->address, &staged->text);
	} else {
		staged->name = mem_printf(staged, "%s.conf", fragment->uuid);
		fault = fragment_truth(staged, store->templates, fragment, &staged->text);
	}
	if (!fault && !ip && strlen(staged->text) > STORE_TRUTH_MAX_BYTES)
		fault = fault_new(
			FAULT_REFUSED,
			"%s would have more than %d bytes of shares; remove some first",
			fragment->vm ? fragment->vm : "the VM", STORE_TRUTH_MAX_BYTES);
	if (fault)
		talloc_free(staged);
	else
		*ret = staged;
	return fault_wrap(fault, "%s", store->path[fragment->tenure]);
}

/* Hears what the parser has seen of it. */
static void end_look(struct staged *staged)
{
	const char **differences = NULL;
	struct fault *fault;

	if (!staged->look)
		return;
	fault = testparm_differences(staged, staged->look, staged->fragment,
				     staged->address, &differences);
	if (!fault && *differences)
		fault = fault_new(FAULT_FAILED,
				  "Samba would make something else of it: %s",
				  *differences);
	staged->disagreed = talloc_steal(staged, fault);
	TALLOC_FREE(staged->look);
}

/* Waits for the oldest one where as many parsers run as may. */
static void make_room(struct store *store)
{
	struct staged *oldest = NULL;
	size_t running = 0;

	for (size_t i = store->staged_count; i-- > 0;)
		if (store->staged[i]->look) {
			oldest = store->staged[i];
			running++;
		}
	if (running >= LOOKS_MAX)
		end_look(oldest);
}

/* Writes it beside its place.  A stub, without shares, is remarks only. */
static struct fault *stage(struct store *store, struct staged *staged)
{
	/* A leading dot and ".new": no client's address, so smbd never includes it. */
	char *temporary = mem_printf(staged, ".%s.%d.%u.new", staged->name, getpid(),
				     store->serial++);
	struct fault *fault = file_stage(staged->dirfd, temporary, staged->text,
					 store->mode, store->group);

	if (fault)
		return fault_wrap(fault, "%s/%s", staged->path, staged->name);
	staged->temporary = temporary;
	talloc_set_destructor(staged, staged_drop);
	if (staged->fragment->count == 0)
		return NULL;
	make_room(store);
	return testparm_start(staged, store->settings,
			      mem_printf(staged, "%s/%s", staged->path, temporary),
			      &staged->look);
}

static struct staged **find_staged(struct store *store, const struct staged *like)
{
	for (size_t i = 0; i < store->staged_count; i++) {
		struct staged *staged = store->staged[i];

		if (staged->dirfd == like->dirfd &&
		    strcmp(staged->name, like->name) == 0 &&
		    strcmp(staged->text, like->text) == 0)
			return &store->staged[i];
	}
	return NULL;
}

/* Is that what stands there? */
static bool is_in_place(const struct store *store, const struct staged *staged)
{
	char *there = NULL;
	struct fault *fault =
		file_read_own(NULL, staged->dirfd, staged->name, store->owner,
			      STORE_FRAGMENT_MAX_BYTES, &there);
	bool same = !fault && there && strcmp(there, staged->text) == 0;

	talloc_free(fault);
	talloc_free(there);
	return same;
}

struct fault *store_stage(struct store *store, const struct fragment *fragment,
			  const struct in_addr *ip)
{
	struct staged *staged;
	struct fault *fault;

	if (!ip && fragment->count == 0)
		return NULL; /* it will be removed */
	if ((fault = compose(store, fragment, ip, &staged)))
		return fault;
	/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): no fault, so there is one */
	if (is_in_place(store, staged) || find_staged(store, staged) ||
	    (fault = stage(store, staged))) {
		talloc_free(staged);
		return fault;
	}
	*mem_grow(store, store->staged, struct staged *, store->staged_count) = staged;
	store->staged_count++;
	return NULL;
}

struct fault *store_prove(struct store *store)
{
	struct fault *fault = NULL;

	for (size_t i = 0; i < store->staged_count; i++) {
		struct staged *staged = store->staged[i];

		end_look(staged);
		fault = fault_first(fault, talloc_steal(NULL, staged->disagreed));
		staged->disagreed = NULL;
	}
	if (fault)
		store_drop_staged(store);
	return fault;
}

/* Puts it in place if the parser agrees. */
static struct fault *place(struct store *store, struct staged *staged)
{
	struct fault *fault;

	end_look(staged);
	if ((fault = talloc_steal(NULL, staged->disagreed)))
		return fault;
	store->begun = true;
	fault = file_place(staged->dirfd, staged->temporary, staged->name);
	staged->temporary = NULL;
	return fault_wrap(fault, "%s/%s", staged->path, staged->name);
}

/* Puts FRAGMENT in its place, as it was staged before or not. */
static struct fault *put_in_place(struct store *store, const struct fragment *fragment,
				  const struct in_addr *ip)
{
	struct staged *staged, *taken;
	struct fault *fault = compose(store, fragment, ip, &staged);

	if (fault)
		return fault;
	/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): no fault, so there is one */
	if (is_in_place(store,
			staged)) { /* written by somebody killed before it was durable? */
		fault = file_sync_names(staged->dirfd);
		talloc_free(staged);
		return fault;
	}
	struct staged **before = find_staged(store, staged);
	taken = before ? *before : staged;
	if (before)
		*before = store->staged[--store->staged_count];
	if (before || !(fault = stage(store, staged)))
		fault = place(store, taken);
	talloc_free(staged);
	if (before)
		talloc_free(taken);
	return fault;
}

struct fault *store_save(struct store *store, const struct fragment *fragment)
{
	int dirfd = store->dir[fragment->tenure];
	struct fault *fault;

	if (fragment->count)
		return put_in_place(store, fragment, NULL);
	char *name = mem_printf(NULL, "%s.conf", fragment->uuid);
	store->begun = true;
	fault = file_remove(dirfd, name);
	talloc_free(name);
	return fault_wrap(fault, "%s", store->path[fragment->tenure]);
}

/* perm.conf.d/<IP>.conf -> /run/samba/hubshare/<IP>.conf */
static char *link_target(const void *ctx, const struct store *store, const char *name)
{
	return mem_printf(ctx, "%s/%s", store->run_path, name);
}

bool store_is_own_link(const struct store *store, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(store->dir[TENURE_PERMANENT], name, target,
			       sizeof(target) - 1);
	char *expected = link_target(NULL, store, name);
	bool own = n > 0 && (size_t)n == strlen(expected) &&
		   !memcmp(target, expected, (size_t)n);

	talloc_free(expected);
	return own;
}

/*
 * A link of ours in perm.conf.d; it may dangle.  A file that stands there (the original
 * tool's, just adopted) is replaced: NAME in the run directory is served in its place.
 */
static struct fault *make_link(struct store *store, const char *name)
{
	int dirfd = store->dir[TENURE_PERMANENT];
	char *temporary, *target;
	struct fault *fault = NULL;

	if (store_is_own_link(store, name))
		return NULL;
	temporary = mem_printf(NULL, ".%s.%d.new", name, getpid());
	target = link_target(temporary, store, name);
	if (symlinkat(target, dirfd, temporary) < 0 ||
	    renameat(dirfd, temporary, dirfd, name) < 0 ||
	    TEMP_FAILURE_RETRY(fsync(dirfd)) < 0)
		fault = fault_errno(errno, "Cannot link %s/%s",
				    store->path[TENURE_PERMANENT], name);
	talloc_free(temporary);
	return fault;
}

struct fault *store_render(struct store *store, const struct fragment *fragment,
			   struct in_addr ip)
{
	struct fault *fault = put_in_place(store, fragment, &ip);

	if (fault || fragment->tenure != TENURE_PERMANENT)
		return fault;
	char *name = store_rendering_name(NULL, ip);
	fault = make_link(store, name);
	talloc_free(name);
	return fault;
}

struct fault *store_erase(struct store *store, enum tenure tenure, struct in_addr ip)
{
	char *name = store_rendering_name(NULL, ip);

	store->begun = true;
	struct fault *fault = file_remove(store_rendering_dir(store, tenure), name);

	if (!fault && tenure == TENURE_PERMANENT)
		fault = file_remove(store->dir[tenure],
				    name); /* the link, or what stood there */
	talloc_free(name);
	return fault;
}

struct fault *store_keep(struct store *store, enum tenure tenure, struct in_addr ip)
{
	char *name = store_rendering_name(NULL, ip), *text = NULL;
	char *kept = mem_printf(name, "%s.conf" STORE_KEPT, IP_TEXT(ip));
	bool linked = tenure == TENURE_PERMANENT && store_is_own_link(store, name);
	struct fault *fault =
		file_read_own(name, linked ? store->run : store->dir[tenure], name,
			      store->owner, STORE_FRAGMENT_MAX_BYTES, &text);

	if (!fault && text)
		fault = file_replace(store->dir[tenure], kept, text, store->mode,
				     store->group);
	talloc_free(name);
	return fault;
}

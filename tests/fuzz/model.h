/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * What every model of shares must live through: written as the truth and as a rendering, and
 * read again, it is the same.  Of those without a hand's additions each FUZZ_TESTPARM-th (an
 * environment variable; none without it) is shown to Samba's own parser too.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "confgen/fragment.h"
#include "confgen/testparm.h"

static inline void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

static inline bool same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Those of the tree; the working directory is that of the build. */
static inline const struct fragment_templates *templates(void)
{
	static struct fragment_templates *the_templates;

	if (!the_templates)
		require(!fragment_templates_load(NULL, "samba-snippets", &the_templates),
			"the templates can be read");
	return the_templates;
}

static inline void require_same(const struct fragment *a, const struct fragment *b)
{
	require(same(a->uuid, b->uuid), "the UUID is the same");
	require(same(a->vm, b->vm), "the VM's name is the same");
	require(a->count == b->count, "there are as many shares");
	for (size_t i = 0; i < a->count; i++) {
		const struct share *x = a->shares[i], *y = b->shares[i];

		require(same(x->name, y->name), "the name is the same");
		require(same(x->path, y->path), "the path is the same");
		require(x->owner == y->owner, "the owner is the same");
		require(term_same(&x->term, &y->term), "its term is the same");
		require(share_same_access(x, y), "access is the same");
	}
}

/* Lists of hosts, which Samba writes with blanks only between them. */
static inline bool same_hosts(const char *a, const char *b)
{
	for (a = a ? a : "", b = b ? b : ""; *a && *b; a++, b++) {
		a += *a == ',';
		b += *b == ',';
		if (*a != *b)
			return false;
	}
	return *a == *b;
}

static inline void require_served(const struct share *written, const struct share *seen)
{
	require(seen, "Samba sees the share");
	require(same(written->name, seen->name), "by its name");
	require(same(written->path, seen->path), "its path");
	require(written->read_only == seen->read_only, "read only");
	require(written->guest_ok == seen->guest_ok, "guest ok");
	require(same(written->force_user, seen->force_user), "whose its files are");
	require(same_hosts(written->hosts_allow, seen->hosts_allow), "whom it lets in");
}

/* Nor does the judge find any fault, who stands before what becomes visible. */
static inline void require_judged(const struct settings *settings, const char *file,
				  const struct fragment *fragment)
{
	void *ctx = talloc_new(NULL);
	const char **differences = NULL;
	struct testparm *testparm;

	require(!testparm_start(ctx, settings, file, &testparm) &&
			!testparm_differences(ctx, testparm, fragment, "172.16.10.11", &differences),
		"Samba can be asked");
	for (size_t i = 0; differences[i]; i++)
		fprintf(stderr, "%s\n", differences[i]);
	require(!differences[0], "what Samba sees is taken for the same");
	talloc_free(ctx);
}

/* What Samba makes of TEXT, which was written of FRAGMENT. */
static inline void require_samba(const struct fragment *fragment, const char *text)
{
	struct settings settings = { .root = "", .testparm = "testparm" };
	char file[] = "/tmp/hubshare-fuzz-XXXXXX";
	struct fragment *seen = NULL;
	int fd = mkstemp(file);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
		"the file can be written");
	close(fd);
	struct fault *fault = testparm_shares(NULL, &settings, file, &seen);
	require_judged(&settings, file, fragment);
	unlink(file);
	if (fault)
		fprintf(stderr, "%s\n", fault->text);
	require(!fault && seen && seen->count == fragment->count, "Samba sees as many shares");
	for (size_t i = 0; i < fragment->count; i++)
		require_served(fragment->shares[i],
			       fragment_find(seen, fragment->shares[i]->name));
	talloc_free(seen);
}

static inline bool samba_is_asked(void)
{
	static unsigned long every, count;
	const char *number = getenv("FUZZ_TESTPARM");

	if (!every)
		every = number && atol(number) > 0 ? (unsigned long)atol(number) : ~0UL;
	return ++count % every == 0;
}

/* FRAGMENT's shares have passed share_check(). */
static inline void round_trip(const struct fragment *fragment)
{
	void *ctx = talloc_new(NULL);
	struct fragment *again;
	char *text;

	require(!fragment_truth(ctx, templates(), fragment, &text), "the truth can be written");
	require(!fragment_parse(ctx, text, &again), "the truth can be read");
	require_same(fragment, again);
	require(!fragment_rendering(ctx, templates(), fragment, "172.16.10.11", &text),
		"the rendering can be written");
	require(!fragment_parse(ctx, text, &again), "the rendering can be read");
	require_same(fragment, again);
	require(!again->edited, "the sum is right");
	for (size_t i = 0; i < again->count; i++)
		require(!again->shares[i]->private ||
				same(again->shares[i]->hosts_allow, "172.16.10.11"),
			"a private share is for the VM's address");
	talloc_free(ctx);
}

/* Of what hubshare alone has written Samba must see all, and nothing else. */
static inline void round_trip_by_samba(const struct fragment *fragment)
{
	struct fragment *again;
	char *text;

	if (!samba_is_asked())
		return;
	void *ctx = talloc_new(NULL);
	require(!fragment_rendering(ctx, templates(), fragment, "172.16.10.11", &text) &&
			!fragment_parse(ctx, text, &again),
		"the rendering can be written and read");
	require_samba(again, text);
	talloc_free(ctx);
}

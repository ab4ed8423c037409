/* SPDX-License-Identifier: ISC */
#pragma once

/* Random shares, and texts of fragments, for the tests of fragment and plan. */

#include <string.h>

#include "common/memory.h"
#include "confgen/fragment.h"
#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#define PICK(array) (array)[random_below(sizeof(array) / sizeof(*(array)))]

/* How long a share may be for, by clocks that stand anywhere. */
static inline struct term model_term(void)
{
	struct term_now now = { .boot_ms = (int64_t)random_below(1u << 31),
				.date_ms = INT64_C(1770000000000) + (int64_t)random_below(1u << 31),
				.boot = "c0ffee00-0000-4000-8000-00000000b007" };
	int64_t ms = (int64_t)(1 + random_below(520 * 7 * 24 * 3600)) * 1000;

	if (one_in(2))
		return (struct term){ 0 };
	if (one_in(10))
		return (struct term){ .kind = TERM_LOST };
	return one_in(3) ? term_until_stop(&now, (int)random_below(1000)) :
			   term_for(&now, ms, one_in(2));
}

/* A share that share_check() takes, with any of the things that one may have. */
static inline struct share *model_share(const void *ctx, const char *name)
{
	static const char *const paths[] = {
		"/srv/a", "/srv/b", "/srv/with = sign", "/srv/[x]", "/srv/#x;y", "/",
		"/srv/ünï", "/srv/a\\b", "/srv/\"quoted\" x", "/srv/@name@",
	};
	static const char *const hosts[] = { "172.16.10.59", "10.0.0.0/8, fe80::1" };
	static const char *const extras[] = {
		"vfs objects = recycle", "comment = a = b", "# a remark", "; another",
		"veto files = /x/[y]/",
	};
	struct share *share = share_new(ctx, name, PICK(paths));

	share->read_only = one_in(2);
	share->guest_ok = one_in(2);
	share->private = one_in(4);
	share->owner = one_in(2) ? (uid_t)random_below(70000) : (uid_t)-1;
	share->term = model_term();
	share->hosts_allow = !share->private && one_in(3) ? PICK(hosts) : NULL;
	share->force_user = one_in(3) ? "user" : NULL;
	if (one_in(5))
		share->create_mask = share->directory_mask = one_in(2) ? "0700" : NULL;
	for (size_t i = one_in(3) ? random_below(3) : 0; i > 0; i--) {
		*mem_grow(share, share->extras, const char *, share->extra_count) =
			PICK(extras);
		share->extra_count++;
	}
	return share;
}

static inline void assert_same_share(const struct share *a, const struct share *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->owner, b->owner);
	assert_int_equal(a->private, b->private);
	assert_true(term_same(&a->term, &b->term));
	assert_true(share_same_access(a, b));
}

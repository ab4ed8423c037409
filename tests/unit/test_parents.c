/* SPDX-License-Identifier: ISC */
/* Who else could put another directory in the place of a shared one. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "hub/parents.h"

enum { ROOT = 0, CALLER = 1000, OTHER = 1001, TEAM = 50, OWN = 1000 };

static void test_judge(void **state)
{
	static const struct {
		uid_t owner;
		gid_t group;
		mode_t mode;
		bool acl;
		uid_t entry;
		enum parents_writer wanted;
	} rows[] = {
		{ ROOT, ROOT, 0755, false, OTHER, WRITER_NOBODY },
		{ CALLER, OWN, 0755, false, CALLER, WRITER_NOBODY },
		{ OTHER, OTHER, 0700, false, CALLER, WRITER_OWNER },
		{ OTHER, OTHER, 01777, false, CALLER, WRITER_OWNER },
		{ ROOT, ROOT, 0777, false, CALLER, WRITER_ANYBODY },
		{ ROOT, ROOT, 0757, false, CALLER, WRITER_ANYBODY },
		{ ROOT, ROOT, 01777, false, CALLER, WRITER_NOBODY },
		{ ROOT, ROOT, 01777, false, ROOT, WRITER_NOBODY },
		{ ROOT, ROOT, 01777, false, OTHER, WRITER_ENTRY },
		{ ROOT, ROOT, 0775, false, CALLER, WRITER_NOBODY },
		{ ROOT, TEAM, 0775, false, CALLER, WRITER_GROUP },
		{ ROOT, TEAM, 02775, false, CALLER, WRITER_GROUP },
		{ ROOT, TEAM, 01775, false, CALLER, WRITER_NOBODY },
		{ ROOT, TEAM, 01775, false, OTHER, WRITER_ENTRY },
		{ CALLER, OWN, 0775, false, CALLER, WRITER_NOBODY },
		{ CALLER, OWN, 0775, true, CALLER, WRITER_GROUP },
		{ CALLER, OWN, 0755, true, CALLER, WRITER_NOBODY },
	};
	struct parents_caller caller = { CALLER, OWN };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct stat directory = { .st_uid = rows[i].owner,
					  .st_gid = rows[i].group,
					  .st_mode = S_IFDIR | rows[i].mode };
		struct stat entry = { .st_uid = rows[i].entry };
		enum parents_writer writer =
			parents_judge(&caller, &directory, rows[i].acl, &entry);

		if (writer != rows[i].wanted)
			fail_msg("row %zu: %d, not %d", i, (int)writer, (int)rows[i].wanted);
	}
	/* Without a group of his own the caller's is like any other. */
	struct stat directory = { .st_uid = CALLER, .st_gid = OWN, .st_mode = S_IFDIR | 0775 };
	caller.own_group = (gid_t)-1;
	assert_int_equal(parents_judge(&caller, &directory, false, &directory), WRITER_GROUP);
}

static char *warning_of(const void *ctx, const char *path, uid_t uid)
{
	const struct caller caller = { .uid = uid, .directory = -1, .places = -1 };

	return parents_warning(ctx, &caller, path, CALLER_WAIT_MS);
}

/* On real directories: the first above the path that somebody else can write is named. */
static void test_warning(void **state)
{
	char base[] = "/tmp/hubshare-parents-XXXXXX";
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_non_null(mkdtemp(base));
	char *open = mem_printf(ctx, "%s/open", base), *path = mem_printf(ctx, "%s/deep", open);
	assert_int_equal(mkdir(open, 0755), 0);
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(chmod(path, 0777), 0); /* what one shares may be open itself */
	assert_null(warning_of(ctx, path, getuid()));
	assert_int_equal(chmod(open, 0777), 0);
	char *warning = warning_of(ctx, path, getuid());
	assert_non_null(warning);
	assert_ptr_equal(strstr(warning, path), warning);
	assert_non_null(strstr(warning, mem_printf(ctx, " %s, in which it lies, can be written "
							"by anybody", open)));
	assert_int_equal(chmod(open, 01777), 0);
	assert_null(warning_of(ctx, path, getuid()));
	assert_null(warning_of(ctx, "/", getuid()));
	assert_null(warning_of(ctx, "/none/such", getuid()));
	if (getuid() == 0) {
		assert_int_equal(chmod(open, 0755) | chown(open, 2, (gid_t)-1), 0);
		assert_null(warning_of(ctx, path, 2));
		assert_non_null(strstr(warning_of(ctx, path, 1), "belongs to "));
	}
	rmdir(path);
	rmdir(open);
	rmdir(base);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

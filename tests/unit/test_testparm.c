/* SPDX-License-Identifier: ISC */
/* The oracle: Samba's own parser sees in a text what it was made from, or we know that not. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "common/file.h"
#include "common/process.h"
#include "common/text.h"
#include "confgen/testparm.h"
#include "tests/unit/model.h"

static const struct settings real = { .testparm = "testparm" };
static const char uuid[] = "c0ffee00-0000-4000-8000-00000000000a";
static const char address[] = "172.16.10.59";
static struct fragment_templates *templates;
static char directory[] = "/tmp/hubshare-testparm-XXXXXX";
static const char name[] = "172.16.10.59.conf";
static char *file;
static int dirfd_ = -1;

static void put(const char *text)
{
	assert_null(file_replace(dirfd_, name, text, 0600, (gid_t)-1));
}

/* What Samba sees otherwise in TEXT: all sentences in one, "" for none. */
static char *differences(const void *ctx, const char *text, const struct fragment *written,
			 const char *of)
{
	struct testparm *testparm;
	const char **list = NULL;
	char *all = mem_strdup(ctx, "");

	put(text);
	assert_null(testparm_start(ctx, &real, file, &testparm));
	struct fault *fault = testparm_differences(ctx, testparm, written, of, &list);
	if (fault) {
		all = mem_append(ctx, all, "fault %d: %s", fault->status, fault->text);
		talloc_free(fault);
	}
	for (; list && *list; list++)
		all = mem_append(ctx, all, "%s\n", *list);
	return all;
}

/* Any text that CHECK takes. */
static char *any_text(const void *ctx, const char *begin, struct fault *(*check)(const char *))
{
	static const char *const pieces[] = {
		"a", "b", "0", " ", "=", "#", ";", "[", "]", "\\", "\"", "'", "@name@", "ü", "\u3042",
		"$", "!", "&", "(", "~", "/", "//", ".", "..", "-", "{", "\U0001f600", "path = /etc",
		"read only = no", "\u00a0", "\302\205", ":", "global", "<", "|", "*", "?", ",", "\t",
		"\n", "%", "%U", "\r", "\\\n", "  ",
	};

	for (;;) {
		char *text = mem_strdup(ctx, begin);

		for (size_t n = random_below(12); n > 0; n--)
			text = mem_append(ctx, text, "%s", PICK(pieces));
		struct fault *fault = check(text);
		if (!fault)
			return text;
		talloc_free(fault);
		talloc_free(text);
	}
}

static struct fragment *any_fragment(const void *ctx)
{
	static const char *const extras[] = {
		"vfs objects = recycle", "vfs object = recycle", "browsable = no", "comment = x",
		"strict locking = auto", "# remark", "veto files = /x/[y]/", "recycle:x = y",
		"Valid Users = a, b", "exec = %U",
	};
	struct fragment *fragment = fragment_new(ctx, uuid, "vm", TENURE_TEMPORARY);

	for (size_t i = 1 + random_below(4); i > 0; i--) {
		char *called = any_text(fragment, "", share_check_name);

		if (fragment_find(fragment, called))
			continue;
		struct share *share = model_share(fragment, called);
		share->path = any_text(share, "/", share_check_path);
		share->extra_count = 0;
		if (one_in(3)) {
			*mem_grow(share, share->extras, const char *, 0) = PICK(extras);
			share->extra_count = 1;
		}
		fragment_add(fragment, share);
	}
	return fragment;
}

static char *text_of(const void *ctx, const struct fragment *fragment, const char *of)
{
	char *text = NULL;
	struct fault *fault = of ? fragment_rendering(ctx, templates, fragment, of, &text) :
				   fragment_truth(ctx, templates, fragment, &text);

	if (fault)
		fail_msg("%s", fault->text);
	return text;
}

/* What share_check() takes arrives at Samba as it is, hostile or not. */
static void test_seen_exactly(void **state)
{
	(void)state;
	for (int i = 0; i < 25; i++) {
		void *ctx = talloc_new(NULL);
		struct fragment *fragment = any_fragment(ctx);
		const char *of = one_in(3) ? NULL : address;
		char *text = text_of(ctx, fragment, of), *said = differences(ctx, text, fragment, of);

		if (*said)
			fail_msg("%s\nin:\n%s", said, text_visible(ctx, text));
		talloc_free(ctx);
	}
}

/* The text of A is not that of B: each difference is found, both ways. */
static void assert_differ(const char *what, const struct fragment *a, const struct fragment *b,
			  const char *sentence)
{
	void *ctx = talloc_new(NULL);
	char *said = differences(ctx, text_of(ctx, a, address), b, address);

	if (!strstr(said, sentence))
		fail_msg("%s: '%s', not '%s'", what, said, sentence);
	talloc_free(ctx);
}

static void test_each_member(void **state)
{
	static const struct {
		const char *name, *value, *there, *back;
	} changes[] = {
		{ "guest ok", "yes", "'guest ok' is 'yes' to Samba, not 'no'",
		  "'guest ok' is 'no' to Samba, not 'yes'" },
		{ "read only", "yes", "'read only' is 'yes' to Samba, not 'no'",
		  "'read only' is 'no' to Samba, not 'yes'" },
		{ "hosts allow", "10.0.0.1, 10.0.0.2",
		  "'hosts allow' is '10.0.0.1 10.0.0.2' to Samba, not ''",
		  "'hosts allow' is '' to Samba, not '10.0.0.1, 10.0.0.2'" },
		{ "force user", "user", "'force user' is 'user' to Samba, not ''",
		  "'force user' is '' to Samba, not 'user'" },
		{ "create mask", "0744", "'create mask' is '0744' to Samba, not '0664'",
		  "'create mask' is '0664' to Samba, not '0744'" },
		{ "directory mask", "0755", "'directory mask' is '0755' to Samba, not '0775'",
		  "'directory mask' is '0775' to Samba, not '0755'" },
		{ "path", "/other", "'path' is '/other' to Samba, not '/srv'",
		  "'path' is '/srv' to Samba, not '/other'" },
		{ "veto files", "/x/", "Samba sees 'veto files = /x/', which nobody wrote",
		  "" /* at its default */ },
		{ "veto fils", "/x/", "", "'veto fils = /x/' is unknown to Samba" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct fragment *a = fragment_new(NULL, uuid, "vm", TENURE_TEMPORARY);
		struct fragment *b = fragment_new(NULL, uuid, "vm", TENURE_TEMPORARY);

		fragment_add(a, share_new(a, "x", "/srv"));
		fragment_add(b, share_new(b, "x", "/srv"));
		share_set(a->shares[0], changes[i].name, changes[i].value);
		assert_differ(changes[i].name, a, b, changes[i].there);
		assert_differ(changes[i].name, b, a, changes[i].back);
		talloc_free(a);
		talloc_free(b);
	}
}

static void test_shares(void **state)
{
	struct fragment *a = fragment_new(NULL, uuid, "vm", TENURE_TEMPORARY);
	struct fragment *b = fragment_new(NULL, uuid, "vm", TENURE_TEMPORARY);

	(void)state;
	fragment_add(a, share_new(a, "x", "/srv"));
	fragment_add(b, share_new(b, "x", "/srv"));
	fragment_add(b, share_new(b, "y", "/srv"));
	assert_differ("one too few", a, b, "[y]: Samba does not see it");
	assert_differ("one too many", b, a, "[y]: Samba sees it, and nobody wrote it");
	b->shares[0]->name = "X";
	assert_differ("another name", a, b, "[X]: Samba calls it 'x'");
	a->shares[0]->private = true;
	b->shares[0]->private = true;
	a->shares[0]->hosts_allow = "10.0.0.1"; /* does not count: it is the VM's address */
	b->shares[0]->name = "x";
	fragment_remove(b, b->shares[1]);
	void *ctx = talloc_new(NULL);
	assert_string_equal(differences(ctx, text_of(ctx, a, address), a, address), "");
	assert_string_equal(differences(ctx, text_of(ctx, a, NULL), a, NULL), "");
	assert_string_equal(differences(ctx, text_of(ctx, a, "10.0.0.9"), a, address),
			    "[x]: 'hosts allow' is '10.0.0.9' to Samba, not '172.16.10.59'\n");
	assert_string_equal(differences(ctx, text_of(ctx, a, NULL), a, address),
			    "[x]: 'hosts allow' is '' to Samba, not '172.16.10.59'\n");
	talloc_free(ctx);
	talloc_free(a);
	talloc_free(b);
}

/* What a text could do beside its shares. */
static void test_beside(void **state)
{
	static const struct {
		const char *text, *sentence;
	} others[] = {
		{ "[x]\npath = /srv\n[global]\nmap to guest = bad user\n",
		  "[global]: Samba sees 'map to guest = Bad User', which nobody wrote" },
		{ "map to guest = bad user\n[x]\npath = /srv\n",
		  "[global]: Samba sees 'map to guest = Bad User', which nobody wrote" },
		{ "[global]\nread only = no\n[x]\npath = /srv\n",
		  "'read only' is 'no' to Samba, not 'yes'" },
		{ "[x]\npath = /srv\navailable = no\n",
		  "[x]: Samba sees 'available = No', which nobody wrote" },
		{ "[x]\npath = /srv\n-valid = no\n", "[x]: Samba does not see it" },
		{ "[x]\npath = /srv\ncreate mask = 8\n", "fault 1: " },
		{ "[x]\npath = /srv\ncreate mask = 08\n", "'create mask' is '0000' to Samba" },
		{ "[x]\npath = /srv\nread only = maybe\n", "fault 1: " },
		{ "[x]\npath = /srv\\\n\nguest ok = yes\n", "'guest ok' is 'yes' to Samba" },
	};
	void *ctx = talloc_new(NULL);
	struct fragment *fragment = fragment_new(ctx, uuid, "vm", TENURE_TEMPORARY);

	(void)state;
	fragment_add(fragment, share_new(fragment, "x", "/srv"));
	fragment->shares[0]->read_only = true;
	fragment->shares[0]->create_mask = fragment->shares[0]->directory_mask = NULL;
	assert_string_equal(differences(ctx, "[x]\npath = /srv\n", fragment, NULL), "");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		char *said = differences(ctx, others[i].text, fragment, NULL);

		if (!strstr(said, others[i].sentence))
			fail_msg("'%s' in:\n%s", said, others[i].text);
	}
	talloc_free(ctx);
}

/* What we read in a text that a hand wrote is what Samba reads in it, or we do not take it. */
static void test_reads_as_samba(void **state)
{
	static const char *const pieces[] = {
		"[x]\n", "[y z]\n", "[x", "]", "\n", "\n", "\n", "path = /srv/a\n", "path=/srv/b", " ", "  ",
		"\t", "\\", "\\\n", "#", ";", "# remark\n", "read only = no\n", "Read\tOnly=Yes\n", "=",
		"writable = yes\n", "guest ok = yes\n", "public=no\n", "a", "\"", "\r\n", "\v", "ü", "/",
		"hosts allow = 10.0.0.1,10.0.0.2\n", "create mask = 700\n", "comment = ", "force user = u",
		"copy = x\n", "include = /etc/passwd\n", "browsable = no\n",
	};
	int taken = 0;

	(void)state;
	for (int i = 0; i < 20000 && taken < 40; i++) {
		void *ctx = talloc_new(NULL);
		struct fragment *fragment = NULL;
		char *text = mem_strdup(ctx, "[x]\npath = /srv/a\n");
		struct fault *fault;

		for (size_t n = 1 + random_below(14); n > 0; n--)
			text = mem_append(ctx, text, "%s", PICK(pieces));
		fault = fragment_parse(ctx, text, &fragment);
		for (size_t s = 0; !fault && s < fragment->count; s++)
			fault = share_check(fragment->shares[s]);
		if (!fault) {
			char *said = differences(ctx, text, fragment, NULL);

			taken++;
			if (*said && !strstr(said, "is unknown to Samba"))
				fail_msg("%s\nin:\n%s", said, text_visible(ctx, text));
		}
		talloc_free(fault);
		talloc_free(ctx);
	}
	assert_int_equal(taken, 40);
}

/* What the table says of Samba's defaults is what this Samba says. */
static void test_defaults(void **state)
{
	void *ctx = talloc_new(NULL);
	struct share *share = share_new(ctx, "x", "/srv");

	(void)state;
	put("[x]\n");
	for (const struct parameter *p = share_parameters; p->name; p++) {
		const char *const argv[] = {
			"testparm", "-s", "-l", "--section-name=x",
			mem_printf(ctx, "--parameter-name=%s", p->name), file, NULL,
		};
		char *value = NULL;
		int status = -1;

		assert_null(process_run(ctx, argv, 20000, &value, &status));
		assert_int_equal(status, 0);
		value = text_strip(value);
		assert_int_equal(strcasecmp(value, p->fallback), 0);
	}
	talloc_free(share);
	talloc_free(ctx);
}

/* [global], with what is not said there, and of no section behind it. */
static void test_globals(void **state)
{
	const struct settings refuses = { .testparm = "false" };
	struct globals *globals;
	struct fault *fault;

	(void)state;
	put("[global]\n\thosts allow = 10. 127.\n\tWideLinks=yes\n[x]\n\tpath = /srv\n"
	    "\tcomment = map to guest = never\n");
	assert_null(globals_read(NULL, &real, file, &globals));
	assert_string_equal(globals_value(globals, "hosts allow"), "10. 127.");
	assert_string_equal(globals_value(globals, "wide links"), "Yes");
	assert_string_equal(globals_value(globals, "Map  To Guest"), "Never");
	assert_string_equal(globals_value(globals, "server role"), "auto");
	assert_string_equal(globals_value(globals, "path"), "");
	assert_string_equal(globals_value(globals, "no such parameter"), "");
	talloc_free(globals);
	assert_non_null(fault = globals_read(NULL, &refuses, file, &globals));
	assert_int_equal(fault->status, FAULT_FAILED);
	talloc_free(fault);
	unlink(file);
	assert_null(globals_read(NULL, &real, file, &globals));
	assert_string_equal(globals_value(globals, "server role"), "");
	talloc_free(globals);
}

static void test_not_there(void **state)
{
	const struct settings away = { .testparm = "/nonexistent/testparm" };
	struct fragment *fragment = fragment_new(NULL, uuid, "vm", TENURE_TEMPORARY);
	struct testparm *testparm;
	const char **list = NULL;

	(void)state;
	put("[x]\npath = /srv\n");
	assert_null(testparm_start(fragment, &away, file, &testparm));
	struct fault *fault = testparm_differences(fragment, testparm, fragment, NULL, &list);
	assert_non_null(fault);
	assert_int_equal(fault->status, FAULT_UNREACHABLE);
	assert_null(list);
	talloc_free(fault);
	unlink(file);
	assert_null(testparm_start(fragment, &real, file, &testparm));
	fault = testparm_differences(fragment, testparm, fragment, NULL, &list);
	assert_non_null(fault); /* a text that is gone was not seen */
	talloc_free(fault);
	talloc_free(fragment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen_exactly), cmocka_unit_test(test_each_member),
		cmocka_unit_test(test_shares),	     cmocka_unit_test(test_beside),
		cmocka_unit_test(test_reads_as_samba), cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_globals),	     cmocka_unit_test(test_not_there),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	random_begin();
	if (system("command -v testparm >/dev/null") != 0) {
		printf("skip testparm: it is not installed\n");
		return 77;
	}
	if (!mkdtemp(directory) || (dirfd_ = open(directory, O_RDONLY | O_DIRECTORY)) < 0 ||
	    fragment_templates_load(NULL, "samba-snippets", &templates))
		return 1;
	file = mem_printf(templates, "%s/%s", directory, name);
	int status = cmocka_run_group_tests(tests, NULL, NULL);
	close(dirfd_);
	rmdir(directory);
	talloc_free(templates);
	return status;
}

/* SPDX-License-Identifier: ISC */
/* Fragments: what is written is read again, whoever wrote it. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "common/text.h"
#include "tests/unit/model.h"

static struct fragment_templates *templates;

static const char uuid[] = "c0ffee00-0000-4000-8000-00000000000a";

static struct fragment *parsed(const void *ctx, const char *text)
{
	struct fragment *fragment = NULL;
	struct fault *fault = fragment_parse(ctx, text, &fragment);

	if (fault)
		fail_msg("%s, in:\n%s", fault->text, text);
	return fragment;
}

static bool refused(const char *text)
{
	struct fragment *fragment = (void *)-1;
	struct fault *fault = fragment_parse(NULL, text, &fragment);

	if (!fault) {
		talloc_free(fragment);
		return false;
	}
	assert_int_equal(fault->status, FAULT_FAILED);
	assert_ptr_equal(fragment, (void *)-1);
	talloc_free(fault);
	return true;
}

static char *rendering(const void *ctx, const struct fragment *fragment, const char *address)
{
	char *text = NULL;

	assert_null(fragment_rendering(ctx, templates, fragment, address, &text));
	return text;
}

static struct fragment *any_fragment(void *ctx)
{
	static const char *const vms[] = {
		"personal-0", "two\nlines # sum: x", "]", "%U", "\033[2J", "back\\slash\\", " ", "",
		"ünï", "\377\376",
	};
	static const char *const names[] = { "a", "b c", "Ünï", "d$", "(e)" };
	struct fragment *fragment = fragment_new(ctx, uuid, PICK(vms), TENURE_TEMPORARY);

	fragment->mac = one_in(2) ? "52:54:00:f3:88:e7" : NULL;
	for (size_t i = 0; i < 5; i++)
		if (one_in(2))
			fragment_add(fragment, model_share(fragment, names[i]));
	for (size_t i = random_below(3); i > 0; i--)
		fragment_cut(fragment, PICK(names));
	return fragment;
}

static void assert_same(const struct fragment *a, const struct fragment *b)
{
	assert_string_equal(a->uuid, b->uuid);
	assert_string_equal(a->vm, b->vm);
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		assert_same_share(a->shares[i], b->shares[i]);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		void *ctx = talloc_new(NULL);
		struct fragment *fragment = any_fragment(ctx), *back;
		char *truth = NULL, *again = NULL;

		if (!*fragment->vm) /* which libvirt does not take */
			fragment->vm = " ";
		assert_null(fragment_truth(ctx, templates, fragment, &truth));
		back = parsed(ctx, truth);
		assert_same(fragment, back);
		assert_int_equal(back->cut_count, 0);
		assert_null(fragment_truth(ctx, templates, back, &again));
		assert_string_equal(truth, again);

		back = parsed(ctx, rendering(ctx, fragment, "172.16.10.59"));
		assert_same(fragment, back);
		assert_false(back->edited);
		assert_int_equal(back->cut_count, fragment->cut_count);
		for (size_t n = 0; n < back->cut_count; n++)
			assert_string_equal(back->cuts[n], fragment->cuts[n]);
		for (size_t n = 0; n < back->count; n++)
			if (back->shares[n]->private)
				assert_string_equal(back->shares[n]->hosts_allow, "172.16.10.59");
		talloc_free(ctx);
	}
}

/* One byte changed, added or taken away anywhere is seen, or makes it no fragment. */
/* What a hand wrote into the head does not keep it from being written again. */
static void test_head(void **state)
{
	static const char text[] = "# UUID: c0ffee\001\n# VM:  a\\tb\\040 \n# MAC: 52:54\t\n"
				   "[a]\n#\ta\tremark\n# sum: 1\n"
				   "path = /srv\n";
	void *ctx = talloc_new(NULL);
	struct fragment *first = parsed(ctx, text), *back;

	(void)state;
	assert_string_equal(first->uuid, "c0ffee\001");
	assert_string_equal(first->vm, "a\tb ");
	assert_string_equal(first->shares[0]->extras[0], "# a remark");
	first->mac = "52:54\t";
	fragment_cut(first, " b ");
	back = parsed(ctx, rendering(ctx, first, "172.16.10.59"));
	assert_string_equal(back->uuid, first->uuid);
	assert_string_equal(back->vm, first->vm);
	assert_string_equal(back->mac, first->mac);
	assert_string_equal(back->cuts[0], " b ");
	assert_false(back->edited);
	talloc_free(ctx);
}

static void test_sum(void **state)
{
	void *ctx = talloc_new(NULL);
	struct fragment *fragment = fragment_new(ctx, uuid, "personal-0", TENURE_TEMPORARY);

	(void)state;
	fragment_add(fragment, model_share(fragment, "tmp"));
	char *text = rendering(ctx, fragment, "172.16.10.59");
	size_t length = strlen(text);
	assert_false(parsed(ctx, text)->edited);
	for (size_t at = 0; at < length; at++)
		for (int way = 0; way < 3; way++) {
			char *edit = mem_printf(ctx, "%.*s%s%s", (int)at, text,
						way == 0 ? "" : way == 1 ? "x" : "\n",
						text + at + (way < 2));
			struct fragment *back = NULL;
			struct fault *fault = strcmp(edit, text) ?
						      fragment_parse(ctx, edit, &back) : NULL;

			if (back && !back->edited)
				fail_msg("not seen at %zu:\n%s", at, edit);
			talloc_free(fault);
			talloc_free(edit);
			talloc_free(back);
		}
	assert_true(parsed(ctx, "[x]\npath = /srv\n")->edited); /* without any */
	/* The right sum in a second place is not one. */
	char *appended = mem_printf(ctx, "%s\n[y]\npath = /etc\n", text);
	assert_true(parsed(ctx, appended)->edited);
	talloc_free(ctx);
}

/* The original tool's, as its readers and writers had it: any order, names it chose. */
static void test_original(void **state)
{
	static const char *const lines[] = {
		"path=/home/user/tmp", "guest ok=yes", "read only = no", "force user=user",
		"create mask=0664",    "directory mask=0775", "hosts allow=172.16.10.59",
		"strict locking = auto", "browseable=yes",
	};
	enum { COUNT = sizeof(lines) / sizeof(*lines) };

	(void)state;
	for (int run = 0; run < 200; run++) {
		void *ctx = talloc_new(NULL);
		char *text = mem_strdup(ctx, "# VM: personal-0\n# MAC: 52:54:00:f3:88:e7\n[user-temp]\n");
		char *again = NULL;
		size_t order[COUNT];

		for (size_t i = 0; i < COUNT; i++) {
			size_t j = random_below(i + 1);
			order[i] = order[j];
			order[j] = i;
		}
		for (size_t i = 0; i < COUNT; i++)
			text = mem_append(ctx, text, "%s%s\n", one_in(2) ? "\t" : "",
					  lines[order[i]]);
		struct fragment *fragment = parsed(ctx, text);
		assert_null(fragment->uuid);
		assert_string_equal(fragment->vm, "personal-0");
		assert_string_equal(fragment->mac, "52:54:00:f3:88:e7");
		assert_int_equal(fragment->count, 1);
		for (int time = 0; time < 2; time++) {
			const struct share *share = fragment->shares[0];

			assert_string_equal(share->name, "user-temp");
			assert_string_equal(share->path, "/home/user/tmp");
			assert_true(share->guest_ok);
			assert_false(share->read_only);
			assert_string_equal(share->force_user, "user");
			assert_string_equal(share->create_mask, "0664");
			assert_string_equal(share->directory_mask, "0775");
			assert_string_equal(share->hosts_allow, "172.16.10.59");
			assert_int_equal(share->extra_count, 2);
			fragment->uuid = uuid;
			assert_null(fragment_truth(ctx, templates, fragment, &again));
			assert_non_null(strstr(again, "\nstrict locking = auto\n"));
			assert_non_null(strstr(again, "\nbrowseable = yes\n"));
			fragment = parsed(ctx, again);
		}
		talloc_free(ctx);
	}
}

/* lib/util/tini.c, as testparm shows it. */
static void test_grammar(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct fragment *f;

	(void)state;
	f = parsed(ctx, "[x]\npath = /srv/a   b\t c  \n");
	assert_string_equal(f->shares[0]->path, "/srv/a b\tc");
	assert_true(f->shares[0]->read_only); /* Samba's default */
	f = parsed(ctx, "[x]\nread \\\n only = no\npath = /sr\\\nv\n");
	assert_false(f->shares[0]->read_only);
	assert_string_equal(f->shares[0]->path, "/srv");
	f = parsed(ctx, "[x]\nread only = no\n# hidden \\\nread only = yes\npath = /srv\n");
	assert_true(f->shares[0]->read_only); /* a remark joins nothing */
	f = parsed(ctx, "[x]\npath = /srv \\\nread only = no\n");
	assert_string_equal(f->shares[0]->path, "/srv read only = no");
	assert_true(f->shares[0]->read_only);
	f = parsed(ctx, "[a]b]\npath = /srv\n[ c  d ] rest\npath = /tmp\r\n");
	assert_string_equal(f->shares[0]->name, "a");
	assert_string_equal(f->shares[1]->name, "c d");
	assert_string_equal(f->shares[1]->path, "/tmp");
	f = parsed(ctx, "[x]\ncomment = a ; b # c\npath = \"/srv\"\n");
	assert_string_equal(f->shares[0]->extras[0], "comment = a ; b # c");
	assert_string_equal(f->shares[0]->path, "\"/srv\"");
	f = parsed(ctx, "[x]\npath = /one\npath = /two\n");
	assert_string_equal(f->shares[0]->path, "/two");
	f = parsed(ctx, "");
	assert_int_equal(f->count, 0);
	assert_null(f->uuid);
	talloc_free(ctx);
}

static void test_refused(void **state)
{
	(void)state;
	assert_true(refused("path = /srv\n[x]\npath = /tmp\n"));
	assert_true(refused("# VM: x\nguest ok = yes\n"));
	assert_true(refused("[x\npath = /srv\n"));
	assert_true(refused("[x]\npath /srv\n"));
	/* Samba makes one share of these, parameter by parameter. */
	assert_true(refused("[x]\npath = /srv\nread only = yes\n[X]\nread only = no\n"));
	/* Samba loads nothing at all of a file with such a line. */
	assert_true(refused("[]\npath = /srv\n"));
	assert_true(refused("[x]\npath = /srv\nread only = maybe\n"));
	assert_true(refused("[x]\npath = /srv\n= y\n"));
}

/* Nothing that a model may hold becomes a second line or parameter: it is not written. */
static void test_hostile_models(void **state)
{
	static const char *const bad[] = { "a\nroot preexec = id", "a\n[y]", "a\\", "%U", "a]" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (int member = 0; member < 3; member++) {
			void *ctx = talloc_new(NULL);
			struct fragment *fragment =
				fragment_new(ctx, uuid, "personal-0", TENURE_TEMPORARY);
			struct share *share = share_new(fragment, "x", "/srv");
			char *text = NULL;

			if (member == 0)
				share->name = bad[i];
			else if (member == 1)
				share->path = mem_printf(ctx, "/%s", bad[i]);
			else
				share->force_user = bad[i];
			fragment_add(fragment, share);
			struct fault *fault =
				fragment_rendering(ctx, templates, fragment, "10.0.0.1", &text);
			if (strcmp(bad[i], "a]") == 0 && member > 0) {
				assert_null(fault);
				assert_int_equal(parsed(ctx, text)->count, 1);
			} else {
				assert_non_null(fault);
				assert_null(text);
			}
			talloc_free(fault);
			talloc_free(ctx);
		}
}

static void test_private(void **state)
{
	void *ctx = talloc_new(NULL);
	struct fragment *fragment = fragment_new(ctx, uuid, "personal-0", TENURE_TEMPORARY);
	struct share *share = share_new(fragment, "x", "/srv");
	char *truth = NULL;

	(void)state;
	share->private = true;
	fragment_add(fragment, share);
	assert_null(fragment_truth(ctx, templates, fragment, &truth));
	assert_null(strstr(truth, "hosts allow"));
	assert_non_null(strstr(truth, "\n# hubshare: private\n"));
	assert_non_null(strstr(rendering(ctx, fragment, "172.16.10.9"),
			       "\nhosts allow = 172.16.10.9\n"));
	talloc_free(ctx);
}

/* What is cut short gives no access: the path stands last. */
static void test_path_is_last(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		void *ctx = talloc_new(NULL);
		struct fragment *fragment = fragment_new(ctx, uuid, "vm", TENURE_TEMPORARY);

		char *text = NULL;

		fragment_add(fragment, model_share(fragment, "x"));
		assert_null(fragment_rendering(ctx, templates, fragment, "172.16.10.9", &text));
		const char *path = strstr(text, "\npath = ");
		assert_non_null(path);
		assert_string_equal(strchr(path + 1, '\n'), "\n");
		talloc_free(ctx);
	}
}

static void test_list(void **state)
{
	struct fragment *fragment = fragment_new(NULL, uuid, "vm", TENURE_TEMPORARY);
	struct share *other = share_new(NULL, "z", "/srv");

	(void)state;
	for (char name[] = "a"; *name <= 'e'; ++*name)
		fragment_add(fragment, share_new(fragment, name, "/srv"));
	assert_ptr_equal(fragment_find(fragment, "C"), fragment->shares[2]);
	fragment_remove(fragment, fragment->shares[2]);
	assert_null(fragment_find(fragment, "c"));
	assert_int_equal(fragment->count, 4);
	assert_string_equal(fragment->shares[2]->name, "d");
	fragment_remove(fragment, other);
	assert_int_equal(fragment->count, 4);
	talloc_free(other);
	fragment_cut(fragment, "a");
	fragment_cut(fragment, "A");
	fragment_cut(fragment, "b");
	assert_int_equal(fragment->cut_count, 2);
	talloc_free(fragment);
}

/* Whatever the bytes, it comes to an end, and what it takes it can write or refuse. */
static void test_any_bytes(void **state)
{
	static const char *const pieces[] = {
		"[x]", "\n", "path", "=", " ", "/srv", "\\\n", "#", "]", "[", "read only", "no", ";",
		"# UUID: ", "# cut: ", "# sum: ", "\r", "\377", "%", "include = /etc/shadow",
	};

	(void)state;
	for (int i = 0; i < 5000; i++) {
		void *ctx = talloc_new(NULL);
		struct fragment *fragment = NULL;
		char *text = mem_strdup(ctx, ""), *again = NULL;

		for (size_t n = random_below(30); n > 0; n--)
			text = mem_append(ctx, text, "%s", PICK(pieces));
		struct fault *fault = fragment_parse(ctx, text, &fragment);
		if (!fault)
			fault = fragment_rendering(ctx, templates, fragment, "10.0.0.1", &again);
		if (!fault)
			assert_int_equal(parsed(ctx, again)->count, fragment->count);
		talloc_free(fault);
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_head),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_original),       cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_refused),	       cmocka_unit_test(test_hostile_models),
		cmocka_unit_test(test_private),	       cmocka_unit_test(test_path_is_last),
		cmocka_unit_test(test_list),	       cmocka_unit_test(test_any_bytes),
	};

	random_begin();
	if (fragment_templates_load(NULL, "samba-snippets", &templates))
		return 1;
	int status = cmocka_run_group_tests(tests, NULL, NULL);
	talloc_free(templates);
	return status;
}

/* SPDX-License-Identifier: ISC */
/* Shares: what is refused, and what each parameter means. */
#include "tests/unit/unit.h"

#include <locale.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"
#include "confgen/share.h"

static bool refused(struct fault *fault)
{
	bool is = fault != NULL;

	if (is)
		assert_int_equal(fault->status, FAULT_USAGE);
	talloc_free(fault);
	return is;
}

static void test_names(void **state)
{
	static const char *const good[] = {
		"user-temp", "x", "a b", "a.b", "a-b", "a#b", "with 'quote'", "(x)", "ünï", "漢字",
		"vm$", "x@y", "a&b", "~", "!x", "under_score", "globally", "homes2",
	};
	static const char *const bad[] = {
		"", " x", "x ", ".x", "x.", "-x", "#x", "[x", "x]", "[x]", "a  b", "a\nb", "a\tb",
		"a\rb", "a\033b", "a\177b", "a\302\205b", "\377", "a\300\257", "a\342\200\256b",
		"global", "GLOBAL", "Globals", "homes", "Printers", "print$", "PRINT$", "IPC$",
		"ipc$", "admin$", "NETLOGON", "sysvol", "a/b", "..", ".",
	};
	char name[400] = "", character[2] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (refused(share_check_name(good[i])))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!refused(share_check_name(bad[i])))
			fail_msg("'%s' was taken", text_visible(NULL, bad[i]));
	for (const char *c = "%<>*?|/\\+=;:\",[]"; *c; c++) {
		*character = *c;
		assert_true(refused(share_check_name(character)));
		strcpy(name, "a");
		strcat(name, character);
		assert_true(refused(share_check_name(name)));
		strcat(name, "b");
		assert_true(refused(share_check_name(name)));
	}
	*name = '\0';
	for (int i = 0; i < 80; i++)
		strcat(name, "ü");
	assert_false(refused(share_check_name(name)));
	strcat(name, "x");
	assert_true(refused(share_check_name(name)));
}

static void test_paths(void **state)
{
	static const char *const good[] = {
		"/", "/srv", "/srv/a b", "/srv/a=b", "/srv/a#b;c", "/srv/[x]", "/srv/\"q\"x", "/ü",
		"/srv/a\\b", "/srv/-x", "/srv/@x@", "/srv/ x",
	};
	static const char *const bad[] = {
		"", "srv", "./srv", " /srv", "/srv\n", "/srv\nroot preexec = id", "/srv\tx",
		"/srv/%U", "/srv/%", "/srv/%$(HOME)", "/srv/two  blanks", "/srv/x ", "/srv/x\\",
		"/srv/\377", "/srv/\177", "/srv/\033[2J", "/srv/x\"",
	};
	char path[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (refused(share_check_path(good[i])))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!refused(share_check_path(bad[i])))
			fail_msg("'%s' was taken", text_visible(NULL, bad[i]));
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_true(refused(share_check_path(path)));
	path[4095] = '\0';
	assert_false(refused(share_check_path(path)));
}

/* The canonical form of LIST; "" where it is refused. */
static const char *hosts(void *ctx, const char *list)
{
	const char *ret = "untouched";

	if (refused(share_parse_hosts(ctx, list, &ret))) {
		assert_string_equal(ret, "untouched");
		return "";
	}
	return ret;
}

static void test_hosts(void **state)
{
	static const char *const bad[] = {
		"", " ", ",", ", ,", "ALL", "all", "0.0.0.0/0 EXCEPT 10.0.0.1", "EXCEPT", "LOCAL",
		"@netgroup", "host.example", "host", ".example", "172.16.10.", "172.16.", "172.16.10",
		"172.16.10.256", "172.16.10.0/33", "172.16.10.0/", "172.16.10.0/+8", "172.16.10.0/ 8",
		"172.16.10.0/-1", "172.16.10.0/255.255.255.0", "172.16.10.0/8/8", "fe80::1/129",
		"fe80::1%br-hub", "%I", "172.16.10.1\n172.16.10.2", "172.16.10.1;172.16.10.2", "*",
		"172.16.10.1 ALL", "ALL,172.16.10.1", "172.16.10.1/0x8", "::g", "010.0.0.1",
	};
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (*hosts(ctx, bad[i]))
			fail_msg("'%s' was taken", bad[i]);
	assert_string_equal(hosts(ctx, "172.16.10.59"), "172.16.10.59");
	assert_string_equal(hosts(ctx, "172.16.10.59/32"), "172.16.10.59");
	assert_string_equal(hosts(ctx, "172.16.10.59/24"), "172.16.10.0/24");
	assert_string_equal(hosts(ctx, "255.255.255.255/1"), "128.0.0.0/1");
	assert_string_equal(hosts(ctx, "1.2.3.4/0"), "0.0.0.0/0");
	assert_string_equal(hosts(ctx, " 10.0.0.1,,10.0.0.2 ,\t10.0.0.3 "),
			    "10.0.0.1, 10.0.0.2, 10.0.0.3");
	assert_string_equal(hosts(ctx, "FE80:0:0::1"), "fe80::1");
	assert_string_equal(hosts(ctx, "2001:db8:ffff::/33"), "2001:db8:8000::/33");
	assert_string_equal(hosts(ctx, "::/0 ::1"), "::/0, ::1");
	talloc_free(ctx);
}

static void test_defaults(void **state)
{
	struct share *share = share_new(NULL, "x", "/srv");

	(void)state;
	assert_false(share->read_only);
	assert_false(share->guest_ok);
	assert_string_equal(share->create_mask, "0664");
	assert_string_equal(share->directory_mask, "0775");
	assert_int_equal(share->owner, (uid_t)-1);
	assert_false(refused(share_check(share)));
	share->path = NULL;
	assert_true(refused(share_check(share)));
	share->path = "/srv";
	share->force_user = "%U";
	assert_true(refused(share_check(share)));
	share->force_user = "user\nguest ok = yes";
	assert_true(refused(share_check(share)));
	talloc_free(share);
}

/* The other values, and what a hand wrote beside them. */
static void test_values(void **state)
{
	static const char *const bad_users[] = { "a  b", " a", "a ", "\"a\"", "D\\a", "a\t" };
	static const char *const bad_modes[] = { "0888", "rw", "", "0664x", "-1", "077777", " 0664" };
	static const char *const bad_extras[] = {
		"include = /etc/passwd", "Include=x", "copy = homes", "Config  File = /x", "comment = x\\",
	};
	static const char *const good_extras[] = { "comment = a  b", "# include = x", "includes = x" };
	struct share *share = share_new(NULL, "x", "/srv");

	(void)state;
	for (size_t i = 0; i < sizeof(bad_users) / sizeof(*bad_users); i++) {
		share->force_user = bad_users[i];
		if (!refused(share_check(share)))
			fail_msg("force user '%s' was taken", bad_users[i]);
	}
	share->force_user = "user name";
	for (size_t i = 0; i < 2 * sizeof(bad_modes) / sizeof(*bad_modes); i++) {
		*(i % 2 ? &share->create_mask : &share->directory_mask) = bad_modes[i / 2];
		if (!refused(share_check(share)))
			fail_msg("mask '%s' was taken", bad_modes[i / 2]);
		share->create_mask = "01777";
		share->directory_mask = NULL;
	}
	share->extras = mem_array(share, const char *, 1);
	share->extra_count = 1;
	for (size_t i = 0; i < sizeof(bad_extras) / sizeof(*bad_extras); i++) {
		*share->extras = bad_extras[i];
		if (!refused(share_check(share)))
			fail_msg("'%s' was taken", bad_extras[i]);
	}
	for (size_t i = 0; i < sizeof(good_extras) / sizeof(*good_extras); i++) {
		*share->extras = good_extras[i];
		if (refused(share_check(share)))
			fail_msg("'%s' was refused", good_extras[i]);
	}
	talloc_free(share);
}

/* Samba's other names of a parameter; "!" in front means the opposite. */
static void test_synonyms(void **state)
{
	struct share *share = share_new(NULL, "x", "/srv");

	(void)state;
	share_set(share, "writeable", "no");
	assert_true(share->read_only);
	share_set(share, "Writable", "YES");
	assert_false(share->read_only);
	share_set(share, "write ok", "0");
	assert_true(share->read_only);
	share_set(share, "READONLY", "false"); /* blanks do not count */
	assert_false(share->read_only);
	share_set(share, "Read  Only", "On");
	assert_true(share->read_only);
	share_set(share, "public", "true");
	assert_true(share->guest_ok);
	share_set(share, "guestok", "off");
	assert_false(share->guest_ok);
	share_set(share, "allow hosts", "10.0.0.1");
	assert_string_equal(share->hosts_allow, "10.0.0.1");
	share_set(share, "hosts allow", "");
	assert_null(share->hosts_allow);
	share_set(share, "directory", "/other");
	assert_string_equal(share->path, "/other");
	share_set(share, "create mode", "0600");
	share_set(share, "directory mode", "0700");
	assert_string_equal(share->create_mask, "0600");
	assert_string_equal(share->directory_mask, "0700");
	assert_int_equal(share->extra_count, 0);
	share_set(share, "vfs objects", "recycle");
	assert_int_equal(share->extra_count, 1);
	assert_string_equal(share->extras[0], "vfs objects = recycle");
	talloc_free(share);
}

static void test_remarks(void **state)
{
	struct share *share = share_new(NULL, "x", "/srv");

	(void)state;
	share_remark(share, "# hubshare: private");
	assert_true(share->private);
	share_remark(share, "# hubshare: owner=1000");
	assert_int_equal(share->owner, 1000);
	share_remark(share, "# hubshare: owner=root");
	assert_int_equal(share->owner, (uid_t)-1);
	share_remark(share, "# hubshare: owner=4294967295");
	assert_int_equal(share->owner, (uid_t)-1);
	share->private = false;
	share_remark(share, "#\thubshare:\tprivate"); /* as it is when it is written again */
	assert_true(share->private);
	share_remark(share, "# hubshare: until=stop domain=7 boot=c0ffee00-0000-4000-8000-00000000b007");
	assert_int_equal(share->term.kind, TERM_STOP);
	assert_int_equal(share->term.id, 7);
	share_remark(share, "# hubshare: until=whenever"); /* which does not make it last */
	assert_int_equal(share->term.kind, TERM_LOST);
	assert_int_equal(share->extra_count, 0);
	share_remark(share, "; a person's");
	assert_int_equal(share->extra_count, 1);
	assert_null(share_check(share));
	share_set(share, "comment", "a\033b");
	struct fault *fault = share_check(share);
	assert_non_null(fault);
	assert_int_equal(fault->status, FAULT_USAGE);
	talloc_free(fault);
	talloc_free(share);
}

static void test_same_access(void **state)
{
	struct share *a = share_new(NULL, "x", "/srv"), *b = share_new(NULL, "X", "/srv");

	(void)state;
	assert_true(share_same_access(a, b));
	b->owner = 1000;
	assert_true(share_same_access(a, b)); /* only our note */
	b->read_only = true;
	assert_false(share_same_access(a, b));
	a->read_only = true;
	b->guest_ok = true;
	assert_false(share_same_access(a, b));
	a->guest_ok = true;
	b->force_user = "user";
	assert_false(share_same_access(a, b));
	a->force_user = "user";
	b->path = "/srv2";
	assert_false(share_same_access(a, b));
	a->path = "/srv2";
	b->hosts_allow = "10.0.0.1";
	assert_false(share_same_access(a, b));
	a->hosts_allow = "10.0.0.2";
	assert_false(share_same_access(a, b));
	a->private = b->private = true; /* each rendering has its own address there */
	assert_true(share_same_access(a, b));
	a->private = false;
	assert_false(share_same_access(a, b));
	a->private = true;
	share_set(b, "veto files", "/x/");
	assert_false(share_same_access(a, b));
	share_set(a, "veto files", "/y/");
	assert_false(share_same_access(a, b));
	talloc_free(a);
	talloc_free(b);
}

static void test_same_name(void **state)
{
	(void)state;
	assert_true(share_same_name("Tmp", "tMP"));
	assert_true(share_same_name("Ä", "ä"));
	assert_false(share_same_name("tmp", "tmp2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	    cmocka_unit_test(test_paths),
		cmocka_unit_test(test_hosts),	    cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),
		cmocka_unit_test(test_synonyms),    cmocka_unit_test(test_remarks),
		cmocka_unit_test(test_same_access), cmocka_unit_test(test_same_name),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Settings: the command line before the file before the default. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/settings.h"

static char root[] = "/tmp/hubshare-settings-XXXXXX";

/* Makes the directories of PATH under the root, or takes them away. */
static void directories(const char *path, bool make)
{
	char *partial = mem_printf(NULL, "%s%s", root, path);

	for (char *slash = partial + strlen(root); make && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(partial, 0700);
		*slash = '/';
	}
	for (char *slash; !make && (slash = strrchr(partial, '/')) >= partial + strlen(root);) {
		*slash = '\0';
		rmdir(partial);
	}
	talloc_free(partial);
}

static const char file[] = SYSCONFDIR "/hubshare/hubshare.conf";

/* Fills SETTINGS, with CONTENT (NULL: none) as the file; returns the fault's status. */
static int fill(void *ctx, struct settings *settings, const char *content)
{
	char *path = mem_printf(ctx, "%s%s", root, file);
	int status = FAULT_NONE;

	if (content) {
		FILE *out = fopen(path, "w");
		assert_non_null(out);
		fputs(content, out);
		fclose(out);
	}
	settings->root = root;
	struct fault *fault = settings_fill(ctx, settings);
	if (fault) {
		status = fault->status;
		assert_non_null(strstr(fault->text, path));
		talloc_free(fault);
	}
	unlink(path);
	return status;
}

static void test_defaults(void **state)
{
	void *ctx = talloc_new(NULL);
	struct settings settings = { 0 };

	(void)state;
	assert_int_equal(fill(ctx, &settings, NULL), FAULT_NONE);
	assert_string_equal(settings.bridge, "br-hub");
	assert_string_equal(settings.network, "172.16.10.0/24");
	assert_string_equal(settings.connect, "qemu:///system");
	assert_string_equal(settings.samba_dir, "/etc/samba");
	assert_string_equal(settings.run_dir, "/run/samba/hubshare");
	assert_string_equal(settings.group, "hubshare");
	assert_string_equal(settings.testparm, "testparm");
	/* the smbd of this machine does not serve that tree */
	assert_string_equal(settings.smbcontrol, "none");
	assert_string_equal(settings.smbstatus, "none");
	for (const struct settings_row *row = settings_rows; row->key; row++)
		assert_non_null(*(const char **)((char *)&settings + row->offset));
	char *path = settings_path(ctx, &settings, "/etc/samba");
	assert_string_equal(path, mem_printf(ctx, "%s/etc/samba", root));
	talloc_free(ctx);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct settings_row *row = settings_rows; row->key; row++) {
		assert_true(row->help && *row->help);
		for (const struct settings_row *other = settings_rows; other < row; other++) {
			assert_string_not_equal(row->key, other->key);
			assert_int_not_equal(row->offset, other->offset);
		}
	}
}

static void test_precedence(void **state)
{
	void *ctx = talloc_new(NULL);
	struct settings settings = { .bridge = "br-line" };

	(void)state;
	assert_int_equal(fill(ctx, &settings,
			      "# a remark\n[hubshare]\nbridge = br-file\n"
			      "network=10.0.0.0/24\nsmbstatus = /opt/smbstatus\n"),
			 FAULT_NONE);
	assert_string_equal(settings.bridge, "br-line");
	assert_string_equal(settings.network, "10.0.0.0/24");
	assert_string_equal(settings.connect, "qemu:///system");
	assert_string_equal(settings.smbstatus, "/opt/smbstatus");
	assert_string_equal(settings.smbcontrol, "none");
	talloc_free(ctx);
}

/* A list has a directory in each line, whether the key is repeated or not. */
static void test_lists(void **state)
{
	void *ctx = talloc_new(NULL);
	struct settings settings = { 0 };

	(void)state;
	assert_int_equal(fill(ctx, &settings,
			      "[hubshare]\ndeny-roots = /a ; a remark\n"
			      "    /b c:d ; another\n    ; a third\n\t/e=f\n"
			      "bridge = br-x\ndeny-roots = /g;h\n"),
			 FAULT_NONE);
	assert_string_equal(settings.deny_roots, "/a\n/b c:d\n/e=f\n/g;h");
	assert_string_equal(settings.allow_roots, "");
	settings = (struct settings){ 0 };
	assert_int_equal(fill(ctx, &settings, "[hubshare]\nallow-roots =\n  /a\n"), FAULT_NONE);
	assert_string_equal(settings.allow_roots, "/a");
	talloc_free(ctx);
}

/* Some take certain words only, any number of them in a list, with any white space between. */
static void test_words(void **state)
{
	static const char *const refused[] = {
		"gate = maybe",	    "gate =",		   "gate = on off",
		"gate = ON",	    "gate-allow = routes guest", "gate-allow = host_addresses",
		"allow-stations = 52:54:00:00:00", "allow-stations = 52:54:00:00:00:01 all",
	};
	void *ctx = talloc_new(NULL);
	struct settings settings = { 0 };

	(void)state;
	assert_int_equal(fill(ctx, &settings,
			      "[hubshare]\ngate = off ; for now\ngate-allow = guests \t routes\n"
			      "allow-stations = 52:54:00:00:00:0A\n"
			      "    52:54:00:00:00:01 52:54:00:00:00:02 ; theirs\n"),
			 FAULT_NONE);
	assert_string_equal(settings.gate, "off");
	assert_string_equal(settings.gate_allow, "guests\nroutes");
	assert_string_equal(settings.allow_stations,
			    "52:54:00:00:00:0A\n52:54:00:00:00:01\n52:54:00:00:00:02");
	settings = (struct settings){ 0 };
	assert_int_equal(fill(ctx, &settings, NULL), FAULT_NONE);
	assert_string_equal(settings.gate, "on");
	assert_string_equal(settings.gate_allow, "");
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		settings = (struct settings){ 0 };
		assert_int_equal(fill(ctx, &settings,
				      mem_printf(ctx, "[hubshare]\n%s\n", refused[i])),
				 FAULT_USAGE);
	}
	struct fault *fault = settings_parse(ctx, &(struct settings){ 0 },
					     "[hubshare]\nallow-stations = 52:54:00:zz\n");
	assert_non_null(strstr(fault->text, "'52:54:00:zz'"));
	talloc_free(fault);
	talloc_free(ctx);
}

/* What libinih takes as one line, to the byte: what is longer would become two settings. */
static void test_long_line(void **state)
{
	char content[600] = "[hubshare]\nleases = /";
	size_t head = strlen(content), line = head - strlen("[hubshare]\n");

	(void)state;
	for (size_t length = 190; length < 210; length++) {
		void *ctx = talloc_new(NULL);
		struct settings settings = { 0 };
		int status;

		memset(content + head, 'x', length - line);
		strcpy(content + head + length - line, "\nbridge = br-y\n");
		status = fill(ctx, &settings, content);
		assert_int_equal(status, length <= 198 ? FAULT_NONE : FAULT_USAGE);
		if (status == FAULT_NONE)
			assert_int_equal(strlen(settings.leases), length - strlen("leases = "));
		talloc_free(ctx);
	}
}

/* Each key of the table can be set in the file, and goes where its row says. */
static void test_every_key(void **state)
{
	(void)state;
	for (const struct settings_row *row = settings_rows; row->key; row++) {
		void *ctx = talloc_new(NULL);
		struct settings settings = { 0 };
		char *content = mem_printf(ctx, "[hubshare]\n%s = /a value\n", row->key);

		if (row->fits) { /* these have their own test */
			talloc_free(ctx);
			continue;
		}
		assert_int_equal(fill(ctx, &settings, content), FAULT_NONE);
		assert_string_equal(*(const char **)((char *)&settings + row->offset),
				    "/a value");
		talloc_free(ctx);
	}
}

static void test_refused(void **state)
{
	static const char *const contents[] = {
		"[hubshare]\nbridges = br-x\n", /* a key that is none */
		"[hubshare]\nroot = /other\n",	/* only on the command line */
		"[samba]\nbridge = br-x\n",	"bridge = br-x\n",
		"[hubshare]\nno equals sign\n", "[hubshare\nbridge = br-x\n",
		"[hubshare]\nbridge = br-x\nbridge = br-y\n", /* which of the two? */
		"[hubshare]\nbridge = br-x\n  br-y\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		void *ctx = talloc_new(NULL);
		struct settings settings = { 0 };

		assert_int_equal(fill(ctx, &settings, contents[i]), FAULT_USAGE);
		talloc_free(ctx);
	}
}

static void test_root(void **state)
{
	struct settings settings = { .root = "relative" };
	struct fault *fault = settings_fill(NULL, &settings);

	(void)state;
	assert_non_null(fault);
	assert_int_equal(fault->status, FAULT_USAGE);
	talloc_free(fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),   cmocka_unit_test(test_rows),
		cmocka_unit_test(test_precedence), cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_root),
		cmocka_unit_test(test_lists),	   cmocka_unit_test(test_words),
		cmocka_unit_test(test_long_line),
	};

	if (!mkdtemp(root))
		return 1;
	directories(file, true);
	int status = cmocka_run_group_tests(tests, NULL, NULL);
	directories(file, false);
	rmdir(root);
	return status;
}

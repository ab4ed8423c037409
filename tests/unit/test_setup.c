/* SPDX-License-Identifier: ISC */
/* What setup makes of what it reads: lines of smb.conf, networks of libvirt; and its table. */

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "doctor/host.h"
#include "setup/record.h"
#include "setup/setup.h"
#include "doctor/smb_text.h"
#include "setup/thing.h"
#include "hub/network.h"

static bool has_row(const char *key, size_t length)
{
	for (const struct check *check = checks; check->key; check++)
		if (strlen(check->key) == length && strncmp(check->key, key, length) == 0)
			return true;
	return false;
}

/* Each step mends rows that doctor has. */
static void test_steps(void **state)
{
	(void)state;
	for (const struct step *step = setup_steps; step->make; step++)
		for (const char *key = step->rows; *key;) {
			size_t length = strcspn(key, " ");

			assert_true(has_row(key, length));
			key += length + strspn(key + length, " ");
		}
}

/* A record finds its kind by the name. */
static void test_things(void **state)
{
	(void)state;
	for (const struct thing *const *one = things; *one; one++) {
		assert_true((*one)->look && (*one)->put && *(*one)->well);
		for (const struct thing *const *other = things; other < one; other++)
			assert_string_not_equal((*one)->name, (*other)->name);
	}
}

static void test_smb_text(void **state)
{
	static const char text[] = "workgroup = early\n"
				   "; wide links = yes\n"
				   "[ Global ]\n"
				   "\tWide  Links=yes\r\n"
				   "\thosts deny = a \\\n"
				   "   b\n"
				   "# a \\\n"
				   "\tinterfaces = lo = eth0\n"
				   "no parameter\n"
				   "[x]\n"
				   "wide links = no\n"
				   "[global]\n"
				   "widelinks = maybe";
	void *ctx = talloc_new(NULL);
	struct smb_text *parsed = smb_text_parse(ctx, text);
	const struct smb_line *line;

	(void)state;
	assert_int_equal(parsed->count, 6);
	assert_int_equal(smb_text_find(parsed, "global", "workgroup")->number, 1);
	line = smb_text_find(parsed, "global", "wide links");
	assert_int_equal(line->number, 13);
	assert_string_equal(line->value, "maybe");
	line = smb_text_find(parsed, "global", "hosts deny");
	assert_int_equal(line->number, 5);
	assert_string_equal(line->value, "a    b");
	line = smb_text_find(parsed, "GLOBAL", "interfaces");
	assert_int_equal(line->number, 8);
	assert_string_equal(line->value, "lo = eth0");
	assert_int_equal(smb_text_find(parsed, "X", "wide links")->number, 11);
	assert_null(smb_text_find(parsed, "x", "interfaces"));
	assert_int_equal(smb_text_parse(ctx, "")->count, 0);
	talloc_free(ctx);
}

/* libvirt orders and completes what it is given. */
static void test_network(void **state)
{
	static const char ours[] = "<network>\n<name>hub</name>\n"
				   "<bridge name='br-hub' stp='off' delay='0'/>"
				   "<dns enable='no'/><port isolated='yes'/></network>";
	static const char its[] =
		"<network connections='1'><port isolated='yes'/>"
		"<uuid>c0ffee00-0000-4000-8000-000000000001</uuid>"
		"<mac address='52:54:00:00:00:01'/>\n"
		"<dns enable='no'/>"
		"<bridge delay='0' name='br-hub' stp='off'/><name> hub </name></network>";
	void *ctx = talloc_new(NULL);
	char *a, *b;

	(void)state;
	assert_null(network_facts(ctx, ours, &a));
	assert_null(network_facts(ctx, its, &b));
	assert_string_equal(a, "bridge@delay=0\nbridge@name=br-hub\nbridge@stp=off\n"
			       "dns@enable=no\nname=hub\nport@isolated=yes\n");
	assert_string_equal(a, b);
	assert_null(network_facts(ctx, "<network><bridge name='br-hub'/></network>", &b));
	assert_string_not_equal(a, b);
	struct fault *fault = network_facts(ctx, "<network>", &b);
	assert_non_null(fault);
	talloc_free(fault);
	talloc_free(ctx);
}

/* Whom [homes] is closed to. */
static void test_denies(void **state)
{
	struct share *share = share_new(NULL, "homes", NULL);

	(void)state;
	assert_false(share_denies(share, "172.16.10.0/24"));
	share_set(share, "Hosts Deny", "10.0.0.0/8, 172.16.10.0/24");
	assert_true(share_denies(share, "172.16.10.0/24"));
	assert_false(share_denies(share, "172.16.1.0/24"));
	share->hosts_allow = "172.16.10.5";
	assert_false(share_denies(share, "172.16.10.0/24"));
	talloc_free(share);
}

static void assert_refused(struct record *record, const struct deed *deed)
{
	struct fault *fault = record_add(record, deed);

	assert_non_null(fault);
	assert_int_equal(fault->status, FAULT_CONFLICT);
	talloc_free(fault);
}

/* Two setups that find no record at the same moment: the second one does not write over the
 * first one's, also where that has ended, and also not with its next step. */
static void test_record_race(void **state)
{
	static const struct deed deed = { "file", "/etc/x", NULL, "text" };
	char root[] = "/tmp/hubshare-record-XXXXXX";
	struct record *first, *second;

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_null(record_open(NULL, root, false, &first));
	assert_null(record_open(NULL, root, false, &second));
	assert_null(record_add(first, &deed));
	assert_refused(second, &deed);
	assert_refused(second, &deed);
	talloc_free(first); /* and its lock */
	assert_refused(second, &deed);
	assert_refused(second, &deed);
	talloc_free(second);
	assert_null(record_open(NULL, root, false, &first));
	assert_int_equal(record_count(first), 1);
	assert_null(record_drop(first, 0));
	talloc_free(first);
	assert_int_equal(rmdir(root), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),	 cmocka_unit_test(test_things),
		cmocka_unit_test(test_smb_text), cmocka_unit_test(test_network),
		cmocka_unit_test(test_denies),	 cmocka_unit_test(test_record_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

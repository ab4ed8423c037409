/* SPDX-License-Identifier: ISC */
/* What doctor's looks make of what they read. */

#include "tests/unit/unit.h"

#include <stdio.h>

#include <string.h>

#include "common/document.h"
#include "common/memory.h"
#include "hub/firewall.h"
#include "hub/host.h"

/* Every row can be told from the others, and has all its parts. */
static void test_rows(void **state)
{
	(void)state;
	for (const struct check *check = checks; check->key; check++) {
		assert_true(*check->key && check->title && *check->title && check->look);
		for (const struct check *other = checks; other < check; other++) {
			assert_string_not_equal(check->key, other->key);
			assert_string_not_equal(check->title, other->title);
		}
	}
}

static void test_includes(void **state)
{
	static const char perm[] = "include = /etc/samba/perm.conf.d/%I.conf\n";
	static const char temp[] = "\tInclude=/etc/samba/temp.conf.d/%I.conf\n";
	char text[512];

	(void)state;
	assert_non_null(judge_includes("", "/etc/samba"));
	snprintf(text, sizeof(text), "[global]\n%s%s", perm, temp);
	assert_null(judge_includes(text, "/etc/samba"));
	assert_non_null(judge_includes(text, "/srv/samba"));
	snprintf(text, sizeof(text), "[global]\n%s%s# a remark\n\n", temp, perm);
	assert_null(judge_includes(text, "/etc/samba"));
	snprintf(text, sizeof(text), "[global]\n%s", perm);
	assert_non_null(strstr(judge_includes(text, "/etc/samba"), "One of"));
	snprintf(text, sizeof(text), "[global]\n%s%s[VMshare]\n", perm, temp);
	assert_non_null(strstr(judge_includes(text, "/etc/samba"), "follows"));
	snprintf(text, sizeof(text), "[global]\n%smap to guest = never\n%s", perm, temp);
	assert_non_null(strstr(judge_includes(text, "/etc/samba"), "follows"));
	snprintf(text, sizeof(text), "[global]\n#%s;%s", perm, temp);
	assert_non_null(judge_includes(text, "/etc/samba"));
}

static void test_dhcp(void **state)
{
	(void)state;
	assert_true(dhcp_serves("port=0\ninterface=br-hub\n", "br-hub"));
	assert_false(dhcp_serves("interface=br-hub2\nexcept-interface=br-hub\n", "br-hub"));
	assert_null(judge_dhcp("dhcp-option=3\ndhcp-option=6\n"));
	assert_null(judge_dhcp("port=0\ndhcp-option=option:router"));
	assert_non_null(strstr(judge_dhcp("dhcp-option=6\n"), "route"));
	assert_non_null(strstr(judge_dhcp("dhcp-option=3,172.16.10.1\ndhcp-option=6\n"), "route"));
	assert_non_null(strstr(judge_dhcp("dhcp-option=3\n"), "DNS"));
}

static void test_listens(void **state)
{
	static const char table[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n"
		"   0: 010A10AC:01BD 00000000:0000 0A 00000000:00000000 00:00000000\n"
		"   1: 0100007F:008B 00000000:0000 0A 00000000:00000000 00:00000000\n"
		"   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000\n"
		"   3: 010A10AC:01BE BB0A10AC:C001 01 00000000:00000000 00:00000000\n";
	struct in_addr ip, other;

	(void)state;
	assert_true(ip_parse("172.16.10.1", &ip) && ip_parse("172.16.10.2", &other));
	assert_true(tcp_listens(table, ip, 445));
	assert_false(tcp_listens(table, other, 445));
	assert_false(tcp_listens(table, ip, 139));
	assert_true(tcp_listens(table, other, 22));
	assert_false(tcp_listens(table, ip, 446)); /* a connection, nobody who listens */
	assert_false(tcp_listens("", ip, 445));
}

/* CHAIN: more of the chain; RULE: an expression, or none. */
static bool in_the_way(const char *chain, const char *rule, struct obstacle *ret)
{
	char *text = mem_printf(NULL,
				"{\"nftables\": [{\"metainfo\": {}}, {\"chain\": {\"family\": "
				"\"inet\", \"table\": \"t\", \"name\": \"c\"%s}}%s%s%s]}",
				chain,
				rule ? ", {\"rule\": {\"family\": \"inet\", \"table\": \"t\", "
				       "\"chain\": \"c\", \"handle\": 7, \"expr\": [" :
				       "",
				rule ? rule : "", rule ? "]}}" : "");
	struct document *ruleset;

	assert_null(document_read(text, text, &ruleset));
	bool found = firewall_obstacle(ruleset, ruleset, "br-hub", ret);
	if (found)
		assert_string_equal(ret->chain, "inet t c");
	if (found && ret->handle)
		assert_string_equal(ret->handle, "7");
	talloc_free(text);
	return found;
}

static void test_firewall(void **state)
{
	static const char input[] = ", \"hook\": \"input\", \"policy\": \"accept\"";
	static const char closed[] = ", \"hook\": \"input\", \"policy\": \"drop\"";
	static const char drop[] = "{\"match\": {\"right\": \"br-hub\"}}, {\"drop\": null}";
	static const char elsewhere[] = "{\"match\": {\"right\": \"br-hub2\"}}, {\"drop\": null}";
	static const char accept[] = "{\"match\": {\"right\": \"br-hub\"}}, {\"accept\": null}";
	struct obstacle obstacle;

	(void)state;
	assert_false(in_the_way(input, NULL, &obstacle));
	assert_false(in_the_way("", drop, &obstacle));
	assert_false(in_the_way(", \"hook\": \"forward\", \"policy\": \"drop\"", NULL, &obstacle));
	assert_true(in_the_way(closed, NULL, &obstacle) && !obstacle.handle);
	assert_true(in_the_way(closed, elsewhere, &obstacle) && !obstacle.handle);
	assert_false(in_the_way(closed, accept, &obstacle));
	assert_true(in_the_way(input, drop, &obstacle) && obstacle.handle);
	assert_true(in_the_way(closed, drop, &obstacle) && obstacle.handle);
	assert_false(in_the_way(input, elsewhere, &obstacle));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	cmocka_unit_test(test_includes),
		cmocka_unit_test(test_dhcp),	cmocka_unit_test(test_listens),
		cmocka_unit_test(test_firewall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

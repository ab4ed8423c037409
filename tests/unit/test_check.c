/* SPDX-License-Identifier: ISC */
/* What doctor's looks make of what they read. */

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/document.h"
#include "common/memory.h"
#include "doctor/firewall.h"
#include "doctor/host.h"
#include "doctor/networkd.h"

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
	assert_false(
		dhcp_serves("interface=br-hub2\nexcept-interface=br-hub\n", "br-hub"));
	assert_null(judge_dhcp("dhcp-option=3\ndhcp-option=6\n"));
	assert_null(judge_dhcp("port=0\ndhcp-option=option:router"));
	assert_non_null(strstr(judge_dhcp("dhcp-option=6\n"), "route"));
	assert_non_null(strstr(judge_dhcp("dhcp-option=3,172.16.10.1\ndhcp-option=6\n"),
			       "route"));
	assert_non_null(strstr(judge_dhcp("dhcp-option=3\n"), "DNS"));
}

static void test_networkd(void **state)
{
	static const char text[] = "[Network]\nDHCPServer = true\n[DHCPServer]\nEmitDNS=no\n";

	(void)state;
	assert_true(networkd_serves(text));
	assert_false(networkd_serves("[Network]\nAddress=172.16.10.1/24\n"));
	assert_false(networkd_serves("DHCPServer=yes\nDHCPServer=no\n"));
	assert_non_null(strstr(judge_networkd(text), "route"));
	assert_non_null(strstr(judge_networkd("EmitRouter=no\n#EmitDNS=no\n"), "DNS"));
	assert_null(judge_networkd("EmitRouter=0\nEmitDNS=false\n"));
}

/* Other programs name the files: no device, no pipe, and no file without end. */
static void test_read(void **state)
{
	char base[] = "/tmp/hubshare-check-XXXXXX", part[4096];
	struct host *host = mem_new(NULL, struct host);
	(void)state;
	assert_non_null(mkdtemp(base));
	char *path = mem_printf(host, "%s/large", base), *pipe = mem_printf(host, "%s/pipe", base);
	FILE *large = fopen(path, "w");

	assert_non_null(large);
	memset(part, 'x', sizeof(part));
	for (size_t i = 0; i < 2 * HOST_READ_MAX / sizeof(part); i++)
		fwrite(part, sizeof(part), 1, large);
	fclose(large);
	assert_int_equal(strlen(host_read(host, path)), HOST_READ_MAX);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	int fd = open(pipe, O_RDWR);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_string_equal(host_read(host, pipe), "");
	assert_string_equal(host_read(host, "/dev/full"), "");
	assert_string_equal(host_read(host, base), "");
	assert_string_not_equal(host_read(host, "/proc/self/status"), "");
	close(fd);
	unlink(path);
	unlink(pipe);
	rmdir(base);
	talloc_free(host);
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
	assert_true(ip_parse("172.16.10.1", &ip));
	assert_true(ip_parse("172.16.10.2", &other));
	assert_true(tcp_listens(table, ip, 445));
	assert_false(tcp_listens(table, other, 445));
	assert_false(tcp_listens(table, ip, 139));
	assert_true(tcp_listens(table, other, 22));
	assert_false(tcp_listens(table, ip, 446)); /* a connection, nobody who listens */
	assert_false(tcp_listens("", ip, 445));
}

#define RULE_OF(chain, ...)                                                              \
	",{\"rule\":{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"" chain             \
	"\",\"handle\":1445,\"expr\":[" __VA_ARGS__ "]}}"
#define RULE(...) RULE_OF("c", __VA_ARGS__)
#define IF(right)                                                                              \
	"{\"match\":{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":" right \
	"}},"
#define IF_NOT(right)                                                                          \
	"{\"match\":{\"op\":\"!=\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":" right \
	"}},"
#define FIELD(protocol, field, right)                                                    \
	"{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"" protocol      \
	"\",\"field\":\"" field "\"}},\"right\":" right "}},"
#define TCP(right) FIELD("tcp", "dport", right)
#define UDP(right) FIELD("udp", "dport", right)
#define CT(right)                                                                          \
	"{\"match\":{\"op\":\"in\",\"left\":{\"ct\":{\"key\":\"state\"}},\"right\":" right \
	"}},"
#define COUNT	    "{\"counter\":{\"packets\":445,\"bytes\":67}},"
#define ACCEPT	    "{\"accept\":null}"
#define DROP	    "{\"drop\":null}"
#define REJECT	    "{\"reject\":{\"type\":\"tcp reset\"}}"
#define HUB	    "\"br-hub\""
#define ACCEPT_BOTH RULE(IF(HUB) TCP("445") ACCEPT) RULE(IF(HUB) UDP("67") ACCEPT)
#define INPUT	    "\"hook\":\"input\",\"type\":\"filter\",\"policy\":"

/* WANTED: the ports at which guests are kept out; "?" behind one: they may be. */
static const struct {
	const char *name, *chain, *rules, *wanted;
} rulesets[] = {
	{ "none", INPUT "\"accept\"", "", "" },
	{ "no policy", "\"hook\":\"input\"", "", "" },
	{ "the README's", INPUT "\"accept\"", ACCEPT_BOTH RULE(IF(HUB) DROP), "" },
	{ "in the other order", INPUT "\"accept\"", RULE(IF(HUB) COUNT DROP) ACCEPT_BOTH,
	  "445 67 " },
	{ "another port", INPUT "\"accept\"", RULE(IF(HUB) TCP("22") DROP), "" },
	{ "another bridge", INPUT "\"accept\"", RULE(IF("\"br-hub2\"") DROP), "" },
	{ "all others", INPUT "\"accept\"", RULE(IF_NOT(HUB) DROP), "" },
	{ "all but others", INPUT "\"accept\"", RULE(IF_NOT("\"lo\"") REJECT),
	  "445 67 " },
	{ "a pattern", INPUT "\"accept\"", RULE(IF("\"br-*\"") DROP), "445 67 " },
	{ "closed", INPUT "\"drop\"", "", "445 67 " },
	{ "closed and open", INPUT "\"drop\"", ACCEPT_BOTH, "" },
	{ "DHCP is forgotten", INPUT "\"drop\"", RULE(IF(HUB) TCP("445") ACCEPT), "67 " },
	{ "4450", INPUT "\"drop\"",
	  RULE(IF(HUB) TCP("4450") ACCEPT) RULE(UDP("67") ACCEPT), "445 " },
	{ "an address like it", INPUT "\"drop\"",
	  RULE(FIELD("ip", "saddr", "\"10.44.5.0\"") DROP), "445 67 " },
	{ "a known address", INPUT "\"drop\"",
	  RULE(FIELD("ip", "saddr", "\"172.16.10.11\"") TCP("445") ACCEPT), "445? 67 " },
	{ "a known address is dropped", INPUT "\"accept\"",
	  RULE(FIELD("ip", "saddr", "\"172.16.10.11\"") DROP), "" },
	{ "IPv6", INPUT "\"drop\"", RULE(FIELD("ip6", "saddr", "\"fe80::1\"") ACCEPT),
	  "445 67 " },
	{ "replies", INPUT "\"drop\"", RULE(CT("[\"established\",\"related\"]") ACCEPT),
	  "445 67 " },
	{ "new ones", INPUT "\"drop\"", RULE(CT("\"new\"") ACCEPT), "" },
	{ "what is invalid", INPUT "\"accept\"", RULE(CT("\"invalid\"") DROP), "" },
	{ "sets", INPUT "\"drop\"",
	  RULE(IF("{\"set\":[\"lo\",\"br-hub\"]}") TCP("{\"set\":[22,445]}") ACCEPT)
		  RULE(UDP("{\"set\":[{\"range\":[60,66]},67]}") ACCEPT),
	  "" },
	{ "sets without it", INPUT "\"drop\"",
	  RULE(IF("{\"set\":[\"lo\",\"br-hub2\"]}") ACCEPT)
		  RULE(TCP("{\"set\":[22,4450]}") ACCEPT),
	  "445 67 " },
	{ "a named set", INPUT "\"drop\"", RULE(IF("\"@inside\"") ACCEPT), "445? 67? " },
	{ "ranges", INPUT "\"accept\"",
	  RULE(TCP("{\"range\":[440,445]}") DROP) RULE(UDP("{\"range\":[68,99]}") DROP),
	  "445 " },
	{ "either protocol", INPUT "\"accept\"", RULE(FIELD("th", "dport", "67") DROP),
	  "67 " },
	{ "a protocol", INPUT "\"accept\"", RULE(FIELD("ip", "protocol", "\"udp\"") DROP),
	  "67 " },
	{ "a rate", INPUT "\"drop\"", RULE("{\"limit\":{\"rate\":5}}," ACCEPT),
	  "445? 67? " },
	{ "a map", INPUT "\"drop\"", RULE("{\"vmap\":{}}"), "445? 67? " },
	{ "another chain", INPUT "\"drop\"",
	  RULE(IF(HUB) "{\"jump\":{\"target\":\"d\"}}") RULE(TCP("445") DROP)
		  RULE_OF("d", ACCEPT),
	  "" },
	{ "back from another chain", INPUT "\"drop\"",
	  RULE("{\"jump\":{\"target\":\"d\"}}") RULE(ACCEPT)
		  RULE_OF("d", TCP("445") "{\"return\":null}") RULE_OF("d", DROP),
	  "67 " },
	{ "not back", INPUT "\"drop\"",
	  RULE("{\"goto\":{\"target\":\"d\"}}") RULE(ACCEPT), "445 67 " },
	{ "in a circle", INPUT "\"drop\"", RULE("{\"jump\":{\"target\":\"c\"}}"),
	  "445 67 " },
	{ "another hook", "\"hook\":\"forward\",\"policy\":\"drop\"", RULE(DROP), "" },
	{ "no hook", "\"x\":1", RULE(DROP), "" },
};

static void test_firewall(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rulesets) / sizeof(*rulesets); i++) {
		char *text = mem_printf(
			NULL,
			"{\"nftables\":[{\"metainfo\":{}},{\"chain\":{\"family\":"
			"\"inet\",\"table\":\"t\",\"name\":\"c\",%s}}%s]}",
			rulesets[i].chain, rulesets[i].rules);
		char *seen = mem_strdup(text, "");
		struct document *ruleset;
		struct obstacles found;

		assert_null(document_read(text, text, &ruleset));
		firewall_obstacles(ruleset, ruleset, "br-hub", &found);
		for (size_t n = 0; n < found.count; n++) {
			assert_string_equal(found.list[n].chain, "inet t c");
			seen = mem_append(text, seen, "%s%s ",
					  strrchr(found.list[n].packet, ' ') + 1,
					  found.list[n].doubt ? "?" : "");
		}
		if (strcmp(seen, rulesets[i].wanted) != 0)
			fail_msg("%s: '%s', not '%s'", rulesets[i].name, seen,
				 rulesets[i].wanted);
		talloc_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	 cmocka_unit_test(test_includes),
		cmocka_unit_test(test_dhcp),
		cmocka_unit_test(test_networkd),	 cmocka_unit_test(test_listens),
		cmocka_unit_test(test_firewall), cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

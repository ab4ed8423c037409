/* SPDX-License-Identifier: ISC */
/* smbstatus --json: whose share is open, by the socket's address and nothing else. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "hub/smbstatus.h"

/* As Samba 4.17.12 prints it. */
#define HEAD                                                                             \
	"{\"timestamp\": \"2026-01-31T12:00:00.123456+0000\", "                          \
	"\"version\": \"4.17.12-Debian\", \"smb_conf\": \"/etc/samba/smb.conf\", "
#define SESSION(id, pid, says, socket)                                                   \
	"\"" id "\": {\"session_id\": \"" id "\", \"server_id\": {\"pid\": \"" pid       \
	"\", \"task_id\": \"0\", \"vnn\": \"4294967295\", "                              \
	"\"unique_id\": \"13925504386996265747\"}, \"uid\": 65534, \"gid\": 65534, "     \
	"\"username\": \"nobody\", \"groupname\": \"nogroup\", \"remote_machine\": \"" says  \
	"\", \"hostname\": \"" socket "\", \"session_dialect\": \"SMB3_11\"}"
#define TCON(id, service, pid, session, says)                                            \
	"\"" id "\": {\"service\": \"" service "\", \"server_id\": {\"pid\": \"" pid         \
	"\"}, \"tcon_id\": \"" id "\", \"session_id\": \"" session                           \
	"\", \"machine\": \"" says "\", \"connected_at\": \"2026-01-31T11:00:00\"}"

static const char one[] = HEAD
	"\"sessions\": {" SESSION("2542030533", "62", "172.16.10.11",
				  "ipv4:172.16.10.11:52492") "}, "
	"\"tcons\": {" TCON("3068762660", "mine", "62", "2542030533",
			    "172.16.10.11") "}, \"open_files\": {}}";

/* The client at .12 calls itself .11, and the one at .11 calls itself "localhost". */
static const char lying[] = HEAD
	"\"sessions\": {" SESSION("1", "70", "172.16.10.11", "ipv4:172.16.10.12:1") ", "
	SESSION("2", "71", "localhost", "ipv4:172.16.10.11:2") ", "
	SESSION("3", "72", "172.16.10.11", "ipv6:fe80::1:445") "}, "
	"\"tcons\": {" TCON("10", "a b", "70", "1", "172.16.10.11") ", "
	TCON("11", "mine", "71", "2", "172.16.10.12") ", "
	TCON("12", "mine", "72", "3", "172.16.10.11") "}}";

static const char nobody[] = HEAD "\"sessions\": {}, \"tcons\": {}, \"open_files\": {}}";

static const char *at(const struct clients *clients, const char *service, pid_t pid)
{
	for (size_t i = 0; i < clients->tree_count; i++)
		if (clients->trees[i].pid == pid &&
		    strcmp(clients->trees[i].service, service) == 0) {
			static char text[ADDRESS_TEXT];
			return ip_text(clients->trees[i].ip, text);
		}
	return "(not there)";
}

static void test_real(void **state)
{
	struct clients *clients;

	(void)state;
	assert_null(smbstatus_parse(NULL, one, one, &clients));
	assert_int_equal(clients->tree_count, 1);
	assert_int_equal(clients->session_count, 1);
	assert_string_equal(at(clients, "mine", 62), "172.16.10.11");
	assert_int_equal(clients->sessions[0].pid, 62);
	assert_string_equal(clients->sessions[0].user, "nobody");
	assert_string_equal(IP_TEXT(clients->sessions[0].ip), "172.16.10.11");
	talloc_free(clients);
	assert_null(smbstatus_parse(NULL, nobody, nobody, &clients));
	assert_int_equal(clients->tree_count + clients->session_count, 0);
	talloc_free(clients);
}

static void test_names_do_not_matter(void **state)
{
	struct clients *clients;

	(void)state;
	assert_null(smbstatus_parse(NULL, lying, lying, &clients));
	assert_int_equal(clients->tree_count, 3);
	assert_string_equal(at(clients, "a b", 70), "172.16.10.12");
	assert_string_equal(at(clients, "mine", 71), "172.16.10.11");
	assert_string_equal(at(clients, "mine", 72), "0.0.0.0");
	talloc_free(clients);
}

/* A proof must not be had from an answer that cannot be understood. */
static void test_garbage(void **state)
{
	static const char *const texts[] = {
		"", "null", "[]", "{}", "{\"sessions\": {}}", "{\"tcons\": {}}",
		"{\"sessions\": [], \"tcons\": {}}", "{\"sessions\": {}, \"tcons\": null}",
		"{\"sessions\": {}, \"tcons\": {\"1\": {}}}",
		"{\"sessions\": {}, \"tcons\": {\"1\": {\"service\": \"x\", "
		"\"server_id\": {\"pid\": \"0\"}}}}",
		"{\"sessions\": {}, \"tcons\": {\"1\": {\"service\": \"x\", "
		"\"server_id\": {\"pid\": \"-1\"}}}}",
		"{\"sessions\": {\"1\": {\"hostname\": \"ipv4:172.16.10.11:1\"}}, \"tcons\": {}}",
		"{\"sessions\": {}, \"tcons\": {}",
		"Samba version 4.16\nPID Username\n",
	};
	struct clients *clients = (void *)-1;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct fault *fault = smbstatus_parse(NULL, texts[i], texts[i], &clients);

		assert_non_null(fault);
		assert_int_equal(fault->status, FAULT_FAILED);
		assert_ptr_equal(clients, (void *)-1);
		talloc_free(fault);
	}
	for (size_t length = 0; length < sizeof(one) - 1; length++) { /* cut short anywhere */
		char *cut = mem_strndup(NULL, one, length);
		struct fault *fault = smbstatus_parse(NULL, cut, cut, &clients);

		assert_non_null(fault);
		talloc_free(fault);
		talloc_free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_names_do_not_matter),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

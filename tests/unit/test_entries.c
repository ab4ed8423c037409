/* SPDX-License-Identifier: ISC */
/* Lists on the command line and in files, and the address that is asked from. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "common/memory.h"
#include "scanner/entries.h"
#include "scanner/interface.h"

static void refused(struct fault *f, enum fault_status status)
{
	assert_non_null(f);
	assert_int_equal(f->status, status);
	talloc_free(f);
}

static void test_macs(void **state)
{
	void *ctx = talloc_new(NULL);
	struct mac *mac;
	size_t count;

	(void)state;
	assert_null(entries_macs(ctx, "52:54:00:00:00:0A,,52:54:00:00:00:0b,", &mac, &count));
	assert_int_equal(count, 2);
	assert_string_equal(MAC_TEXT(mac[0]), "52:54:00:00:00:0a");
	assert_string_equal(MAC_TEXT(mac[1]), "52:54:00:00:00:0b");
	assert_null(entries_macs(ctx, "", &mac, &count));
	assert_int_equal(count, 0);
	refused(entries_macs(ctx, "52:54:00:00:00:0a,x", &mac, &count), FAULT_USAGE);
	refused(entries_macs(ctx, "52:54:00:00:00:0a 52:54:00:00:00:0b", &mac, &count),
		FAULT_USAGE);
	refused(entries_macs(ctx, "@/nonexistent/file", &mac, &count), FAULT_FAILED);
	talloc_free(ctx);
}

static void test_known(void **state)
{
	void *ctx = talloc_new(NULL);
	struct known *known;
	size_t count;

	(void)state;
	assert_null(entries_known(ctx, "10.0.0.1=52:54:00:00:00:0a,10.0.0.2=52:54:00:00:00:0b",
				  &known, &count));
	assert_int_equal(count, 2);
	assert_string_equal(IP_TEXT(known[1].ip), "10.0.0.2");
	assert_string_equal(MAC_TEXT(known[1].mac), "52:54:00:00:00:0b");
	refused(entries_known(ctx, "10.0.0.1", &known, &count), FAULT_USAGE);
	refused(entries_known(ctx, "10.0.0.1=", &known, &count), FAULT_USAGE);
	refused(entries_known(ctx, "=52:54:00:00:00:0a", &known, &count), FAULT_USAGE);
	refused(entries_known(ctx, "10.0.0.1=52:54:00:00:00:0a=x", &known, &count),
		FAULT_USAGE);
	talloc_free(ctx);
}

/* A file with lines of a sweep, of a watch and of its own, longer than any buffer. */
static void test_file(void **state)
{
	void *ctx = talloc_new(NULL);
	char name[] = "/tmp/entries-XXXXXX";
	FILE *file = fdopen(mkstemp(name), "w");
	struct known *known;
	struct mac *mac;
	size_t count;

	(void)state;
	fputs("10.0.0.1\t52:54:00:00:00:0a\n"
	      "10.0.0.2\t52:54:00:00:00:0b\tnew\t2026-01-31T12:00:00.123Z\n\n"
	      "10.0.0.3=52:54:00:00:00:0c\n",
	      file);
	for (int i = 0; i < 20000; i++)
		fprintf(file, "10.0.%d.%d\t52:54:00:00:%02x:%02x\n", i / 256, i % 256, i / 256,
			i % 256);
	fclose(file);
	assert_null(entries_known(ctx, mem_printf(ctx, "@%s", name), &known, &count));
	assert_int_equal(count, 20003);
	assert_string_equal(MAC_TEXT(known[1].mac), "52:54:00:00:00:0b");
	assert_string_equal(IP_TEXT(known[2].ip), "10.0.0.3");
	assert_string_equal(IP_TEXT(known[20002].ip), "10.0.78.31");
	refused(entries_macs(ctx, mem_printf(ctx, "@%s", name), &mac, &count), FAULT_USAGE);
	unlink(name);
	talloc_free(ctx);
}

static const char *source(const struct interface *interface, const char *text)
{
	static char buffer[ADDRESS_TEXT];
	struct in_addr ip;

	assert_true(ip_parse(text, &ip));
	return ip_text(interface_source(interface, ip), buffer);
}

static void test_source(void **state)
{
	struct interface_address address[2];
	struct interface interface = { .address = address, .count = 2 };

	(void)state;
	ip_parse("172.16.10.1", &address[0].ip);
	ip_parse("255.255.255.0", &address[0].mask);
	ip_parse("10.77.0.1", &address[1].ip);
	ip_parse("255.255.0.0", &address[1].mask);
	assert_string_equal(source(&interface, "172.16.10.5"), "172.16.10.1");
	assert_string_equal(source(&interface, "10.77.255.5"), "10.77.0.1");
	assert_string_equal(source(&interface, "192.168.1.5"), "172.16.10.1");
	/* About its own addresses it asks without claiming them. */
	assert_string_equal(source(&interface, "172.16.10.1"), "0.0.0.0");
	assert_string_equal(source(&interface, "10.77.0.1"), "0.0.0.0");
	/* Also where the network of another one holds it. */
	ip_parse("172.16.10.2", &address[1].ip);
	assert_string_equal(source(&interface, "172.16.10.2"), "0.0.0.0");
	interface.count = 0;
	assert_string_equal(source(&interface, "172.16.10.5"), "0.0.0.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Events: the table of kinds, and what becomes of one for a person, a program, the journal. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "common/memory.h"
#include "service/event.h"
#include "tests/unit/random.h"

static struct event opened(void)
{
	return (struct event){
		.kind = EVENT_SHARE_OPENED,
		.time_ms = 1769860800123,
		.vm = "untrusted-0",
		.uuid = "c0ffee00-0000-4000-8000-000000000001",
		.ip = { htonl(0xac100a33) },
		.mac = { { 0x52, 0x54, 0, 0xff, 0xac, 0xb5 } },
		.tap = "vnet0",
		.share = "user-temp",
		.tenure = "temporary",
	};
}

static void assert_sentence(const struct event *event, const char *wanted)
{
	char *sentence = event_sentence(NULL, event);

	assert_string_equal(sentence, wanted);
	talloc_free(sentence);
}

/* Every kind has a name, an ID of 128 bits, and a sentence; no two have the same. */
static void test_kinds(void **state)
{
	char *seen[EVENT_KINDS][3];
	void *ctx = talloc_new(NULL);

	(void)state;
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		struct event event = opened();

		event.kind = (enum event_kind)kind;
		event.text = "more";
		event.uid = "1000";
		event.result = "done";
		char **fields = event_fields(ctx, &event);
		seen[kind][0] = fields[0];
		seen[kind][1] = fields[2];
		seen[kind][2] = fields[4];
		assert_non_null(event_name(event.kind));
		assert_in_range(event_priority(event.kind), LOG_ERR, LOG_INFO);
		assert_int_equal(strlen(fields[2]), strlen("MESSAGE_ID=") + 32);
		assert_int_equal(strspn(fields[2] + strlen("MESSAGE_ID="), "0123456789abcdef"), 32);
		assert_null(strpbrk(fields[0], "@[]?"));
		for (int other = 0; other < kind; other++)
			for (int i = 0; i < 3; i++)
				assert_string_not_equal(seen[kind][i], seen[other][i]);
	}
	talloc_free(ctx);
}

static void test_sentences(void **state)
{
	struct event event = opened();

	(void)state;
	assert_sentence(&event, "'user-temp' of untrusted-0 is open at 172.16.10.51");
	event.kind = EVENT_ADDRESS_MOVED;
	event.text = "172.16.10.50";
	assert_sentence(&event, "untrusted-0 has moved from 172.16.10.50 to 172.16.10.51 "
				"(52:54:00:ff:ac:b5) on vnet0");
	event.tap = NULL;
	event.mac = (struct mac){ 0 };
	assert_sentence(&event, "untrusted-0 has moved from 172.16.10.50 to 172.16.10.51");
	event.vm = NULL;
	event.ip.s_addr = 0;
	assert_sentence(&event, "? has moved from 172.16.10.50 to ?");
	event.text = NULL;
	assert_sentence(&event, "? has moved to ?");
	event = (struct event){ .kind = EVENT_VM_RENAMED, .vm = "new", .text = "old" };
	assert_sentence(&event, "old is called new now");
	event = (struct event){ .kind = EVENT_LIBVIRT_LOST };
	assert_sentence(&event, "libvirt does not answer");
	event.text = "no route";
	assert_sentence(&event, "libvirt does not answer: no route");
	event = (struct event){ .kind = EVENT_CONFLICT, .ip = { htonl(0xac100a01) },
				.tap = "vnet9" };
	assert_sentence(&event, "Conflict over 172.16.10.1 on vnet9");
	event = (struct event){ .kind = EVENT_COMMAND, .uid = "1000", .account = "user",
				.text = "delete alpha", .result = "done" };
	assert_sentence(&event, "user (user 1000) called 'hubshare delete alpha': done");
	event.account = event.text = NULL;
	event.result = "it did not end in time";
	assert_sentence(&event, "(user 1000): it did not end in time");
}

static void test_line(void **state)
{
	struct event event = opened();

	(void)state;
	setenv("TZ", "EST5", 1);
	tzset();
	char *line = event_line(NULL, &event);
	assert_string_equal(line, "2026-01-31 07:00:00.123 'user-temp' of untrusted-0 is open "
				  "at 172.16.10.51");
	talloc_free(line);
}

/* No name ends a line, moves a cursor, or becomes another key, value or part of a sentence. */
static const char *const hostile[] = {
	"a\nb", "\033[2J", "a\", \"ip\": \"1.2.3.4", "@ip@", "[ at @ip@]", "%s%n", "\\", "\303",
	"\342\200\256", "", "a\rMESSAGE_ID=0", "=", "\n", "]", "'",
};

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		struct event event = opened(), *back;

		event.vm = event.text = hostile[i];
		char *line = event_line(NULL, &event), *json = event_json(NULL, &event);
		for (const char *c = line; *c; c++)
			assert_false(iscntrl((unsigned char)*c));
		for (const char *c = json; *c; c++)
			assert_false(iscntrl((unsigned char)*c));
		assert_null(strstr(line, "\342\200\256"));
		assert_null(event_parse(NULL, json, &back));
		assert_string_equal(back->share, "user-temp");
		assert_int_equal(back->ip.s_addr, event.ip.s_addr);
		if (strcmp(hostile[i], "\303") != 0) /* JSON is UTF-8 */
			assert_string_equal(back->vm, hostile[i]);
		talloc_free(back);
		talloc_free(json);
		talloc_free(line);
	}
	struct event event = opened();
	event.vm = "a\nb[ at @ip@]@mac@";
	assert_sentence(&event, "'user-temp' of a\\nb[ at @ip@]@mac@ is open at 172.16.10.51");
}

static void test_json(void **state)
{
	struct event event = opened();
	char *json = event_json(NULL, &event);

	(void)state;
	assert_string_equal(json,
		"{\"version\": 1, \"kind\": \"share-opened\", \"time\": \"2026-01-31T12:00:00.123Z\", "
		"\"message\": \"'user-temp' of untrusted-0 is open at 172.16.10.51\", "
		"\"vm\": \"untrusted-0\", \"uuid\": \"c0ffee00-0000-4000-8000-000000000001\", "
		"\"ip\": \"172.16.10.51\", \"mac\": \"52:54:00:ff:ac:b5\", \"tap\": \"vnet0\", "
		"\"share\": \"user-temp\", \"tenure\": \"temporary\", \"uid\": null, "
		"\"account\": null, \"result\": null, \"text\": null}");
	talloc_free(json);
}

static const char *random_text(void *ctx)
{
	static const char *const pieces[] = { "a", "\n", "\"", "ü", "\\", "@vm@", "[", " " };
	char *text = mem_strdup(ctx, "");

	if (one_in(4))
		return NULL;
	while (!one_in(4))
		text = mem_append(ctx, text, "%s", pieces[random_below(8)]);
	return text;
}

static void assert_same_text(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

/* What is written comes back as it was. */
static void test_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < 5000; i++) {
		void *ctx = talloc_new(NULL);
		struct event event = {
			.kind = (enum event_kind)random_below(EVENT_KINDS),
			.time_ms = (int64_t)random() * 1000 + (int64_t)random_below(1000),
			.vm = random_text(ctx), .uuid = random_text(ctx), .tap = random_text(ctx),
			.share = random_text(ctx), .tenure = random_text(ctx),
			.uid = random_text(ctx), .account = random_text(ctx),
			.result = random_text(ctx), .text = random_text(ctx), .ip = { (in_addr_t)random_below(3) },
			.mac = { { 0, (uint8_t)random_below(3), 0, 0, 0, 0 } },
		}, *back;

		assert_null(event_parse(ctx, event_json(ctx, &event), &back));
		assert_int_equal(back->kind, event.kind);
		assert_true(back->time_ms == event.time_ms);
		assert_same_text(back->vm, event.vm);
		assert_same_text(back->uuid, event.uuid);
		assert_same_text(back->tap, event.tap);
		assert_same_text(back->share, event.share);
		assert_same_text(back->tenure, event.tenure);
		assert_same_text(back->uid, event.uid);
		assert_same_text(back->account, event.account);
		assert_same_text(back->result, event.result);
		assert_same_text(back->text, event.text);
		assert_int_equal(back->ip.s_addr, event.ip.s_addr);
		assert_true(mac_equal(back->mac, event.mac));
		talloc_free(ctx);
	}
}

/* PATTERN becomes TEXT in what is good. */
static char *spoilt(void *ctx, const char *pattern, const char *text)
{
	struct event event = opened();
	char *json = event_json(ctx, &event), *at = strstr(json, pattern);

	assert_non_null(at);
	return mem_printf(ctx, "%.*s%s%s", (int)(at - json), json, text, at + strlen(pattern));
}

static void test_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "share-opened", "share-openend" },
		{ "\"share-opened\"", "7" },
		{ "\"kind\"", "\"sort\"" },
		{ "12:00:00.123Z", "12:00:00Z" },
		{ "12:00:00.123Z", "24:00:00.123Z" },
		{ "12:00:00.123Z", "12:00:60.123Z" },
		{ "12:00:00.123Z", "12:00:00.1234" },
		{ "12:00:00.123Z", "12:00:00.123Zx" },
		{ "12:00:00.123Z", "12:00:00.123+01:00" },
		{ "2026-01-31T", "2026-02-31T" },
		{ "2026-01-31T", "1969-01-31T" },
		{ "2026-01-31T", "26-01-31T" },
		{ "\"172.16.10.51\"", "\"172.16.10.510\"" },
		{ "\"172.16.10.51\"", "\"0.0.0.0\"" },
		{ "\"172.16.10.51\"", "\"\"" },
		{ "\"172.16.10.51\"", "3" },
		{ "52:54:00:ff:ac:b5", "52:54:00:ff:ac" },
		{ "52:54:00:ff:ac:b5", "00:00:00:00:00:00" },
		{ "\"vnet0\"", "[]" },
		{ "\"user-temp\"", "true" },
		{ "\"vm\"", "\"VM\"" },
		{ "\"text\"", "\"vm\"" },
		{ "null}", "null" },
		{ "null}", "null} {}" },
		{ "{", "[{" },
	};
	void *ctx = talloc_new(NULL);
	struct event *event = (void *)-1;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault *fault = event_parse(ctx, spoilt(ctx, bad[i][0], bad[i][1]), &event);

		if (!fault)
			fail_msg("%s for %s was taken", bad[i][1], bad[i][0]);
		assert_int_equal(fault->status, FAULT_FAILED);
		assert_ptr_equal(event, (void *)-1);
		talloc_free(fault);
	}
	assert_null(event_parse(ctx, spoilt(ctx, "null}", "null, \"new\": 7}"), &event));
	talloc_free(ctx);
}

static void test_fields(void **state)
{
	static const char *const wanted[] = {
		"MESSAGE='user-temp' of a\\nb is open at 172.16.10.51", "PRIORITY=6",
		"MESSAGE_ID=33502f3adace414a92db716f300a82dc", "SYSLOG_IDENTIFIER=hubshare",
		"HUBSHARE_KIND=share-opened", "HUBSHARE_VM=a\nb",
		"HUBSHARE_UUID=c0ffee00-0000-4000-8000-000000000001",
		"HUBSHARE_IP=172.16.10.51", "HUBSHARE_MAC=52:54:00:ff:ac:b5",
		"HUBSHARE_TAP=vnet0", "HUBSHARE_SHARE=user-temp", "HUBSHARE_TENURE=temporary",
	};
	enum { COUNT = sizeof(wanted) / sizeof(*wanted) };
	struct event event = opened();

	(void)state;
	event.vm = "a\nb";
	char **fields = event_fields(NULL, &event);
	for (size_t i = 0; i < COUNT; i++)
		assert_string_equal(fields[i], wanted[i]);
	assert_null(fields[COUNT]);
	talloc_free(fields);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_fields),
	};

	random_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

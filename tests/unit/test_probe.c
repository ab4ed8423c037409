/* SPDX-License-Identifier: ISC */
/* The probe: where it looks, and what is made of what it found. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/memory.h"
#include "doctor/host.h"
#include "doctor/probe.h"
#include "doctor/smb2.h"

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue\n"

static struct in_addr ip(const char *text)
{
	struct in_addr ret;

	assert_true(ip_parse(text, &ret));
	return ret;
}

static struct in6_addr ip6(const char *text)
{
	struct in6_addr ret;
	struct in_addr v4;

	if (ip_parse(text, &v4))
		return ip_mapped(v4);
	assert_int_equal(inet_pton(AF_INET6, text, &ret), 1);
	return ret;
}

/* Tables as a little-endian kernel prints them; others print the same addresses otherwise. */
static const char tcp[] =
	HEAD "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
	     "   1: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
	     "   2: 010A10AC:01BD 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
	     "   3: 010A10AC:01BD 330A10AC:C350 01 00000000:00000000 00:00000000 00000000\n"
	     "nonsense\n";
static const char tcp6[] =
	HEAD "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0\n"
	     "   1: 000080FE00000000000000000100000A:1F90 00000000000000000000000000000000:0000 0A 0\n"
	     "   2: 0000000000000000FFFF0000010A10AC:0050 00000000000000000000000000000000:0000 0A 0\n"
	     "   3: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 01 0\n";

/* "IP:PORT IP:PORT", as they are found. */
static char *targets(const void *ctx, const struct probe *probe)
{
	char *text = mem_strdup(ctx, ""), ip_[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < probe->target_count; i++) {
		inet_ntop(AF_INET6, &probe->targets[i].ip, ip_, sizeof(ip_));
		text = mem_append(ctx, text, "%s%s %u", i ? ", " : "", ip_,
				  probe->targets[i].port);
	}
	return text;
}

static void test_targets(void **state)
{
	void *ctx = talloc_new(NULL);
	struct listeners *listeners = listeners_parse(ctx, tcp, tcp6);
	struct probe *probe = mem_new(ctx, struct probe);
	struct in6_addr at = ip6("172.16.10.1");

	(void)state;
	if (htonl(1) == 1)
		skip();
	probe->host = ip("172.16.10.1");
	assert_int_equal(listeners->count, 6);
	probe_aim(probe, listeners, &at); /* 445 is looked at by itself */
	assert_string_equal(targets(ctx, probe), "::ffff:172.16.10.1 22, ::ffff:172.16.10.1 80");
	at = ip6("192.0.2.1");
	probe_aim(probe, listeners, &at);
	at = ip6("fe80::a00:1");
	probe_aim(probe, listeners, &at);
	assert_string_equal(targets(ctx, probe) + strlen("::ffff:172.16.10.1 22, ::ffff:172.16.10.1 80"),
			    ", ::ffff:192.0.2.1 22, fe80::a00:1 22, fe80::a00:1 8080");
	assert_false(probe->targets_left);
	for (int i = 0; i < PROBE_TARGETS; i++) {
		at = ip_mapped((struct in_addr){ htonl(0x0a000000u + (unsigned)i) });
		probe_aim(probe, listeners, &at);
	}
	assert_int_equal(probe->target_count, PROBE_TARGETS);
	assert_true(probe->targets_left);
	assert_int_equal(listeners_parse(ctx, "", "")->count, 0);
	talloc_free(ctx);
}

/* A host on which the probe finds all well. */
struct world {
	struct settings settings;
	struct inventory inventory;
	struct rendering rendering;
	struct probe probe;
	struct host *host;
};

static struct world *world_new(void)
{
	struct world *w = mem_new(NULL, struct world);

	w->settings = (struct settings){ .root = "/none", .samba_dir = "", .network = "172.16.10.0/24" };
	w->host = host_new(w, &w->settings);
	w->host->probe = &w->probe;
	w->host->inventory = &w->inventory;
	w->probe = (struct probe){ .bridge = "br-hub", .host = ip("172.16.10.1"),
				   .network = { 0xac100a01, 0xac100afe }, .done = true,
				   .ip = ip("172.16.10.60"), .offer_count = 1,
				   .claim_count = 1, .smb = PROBE_OPEN, .smb_speaks = true };
	w->probe.offers[0] = (struct dhcp_offer){ .ip = ip("172.16.10.60"),
						  .server = ip("172.16.10.1") };
	w->probe.targets[w->probe.target_count++] =
		(struct probe_target){ ip6("172.16.10.1"), 22, PROBE_SILENT };
	return w;
}

/* The keys of the rows that are not OK, each with "?" where it is unknown; *W is free then. */
static char *rows(struct world *w)
{
	static char text[256];

	text[0] = '\0';
	for (const struct check *check = probe_checks; check->key; check++) {
		struct finding finding = check->look(w->host);
		size_t length = strlen(text);

		assert_true(finding.text && *finding.text);
		if (finding.verdict != VERDICT_OK)
			snprintf(text + length, sizeof(text) - length, "%s%s%s",
				 length ? " " : "", check->key + strlen("probe-"),
				 finding.verdict == VERDICT_UNKNOWN ? "?" : "");
	}
	talloc_free(w);
	return text;
}

static void add_open(struct world *w, const char *at, in_port_t port, enum probe_answer answer)
{
	w->probe.targets[w->probe.target_count++] =
		(struct probe_target){ ip6(at), port, answer };
}

static void test_dhcp_rows(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_string_equal(rows(w), "");
	w = world_new();
	w->probe.offer_count = 0;
	assert_string_equal(rows(w), "dhcp dhcp-options?");
	w = world_new();
	w->probe.offer_claimed = true;
	assert_string_equal(rows(w), "dhcp");
	w = world_new();
	w->probe.offers[0].ip = ip("192.0.2.9");
	assert_string_equal(rows(w), "dhcp");
	w = world_new();
	w->probe.offers[w->probe.offer_count++].server = ip("172.16.10.66");
	assert_string_equal(rows(w), "dhcp");
	w = world_new();
	w->probe.offers[0].router = ip("172.16.10.1");
	assert_string_equal(rows(w), "dhcp-options");
	w = world_new();
	w->probe.offers[0].routes = true;
	assert_string_equal(rows(w), "dhcp-options");
	w = world_new();
	w->probe.offers[0].dns = ip("172.16.10.1");
	assert_string_equal(rows(w), "dhcp-options");
}

static void test_host_rows(void **state)
{
	struct world *w = world_new();

	(void)state;
	w->probe.claim_count = 0;
	assert_string_equal(rows(w), "arp");
	w = world_new();
	w->probe.claims[w->probe.claim_count++] = (struct mac){ { 2, 0, 0, 0, 0, 9 } };
	assert_string_equal(rows(w), "arp");
	for (enum probe_answer answer = PROBE_SILENT; answer <= PROBE_OPEN; answer++) {
		w = world_new();
		w->probe.smb = answer;
		w->probe.smb_speaks = false;
		assert_string_equal(rows(w), "smb");
	}
	w = world_new();
	w->rendering = (struct rendering){ .ip = ip("172.16.10.60"), .tenure = TENURE_PERMANENT };
	w->inventory = (struct inventory){ .renderings = &w->rendering, .rendering_count = 1 };
	assert_string_equal(rows(w), "shares");
	w = world_new();
	w->rendering = (struct rendering){ .ip = ip("172.16.10.61"), .tenure = TENURE_PERMANENT };
	w->inventory = (struct inventory){ .renderings = &w->rendering, .rendering_count = 1 };
	assert_string_equal(rows(w), "");
}

static void test_place_rows(void **state)
{
	struct world *w = world_new();

	(void)state;
	add_open(w, "172.16.10.1", 139, PROBE_OPEN);
	add_open(w, "192.0.2.1", 445, PROBE_REFUSED);
	assert_string_equal(rows(w), "");
	w = world_new();
	add_open(w, "172.16.10.1", 22, PROBE_OPEN);
	assert_string_equal(rows(w), "bridge");
	w = world_new();
	add_open(w, "192.0.2.1", 445, PROBE_OPEN);
	assert_string_equal(rows(w), "others");
	w = world_new();
	add_open(w, "172.16.10.1", 53, PROBE_OPEN);
	assert_string_equal(rows(w), "dns");
	w = world_new();
	w->probe.dns = true;
	assert_string_equal(rows(w), "dns");
	w = world_new();
	add_open(w, "fe80::1", 445, PROBE_SILENT);
	assert_string_equal(rows(w), "");
	w = world_new();
	add_open(w, "fe80::1", 445, PROBE_REFUSED);
	assert_string_equal(rows(w), "ipv6");
	w = world_new();
	w->probe.targets_left = true;
	assert_string_equal(rows(w), "bridge? others?");
	w = world_new();
	w->host->probe = NULL;
	w->host->probe_trouble = "why";
	assert_string_equal(rows(w), "dhcp? dhcp-options? arp? smb? shares? bridge? others? dns? ipv6?");
	/* a sentence names some places, and counts the others */
	w = world_new();
	for (in_port_t port = 1; port <= 7; port++)
		add_open(w, "192.0.2.1", port, PROBE_OPEN);
	assert_non_null(strstr(look_probe_others(w->host).text, "192.0.2.1:5 and 2 more"));
	talloc_free(w);
}

static void test_smb2(void **state)
{
	uint8_t packet[SMB2_NEGOTIATE];

	(void)state;
	smb2_pack_negotiate(packet);
	assert_int_equal(packet[3], SMB2_NEGOTIATE - 4);
	assert_false(smb2_is_reply(packet, sizeof(packet))); /* an echo is none */
	packet[20] = 1;
	assert_true(smb2_is_reply(packet, sizeof(packet)));
	assert_false(smb2_is_reply(packet, SMB2_REPLY - 1));
	packet[4] = 0xff;
	assert_false(smb2_is_reply(packet, sizeof(packet)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),	   cmocka_unit_test(test_dhcp_rows),
		cmocka_unit_test(test_host_rows),  cmocka_unit_test(test_place_rows),
		cmocka_unit_test(test_smb2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The roster: what is new about a claim, and that its bounds starve nobody. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "scanner/roster.h"

static const struct range hub = { 0xac100a01, 0xac100afe };

/* 172.16.10.N and 52:54:00:XX:XX:XX. */
static struct in_addr ip(uint32_t n)
{
	return (struct in_addr){ htonl(0xac100a00 + n) };
}

static struct mac mac(uint32_t n)
{
	return (struct mac){ { 0x52, 0x54, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8),
			       (uint8_t)n } };
}

static struct in_addr own_ip;
static struct mac expected[2];

static struct roster *new_roster(void *ctx, size_t expected_count)
{
	struct roster_plan plan = { .seed = 42, .expected = expected,
				    .expected_count = expected_count };
	struct ranges *ranges;

	own_ip = ip(1);
	expected[0] = mac(0xeeee);
	expected[1] = mac(0xdddd);
	assert_null(ranges_new(ctx, &hub, 1, &ranges));
	plan.ranges = ranges;
	plan.self = (struct self){ mac(0x1), &own_ip, 1 };
	return roster_new(ctx, &plan);
}

/* What is told, as "N EVENT MAC;...", N the last octet and MAC its low bytes. */
static const char *told(const struct roster_news *news)
{
	static char text[256];
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < news->count; i++) {
		const struct neighbour *line = &news->line[i];

		length += (size_t)snprintf(text + length, sizeof(text) - length, "%u %s %x;",
					   ntohl(line->ip.s_addr) & 255,
					   neighbour_event_name(line->event),
					   line->mac.octet[4] << 8 | line->mac.octet[5]);
	}
	return text;
}

static const char *claim(struct roster *roster, uint32_t address, uint32_t n,
			 struct roster_news *news)
{
	roster_claim(roster, ip(address), mac(n), "", 1000, news);
	return told(news);
}

static void test_new_once(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;
	roster_id id;

	(void)state;
	assert_string_equal(claim(roster, 5, 0xa, &news), "5 new a;");
	assert_true(news.fresh);
	assert_int_equal(news.line[0].time_ms, 1000);
	id = news.claim;
	assert_string_equal(claim(roster, 5, 0xa, &news), "");
	assert_false(news.fresh);
	assert_int_equal(news.claim, id);
	assert_int_equal(news.doubts.rivals + news.doubts.elsewheres, 0);
	talloc_free(ctx);
}

static void test_own_and_outside(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;

	(void)state;
	assert_string_equal(claim(roster, 1, 0x1, &news), "");
	assert_int_equal(news.claim, ROSTER_NONE);
	assert_string_equal(claim(roster, 7, 0x1, &news), ""); /* our MAC, another address */
	assert_string_equal(claim(roster, 255, 0xa, &news), "");
	assert_string_equal(claim(roster, 0, 0xa, &news), "");
	assert_int_equal(news.claim, ROSTER_NONE);
	assert_string_equal(claim(roster, 1, 0xa, &news), "1 contested a;");
	assert_string_equal(claim(roster, 1, 0xa, &news), "");
	talloc_free(ctx);
}

static void test_contested(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;
	roster_id a, b;

	(void)state;
	claim(roster, 5, 0xa, &news);
	a = news.claim;
	assert_string_equal(claim(roster, 5, 0xb, &news), "5 contested b;5 contested a;");
	b = news.claim;
	assert_int_equal(news.doubts.rivals, 1);
	assert_int_equal(news.doubts.elsewheres, 0);
	assert_int_equal(news.doubts.rival[0], a);
	/* A third one: the others were told. */
	assert_string_equal(claim(roster, 5, 0xc, &news), "5 contested c;");
	roster_gone(roster, news.claim, 1, &news);
	assert_string_equal(told(&news), "5 gone c;");
	roster_gone(roster, b, 1, &news);
	assert_string_equal(told(&news), "5 gone b;5 new a;");
	/* It begins anew. */
	assert_string_equal(claim(roster, 5, 0xb, &news), "5 contested b;5 contested a;");
	talloc_free(ctx);
}

static void test_moved(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;
	roster_id old;

	(void)state;
	claim(roster, 5, 0xa, &news);
	old = news.claim;
	assert_string_equal(claim(roster, 6, 0xa, &news), "6 new a;");
	assert_int_equal(news.doubts.rivals, 0);
	assert_int_equal(news.doubts.elsewheres, 1);
	assert_int_equal(news.doubts.elsewhere[0], old);
	roster_gone(roster, old, 1, &news);
	assert_string_equal(told(&news), "5 gone a;6 moved a;");
	/* Without another address it is just gone, and new when it comes back. */
	claim(roster, 6, 0xa, &news);
	roster_gone(roster, news.claim, 1, &news);
	assert_string_equal(told(&news), "6 gone a;");
	assert_string_equal(claim(roster, 6, 0xa, &news), "6 new a;");
	/* To an address that somebody else claims too nobody "moves". */
	claim(roster, 7, 0xb, &news);
	claim(roster, 7, 0xa, &news);
	claim(roster, 6, 0xa, &news);
	roster_gone(roster, news.claim, 1, &news);
	assert_string_equal(told(&news), "6 gone a;");
	talloc_free(ctx);
}

/* The last of two to leave the host's own address does not make the other one its owner. */
static void test_own_stays_contested(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;

	(void)state;
	claim(roster, 1, 0xa, &news);
	claim(roster, 1, 0xb, &news);
	roster_gone(roster, news.claim, 1, &news);
	assert_string_equal(told(&news), "1 gone b;");
	talloc_free(ctx);
}

/* However many MACs claim however many addresses, everybody's own address has room. */
static void test_quota(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 2);
	struct roster_news news;
	size_t before;

	(void)state;
	for (uint32_t n = 0; n < 100000; n++)
		claim(roster, 2 + n % 200, 0x10000 + n, &news);
	before = talloc_total_size(roster);
	assert_true(roster_turned_away(roster) >= 100000 - 200 * ROSTER_CLAIMANTS);
	for (uint32_t n = 0; n < 1000000; n++)
		claim(roster, 2 + n % 200, 0x20000 + n, &news);
	assert_int_equal(talloc_total_size(roster), before);
	/* An address that was left alone is not affected, */
	assert_string_equal(claim(roster, 250, 0xa, &news), "250 new a;");
	/* one that was not has no room but for who is expected; who gives way is gone. */
	assert_string_equal(claim(roster, 5, 0xa, &news), "");
	assert_int_equal(news.claim, ROSTER_NONE);
	assert_string_equal(claim(roster, 5, 0xeeee, &news), "5 gone 3;5 contested eeee;");
	assert_string_equal(claim(roster, 5, 0xdddd, &news), "5 gone cb;5 contested dddd;");
	assert_string_equal(claim(roster, 5, 0xeeee, &news), "");
	talloc_free(ctx);
}

/* Claims come and go in any order, and the lists stay whole: a model in a plain table. */
static void test_churn(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	roster_id model[10][10];
	uint32_t random = 1;

	(void)state;
	memset(model, 0xff, sizeof(model));
	for (int i = 0; i < 20000; i++) {
		struct roster_news news;
		uint32_t a, m;
		size_t there = 0;

		random = random * 1664525 + 1013904223;
		a = random >> 8 & 7;
		m = random >> 16 & 7;
		for (int k = 0; k < 10; k++)
			there += model[a][k] != ROSTER_NONE;
		if (random >> 27 & 1 && model[a][m] != ROSTER_NONE) {
			struct roster_doubts doubts;

			roster_return(roster, model[a][m], &doubts);
		}
		if (random >> 28 < 8 && model[a][m] != ROSTER_NONE) {
			roster_gone(roster, model[a][m], 1, &news);
			assert_int_equal(news.line[0].event, NEIGHBOUR_GONE);
			model[a][m] = ROSTER_NONE;
			continue;
		}
		claim(roster, 10 + a, 100 + m, &news);
		assert_int_equal(news.fresh,
				 model[a][m] == ROSTER_NONE && there < ROSTER_CLAIMANTS);
		if (news.fresh)
			model[a][m] = news.claim;
		assert_int_equal(news.claim, model[a][m]);
	}
	talloc_free(ctx);
}

/* As claim(), heard at PORT; what is told has its port at the end of each line. */
static const char *claim_at(struct roster *roster, uint32_t address, uint32_t n,
			    const char *port, struct roster_news *news)
{
	static char text[256];
	size_t length = 0;

	roster_claim(roster, ip(address), mac(n), port, 1000, news);
	text[0] = '\0';
	for (size_t i = 0; i < news->count; i++) {
		const struct neighbour *line = &news->line[i];

		length += (size_t)snprintf(text + length, sizeof(text) - length, "%u %s %x@%s;",
					   ntohl(line->ip.s_addr) & 255,
					   neighbour_event_name(line->event),
					   line->mac.octet[4] << 8 | line->mac.octet[5],
					   line->port);
	}
	return text;
}

/* The same MAC and address at two ports: two claims, in doubt as any two. */
static void test_two_ports(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_doubts doubts;
	struct roster_news news;
	roster_id right, wrong;

	(void)state;
	assert_string_equal(claim_at(roster, 5, 0xa, "vnet0", &news), "5 new a@vnet0;");
	right = news.claim;
	assert_false(roster_is_contested(roster, right));
	assert_string_equal(claim_at(roster, 5, 0xa, "vnet0", &news), "");
	roster_doubts(roster, ip(5), mac(0xa), "vnet1", &doubts);
	assert_int_equal(doubts.rivals, 1);
	assert_int_equal(doubts.rival[0], right);
	assert_int_equal(doubts.elsewheres, 0);
	assert_string_equal(claim_at(roster, 5, 0xa, "vnet1", &news),
			    "5 contested a@vnet1;5 contested a@vnet0;");
	assert_int_equal(news.doubts.rivals, 1);
	assert_int_equal(news.doubts.elsewheres, 0);
	assert_true(roster_knows(roster, ip(5), mac(0xa), "vnet1"));
	assert_true(roster_knows(roster, ip(5), mac(0xa), ""));
	assert_false(roster_knows(roster, ip(5), mac(0xa), "vnet2"));
	assert_false(roster_knows(roster, ip(6), mac(0xa), "vnet0"));
	assert_true(roster_knows(roster, ip(255), mac(0xa), "vnet0")); /* none of its business */
	wrong = news.claim;
	assert_true(roster_is_contested(roster, right));
	assert_string_equal(roster_port(roster, wrong), "vnet1");
	/* Without a port it could be either: it keeps neither alive. */
	assert_string_equal(claim_at(roster, 5, 0xa, "", &news), "");
	assert_int_equal(news.claim, ROSTER_NONE);
	roster_doubts(roster, ip(5), mac(0xa), "", &doubts);
	assert_int_equal(doubts.rivals + doubts.elsewheres, 0);
	/* The one ends: the other is new again, and did not move. */
	roster_gone(roster, wrong, 1, &news);
	assert_string_equal(told(&news), "5 gone a;5 new a;");
	assert_string_equal(news.line[0].port, "vnet1");
	assert_string_equal(news.line[1].port, "vnet0");
	/* Now it can only be that one. */
	assert_string_equal(claim_at(roster, 5, 0xa, "", &news), "");
	assert_int_equal(news.claim, right);
	talloc_free(ctx);
}

/* Who was heard without a port is told again when that is known, as what he is by then. */
static void test_port_later(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;
	roster_id id;

	(void)state;
	assert_string_equal(claim_at(roster, 5, 0xa, "", &news), "5 new a@;");
	id = news.claim;
	assert_string_equal(claim_at(roster, 5, 0xa, "vnet0", &news), "5 new a@vnet0;");
	assert_false(news.fresh);
	assert_int_equal(news.claim, id);
	assert_int_equal(news.doubts.rivals, 0);
	assert_string_equal(claim_at(roster, 5, 0xa, "vnet0", &news), "");
	claim_at(roster, 6, 0xb, "", &news);
	claim_at(roster, 6, 0xc, "vnet2", &news);
	assert_string_equal(claim_at(roster, 6, 0xb, "vnet1", &news), "6 contested b@vnet1;");
	/* He moves, and his port is told with it. */
	claim_at(roster, 7, 0xa, "vnet0", &news);
	assert_int_equal(news.doubts.elsewheres, 1);
	roster_gone(roster, id, 1, &news);
	assert_string_equal(told(&news), "5 gone a;7 moved a;");
	assert_string_equal(news.line[1].port, "vnet0");
	talloc_free(ctx);
}

/* The host's own MAC at a port is somebody else's; at none it is the host's. */
static void test_own_mac_at_a_port(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;

	(void)state;
	assert_string_equal(claim_at(roster, 1, 0x1, "", &news), "");
	assert_string_equal(claim_at(roster, 1, 0x1, "vnet0", &news), "1 contested 1@vnet0;");
	assert_string_equal(claim_at(roster, 9, 0x1, "vnet0", &news), "9 new 1@vnet0;");
	talloc_free(ctx);
}

/* One port takes no place from another, whatever it makes up; who is expected no less. */
static void test_port_quota(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 2);
	struct roster_news news;

	(void)state;
	for (uint32_t n = 0; n < 1000; n++)
		claim_at(roster, 5, 0x100 + n, "liar", &news);
	claim_at(roster, 5, 0xeeee, "liar", &news);
	claim_at(roster, 5, 0xdddd, "liar", &news);
	assert_string_equal(claim_at(roster, 5, 0xa, "vnet0", &news),
			    "5 gone 102@liar;5 contested a@vnet0;");
	assert_string_equal(claim_at(roster, 5, 0xb, "vnet1", &news),
			    "5 gone 103@liar;5 contested b@vnet1;");
	assert_string_equal(claim_at(roster, 5, 0xc, "vnet2", &news),
			    "5 gone dddd@liar;5 contested c@vnet2;");
	/* Each of four ports has one: the fifth finds no room, a second of theirs neither, */
	assert_string_equal(claim_at(roster, 5, 0xd, "vnet3", &news), "");
	assert_int_equal(news.claim, ROSTER_NONE);
	assert_string_equal(claim_at(roster, 5, 0x105, "liar", &news), "");
	assert_int_equal(news.claim, ROSTER_NONE);
	assert_string_equal(claim_at(roster, 5, 0xb, "vnet1", &news), "");
	assert_int_not_equal(news.claim, ROSTER_NONE);
	/* but one who is expected does. */
	assert_string_equal(claim_at(roster, 5, 0xdddd, "vnet3", &news),
			    "5 gone a@vnet0;5 contested dddd@vnet3;");
	talloc_free(ctx);
}

/* Who goes and comes back puts in doubt where he was; who has two addresses each when heard. */
static void test_return(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_doubts doubts;
	struct roster_news news;
	roster_id first, second;

	(void)state;
	claim_at(roster, 5, 0xa, "vnet0", &news);
	first = news.claim;
	roster_return(roster, first, &doubts);
	assert_int_equal(doubts.elsewheres, 0);
	claim_at(roster, 6, 0xa, "vnet0", &news);
	second = news.claim;
	roster_return(roster, second, &doubts); /* it is where he is */
	assert_int_equal(doubts.elsewheres, 0);
	roster_return(roster, first, &doubts);
	assert_int_equal(doubts.elsewheres, 1);
	assert_int_equal(doubts.rivals, 0);
	assert_int_equal(doubts.elsewhere[0], second);
	roster_return(roster, first, &doubts);
	assert_int_equal(doubts.elsewheres, 0);
	roster_gone(roster, second, 1, &news);
	assert_string_equal(told(&news), "6 gone a;5 moved a;");
	/* What another port says of that MAC puts nothing of this one in doubt, */
	claim_at(roster, 7, 0xa, "liar", &news);
	assert_int_equal(news.doubts.elsewheres, 0);
	roster_return(roster, first, &doubts);
	assert_int_equal(doubts.elsewheres, 0);
	/* but it would be looked at whether that port is still there. */
	roster_doubts(roster, ip(8), mac(0xa), "vnet0", &doubts);
	assert_int_equal(doubts.elsewheres, 2);
	talloc_free(ctx);
}

static void test_link(void **state)
{
	void *ctx = talloc_new(NULL);
	struct roster *roster = new_roster(ctx, 0);
	struct roster_news news;
	int told_count = 0;

	(void)state;
	assert_true(roster_link(roster, mac(0xa), 1000));
	assert_false(roster_link(roster, mac(0xa), 1001));
	assert_false(roster_link(roster, mac(0x1), 1001)); /* the host */
	claim(roster, 5, 0xb, &news);
	assert_false(roster_link(roster, mac(0xb), 1001)); /* it has an address */
	/* A flood is told of at a bounded pace, */
	for (uint32_t n = 0; n < 100000; n++)
		told_count += roster_link(roster, mac(0x10000 + n), 1002);
	assert_int_equal(told_count, 63);
	/* and hides nobody for longer than a second. */
	assert_true(roster_link(roster, mac(0xc), 2001));
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_once),  cmocka_unit_test(test_own_and_outside),
		cmocka_unit_test(test_contested), cmocka_unit_test(test_moved),
		cmocka_unit_test(test_own_stays_contested), cmocka_unit_test(test_quota),
		cmocka_unit_test(test_churn),	  cmocka_unit_test(test_link),
		cmocka_unit_test(test_two_ports), cmocka_unit_test(test_port_later),
		cmocka_unit_test(test_own_mac_at_a_port), cmocka_unit_test(test_port_quota),
		cmocka_unit_test(test_return),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The patrol: asks for each claim in time, by unicast, and loses only who is silent. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/memory.h"
#include "scanner/patrol.h"

#define SECOND INT64_C(1000000)

static struct in_addr ip(uint32_t n)
{
	return (struct in_addr){ htonl(0xac100a00 + n) };
}

static struct mac mac(uint32_t n)
{
	return (struct mac){ { 0x52, 0x54, 0, 0, 0, (uint8_t)n } };
}

static void test_silent_is_lost(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 3);
	struct patrol_next next;
	int64_t now = 100, first;

	(void)state;
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_WAIT);
	assert_true(next.until_us == PATROL_NEVER);
	patrol_keep(patrol, now, 7, ip(5), mac(0xa));
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_WAIT);
	first = next.until_us;
	assert_true(first >= now + 5 * SECOND && first <= now + 10 * SECOND);
	assert_int_equal(patrol_next(patrol, first - 1, &next), PATROL_WAIT);
	/* Three questions, with deadlines of 250, 500 and 1000 ms. */
	for (int i = 0; i < 3; i++) {
		now = next.until_us;
		assert_int_equal(patrol_next(patrol, now, &next), PATROL_ASK);
		assert_int_equal(next.claim, 7);
		assert_int_equal(next.ip.s_addr, ip(5).s_addr);
		assert_true(mac_equal(next.mac, mac(0xa)));
		assert_int_equal(patrol_next(patrol, now, &next), PATROL_WAIT);
		assert_int_equal(next.until_us - now, SECOND / 4 << i);
	}
	now = next.until_us;
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_LOST);
	assert_int_equal(next.claim, 7);
	assert_int_equal(next.ip.s_addr, ip(5).s_addr);
	assert_int_equal(patrol_next(patrol, now + 100 * SECOND, &next), PATROL_WAIT);
	assert_true(next.until_us == PATROL_NEVER);
	talloc_free(patrol);
}

static void test_answer_keeps(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 2);
	struct patrol_next next;
	int64_t now = 0;
	int asked = 0;

	(void)state;
	patrol_keep(patrol, now, 0, ip(5), mac(0xa));
	while (now < 1000 * SECOND) {
		enum patrol_turn turn = patrol_next(patrol, now, &next);

		assert_int_not_equal(turn, PATROL_LOST);
		/* It answers every second question only. */
		if (turn == PATROL_ASK && asked++ % 2)
			patrol_confirm(patrol, now + 1000, 0);
		if (turn == PATROL_WAIT)
			now = next.until_us;
	}
	/* 1000 s of rounds of 10 s, each of two questions. */
	assert_in_range(asked, 190, 202);
	talloc_free(patrol);
}

static void test_doubt(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 2);
	struct patrol_next next;

	(void)state;
	patrol_keep(patrol, 0, 0, ip(5), mac(0xa));
	patrol_keep(patrol, 0, 1, ip(6), mac(0xb));
	patrol_doubt(patrol, 100, 1);
	patrol_doubt(patrol, 100, 1);
	patrol_doubt(patrol, 100, 99); /* nobody */
	assert_int_equal(patrol_next(patrol, 100, &next), PATROL_ASK);
	assert_int_equal(next.claim, 1);
	/* Who is being asked is not asked again for another doubt. */
	patrol_doubt(patrol, 101, 1);
	assert_int_equal(patrol_next(patrol, 101, &next), PATROL_WAIT);
	assert_int_equal(next.until_us, 100 + SECOND / 4);
	patrol_confirm(patrol, 200, 1);
	assert_int_equal(patrol_next(patrol, 100 + SECOND / 4, &next), PATROL_WAIT);
	assert_true(next.until_us > 4 * SECOND);
	talloc_free(patrol);
}

/* Who seems to have left is asked in haste, until he is heard; a plain doubt does not slow it. */
static void test_haste(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 4);
	struct patrol_next next;
	int64_t now = 100;

	(void)state;
	patrol_keep(patrol, 0, 0, ip(5), mac(0xa));
	patrol_doubt(patrol, now, 0);
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_ASK);
	/* It is being asked for already, but too slowly. */
	patrol_suspect(patrol, now, 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(patrol_next(patrol, now, &next), PATROL_ASK);
		patrol_doubt(patrol, now, 0);
		patrol_suspect(patrol, now, 0);
		assert_int_equal(patrol_next(patrol, now, &next), PATROL_WAIT);
		assert_int_equal(next.until_us - now, 150000);
		now = next.until_us;
	}
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_LOST);
	patrol_suspect(patrol, now, 0); /* nobody any more */
	/* One who answers has all the time again. */
	patrol_keep(patrol, now, 0, ip(5), mac(0xa));
	patrol_suspect(patrol, now, 0);
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_ASK);
	patrol_confirm(patrol, now, 0);
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_WAIT);
	now = next.until_us;
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_ASK);
	assert_int_equal(patrol_next(patrol, now, &next), PATROL_WAIT);
	assert_int_equal(next.until_us - now, SECOND / 4);
	talloc_free(patrol);
}

static void test_soon(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 4);
	struct patrol_next next;

	(void)state;
	patrol_keep(patrol, 0, 0, ip(5), mac(0xa));
	patrol_soon(patrol, 100, 0);
	patrol_soon(patrol, 200, 0);
	patrol_soon(patrol, 200, 9); /* nobody */
	assert_int_equal(patrol_next(patrol, 200, &next), PATROL_WAIT);
	assert_int_equal(next.until_us, 100 + 2 * SECOND);
	talloc_free(patrol);
}

/* Whoever comes and goes within a second is asked for again when it is over, and not before. */
static void test_calm(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 4);
	struct patrol_next next;

	(void)state;
	patrol_keep(patrol, 0, 0, ip(5), mac(0xa));
	patrol_suspect(patrol, 100, 0);
	assert_int_equal(patrol_next(patrol, 100, &next), PATROL_ASK);
	patrol_confirm(patrol, 200, 0);
	patrol_suspect(patrol, 300, 0);
	patrol_suspect(patrol, 400, 0);
	assert_int_equal(patrol_next(patrol, 400, &next), PATROL_WAIT);
	assert_int_equal(next.until_us, 100 + SECOND);
	assert_int_equal(patrol_next(patrol, 100 + SECOND, &next), PATROL_ASK);
	assert_int_equal(patrol_next(patrol, 100 + SECOND, &next), PATROL_WAIT);
	assert_int_equal(next.until_us, 100 + SECOND + 150000);
	talloc_free(patrol);
}

/* Who is dropped is neither asked nor lost; the others are. */
static void test_drop(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 1);
	struct patrol_next next;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		patrol_keep(patrol, 0, i, ip(i), mac(i));
	patrol_drop(patrol, 1);
	patrol_drop(patrol, 1);
	patrol_drop(patrol, 99);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(patrol_next(patrol, 10 * SECOND, &next), PATROL_ASK);
		assert_int_not_equal(next.claim, 1);
	}
	assert_int_equal(patrol_next(patrol, 10 * SECOND, &next), PATROL_WAIT);
	talloc_free(patrol);
}

/* A number that is used again is a new claim; the old one is never lost or asked for. */
static void test_number_again(void **state)
{
	struct patrol *patrol = patrol_new(NULL, 1);
	struct patrol_next next;

	(void)state;
	patrol_keep(patrol, 0, 3, ip(5), mac(0xa));
	patrol_keep(patrol, 9 * SECOND, 3, ip(6), mac(0xb));
	assert_int_equal(patrol_next(patrol, 13 * SECOND, &next), PATROL_WAIT);
	assert_int_equal(patrol_next(patrol, 20 * SECOND, &next), PATROL_ASK);
	assert_int_equal(next.ip.s_addr, ip(6).s_addr);
	assert_int_equal(patrol_next(patrol, 30 * SECOND, &next), PATROL_LOST);
	assert_int_equal(patrol_next(patrol, 99 * SECOND, &next), PATROL_WAIT);
	assert_true(next.until_us == PATROL_NEVER);
	talloc_free(patrol);
}

/* Many claims, doubted and confirmed at random: none is lost, all are asked, memory is bounded. */
static void test_crowd(void **state)
{
	enum { CROWD = 1000 };
	struct patrol *patrol = patrol_new(NULL, 4);
	struct patrol_next next;
	int asked[CROWD] = { 0 };
	int64_t now = 0;

	(void)state;
	srandom(1);
	for (uint32_t i = 0; i < CROWD; i++)
		patrol_keep(patrol, now, i, ip(i), mac(i));
	while (now < 60 * SECOND) {
		enum patrol_turn turn = patrol_next(patrol, now, &next);

		assert_int_not_equal(turn, PATROL_LOST);
		if (turn == PATROL_ASK) {
			asked[next.claim]++;
			patrol_confirm(patrol, now, next.claim);
			if (next.claim % 3)
				patrol_doubt(patrol, now, (uint32_t)random() % CROWD);
		} else {
			assert_true(next.until_us > now);
			now = next.until_us;
		}
	}
	for (int i = 0; i < CROWD; i++)
		assert_true(asked[i] >= 5);
	assert_true(talloc_total_size(patrol) < 200000);
	talloc_free(patrol);
}

/* Half of a crowd falls silent, one after the other: just those are lost, each once. */
static void test_losses(void **state)
{
	enum { CROWD = 200 };
	struct patrol *patrol = patrol_new(NULL, 2);
	struct patrol_next next;
	int lost[CROWD] = { 0 }, asked[CROWD] = { 0 };
	int64_t now = 0;

	(void)state;
	for (uint32_t i = 0; i < CROWD; i++)
		patrol_keep(patrol, i * 1000, i, ip(i), mac(i));
	while (now < 100 * SECOND) {
		switch (patrol_next(patrol, now, &next)) {
		case PATROL_ASK:
			asked[next.claim]++;
			if (next.claim % 2)
				patrol_confirm(patrol, now, next.claim);
			break;
		case PATROL_LOST:
			lost[next.claim]++;
			break;
		case PATROL_WAIT:
			now = next.until_us;
		}
	}
	for (int i = 0; i < CROWD; i++) {
		assert_int_equal(lost[i], i % 2 ? 0 : 1);
		assert_in_range(asked[i], i % 2 ? 9 : 2, i % 2 ? 21 : 2);
	}
	talloc_free(patrol);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent_is_lost), cmocka_unit_test(test_answer_keeps),
		cmocka_unit_test(test_doubt),	       cmocka_unit_test(test_number_again),
		cmocka_unit_test(test_haste),	       cmocka_unit_test(test_drop),
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_soon),
		cmocka_unit_test(test_crowd),	       cmocka_unit_test(test_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * The schedule on a simulated clock and wire: hosts that answer after a delay of their own,
 * or twice, on a wire that loses answers.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "scanner/arp.h"
#include "scanner/schedule.h"

#define MS INT64_C(1000)

enum { HOSTS_MAX = 10000, LATER_MAX = 200000 };

struct host {
	uint32_t number; /* its address in the range */
	int64_t delay_us;
	bool ignores_unicast; /* it has another MAC than we think */
};

struct answer {
	int64_t at_us;
	struct host *host;
};

struct sim {
	uint32_t first;	  /* address of the range, host order */
	uint32_t size;
	struct host host[HOSTS_MAX];
	size_t hosts;
	struct host **at; /* by number */
	double loss;
	bool duplicates;
	int64_t frame_us; /* what sending a frame takes */
	struct schedule_plan plan;

	/* The wire. */
	struct answer later[LATER_MAX];
	size_t pending, taken;

	/* What happened. */
	bool found[65536];
	size_t found_count;
	int unicasts, broadcasts, asked[65536];
	int64_t first_out_us, end_us;
};

static struct mac mac_of(const struct host *host)
{
	uint32_t n = host->number;

	return (struct mac){ { 0x52, 0x54, 1, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

static struct in_addr ip_of(const struct sim *sim, uint32_t number)
{
	return (struct in_addr){ htonl(sim->first + number) };
}

/* COUNT hosts spread over a range of SIZE addresses, that answer after DELAY. */
static struct sim *new_sim(uint32_t size, size_t count, int64_t delay_us)
{
	struct sim *sim = mem_new(NULL, struct sim);
	struct range range = { 0xac100001, 0xac100000 + size };
	struct ranges *ranges;

	sim->first = range.first;
	sim->size = size;
	sim->at = mem_array(sim, struct host *, size);
	sim->hosts = count;
	for (size_t i = 0; i < count; i++) {
		sim->host[i] = (struct host){ (uint32_t)(i * size / count), delay_us, false };
		sim->at[sim->host[i].number] = &sim->host[i];
	}
	assert_null(ranges_new(sim, &range, 1, &ranges));
	sim->plan.ranges = ranges;
	sim->frame_us = 4;
	srandom(7);
	return sim;
}

/* Expect all hosts. */
static void expect_all(struct sim *sim)
{
	struct mac *mac = mem_array(sim, struct mac, sim->hosts);

	for (size_t i = 0; i < sim->hosts; i++)
		mac[i] = mac_of(&sim->host[i]);
	sim->plan.expected = mac;
	sim->plan.expected_count = sim->hosts;
}

static void know_all(struct sim *sim)
{
	struct known *known = mem_array(sim, struct known, sim->hosts);

	for (size_t i = 0; i < sim->hosts; i++)
		known[i] = (struct known){ ip_of(sim, sim->host[i].number), mac_of(&sim->host[i]) };
	sim->plan.known = known;
	sim->plan.known_count = sim->hosts;
}

static void answer(struct sim *sim, int64_t at_us, struct host *host)
{
	size_t i = sim->pending++;

	assert_true(sim->pending < LATER_MAX);
	for (; i > sim->taken && sim->later[i - 1].at_us > at_us; i--)
		sim->later[i] = sim->later[i - 1];
	sim->later[i] = (struct answer){ at_us, host };
}

static void question(struct sim *sim, int64_t now, const struct schedule_next *next)
{
	uint32_t number = ntohl(next->ip.s_addr) - sim->first;
	bool broadcast = mac_equal(next->mac, mac_broadcast);
	struct host *host;

	assert_true(number < sim->size);
	sim->unicasts += !broadcast;
	sim->broadcasts += broadcast;
	sim->asked[number]++;
	host = sim->at[number];
	if (!host || (!broadcast && (host->ignores_unicast || !mac_equal(next->mac, mac_of(host)))))
		return;
	for (int copies = sim->duplicates ? 2 : 1; copies; copies--)
		if ((double)random() / RAND_MAX >= sim->loss)
			answer(sim, now + host->delay_us, host);
}

/* Hands over what has come by NOW. */
static void deliver(struct sim *sim, struct schedule *schedule, int64_t now)
{
	while (sim->taken < sim->pending && sim->later[sim->taken].at_us <= now) {
		const struct answer *got = &sim->later[sim->taken++];

		schedule_heard(schedule, got->at_us, ip_of(sim, got->host->number),
			       mac_of(got->host), true);
		sim->found_count += !sim->found[got->host->number];
		sim->found[got->host->number] = true;
	}
}

/* Runs until it is done, or to LIMIT; returns false if it was not. */
static bool run_until(struct sim *sim, int64_t limit)
{
	int64_t now = 1000000; /* clocks begin anywhere */
	int64_t began = now;
	struct schedule *schedule = schedule_new(sim, &sim->plan, now);
	struct schedule_next next;

	for (;;) {
		deliver(sim, schedule, now);
		switch (schedule_next(schedule, now, &next)) {
		case SCHEDULE_ASK:
			question(sim, now, &next);
			now += sim->frame_us;
			break;
		case SCHEDULE_WAIT:
			if (!sim->first_out_us)
				sim->first_out_us = now - began;
			assert_true(next.until_us > now);
			now = next.until_us;
			if (sim->taken < sim->pending && sim->later[sim->taken].at_us < now)
				now = sim->later[sim->taken].at_us;
			break;
		case SCHEDULE_LOST:
			fail();
		case SCHEDULE_DONE:
			sim->end_us = now - began;
			return true;
		}
		if (now - began > limit)
			return false;
	}
}

static void run(struct sim *sim)
{
	assert_true(run_until(sim, 10000 * MS));
}

/* Nobody is there: four rounds, 25 + 50 + 100 + 200 ms, everybody asked four times. */
static void test_nobody(void **state)
{
	struct sim *sim = new_sim(254, 0, 0);

	(void)state;
	run(sim);
	assert_in_range(sim->end_us, 375 * MS, 385 * MS);
	assert_int_equal(sim->broadcasts, 4 * 254);
	assert_int_equal(sim->unicasts, 0);
	for (uint32_t i = 0; i < 254; i++)
		assert_int_equal(sim->asked[i], 4);
	talloc_free(sim);
}

/* Without a list: whoever answers is asked once. */
static void test_blind(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_int_equal(sim->broadcasts, 254 + 3 * 204);
	assert_in_range(sim->end_us, 375 * MS, 385 * MS);
	for (size_t i = 0; i < sim->hosts; i++)
		assert_int_equal(sim->asked[sim->host[i].number], 1);
	talloc_free(sim);
}

/* Everybody answers: nothing is left to wait for. */
static void test_all_live(void **state)
{
	struct sim *sim = new_sim(254, 254, 1 * MS);

	(void)state;
	run(sim);
	assert_int_equal(sim->found_count, 254);
	assert_int_equal(sim->broadcasts, 254);
	assert_true(sim->end_us < 15 * MS);
	talloc_free(sim);
}

static void test_expected(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	expect_all(sim);
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_int_equal(sim->broadcasts, 254);
	/* The round, and a moment for strangers. */
	assert_true(sim->end_us >= sim->first_out_us + 3 * MS);
	assert_true(sim->end_us <= sim->first_out_us + 10 * MS);
	talloc_free(sim);
}

/* A list that names one MAC twice is not waited for twice. */
static void test_expected_twice(void **state)
{
	struct sim *sim = new_sim(254, 2, 1 * MS);
	struct mac mac[3] = { mac_of(&sim->host[0]), mac_of(&sim->host[1]),
			      mac_of(&sim->host[0]) };

	(void)state;
	sim->plan.expected = mac;
	sim->plan.expected_count = 3;
	run(sim);
	assert_true(sim->end_us < 20 * MS);
	talloc_free(sim);
}

/* With every tenth answer lost all expected are found, by asking the silent again. */
static void test_expected_loss(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	expect_all(sim);
	sim->loss = 0.1;
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_true(sim->end_us < 250 * MS);
	talloc_free(sim);
}

/* Without a list, over 10,000 hosts and 10 % loss: at most one in 10,000 is missed a try
 * of four (0.1^4), and 3 of 10,000 are too many to be chance. */
static void test_blind_loss(void **state)
{
	struct sim *sim = new_sim(65534, 10000, 1 * MS);

	(void)state;
	sim->loss = 0.1;
	run(sim);
	assert_in_range(sim->found_count, 9997, 10000);
	talloc_free(sim);
}

/* Guests that need up to a second: waited for because they are expected, asked seldom. */
static void test_expected_late(void **state)
{
	struct sim *sim = new_sim(254, 50, 0);
	int64_t slowest = 0;

	(void)state;
	expect_all(sim);
	for (size_t i = 0; i < sim->hosts; i++) {
		sim->host[i].delay_us = (int64_t)random() % (1000 * MS);
		if (sim->host[i].delay_us > slowest)
			slowest = sim->host[i].delay_us;
	}
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_true(sim->end_us <= slowest + 15 * MS);
	assert_true(sim->broadcasts <= 7 * 254);
	talloc_free(sim);
}

/* One who is expected and never answers costs 2 s and few frames. */
static void test_expected_missing(void **state)
{
	struct sim *sim = new_sim(254, 10, 1 * MS);
	struct mac mac = { { 0x52, 0x54, 9, 9, 9, 9 } };

	(void)state;
	sim->plan.expected = &mac;
	sim->plan.expected_count = 1;
	run(sim);
	assert_int_equal(sim->found_count, 10);
	assert_in_range(sim->end_us, 2000 * MS, 2100 * MS);
	assert_true(sim->broadcasts <= 8 * 254);
	talloc_free(sim);
}

/* Those who are known get a unicast, and no broadcast. */
static void test_known(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	know_all(sim);
	expect_all(sim);
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_int_equal(sim->unicasts, 50);
	assert_int_equal(sim->broadcasts, 204);
	assert_true(sim->end_us <= sim->first_out_us + 10 * MS);
	talloc_free(sim);
}

/* A known and expected one whose answer was lost: its own address is asked, no other. */
static void test_known_candidates(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	know_all(sim);
	expect_all(sim);
	sim->host[3].delay_us = 40 * MS; /* later than the first deadline */
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_int_equal(sim->unicasts, 51);
	assert_int_equal(sim->broadcasts, 204);
	talloc_free(sim);
}

/* What was known is wrong: it is found by broadcast. */
static void test_known_wrongly(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	know_all(sim);
	sim->host[7].ignores_unicast = true;
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_int_equal(sim->unicasts, 50);
	sim = (talloc_free(sim), new_sim(254, 50, 1 * MS));
	know_all(sim);
	expect_all(sim);
	sim->host[7].ignores_unicast = true;
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_true(sim->end_us < 250 * MS);
	talloc_free(sim);
}

/* All claims: the known ones and the host's own address are asked by broadcast too. */
static void test_all_claims(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);
	struct in_addr own = ip_of(sim, 100);

	(void)state;
	know_all(sim);
	expect_all(sim);
	sim->plan.own = &own;
	sim->plan.own_count = 1;
	sim->plan.all_claims = true;
	run(sim);
	assert_int_equal(sim->unicasts, 50);
	assert_int_equal(sim->broadcasts, 254);
	assert_int_equal(sim->asked[100], 1);
	talloc_free(sim);
}

static void test_own_is_not_asked(void **state)
{
	struct sim *sim = new_sim(254, 0, 0);
	struct in_addr own[] = { ip_of(sim, 100), ip_of(sim, 100), { htonl(1) } };

	(void)state;
	sim->plan.own = own;
	sim->plan.own_count = 3;
	run(sim);
	assert_int_equal(sim->asked[100], 0);
	assert_int_equal(sim->broadcasts, 4 * 253);
	talloc_free(sim);
}

static void test_rate(void **state)
{
	struct sim *sim = new_sim(254, 0, 0);

	(void)state;
	sim->plan.rate = 1000;
	sim->plan.tries = 1;
	run(sim);
	assert_int_equal(sim->broadcasts, 254);
	assert_in_range(sim->end_us, (252 + 25) * MS, (256 + 25) * MS);
	talloc_free(sim);
}

static void test_tries_and_timeout(void **state)
{
	struct sim *sim = new_sim(254, 0, 0);
	struct mac mac = { { 0x52, 0x54, 9, 9, 9, 9 } };

	(void)state;
	sim->plan.tries = 2;
	sim->plan.timeout_ms = 10;
	run(sim);
	assert_int_equal(sim->broadcasts, 2 * 254);
	assert_in_range(sim->end_us, 30 * MS, 34 * MS);
	sim = (talloc_free(sim), new_sim(254, 0, 0));
	sim->plan.tries = 2;
	sim->plan.expected = &mac;
	sim->plan.expected_count = 1;
	run(sim);
	assert_int_equal(sim->broadcasts, 2 * 254);
	assert_true(sim->end_us < 90 * MS);
	talloc_free(sim);
}

/*
 * Rounds wait longer where answers take longer, but slow ones do not keep a sweep that
 * expects nobody for ever.
 */
static void test_slow_answers(void **state)
{
	struct sim *sim = new_sim(254, 50, 0);
	int twice = 0;

	(void)state;
	/* From 0 to 40 ms: the first round adapts, and nearly nobody is asked twice. */
	for (size_t i = 0; i < sim->hosts; i++)
		sim->host[i].delay_us = (int64_t)i * 40 * MS / 50;
	run(sim);
	assert_int_equal(sim->found_count, 50);
	for (size_t i = 0; i < sim->hosts; i++)
		twice += sim->asked[sim->host[i].number] > 1;
	assert_true(twice <= 3);
	/* Each later than the one before: no round waits longer than the last one does. */
	sim = (talloc_free(sim), new_sim(254, 50, 0));
	for (size_t i = 0; i < sim->hosts; i++)
		sim->host[i].delay_us = (int64_t)i * 8 * MS;
	run(sim);
	assert_true(sim->end_us <= 4 * 200 * MS + 10 * MS);
	talloc_free(sim);
}

/* An answer to one of two questions measures nothing: its 2 ms are 3 (Karn). */
static void test_karn(void **state)
{
	struct sim *sim = new_sim(254, 1, 3 * MS);

	(void)state;
	sim->plan.timeout_ms = 1;
	run(sim);
	assert_int_equal(sim->found_count, 1);
	/* Rounds of 1, 2, 4 and 8 ms, and 1 ms each to ask them. */
	assert_in_range(sim->end_us, 15 * MS, 20 * MS);
	talloc_free(sim);
}

static void test_duplicates(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	sim->duplicates = true;
	expect_all(sim);
	run(sim);
	assert_int_equal(sim->found_count, 50);
	assert_int_equal(sim->broadcasts, 254);
	talloc_free(sim);
}

/* A watch does not end, and once its rounds are over it asks nobody by itself. */
static void test_watch(void **state)
{
	struct sim *sim = new_sim(254, 50, 1 * MS);

	(void)state;
	sim->plan.watch = true;
	assert_false(run_until(sim, 100000 * MS));
	assert_int_equal(sim->found_count, 50);
	assert_int_equal(sim->broadcasts, 254 + 3 * 204);
	assert_int_equal(sim->unicasts, 0);
	talloc_free(sim);
}

/* How many questions there are from now until LIMIT, and to how many addresses. */
static int drain(struct schedule *schedule, int64_t *now, int64_t limit, int *ret_lost)
{
	struct schedule_next next;
	int asked = 0;

	*ret_lost = 0;
	while (*now < limit) {
		switch (schedule_next(schedule, *now, &next)) {
		case SCHEDULE_ASK:
			asked++;
			break;
		case SCHEDULE_LOST:
			++*ret_lost;
			break;
		case SCHEDULE_WAIT:
			assert_true(next.until_us > *now);
			*now = next.until_us < limit ? next.until_us : limit;
			break;
		case SCHEDULE_DONE:
			fail();
		}
	}
	return asked;
}

/* Whoever links up is sought among the silent addresses, at once, at a bounded pace. */
static void test_seek(void **state)
{
	struct sim *sim = new_sim(254, 1, 0);
	struct schedule_next next;
	struct schedule *schedule;
	int64_t now = 0;
	int lost;

	(void)state;
	sim->plan.watch = true;
	schedule = schedule_new(sim, &sim->plan, now);
	schedule_heard(schedule, now, ip_of(sim, 0), mac_of(&sim->host[0]), true);
	drain(schedule, &now, 1000 * MS, &lost);
	now = 2000 * MS;
	schedule_seek(schedule, now);
	assert_int_equal(schedule_next(schedule, now, &next), SCHEDULE_ASK);
	assert_true(mac_equal(next.mac, mac_broadcast));
	assert_int_equal(drain(schedule, &now, 2240 * MS, &lost), 252);
	assert_int_equal(drain(schedule, &now, 20000 * MS, &lost), 5 * 253);
	/* A flood of links makes no flood of questions. */
	for (int i = 0; i < 100; i++) {
		schedule_seek(schedule, now);
		drain(schedule, &now, now + 1, &lost);
	}
	now = 30000 * MS;
	schedule_seek(schedule, now);
	for (lost = 0; now < 40000 * MS; now += 10 * MS) {
		schedule_seek(schedule, now);
		while (schedule_next(schedule, now, &next) == SCHEDULE_ASK)
			lost++;
	}
	assert_in_range(lost, 8 * 253, 13 * 253);
	talloc_free(sim);
}

/* Claims that are kept are asked for; one that is lost is silent again, and sought. */
static void test_lost_is_silent(void **state)
{
	struct sim *sim = new_sim(254, 1, 0);
	struct schedule *schedule;
	int64_t now = 0;
	int lost;

	(void)state;
	sim->plan.watch = true;
	schedule = schedule_new(sim, &sim->plan, now);
	schedule_heard(schedule, now, ip_of(sim, 0), mac_of(&sim->host[0]), true);
	schedule_keep(schedule, now, 0, ip_of(sim, 0), mac_of(&sim->host[0]));
	drain(schedule, &now, 1000 * MS, &lost);
	assert_int_equal(drain(schedule, &now, 30000 * MS, &lost), 4 + 6 * 254);
	assert_int_equal(lost, 1);
	talloc_free(sim);
}

/* Who is in doubt is asked at once, even while the first rounds are under way. */
static void test_doubt_first(void **state)
{
	struct sim *sim = new_sim(254, 1, 0);
	struct schedule_next next;
	struct schedule *schedule;

	(void)state;
	sim->plan.watch = true;
	schedule = schedule_new(sim, &sim->plan, 0);
	assert_int_equal(schedule_next(schedule, 0, &next), SCHEDULE_ASK);
	schedule_keep(schedule, 1, 9, ip_of(sim, 0), mac_of(&sim->host[0]));
	schedule_doubt(schedule, 1, 9);
	assert_int_equal(schedule_next(schedule, 1, &next), SCHEDULE_ASK);
	assert_int_equal(next.claim, 9);
	assert_true(mac_equal(next.mac, mac_of(&sim->host[0])));
	talloc_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_all_live),
		cmocka_unit_test(test_expected),
		cmocka_unit_test(test_expected_twice),
		cmocka_unit_test(test_expected_loss),
		cmocka_unit_test(test_blind_loss),
		cmocka_unit_test(test_expected_late),
		cmocka_unit_test(test_expected_missing),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_known_candidates),
		cmocka_unit_test(test_known_wrongly),
		cmocka_unit_test(test_all_claims),
		cmocka_unit_test(test_own_is_not_asked),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_tries_and_timeout),
		cmocka_unit_test(test_slow_answers),
		cmocka_unit_test(test_karn),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_seek),
		cmocka_unit_test(test_lost_is_silent),
		cmocka_unit_test(test_doubt_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

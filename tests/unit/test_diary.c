/* SPDX-License-Identifier: ISC */
/* What two looks at VMs and addresses tell people. */
#include "tests/unit/unit.h"

#include <string.h>

#include "common/memory.h"
#include "service/diary.h"
#include "service/quota.h"

struct stage {
	struct domain one, two;
	struct domain *list[2];
	struct domains domains;
	struct neighbour claims[QUOTA_LINES + 4];
	size_t count;
	struct diary *diary;
	bool gone; /* the gate is */
	int64_t now_ms;
	char *told;
};

static struct stage *stage_new(void)
{
	struct stage *s = mem_new(NULL, struct stage);
	struct domain *both[] = { &s->one, &s->two };

	for (int i = 0; i < 2; i++) {
		*both[i] = (struct domain){ .uuid = i ? "u2" : "u1", .name = i ? "two" : "one",
					    .running = true, .nic_count = 1 };
		both[i]->nics = mem_array(s, struct nic, 1);
		both[i]->nics[0] = (struct nic){ .mac = { { 2, 0, 0, 0, 0, (uint8_t)(i + 1) } },
						 .bridge = "br-hub",
						 .tap = i ? "vnet2" : "vnet1" };
		s->list[i] = both[i];
	}
	s->domains = (struct domains){ s->list, 2 };
	s->diary = diary_new(s);
	return s;
}

static void claim(struct stage *s, const char *at, int last, const char *port)
{
	struct neighbour *claim = &s->claims[s->count++];

	*claim = (struct neighbour){ .mac = { { 2, 0, 0, 0, 0, (uint8_t)last } } };
	assert_true(ip_parse(at, &claim->ip));
	strcpy(claim->port, port);
}

static void take_event(void *arg, const struct event *event)
{
	struct stage *s = arg;

	s->told = mem_append(s, s->told, "%s %s %s%s%s; ", event_name(event->kind),
			     event->vm ? event->vm : "-", IP_TEXT(event->ip),
			     event->text ? " " : "", event->text ? event->text : "");
}

static const char *look(struct stage *s)
{
	const struct evidence evidence = { .bridge = "br-hub", .claims = s->claims,
					   .claim_count = s->count, .gate = !s->gone };
	struct guests *guests = guests_join(s, &s->domains, &evidence);

	s->told = mem_strdup(s, "");
	diary_look(s->diary, guests, s->now_ms, take_event, s);
	talloc_free(guests);
	return s->told;
}

static void test_places(void **state)
{
	struct stage *s = stage_new();

	(void)state;
	claim(s, "10.0.0.1", 1, "vnet1");
	assert_string_equal(look(s), "vm-heard one 10.0.0.1; ");
	assert_string_equal(look(s), "");
	claim(s, "10.0.0.2", 2, "vnet2");
	assert_string_equal(look(s), "vm-heard two 10.0.0.2; ");
	s->count = 0;
	claim(s, "10.0.0.9", 1, "vnet1");
	claim(s, "10.0.0.2", 2, "vnet2");
	assert_string_equal(look(s), "address-moved one 10.0.0.9 10.0.0.1; ");
	claim(s, "10.0.0.8", 1, "vnet1"); /* one more, not another one */
	assert_string_equal(look(s), "vm-heard one 10.0.0.8; ");
	s->count = 0; /* ... until it is certain that it is another one */
	claim(s, "10.0.0.8", 1, "vnet1");
	claim(s, "10.0.0.2", 2, "vnet2");
	assert_string_equal(look(s), "address-moved one 10.0.0.8 10.0.0.9; ");
	assert_string_equal(look(s), "");
	claim(s, "10.0.0.7", 1, "vnet1");
	look(s);
	s->gone = true; /* without the gate somebody else can take an address: nobody moved */
	claim(s, "10.0.0.8", 2, "vnet2");
	assert_null(strstr(look(s), "address-moved"));
	talloc_free(s);
}

static void test_vms(void **state)
{
	struct stage *s = stage_new();

	(void)state;
	s->two.running = false;
	assert_string_equal(look(s), "");
	s->two.running = true;
	assert_string_equal(look(s), "vm-started two 0.0.0.0; ");
	s->one.name = "uno";
	assert_string_equal(look(s), "vm-renamed uno 0.0.0.0 one; ");
	s->one.running = false;
	assert_string_equal(look(s), "vm-stopped uno 0.0.0.0; ");
	s->domains.count = 1; /* the other one was undefined */
	assert_string_equal(look(s), "vm-stopped two 0.0.0.0; ");
	talloc_free(s);
}

static void test_conflicts(void **state)
{
	struct stage *s = stage_new();

	(void)state;
	claim(s, "10.0.0.1", 1, "vnet1");
	look(s);
	claim(s, "10.0.0.1", 1, "vnet2");
	assert_string_equal(look(s), "conflict two 10.0.0.1 two on vnet2 claims 10.0.0.1 as "
				     "02:00:00:00:00:01, which is the MAC of another port; ");
	assert_string_equal(look(s), "");
	s->count = 1;
	assert_string_equal(look(s), "conflict-over two 10.0.0.1 two on vnet2 claims 10.0.0.1 "
				     "as 02:00:00:00:00:01, which is the MAC of another port; ");
	claim(s, "10.0.0.1", 2, "vnet2");
	assert_non_null(strstr(look(s), "conflict one 10.0.0.1 10.0.0.1 is in doubt: "));
	assert_string_equal(look(s), "");
	s->count = 1;
	assert_non_null(strstr(look(s), "conflict-over one 10.0.0.1"));
	talloc_free(s);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		count++;
	}
	return count;
}

/* Who lies too much is not told of any more; another one is, and so is who has calmed down. */
static void test_quota(void **state)
{
	struct stage *s = stage_new();
	const char *told;
	char ip[24];

	(void)state;
	claim(s, "10.0.0.1", 1, "vnet1");
	look(s);
	for (int i = 0; i < QUOTA_LINES + 2; i++) {
		snprintf(ip, sizeof(ip), "10.0.1.%d", i + 1);
		claim(s, ip, 1, "vnet2");
	}
	told = look(s);
	assert_int_equal(count_of(told, "conflict two "), QUOTA_LINES);
	assert_int_equal(count_of(told, "not told for now"), 1);
	assert_string_equal(look(s), ""); /* nor later, as long as it lasts */
	claim(s, "10.0.0.9", 2, "vnet1");
	assert_int_equal(count_of(look(s), "as 02:00:00:00:00:02"), 1);
	s->count = 1;
	told = look(s); /* what was told to begin is told to be over */
	assert_int_equal(count_of(told, "conflict-over two "), QUOTA_LINES);
	assert_int_equal(count_of(told, "as 02:00:00:00:00:02"), 1);
	s->now_ms += QUOTA_PAUSE_MS - 1;
	claim(s, "10.0.0.1", 1, "vnet2");
	assert_string_equal(look(s), "");
	s->count = 1;
	assert_string_equal(look(s), "");
	s->now_ms += 1;
	claim(s, "10.0.0.1", 1, "vnet2");
	assert_int_equal(count_of(look(s), "not told for now"), 1);
	s->count = 1;
	look(s);
	s->now_ms += QUOTA_LINES * QUOTA_PAUSE_MS;
	claim(s, "10.0.0.1", 1, "vnet2");
	told = look(s);
	assert_int_equal(count_of(told, "conflict two "), 1);
	assert_int_equal(count_of(told, "not told for now"), 0);
	talloc_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_vms),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_quota),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

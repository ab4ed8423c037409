/* SPDX-License-Identifier: ISC */
/* Sessions: what was opened and left between two looks, and whose it was. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/memory.h"
#include "service/sessions.h"

/* A scene: what the clients have open, who is where, and what was told. */
struct scene {
	struct clients clients;
	struct sessions *sessions;
	struct domain domains[2];
	struct guest list[2];
	struct guests guests;
	char *told;
};

static struct in_addr address(uint8_t last)
{
	return (struct in_addr){ htonl(0xac100a00U | last) };
}

static struct scene *scene_new(void)
{
	struct scene *scene = mem_new(NULL, struct scene);

	scene->sessions = sessions_new(scene);
	scene->told = mem_strdup(scene, "");
	scene->domains[0] = (struct domain){ .name = "A", .uuid = "uuid-a" };
	scene->domains[1] = (struct domain){ .name = "B", .uuid = "uuid-b" };
	scene->list[0] = (struct guest){ .domain = &scene->domains[0], .ip = address(11),
					 .heard = true };
	scene->list[1] = (struct guest){ .domain = &scene->domains[1], .ip = address(12),
					 .heard = true };
	scene->guests = (struct guests){ .list = scene->list, .count = 2 };
	return scene;
}

static void open_tree(struct scene *scene, uint8_t last, pid_t pid, const char *service)
{
	*mem_grow(scene, scene->clients.trees, struct tree, scene->clients.tree_count) =
		(struct tree){ address(last), pid, service };
	scene->clients.tree_count++;
}

static void close_all(struct scene *scene)
{
	TALLOC_FREE(scene->clients.trees);
	scene->clients.tree_count = 0;
}

static void note(void *arg, const struct event *event)
{
	struct scene *scene = arg;

	scene->told = mem_append(scene, scene->told, "%c%s %s %d %s;",
				 event->kind == EVENT_SESSION_OPENED ? '+' : '-', event->share,
				 event->vm ? event->vm : "?",
				 (int)(ntohl(event->ip.s_addr) & 0xff),
				 event->uuid ? event->uuid : "?");
}

static void assert_told(struct scene *scene, const struct guests *guests, const char *wanted)
{
	talloc_free(scene->told);
	scene->told = mem_strdup(scene, "");
	sessions_take(scene->sessions, &scene->clients, guests, note, scene);
	assert_string_equal(scene->told, wanted);
}

static void test_open_and_close(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	open_tree(scene, 11, 1, "old");
	assert_told(scene, &scene->guests, ""); /* nobody saw it being opened */
	assert_told(scene, &scene->guests, "");
	open_tree(scene, 12, 2, "mine");
	open_tree(scene, 12, 2, "mine"); /* twice over one connection */
	open_tree(scene, 12, 2, "IPC$");
	assert_told(scene, &scene->guests, "+mine B 12 uuid-b;");
	assert_told(scene, &scene->guests, "");
	close_all(scene);
	open_tree(scene, 12, 2, "mine");
	assert_told(scene, &scene->guests, "-old A 11 uuid-a;");
	close_all(scene);
	open_tree(scene, 12, 3, "mine"); /* another connection */
	assert_told(scene, &scene->guests, "-mine B 12 uuid-b;+mine B 12 uuid-b;");
	close_all(scene);
	assert_told(scene, &scene->guests, "-mine B 12 uuid-b;");
	talloc_free(scene);
}

/* The same name is another share for another client. */
static void test_whose(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	assert_told(scene, &scene->guests, "");
	open_tree(scene, 11, 1, "mine");
	open_tree(scene, 12, 1, "mine");
	open_tree(scene, 99, 4, "mine");
	open_tree(scene, 0, 5, "mine"); /* ... */
	scene->clients.trees[3].ip.s_addr = 0; /* not by IPv4 */
	assert_told(scene, &scene->guests,
		    "+mine A 11 uuid-a;+mine B 12 uuid-b;+mine ? 99 ?;");
	talloc_free(scene);
}

/* B gets A's address while A's session is open: what is closed was A's. */
static void test_address_changes_hands(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	assert_told(scene, &scene->guests, "");
	open_tree(scene, 11, 1, "mine");
	assert_told(scene, &scene->guests, "+mine A 11 uuid-a;");
	scene->list[0].domain = &scene->domains[1];
	assert_told(scene, &scene->guests, "");
	close_all(scene);
	assert_told(scene, &scene->guests, "-mine A 11 uuid-a;");
	talloc_free(scene);
}

/* Who is not confirmed is not named; who is found out later is. */
static void test_not_known(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	assert_told(scene, NULL, "");
	open_tree(scene, 11, 1, "mine");
	assert_told(scene, NULL, "+mine ? 11 ?;");
	scene->list[0].contested = true;
	assert_told(scene, &scene->guests, "");
	scene->list[0].contested = false;
	assert_told(scene, &scene->guests, "");
	close_all(scene);
	assert_told(scene, NULL, "-mine A 11 uuid-a;");
	scene->list[0].contested = true;
	open_tree(scene, 11, 1, "mine");
	assert_told(scene, &scene->guests, "+mine ? 11 ?;");
	close_all(scene);
	assert_told(scene, &scene->guests, "-mine ? 11 ?;");
	talloc_free(scene);
}

static void test_line(void **state)
{
	static const char *const names[] = { "a", "a b", " a", "a\nb", "\\n", "ü" };
	static const char *const bad[] = { "", ".", "172.16.10.11", "172.16.10.11 1",
					   "172.16.10.11 1 ", "172.16.10.11 0 a",
					   "172.16.10 1 a", "x 1 a", "172.16.10.11 x a" };
	struct clients *clients = mem_new(NULL, struct clients);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *line = sessions_line(clients, &(struct tree){ address(11), 7, names[i] });

		assert_null(strchr(line, '\n'));
		assert_true(sessions_line_parse(line, clients));
		assert_int_equal(clients->tree_count, i + 1);
		assert_string_equal(clients->trees[i].service, names[i]);
		assert_int_equal(clients->trees[i].pid, 7);
		assert_int_equal(clients->trees[i].ip.s_addr, address(11).s_addr);
	}
	size_t count = clients->tree_count;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(sessions_line_parse(bad[i], clients));
	assert_int_equal(clients->tree_count, count);
	talloc_free(clients);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_and_close),
		cmocka_unit_test(test_whose),
		cmocka_unit_test(test_address_changes_hands),
		cmocka_unit_test(test_not_known),
		cmocka_unit_test(test_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

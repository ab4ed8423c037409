/* SPDX-License-Identifier: ISC */
/* Accounts for guests: what may be one, and the password that one gets. */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"
#include "hub/account.h"
#include "hub/password.h"

enum { MANY = 2000 };

static void test_names(void **state)
{
	static const char *const good[] = { "a",      "_a",
					    "win-11", "john.doe",
					    "user_2", "abcdefghijklmnopqrstuvwxyz01234" };
	static const char *const bad[] = {
		"",    "-s",	"-",	"1a",
		".a",  "Alice", "a b",	"a:b",
		"a,b", "a/b",	"a\\b", "a\n",
		"a$",  "a%U",	"ü",	"abcdefghijklmnopqrstuvwxyz012345"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_null(account_check_name(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault *fault = account_check_name(bad[i]);

		assert_non_null(fault);
		assert_int_equal(fault->status, FAULT_USAGE);
		talloc_free(fault);
	}
}

static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(account_kind("root"), ACCOUNT_SYSTEM);
	assert_int_equal(account_kind("daemon"), ACCOUNT_SYSTEM);
	assert_int_equal(account_kind("nobody"), ACCOUNT_SYSTEM);
	assert_int_equal(account_kind("no-such-account-here"), ACCOUNT_NONE);
}

/* Every place takes every letter, and no two are the same. */
static void test_password(void **state)
{
	bool seen[PASSWORD_LENGTH][128] = { 0 };
	char last[PASSWORD_LENGTH + 1] = "";

	(void)state;
	for (int n = 0; n < MANY; n++) {
		char *password;

		assert_null(password_new(NULL, &password));
		assert_int_equal(strlen(password), PASSWORD_LENGTH);
		assert_string_not_equal(password, last);
		for (size_t i = 0; i < PASSWORD_LENGTH; i++)
			seen[i][(unsigned char)password[i]] = true;
		memcpy(last, password, sizeof(last));
		talloc_free(password);
	}
	for (size_t i = 0; i < PASSWORD_LENGTH; i++) {
		int count = 0;

		for (int c = 0; c < 128; c++) {
			count += seen[i][c];
			if (seen[i][c])
				assert_true(c == '-' || islower(c) || isdigit(c));
		}
		assert_int_equal(count, (i + 1) % (PASSWORD_GROUP + 1) ? 32 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

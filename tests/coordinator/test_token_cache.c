/* Tokens are handed out again only while they live, and to nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "coordinator/token_cache.h"

static char token[] = "t-1", other[] = "t-2", pair[] = "user:password";

static bool
has(struct token_cache *c, int64_t registry, const char *name, int64_t now,
    const char *want)
{
	struct registry_auth a = { 0 };
	bool ret = token_cache_get(c, registry, name, now, &a);

	if (ret) {
		assert_int_equal(a.kind, REGISTRY_BEARER);
		assert_string_equal(a.value, want);
	}
	registry_auth_done(&a);
	return (ret);
}

static void
test_life(void **state)
{
	struct token_cache *c = token_cache_new();
	struct registry_auth a = { REGISTRY_BEARER, token, 1300 };

	(void)state;
	assert_false(has(c, 1, "team/app", 1000, ""));
	token_cache_put(c, 1, "team/app", 1000, &a);
	assert_true(has(c, 1, "team/app", 1000, "t-1"));
	assert_false(has(c, 2, "team/app", 1000, ""));
	assert_false(has(c, 1, "team/app2", 1000, ""));
	/* a fifth of 300 s is more than 30 s */
	assert_true(has(c, 1, "team/app", 1240, "t-1"));
	assert_false(has(c, 1, "team/app", 1241, ""));
	assert_false(has(c, 1, "team/app", 999, ""));
	/* a newer one takes its place */
	a = (struct registry_auth) { REGISTRY_BEARER, other, 1060 };
	token_cache_put(c, 1, "team/app", 1000, &a);
	assert_true(has(c, 1, "team/app", 1030, "t-2"));
	assert_false(has(c, 1, "team/app", 1031, ""));
	token_cache_drop(c, 1, "team/app");
	assert_false(has(c, 1, "team/app", 1000, ""));
	token_cache_free(c);
}

/* One that does not answer is asked once by all, and the others are asked. */
static void
test_failures(void **state)
{
	struct token_cache *c = token_cache_new();
	struct diag why, d;

	(void)state;
	diag_set(&why, ERR_TEMPORARY, 0, "it is away");
	assert_int_equal(token_cache_get_failure(c, 1, 50, &d), 0);
	token_cache_put_failure(c, 1, 50, &why);
	assert_int_equal(token_cache_get_failure(c, 1, 50, &d), ERR_TEMPORARY);
	assert_string_equal(d.text, "it is away");
	assert_int_equal(token_cache_get_failure(c, 2, 50, &d), 0);
	assert_int_equal(token_cache_get_failure(c, 1, 59, &d), ERR_TEMPORARY);
	assert_int_equal(token_cache_get_failure(c, 1, 60, &d), 0);
	/* of more than there is room for the last ones */
	for (int64_t i = 1; i <= 1000; i++)
		token_cache_put_failure(c, i, 100 + i, &why);
	assert_int_equal(token_cache_get_failure(c, 1000, 1100, &d), ERR_TEMPORARY);
	token_cache_put_failure(c, 995, 1100, &why);
	assert_int_equal(token_cache_get_failure(c, 995, 1109, &d), ERR_TEMPORARY);
	assert_int_equal(token_cache_get_failure(c, 1000, 1109, &d), ERR_TEMPORARY);
	assert_int_equal(token_cache_get_failure(c, 999, 1109, &d), 0);
	token_cache_free(c);
}

static void
test_passwords_are_not_kept(void **state)
{
	struct token_cache *c = token_cache_new();
	struct registry_auth a = { REGISTRY_BASIC, pair, 9000 };

	(void)state;
	token_cache_put(c, 1, "team/app", 1000, &a);
	assert_false(has(c, 1, "team/app", 1000, ""));
	token_cache_free(c);
}

static void
test_full_table_keeps_the_youngest(void **state)
{
	struct token_cache *c = token_cache_new();
	char name[20];

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct registry_auth a = { REGISTRY_BEARER, token, 2000 + i };

		snprintf(name, sizeof(name), "r%d", i);
		token_cache_put(c, 1, name, 1000, &a);
	}
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		assert_int_equal(has(c, 1, name, 1000, "t-1"), i >= 44);
	}
	token_cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_passwords_are_not_kept),
		cmocka_unit_test(test_full_table_keeps_the_youngest),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

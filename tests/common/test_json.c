/* JSON: bounds of reading, commas and escapes of writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "common/json.h"
#include "common/limits.h"

static void
test_parse_refuses_what_is_no_json(void **state)
{
	static const struct {
		struct str in;
		int want;
	} t[] = {
		{ STR_LIT("{}"), 0 },
		{ STR_LIT("{\"a\":[1,2,{\"b\":null}]}"), 0 },
		{ STR_LIT("{\"a\":1,\"a\":2}"), 0 },
		{ STR_LIT("\"nul \\u0000 inside\""), 0 },
		{ STR_LIT(""), ERR_MALFORMED },
		{ STR_LIT("{"), ERR_MALFORMED },
		{ STR_LIT("{} x"), ERR_MALFORMED },
		{ STR_LIT("\"\xff\""), ERR_MALFORMED },
		{ STR_LIT("[1,2,"), ERR_MALFORMED },
		{ STR_LIT("[1e999999999]"), ERR_MALFORMED },
	};
	struct diag d;
	struct json *j;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		j = NULL;
		assert_int_equal(json_parse(t[i].in, 1000, &j, &d), t[i].want);
		json_free(j);
	}
	assert_int_equal(json_parse(str_of("[1,2,3]"), 6, &j, &d), ERR_LIMIT);
}

static void
test_parse_refuses_depth_but_not_brackets_in_strings(void **state)
{
	char deep[400];
	struct json *j = NULL;
	struct diag d;

	(void)state;
	for (size_t depth = LIMIT_JSON_DEPTH - 1; depth < 200; depth++) {
		memset(deep, '[', depth);
		memset(deep + depth, ']', depth);
		assert_int_equal(json_parse(str_n(deep, 2 * depth), 1000, &j,
		    &d), depth <= LIMIT_JSON_DEPTH ? 0 : ERR_LIMIT);
		if (depth <= LIMIT_JSON_DEPTH)
			json_free(j);
	}
	deep[0] = deep[399] = '"';
	memset(deep + 1, '[', 398);
	assert_int_equal(json_parse(str_n(deep, 400), 1000, &j, &d), 0);
	json_free(j);
}

static void
test_parse_refuses_more_values_than_fit(void **state)
{
	size_t n = 2 * LIMIT_JSON_VALUES + 2;
	char *text = malloc(n);
	struct json *j = NULL;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < n; i++)
		text[i] = i % 2 == 0 ? ',' : '0';
	text[0] = '[';
	text[n - 1] = ']';
	assert_int_equal(json_parse(str_n(text, n), n, &j, &d), ERR_LIMIT);
	text[1] = text[n - 2] = '"';	/* in a string they are no values */
	assert_int_equal(json_parse(str_n(text, n), n, &j, &d), 0);
	json_free(j);
	free(text);
}

static void
test_files_are_read_with_mark_and_foreign_bytes(void **state)
{
	struct json *j = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(json_parse_file(str_of(
	    "\xEF\xBB\xBF{\"a\":\"Andr\xe9\",\"b\":\"\xC3\xA9\"}"), 100, &j, &d), 0);
	assert_true(str_eqz(json_get_str(j, "a"), "Andr?"));
	assert_true(str_eqz(json_get_str(j, "b"), "\xC3\xA9"));
	json_free(j);
	/* halves of characters: alone, in the wrong order, behind a whole one;
	 * a backslash that is meant is none */
	assert_int_equal(json_parse_file(str_of("{\"a\":\"\\ud83d\",\"b\":\"\\uDE00"
	    "\\uD83D\",\"c\":\"\\ud83d\\ude00\\ud83d\\u0041\","
	    "\"d\":\"\\\\ud83d\"}"), 100, &j, &d), 0);
	assert_true(str_eqz(json_get_str(j, "a"), "\xEF\xBF\xBD"));
	assert_true(str_eqz(json_get_str(j, "b"), "\xEF\xBF\xBD\xEF\xBF\xBD"));
	assert_true(str_eqz(json_get_str(j, "c"),
	    "\xF0\x9F\x98\x80\xEF\xBF\xBD" "A"));
	assert_true(str_eqz(json_get_str(j, "d"), "\\ud83d"));
	json_free(j);
	assert_int_equal(json_parse(str_of("\"\\ud83d\""), 100, &j, &d),
	    ERR_MALFORMED);
	assert_int_equal(json_parse_file(str_of("\"\\ud83"), 100, &j, &d),
	    ERR_MALFORMED);
	assert_int_equal(json_parse_file(str_of("\xff{}"), 100, &j, &d),
	    ERR_MALFORMED);
	assert_int_equal(json_parse_file(str_of("\xff{}"), 2, &j, &d), ERR_LIMIT);
	assert_int_equal(json_parse_file(str_of(""), 2, &j, &d), ERR_MALFORMED);
}

static void
test_numbers_that_are_too_large(void **state)
{
	static const char *const bad[] = { "[1e999", "[1e999x]", "[-]", "[1e]",
	    "[--1e999]" };
	struct json *j = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(json_parse_file(str_of("{\"a\":1e999,\"b\":"
	    "-18446744073709551616,\"c\":9223372036854775807,\"d\":"
	    "\"1e999\\\"1e999\",\"e\":-1.5e3}"), 200, &j, &d), 0);
	assert_int_equal(json_get_int(j, "a", 7), 0);
	assert_int_equal(json_get_int(j, "b", 7), 0);
	assert_true(json_get_int(j, "c", 7) == INT64_MAX);
	assert_true(str_eqz(json_get_str(j, "d"), "1e999\"1e999"));
	assert_true(json_number(json_get(j, "e")) == -1500);
	json_free(j);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(json_parse_file(str_of(bad[i]), 100, &j, &d),
		    ERR_MALFORMED);
	assert_int_equal(json_parse(str_of("[1e999]"), 100, &j, &d),
	    ERR_MALFORMED);
}

/* A document of many levels: two of them are read. */
static void
test_the_top_of_a_deep_document(void **state)
{
	char deep[400] = "{\"x\":{\"y\":[\"]\\\"\",";
	struct json *j = NULL;
	struct diag d;
	size_t n = strlen(deep);

	(void)state;
	memset(deep + n, '[', 100);
	memset(deep + n + 100, ']', 101);
	snprintf(deep + n + 201, sizeof(deep) - n - 201,
	    ",\"z\":\"3\"},\"a\":\"1\"}");
	assert_int_equal(json_parse_file(str_of(deep), 1000, &j, &d), ERR_LIMIT);
	assert_int_equal(json_parse_top(str_of(deep), 1000, &j, &d), 0);
	assert_true(str_eqz(json_get_str(j, "a"), "1"));
	assert_true(str_eqz(json_get_str(json_get(j, "x"), "z"), "3"));
	assert_int_equal(json_get_int(json_get(j, "x"), "y", 7), 0);
	json_free(j);
	assert_int_equal(json_parse_top(str_of(deep), 100, &j, &d), ERR_LIMIT);
	deep[n + 200] = ' ';
	assert_int_equal(json_parse_top(str_of(deep), 1000, &j, &d),
	    ERR_MALFORMED);
	for (size_t i = 0; i < n + 190; i++)
		assert_true(json_parse_top(str_n(deep, i), 1000, &j, &d) < 0);
	assert_int_equal(json_parse_top(str_of("{\"a\":[[[1]]]}"), 100, &j, &d),
	    0);
	assert_int_equal(json_len(json_get(j, "a")), 1);
	json_free(j);
}

static void
test_getters_never_fail(void **state)
{
	struct json *j = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(json_parse(str_of(
	    "{\"s\":\"x\",\"n\":-5,\"a\":[true],\"a2\":{}}"), 100, &j, &d), 0);
	assert_true(str_eqz(json_get_str(j, "s"), "x"));
	assert_int_equal(json_get_str(j, "n").n, 0);
	assert_int_equal(json_get_int(j, "n", 1), -5);
	assert_int_equal(json_get_int(j, "s", 1), 1);
	assert_int_equal(json_len(json_get(j, "a")), 1);
	assert_true(json_bool(json_at(json_get(j, "a"), 0)));
	assert_null(json_at(json_get(j, "a"), 1));
	assert_int_equal(json_len(json_get(j, "nothing")), 0);
	assert_null(json_get(json_get(j, "s"), "deeper"));
	json_free(j);
}

static void
test_members_come_in_the_order_of_the_text(void **state)
{
	const struct json *v;
	struct json *j = NULL;
	void *at = NULL;
	struct str k;
	struct diag d;

	(void)state;
	assert_int_equal(json_parse(str_of("{\"z\":1,\"ab\":[2],\"m\":3}"),
	    100, &j, &d), 0);
	assert_true(json_next(j, &at, &k, &v));
	assert_true(str_eqz(k, "z") && json_int(v, 0) == 1);
	assert_true(json_next(j, &at, &k, &v));
	assert_int_equal(k.n, 2);
	assert_true(json_is_array(v));
	assert_true(json_next(j, &at, &k, &v));
	assert_true(str_eqz(k, "m"));
	assert_false(json_next(j, &at, &k, &v));
	at = NULL;
	assert_false(json_next(json_get(j, "m"), &at, &k, &v));
	assert_false(json_next(NULL, &at, &k, &v));
	json_free(j);
}

static void
test_writer_places_commas_and_escapes(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_w_init(&w, &b);
	json_w_object(&w);
	json_w_kstr(&w, "a", str_of("q\"\\\n\xff\xc3\xa9"));
	json_w_key(&w, "l");
	json_w_array(&w);
	json_w_int(&w, 1);
	json_w_number(&w, 0.91963);
	json_w_object(&w);
	json_w_end_object(&w);
	json_w_end_array(&w);
	json_w_kbool(&w, "t", true);
	json_w_key(&w, "r");
	json_w_raw(&w, str_of("[{}]"));
	json_w_end_object(&w);
	assert_int_equal(w.error, 0);
	assert_int_equal(b.n, strlen("{\"a\":\"q\\\"\\\\\\u000a\\\\xff\xc3\xa9\","
	    "\"l\":[1,0.91963,{}],\"t\":true,\"r\":[{}]}"));
	assert_memory_equal(b.p, "{\"a\":\"q\\\"\\\\\\u000a\\\\xff\xc3\xa9\","
	    "\"l\":[1,0.91963,{}],\"t\":true,\"r\":[{}]}", b.n);
	buf_done(&b);
	buf_init(&b, 3);
	json_w_init(&w, &b);
	json_w_str(&w, str_of("long"));
	assert_int_equal(w.error, ERR_LIMIT);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_refuses_what_is_no_json),
		cmocka_unit_test(test_parse_refuses_depth_but_not_brackets_in_strings),
		cmocka_unit_test(test_parse_refuses_more_values_than_fit),
		cmocka_unit_test(test_files_are_read_with_mark_and_foreign_bytes),
		cmocka_unit_test(test_numbers_that_are_too_large),
		cmocka_unit_test(test_the_top_of_a_deep_document),
		cmocka_unit_test(test_getters_never_fail),
		cmocka_unit_test(test_members_come_in_the_order_of_the_text),
		cmocka_unit_test(test_writer_places_commas_and_escapes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

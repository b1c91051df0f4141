/* The commands of a farm without a farm: what they refuse, what they say, how
 * they find their way; and how an image's answer becomes an exit status. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "cli/cli.h"
#include "cli/farm_image.h"
#include "tests/lib/cli_run.h"

static char dir[] = "/tmp/sf-farm.XXXXXX";

static int
run(int (*f)(int, char **), const char *const *words)
{
	int status = -1;

	free(cli_run(dir, f, words, "", &status));
	return (status);
}

static void
test_bad_arguments_are_usage(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_registry, (const char *[]) { "registry", NULL }), CLI_USAGE);
	assert_int_equal(run(cmd_registry, (const char *[]) { "registry", "add", "x", NULL }), CLI_USAGE);
	assert_int_equal(run(cmd_registry, (const char *[]) { "registry", "frob", NULL }), CLI_USAGE);
	assert_int_equal(run(cmd_registry, (const char *[]) { "registry", "add", "x",
	    "--url", "https://r", "--user", "u", NULL }), CLI_USAGE);
	assert_int_equal(run(cmd_feed, (const char *[]) { "feed", "import", NULL }), CLI_USAGE);
	assert_int_equal(run(cmd_report, (const char *[]) { "report", NULL }), CLI_USAGE);
	assert_int_equal(run(cmd_scan, (const char *[]) { "scan", "dir:/x", "r.example/a", "--feed", "/x", NULL }), CLI_USAGE);
	assert_int_equal(run(cmd_affected, (const char *[]) { "affected", "A", "B", NULL }), CLI_USAGE);
}

static void
test_farm_away_is_temporary(void **state)
{
	char token[64], data[64];

	(void)state;
	cli_put(dir, "admin.token", "abc\n");
	cli_put(dir, "farm.conf", "http=http://127.0.0.1:1\nfanout=tcp://127.0.0.1:2\n");
	snprintf(token, sizeof(token), "%s/admin.token", dir);
	snprintf(data, sizeof(data), "%s", dir);
	assert_int_equal(run(cmd_status, (const char *[]) { "status", "--farm", data, NULL }), CLI_TEMPORARY);
	assert_int_equal(run(cmd_status, (const char *[]) { "status", "--farm",
	    "http://127.0.0.1:1", "--token-file", token, NULL }), CLI_TEMPORARY);
	assert_int_equal(run(cmd_status, (const char *[]) { "status", "--farm", "/nonexistent", NULL }), CLI_USAGE);
	cli_put(dir, "admin.token", "a b\n");
	assert_int_equal(run(cmd_status, (const char *[]) { "status", "--farm", data, NULL }), CLI_USAGE);
}

static void
test_quote(void **state)
{
	char s[40];

	(void)state;
	farm_quote(str_of("osv/Rocky Linux:9"), s, sizeof(s));
	assert_string_equal(s, "osv%2FRocky%20Linux%3A9");
	farm_quote(str_of("aaaa"), s, 5);
	assert_true(strlen(s) < 5);
}

static int
judged(const char *json, const struct policy *p)
{
	struct farm_image m = { .ref = "r", .verdict = "" };
	struct diag d;

	assert_int_equal(json_parse(str_of(json), 4096, &m.answer.json, &d), 0);
	farm_image_judge(&m, p);
	json_free(m.answer.json);
	return (m.status);
}

#define FINDING "\"findings\":[{\"status\":\"affected\",\"severity\":\"high\",\"fixed_version\":\"\"}]"

static void
test_a_laxer_policy_passes_only_what_was_looked_at(void **state)
{
	static const struct policy critical = { .fail_on = SEVERITY_CRITICAL };
	static const struct policy low = { .fail_on = SEVERITY_LOW };
	static const struct policy fixed = { .fail_on = SEVERITY_LOW,
		.only_fixed = true };

	(void)state;
	assert_int_equal(judged("{\"verdict\":\"fail\"," FINDING "}", NULL), CLI_FAILED);
	assert_int_equal(judged("{\"verdict\":\"fail\",\"covered\":true," FINDING "}", &critical), CLI_OK);
	assert_int_equal(judged("{\"verdict\":\"fail\",\"covered\":false," FINDING "}", &critical), CLI_UNKNOWN);
	assert_int_equal(judged("{\"verdict\":\"fail\"," FINDING "}", &critical), CLI_UNKNOWN);
	assert_int_equal(judged("{\"verdict\":\"pass\"," FINDING "}", &low), CLI_FAILED);
	assert_int_equal(judged("{\"verdict\":\"pass\"," FINDING "}", &fixed), CLI_OK);
	assert_int_equal(judged("{\"verdict\":\"unknown\"}", &critical), CLI_UNKNOWN);
	assert_int_equal(judged("{\"verdict\":null,\"state\":\"new\"}", NULL), CLI_TEMPORARY);
	assert_int_equal(judged("{\"verdict\":\"fine\",\"state\":\"applied\"}", NULL), CLI_TEMPORARY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_arguments_are_usage),
		cmocka_unit_test(test_farm_away_is_temporary),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_a_laxer_policy_passes_only_what_was_looked_at),
	};
	int rc;

	if (mkdtemp(dir) == NULL)
		return (1);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	cli_remove(dir);
	return (rc);
}

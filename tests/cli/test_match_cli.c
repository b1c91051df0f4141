/* Listings, and `scanfarm match` on a feed of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include <sys/stat.h>
#include "cli/cli.h"
#include "cli/output.h"
#include "common/mem.h"
#include "tests/lib/cli_run.h"

static char dir[] = "/tmp/scanfarm-match-XXXXXX";

static void
test_rows_are_escaped_sorted_and_distinct(void **state)
{
	static const char *const columns[] = { "a", "b" };
	struct output *o = output_new(columns, 2);
	char *text = NULL;
	size_t n;
	FILE *f;

	(void)state;
	output_row(o, (const struct str[]) { STR_LIT("z\t\xff"), STR_LIT("1") });
	output_row(o, (const struct str[]) { STR_LIT("b\"\\"), STR_LIT("2") });
	output_row(o, (const struct str[]) { STR_LIT("b\"\\"), STR_LIT("2") });
	output_row(o, (const struct str[]) { STR_LIT("b\"\\"), STR_LIT("") });
	f = open_memstream(&text, &n);
	output_print(o, OUTPUT_TSV, f);
	output_print(o, OUTPUT_JSON, f);
	output_print(o, OUTPUT_TABLE, f);
	fclose(f);
	assert_string_equal(text, "a\tb\nb\"\\\t\nb\"\\\t2\nz\\x09\\xff\t1\n"
	    "[\n {\"a\": \"b\\\"\\\\\", \"b\": \"\"},\n"
	    " {\"a\": \"b\\\"\\\\\", \"b\": \"2\"},\n"
	    " {\"a\": \"z\\\\x09\\\\xff\", \"b\": \"1\"}\n]\n"
	    "a          b\nb\"\\        \nb\"\\        2\nz\\x09\\xff  1\n");
	assert_int_equal(output_rows(o), 3);
	free(text);
	output_free(o);
}

static const char feed_document[] =
    "{\"id\":\"DSA-1-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\","
    "\"name\":\"openssl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":["
    "{\"introduced\":\"0\"},{\"fixed\":\"3.0.11-1\"}]}]}]}";

static void
test_match_prints_a_row_for_each_advisory(void **state)
{
	char *packages = mem_printf("%s/p.tsv", dir);
	const char *argv[] = { "match", "--packages", packages, "--feed", dir,
	    "--distro", "debian:12", "--format", "tsv", NULL };
	char *out;
	int status;

	(void)state;
	cli_put(dir, "DSA-1-1.json", feed_document);
	cli_put(dir, "broken.json", "{");
	/* columns in any order, one we do not know, CRLF, a second arch */
	cli_put(dir, "p.tsv", "path\tversion\tname\ttype\tsource_name\tarch\r\n"
	    "x\t3.0.9-1\tlibssl3\tdeb\topenssl\tamd64\r\n"
	    "x\t3.0.9-1\tlibssl3\tdeb\topenssl\tarm64\r\n"
	    "x\t3.0.11-1\topenssl\tdeb\topenssl\tamd64\r\n"
	    "x\t1\tleft-pad\tnpm\t\t\r\n");
	out = cli_run(dir, cmd_match, argv, "", &status);
	assert_int_equal(status, CLI_UNKNOWN);	/* broken.json was not read */
	assert_string_equal(out, "advisory\ttype\tname\tversion\tfixed_version\t"
	    "severity\tstatus\n"
	    "DSA-1-1\tdeb\tlibssl3\t3.0.9-1\t3.0.11-1\tunknown\taffected\n");
	free(out);
	/* and why: of findings, or of what was asked for */
	argv[7] = "--explain";
	argv[8] = NULL;
	out = cli_run(dir, cmd_match, argv, "", &status);
	assert_non_null(strstr(out, "DSA-1-1 in libssl3 3.0.9-1: affected"));
	assert_null(strstr(out, "3.0.11-1: "));
	free(out);
	argv[8] = "DSA-1-1";
	out = cli_run(dir, cmd_match, argv, "", &status);
	assert_int_equal(status, CLI_UNKNOWN);
	assert_non_null(strstr(out, "DSA-1-1 in openssl 3.0.11-1: not_affected\n"
	    "  because   DSA-1-1: 3.0.11-1 >= 3.0.11-1, the version that fixes"));
	free(out);
	argv[7] = "DSA-1-1";	/* a word without the option */
	argv[8] = NULL;
	free(cli_run(dir, cmd_match, argv, "", &status));
	assert_int_equal(status, CLI_USAGE);
	free(packages);
}

/* What inventory tells of an owner settles who speaks of a package. */
static void
test_match_looks_at_the_origin(void **state)
{
	char *packages = mem_printf("%s/p.tsv", dir);
	const char *argv[] = { "match", "--packages", packages, "--feed", dir,
	    "--distro", "debian:12", "--format", "tsv", NULL };
	char *out;
	int status;

	(void)state;
	cli_put(dir, "p.tsv", "type\tname\tversion\torigin\n"
	    "deb\topenssl\t3.0.9-1\tdistro\ndeb\topenssl\t3.0.8-1\tthird_party\n");
	out = cli_run(dir, cmd_match, argv, "", &status);
	assert_non_null(strstr(out, "\t3.0.9-1\t"));
	assert_null(strstr(out, "\t3.0.8-1\t"));
	free(out);
	free(packages);
}

/* One row for a document about several: what is said of the worst of them. */
static void
test_match_tells_the_most_exploited_of_several(void **state)
{
	char *folder = mem_printf("%s/several", dir);
	char *packages = mem_printf("%s/p.tsv", folder);
	const char *argv[] = { "match", "--packages", packages, "--feed", folder,
	    "--distro", "debian:12", "--format", "tsv", NULL };
	char *out;
	int status;

	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	cli_put(dir, "several/DSA-2-1.json", "{\"id\":\"DSA-2-1\",\"upstream\":["
	    "\"CVE-2024-0001\",\"CVE-2024-0002\",\"CVE-2024-0003\"],"
	    "\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\","
	    "\"name\":\"openssl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
	    "\"events\":[{\"introduced\":\"0\"}]}]}]}");
	cli_put(dir, "several/p.tsv", "type\tname\tversion\ndeb\topenssl\t3.0.9-1\n");
	cli_put(dir, "several/epss.csv", "#model_version:v1\ncve,epss,percentile\n"
	    "CVE-2024-0001,0.1,0.2\nCVE-2024-0002,0.5,0.6\nCVE-2024-0003,0.3,0.4\n");
	out = cli_run(dir, cmd_match, argv, "", &status);
	assert_int_equal(status, CLI_OK);
	assert_non_null(strstr(out, "\t0.50000\t0.60000"));
	free(out);
	cli_put(dir, "several/kev.json", "{\"catalogVersion\":\"1\","
	    "\"vulnerabilities\":[{\"cveID\":\"CVE-2024-0003\",\"dateAdded\":"
	    "\"2024-04-01\",\"dueDate\":\"2024-05-01\","
	    "\"knownRansomwareCampaignUse\":\"Known\"}]}");
	out = cli_run(dir, cmd_match, argv, "", &status);
	assert_int_equal(status, CLI_OK);
	assert_non_null(strstr(out, "\t0.30000\t0.40000"));
	free(out);
	free(packages);
	free(folder);
}

static void
test_match_refuses_what_it_cannot_read(void **state)
{
	char *packages = mem_printf("%s/p.tsv", dir);
	const char *argv[] = { "match", "--packages", packages, "--feed", dir, NULL };
	const char *nofeed[] = { "match", "--packages", packages, "--feed",
	    "/nonexistent", NULL };
	const char *noformat[] = { "match", "--packages", packages, "--feed", dir,
	    "--format", "xml", NULL };
	static const char *const bad[] = { "", "name\tversion\n",
	    "type\tname\tversion\ndeb\n" };
	char *out;
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cli_put(dir, "p.tsv", bad[i]);
		out = cli_run(dir, cmd_match, argv, "", &status);
		assert_int_equal(status, CLI_USAGE);
		assert_string_equal(out, "");
		free(out);
	}
	cli_put(dir, "p.tsv", "type\tname\tversion\n");
	out = cli_run(dir, cmd_match, nofeed, "", &status);
	assert_int_equal(status, CLI_USAGE);
	free(out);
	out = cli_run(dir, cmd_match, noformat, "", &status);
	assert_int_equal(status, CLI_USAGE);
	free(out);
	free(packages);
}

static void
test_compare_answers_every_line(void **state)
{
	const char *lines[] = { "compare", "deb", NULL };
	const char *pair[] = { "compare", "pep440", "1.0", "1.0.0", NULL };
	const char *bad[] = { "compare", "pep440", "1.0", "x", NULL };
	const char *none[] = { "compare", "roman", NULL };
	char *out;
	int status;

	(void)state;
	out = cli_run(dir, cmd_compare, lines, "1\t2\n2\t1\n1\t1-0\n1\n\n1\t-\n3\t2",
	    &status);
	assert_string_equal(out, "<\n>\n=\n!\n!\n!\n>\n");
	assert_int_equal(status, CLI_OK);
	free(out);
	out = cli_run(dir, cmd_compare, pair, "", &status);
	assert_string_equal(out, "=\n");
	free(out);
	out = cli_run(dir, cmd_compare, bad, "", &status);
	assert_string_equal(out, "!\n");
	assert_int_equal(status, CLI_USAGE);
	free(out);
	out = cli_run(dir, cmd_compare, none, "", &status);
	assert_int_equal(status, CLI_USAGE);
	free(out);
}

static int
make_dir(void **state)
{
	(void)state;
	return (mkdtemp(dir) == NULL);
}

static int
remove_dir(void **state)
{
	(void)state;
	cli_remove(dir);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_escaped_sorted_and_distinct),
		cmocka_unit_test(test_match_prints_a_row_for_each_advisory),
		cmocka_unit_test(test_match_looks_at_the_origin),
		cmocka_unit_test(test_match_tells_the_most_exploited_of_several),
		cmocka_unit_test(test_match_refuses_what_it_cannot_read),
		cmocka_unit_test(test_compare_answers_every_line),
	};

	return (cmocka_run_group_tests(tests, make_dir, remove_dir));
}

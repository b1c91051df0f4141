/* `scanfarm scan` on folders taken as images: findings, verdicts, exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "cli/cli.h"
#include "common/json.h"
#include "common/mem.h"
#include "tests/lib/cli_run.h"

static char dir[] = "/tmp/scanfarm-scan-XXXXXX";
static char *good, *bad, *odd, *feed;	/* REFs and --feed */

#define STATUS(version) "Package: libssl3\nStatus: install ok installed\n" \
	"Architecture: amd64\nSource: openssl\nVersion: " version "\n\n"
#define DEBIAN "ID=debian\nVERSION_ID=\"12\"\n"
#define ADVISORY(id, fixed, cve) "{\"id\":\"" id "\",\"upstream\":[\"" cve "\"]," \
	"\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":" \
	"\"openssl\"},\"ecosystem_specific\":{\"urgency\":\"high\"},\"ranges\":[{" \
	"\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}" fixed "]}]}]}"

static int
make_images(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return (-1);
	cli_put(dir, "bad/etc/os-release", DEBIAN);
	cli_put(dir, "bad/var/lib/dpkg/status", STATUS("3.0.9-1"));
	cli_put(dir, "good/etc/os-release", DEBIAN);
	cli_put(dir, "good/var/lib/dpkg/status", STATUS("3.0.11-1"));
	cli_put(dir, "odd/etc/os-release", "ID=nobody\n");
	cli_put(dir, "odd/var/lib/dpkg/status", STATUS("3.0.9-1"));
	cli_put(dir, "feed/DSA-1-1.json", ADVISORY("DSA-1-1",
	    ",{\"fixed\":\"3.0.10-1\"}", "CVE-2024-0001"));
	/* a regression of the first fix: one finding, the farther fix */
	cli_put(dir, "feed/DSA-1-2.json", ADVISORY("DSA-1-2",
	    ",{\"fixed\":\"3.0.11-1\"}", "CVE-2024-0001"));
	good = mem_printf("dir:%s/good", dir);
	bad = mem_printf("dir:%s/bad", dir);
	odd = mem_printf("dir:%s/odd", dir);
	feed = mem_printf("%s/feed", dir);
	return (0);
}

static int
remove_images(void **state)
{
	(void)state;
	cli_remove(dir);
	free(good);
	free(bad);
	free(odd);
	free(feed);
	return (0);
}

static void
test_a_vulnerable_image_fails_and_its_update_passes(void **state)
{
	const char *argv[] = { "scan", bad, "--feed", feed, "--format", "tsv",
	    NULL };
	char *out, *want;
	int status;

	(void)state;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	want = mem_printf("ref\tvulnerability\tseverity\tstatus\ttype\tname\t"
	    "version\tfixed_version\tlayer\tadvisory\tkev\tkev_due\t"
	    "kev_ransomware\tepss\tepss_percentile\treason\tfix_state\tseverity_upstream\n%s\tCVE-2024-0001\thigh\t"
	    "affected\tdeb\tlibssl3\t3.0.9-1\t3.0.11-1\t#0\tDSA-1-2\tfalse\t\t\t\t\t\tfixed\thigh\n",
	    bad);
	assert_string_equal(out, want);
	assert_int_equal(status, CLI_FAILED);
	free(out);
	free(want);
	argv[1] = good;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_OK);
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
	free(out);
}

static void
test_options_decide_what_fails(void **state)
{
	const char *critical[] = { "scan", bad, "--feed", feed, "--fail-on",
	    "critical", NULL };
	const char *fixed[] = { "scan", bad, "--feed", feed, "--fail-on", "low",
	    "--only-fixed", NULL };
	char *out;
	int status;

	(void)state;
	out = cli_run(dir, cmd_scan, critical, "", &status);
	assert_int_equal(status, CLI_OK);
	free(out);
	out = cli_run(dir, cmd_scan, fixed, "", &status);
	assert_int_equal(status, CLI_FAILED);
	assert_non_null(strstr(out, "because CVE-2024-0001 in libssl3 3.0.9-1"));
	free(out);
	/* no fix any more */
	cli_put(dir, "open/a.json", ADVISORY("DSA-1-1", "", "CVE-2024-0001"));
	fixed[3] = out = mem_printf("%s/open", dir);
	free(cli_run(dir, cmd_scan, fixed, "", &status));
	assert_int_equal(status, CLI_OK);
	free(out);
}

/* A kernel's headers have its vulnerabilities in name only. */
static void
test_what_does_not_count_is_shown_when_asked_for(void **state)
{
	static const char linux_feed[] = "{\"id\":\"DSA-2-1\",\"upstream\":[\"CVE-2024-0002\"],"
	    "\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"linux\"},"
	    "\"ecosystem_specific\":{\"urgency\":\"high\"},\"versions\":[\"6.1.76-1\"]}]}";
	const char *argv[] = { "scan", NULL, "--feed", NULL, "--fail-on",
	    "unknown", NULL, NULL };
	char *ref = mem_printf("dir:%s/headers", dir);
	char *of = mem_printf("%s/linux", dir);
	char *out;
	int status;

	(void)state;
	cli_put(dir, "headers/etc/os-release", DEBIAN);
	cli_put(dir, "headers/var/lib/dpkg/status", "Package: linux-libc-dev\n"
	    "Status: install ok installed\nArchitecture: amd64\nSource: linux\n"
	    "Version: 6.1.76-1\n\n");
	cli_put(dir, "linux/a.json", linux_feed);
	argv[1] = ref;
	argv[3] = of;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_OK);
	assert_null(strstr(out, "CVE-2024-0002"));
	assert_non_null(strstr(out, "--all"));
	free(out);
	argv[6] = "--all";
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_OK);
	assert_non_null(strstr(out, "CVE-2024-0002"));
	free(out);
	free(ref);
	free(of);
}

/* Whatever is known of it: what was found since is not. */
static void
test_a_release_without_support_is_unknown(void **state)
{
	static const char old_feed[] = "{\"id\":\"DLA-1-1\",\"affected\":[{\"package\":"
	    "{\"ecosystem\":\"Debian:9\",\"name\":\"openssl\"},\"versions\":[\"1\"]}]}";
	const char *argv[] = { "scan", NULL, "--feed", NULL, NULL };
	char *ref = mem_printf("dir:%s/old", dir);
	char *of = mem_printf("%s/lts", dir);
	char *out;
	int status;

	(void)state;
	cli_put(dir, "old/etc/os-release", "ID=debian\nVERSION_ID=9\n");
	cli_put(dir, "old/var/lib/dpkg/status", STATUS("1.1.0l-1"));
	cli_put(dir, "lts/a.json", old_feed);
	argv[1] = ref;
	argv[3] = of;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_UNKNOWN);
	assert_non_null(strstr(out, "advisories end on 2022-06-30"));
	free(out);
	free(ref);
	free(of);
}

static void
test_what_cannot_be_looked_at_is_unknown(void **state)
{
	const char *argv[] = { "scan", odd, "--feed", feed, NULL };
	char *other = mem_printf("%s/other", dir);
	char *out;
	int status;

	(void)state;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_UNKNOWN);
	assert_non_null(strstr(out, "no distribution known"));
	free(out);
	/* a feed without a word about this release */
	cli_put(dir, "other/a.json", "{\"id\":\"X-1\",\"affected\":[{\"package\":{"
	    "\"ecosystem\":\"PyPI\",\"name\":\"x\"},\"versions\":[\"1\"]}]}");
	argv[1] = good;
	argv[3] = other;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_UNKNOWN);
	free(out);
	free(other);
}

/* A statement about another package, and fixes of a repository that none of the
 * packages is from, say nothing of them; a clean answer needs more. */
static void
test_statements_and_part_of_a_release_are_no_advisories_for_it(void **state)
{
#define SECDB(repository) "{\"distroversion\":\"v3.23\",\"reponame\":\"" \
	repository "\",\"packages\":[{\"pkg\":{\"name\":\"zabbix\"," \
	"\"secfixes\":{\"1.0-r0\":[\"CVE-2024-0001\"]}}}]}"
	static const char vex[] = "{\"@context\":"
	    "\"https://openvex.dev/ns/v0.2.0\",\"@id\":\"https://e.com/vex-9\","
	    "\"author\":\"Us\",\"timestamp\":\"2026-01-01T00:00:00Z\","
	    "\"version\":1,\"statements\":[{\"vulnerability\":{\"name\":"
	    "\"CVE-2024-9999\"},\"products\":[{\"@id\":"
	    "\"pkg:deb/debian/nosuch@1.0?distro=debian-12\"}],\"status\":"
	    "\"affected\",\"action_statement\":\"u\"}]}";
	static const struct { const char *image, *file, *text; int status; }
	    t[] = {
		{ "good", "vex/a.json", vex, CLI_UNKNOWN },
		{ "alpine", "community/a.json", SECDB("community"),
		    CLI_UNKNOWN },
		{ "alpine", "main/a.json", SECDB("main"), CLI_OK },
	};
	const char *argv[] = { "scan", NULL, "--feed", NULL, NULL };

	(void)state;
	cli_put(dir, "alpine/etc/os-release", "ID=alpine\nVERSION_ID=3.23.0\n");
	cli_put(dir, "alpine/lib/apk/db/installed",
	    "P:libssl3\nV:3.3.0-r0\nA:x86_64\no:openssl\n\n");
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char *ref = mem_printf("dir:%s/%s", dir, t[i].image);
		char *path = mem_printf("%s/%s", dir, t[i].file), *out;
		int status;

		cli_put(dir, t[i].file, t[i].text);
		argv[1] = ref;
		argv[3] = path;
		out = cli_run(dir, cmd_scan, argv, "", &status);
		if (status != t[i].status)
			fail_msg("%s: %d: %s", t[i].file, status, out);
		free(out);
		free(path);
		free(ref);
	}
}

/* What an advisory that nobody could read would have said is not known; a score is
 * no part of a verdict. */
static void
test_a_pass_rests_on_all_advisories(void **state)
{
	const char *argv[] = { "scan", good, "--feed", NULL, NULL, NULL, NULL };
	char *part = mem_printf("%s/part", dir);
	char *out;
	int status;

	(void)state;
	argv[3] = part;
	cli_put(dir, "part/a.json", ADVISORY("DSA-1-1",
	    ",{\"fixed\":\"3.0.10-1\"}", "CVE-2024-0001"));
	cli_put(dir, "part/epss.csv", "#model_version:v1\ncve,epss,percentile\n"
	    "CVE-2024-0001,0.5,0.5\nCVE-2024-0002,2,2\n");
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_OK);
	assert_null(strstr(out, "could not be read"));
	free(out);
	cli_put(dir, "part/b\x1b.json", "{");
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_UNKNOWN);
	assert_non_null(strstr(out, ": unknown: "));
	assert_non_null(strstr(out, "  because 1 advisory documents or "
	    "entries could not be read: "));
	assert_non_null(strstr(out, "part/b\\x1b.json\n"));
	free(out);
	argv[4] = "--format";
	argv[5] = "json";
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_UNKNOWN);
	assert_non_null(strstr(out, "\"verdict\":\"unknown\",\"reasons\":[\"1 "
	    "advisory documents or entries could not be read: "));
	free(out);
	/* what is known is enough to fail */
	argv[1] = bad;
	argv[4] = NULL;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_FAILED);
	assert_non_null(strstr(out, "because 1 advisory documents"));
	free(out);
	free(part);
}

static void
test_several_images_are_judged_one_by_one(void **state)
{
	const char *argv[] = { "scan", good, bad, odd, "--feed", feed,
	    "--format", "json", NULL };
	static const char *const want[] = { "pass", "fail", "unknown" };
	const struct json *images;
	struct json *root;
	struct diag d;
	char *out;
	int status;

	(void)state;
	out = cli_run(dir, cmd_scan, argv, "", &status);
	assert_int_equal(status, CLI_FAILED);
	assert_int_equal(json_parse(str_of(out), 65536, &root, &d), 0);
	images = json_get(root, "images");
	assert_int_equal(json_len(images), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(str_eqz(json_get_str(json_at(images, i), "verdict"),
		    want[i]));
		assert_int_equal(json_len(json_get(json_at(images, i),
		    "findings")), i == 1);
	}
	json_free(root);
	free(out);
}

static void
test_usage_is_checked_before_anything_runs(void **state)
{
	const char *nofeed[] = { "scan", good, NULL };
	const char *noref[] = { "scan", "--feed", feed, NULL };
	const char *severity[] = { "scan", good, "--feed", feed, "--fail-on",
	    "terrible", NULL };
	const char *missing[] = { "scan", "dir:/nonexistent", "--feed", feed,
	    NULL };
	const char *const *all[] = { nofeed, noref, severity, missing };
	char *out;
	int status;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		out = cli_run(dir, cmd_scan, all[i], "", &status);
		assert_int_equal(status, CLI_USAGE);
		assert_string_equal(out, "");
		free(out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_vulnerable_image_fails_and_its_update_passes),
		cmocka_unit_test(test_options_decide_what_fails),
		cmocka_unit_test(test_what_does_not_count_is_shown_when_asked_for),
		cmocka_unit_test(test_a_release_without_support_is_unknown),
		cmocka_unit_test(test_what_cannot_be_looked_at_is_unknown),
		cmocka_unit_test(test_statements_and_part_of_a_release_are_no_advisories_for_it),
		cmocka_unit_test(test_a_pass_rests_on_all_advisories),
		cmocka_unit_test(test_several_images_are_judged_one_by_one),
		cmocka_unit_test(test_usage_is_checked_before_anything_runs),
	};

	return (cmocka_run_group_tests(tests, make_images, remove_images));
}

/* Names of feeds and where they are published. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "cli/feed_source.h"

static void
test_a_name_gives_its_place(void **state)
{
	static const struct {
		const char *feed, *url;		/* below the server; NULL = none */
		enum feed_protocol protocol;
	} rows[] = {
		{ "osv/Debian", "/Debian", FEED_OSV },
		{ "osv/Rocky Linux", "/Rocky%20Linux", FEED_OSV },
		{ "osv/Alpine:v3.20", "/Alpine%3Av3.20", FEED_OSV },
		{ "osv/a/b", NULL, 0 },
		{ "secdb/alpine-v3.20-main", "/v3.20/main.json", FEED_FILE },
		{ "secdb/alpine-edge-community", "/edge/community.json",
		    FEED_FILE },
		{ "secdb/alpine-edge", NULL, 0 },
		{ "secdb/wolfi", "/os/security.json", FEED_FILE },
		{ "secdb/wolfi2", NULL, 0 },
		{ "alas/2-extras-kernel-5.10",
		    "/2/extras/kernel-5.10/latest/x86_64/mirror.list",
		    FEED_UPDATEINFO },
		{ "oval/azurelinux-3.0", "/azurelinux-3.0-oval.xml", FEED_FILE },
		{ "oval/photon-5", "/photon/photon_oval_definitions/"
		    "com.vmware.phsa-photon5.xml.gz", FEED_FILE },
		{ "csaf/redhat", "/data/csaf/v2/vex", FEED_CSAF },
		{ "csaf/suse", "/pub/projects/security/csaf-vex", FEED_CSAF },
		{ "kev",
		    "/sites/default/files/feeds/known_exploited_vulnerabilities.json",
		    FEED_FILE },
		{ "kev/x", NULL, 0 }, { "", NULL, 0 }, { "osv", NULL, 0 },
	};
	static const char *const bases[] = { "http://mirror", "http://mirror/",
		"http://mirror//" };
	struct feed_source s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < 3; k++) {
			bool known = feed_source_find(str_of(rows[i].feed),
			    bases[k], &s);

			if (known != (rows[i].url != NULL))
				fail_msg("%s", rows[i].feed);
			if (!known)
				continue;
			assert_true(str_starts(str_of(s.url), "http://mirror"));
			assert_string_equal(s.url + strlen("http://mirror"),
			    rows[i].url);
			assert_int_equal(s.protocol, rows[i].protocol);
			feed_source_done(&s);
		}
	assert_true(feed_source_find(str_of("secdb/wolfi"), NULL, &s));
	assert_true(str_starts(str_of(s.url), "https://"));
	feed_source_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_name_gives_its_place),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* Whose document is that?  What it merely speaks of is no sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/matcher/feed.h"

static const struct {
	const char *kind, *document;
} t[] = {
	{ "osv", "{\"id\":\"GHSA-1\",\"details\":\"parsing oval_definitions, <updates> "
	  "of https://openvex.dev/ns\",\"affected\":[]}" },
	{ "osv", "{\"details\":\"\\\"tracking\\\": \\\"reponame\\\": cpe:/\","
	  "\"id\":\"GHSA-1\"}" },
	/* other kinds' members, where those do not have them */
	{ "osv", "{\"database_specific\":{\"cpes\":[\"cpe:/a:x:y\"],\"reponame\":\"\","
	  "\"document\":{\"tracking\":{}},\"@context\":\"\",\"statements\":[],"
	  "\"catalogVersion\":\"\"},\"id\":\"GHSA-1\"}" },
	/* and even at a place that any key leads to */
	{ "osv", "{\"database_specific\":{\"x\":{\"releases\":{}}},"
	  "\"data\":{\"x\":{\"cpes\":[]}},\"modified\":\"\"}" },
	{ "osv", "[{\"document\":{}}]" },
	{ "osv", "{}" }, { "osv", "" }, { "osv", "text" }, { "osv", "<html>" },
	{ "csaf", "{\"document\":{\"category\":\"csaf_vex\",\"notes\":[{\"text\":"
	  "\"see https://openvex.dev/ns\"}],\"tracking\":{\"id\":\"1\"}}}" },
	{ "csaf", " \n{ \"vulnerabilities\" : [ {\"id\":1} ] , \"document\" : {} }" },
	{ "openvex", "{\"@context\":\"https://openvex.dev/ns\",\"statements\":[]}" },
	{ "openvex", "{\"metadata\":{\"@context\":\"\",\"id\":1},\"statements\":[]}" },
	{ "secdb", "{\"packages\":[{\"pkg\":{\"name\":\"id\"}}],\"reponame\":\"main\"}" },
	{ "kev", "{\"title\":\"\",\"catalogVersion\":\"1\",\"vulnerabilities\":[]}" },
	{ "debian_tracker", "{\"bash\":{\"CVE-1\":{\"description\":\"\\\"id\\\":\","
	  "\"releases\":{\"bookworm\":{}}}}}" },
	{ "redhat_repositories", "{\"data\":{\"rhel-9\":{\"cpes\":[\"cpe:/o:x\"]}}}" },
	{ "oval", "<?xml version=\"1.0\"?>\n<!-- <updates> -->\n<oval_definitions "
	  "xmlns=\"x\"><updates/></oval_definitions>" },
	{ "oval", "\xef\xbb\xbf<oval:oval_definitions>" },
	{ "oval", "<!DOCTYPE oval_definitions [<!ENTITY a \"b\">]><x/>" },
	{ "alas", "<?xml?><updates>\n<update>oval_definitions</update></updates>" },
	{ "epss", "#model_version:v1\ncve,epss,percentile\n" },
	{ "epss", "cve,epss,percentile\nCVE-1,0.1,0.1\n" },
	/* the beginning is enough */
	{ "csaf", "{\"document\":{\"notes\":[{\"text\":\"cut he" },
	{ "alas", "<?xml version=\"1.0\"?><updates" },
};

static void
test_a_document_is_known_by_its_structure(void **state)
{
	const struct feed_importer *f;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		f = feed_of_document(str_of(t[i].document));
		if (strcmp(f->name, t[i].kind) != 0)
			fail_msg("%s, not %s: %s", f->name, t[i].kind,
			    t[i].document);
	}
}

/* Cut anywhere, and in odd pieces: an answer, and no read beyond the end. */
static void
test_any_bytes_are_some_kind(void **state)
{
	static const char *const repeated[] = { "{", "[", "}", "\"", "\\", "{\"a\":",
		"{\"a\":[", "<?", "<!--", "<", "\"a\" ", "{\"*\":", "\n" };
	const struct feed_importer *f;
	char *copy;
	struct buf b;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (n = 0; n <= strlen(t[i].document); n++) {
			copy = mem_alloc(n + 1);	/* exact, for ASan */
			memcpy(copy, t[i].document, n);
			assert_non_null(feed_of_document(str_n(copy, n)));
			free(copy);
		}
	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		buf_init(&b, 1 * MIB);
		for (n = 0; n < 10000; n++)
			assert_int_equal(buf_str(&b, str_of(repeated[i])), 0);
		f = feed_of_document(buf_view(&b));
		assert_ptr_equal(f, &feed_osv);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_document_is_known_by_its_structure),
		cmocka_unit_test(test_any_bytes_are_some_kind),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* Java's properties and XML: what the readers make of small texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/format/properties.h"
#include "common/format/xml.h"

static void
test_properties(void **state)
{
	static const struct {
		const char *in, *want;
	} t[] = {
		{ "a=1\nb:2\nc 3\n d = 4 \n", "[a|1][b|2][c|3][d|4 ]" },
		{ "#a=1\n !b=2\n\n\t\nc=3", "[c|3]" },
		{ "a=1\\\n  2\\\n3\nb=4", "[a|123][b|4]" },
		{ "a=1\\\\\nb=2", "[a|1\\][b|2]" },
		{ "a\\=b\\:c\\ d=1\r\ne=2\r\n", "[a=b:c d|1][e|2]" },
		{ "a=\\u0041\\u00e9\\u20ac\\ud83d!", "[a|A\xc3\xa9\xe2\x82\xac?!]" },
		{ "a=\\u00", "[a|00]" }, { "a=\\t\\n\\q", "[a|\t\nq]" },
		{ "a", "[a|]" }, { "a==1", "[a|=1]" }, { "=1", "[|1]" },
		{ "a=1\\", "[a|1]" }, { "\\", "[|]" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct cur c = cur_str(str_of(t[i].in));
		struct str key, value;
		struct buf room, got;

		buf_init(&room, 1000);
		buf_init(&got, 1000);
		while (properties_next(&c, &room, &key, &value))
			assert_int_equal(buf_printf(&got, "[%.*s|%.*s]",
			    STR_ARG(key), STR_ARG(value)), 0);
		if (!str_eqz(buf_view(&got), t[i].want))
			fail_msg("%s: %.*s", t[i].in, STR_ARG(buf_view(&got)));
		buf_done(&room);
		buf_done(&got);
	}
}

static void
test_xml(void **state)
{
	static const struct {
		const char *in, *want;
	} t[] = {
		{ "<?xml version='1.0'?><a><b/>x</a>", "<a <b >b .x >a " },
		{ "<a x='>' y=\"/>\">1</a >", "<a .1 >a " },
		{ "<!-- <a> -- >-->t<![CDATA[<z>]]>", ".t .<z> " },
		{ "<m:a\n x='1' /><", "<m:a >m:a < " },
		{ "<a", "<a " }, { "<!-- ", "" }, { "<?x", "" }, { "", "" },
		{ "<![CDATA[x", ".x " }, { "</", "> " }, { "<a x='", "<a " },
		{ "<a/><!DOCTYPE x [<!ENTITY y 'z'>]>", "<a >a ! unsupported" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct xml_event e;
		struct diag d;
		struct buf got;
		struct xml x;
		int rc;

		buf_init(&got, 1000);
		xml_init(&x, cur_str(str_of(t[i].in)));
		while ((rc = xml_next(&x, &e, &d)) > 0)
			assert_int_equal(buf_printf(&got, "%c%.*s ",
			    "<>."[e.kind], STR_ARG(e.text)), 0);
		if (rc < 0)
			assert_int_equal(buf_printf(&got, "! %s", err_name(rc)), 0);
		if (!str_eqz(buf_view(&got), t[i].want))
			fail_msg("%s: %.*s", t[i].in, STR_ARG(buf_view(&got)));
		buf_done(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_xml),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* What archives without descriptors are, by manifest and file name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/buf.h"
#include "worker/analyzer/maven_name.h"

#define NAMES "tests/worker/analyzer/maven/names.tsv"

static struct buf
lines_of(struct str s)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < s.n; i++) {
		bool end = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == 'n';

		assert_int_equal(buf_byte(&b, (uint8_t)(end ? '\n' : s.p[i])), 0);
		i += end;
	}
	return (b);
}

static void
test_names(void **state)
{
	struct pool *pool = pool_new(1 << 20);
	FILE *f = fopen(NAMES, "r");
	char line[4096], got[1000];
	size_t rows = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		struct str want = str_of(line), stem, text;
		struct maven_manifest m;
		struct maven_id id;
		struct buf b;

		if (line[0] == '#')
			continue;
		assert_true(str_split(&want, '\t', &stem));
		assert_true(str_split(&want, '\t', &text));
		b = lines_of(text);
		assert_int_equal(maven_manifest_read(cur_str(buf_view(&b)), pool,
		    &m), 0);
		got[0] = '\0';
		if (maven_guess(&m, stem, true, &id))
			snprintf(got, sizeof(got), "%.*s:%.*s %.*s",
			    STR_ARG(id.group), STR_ARG(id.artifact),
			    STR_ARG(id.version));
		if (!str_eqz(str_trim(want), got))
			fail_msg("%.*s is %s", STR_ARG(stem), got);
		buf_done(&b);
		rows++;
	}
	assert_true(rows > 60);
	fclose(f);
	pool_free(pool);
}

static void
test_an_agents_jar_is_not_what_it_is_named_after(void **state)
{
	const struct maven_manifest none = { .title = { NULL, 0 } };
	struct maven_id id;

	(void)state;
	assert_true(maven_guess(&none, str_of("spring-4.2.0-1.0"), true, &id));
	assert_false(maven_guess(&none, str_of("spring-4.2.0-1.0"), false, &id));
}

static void
test_whose_descriptor_it_is(void **state)
{
	static const struct { const char *stem, *artifact, *version; bool yes; } t[] = {
		{ "guava-31.1-jre", "guava", "31.1-jre", true },
		{ "guava", "guava", "31.1-jre", true },
		{ "log4j-1.2-api-2.17.1", "log4j-1.2-api", "2.17.1", true },
		{ "log4j-api-2.17.1", "log4j", "2.17.1", false },
		{ "guice-4.2.3", "cglib", "3.2.12", false },
		{ "org.eclipse.osgi_3.18.0", "org.eclipse.osgi", "3.18.0", true },
		{ "a-b-spec-1.0", "a_b_spec", "1.0", true },
		{ "x-FINAL", "x", "FINAL", true }, { "x-FINAL", "x", "1", false },
		{ "x-", "x", "1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct maven_id id = { str_of("g"), str_of(t[i].artifact),
		    str_of(t[i].version) };

		if (maven_stem_is(str_of(t[i].stem), &id) != t[i].yes)
			fail_msg("%s and %s", t[i].stem, t[i].artifact);
	}
	/* group.artifact-version */
	assert_true(maven_stem_is(str_of("g.guava-31.1-jre"),
	    &(struct maven_id) { str_of("g"), str_of("guava"), str_of("31.1-jre") }));
	assert_false(maven_stem_is(str_of("h.guava-31.1-jre"),
	    &(struct maven_id) { str_of("g"), str_of("guava"), str_of("31.1-jre") }));
	assert_true(str_eqz(maven_main_stem(str_of("a-1.0-sources")), "a-1.0"));
	assert_true(str_eqz(maven_main_stem(str_of("a-1.0-test-sources")),
	    "a-1.0"));
	assert_true(str_eqz(maven_main_stem(str_of("sources-1.0")),
	    "sources-1.0"));
}

/* As in the central repository; the descriptor says 12.4.2. */
static void
test_a_version_for_one_java(void **state)
{
	static const struct { const char *stem, *version, *want; } t[] = {
		{ "mssql-jdbc-12.4.2.jre11", "12.4.2", "12.4.2.jre11" },
		{ "com.microsoft.sqlserver.mssql-jdbc-12.4.2.jre8", "12.4.2",
		    "12.4.2.jre8" },
		{ "mssql-jdbc-12.4.2", "12.4.2", "12.4.2" },
		{ "mssql-jdbc-12.4.3.jre11", "12.4.2", "12.4.2" },
		{ "mssql-jdbc-12.4.2.jre", "12.4.2", "12.4.2" },
		{ "mssql-jdbc-12.4.2.jre1x", "12.4.2", "12.4.2" },
		{ ".jre8", "", "" }, { "1.jre8", "1", "1" },
		{ "", "1", "1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct maven_id id = { str_of("g"), str_of("a"),
		    str_of(t[i].version) };
		struct str got = maven_full_version(str_of(t[i].stem), &id);

		if (!str_eqz(got, t[i].want))
			fail_msg("%s: %.*s", t[i].stem, STR_ARG(got));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_an_agents_jar_is_not_what_it_is_named_after),
		cmocka_unit_test(test_whose_descriptor_it_is),
		cmocka_unit_test(test_a_version_for_one_java),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

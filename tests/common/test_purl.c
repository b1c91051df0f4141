/* Package URLs taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "common/purl.h"

static void
test_parts(void **state)
{
	static const struct { const char *in, *want; } t[] = {
		{ "pkg:npm/%40angular/core@1.0.0", "npm|@angular|core|1.0.0|" },
		{ "pkg:npm/@angular/core@1.0.0", "npm|@angular|core|1.0.0|" },
		{ "pkg:npm/@angular/core", "npm|@angular|core||" },
		{ "pkg:NPM/x", "npm||x||" }, { "pkg://npm//x@1", "npm||x|1|" },
		{ "pkg:golang/a.example/b/c@v1%2Bincompatible#d/e",
		    "golang|a.example/b|c|v1+incompatible|" },
		{ "pkg:deb/debian/libc6@2:1?arch=amd64&upstream=glibc%401",
		    "deb|debian|libc6|2:1|glibc@1" },
		{ "pkg:maven/g.h/a@1?type=jar", "maven|g.h|a|1|" },
		{ "pkg:x/a%2", "x||a%2||" }, { "pkg:x/a%zz%41", "x||a%zzA||" },
		{ "pkg:x/n@1?upstream=a&upstream=b", "x||n|1|a" },
		{ "pkg:x/n@1?upstream", "x||n|1|" },
		{ "", "!" }, { "pkg:", "!" }, { "pkg:npm", "!" },
		{ "pkg:npm/", "!" }, { "pkg:/x", "!" }, { "npm/x@1", "!" },
	};
	char got[256];
	struct purl p;
	int rc;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(4096);

		rc = purl_read(str_of(t[i].in), pool, &p);
		if (rc < 0) {
			assert_int_equal(rc, ERR_MALFORMED);
			snprintf(got, sizeof(got), "!");
		} else {
			struct str up = purl_qualifier(&p, "upstream", pool);

			snprintf(got, sizeof(got), "%.*s|%.*s|%.*s|%.*s|%.*s",
			    STR_ARG(p.type), STR_ARG(p.space), STR_ARG(p.name),
			    STR_ARG(p.version), STR_ARG(up));
		}
		assert_string_equal(got, t[i].want);
		pool_free(pool);
	}
}

static void
test_a_full_pool_is_a_limit(void **state)
{
	struct pool *pool = pool_new(16);
	struct purl p;

	(void)state;
	assert_int_equal(purl_read(str_of("pkg:npm/a/b@1"), pool, &p), ERR_LIMIT);
	pool_free(pool);
}

static void
test_what_is_written_reads_back(void **state)
{
#define S(s) STR_LIT(s)
	static const struct { struct package p; const char *want; } t[] = {
		{ { .type = S("deb"), .name = S("libssl3"),
		    .version = S("1:3.0.9-1+b1"), .arch = S("amd64"),
		    .source_name = S("openssl"), .source_version = S("3.0.9-1") },
		  "pkg:deb/debian/libssl3@1:3.0.9-1%2Bb1?arch=amd64&"
		  "distro=debian-12&upstream=openssl%403.0.9-1" },
		{ { .type = S("deb"), .name = S("openssl"), .version = S("1"),
		    .source_name = S("openssl") },
		  "pkg:deb/debian/openssl@1?distro=debian-12" },
		{ { .type = S("rpm"), .name = S("bash"), .version = S("2:5.1-1"),
		    .arch = S("x86_64") },
		  "pkg:rpm/debian/bash@5.1-1?arch=x86_64&distro=debian-12&"
		  "epoch=2" },
		{ { .type = S("npm"), .name = S("@angular/core"),
		    .version = S("1.0.0") }, "pkg:npm/%40angular/core@1.0.0" },
		{ { .type = S("golang"), .name = S("a.example/b/c"),
		    .version = S("v1+incompatible") },
		  "pkg:golang/a.example/b/c@v1%2Bincompatible" },
		{ { .type = S("maven"), .name = S("g.h:a"), .version = S("1") },
		  "pkg:maven/g.h/a@1" },
		{ { .type = S("pypi"), .name = S("a b") }, "pkg:pypi/a%20b" },
	};
#undef S
	struct pool *pool = pool_new(65536);
	struct purl u;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_init(&b, 4096);
		assert_int_equal(purl_write(&b, &t[i].p, str_of("debian"),
		    str_of("12")), 0);
		assert_int_equal(b.n, strlen(t[i].want));
		assert_memory_equal(b.p, t[i].want, b.n);
		assert_int_equal(purl_read(buf_view(&b), pool, &u), 0);
		assert_true(str_eq(u.type, t[i].p.type));
		assert_true(u.name.n <= t[i].p.name.n &&
		    str_eq(u.name, str_sub(t[i].p.name,
		    t[i].p.name.n - u.name.n, t[i].p.name.n)));
		assert_true(str_eqz(u.type, "rpm") ||
		    str_eq(u.version, t[i].p.version));
		buf_done(&b);
	}
	buf_init(&b, 8);
	assert_int_equal(purl_write(&b, &t[0].p, str_of("debian"),
	    str_of("12")), ERR_LIMIT);
	buf_done(&b);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_a_full_pool_is_a_limit),
		cmocka_unit_test(test_what_is_written_reads_back),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

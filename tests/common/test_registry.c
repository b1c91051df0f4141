/* Challenges, links, lists, tokens and URLs, as registries write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/pack.h"
#include "common/registry.h"

static void
test_challenges(void **state)
{
	static const struct {
		const char *in;
		int rc;
		enum registry_auth_kind kind;
		const char *realm, *service, *scope, *error;
	} t[] = {
		{ "Bearer realm=\"https://auth.example.test/token\",service=\"reg.example.test\",scope=\"repository:team/app:pull\"",
		    0, REGISTRY_BEARER, "https://auth.example.test/token", "reg.example.test", "repository:team/app:pull", "" },
		{ "Bearer realm=\"r\",service=\"s\",scope=\"repository:team/b:push,pull repository:team/app:pull\"",
		    0, REGISTRY_BEARER, "r", "s", "repository:team/b:push,pull repository:team/app:pull", "" },
		{ "bearer Realm=https://x.test/t , Service=s",
		    0, REGISTRY_BEARER, "https://x.test/t", "s", "", "" },
		{ "Bearer realm=\"https://git.example.test/v2/token\", Basic",
		    0, REGISTRY_BEARER, "https://git.example.test/v2/token", "", "", "" },
		{ "Basic, Bearer realm=\"https://git.example.test/v2/token\"",
		    0, REGISTRY_BEARER, "https://git.example.test/v2/token", "", "", "" },
		{ "Bearer realm=\"r\",service=\"s\",error=\"invalid_token\"",
		    0, REGISTRY_BEARER, "r", "s", "", "invalid_token" },
		{ "Bearer realm=\"r\",service=\"s\",scope=\"registry:catalog:*\",error=\"insufficient_scope\"",
		    0, REGISTRY_BEARER, "r", "s", "registry:catalog:*", "insufficient_scope" },
		{ "Basic realm=\"harbor\"", 0, REGISTRY_BASIC, "harbor", "", "", "" },
		{ "Bearer service=\"s\"", ERR_MALFORMED, 0, "", "", "", "" },
		{ "Bearer realm=\"first\", Bearer realm=\"second\"",
		    0, REGISTRY_BEARER, "first", "", "", "" },
		{ "Bearer service=\"s\", Basic realm=\"b\"", 0, REGISTRY_BASIC, "b", "", "", "" },
		{ "Negotiate, Basic realm=\"a b\"", 0, REGISTRY_BASIC, "a b", "", "", "" },
		{ "Negotiate abc==, Basic realm=\"a\"", 0, REGISTRY_BASIC, "a", "", "", "" },
		{ "Basic realm=\"a \\\"b\\\\ c\"", 0, REGISTRY_BASIC, "a \"b\\ c", "", "", "" },
		{ "BASIC", 0, REGISTRY_BASIC, "", "", "", "" },
		{ "Digest realm=\"x\"", ERR_UNSUPPORTED, 0, "", "", "", "" },
		{ "", ERR_UNSUPPORTED, 0, "", "", "", "" },
		{ " , ,", ERR_UNSUPPORTED, 0, "", "", "", "" },
		{ "Bearer realm=\"unterminated", ERR_UNSUPPORTED, 0, "", "", "", "" },
		{ "\"", ERR_UNSUPPORTED, 0, "", "", "", "" },
		{ "Bearer realm=\"r\\", ERR_UNSUPPORTED, 0, "", "", "", "" },
	};
	struct registry_challenge c;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(64 * KIB);

		if (registry_challenge_read(str_of(t[i].in), pool, &c, &d) !=
		    t[i].rc)
			fail_msg("row %zu: %s", i, t[i].in);
		if (t[i].rc == 0) {
			assert_int_equal(c.kind, t[i].kind);
			assert_true(str_eqz(c.realm, t[i].realm));
			assert_true(str_eqz(c.service, t[i].service));
			assert_true(str_eqz(c.scope, t[i].scope));
			assert_true(str_eqz(c.error, t[i].error));
		}
		pool_free(pool);
	}
}

/* Cut and bent headers end, whatever they are read as. */
static void
test_challenge_damage_ends(void **state)
{
	const char *whole = "Negotiate a==, Bearer realm=\"https://a\\\"/t\" , "
	    "service=s,scope=\"a b,c\",, Basic realm=\"x\"";
	size_t n = strlen(whole);
	struct registry_challenge c;
	struct diag d;

	(void)state;
	for (size_t i = 0; i <= n; i++) {
		for (int b = 0; b < 256; b += 5) {
			struct pool *pool = pool_new(64 * KIB);
			char *s = malloc(i + 1);

			assert_non_null(s);
			memcpy(s, whole, i);
			s[i] = (char)b;
			(void)registry_challenge_read(str_n(s, i + 1), pool,
			    &c, &d);
			free(s);
			pool_free(pool);
		}
	}
}

static void
test_next_page(void **state)
{
#define BASE "https://reg.test:5000/v2/_catalog?n=2"
	static const struct {
		const char *link;
		int rc;
		const char *want;
	} t[] = {
		{ "", 0, "" },
		{ "</v2/_catalog?last=b&n=2>; rel=\"next\"", 1, "https://reg.test:5000/v2/_catalog?last=b&n=2" },
		{ "</v2/_catalog?last=b>; rel=next", 1, "https://reg.test:5000/v2/_catalog?last=b" },
		{ "</v2/_catalog?last=b>;REL=\"Next\"", 1, "https://reg.test:5000/v2/_catalog?last=b" },
		{ "</v2/a?x=1,2;3>; orderby=\"a,b\"; rel=\"prev next\"", 1, "https://reg.test:5000/v2/a?x=1,2;3" },
		{ "<?cursor=z>; rel=\"next\"", 1, "https://reg.test:5000/v2/_catalog?cursor=z" },
		{ "<https://reg.test:5000/v2/x>; rel=\"next\"", 1, "https://reg.test:5000/v2/x" },
		/* another element's rel is not this one's */
		{ "</first>; rel=\"first\", </next>; rel=\"next\"", 1, "https://reg.test:5000/next" },
		{ "</last>; rel=\"last\"", 0, "" },
		{ "</x>; title=\"rel=next\"", 0, "" },
		{ "</x>", 0, "" },
		{ "<", 0, "" },
		{ "</x; rel=\"next\"", 0, "" },
		/* elsewhere, and in circles */
		{ "<https://evil.test/v2/x>; rel=\"next\"", ERR_DENIED, "" },
		{ "<http://reg.test:5000/v2/x>; rel=\"next\"", ERR_DENIED, "" },
		{ "<https://reg.test:5001/v2/x>; rel=\"next\"", ERR_DENIED, "" },
		{ "<//evil.test/v2/x>; rel=\"next\"", ERR_DENIED, "" },
		{ "<https://reg.test:5000@evil.test/>; rel=\"next\"", ERR_DENIED, "" },
		{ "<file:///etc/passwd>; rel=\"next\"", ERR_DENIED, "" },
		{ "<>; rel=\"next\"", ERR_DENIED, "" },
		{ "<" BASE ">; rel=\"next\"", ERR_DENIED, "" },
		{ "</v2/_catalog?n=2>; rel=\"next\"", ERR_DENIED, "" },
	};
	struct diag d;
	char got[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (registry_next_page(t[i].link, BASE, got, sizeof(got),
		    &d) != t[i].rc)
			fail_msg("row %zu: %s", i, t[i].link);
		if (t[i].rc == 1)
			assert_string_equal(got, t[i].want);
	}
}

static void
test_lists(void **state)
{
	static const struct {
		enum registry_document kind;
		const char *body;
		int rc;
		uint32_t n;
		const char *first;
	} t[] = {
		{ REGISTRY_CATALOG, "{\"repositories\":[\"a\",\"b/c\"]}", 0, 2, "a" },
		{ REGISTRY_CATALOG, "{\"repositories\":[]}", 0, 0, "" },
		{ REGISTRY_CATALOG, "{\"repositories\":null}", 0, 0, "" },
		{ REGISTRY_TAGS, "{\"name\":\"x\",\"tags\":null}", 0, 0, "" },
		{ REGISTRY_TAGS, "{\"name\":\"x\",\"tags\":[1,\"t\",{}]}", 0, 1, "t" },
		{ REGISTRY_TAGS, "{}", 0, 0, "" },
		{ REGISTRY_TAGS, "{\"errors\":[{\"code\":\"UNKNOWN\"}]}", ERR_MALFORMED, 0, "" },
		{ REGISTRY_CATALOG, "{\"errors\":[{\"code\":\"UNKNOWN\"}]}", ERR_MALFORMED, 0, "" },
		{ REGISTRY_CATALOG, "{\"tags\":[\"a\"]}", ERR_MALFORMED, 0, "" },
		{ REGISTRY_TAGS, "{\"tags\":\"a\"}", ERR_MALFORMED, 0, "" },
		{ REGISTRY_TAGS, "[]", ERR_MALFORMED, 0, "" },
		{ REGISTRY_TAGS, "<html>", ERR_MALFORMED, 0, "" },
		{ REGISTRY_CATALOG, "", ERR_MALFORMED, 0, "" },
	};
	struct diag d;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct str s;
		struct cur c;
		uint32_t n;

		buf_init(&out, 1000);
		assert_int_equal(registry_document_read(t[i].kind,
		    str_of(t[i].body), &out, &d), t[i].rc);
		c = cur_of(out.p, out.n);
		if (t[i].rc == 0) {
			assert_true(unpack_array(&c, &n));
			assert_int_equal(n, t[i].n);
		}
		if (t[i].n > 0) {
			assert_true(unpack_str(&c, &s));
			assert_true(str_eqz(s, t[i].first));
		}
		buf_done(&out);
	}
}

static void
test_tokens(void **state)
{
	static const struct {
		const char *body;
		int rc;
		const char *token;
		int64_t seconds;
	} t[] = {
		{ "{\"token\":\"t\",\"access_token\":\"t\",\"expires_in\":300}", 0, "t", 300 },
		{ "{\"access_token\":\"only\"}", 0, "only", 60 },
		{ "{\"token\":\"\"}", ERR_MALFORMED, "", 0 },
		{ "{}", ERR_MALFORMED, "", 0 },
		{ "{\"token\":5}", ERR_MALFORMED, "", 0 },
		/* would end the header and start another */
		{ "{\"token\":\"t\\r\\nX-Evil: 1\"}", ERR_MALFORMED, "", 0 },
		{ "{\"token\":\"t\\u0000\"}", ERR_MALFORMED, "", 0 },
		{ "{\"token\":\"t t\"}", ERR_MALFORMED, "", 0 },
		{ "{\"token\":\"t\\u007f\"}", ERR_MALFORMED, "", 0 },
	};
	struct diag d;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct str s;
		struct cur c;
		uint32_t n;
		int64_t v;

		buf_init(&out, 1000);
		assert_int_equal(registry_document_read(REGISTRY_TOKEN,
		    str_of(t[i].body), &out, &d), t[i].rc);
		c = cur_of(out.p, out.n);
		if (t[i].rc == 0) {
			assert_true(unpack_array(&c, &n));
			assert_int_equal(n, 2);
			assert_true(unpack_str(&c, &s));
			assert_true(unpack_i64(&c, &v));
			assert_true(str_eqz(s, t[i].token));
			assert_int_equal(v, t[i].seconds);
		}
		buf_done(&out);
	}
}

static void
test_origin_and_private_addresses(void **state)
{
	static const struct {
		const char *url;
		const char *origin;	/* NULL = no URL */
		bool private;
	} t[] = {
		{ "https://reg.test/v2/", "https://reg.test", false },
		{ "http://reg.test:5000?x", "http://reg.test:5000", false },
		{ "http://127.0.0.1:1/", "http://127.0.0.1:1", true },
		{ "http://localhost/", "http://localhost", true },
		{ "http://10.1.2.3", "http://10.1.2.3", true },
		{ "http://172.16.0.1", "http://172.16.0.1", true },
		{ "http://172.32.0.1", "http://172.32.0.1", false },
		{ "http://192.168.9.9", "http://192.168.9.9", true },
		{ "http://169.254.169.254/latest", "http://169.254.169.254", true },
		{ "http://100.64.0.1", "http://100.64.0.1", true },
		{ "http://0.0.0.0", "http://0.0.0.0", true },
		{ "http://8.8.8.8", "http://8.8.8.8", false },
		{ "http://[::1]:5000/", "http://[::1]:5000", true },
		{ "http://[fe80::1]/", "http://[fe80::1]", true },
		{ "http://[fd00::1]/", "http://[fd00::1]", true },
		{ "http://[::ffff:10.0.0.1]/", "http://[::ffff:10.0.0.1]", true },
		{ "http://[2001:db8::1]/", "http://[2001:db8::1]", false },
		{ "http://user:pw@reg.test/", NULL, false },
		{ "http://a@127.0.0.1/", NULL, false },
		{ "ftp://reg.test/", NULL, false },
		{ "http://", NULL, false },
		{ "http:///x", NULL, false },
		{ "http://a b/", NULL, false },
		{ "http://a\\b/", NULL, false },
		{ "reg.test", NULL, false },
	};
	char got[300];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		bool ok = http_origin(str_of(t[i].url), got, sizeof(got));

		assert_int_equal(ok, t[i].origin != NULL);
		if (ok)
			assert_string_equal(got, t[i].origin);
		if (http_is_private(str_of(t[i].url)) != t[i].private)
			fail_msg("row %zu: %s", i, t[i].url);
	}
}

static void
test_what_a_status_stands_for(void **state)
{
	static const struct {
		long status;
		int want;
	} t[] = {
		{ 200, 0 }, { 206, 0 }, { 304, 0 }, { 400, ERR_UNSUPPORTED },
		{ 401, ERR_DENIED }, { 403, ERR_DENIED }, { 404, ERR_NOT_FOUND },
		{ 408, ERR_TEMPORARY }, { 412, ERR_DENIED },
		{ 429, ERR_TEMPORARY }, { 500, ERR_TEMPORARY },
		{ 503, ERR_TEMPORARY }, { 307, ERR_UNSUPPORTED },
		{ 100, ERR_UNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(http_status_error(t[i].status), t[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_challenges),
		cmocka_unit_test(test_challenge_damage_ends),
		cmocka_unit_test(test_next_page),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_origin_and_private_addresses),
		cmocka_unit_test(test_what_a_status_stands_for),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Programs without a package: for every row of binary_list.h an excerpt of a
 * real program (excerpts.tsv) gives product and version; look-alikes do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "common/limits.h"
#include "worker/analyzer/analyzer.h"

#define EXCERPTS "tests/worker/analyzer/binary/excerpts.tsv"

extern const struct analyzer analyzer_binary;

static const struct row {
	const char *product, *files, *text;
} rows[] = {
#define BINARY(product, files, text) { product, files, text },
#include "worker/analyzer/binary_list.h"
#undef BINARY
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A small ELF file with ${text} somewhere behind ${before} bytes. */
static struct buf
elf(struct str text, size_t before)
{
	static const char head[64] = "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0";
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_int_equal(buf_add(&b, head, sizeof(head)), 0);
	for (size_t i = 0; i < before; i++)
		assert_int_equal(buf_byte(&b, (uint8_t)(i * 7)), 0);
	assert_int_equal(buf_str(&b, text), 0);
	return (b);
}

/* "product version" of the file in pieces, or "". */
static struct buf
read_in(struct str content, const char *name, size_t piece)
{
	static const uint8_t key[16];
	const struct analyzer_stream *a = analyzer_binary.stream;
	struct analyzer_file f = { .mode = 0100755, .size = content.n };
	struct pool *pool = pool_new(LIMIT_INVENTORY_BYTES);
	struct inventory_file rec = { .n = 0 };
	struct analyzer_reading *r;
	struct buf got, out;
	char path[100];
	struct diag d;
	uint64_t n;
	struct cur c;

	buf_init(&got, 1000);
	buf_init(&out, LIMIT_INVENTORY_BYTES);
	snprintf(path, sizeof(path), "usr/local/bin/%s", name);
	f.path = str_of(path);
	if (!a->wants(&f, str_sub(content, 0, ANALYZER_HEAD)))
		goto out;
	r = analyzer_open(&analyzer_binary, &f, str_sub(content, 0,
	    ANALYZER_HEAD), key);
	for (; content.n > 0; content = str_sub(content, piece, content.n))
		analyzer_feed(r, cur_str(str_sub(content, 0, piece)));
	assert_int_equal(analyzer_close(r, 0, &out, &n, &d), 0);
	c = cur_of(out.p, out.n);
	if (n > 0) {
		assert_int_equal(inventory_file_read(&c, pool, &rec), 0);
		assert_int_equal(rec.n, 1);
		assert_true(str_eqz(rec.packages[0].type, "generic"));
		assert_int_equal(buf_printf(&got, "%.*s %.*s",
		    STR_ARG(rec.packages[0].name),
		    STR_ARG(rec.packages[0].version)), 0);
	}
out:
	buf_done(&out);
	pool_free(pool);
	return (got);
}

static void
expect(struct str text, const char *name, const char *want)
{
	static const size_t before[] = { 0, 100, 390, 1000 };
	static const size_t pieces[] = { 1, 13, 500, 100000 };

	for (size_t i = 0; i < 4; i++) {
		struct buf b = elf(text, before[i]);

		for (size_t k = 0; k < 4; k++) {
			struct buf got = read_in(buf_view(&b), name, pieces[k]);

			if (!str_eqz(buf_view(&got), want))
				fail_msg("%s: got \"%.*s\", want \"%s\"", name,
				    STR_ARG(buf_view(&got)), want);
			buf_done(&got);
		}
		buf_done(&b);
	}
}

/* \xHH in ${s}. */
static struct buf
unescaped(struct str s)
{
	struct buf b;
	char hex[3] = "";

	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c == '\\' && i + 3 < s.n && s.p[i + 1] == 'x') {
			hex[0] = s.p[i + 2];
			hex[1] = s.p[i + 3];
			c = (uint8_t)strtoul(hex, NULL, 16);
			i += 3;
		}
		assert_int_equal(buf_byte(&b, c), 0);
	}
	return (b);
}

static void
test_excerpts(void **state)
{
	bool seen[ROWS] = { false };
	char line[4096], want[200], name[100];
	FILE *f = fopen(EXCERPTS, "r");

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		struct str rest = str_trim(str_of(line)), cell[4];
		struct buf text;

		if (line[0] == '#')
			continue;
		for (size_t i = 0; i < 3; i++)
			assert_true(str_split(&rest, '\t', &cell[i]));
		snprintf(want, sizeof(want), "%.*s %.*s", STR_ARG(cell[0]),
		    STR_ARG(cell[1]));
		snprintf(name, sizeof(name), "%.*s", STR_ARG(cell[2]));
		text = unescaped(rest);
		expect(buf_view(&text), name, want);
		/* under a name that no row has, it is nothing */
		expect(buf_view(&text), "applet", "");
		for (size_t i = 0; i < ROWS; i++)
			seen[i] = seen[i] || str_eqz(cell[0], rows[i].product);
		buf_done(&text);
	}
	fclose(f);
	for (size_t i = 0; i < ROWS; i++)
		if (!seen[i])
			fail_msg("no excerpt of %s", rows[i].product);
}

static void
test_look_alikes(void **state)
{
	static const struct { const char *name, *text, *want; } t[] = {
		/* BusyBox under the name of one of its applets */
		{ "xz", "^BusyBox v1.36.1 (2023)^1.12^gzip^", "" },
		{ "bash", "^BusyBox v1.36.1 (2023)^", "" },
		/* valkey under redis' name, with the version it is like */
		{ "redis-server", "^7.2.4^valkey^8.0.1^c11-builtin^"
		    "valkey8.0.1buildkitsandbox-1730000000^", "valkey 8.0.1" },
		/* lists of what others are like */
		{ "sshd", "^OpenSSH_2.5.0p1*,OpenSSH_2.5.1p1*^OpenSSH_3.0*^"
		    "OpenSSH_9.6p1^", "openssh 9.6p1" },
		{ "mysqld", "for example 10.1.1-MariaDB-mariadb1precise-log.^"
		    "11.4.2-MariaDB^", "mariadb 11.4.2" },
		{ "postgres", "before upgrading to PostgreSQL 9.1.^"
		    "PostgreSQL 16.1 (Debian 16.1-1)^", "postgresql 16.1" },
		{ "httpd", "^Apache/2^Apache/2.4^Apache/2.4.58^", "httpd 2.4.58" },
		{ "deno", "OTel-OTLP-Exporter-Deno/0.82.0grpc-timeout", "" },
		{ "libcrypto.so.3", "^OpenSSL 1.1.1 or later is needed^", "" },
		{ "python3.11", "^3.12.1^Python 3.11^3.11^", "" },
		{ "python3.11", "^3.11.4rc1^", "python 3.11.4rc1" },
		{ "python3.1", "^3.11.4^", "" },
		{ "python3.11-config", "^3.11.4^", "" },
		{ "node", "node.js/v20", "" },
		{ "nginx", "^nginx version: openresty/1.21.4.1^", "openresty 1.21.4.1" },
		{ "curl", "curl/7.88", "" },
		/* the zlib and nghttp2 inside */
		{ "envoy", "^1.3.1^1.62.1^envoy_reloadable_features^", "" },
		{ "envoy", "envoy_quic_^1.2.13^v1.28.7^", "" },
		{ "mongod", "^6.0.27^zstd^tcmalloc^", "" },
		/* numbers without an end, at the file's end, and cut */
		{ "curl", "curl/99999999999999999999999999999999999999999999999"
		    "99999999999999999999999999999.1.1", "" },
		{ "curl", "curl/8.1.2", "curl 8.1.2" },
		{ "redis-server", "^7.2.", "" },
		{ "go", "Go buildinf:", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char text[300];
		size_t n = strlen(t[i].text);

		for (size_t k = 0; k < n; k++)
			text[k] = t[i].text[k] == '^' ? '\0' : t[i].text[k];
		expect(str_n(text, n), t[i].name, t[i].want);
	}
}

static void
test_scripts_are_nothing(void **state)
{
	const struct analyzer_file f = { .path = str_of("usr/bin/nginx") };

	(void)state;
	assert_false(analyzer_binary.stream->wants(&f,
	    str_of("#!/bin/sh\necho nginx version: nginx/1.0.0\n")));
}

/* Each row can be searched for: it has plain text, one version, known signs. */
static void
test_rows_are_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const char *s = rows[i].text;
		size_t open = strcspn(s, "{"), close = strcspn(s, "}");

		if (s[open] == '\0' || s[close] == '\0' || close < open ||
		    strchr(s + open + 1, '{') != NULL)
			fail_msg("%s: no one version", s);
		for (; (s = strchr(s, '%')) != NULL; s += 2)
			if (s[1] == '\0' || strchr("vVpadswhmtf4*~0%", s[1]) == NULL)
				fail_msg("%s: what is %%%c?", rows[i].text, s[1]);
	}
	assert_true(ROWS >= 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_excerpts),
		cmocka_unit_test(test_look_alikes),
		cmocka_unit_test(test_scripts_are_nothing),
		cmocka_unit_test(test_rows_are_sound),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* Exports: what is written is read, and what is damaged, cut or lies is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/archive.h"
#include "common/limits.h"
#include "common/pack.h"
#include "common/tar_write.h"
#include "coordinator/matcher/export.h"
#include "tests/lib/tar_build.h"

#define FARM "01234567-89ab-cdef-0123-456789abcdef"
#define TIME "2026-01-02T03:04:05.000006Z"
#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HEAD "{\"format\":\"scanfarm export\",\"version\":1,\"farm\":\"" FARM \
	"\",\"created\":\"" TIME "\",\"revision\":7,"
#define FEED(name) "{\"name\":\"" name "\",\"documents\":2,\"sha256\":\"" SHA \
	"\",\"imported_at\":\"" TIME "\",\"namespaces\":[\"Debian:12\"]," \
	"\"malformed\":1,\"malformed_names\":[\"x: why\"]}"
#define FEEDS "\"feeds\":[" FEED("osv/Debian") "," FEED("secdb/v3") "]}"
#define DELTA HEAD "\"since\":3,\"documents\":2,\"gone\":1," FEEDS
#define WHOLE HEAD "\"since\":null,\"documents\":2,\"gone\":0," FEEDS

struct row {
	uint64_t feed;
	const char *name;	/* NULL ends */
	const char *id;		/* of the record; NULL = gone */
};

static void
add_row(struct buf *b, const struct row *r)
{
	struct advisory a = { .id = str_of(r->id) };
	struct export_document x = { .feed = r->feed, .name = str_of(r->name) };
	struct buf record;

	buf_init(&record, 4096);
	if (r->id != NULL)
		assert_int_equal(advisory_write(&record, &a), 0);
	x.record = buf_view(&record);
	assert_int_equal(export_document_write(b, &x), 0);
	buf_done(&record);
}

static struct buf
rows(const struct row *r)
{
	struct buf b;

	buf_init(&b, 64 * KIB);
	for (; r->name != NULL; r++)
		add_row(&b, r);
	return (b);
}

/* What came out of one, as text. */
static int
on_manifest(void *arg, const struct export_manifest *m, struct diag *d)
{
	struct buf packed;
	struct pool *pool = pool_new(1 * MIB);
	struct export_manifest again;
	struct cur c;

	/* on its way through a pipe nothing is lost */
	buf_init(&packed, 64 * KIB);
	assert_int_equal(export_manifest_write(&packed, m), 0);
	c = cur_str(buf_view(&packed));
	assert_int_equal(export_manifest_read(&c, pool, &again, d), 0);
	assert_int_equal(buf_printf(arg, "%.*s %d:%d-%d %d %d;",
	    STR_ARG(again.farm), again.delta, (int)again.since,
	    (int)again.revision, (int)again.documents, (int)again.gone), 0);
	for (size_t i = 0; i < again.nfeeds; i++)
		assert_int_equal(buf_printf(arg, "%.*s %.*s %d %d %.*s;",
		    STR_ARG(again.feeds[i].name), STR_ARG(again.feeds[i].imported_at),
		    (int)again.feeds[i].documents, (int)again.feeds[i].malformed,
		    STR_ARG(again.feeds[i].namespaces[0])), 0);
	pool_free(pool);
	buf_done(&packed);
	return (0);
}

static int
on_document(void *arg, const struct export_document *x, struct diag *d)
{
	(void)d;
	return (buf_printf(arg, "%d %.*s %s;", (int)x->feed, STR_ARG(x->name),
	    x->record.n != 0 ? "here" : "gone"));
}

static int
on_beside(void *arg, size_t i, struct str bytes, struct diag *d)
{
	(void)d;
	return (buf_printf(arg, "beside %d %.*s;", (int)i, STR_ARG(bytes)));
}

static int
read_export(struct str bytes, struct buf *ret, struct diag *d)
{
	struct source_memory m = { (const uint8_t *)bytes.p, bytes.n, 0 };
	struct source src = source_memory(&m);
	const struct export_sink sink = { ret, on_manifest, on_document,
		on_beside };

	buf_init(ret, 64 * KIB);
	d->text[0] = '\0';
	return (export_read(&src, &sink, d));
}

/* A plain tar of a manifest and one file of documents. */
static int
read_tar(const char *manifest, const char *folder, const struct row *r,
    struct buf *ret, struct diag *d)
{
	struct tar_build t;
	struct buf b = rows(r);
	char name[64];
	int rc;

	snprintf(name, sizeof(name), "%s000001.msgpack", folder);
	tar_begin(&t);
	tar_file(&t, EXPORT_MANIFEST, manifest);
	tar_add(&t, name, '0', "", buf_view(&b));
	rc = read_export(tar_end(&t), ret, d);
	tar_done(&t);
	buf_done(&b);
	return (rc);
}

static const struct row good[] = { { 0, "D-1", "D-1" }, { 0, "D-2", NULL },
	{ 1, "A-1", "A-1" }, { 0, NULL, NULL } };

static void
test_a_delta_is_read(void **state)
{
	struct buf got;
	struct diag d;

	(void)state;
	assert_int_equal(read_tar(DELTA, EXPORT_ADVISORIES, good, &got, &d), 0);
	assert_int_equal(buf_byte(&got, 0), 0);
	assert_string_equal((char *)got.p, FARM " 1:3-7 2 1;"
	    "osv/Debian " TIME " 2 1 Debian:12;secdb/v3 " TIME " 2 1 Debian:12;"
	    "0 D-1 here;0 D-2 gone;1 A-1 here;");
	buf_done(&got);
}

/* What a farm keeps of a release that left its feed travels, too. */
static void
test_what_is_kept_of_a_release_is_read(void **state)
{
	struct buf got;
	struct diag d;

	(void)state;
	assert_int_equal(read_tar(HEAD "\"since\":3,\"documents\":2,\"gone\":1,"
	    "\"feeds\":[" FEED("debian_tracker/debian") ","
	    FEED("frozen/debian_tracker/debian Debian:11") "]}",
	    EXPORT_ADVISORIES, good, &got, &d), 0);
	buf_done(&got);
}

static void
test_a_delta_may_say_that_nothing_is_new(void **state)
{
	static const struct row nothing[] = { { 0, NULL, NULL } };
	struct buf got;
	struct diag d;

	(void)state;
	assert_int_equal(read_tar(HEAD "\"since\":7,\"documents\":0,\"gone\":0,"
	    FEEDS, EXPORT_ADVISORIES, nothing, &got, &d), 0);
	buf_done(&got);
}

static void
test_what_lies_is_refused(void **state)
{
	static const struct row none[] = { { 0, NULL, NULL } };
	static const struct row swapped[] = { { 1, "A-1", "A-1" },
		{ 0, "D-1", "D-1" }, { 0, "D-2", NULL }, { 0, NULL, NULL } };
	static const struct row twice[] = { { 0, "D-1", "D-1" },
		{ 0, "D-1", NULL }, { 1, "A-1", "A-1" }, { 0, NULL, NULL } };
	static const struct row other[] = { { 0, "D-1", "D-9" },
		{ 0, "D-2", NULL }, { 1, "A-1", "A-1" }, { 0, NULL, NULL } };
	static const struct row feed[] = { { 0, "D-1", "D-1" },
		{ 0, "D-2", NULL }, { 2, "A-1", "A-1" }, { 0, NULL, NULL } };
	static const struct row nameless[] = { { 0, "", "" },
		{ 0, "D-2", NULL }, { 1, "A-1", "A-1" }, { 0, NULL, NULL } };
	static const struct { const char *manifest; const struct row *rows;
	    int rc; const char *why; } t[] = {
		{ DELTA, none, ERR_MALFORMED, "0 of 3" },
		{ DELTA, swapped, ERR_MALFORMED, "out of order" },
		{ DELTA, twice, ERR_MALFORMED, "out of order" },
		{ DELTA, other, ERR_MALFORMED, "is one of D-9" },
		{ DELTA, feed, ERR_MALFORMED, "without a feed" },
		{ DELTA, nameless, ERR_MALFORMED, "without a feed or a name" },
		{ WHOLE, good, ERR_MALFORMED, "more documents" },
		{ HEAD "\"documents\":1,\"gone\":1,\"since\":1," FEEDS, good,
		    ERR_MALFORMED, "more documents" },
		{ HEAD "\"documents\":2,\"gone\":2,\"since\":1," FEEDS, good,
		    ERR_MALFORMED, "3 of 4" },
		{ HEAD "\"documents\":2,\"gone\":1," FEEDS, good,
		    ERR_MALFORMED, "impossible counts" },
		{ HEAD "\"documents\":-2,\"gone\":1,\"since\":1," FEEDS, good,
		    ERR_MALFORMED, "missing or of another type" },
		{ HEAD "\"documents\":2,\"gone\":1,\"since\":8," FEEDS, good,
		    ERR_MALFORMED, "before since" },
		{ HEAD "\"documents\":2,\"gone\":1,\"since\":\"1\"," FEEDS, good,
		    ERR_MALFORMED, "missing or of another type" },
		{ HEAD "\"documents\":2,\"gone\":1,\"since\":1,\"feeds\":["
		    FEED("osv/a") "," FEED("osv/a") "]}", good, ERR_MALFORMED,
		    "comes twice" },
		{ HEAD "\"documents\":2,\"gone\":1,\"since\":1,\"feeds\":["
		    FEED("osv/a") "," FEED("future/b") "]}", good,
		    ERR_UNSUPPORTED, "newer scanfarm" },
		{ HEAD "\"documents\":2,\"gone\":1,\"since\":1,\"feeds\":["
		    FEED("osv/a") "," FEED("frozen/future/b Debian:11") "]}", good,
		    ERR_UNSUPPORTED, "newer scanfarm" },
		{ HEAD "\"documents\":2,\"gone\":1,\"since\":1,\"feeds\":["
		    FEED("osv/a") "," FEED("frozen/osv/b") "]}", good,
		    ERR_UNSUPPORTED, "newer scanfarm" },
		{ "{\"format\":\"scanfarm export\",\"version\":2}", good,
		    ERR_UNSUPPORTED, "version 2" },
		{ "{\"format\":\"other\"}", good, ERR_MALFORMED, "another kind" },
		{ "[]", good, ERR_MALFORMED, "another kind" },
		{ "{", good, ERR_MALFORMED, "" },
	};
	struct buf got;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		int rc = read_tar(t[i].manifest, EXPORT_ADVISORIES, t[i].rows,
		    &got, &d);

		if (rc != t[i].rc || strstr(d.text, t[i].why) == NULL)
			fail_msg("case %zu: %d: %s", i, rc, d.text);
		buf_done(&got);
	}
	assert_int_equal(read_tar(DELTA, "later/", good, &got, &d),
	    ERR_UNSUPPORTED);
	buf_done(&got);
}

/* What stands beside is named, and comes once. */
static void
test_what_stands_beside(void **state)
{
#define BESIDE(name) HEAD "\"documents\":0,\"gone\":0,\"beside\":[{\"name\":\"" name \
	"\",\"imported_at\":\"" TIME "\"}]," FEEDS
	static const struct { const char *manifest, *names[3]; int rc;
	    const char *why; } t[] = {
		{ BESIDE("kev"), { "beside/kev", NULL }, 0, "" },
		{ BESIDE("kev"), { NULL }, ERR_MALFORMED, "lacks beside/kev" },
		{ BESIDE("kev"), { "beside/epss", NULL }, ERR_MALFORMED,
		    "does not name" },
		{ BESIDE("kev"), { "beside/kev", "beside/kev", NULL },
		    ERR_MALFORMED, "does not name" },
		{ BESIDE("osv"), { "beside/osv", NULL }, ERR_UNSUPPORTED,
		    "newer scanfarm" },
		{ BESIDE("later"), { "beside/later", NULL }, ERR_UNSUPPORTED,
		    "newer scanfarm" },
	};
	struct tar_build b;
	struct buf got;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		int rc;

		tar_begin(&b);
		tar_file(&b, EXPORT_MANIFEST, t[i].manifest);
		for (size_t k = 0; t[i].names[k] != NULL; k++)
			tar_file(&b, t[i].names[k], "{}");
		rc = read_export(tar_end(&b), &got, &d);
		if (rc != t[i].rc || strstr(d.text, t[i].why) == NULL)
			fail_msg("case %zu: %d: %s", i, rc, d.text);
		if (rc == 0)
			assert_true(str_ends(buf_view(&got), ";beside 0 {};"));
		buf_done(&got);
		tar_done(&b);
	}
}

/* Compressed as in a farm, then cut at each length and each byte changed. */
static void
test_what_is_damaged_is_refused(void **state)
{
	FILE *f = tmpfile();
	struct tar_writer *w = tar_writer_new(fileno(f));
	struct buf b = rows(good), file, got, want;
	struct diag d;
	ssize_t n;

	(void)state;
	assert_int_equal(tar_writer_add(w, EXPORT_MANIFEST, str_of(DELTA), 0,
	    &d), 0);
	assert_int_equal(tar_writer_add(w, EXPORT_ADVISORIES "000001.msgpack",
	    buf_view(&b), 0, &d), 0);
	assert_int_equal(tar_writer_end(w, &d), 0);
	tar_writer_free(w);
	buf_init(&file, 64 * KIB);
	n = pread(fileno(f), buf_room(&file, 16 * KIB), 16 * KIB, 0);
	assert_true(n > 100 && n < (ssize_t)(16 * KIB));
	file.n = (size_t)n;
	assert_int_equal(read_export(buf_view(&file), &want, &d), 0);
	for (size_t i = 0; i < file.n; i++) {
		if (read_export(str_n(file.p, i), &got, &d) >= 0)
			fail_msg("%zu of %zu bytes are taken", i, file.n);
		buf_done(&got);
		/* some bits of a frame mean nothing */
		file.p[i] ^= (uint8_t)(1 << i % 8);
		if (read_export(buf_view(&file), &got, &d) >= 0 &&
		    !str_eq(buf_view(&got), buf_view(&want)))
			fail_msg("byte %zu of %zu can be changed", i, file.n);
		buf_done(&got);
		file.p[i] ^= (uint8_t)(1 << i % 8);
	}
	buf_done(&want);
	buf_done(&file);
	buf_done(&b);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_delta_is_read),
		cmocka_unit_test(test_what_is_kept_of_a_release_is_read),
		cmocka_unit_test(test_a_delta_may_say_that_nothing_is_new),
		cmocka_unit_test(test_what_lies_is_refused),
		cmocka_unit_test(test_what_stands_beside),
		cmocka_unit_test(test_what_is_damaged_is_refused),
	};

	archive_warm_up();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * The files that feeds come in: every compression around every container, cut at
 * every length, damaged at every byte, and expanding without end.
 */
#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/unpack.h"
#include "coordinator/matcher/feed.h"

#define DOCUMENTS 24

enum container { SINGLE, ZIP, TAR, CONTAINERS };
enum packing { PLAIN, GZIP, ZSTD, XZ, BZIP2, PACKINGS };

static int (*const filters[PACKINGS])(struct archive *) = {
	archive_write_add_filter_none, archive_write_add_filter_gzip,
	archive_write_add_filter_zstd, archive_write_add_filter_xz,
	archive_write_add_filter_bzip2,
};
static int (*const formats[CONTAINERS])(struct archive *) = {
	archive_write_set_format_raw, archive_write_set_format_zip,
	archive_write_set_format_ustar,
};

static la_ssize_t
to_buf(struct archive *a, void *arg, const void *p, size_t n)
{
	(void)a;
	assert_int_equal(buf_add(arg, p, n), 0);
	return ((la_ssize_t)n);
}

static void
entry(struct archive *a, const char *name, const char *content, size_t n)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, (la_int64_t)n);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, content, n), n);
	archive_entry_free(e);
}

/* ${n} documents T-00, T-01, ... in ${b}. */
static void
make(struct buf *b, enum container c, enum packing p, int n)
{
	struct archive *a = archive_write_new();
	char name[32], text[400];

	buf_init(b, 8 * MIB);
	assert_int_equal(formats[c](a), ARCHIVE_OK);
	assert_int_equal(filters[p](a), ARCHIVE_OK);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, b, NULL, to_buf, NULL),
	    ARCHIVE_OK);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "T-%02d.json", i);
		snprintf(text, sizeof(text), "{\"id\":\"T-%02d\",\"affected\":"
		    "[{\"package\":{\"ecosystem\":\"PyPI\",\"name\":\"n%x\"},"
		    "\"versions\":[\"%u\"]}],\"summary\":\"%x %x\"}", i,
		    (unsigned)i * 2654435761u, (unsigned)i * 40503u,
		    (unsigned)i * 2246822519u, (unsigned)i * 3266489917u);
		entry(a, name, text, strlen(text));
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

struct seen {
	int times[DOCUMENTS];
	int malformed;		/* reported */
};

static int
see(void *arg, const struct advisory *a, struct diag *d)
{
	struct seen *s = arg;
	uint64_t i;

	(void)d;
	if (a->id.n == 4 && str_starts(a->id, "T-") &&
	    str_u64(str_sub(a->id, 2, 4), &i) && i < DOCUMENTS)
		s->times[i]++;
	return (0);
}

static int
see_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	struct seen *s = arg;

	(void)name; (void)d;
	assert_true(why->text[0] != '\0');
	s->malformed++;
	return (0);
}

static int
import(struct str bytes, size_t piece, struct seen *s, struct feed_count *count,
    struct diag *d)
{
	struct source_memory m = { (const uint8_t *)bytes.p, bytes.n, piece };
	struct source src = source_memory(&m);
	struct feed_sink sink = { s, see, see_malformed, NULL, NULL };

	*s = (struct seen) { .malformed = 0 };
	*count = (struct feed_count) { 0 };
	return (feed_import(&feed_osv, &src, str_of("file"), &sink, count, d));
}

static void
test_every_compression_of_every_container_is_read(void **state)
{
	static const size_t pieces[] = { 0, 1, 100 };
	struct feed_count count;
	struct seen s;
	struct buf b;
	struct diag d;

	(void)state;
	for (int c = 0; c < CONTAINERS; c++)
		for (int p = 0; p < PACKINGS; p++)
			for (size_t i = 0; i < 3; i++) {
				int n = c == SINGLE ? 1 : DOCUMENTS;

				make(&b, c, p, n);
				if (import(buf_view(&b), pieces[i], &s, &count,
				    &d) < 0)
					fail_msg("%d %d: %s", c, p, d.text);
				assert_int_equal(count.documents, n);
				assert_int_equal(count.malformed, 0);
				assert_int_equal(count.archive, c != SINGLE);
				buf_done(&b);
			}
}

static void
test_what_was_cut_is_never_read_as_whole(void **state)
{
	struct feed_count count;
	struct seen s;
	struct buf b;
	struct diag d;
	char *copy;

	(void)state;
	for (int c = 0; c < CONTAINERS; c++)
		for (int p = 0; p < PACKINGS; p++) {
			/* a plain zip without its directory: test_feed.c */
			if (p == PLAIN && c == ZIP)
				continue;
			make(&b, c, p, c == SINGLE ? 1 : 2);
			/* of the two zero blocks behind a tar one is enough */
			for (size_t cut = 1; cut < b.n; cut++) {
				int rc;

				copy = mem_alloc(cut);
				memcpy(copy, b.p, cut);
				rc = import(str_n(copy, cut), 0, &s, &count, &d);
				if (rc == 0 && count.malformed == 0 &&
				    !(p == PLAIN && c == TAR && cut + 512 >= b.n))
					fail_msg("%d %d cut at %zu of %zu", c,
					    p, cut, b.n);
				free(copy);
			}
			buf_done(&b);
		}
}

/* The entry that byte ${at} of the zip is in: its header, content, descriptor.
 * *${ending}: in its name's ".json", without which it is no document. */
static int
entry_at(const struct buf *b, size_t at, bool *ending)
{
	size_t begin = 0;
	int n = -1;

	for (size_t i = 0; i + 4 <= b->n && i <= at; i++)
		if (memcmp(b->p + i, "PK\3\4", 4) == 0) {
			n++;
			begin = i;
		}
	*ending = at - begin >= 30 + 4 && at - begin < 30 + 9;
	return (n);
}

static void
test_damage_in_a_zip_loses_what_it_hits_and_says_so(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct feed_count count;
	size_t directory;
	struct seen s;
	struct buf b;
	struct diag d;

	(void)state;
	make(&b, ZIP, PLAIN, DOCUMENTS);
	for (directory = 0; memcmp(b.p + directory, "PK\1\2", 4) != 0;
	    directory++)
		;
	for (size_t at = 4; at < directory; at++) {
		bool ending;
		int hit = entry_at(&b, at, &ending);

		b.p[at] ^= flips[at % 3];
		if (import(buf_view(&b), 0, &s, &count, &d) < 0)
			fail_msg("byte %zu (%d): %s", at, hit, d.text);
		for (int i = 0; i < DOCUMENTS; i++)
			if (s.times[i] != 1 && i != hit)
				fail_msg("byte %zu of entry %d: %d has come %d "
				    "times", at, hit, i, s.times[i]);
		if (s.malformed > 1)
			fail_msg("byte %zu: told %d times", at, s.malformed);
		if (s.times[hit] == 0 && s.malformed == 0 && !ending)
			fail_msg("byte %zu: %d lost in silence", at, hit);
		b.p[at] ^= flips[at % 3];
	}
	buf_done(&b);
}

static void
test_a_bomb_is_a_limit(void **state)
{
	static const struct inflate_limits out = { .out = 4 * MIB },
	    ratio = { .ratio = 100, .ratio_free = 1 * MIB };
	size_t n = 40 * MIB;
	char *zeros = calloc(1, n);
	struct feed_count count;
	struct seen s;
	struct buf b;
	struct diag d;

	(void)state;
	for (int p = GZIP; p < PACKINGS; p++) {
		struct archive *a = archive_write_new();

		buf_init(&b, 8 * MIB);
		archive_write_set_format_raw(a);
		filters[p](a);
		archive_write_open(a, &b, NULL, to_buf, NULL);
		entry(a, "x", zeros, n);
		archive_write_close(a);
		archive_write_free(a);
		assert_int_equal(import(buf_view(&b), 0, &s, &count, &d),
		    ERR_LIMIT);
		for (int i = 0; i < 2; i++) {
			struct source_memory m = { b.p, b.n, 0 };
			struct source src = source_memory(&m);
			struct unpack *u = NULL;
			const uint8_t *piece;
			int64_t got;

			assert_int_equal(unpack_new(&src, i == 0 ? &out : &ratio,
			    &u, &d), 0);
			while ((got = unpack_read(u, &piece, &d)) > 0)
				;
			assert_int_equal(got, ERR_LIMIT);
			assert_int_equal(unpack_read(u, &piece, &d), ERR_LIMIT);
			unpack_free(u);
		}
		buf_done(&b);
	}
	free(zeros);
}

static void
test_names_tell_what_is_inside(void **state)
{
	static const char *const rows[][2] = {
		{ "a.json", "a.json" }, { "a.json.gz", "a.json" },
		{ "a.tar.zst", "a.tar" }, { "a.xml.bz2", "a.xml" },
		{ "a.zip.xz", "a.zip" }, { ".gz", "" }, { "", "" },
		{ "a.xz.gz", "a.xz" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(str_eqz(unpack_name(str_of(rows[i][0])),
		    rows[i][1]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_compression_of_every_container_is_read),
		cmocka_unit_test(test_what_was_cut_is_never_read_as_whole),
		cmocka_unit_test(test_damage_in_a_zip_loses_what_it_hits_and_says_so),
		cmocka_unit_test(test_a_bomb_is_a_limit),
		cmocka_unit_test(test_names_tell_what_is_inside),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

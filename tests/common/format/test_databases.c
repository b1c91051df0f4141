/*
 * Berkeley DB, ndb and SQLite's log against files made to mislead them, derived
 * from the samples of tests/worker/analyzer/rpm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/format/bdb.h"
#include "common/format/ndb.h"
#include "common/format/sqlite_wal.h"
#include "tests/lib/slurp.h"

#define FOLDER "tests/worker/analyzer/rpm/"

static void
le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
get32(const uint8_t *p)
{
	return (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24);
}

struct count {
	unsigned good, bad;
	int code;	/* of the last bad one, or of opening */
};

static struct count
count_bdb(const struct buf *file)
{
	struct count c = { 0, 0, 0 };
	struct str key, value;
	struct bdb b;
	int rc;

	c.code = bdb_open(buf_view(file), &b, NULL);
	while (c.code == 0 || c.bad > 0) {
		if ((rc = bdb_next(&b, &key, &value, NULL)) == 0)
			break;
		if (rc > 0)
			c.good++;
		else
			c.bad++, c.code = rc;
	}
	bdb_close(&b);
	return (c);
}

static struct count
count_ndb(const struct buf *file)
{
	struct count c = { 0, 0, 0 };
	struct str blob;
	struct ndb n;
	int rc;

	if ((c.code = ndb_open(buf_view(file), &n, NULL)) < 0)
		return (c);
	while ((rc = ndb_next(&n, &blob, NULL)) != 0)
		if (rc > 0)
			c.good++;
		else
			c.bad++, c.code = rc;
	return (c);
}

static void
expect(struct count c, unsigned good, unsigned bad, int code)
{
	if (c.good != good || c.bad != bad || c.code != code)
		fail_msg("%u good, %u bad, code %d; want %u, %u, %d", c.good,
		    c.bad, c.code, good, bad, code);
}

/* The first overflow page of ${b}, whose pages have 512 bytes. */
static uint8_t *
chain_of(struct buf *b)
{
	for (size_t at = 512; at < b->n; at += 512)
		if (b->p[at + 25] == 7)
			return (b->p + at);
	fail_msg("no overflow page");
	return (NULL);
}

/* 7 headers and the counter. */
#define PAIRS 8

static void
test_bdb_chains(void **state)
{
	struct buf b = slurp(FOLDER "bdb-little.in");
	uint8_t *page = chain_of(&b);
	uint32_t next = get32(page + 16);

	(void)state;
	expect(count_bdb(&b), PAIRS, 0, 0);
	le32(page + 16, get32(page + 8));	/* to itself */
	expect(count_bdb(&b), PAIRS - 1, 1, ERR_MALFORMED);
	le32(page + 16, 0xffffffff);		/* out of the file */
	expect(count_bdb(&b), PAIRS - 1, 1, ERR_MALFORMED);
	le32(page + 16, 0);			/* ends too early */
	expect(count_bdb(&b), PAIRS - 1, 1, ERR_MALFORMED);
	le32(page + 16, next);
	page[25] = 13;				/* another type: read as pairs */
	assert_true(count_bdb(&b).code == ERR_MALFORMED);
	page[25] = 7;
	page[22] = page[23] = 0xff;		/* more bytes than a page has */
	expect(count_bdb(&b), PAIRS - 1, 1, ERR_MALFORMED);
	page[22] = page[23] = 0;		/* none: no progress */
	expect(count_bdb(&b), PAIRS - 1, 1, ERR_MALFORMED);
	buf_done(&b);
}

/* Two values on one chain would be read again and again. */
static void
test_bdb_chains_share_nothing(void **state)
{
	struct buf b = slurp(FOLDER "bdb-little.in");
	uint8_t *first = NULL;
	unsigned changed = 0;

	(void)state;
	for (size_t at = 512; at < b.n; at += 512) {
		uint8_t *p = b.p + at;
		unsigned n = p[20] | (unsigned)p[21] << 8;

		for (unsigned i = 1; p[25] == 13 && i < n; i += 2) {
			uint8_t *item = p + (p[26 + 2 * i] |
			    (unsigned)p[27 + 2 * i] << 8);

			if (item[0] != 3)
				continue;
			if (first == NULL)
				first = item;
			else if (++changed)
				memcpy(item + 4, first + 4, 8);
		}
	}
	assert_int_equal(changed, PAIRS - 2);
	expect(count_bdb(&b), 2, PAIRS - 2, ERR_MALFORMED);
	buf_done(&b);
}

static void
test_bdb_pages(void **state)
{
	static const struct { const char *why; unsigned at; uint32_t v; int code; }
	t[] = {
		{ "a page size that is no power of two", 20, 513,
		    ERR_MALFORMED },
		{ "pages of 0 bytes", 20, 0, ERR_MALFORMED },
		{ "pages of 128 KiB", 20, 131072, ERR_MALFORMED },
		{ "an old version", 16, 7, ERR_UNSUPPORTED },
		{ "a version to come", 16, 11, ERR_UNSUPPORTED },
		{ "a tree", 12, 0x00053162, ERR_UNSUPPORTED },
		{ "another magic number", 12, 0x12345678, ERR_MALFORMED },
		{ "encrypted", 24, 0x0801, ERR_UNSUPPORTED },
		{ "with checksums", 24, 0x010800, ERR_UNSUPPORTED },
		{ "another type", 24, 0x0900, ERR_MALFORMED },
		{ "partitioned", 36, 2, ERR_UNSUPPORTED },
	};
	struct buf b = slurp(FOLDER "bdb-little.in");

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint32_t old = get32(b.p + t[i].at);
		struct count c;

		le32(b.p + t[i].at, t[i].v);
		c = count_bdb(&b);
		if (c.good != 0 || c.code != t[i].code)
			fail_msg("%s: %u, %d", t[i].why, c.good, c.code);
		le32(b.p + t[i].at, old);
	}
	/* more pages than the file has: cut, which is told once */
	le32(b.p + 32, 0xffffffff);
	expect(count_bdb(&b), PAIRS, 1, ERR_MALFORMED);
	buf_done(&b);
}

static void
test_bdb_items(void **state)
{
	struct buf b = slurp(FOLDER "bdb-inline.in");
	uint8_t *page = NULL;

	(void)state;
	for (size_t at = 16384; page == NULL && at < b.n; at += 16384)
		if (b.p[at + 25] == 13 && b.p[at + 20] >= 4)
			page = b.p + at;
	assert_non_null(page);
	expect(count_bdb(&b), PAIRS, 0, 0);
	page[28] = 0xff;	/* a value's offset above its key's */
	page[29] = 0xff;
	assert_int_equal(count_bdb(&b).code, ERR_MALFORMED);
	page[28] = 1;		/* among the offsets */
	page[29] = 0;
	assert_int_equal(count_bdb(&b).code, ERR_MALFORMED);
	page[20] = page[21] = 0xfe;	/* more items than a page holds */
	assert_int_equal(count_bdb(&b).code, ERR_MALFORMED);
	buf_done(&b);
}

static void
test_ndb_slots_and_blobs(void **state)
{
	struct buf b = slurp(FOLDER "ndb.in");
	uint8_t *slot = b.p + 32, *blob = b.p + get32(slot + 8) * 16;
	uint32_t old;

	(void)state;
	expect(count_ndb(&b), 7, 0, 0);		/* past a free slot */
	blob[40] ^= 1;				/* checksum */
	expect(count_ndb(&b), 6, 1, ERR_MALFORMED);
	blob[40] ^= 1;
	blob[4]++;				/* another package */
	expect(count_ndb(&b), 6, 1, ERR_MALFORMED);
	blob[4]--;
	old = get32(blob + 12);
	le32(blob + 12, 0xffffffff);		/* longer than its blocks */
	expect(count_ndb(&b), 6, 1, ERR_MALFORMED);
	le32(blob + 12, old - 16);		/* shorter */
	expect(count_ndb(&b), 6, 1, ERR_MALFORMED);
	le32(blob + 12, old);
	old = get32(slot + 12);
	le32(slot + 12, 0x10000001);		/* 2^32 bytes and 16 */
	expect(count_ndb(&b), 6, 1, ERR_MALFORMED);
	le32(slot + 12, 0);
	expect(count_ndb(&b), 6, 1, ERR_MALFORMED);
	le32(slot + 12, old);
	slot[0] = 's';				/* no slot */
	expect(count_ndb(&b), 6, 1, ERR_MALFORMED);
	slot[0] = 'S';
	expect(count_ndb(&b), 7, 0, 0);
	buf_done(&b);
}

/* Every slot names the same blob: 254 checksums of it are one too many. */
static void
test_ndb_blobs_do_not_overlap(void **state)
{
	struct buf b = slurp(FOLDER "ndb.in");
	struct count c;

	(void)state;
	for (size_t at = 48; at < 4096; at += 16)
		memcpy(b.p + at, b.p + 32, 16);
	c = count_ndb(&b);
	assert_int_equal(c.code, ERR_MALFORMED);
	assert_true(c.good > 0 && c.good < 20 && c.good + c.bad == 254);
	buf_done(&b);
}

static void
test_ndb_headers(void **state)
{
	struct buf b = slurp(FOLDER "ndb.in");

	(void)state;
	le32(b.p + 12, 0);
	expect(count_ndb(&b), 0, 0, ERR_MALFORMED);
	le32(b.p + 12, 2049);
	expect(count_ndb(&b), 0, 0, ERR_MALFORMED);
	le32(b.p + 4, 1);
	expect(count_ndb(&b), 0, 0, ERR_UNSUPPORTED);
	b.p[0] = 'r';
	expect(count_ndb(&b), 0, 0, ERR_MALFORMED);
	buf_done(&b);
}

/* Whether the log changes the image, and what apply says. */
static bool
applied(const struct buf *wal, const struct buf *image, int *rc)
{
	struct buf b;
	bool changed;

	buf_init(&b, (size_t)1 << 24);
	assert_int_equal(buf_str(&b, buf_view(image)), 0);
	*rc = sqlite_wal_apply(buf_view(wal), &b, NULL);
	changed = !str_eq(buf_view(&b), buf_view(image));
	buf_done(&b);
	return (changed);
}

static void
test_wal_is_applied_up_to_its_last_commit(void **state)
{
	struct buf image = slurp(FOLDER "wal.in"), wal = slurp(FOLDER "wal.side");
	size_t frame = 24 + 1024, all = wal.n;
	int rc;

	(void)state;
	assert_true(applied(&wal, &image, &rc));
	assert_int_equal(rc, 0);
	/* Cut within its first transaction there is nothing to apply. */
	wal.n = 32 + frame * 2;
	assert_false(applied(&wal, &image, &rc));
	assert_int_equal(rc, 0);
	wal.n = all;
	/* The frame before the last commit is damaged. */
	wal.p[32 + 24 + 100] ^= 1;
	assert_false(applied(&wal, &image, &rc));
	assert_int_equal(rc, 0);
	wal.p[32 + 24 + 100] ^= 1;
	/* Salts of another generation, checksum of the header, version. */
	for (size_t at = 4; at < 32; at += 4) {
		wal.p[at] ^= 1;
		assert_false(applied(&wal, &image, &rc));
		assert_int_equal(rc, 0);
		wal.p[at] ^= 1;
	}
	wal.n = 0;
	assert_false(applied(&wal, &image, &rc));
	assert_int_equal(rc, 0);
	buf_done(&image);
	buf_done(&wal);
}

/* A log whose pages are not this file's is told and changes nothing. */
static void
test_wal_beside_another_file(void **state)
{
	struct buf image = slurp(FOLDER "wal.in"), wal = slurp(FOLDER "wal.side");
	size_t all = image.n;
	int rc;

	(void)state;
	image.p[16] = 2;	/* pages of 512 bytes */
	assert_false(applied(&wal, &image, &rc));
	assert_int_equal(rc, ERR_MALFORMED);
	image.p[16] = 4;
	for (image.n = 0; image.n < all - 16 * 1024; image.n += 1024) {
		assert_false(applied(&wal, &image, &rc));
		assert_int_equal(rc, ERR_MALFORMED);
	}
	buf_done(&image);
	buf_done(&wal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bdb_chains),
		cmocka_unit_test(test_bdb_chains_share_nothing),
		cmocka_unit_test(test_bdb_pages),
		cmocka_unit_test(test_bdb_items),
		cmocka_unit_test(test_ndb_slots_and_blobs),
		cmocka_unit_test(test_ndb_blobs_do_not_overlap),
		cmocka_unit_test(test_ndb_headers),
		cmocka_unit_test(test_wal_is_applied_up_to_its_last_commit),
		cmocka_unit_test(test_wal_beside_another_file),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

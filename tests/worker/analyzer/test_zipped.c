/* Zips whose entries share their bytes: a small file that says it holds
 * terabytes ends with a limit, not hours later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/buf.h"
#include "common/limits.h"
#include "worker/analyzer/zipped.h"

#define NAME "a-1.dist-info/METADATA"
#define SIZE (1 * MIB)

static void
le(struct buf *b, uint64_t v, unsigned n)
{
	for (; n > 0; n--, v >>= 8)
		assert_int_equal(buf_byte(b, (uint8_t)v), 0);
}

/* The fields that a local header and an entry of the directory share. */
static void
common(struct buf *b)
{
	le(b, 10, 2);		/* version needed */
	le(b, 0, 8);		/* flags, stored, time, date */
	le(b, 0, 4);		/* checksum */
	le(b, SIZE, 4);
	le(b, SIZE, 4);
	le(b, sizeof(NAME) - 1, 2);
	le(b, 0, 2);		/* extra */
}

static struct buf
zip_of(unsigned entries)
{
	struct buf b;
	size_t at;

	buf_init(&b, 2 * SIZE + entries * 100);
	le(&b, 0x04034b50, 4);
	common(&b);
	assert_int_equal(buf_str(&b, str_of(NAME)), 0);
	for (size_t i = 0; i < SIZE; i++)
		assert_int_equal(buf_byte(&b, 'x'), 0);
	at = b.n;
	for (unsigned i = 0; i < entries; i++) {
		le(&b, 0x02014b50, 4);
		le(&b, 20, 2);
		common(&b);
		le(&b, 0, 14);	/* comment, disk, attributes, offset */
		assert_int_equal(buf_str(&b, str_of(NAME)), 0);
	}
	le(&b, 0x06054b50, 4);
	le(&b, 0, 4);
	le(&b, entries, 2);
	le(&b, entries, 2);
	le(&b, b.n - 12 - at, 4);
	le(&b, at, 4);
	le(&b, 0, 2);
	return (b);
}

static bool
all(struct str path)
{
	return (str_eqz(path, NAME));
}

static int
count(void *arg, struct str path, struct str content, struct diag *d)
{
	(void)path;
	(void)d;
	assert_int_equal(content.n, SIZE);
	++*(unsigned *)arg;
	return (0);
}

static void
test_shared_bytes_count_every_time(void **state)
{
	static const struct {
		unsigned entries, read;
		size_t max;
		int want;
	} t[] = {
		{ 1, 1, SIZE, 0 }, { 100, 100, SIZE, ERR_MALFORMED },
		{ 60000, LIMIT_ZIPPED_BYTES / SIZE, SIZE, ERR_LIMIT },
		{ 1, 0, SIZE - 1, ERR_LIMIT },
	};
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b = zip_of(t[i].entries);
		unsigned n = 0;
		const struct zipped z = { all, count, &n, t[i].max };

		assert_int_equal(zipped_read(buf_view(&b), &z, &d), t[i].want);
		assert_int_equal(n, t[i].read);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared_bytes_count_every_time),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

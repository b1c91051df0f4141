/* Headers of rpm databases, right and wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "common/format/rpmhdr.h"

struct entry {
	uint32_t tag, type, offset, count;
};

static void
be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* In memory of its own, so that ASan sees reads behind its end. */
static struct str
header(const struct entry *e, uint32_t n, const char *data, uint32_t bytes)
{
	size_t size = 8 + 16 * (size_t)n + bytes;
	uint8_t *p = malloc(size);

	be32(p, n);
	be32(p + 4, bytes);
	for (uint32_t i = 0; i < n; i++) {
		be32(p + 8 + 16 * i, e[i].tag);
		be32(p + 12 + 16 * i, e[i].type);
		be32(p + 16 + 16 * i, e[i].offset);
		be32(p + 20 + 16 * i, e[i].count);
	}
	memcpy(p + 8 + 16 * (size_t)n, data, bytes);
	return (str_n(p, size));
}

static void
test_values_are_found(void **state)
{
	static const char data[] = "\0\0\0\7\0\0\0\11foo\0" "1.2\0" "a\0\0bc\0";
	static const struct entry e[] = {
		{ 1000, 6, 8, 1 }, { 1001, 6, 12, 1 }, { 1003, 4, 0, 2 },
		{ 1117, 8, 16, 3 }, { 1004, 9, 16, 3 },
	};
	struct str s = header(e, 5, data, sizeof(data) - 1), t;
	struct rpmhdr_array a;
	struct rpmhdr h;
	struct diag d;
	uint32_t v;

	(void)state;
	assert_int_equal(rpmhdr_read(s, &h, &d), 0);
	assert_int_equal(rpmhdr_str(&h, RPMHDR_NAME, &t, &d), 1);
	assert_true(str_eqz(t, "foo"));
	assert_int_equal(rpmhdr_u32(&h, RPMHDR_EPOCH, &v, &d), 1);
	assert_int_equal(v, 7);
	assert_int_equal(rpmhdr_str(&h, RPMHDR_RELEASE, &t, &d), 0);
	assert_int_equal(rpmhdr_strs(&h, RPMHDR_BASENAMES, &a, &d), 1);
	assert_true(rpmhdr_next_str(&a, &t) && str_eqz(t, "a"));
	assert_true(rpmhdr_next_str(&a, &t) && t.n == 0);
	assert_true(rpmhdr_next_str(&a, &t) && str_eqz(t, "bc"));
	assert_false(rpmhdr_next_str(&a, &t));
	assert_int_equal(a.left, 0);
	assert_int_equal(rpmhdr_u32s(&h, RPMHDR_EPOCH, &a, &d), 1);
	assert_true(rpmhdr_next_u32(&a, &v) && v == 7);
	assert_true(rpmhdr_next_u32(&a, &v) && v == 9);
	assert_false(rpmhdr_next_u32(&a, &v));
	/* another type than asked for is no value */
	assert_int_equal(rpmhdr_u32(&h, RPMHDR_NAME, &v, &d), ERR_MALFORMED);
	assert_int_equal(rpmhdr_str(&h, RPMHDR_EPOCH, &t, &d), ERR_MALFORMED);
	free((void *)s.p);
}

/* What was added at installation overrides the region, and a tag of the
 * signatures is no package's. */
static void
test_the_last_entry_counts(void **state)
{
	static const struct entry e[] = {
		{ 63, 7, 8, 16 }, { 1000, 6, 0, 1 }, { 1000, 6, 4, 1 },
	};
	static const char data[24] = "old\0new";
	struct str s = header(e, 3, data, sizeof(data)), t;
	struct rpmhdr h;

	(void)state;
	assert_int_equal(rpmhdr_read(s, &h, NULL), 0);
	assert_int_equal(rpmhdr_str(&h, RPMHDR_NAME, &t, NULL), 1);
	assert_true(str_eqz(t, "new"));
	free((void *)s.p);
}

static void
test_lying_entries_are_refused(void **state)
{
	static const struct { const char *why; struct entry e; } t[] = {
		{ "an offset behind the data", { 1000, 6, 9, 1 } },
		{ "a negative offset", { 1000, 6, 0xfffffff0, 1 } },
		{ "no value", { 1000, 6, 0, 0 } },
		{ "an unknown type", { 1000, 10, 0, 1 } },
		{ "not aligned", { 1003, 4, 2, 1 } },
		{ "more numbers than data", { 1003, 4, 4, 2 } },
		{ "a number of numbers that overflows", { 1003, 4, 0, 0x40000001 } },
		{ "more bytes than data", { 1003, 7, 1, 8 } },
	};
	struct rpmhdr h;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct str s = header(&t[i].e, 1, "12345678", 8);

		if (rpmhdr_read(s, &h, NULL) != ERR_MALFORMED)
			fail_msg("%s", t[i].why);
		free((void *)s.p);
	}
}

static void
test_lengths_are_within_the_blob(void **state)
{
	static const struct entry e = { 1000, 6, 0, 1 };
	struct str s = header(&e, 1, "foo", 4);
	struct rpmhdr h;

	(void)state;
	for (size_t n = 0; n < s.n; n++) {
		char *exact = malloc(n + 1);

		memcpy(exact, s.p, n);
		assert_int_equal(rpmhdr_read(str_n(exact, n), &h, NULL),
		    ERR_MALFORMED);
		free(exact);
	}
	/* whole, and then with numbers that lie */
	assert_int_equal(rpmhdr_read(s, &h, NULL), 0);
	be32((uint8_t *)s.p, 0xffffffff);
	assert_int_equal(rpmhdr_read(s, &h, NULL), ERR_MALFORMED);
	be32((uint8_t *)s.p, 0);
	assert_int_equal(rpmhdr_read(s, &h, NULL), ERR_MALFORMED);
	/* the magic number of .rpm files does not belong here */
	memcpy((char *)s.p, "\x8e\xad\xe8\x01", 4);
	assert_int_equal(rpmhdr_read(s, &h, NULL), ERR_MALFORMED);
	free((void *)s.p);
}

static void
test_texts_end_within_the_data(void **state)
{
	static const struct entry e[] = { { 1000, 6, 4, 1 }, { 1117, 8, 0, 3 } };
	struct str s = header(e, 2, "a\0b\0cde", 7), t;
	struct rpmhdr_array a;
	struct rpmhdr h;

	(void)state;
	assert_int_equal(rpmhdr_read(s, &h, NULL), 0);
	assert_int_equal(rpmhdr_str(&h, RPMHDR_NAME, &t, NULL), ERR_MALFORMED);
	assert_int_equal(rpmhdr_strs(&h, RPMHDR_BASENAMES, &a, NULL), 1);
	assert_true(rpmhdr_next_str(&a, &t));
	assert_true(rpmhdr_next_str(&a, &t));
	assert_false(rpmhdr_next_str(&a, &t));
	assert_int_equal(a.left, 1);
	free((void *)s.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_found),
		cmocka_unit_test(test_the_last_entry_counts),
		cmocka_unit_test(test_lying_entries_are_refused),
		cmocka_unit_test(test_lengths_are_within_the_blob),
		cmocka_unit_test(test_texts_end_within_the_data),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

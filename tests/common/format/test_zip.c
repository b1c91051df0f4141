/* Zip directories: found behind and before other bytes, and when they lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/format/zip.h"

static void
le(struct buf *b, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		assert_int_equal(buf_byte(b, i < 8 ? (uint8_t)(v >> (8 * i)) : 0), 0);
}

static void
local(struct buf *b, const char *name, uint16_t method, struct str data)
{
	le(b, 0x04034b50, 4);
	le(b, 20, 2);
	le(b, 0, 2);
	le(b, method, 2);
	le(b, 0, 16);
	le(b, strlen(name), 2);
	le(b, 0, 2);
	assert_int_equal(buf_str(b, str_of(name)), 0);
	assert_int_equal(buf_str(b, data), 0);
}

static void
entry(struct buf *b, const char *name, uint16_t flags, uint16_t method,
    uint64_t packed, uint64_t size, uint64_t header)
{
	le(b, 0x02014b50, 4);
	le(b, 20, 2);
	le(b, 20, 2);
	le(b, flags, 2);
	le(b, method, 2);
	le(b, 0, 8);
	le(b, packed, 4);
	le(b, size, 4);
	le(b, strlen(name), 2);
	le(b, 0, 12);
	le(b, 0, 2);
	b->n -= 2;
	le(b, header, 4);
	assert_int_equal(buf_str(b, str_of(name)), 0);
}

static void
end(struct buf *b, uint16_t n, uint64_t size, uint64_t offset, const char *comment)
{
	le(b, 0x06054b50, 4);
	le(b, 0, 4);
	le(b, n, 2);
	le(b, n, 2);
	le(b, size, 4);
	le(b, offset, 4);
	le(b, strlen(comment), 2);
	assert_int_equal(buf_str(b, str_of(comment)), 0);
}

/* "hello", deflated. */
static const uint8_t hello[] = { 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0 };

static struct buf
two(const char *before, const char *comment)
{
	size_t a, d;
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_int_equal(buf_str(&b, str_of(before)), 0);
	local(&b, "a", 0, str_of("stored"));
	a = b.n - strlen(before);
	local(&b, "b", 8, str_n(hello, sizeof(hello)));
	d = b.n;
	entry(&b, "a", 0, 0, 6, 6, 0);
	entry(&b, "b", 0, 8, sizeof(hello), 5, a);
	end(&b, 2, b.n - d, d - strlen(before), comment);
	return (b);
}

/* Names and contents as "a=stored b=hello", or the error's name. */
static struct buf
read_all(struct str file)
{
	char *exact = malloc(file.n + 1);
	struct inflate_one *inf = inflate_one_new(INFLATE_BARE);
	struct buf out, room;
	struct zip_entry e;
	struct zip z;
	struct diag d;
	struct str s;
	int rc;

	if (file.n > 0)
		memcpy(exact, file.p, file.n);
	buf_init(&out, 1 << 20);
	buf_init(&room, 1 << 16);
	if ((rc = zip_open(cur_of(exact, file.n), &z, &d)) > 0) {
		while ((rc = zip_next(&z, &e, &d)) > 0) {
			rc = zip_content(&z, &e, inf, &room, &s, &d);
			assert_int_equal(buf_printf(&out, "%.*s=%.*s ",
			    STR_ARG(e.name), STR_ARG(rc == 0 ? s :
			    str_of(err_name(rc)))), 0);
		}
	} else if (rc == 0) {
		assert_int_equal(buf_printf(&out, "none"), 0);
	}
	if (rc < 0)
		assert_int_equal(buf_printf(&out, "! %s", err_name(rc)), 0);
	inflate_one_free(inf);
	buf_done(&room);
	free(exact);
	return (out);
}

static void
expect(struct buf *b, const char *want)
{
	struct buf got = read_all(buf_view(b));

	if (!str_eqz(buf_view(&got), want))
		fail_msg("got %.*s, want %s", STR_ARG(buf_view(&got)), want);
	buf_done(&got);
	buf_done(b);
}

static void
test_found_whatever_is_around_it(void **state)
{
	static const char want[] = "a=stored b=hello ";
	struct buf b;

	(void)state;
	b = two("", "");
	expect(&b, want);
	b = two("#!/bin/sh\nexit\n", "and a comment PK\5\6");
	expect(&b, want);
	b = two("PK\5\6PK\5\6", "");
	expect(&b, want);
	b = two("", "");	/* bytes that are no comment behind it */
	assert_int_equal(buf_str(&b, str_of("signature")), 0);
	expect(&b, want);
}

static void
test_what_is_no_zip_is_told_from_a_cut_one(void **state)
{
	struct buf b = two("", ""), empty;

	(void)state;
	for (size_t n = 4; n < b.n; n++) {
		struct buf cut;

		buf_init(&cut, b.n);
		assert_int_equal(buf_add(&cut, b.p, n), 0);
		expect(&cut, "! malformed");
	}
	buf_done(&b);
	buf_init(&b, 100);
	assert_int_equal(buf_str(&b, str_of("Rar!\x1a\7 and other bytes")), 0);
	expect(&b, "none");
	buf_init(&b, 100);
	expect(&b, "none");
	buf_init(&empty, 100);
	end(&empty, 0, 0, 0, "");
	expect(&empty, "");
}

static void
test_lies_of_the_directory(void **state)
{
	static const struct {
		const char *what;
		uint64_t packed, size, header;
		uint16_t flags, method;
		const char *want;
	} t[] = {
		{ "as it is", 7, 5, 0, 0, 8, "x=hello " },
		{ "longer than stated", 7, 4, 0, 0, 8, "x=malformed " },
		{ "shorter than stated", 7, 6, 0, 0, 8, "x=malformed " },
		{ "cut", 4, 5, 0, 0, 8, "x=malformed " },
		{ "behind the end", 7, 5, 1000, 0, 8, "x=malformed " },
		{ "no header there", 7, 5, 3, 0, 8, "x=malformed " },
		{ "too long", 70000, 5, 0, 0, 8, "x=malformed ! malformed" },
		{ "zip64 without the field", UINT32_MAX, 5, 0, 0, 8,
		    "x=malformed ! malformed" },
		{ "encrypted", 7, 5, 0, 1, 8, "x=unsupported " },
		{ "bzip2", 7, 5, 0, 0, 12, "x=unsupported " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b, got;
		size_t d;

		buf_init(&b, 1 << 20);
		local(&b, "x", 8, str_n(hello, sizeof(hello)));
		d = b.n;
		entry(&b, "x", t[i].flags, t[i].method, t[i].packed, t[i].size,
		    t[i].header);
		end(&b, 1, b.n - d, d, "");
		got = read_all(buf_view(&b));
		if (!str_eqz(buf_view(&got), t[i].want))
			fail_msg("%s: %.*s", t[i].what, STR_ARG(buf_view(&got)));
		buf_done(&got);
		buf_done(&b);
	}
}

static void
test_lies_of_the_end_record(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	local(&b, "x", 0, str_of("1"));
	end(&b, 1, 1000, 0, "");
	expect(&b, "! malformed");
	buf_init(&b, 1000);
	local(&b, "x", 0, str_of("1"));
	end(&b, 1, 10, 1000, "");
	expect(&b, "! malformed");
	buf_init(&b, 1000);	/* zip64 announced, not there */
	local(&b, "x", 0, str_of("1"));
	end(&b, UINT16_MAX, UINT32_MAX, UINT32_MAX, "");
	expect(&b, "! malformed");
	buf_init(&b, 1000);	/* a directory that is none */
	local(&b, "x", 0, str_of("1"));
	end(&b, 1, 20, 5, "");
	expect(&b, "! malformed");
}

/* An archive of ${all} entries with 1000 bytes each, whose directory has those
 * from ${first} to below ${last}, after bytes ${before} that are no part of it. */
static struct buf
with_some_listed(const char *before, size_t all, size_t first, size_t last)
{
	static const char text[1000];
	size_t at[8], d;
	struct buf b;

	buf_init(&b, 1 << 16);
	assert_int_equal(buf_str(&b, str_of(before)), 0);
	for (size_t i = 0; i < all; i++) {
		at[i] = b.n;
		local(&b, "x", 0, str_n(text, sizeof(text)));
	}
	d = b.n;
	for (size_t i = first; i < last; i++)
		entry(&b, "x", 0, 0, sizeof(text), sizeof(text), at[i % all]);
	end(&b, (uint16_t)(last - first), b.n - d, d, "");
	return (b);
}

static void
test_entries_that_the_directory_leaves_out(void **state)
{
	struct zip_entry e;
	struct zip z;
	struct diag d;
	/* entries in it, listed from, to, and what comes behind the last */
	static const struct {
		const char *before;
		size_t all, first, last;
		int rc;
	} t[] = {
		{ "", 3, 0, 3, 0 },
		{ "", 3, 0, 2, ERR_MALFORMED },
		{ "", 3, 1, 3, ERR_MALFORMED },
		{ "", 3, 0, 0, ERR_MALFORMED },
		{ "", 0, 0, 0, 0 },
		/* one that is listed over and over stands for no other */
		{ "", 1, 0, 8, ERR_MALFORMED },
		{ "#!/bin/sh\nexit\n", 3, 0, 0, 0 },	/* before the archive */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b = with_some_listed(t[i].before, t[i].all,
		    t[i].first, t[i].last);
		int rc;

		assert_int_equal(zip_open(cur_str(buf_view(&b)), &z, &d), 1);
		while ((rc = zip_next(&z, &e, &d)) > 0)
			;
		if (rc != t[i].rc)
			fail_msg("%zu: %d", i, rc);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_whatever_is_around_it),
		cmocka_unit_test(test_what_is_no_zip_is_told_from_a_cut_one),
		cmocka_unit_test(test_lies_of_the_directory),
		cmocka_unit_test(test_lies_of_the_end_record),
		cmocka_unit_test(test_entries_that_the_directory_leaves_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

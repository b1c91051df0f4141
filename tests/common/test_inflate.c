/* gzip, zstd and plain streams: whole, in pieces, joined, cut, lying. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>
#include "common/buf.h"
#include "common/digest.h"
#include "common/inflate.h"

static struct buf
gz(const void *p, size_t n)
{
	struct isal_zstream s;
	struct buf b;

	buf_init(&b, 8 << 20);
	assert_non_null(buf_room(&b, n + 4096));
	isal_deflate_stateless_init(&s);
	s.gzip_flag = IGZIP_GZIP;
	s.end_of_stream = 1;
	s.flush = NO_FLUSH;
	s.next_in = (uint8_t *)(uintptr_t)p;
	s.avail_in = (uint32_t)n;
	s.next_out = b.p;
	s.avail_out = (uint32_t)b.cap;
	assert_int_equal(isal_deflate_stateless(&s), COMP_OK);
	b.n = s.total_out;
	return (b);
}

static struct buf
zs(const void *p, size_t n)
{
	struct buf b;

	buf_init(&b, 8 << 20);
	assert_non_null(buf_room(&b, ZSTD_compressBound(n)));
	b.n = ZSTD_compress(b.p, b.cap, p, n, 3);
	assert_false(ZSTD_isError(b.n));
	return (b);
}

/* Everything of ${in} through inflate into ${out}; the result of the end. */
static int
run(struct str in, size_t piece, const struct inflate_limits *l, struct buf *out,
    struct diag *d)
{
	static const struct inflate_limits none = { 0 };
	struct source_memory m = { (const uint8_t *)in.p, in.n, piece };
	struct source src = source_memory(&m);
	struct inflate *z = inflate_new(&src, l != NULL ? l : &none);
	const uint8_t *p;
	int64_t n;

	buf_clear(out);
	while ((n = inflate_read(z, &p, d)) > 0)
		assert_int_equal(buf_add(out, p, (size_t)n), 0);
	if (n < 0)	/* sticky */
		assert_int_equal(inflate_read(z, &p, d), n);
	assert_int_equal(inflate_out(z), out->n);
	inflate_free(z);
	return ((int)n);
}

static void
fill_text(struct buf *b, size_t n)
{
	uint32_t x = 1;

	buf_init(b, 8 << 20);
	while (b->n < n) {
		x = x * 1664525 + 1013904223;
		assert_int_equal(buf_printf(b, "line %u\n", x >> 20), 0);
	}
	b->n = n;
}

static void
test_every_kind_comes_out_as_it_went_in(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 511, 262144, 262145, 1000000 };
	static const size_t pieces[] = { 0, 1, 7, 4096 };
	struct buf text, a, out;

	(void)state;
	buf_init(&out, 8 << 20);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		fill_text(&text, sizes[i]);
		for (size_t k = 0; k < 3; k++) {
			a = k == 0 ? gz(text.p, text.n) : zs(text.p, text.n);
			for (size_t j = 0; j < 4; j++) {
				assert_int_equal(run(k == 2 ? buf_view(&text) :
				    buf_view(&a), pieces[j], NULL, &out, NULL), 0);
				assert_true(str_eq(buf_view(&out), buf_view(&text)));
			}
			buf_done(&a);
		}
		buf_done(&text);
	}
	buf_done(&out);
}

static void
test_members_frames_and_padding_are_one_stream(void **state)
{
	static const uint8_t skippable[] = { 0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0,
	    'x', 'y', 'z' };
	struct buf in, a, out, want;

	(void)state;
	buf_init(&in, 8 << 20);
	buf_init(&out, 8 << 20);
	buf_init(&want, 8 << 20);
	for (int i = 0; i < 300; i++) {
		a = gz("0123456789", i % 11);
		assert_int_equal(buf_str(&in, buf_view(&a)), 0);
		assert_int_equal(buf_add(&want, "0123456789", i % 11 > 10 ? 10 : i % 11), 0);
		buf_done(&a);
	}
	for (size_t piece = 0; piece < 30; piece++) {
		assert_int_equal(run(buf_view(&in), piece, NULL, &out, NULL), 0);
		assert_true(str_eq(buf_view(&out), buf_view(&want)));
	}
	for (int i = 0; i < 700; i++)
		assert_int_equal(buf_byte(&in, 0), 0);
	assert_int_equal(run(buf_view(&in), 100, NULL, &out, NULL), 0);
	assert_true(str_eq(buf_view(&out), buf_view(&want)));
	assert_int_equal(buf_byte(&in, 'x'), 0);
	assert_int_equal(run(buf_view(&in), 100, NULL, &out, NULL), ERR_MALFORMED);
	assert_true(str_eq(buf_view(&out), buf_view(&want)));

	buf_clear(&in);
	assert_int_equal(buf_add(&in, skippable, sizeof(skippable)), 0);
	for (int i = 0; i < 3; i++) {
		a = zs("frame ", 6);
		assert_int_equal(buf_str(&in, buf_view(&a)), 0);
		assert_int_equal(buf_add(&in, skippable, sizeof(skippable)), 0);
		buf_done(&a);
	}
	for (size_t piece = 0; piece < 12; piece++) {
		assert_int_equal(run(buf_view(&in), piece, NULL, &out, NULL), 0);
		assert_true(str_eq(buf_view(&out), str_of("frame frame frame ")));
	}
	buf_done(&in);
	buf_done(&out);
	buf_done(&want);
}

static void
test_cut_anywhere_is_never_a_clean_end(void **state)
{
	struct buf text, a[3], out;

	(void)state;
	fill_text(&text, 3000);
	buf_init(&out, 8 << 20);
	a[0] = gz(text.p, text.n);
	a[1] = zs(text.p, text.n);
	a[2] = gz(text.p, text.n);	/* second member is the one cut */
	for (int k = 0; k < 3; k++) {
		struct buf in;
		size_t whole = 0;

		buf_init(&in, 8 << 20);
		if (k == 2) {
			assert_int_equal(buf_str(&in, buf_view(&a[0])), 0);
			whole = in.n;
		}
		assert_int_equal(buf_str(&in, buf_view(&a[k])), 0);
		/* fewer than 2 (gzip) or 4 (zstd) bytes are no magic: plain */
		for (size_t n = whole + (k == 1 ? 4 : 2); n < in.n; n++) {
			struct diag d = { 0 };

			assert_int_equal(run(str_n(in.p, n), n % 5, NULL, &out, &d),
			    ERR_MALFORMED);
			assert_true(d.text[0] != '\0');
			assert_true(out.n <= 2 * text.n);
		}
		assert_int_equal(run(buf_view(&in), 0, NULL, &out, NULL), 0);
		/* a flipped bit of the checksum */
		in.p[in.n - 6] ^= 1;
		if (k != 1)
			assert_int_equal(run(buf_view(&in), 0, NULL, &out, NULL),
			    ERR_MALFORMED);
		buf_done(&in);
	}
	for (int k = 0; k < 3; k++)
		buf_done(&a[k]);
	buf_done(&text);
	buf_done(&out);
}

static void
test_bombs_stop_at_ratio_and_size(void **state)
{
	const struct inflate_limits ratio = { .ratio = 100, .ratio_free = 1 << 20 };
	const struct inflate_limits size = { .out = 3 << 20 };
	const struct inflate_limits in = { .in = 1000 };
	size_t n = 6 << 20;
	uint8_t *zeros = calloc(1, n);
	struct buf a[2], out;
	struct diag d;

	(void)state;
	buf_init(&out, 8 << 20);
	a[0] = gz(zeros, n);
	a[1] = zs(zeros, n);
	for (int k = 0; k < 2; k++) {
		assert_int_equal(run(buf_view(&a[k]), 0, NULL, &out, &d), 0);
		assert_int_equal(run(buf_view(&a[k]), 0, &ratio, &out, &d), ERR_LIMIT);
		assert_true(out.n <= (2 << 20));
		assert_int_equal(run(buf_view(&a[k]), 0, &size, &out, &d), ERR_LIMIT);
		assert_true(out.n <= (3 << 20));
		buf_done(&a[k]);
		/* so little is no bomb */
		a[k] = k == 0 ? gz(zeros, 1 << 19) : zs(zeros, 1 << 19);
		assert_int_equal(run(buf_view(&a[k]), 0, &ratio, &out, &d), 0);
		buf_done(&a[k]);
	}
	assert_int_equal(run(str_n(zeros, 4000), 100, &in, &out, &d), ERR_LIMIT);
	buf_done(&out);
	free(zeros);
}

static int64_t
bad_source(void *arg, const uint8_t **ret, struct diag *d)
{
	int *calls = arg;

	if ((*calls)++ > 0)
		return (diag_set(d, ERR_TEMPORARY, 0, "connection lost"));
	*ret = (const uint8_t *)"plain text";
	return (10);
}

static void
test_error_of_the_source_comes_after_its_bytes(void **state)
{
	const struct inflate_limits none = { 0 };
	int calls = 0;
	struct source src = { bad_source, &calls };
	struct inflate *z = inflate_new(&src, &none);
	const uint8_t *p;
	struct diag d;

	(void)state;
	assert_int_equal(inflate_read(z, &p, &d), 10);
	assert_int_equal(inflate_read(z, &p, &d), ERR_TEMPORARY);
	assert_string_equal(d.text, "connection lost");
	assert_int_equal(calls, 2);
	inflate_free(z);
}

/* One stream, bare or with zlib's or gzip's wrapping, in pieces of every size. */
static void
test_one_stream_in_pieces(void **state)
{
	static const uint8_t zlib[] = { 0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
	    0x07, 0x00, 0x06, 0x2c, 0x02, 0x15, 'm', 'o', 'r', 'e' };
	static const uint8_t bare[] = { 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00,
	    'm', 'o', 'r', 'e' };
	static const uint8_t gzip[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb,
	    0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0, 0,
	    'm', 'o', 'r', 'e' };
	const struct { enum inflate_wrap wrap; struct str s; } t[] = {
		{ INFLATE_ZLIB, { (const char *)zlib, sizeof(zlib) } },
		{ INFLATE_MEMBER, { (const char *)gzip, sizeof(gzip) } },
		{ INFLATE_BARE, { (const char *)bare, sizeof(bare) } },
	};
	struct diag d;
	struct buf out;
	uint8_t first[8];

	(void)state;
	buf_init(&out, 5);
	for (size_t k = 0; k < 3; k++) {
		struct inflate_one *z = inflate_one_new(t[k].wrap);
		struct str s = t[k].s;

		for (size_t piece = 1; piece <= s.n; piece++) {
			struct cur c = cur_of(NULL, 0);
			size_t at = 0;
			int rc = 0;

			buf_clear(&out);
			inflate_one_reset(z);
			while (rc == 0 && at < s.n) {
				c = cur_str(str_sub(s, at, at + piece));
				at += cur_left(&c);
				rc = inflate_one_push(z, &c, &out, &d);
			}
			assert_int_equal(rc, 1);
			assert_true(str_eqz(buf_view(&out), "hello"));
		}
		for (size_t n = 0; n < s.n - 4; n++) {
			struct cur c = cur_str(str_sub(s, 0, n));

			buf_clear(&out);
			inflate_one_reset(z);
			assert_int_equal(inflate_one_push(z, &c, &out, &d), 0);
		}
		assert_int_equal(inflate_one_peek(z, cur_str(s), first, 3), 3);
		assert_memory_equal(first, "hel", 3);
		assert_int_equal(inflate_one_peek(z, cur_str(s), first, 8), 5);
		inflate_one_free(z);
	}
	buf_done(&out);
}

static void
test_one_stream_damaged_or_too_large(void **state)
{
	uint8_t zlib[] = { 0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00,
	    0x06, 0x2c, 0x02, 0x16 };
	struct inflate_one *z = inflate_one_new(INFLATE_ZLIB);
	struct cur c = cur_of(zlib, sizeof(zlib));
	struct buf out;
	struct diag d;

	(void)state;
	buf_init(&out, 100);
	assert_int_equal(inflate_one_push(z, &c, &out, &d), ERR_MALFORMED);
	assert_string_equal(d.text, "a checksum differs");
	buf_done(&out);
	zlib[12] = 0x15;
	buf_init(&out, 4);
	c = cur_of(zlib, sizeof(zlib));
	inflate_one_reset(z);
	assert_int_equal(inflate_one_push(z, &c, &out, &d), ERR_LIMIT);
	assert_true(str_eqz(buf_view(&out), "hell"));
	buf_done(&out);
	buf_init(&out, 100);
	zlib[2] = 0xff;
	c = cur_of(zlib, sizeof(zlib));
	inflate_one_reset(z);
	assert_int_equal(inflate_one_push(z, &c, &out, &d), ERR_MALFORMED);
	buf_done(&out);
	inflate_one_free(z);
}

static void
test_digest_text(void **state)
{
	static const char want[] = "sha256:"
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	uint8_t sum[DIGEST_BYTES], back[DIGEST_BYTES];
	char text[DIGEST_TEXT];
	struct digest *g = digest_new();

	(void)state;
	digest_add(g, "a", 1);
	digest_add(g, "bc", 2);
	digest_end(g, sum);
	digest_format(sum, text);
	assert_string_equal(text, want);
	digest_reset(g);
	digest_add(g, "abc", 3);
	digest_end(g, back);
	assert_memory_equal(sum, back, sizeof(sum));
	memset(back, 0, sizeof(back));
	assert_true(digest_parse(str_of(want), back));
	assert_memory_equal(sum, back, sizeof(sum));
	assert_false(digest_parse(str_n(want, 70), back));
	assert_false(digest_parse(str_of("sha512:00"), back));
	text[10] = 'G';
	assert_false(digest_parse(str_of(text), back));
	text[10] = 'A';
	assert_false(digest_parse(str_of(text), back));
	digest_free(g);
}

/* Every field of RFC 1952's header, wherever the pieces end. */
static void
test_gzip_headers_in_pieces(void **state)
{
	/* FHCRC FEXTRA FNAME FCOMMENT; the checksum is of what stands before */
	static const char header[] = "\x1f\x8b\x08\x1e\0\0\0\0\0\3"
	    "\4\0ab\0\0name\0comment\0";
	static const struct {
		size_t at;
		uint8_t xor;
		int want;
	} t[] = {
		{ 3, 0, 0 },
		{ 4, 1, ERR_MALFORMED },	/* the time, so the checksum */
		{ sizeof(header) - 1, 1, ERR_MALFORMED },
		{ 3, 0x80, ERR_MALFORMED },	/* reserved flag */
		{ 2, 1, ERR_MALFORMED },	/* another method */
	};
	struct buf g = gz("content", 7), b, out;
	uint32_t sum = crc32_gzip_refl(0, (const uint8_t *)header,
	    sizeof(header) - 1);
	struct diag d;

	(void)state;
	buf_init(&b, 4096);
	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_clear(&b);
		assert_int_equal(buf_add(&b, header, sizeof(header) - 1), 0);
		assert_int_equal(buf_byte(&b, (uint8_t)sum), 0);
		assert_int_equal(buf_byte(&b, (uint8_t)(sum >> 8)), 0);
		assert_int_equal(buf_add(&b, g.p + 10, g.n - 10), 0);
		b.p[t[i].at] ^= t[i].xor;
		for (size_t piece = 0; piece < 40; piece++) {
			assert_int_equal(run(buf_view(&b), piece, NULL, &out, &d),
			    t[i].want);
			assert_true(t[i].want < 0 ||
			    str_eqz(buf_view(&out), "content"));
		}
	}
	buf_done(&g);
	buf_done(&b);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip_headers_in_pieces),
		cmocka_unit_test(test_every_kind_comes_out_as_it_went_in),
		cmocka_unit_test(test_members_frames_and_padding_are_one_stream),
		cmocka_unit_test(test_cut_anywhere_is_never_a_clean_end),
		cmocka_unit_test(test_bombs_stop_at_ratio_and_size),
		cmocka_unit_test(test_error_of_the_source_comes_after_its_bytes),
		cmocka_unit_test(test_one_stream_in_pieces),
		cmocka_unit_test(test_one_stream_damaged_or_too_large),
		cmocka_unit_test(test_digest_text),
	};

	inflate_warm_up();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

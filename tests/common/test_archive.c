/* How tars end: only padding may be missing, and which zero blocks end one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/archive.h"
#include "tests/lib/tar_build.h"

#define TEXT "84 bytes would be as good as these 27"

/* How reading ${tar} ends; *${whole} counts files whose content was read. */
static int
walk(struct str tar, size_t piece, size_t *whole)
{
	struct source_memory m = { (const uint8_t *)tar.p, tar.n, piece };
	struct source src = source_memory(&m);
	struct inflate_limits none = { 0 };
	struct inflate *z = inflate_new(&src, &none);
	struct archive_reader *r = archive_open_tar(z);
	struct archive_item it;
	struct diag d;
	struct buf b;
	int rc;

	*whole = 0;
	buf_init(&b, 4096);
	while ((rc = archive_next(r, &it, &d)) > 0) {
		buf_clear(&b);
		if (it.type == ARCHIVE_FILE &&
		    archive_content(r, 4096, &b, &d) == 0 &&
		    str_eqz(buf_view(&b), TEXT))
			++*whole;
	}
	if (rc == 0)
		rc = archive_finish(r, &d);
	buf_done(&b);
	archive_close(r);
	inflate_free(z);
	return (rc);
}

static void
test_cut_at_every_length(void **state)
{
	static const size_t pieces[] = { 0, 1, 7, 512 };
	size_t two = 2 * 512 + 2 * 512, data = strlen(TEXT), whole;
	struct tar_build t;
	struct str tar;

	(void)state;
	tar_begin(&t);
	tar_file(&t, "a", TEXT);
	tar_file(&t, "b", TEXT);
	tar = tar_end(&t);
	assert_true(tar.n >= two + 1024);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		assert_int_equal(walk(tar, pieces[i], &whole), 0);
		assert_int_equal(whole, 2);
		for (size_t n = 1; n < two; n++) {
			int rc = walk(str_sub(tar, 0, n), pieces[i], &whole);

			if (n >= two - 512 + data) {
				/* the second file's padding */
				assert_int_equal(rc, 1);
				assert_int_equal(whole, 2);
			} else if (n > two - 512) {
				/* its content */
				assert_true(rc < 0);
				assert_int_equal(whole, 1);
			} else if (n >= 512 + data && n <= 1024) {
				/* the first one's padding */
				assert_int_equal(rc, 1);
				assert_int_equal(whole, 1);
			} else
				assert_true(rc < 0);
		}
	}
	tar_done(&t);
}

/* ${what} makes the tar: a = an entry, x = a global header, 0 = a zero block,
 * g = a block of other bytes, h = half of one, z = half a zero block. */
static int
end_of(const char *what, size_t piece, size_t *whole)
{
	static const char zeros[TAR_BLOCK];
	char garbage[TAR_BLOCK];
	struct tar_build t;
	int rc;

	memset(garbage, 'g', sizeof(garbage));
	tar_begin(&t);
	for (; *what != '\0'; what++)
		switch (*what) {
		case 'a':
			tar_file(&t, "a", TEXT);
			break;
		case 'x':
			tar_add(&t, "x", 'g', "", str_of("12 comment=\n"));
			break;
		default:
			assert_int_equal(buf_add(&t.b, strchr("0z", *what) ?
			    zeros : garbage, strchr("0g", *what) ? TAR_BLOCK :
			    TAR_BLOCK / 2), 0);
			break;
		}
	rc = walk(buf_view(&t.b), piece, whole);
	tar_done(&t);
	return (rc);
}

static void
test_one_zero_block_is_no_end_when_more_follows(void **state)
{
	static const size_t pieces[] = { 0, 1, 7, 512 };
	static const struct { const char *what; int want; size_t files; } t[] = {
		/* accepted, with or without a remark */
		{ "aa", 1, 2 }, { "aa0", 0, 2 }, { "aa00", 0, 2 },
		{ "aa000000", 0, 2 }, { "aa0z", 0, 2 }, { "0", 0, 0 },
		{ "00", 0, 0 }, { "aa00g", 2, 2 }, { "aa00a00", 0, 2 },
		{ "aa00g0", 0, 2 }, { "aax00", 0, 2 }, { "aax0", 0, 2 },
		/* refused */
		{ "aa0a00", ERR_MALFORMED, 2 }, { "aa0a", ERR_MALFORMED, 2 },
		{ "aa0g", ERR_MALFORMED, 2 }, { "aa0g0", ERR_MALFORMED, 2 },
		{ "aa0h", ERR_MALFORMED, 2 }, { "0a00", ERR_MALFORMED, 0 },
		{ "aax0a00", ERR_MALFORMED, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			size_t files;
			int rc = end_of(t[i].what, pieces[k], &files);

			if (rc != t[i].want || files != t[i].files)
				fail_msg("%s by %zu: %d, %zu files", t[i].what,
				    pieces[k], rc, files);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_at_every_length),
		cmocka_unit_test(test_one_zero_block_is_no_end_when_more_follows),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

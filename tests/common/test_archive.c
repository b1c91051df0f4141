/* Tars that end too early: only padding may be missing. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_at_every_length),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

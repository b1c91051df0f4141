/* A tar that we write is one that we, and tar(1), read. */
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
#include "common/tar_write.h"

static void
put_three(int fd, const struct buf *large)
{
	struct tar_writer *w = tar_writer_new(fd);
	struct diag d;

	assert_int_equal(tar_writer_add(w, "a.json", str_of("{}\n"), 1700000000,
	    &d), 0);
	assert_int_equal(tar_writer_add(w, "empty", str_of(""), 0, &d), 0);
	assert_int_equal(tar_writer_add(w, "dir/large", buf_view(large), 0, &d),
	    0);
	assert_int_equal(tar_writer_end(w, &d), 0);
	tar_writer_free(w);
}

static void
test_what_is_written_is_read(void **state)
{
	static const char *const names[] = { "a.json", "empty", "dir/large" };
	FILE *f = tmpfile();
	struct source_fd fd = { .fd = fileno(f) };
	struct source src = source_fd(&fd);
	struct inflate_limits none = { 0 };
	struct inflate *z;
	struct archive_reader *r;
	struct archive_item it;
	struct buf large, b;
	struct diag d;
	uint32_t x = 1;
	int n = 0;

	(void)state;
	buf_init(&large, 4 * MIB);
	/* what does not compress fills the output more than once */
	while (large.n < 3 * MIB + 100) {
		x = x * 1664525 + 1013904223;
		assert_int_equal(buf_byte(&large, (uint8_t)(x >> 24)), 0);
	}
	put_three(fileno(f), &large);
	assert_true(lseek(fileno(f), 0, SEEK_SET) == 0);
	z = inflate_new(&src, &none);
	r = archive_open_tar(z);
	for (; archive_next(r, &it, &d) > 0; n++) {
		assert_true(n < 3);
		assert_true(str_eqz(it.path, names[n]));
		assert_int_equal(it.type, ARCHIVE_FILE);
		assert_int_equal(it.mode & 07777, 0644);
		buf_init(&b, 4 * MIB);
		assert_int_equal(archive_content(r, 4 * MIB, &b, &d), 0);
		if (n == 0)
			assert_true(str_eqz(buf_view(&b), "{}\n"));
		assert_true(n != 2 || str_eq(buf_view(&b), buf_view(&large)));
		buf_done(&b);
	}
	assert_int_equal(n, 3);
	assert_int_equal(archive_finish(r, &d), 0);
	assert_int_equal(inflate_kind(z), INFLATE_ZSTD);
	archive_close(r);
	inflate_free(z);
	buf_done(&large);
	fclose(f);
}

/* A disk that is full. */
static void
test_what_cannot_be_written_is_temporary(void **state)
{
	FILE *f = fopen("/dev/full", "we");
	struct tar_writer *w;
	struct diag d;

	(void)state;
	assert_non_null(f);
	w = tar_writer_new(fileno(f));
	assert_int_equal(tar_writer_add(w, "a", str_of("b"), 0, &d), 0);
	assert_int_equal(tar_writer_end(w, &d), ERR_TEMPORARY);
	tar_writer_free(w);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_what_cannot_be_written_is_temporary),
	};

	archive_warm_up();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

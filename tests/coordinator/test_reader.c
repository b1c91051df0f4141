/*
 * The coordinator's readers in their sandbox: each task once, with what it must
 * read and with what must not bring it down.  A reader killed by its filter shows
 * here as "signal 31".
 */
#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>
#include "common/limits.h"
#include "coordinator/reader.h"
#include "coordinator/webhook.h"

/* TEST-1.json, deflated, with a time of 2026 */
static const uint8_t zip[] = {
	0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x83, 0x18,
	0x22, 0x5c, 0x01, 0xd1, 0x76, 0x33, 0x88, 0x00, 0x00, 0x00, 0xa6, 0x00,
	0x00, 0x00, 0x0b, 0x00, 0x00, 0x00, 0x54, 0x45, 0x53, 0x54, 0x2d, 0x31,
	0x2e, 0x6a, 0x73, 0x6f, 0x6e, 0x25, 0x8e, 0xb1, 0x0e, 0xc2, 0x30, 0x0c,
	0x44, 0xff, 0xe5, 0xe6, 0x52, 0x35, 0xb0, 0x65, 0x85, 0x8c, 0x88, 0xa1,
	0x5d, 0x10, 0x62, 0x08, 0xa9, 0x53, 0x45, 0xd0, 0x34, 0x6a, 0x02, 0xa2,
	0x8a, 0xfa, 0xef, 0xb8, 0x41, 0x9e, 0xec, 0xf7, 0x4e, 0xbe, 0x0c, 0xd7,
	0x43, 0xa2, 0x53, 0x6d, 0xb7, 0x13, 0xa8, 0xa0, 0xad, 0x25, 0x93, 0x88,
	0x6f, 0xb7, 0x8c, 0xa0, 0xcd, 0x53, 0x0f, 0x04, 0x99, 0x41, 0x66, 0x8a,
	0x4b, 0x4c, 0x34, 0xb2, 0x7c, 0xa2, 0x87, 0xd3, 0x5e, 0x8a, 0x3d, 0xfb,
	0x5e, 0x8f, 0xcc, 0x31, 0x05, 0xf2, 0x31, 0xbe, 0xb0, 0x56, 0x98, 0xb5,
	0x1f, 0x28, 0x96, 0x7c, 0x5a, 0xc2, 0x06, 0xd5, 0xf1, 0xd2, 0x5e, 0xdb,
	0x4e, 0x9d, 0xd9, 0xa7, 0x0f, 0xf9, 0xf4, 0xa7, 0xce, 0xa7, 0x79, 0xea,
	0xdf, 0x66, 0x7b, 0x86, 0x86, 0xa3, 0x19, 0xd6, 0x7d, 0xcb, 0x76, 0xa8,
	0x9b, 0x5a, 0x34, 0x5c, 0x68, 0xbd, 0x97, 0xf9, 0x01, 0x50, 0x4b, 0x01,
	0x02, 0x14, 0x03, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x83, 0x18, 0x22,
	0x5c, 0x01, 0xd1, 0x76, 0x33, 0x88, 0x00, 0x00, 0x00, 0xa6, 0x00, 0x00,
	0x00, 0x0b, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x54, 0x45, 0x53, 0x54, 0x2d,
	0x31, 0x2e, 0x6a, 0x73, 0x6f, 0x6e, 0x50, 0x4b, 0x05, 0x06, 0x00, 0x00,
	0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x39, 0x00, 0x00, 0x00, 0xb1, 0x00,
	0x00, 0x00, 0x00, 0x00,
};

static struct launcher *launcher;

static int
set_up(void **state)
{
	struct diag d;

	(void)state;
	if (launcher_start(reader_tasks, READERS, false, reader_warm_up,
	    &launcher, &d) == 0)
		return (0);
	print_error("%s\n", d.text);
	return (-1);
}

static int
tear_down(void **state)
{
	(void)state;
	launcher_stop(launcher);
	return (0);
}

/* ${file} through the reader of feeds: an archive with one advisory. */
static void
read_feed(const void *file, size_t n)
{
	struct launcher_run r;
	struct buf b;
	uint8_t type = 0;
	struct diag d = { 0 };
	int advisories = 0, archives = 0;

	buf_init(&b, 2 * LIMIT_ADVISORY_BYTES);
	assert_int_equal(launcher_run(launcher, READER_FEED, str_of("osv"), -1,
	    &r, &d), 0);
	assert_int_equal(write(r.in, file, n), n);
	close(r.in);
	r.in = -1;
	while (frame_read(r.out, &type, &b, &d) > 0) {
		advisories += type == READER_FEED_ADVISORY;
		archives += type == READER_FEED_ARCHIVE;
	}
	if (launcher_wait(&r, &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(advisories, 1);
	assert_int_equal(archives, 1);
	buf_done(&b);
}

static void
test_a_feed_comes_out_as_frames(void **state)
{
	(void)state;
	read_feed(zip, sizeof(zip));
}

/* No library of these asks for more than memory. */
static void
test_a_compressed_feed_is_read_behind_the_filter(void **state)
{
	static int (*const filters[])(struct archive *) = {
		archive_write_add_filter_gzip, archive_write_add_filter_zstd,
		archive_write_add_filter_xz, archive_write_add_filter_bzip2 };
	static uint8_t file[8192];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct archive *a = archive_write_new();
		struct archive_entry *e = archive_entry_new();

		archive_write_set_format_raw(a);
		filters[i](a);
		archive_write_set_bytes_in_last_block(a, 1);
		archive_write_open_memory(a, file, sizeof(file), &n);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_write_header(a, e);
		assert_int_equal(archive_write_data(a, zip, sizeof(zip)),
		    sizeof(zip));
		archive_entry_free(e);
		assert_int_equal(archive_write_close(a), ARCHIVE_OK);
		archive_write_free(a);
		read_feed(file, n);
	}
}

static void
test_a_webhook_gives_its_events(void **state)
{
	static const char body[] = "{\"events\":[{\"action\":\"push\",\"target\":{"
	    "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
	    "\"digest\":\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
	    "\"repository\":\"app\",\"tag\":\"1\"}}]}";
	struct webhook_event e;
	struct buf out;
	struct diag d = { 0 };
	struct cur c;

	(void)state;
	buf_init(&out, LIMIT_LIST_BYTES);
	if (reader_call(launcher, READER_WEBHOOK, str_of("distribution"),
	    str_of(body), &out, &d) < 0)
		fail_msg("%s", d.text);
	c = cur_of(out.p, out.n);
	assert_int_equal(webhook_event_read(&c, &e, &d), 0);
	assert_int_equal(e.kind, WEBHOOK_PUSH);
	assert_true(str_eqz(e.repository, "app"));
	assert_true(str_eqz(e.tag, "1"));
	assert_int_equal(cur_left(&c), 0);
	buf_done(&out);
}

static void
test_lists_and_tokens_are_read(void **state)
{
	static const struct {
		enum reader which;
		const char *body;
	} rows[] = {
		{ READER_CATALOG, "{\"repositories\":[\"a\",\"b/c\"]}" },
		{ READER_TAGS, "{\"name\":\"a\",\"tags\":[\"1\",\"2\"]}" },
		{ READER_TOKEN, "{\"token\":\"t\",\"expires_in\":300}" },
	};
	struct buf out;
	struct diag d = { 0 };

	(void)state;
	buf_init(&out, LIMIT_LIST_BYTES);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (reader_call(launcher, rows[i].which, str_of(""),
		    str_of(rows[i].body), &out, &d) < 0)
			fail_msg("%s: %s", rows[i].body, d.text);
		assert_true(out.n > 0);
	}
	buf_done(&out);
}

static void
test_no_reader_dies_of_bad_bytes(void **state)
{
	static char deep[200000];
	const struct str bad[] = { STR_LIT(""), STR_LIT("{"), STR_LIT("\0\xff"),
		STR_LIT("[]"), STR_LIT("{\"events\":7}"),
		STR_LIT("{\"a\":1e999}"), { deep, sizeof(deep) } };
	struct buf out;
	struct diag d;
	int rc;

	(void)state;
	memset(deep, '[', sizeof(deep));
	buf_init(&out, LIMIT_LIST_BYTES);
	for (enum reader which = READER_CATALOG; which <= READER_WEBHOOK; which++)
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			d.text[0] = '\0';
			rc = reader_call(launcher, which, str_of("distribution"),
			    bad[i], &out, &d);
			if (rc == 0)
				continue;	/* an empty list is one */
			assert_true(rc == ERR_MALFORMED || rc == ERR_LIMIT);
			assert_null(strstr(d.text, "signal"));
			assert_int_not_equal(d.text[0], '\0');
		}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_feed_comes_out_as_frames),
		cmocka_unit_test(test_a_compressed_feed_is_read_behind_the_filter),
		cmocka_unit_test(test_a_webhook_gives_its_events),
		cmocka_unit_test(test_lists_and_tokens_are_read),
		cmocka_unit_test(test_no_reader_dies_of_bad_bytes),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

/*
 * Stream analyzers on what is no sample: files of 500 MB in bounded memory, the
 * same finds however a file is cut, inflation that is stopped, many files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdlib.h>
#include "common/limits.h"
#include "tests/lib/slurp.h"
#include "worker/analyzer/analyzer.h"

#define FOLDER "tests/worker/analyzer/"

struct run {
	const struct analyzer *a;
	struct analyzer_file file;
	struct analyzer_reading *r;
	struct buf rows;
	struct diag d;
	uint64_t n;
};

static const uint8_t sip_key[16];

static void
run_open(struct run *r, const char *analyzer, struct str head)
{
	*r = (struct run) { .a = analyzer_named(str_of(analyzer)) };
	r->file.path = str_of("usr/bin/x");
	buf_init(&r->rows, LIMIT_INVENTORY_BYTES);
	assert_true(r->a->stream->wants(&r->file, str_sub(head, 0,
	    ANALYZER_HEAD)));
	r->r = analyzer_open(r->a, &r->file, str_sub(head, 0, ANALYZER_HEAD),
	    sip_key);
}

static void
feed(struct run *r, struct str s, size_t piece)
{
	for (; s.n > 0; s = str_sub(s, piece, s.n))
		analyzer_feed(r->r, cur_str(str_sub(s, 0, piece)));
}

static int
run_close(struct run *r)
{
	int rc = analyzer_close(r->r, 0, &r->rows, &r->n, &r->d);

	return (rc);
}

static void
test_inflation_is_stopped(void **state)
{
	struct buf b = slurp(FOLDER "cargo/9-mib.elf");
	struct run r;

	(void)state;
	run_open(&r, "cargo", buf_view(&b));
	feed(&r, buf_view(&b), 1000);
	assert_int_equal(run_close(&r), ERR_LIMIT);
	assert_int_equal(r.n, 0);
	buf_done(&r.rows);
	buf_done(&b);
}

/* A part that can be written, of 500 MB; what is looked for ends it. */
static void
test_500_mb_of_go(void **state)
{
	static uint8_t zeros[1 << 20];
	static const uint64_t far = (uint64_t)500 << 20;
	struct buf b = slurp(FOLDER "golang/linux-amd64.in");
	struct mallinfo2 before, after;
	uint64_t offset, size;
	struct run r;

	(void)state;
	/* the second program header: behind that of the notes */
	memcpy(&offset, b.p + 64 + 56 + 8, 8);
	memcpy(&size, b.p + 64 + 56 + 32, 8);
	size += far;
	memcpy(b.p + 64 + 56 + 32, &size, 8);
	before = mallinfo2();
	run_open(&r, "golang", buf_view(&b));
	feed(&r, str_n(b.p, offset), 100000);
	for (uint64_t i = 0; i < far; i += sizeof(zeros))
		feed(&r, str_n(zeros, sizeof(zeros)), 65536);
	after = mallinfo2();
	/* 16 MiB are kept while the file may be of Go before 1.18 */
	assert_true(after.uordblks + after.hblkhd -
	    before.uordblks - before.hblkhd < (20 << 20));
	feed(&r, str_sub(buf_view(&b), offset, b.n), 10);
	assert_int_equal(run_close(&r), 0);
	assert_int_equal(r.n, 5);
	buf_done(&r.rows);
	buf_done(&b);
}

/* Rows must not depend on how the file came. */
static void
test_the_same_in_pieces_of_any_size(void **state)
{
	static const struct { const char *analyzer, *file; } t[] = {
		{ "golang", "golang/go1.17-amd64.in" },
		{ "golang", "golang/decoys.in" },
		{ "golang", "golang/darwin-arm64.in" },
		{ "cargo", "cargo/real.in" },
		{ "golang", "golang/fat.in" },
		{ "cargo", "cargo/fat.in" },
		{ "native_image", "native_image/bill.in" },
		{ "dotnet_bundle", "dotnet_bundle/net8.in" },
		{ "dotnet_bundle", "dotnet_bundle/core3.in" },
		{ "linked", "linked/node.in" },
		{ "elf_note", "elf_note/fedora.in" },
	};
	char path[200];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b;
		struct run first, r;

		snprintf(path, sizeof(path), FOLDER "%s", t[i].file);
		b = slurp("%s", path);
		run_open(&first, t[i].analyzer, buf_view(&b));
		feed(&first, buf_view(&b), b.n);
		assert_int_equal(run_close(&first), 0);
		assert_true(first.n > 0);
		for (size_t piece = 1; piece < 600; piece += 1 + piece / 16) {
			run_open(&r, t[i].analyzer, buf_view(&b));
			feed(&r, buf_view(&b), piece);
			assert_int_equal(run_close(&r), 0);
			if (!str_eq(buf_view(&r.rows), buf_view(&first.rows)))
				fail_msg("%s in pieces of %zu", t[i].file, piece);
			buf_done(&r.rows);
		}
		buf_done(&first.rows);
		buf_done(&b);
	}
}

/* Databases read in portions: damage in one does not end the reading. */
static void
test_paragraphs_behind_damage_are_read(void **state)
{
#define S(name) "Package: " name "\nStatus: install ok installed\n"
	static const char *const portions[] = { S("a") "Version: 1\n\n",
	    S("without") "\n", "Package: \1\n\n", S("b") "Version: 1\n\n",
	    S("c") "Version: 2" };
	struct run r = { .a = analyzer_named(str_of("dpkg")),
	    .file.path = str_of("var/lib/dpkg/status") };
	struct diag d = { 0 };

	(void)state;
	buf_init(&r.rows, LIMIT_INVENTORY_BYTES);
	r.r = analyzer_open(r.a, &r.file, str_of(""), sip_key);
	for (size_t i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
		struct buf b;

		buf_init(&b, 1000);
		assert_int_equal(buf_str(&b, str_of(portions[i])), 0);
		if (memchr(b.p, 1, b.n) != NULL)
			*(uint8_t *)memchr(b.p, 1, b.n) = 0;
		analyzer_feed(r.r, cur_str(buf_view(&b)));
		buf_done(&b);
	}
	assert_int_equal(analyzer_close(r.r, 0, &r.rows, &r.n, &d),
	    ERR_MALFORMED);
	assert_int_equal(r.n, 3);
	assert_true(d.text[0] != '\0');
	buf_done(&r.rows);
}

/* Only the end of the file says that it was cut: the portions end anywhere. */
static void
test_paragraphs_that_end_in_a_line(void **state)
{
	static const struct { const char *portions[2]; int rc; } t[] = {
		{ { S("a") "Version: 1\n\n" S("b") "Ver", "sion: 1\n" }, 0 },
		{ { S("a") "Version: 1\n\n", S("b") "Version: 1" },
		    ERR_MALFORMED },
		{ { S("a") "Version: 1\n\n" S("b") "Version: 1\n\n", "Pac" },
		    ERR_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct run r = { .a = analyzer_named(str_of("dpkg")),
		    .file.path = str_of("var/lib/dpkg/status") };

		buf_init(&r.rows, LIMIT_INVENTORY_BYTES);
		r.r = analyzer_open(r.a, &r.file, str_of(""), sip_key);
		for (size_t k = 0; k < 2; k++)
			analyzer_feed(r.r, cur_str(str_of(t[i].portions[k])));
		assert_int_equal(run_close(&r), t[i].rc);
		assert_int_equal(r.n, 2);
		buf_done(&r.rows);
	}
}

/* Go's own sources hold programs of Go 1.17 for its tests; classes of Java begin
 * like universal files. */
static void
test_what_is_no_program_of_the_image(void **state)
{
	static const char go[] = "usr/local/go/src/debug/buildinfo/testdata/x";
	static const struct { const char *analyzer, *path; bool class, yes; } t[] = {
		{ "golang", go, false, false },
		{ "golang", "usr/bin/x", false, true },
		{ "golang", "usr/bin/x", true, false },
		{ "cargo", "src/testdata/x", false, false },
		{ "cargo", "a/X.class", true, false },
		{ "binary", "a/node_modules/b/test/node", false, false },
		{ "linked", "a/node_modules/b/test/node", false, false },
		{ "native_image", "a/X.class", true, false },
		{ "dotnet_bundle", "a/X.class", true, false },
		{ "dotnet_bundle", "a/node_modules/b/test/node", false, false },
	};
	static const char class[] = "\xca\xfe\xba\xbe\0\0\0\x34\0\x10";
	struct buf elf = slurp(FOLDER "golang/linux-amd64.in");

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct analyzer *a = analyzer_named(str_of(t[i].analyzer));
		const struct analyzer_file f = { .path = str_of(t[i].path),
		    .size = elf.n, .mode = 0100755 };
		struct str head = t[i].class ? str_n(class, sizeof(class) - 1) :
		    str_sub(buf_view(&elf), 0, ANALYZER_HEAD);

		if (a->stream->wants(&f, head) != t[i].yes)
			fail_msg("row %zu: %s and %s", i, t[i].analyzer,
			    t[i].path);
	}
	buf_done(&elf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inflation_is_stopped),
		cmocka_unit_test(test_500_mb_of_go),
		cmocka_unit_test(test_the_same_in_pieces_of_any_size),
		cmocka_unit_test(test_paragraphs_behind_damage_are_read),
		cmocka_unit_test(test_paragraphs_that_end_in_a_line),
		cmocka_unit_test(test_what_is_no_program_of_the_image),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

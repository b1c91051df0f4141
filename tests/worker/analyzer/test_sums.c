/* Digests as databases write them, against what the file holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <zstd.h>
#include "common/limits.h"
#include "common/siphash.h"
#include "worker/analyzer/analyzer.h"
#include "worker/analyzer/sums.h"

/* Of "a", and others. */
#define MD5 "0cc175b9c0f1b6a831c399e269772661"
#define SHA1 "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"
#define SHA256 "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define OTHER "1cc175b9c0f1b6a831c399e269772661"
#define ZEROS "00000000000000000000000000000000"

static void
test_a_digest_is_known_by_its_form(void **state)
{
	static const struct {
		const char *digest;
		bool differs;
	} t[] = {
		{ MD5, false }, { SHA1, false }, { SHA256, false },
		{ "Q1hvfkN/qlp/zhXR3cuerq6jd2Z7g=", false },
		{ "Q1hvfkN/qlp/zhXR3cuerq6jd2Z7g", false },
		{ OTHER, true }, { OTHER "00000000", true }, { OTHER OTHER, true },
		{ "Q1AAAkN/qlp/zhXR3cuerq6jd2Z7g=", true },
		/* says nothing: not written by who would know */
		{ ZEROS, false }, { "Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=", false },
		/* of no kind that is known, or cut */
		{ "any", false }, { "Q1AAAkN/qlp/zhXR3cue", false }, { "Q1", false },
		{ "1cc175b9c0f1b6a831c399e26977266", false },
		{ "1CC175B9C0F1B6A831C399E269772661", false },
		{ "1cc175b9c0f1b6a831c399e26977266g", false },
		{ OTHER OTHER OTHER OTHER, false },
	};
	uint8_t sums[SUMS_BYTES];

	(void)state;
	sums_of(str_of("a"), sums);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct listed_sums l = { 0 };

		listed_add(&l, 7, str_of(t[i].digest));
		if (listed_differs(&l, 7, sums) != t[i].differs)
			fail_msg("%s", t[i].digest);
		assert_false(listed_differs(&l, 6, sums));
		assert_false(listed_differs(&l, 8, sums));
		listed_done(&l);
	}
}

/* Of two packages that list it one brought it, whichever is told first. */
static void
test_one_that_fits_is_enough(void **state)
{
	static const char *const t[][2] = { { OTHER, MD5 }, { MD5, OTHER },
		{ OTHER, "any" } };
	uint8_t sums[SUMS_BYTES];

	(void)state;
	sums_of(str_of("a"), sums);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct listed_sums l = { 0 };

		for (uint64_t k = 1; k < 1000; k++) {
			listed_add(&l, k, str_of(t[i][0]));
			listed_add(&l, 1000 - k, str_of(t[i][1]));
		}
		listed_add(&l, 2000, str_of(OTHER));
		assert_false(listed_differs(&l, 500, sums));
		assert_true(listed_differs(&l, 2000, sums));
		listed_add(&l, 2000, str_of(MD5));
		assert_false(listed_differs(&l, 2000, sums));
		listed_done(&l);
	}
}

static void
test_pieces_are_the_whole(void **state)
{
	uint8_t sums[SUMS_BYTES], pieces[SUMS_BYTES];
	struct sums *s = sums_new();

	(void)state;
	sums_of(str_of("node.js"), sums);
	sums_add(s, str_of(""));
	sums_add(s, str_of("node"));
	sums_add(s, str_of(".js"));
	sums_end(s, pieces);
	assert_memory_equal(sums, pieces, SUMS_BYTES);
}

#define PROGRAM "usr/bin/x"

/* What each database lists, of a program that holds "a". */
static void
test_what_databases_list(void **state)
{
	static const uint8_t key[16];
	static const struct {
		const char *analyzer, *path, *content;
		bool listed, differs;
	} t[] = {
		{ "dpkg_files", "var/lib/dpkg/info/x.md5sums",
		  MD5 "  " PROGRAM "\n", true, false },
		{ "dpkg_files", "var/lib/dpkg/info/x.md5sums",
		  OTHER "  " PROGRAM "\n", true, true },
		{ "dpkg_files", "var/lib/dpkg/status.d/eA==.md5sums",
		  OTHER "  " PROGRAM "\n" MD5 "  usr/bin/y\n", true, true },
		{ "dpkg_files", "var/lib/dpkg/info/x.md5sums",
		  "1cc175b9c0f1b6a831c399e26977266  " PROGRAM "\n", true, false },
		{ "dpkg_files", "var/lib/dpkg/info/x.md5sums", OTHER, false,
		  false },
		{ "dpkg_files", "var/lib/dpkg/info/x.list", "/.\n/" PROGRAM "\n",
		  false, false },
		{ "portage", "var/db/pkg/a/x-1/CONTENTS",
		  "dir /usr/bin\nobj /" PROGRAM " " OTHER " 1700000000\n", true,
		  true },
		{ "portage", "var/db/pkg/a/x-1/CONTENTS",
		  "obj /" PROGRAM " " MD5 " 1700000000\n", true, false },
		{ "portage", "var/db/pkg/a/x-1/CONTENTS",
		  "sym /" PROGRAM " -> y 1700000000\n", false, false },
		{ "apk", "lib/apk/db/installed", "P:x\nV:1\nF:usr/bin\nR:x\n"
		  "R:y\nZ:Q1AAAkN/qlp/zhXR3cuerq6jd2Z7g=\n\n", true, false },
		{ "apk", "lib/apk/db/installed", "P:x\nV:1\nF:usr/bin\nR:y\n"
		  "R:x\nZ:Q1AAAkN/qlp/zhXR3cuerq6jd2Z7g=\n\n", true, true },
		{ "chisel", "var/lib/chisel/manifest.wall",
		  "{\"jsonwall\":\"1.0\",\"count\":2}\n{\"kind\":\"path\","
		  "\"path\":\"/" PROGRAM "\",\"sha256\":\"" OTHER OTHER "\"}\n",
		  true, true },
		{ "chisel", "var/lib/chisel/manifest.wall",
		  "{\"jsonwall\":\"1.0\",\"count\":2}\n{\"kind\":\"path\","
		  "\"path\":\"/" PROGRAM "\",\"sha256\":\"" OTHER OTHER "\","
		  "\"final_sha256\":\"" SHA256 "\"}\n", true, false },
		{ "chisel", "var/lib/chisel/manifest.wall",
		  "{\"jsonwall\":\"1.0\",\"count\":2}\n{\"kind\":\"path\","
		  "\"path\":\"/" PROGRAM "\",\"link\":\"y\"}\n", false, false },
	};
	uint8_t sums[SUMS_BYTES], packed[1024];
	struct buf record;
	struct diag d;
	uint64_t n;

	(void)state;
	sums_of(str_of("a"), sums);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct analyzer *a = analyzer_named(str_of(t[i].analyzer));
		struct analyzer_file f = { .path = str_of(t[i].path) };
		struct listed_sums l = { 0 };
		struct analyzer_input in = { &f, str_of(t[i].content),
			str_of(""), key, &l };

		if (strcmp(t[i].analyzer, "chisel") == 0)
			in.content = str_n(packed, ZSTD_compress(packed,
			    sizeof(packed), in.content.p, in.content.n, 1));
		f.size = in.content.n;
		buf_init(&record, LIMIT_INVENTORY_BYTES);
		assert_true(a->wants(&f));
		(void)analyzer_run(a, &in, &record, &n, &d);
		if ((l.n > 0) != t[i].listed || listed_differs(&l,
		    siphash(key, str_of(PROGRAM)), sums) != t[i].differs)
			fail_msg("row %zu: %zu listed", i, l.n);
		buf_done(&record);
		listed_done(&l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_digest_is_known_by_its_form),
		cmocka_unit_test(test_one_that_fits_is_enough),
		cmocka_unit_test(test_pieces_are_the_whole),
		cmocka_unit_test(test_what_databases_list),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

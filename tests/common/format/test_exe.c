/* Headers of executables: what is told of real ones (the analyzers' samples),
 * of lying ones, and bytes that come in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "common/format/exe.h"
#include "tests/lib/slurp.h"

#define SAMPLES "tests/worker/analyzer/golang/"

static void
test_kinds(void **state)
{
	static const struct { const char *head; size_t n; enum exe_kind want; } t[] = {
		{ "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0", 18, EXE_ELF },
		{ "\x7f" "ELF\1\2\1\0\0\0\0\0\0\0\0\0\0\2", 18, EXE_ELF },
		{ "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\1\0", 18, EXE_NONE },
		{ "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0", 18, EXE_NONE },
		{ "\x7f" "ELF\2\1", 6, EXE_NONE },
		{ "\xcf\xfa\xed\xfe", 4, EXE_MACHO },
		{ "\xca\xfe\xba\xbe\0\0\0\2", 8, EXE_FAT },
		{ "\xca\xfe\xba\xbe\0\0\0\x34", 8, EXE_NONE },	/* a class */
		{ "MZ", 2, EXE_NONE }, { "#!/bin/sh\n", 10, EXE_NONE },
		{ "", 0, EXE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (exe_kind(str_n(t[i].head, t[i].n)) != t[i].want)
			fail_msg("kind of row %zu", i);
}

static void
test_parts_of_real_files(void **state)
{
	static const struct {
		const char *name;
		enum exe_kind kind;
		bool big_endian;
		size_t parts, writable, notes;
	} t[] = {
		{ "linux-amd64", EXE_ELF, false, 2, 1, 1 },
		{ "linux-mips", EXE_ELF, true, 2, 1, 1 },
		{ "go1.17-386", EXE_ELF, false, 6, 3, 1 },
		{ "windows.exe", EXE_PE, false, 1, 1, 0 },
		{ "darwin-arm64", EXE_MACHO, false, 1, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf b = slurp(SAMPLES "%s.in", t[i].name);
		size_t writable = 0, notes = 0;
		struct exe x;
		uint64_t at;

		exe_read(buf_view(&b), &x);
		for (size_t k = 0; k < x.n; k++) {
			writable += (x.part[k].flags & EXE_WRITE) != 0;
			notes += (x.part[k].flags & EXE_NOTE) != 0;
			assert_true(x.part[k].offset + x.part[k].size <= b.n);
		}
		if (!x.known || x.kind != t[i].kind || x.n != t[i].parts ||
		    x.big_endian != t[i].big_endian ||
		    writable != t[i].writable || notes != t[i].notes)
			fail_msg("%s: %zu parts, %zu writable, %zu notes",
			    t[i].name, x.n, writable, notes);
		assert_true(exe_offset(&x, x.part[x.n - 1].address + 3, &at));
		assert_int_equal(at, x.part[x.n - 1].offset + 3);
		assert_false(exe_offset(&x, 1, &at));
		/* cut headers never tell parts that are not all there */
		for (size_t n = 0; n < b.n; n++) {
			char *exact = malloc(n + 1);

			memcpy(exact, b.p, n);
			exe_read(str_n(exact, n), &x);
			if (x.known && x.n != t[i].parts)
				fail_msg("%s cut at %zu", t[i].name, n);
			free(exact);
		}
		buf_done(&b);
	}
}

static void
test_bytes_come_once_and_in_order(void **state)
{
	static const size_t sizes[] = { 1, 100, EXE_FRONT - 1, EXE_FRONT,
	    EXE_FRONT + 1, 3 * EXE_FRONT };
	uint8_t *file = calloc(1, 3 * EXE_FRONT);

	(void)state;
	memcpy(file, "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0", 18);
	for (size_t i = 18; i < 3 * EXE_FRONT; i++)
		file[i] = (uint8_t)(i * 31);
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
		for (size_t piece = 1; piece < 40000; piece = piece * 3 + 1) {
			struct exe_reader r = { .at = 0 };
			struct exe_bytes b;
			size_t at = 0, seen = 0, n;
			struct cur c;

			while (at < sizes[k]) {
				n = sizes[k] - at < piece ? sizes[k] - at : piece;
				c = cur_of(file + at, n);
				at += n;
				while (exe_next(&r, &c, false, &b)) {
					assert_int_equal(b.at, seen);
					assert_memory_equal(b.s.p, file + seen, b.s.n);
					assert_int_equal(r.exe.kind, EXE_ELF * (sizes[k] > 1));
					seen += b.s.n;
				}
			}
			c = cur_of(NULL, 0);
			while (exe_next(&r, &c, true, &b)) {
				assert_int_equal(b.at, seen);
				assert_memory_equal(b.s.p, file + seen, b.s.n);
				seen += b.s.n;
			}
			assert_int_equal(seen, sizes[k]);
			exe_done(&r);
		}
	free(file);
}

static void
put(uint8_t *p, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* A 64-bit ELF file of loaded parts, one behind the other. */
static void
elf_of(uint8_t file[1024], const uint64_t sizes[], const unsigned flags[], size_t n)
{
	uint64_t at = 0;

	memset(file, 0, 1024);
	memcpy(file, "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0", 18);
	put(file + 32, 64, 8);
	put(file + 54, 56, 2);
	put(file + 56, n, 2);
	for (size_t i = 0; i < n; i++) {
		uint8_t *p = file + 64 + 56 * i;

		put(p, 1, 4);
		put(p + 4, flags[i], 4);
		put(p + 8, at, 8);
		put(p + 32, sizes[i], 8);
		at += sizes[i];
	}
}

static void
test_code_has_no_constants(void **state)
{
	enum { R = 4, RX = 5, RW = 6 };
	static const struct {
		uint64_t sizes[4];
		unsigned flags[4];
		size_t n, code;		/* which part; n = none */
	} t[] = {
		{ { 1000, 64000, 4000, 500 }, { R, RX, R, RW }, 4, 1 },
		{ { 3999, 64000, 500 }, { R, RX, RW }, 3, 3 },	/* headers only */
		{ { 4000, 64000, 500 }, { R, RX, RW }, 3, 1 },
		{ { 64000, 500 }, { RX, RW }, 2, 2 },
	};
	uint8_t file[1024];
	struct exe x;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct stretch all = { str_n(NULL, 70000), 0, 10, 70000 }, part;
		size_t begin = 0, seen = 0;

		elf_of(file, t[i].sizes, t[i].flags, t[i].n);
		exe_read(str_n(file, sizeof(file)), &x);
		assert_true(x.known && x.n == t[i].n);
		for (size_t k = 0; k < x.n; k++) {
			assert_int_equal((x.part[k].flags & EXE_CODE) != 0,
			    k == t[i].code);
			if (k < t[i].code)
				begin += x.part[k].size;
		}
		while (exe_next_outside(&x, EXE_CODE, &all, &part)) {
			assert_true(part.from == (seen == 0 ? 10 : begin + 64000));
			assert_true(part.to == (t[i].code == x.n || seen > 0 ?
			    70000 : begin));
			seen += part.to - part.from;
		}
		assert_int_equal(seen, 69990 - (t[i].code < x.n ? 64000 : 0));
		all.from = 10;
		x.known = false;
		assert_true(exe_next_outside(&x, EXE_CODE, &all, &part));
		assert_true(part.from == 10 && part.to == 70000);
		assert_false(exe_next_outside(&x, EXE_CODE, &all, &part));
	}
}

static void
test_clip(void **state)
{
	static const struct {
		uint64_t offset, size;
		const char *want;
		uint64_t at;
	} t[] = {
		{ 0, 1000, "0123456789", 100 }, { 100, 10, "0123456789", 100 },
		{ 102, 3, "234", 102 }, { 108, 100, "89", 108 },
		{ 90, 12, "01", 100 }, { 90, 10, "", 100 }, { 0, 5, "", 100 },
		{ 110, 5, "", 110 }, { 200, 5, "", 110 },
		{ 105, UINT64_MAX, "56789", 105 },
		{ UINT64_MAX, UINT64_MAX, "", 110 }, { 101, 0, "", 101 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct exe_bytes b = exe_clip((struct exe_bytes) {
		    str_of("0123456789"), 100 }, t[i].offset, t[i].size);

		if (!str_eqz(b.s, t[i].want) || b.at != t[i].at)
			fail_msg("row %zu: %.*s at %llu", i, STR_ARG(b.s),
			    (unsigned long long)b.at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_parts_of_real_files),
		cmocka_unit_test(test_bytes_come_once_and_in_order),
		cmocka_unit_test(test_code_has_no_constants),
		cmocka_unit_test(test_clip),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

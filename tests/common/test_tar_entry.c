/* Where tar's dialects meet: the name, target and content that Go's archive/tar
 * finds there (checked with Go 1.22), or a finding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/archive.h"
#include "tests/lib/tar_build.h"

/* Bytes of the header that are set to something else. */
struct patch {
	size_t at, n;
	const char *bytes;
};

#define GNU { 257, 8, "ustar  " }
#define PREFIX(s) { 345, sizeof(s) - 1, s }

/* Of the headers one after another: type, name, target, body. */
struct header {
	char type;
	const char *name, *target;
	const char *body;
	size_t n;
	struct patch patch[3];
};

#define BODY(s) s, sizeof(s) - 1
#define P131 "pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp" \
	"ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"

static void
add(struct tar_build *t, const struct header *h)
{
	size_t at = t->b.n;
	unsigned sum = 0;
	char *p;

	tar_add(t, h->name, h->type, h->target != NULL ? h->target : "",
	    str_n(h->body, h->n));
	p = (char *)t->b.p + at;
	for (size_t i = 0; i < 3 && h->patch[i].n > 0; i++)
		memcpy(p + h->patch[i].at, h->patch[i].bytes, h->patch[i].n);
	memset(p + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (uint8_t)p[i];
	snprintf(p + 148, 8, "%06o", sum);
}

static const struct {
	struct header h[4];
	const char *path, *target;	/* of the first entry; no path: a finding */
} cases[] = {
	/* long names of GNU */
	{ { { 'L', "L", NULL, BODY("long\0"), {} }, { '0', "x", NULL, BODY("a"), {} } }, "long", "" },
	{ { { 'L', "L", NULL, BODY("\0"), {} }, { '0', "x", NULL, BODY("a"), {} } }, "x", "" },
	{ { { 'L', "L", NULL, BODY(""), {} }, { '0', "x", NULL, BODY("a"), {} } }, "x", "" },
	{ { { 'L', "L", NULL, BODY("a\0"), {} }, { 'L', "L", NULL, BODY("b\0"), {} },
	    { '0', "x", NULL, BODY("a"), {} } }, "b", "" },
	{ { { 'K', "K", NULL, BODY("\0"), {} }, { '2', "x", "to", BODY(""), {} } }, "x", "to" },
	/* and of pax, together */
	{ { { 'x', "P", NULL, BODY("9 path=p\n"), {} }, { 'L', "L", NULL, BODY("l\0"), {} },
	    { '0', "x", NULL, BODY("a"), {} } }, "l", "" },
	{ { { 'L', "L", NULL, BODY("l\0"), {} }, { 'x', "P", NULL, BODY("9 path=p\n"), {} },
	    { '0', "x", NULL, BODY("a"), {} } }, "l", "" },
	{ { { 'x', "P", NULL, BODY("14 linkpath=p\n"), {} }, { 'K', "K", NULL, BODY("k\0"), {} },
	    { '2', "x", "to", BODY(""), {} } }, "x", "k" },
	/* of two headers the last counts, which libarchive calls malformed */
	{ { { 'x', "P", NULL, BODY("9 path=p\n"), {} }, { 'x', "P", NULL, BODY("13 comment=c\n"), {} },
	    { '0', "x", NULL, BODY("a"), {} } }, NULL, NULL },
	/* of two records the last */
	{ { { 'x', "P", NULL, BODY("9 path=p\n9 path=q\n"), {} }, { '0', "x", NULL, BODY("a"), {} } },
	    "q", "" },
	{ { { 'x', "P", NULL, BODY("9 path=p\n8 path=\n"), {} }, { '0', "x", NULL, BODY("a"), {} } },
	    "x", "" },
	/* a global header is an entry, and nothing before it is left */
	{ { { 'x', "P", NULL, BODY("9 path=p\n"), {} }, { 'g', "G", NULL, BODY("13 comment=c\n"), {} },
	    { '0', "x", NULL, BODY("a"), {} } }, "x", "" },
	{ { { 'g', "G", NULL, BODY("9 path=p\n"), {} }, { '0', "x", NULL, BODY("a"), {} } }, "x", "" },
	/* letters stay as they are written */
	{ { { 'x', "P", NULL, BODY("15 path=cafe\xcc\x81\n"), {} }, { '0', "x", NULL, BODY("a"), {} } },
	    "cafe\xcc\x81", "" },
	/* prefixes */
	{ { { '0', "x", NULL, BODY("a"), { PREFIX("p/q") } } }, "p/q/x", "" },
	{ { { '0', "x", NULL, BODY("a"), { PREFIX("lib/apk"), GNU } } }, "lib/apk/x", "" },
	{ { { '0', "x", NULL, BODY("a"), { PREFIX("00000000000"), GNU } } }, "x", "" },
	{ { { '0', "x", NULL, BODY("a"), { PREFIX("\x80\0\0\0\1\1\1\1\1\1\1\1"), GNU } } }, "x", "" },
	{ { { '0', "x", NULL, BODY("a"), { PREFIX("lib"), { 257, 8, "ustar 00" } } } }, "x", "" },
	{ { { '0', "x", NULL, BODY("a"), { PREFIX(P131 "q"), { 508, 4, "tar" } } } }, P131 "/x", "" },
	{ { { '0', "x", NULL, BODY("a"), { PREFIX(P131 "q") } } }, P131 "q/x", "" },
	/* sparse files to one and not to the other */
	{ { { 'x', "P", NULL, BODY("22 GNU.sparse.name=pp\n"), {} }, { '0', "x", NULL, BODY("a"), {} } },
	    NULL, NULL },
	{ { { 'x', "P", NULL, BODY("25 GNU.sparse.realsize=9\n"), {} }, { '0', "x", NULL, BODY("a"), {} } },
	    NULL, NULL },
	{ { { 'x', "P", NULL, BODY("22 SCHILY.realsize=90\n"), {} }, { '0', "x", NULL, BODY("a"), {} } },
	    NULL, NULL },
	{ { { '0', "x", NULL, BODY("a"), { GNU, { 483, 2, "11" } } } }, NULL, NULL },
	/* files and directories */
	{ { { '0', "x/", NULL, BODY("a"), {} } }, NULL, NULL },
	{ { { '\0', "x/", NULL, BODY(""), {} } }, "x/", "" },
	{ { { 'x', "P", NULL, BODY("12 size=512\n"), {} }, { '5', "x/", NULL, BODY(""), {} },
	    { '0', "hidden", NULL, BODY(""), {} } }, NULL, NULL },
	{ { { 'x', "P", NULL, BODY("12 size=512\n"), {} }, { '2', "x", "to", BODY(""), {} },
	    { '0', "hidden", NULL, BODY(""), {} } }, NULL, NULL },
};

static void
test_go_decides(void **state)
{
	const struct inflate_limits none = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct archive_item it;
		struct archive_reader *r;
		struct tar_build t;
		struct diag d;
		struct source_memory m;
		struct source src;
		struct inflate *z;

		tar_begin(&t);
		for (size_t k = 0; k < 4 && cases[i].h[k].name != NULL; k++)
			add(&t, &cases[i].h[k]);
		tar_end(&t);
		m = (struct source_memory) { t.b.p, t.b.n, 0 };
		src = source_memory(&m);
		z = inflate_new(&src, &none);
		r = archive_open_tar(z);
		if (archive_next(r, &it, &d) != 1)
			fail_msg("case %zu: %s", i, d.text);
		if (cases[i].path == NULL ? it.finding == NULL :
		    it.finding != NULL || !str_eqz(it.path, cases[i].path) ||
		    !str_eqz(it.target, cases[i].target))
			fail_msg("case %zu: %.*s -> %.*s, %s", i,
			    STR_ARG(it.path), STR_ARG(it.target),
			    it.finding != NULL ? it.finding : "fine");
		archive_close(r);
		inflate_free(z);
		tar_done(&t);
	}
}

/* What a link is said to be long hides the entries there, at the end too. */
static void
test_entries_inside_what_has_no_content(void **state)
{
	const struct header h[] = {
		{ 'x', "P", NULL, BODY("13 size=1024\n"), {} },
		{ '1', "link", "to", BODY(""), {} },
		{ '0', "hidden", NULL, BODY("a"), {} },
	};
	const struct inflate_limits none = { 0 };
	struct source_memory m;
	struct archive_reader *r;
	struct archive_item it;
	struct tar_build t;
	struct inflate *z;
	struct source src;
	struct diag d;

	(void)state;
	tar_begin(&t);
	for (size_t i = 0; i < 3; i++)
		add(&t, &h[i]);
	tar_end(&t);
	m = (struct source_memory) { t.b.p, t.b.n, 0 };
	src = source_memory(&m);
	z = inflate_new(&src, &none);
	r = archive_open_tar(z);
	assert_int_equal(archive_next(r, &it, &d), 1);
	assert_true(it.size > 0);	/* which the walk tells */
	assert_int_equal(archive_next(r, &it, &d), ERR_MALFORMED);
	archive_close(r);
	inflate_free(z);
	tar_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_go_decides),
		cmocka_unit_test(test_entries_inside_what_has_no_content),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

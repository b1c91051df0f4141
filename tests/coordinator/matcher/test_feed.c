/*
 * OSV documents to advisories: what is taken, what is refused, and the figures
 * of the published feeds when they are at hand.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/matcher/feed.h"

/* A sink that writes down what it gets: "id{eco name [lo,hi)fixed ...}". */
struct notes {
	struct buf seen;	/* advisories, one line each */
	struct buf bad;		/* names of malformed documents, one a line */
	int answer;		/* what the advisory callback returns */
};

static int
note_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct notes *n = arg;

	assert_int_equal(buf_str(&n->seen, a->id), 0);
	for (size_t i = 0; i < a->naffected; i++) {
		const struct advisory_affected *e = &a->affected[i];

		assert_int_equal(buf_printf(&n->seen, " {%.*s %.*s %.*s",
		    STR_ARG(e->ecosystem), STR_ARG(e->name),
		    STR_ARG(e->range_type)), 0);
		for (size_t k = 0; k < e->nranges; k++)
			assert_int_equal(buf_printf(&n->seen, " [%.*s,%.*s%c%.*s",
			    STR_ARG(e->ranges[k].lo), STR_ARG(e->ranges[k].hi),
			    e->ranges[k].hi_inclusive ? ']' : ')',
			    STR_ARG(e->ranges[k].fixed)), 0);
		assert_int_equal(buf_byte(&n->seen, '}'), 0);
	}
	assert_int_equal(buf_byte(&n->seen, '\n'), 0);
	if (n->answer < 0)
		return (diag_set(d, n->answer, 0, "the sink is full"));
	return (0);
}

static int
note_malformed(void *arg, struct str name, const struct diag *why,
    struct diag *d)
{
	struct notes *n = arg;

	(void)d;
	assert_true(why->text[0] != '\0');
	assert_int_equal(buf_str(&n->bad, name), 0);
	assert_int_equal(buf_byte(&n->bad, '\n'), 0);
	return (0);
}

static void
notes_init(struct notes *n, struct feed_sink *sink)
{
	*n = (struct notes) { .answer = 0 };
	buf_init(&n->seen, 64 * MIB);
	buf_init(&n->bad, 1 * MIB);
	*sink = (struct feed_sink) { n, note_advisory, note_malformed,
		NULL, NULL };
}

static void
notes_done(struct notes *n)
{
	buf_done(&n->seen);
	buf_done(&n->bad);
}

static int
import_bytes(struct str bytes, size_t piece, struct notes *n,
    struct feed_count *count, struct diag *d)
{
	struct source_memory m = { (const uint8_t *)bytes.p, bytes.n, piece };
	struct source src = source_memory(&m);
	struct feed_sink sink = { n, note_advisory, note_malformed, NULL, NULL };

	return (feed_import(&feed_osv, &src, str_of("doc.json"), &sink, count,
	    d));
}

/* ------------------------------------------------------------------ one document */

#define PACKAGE(eco, name) "\"package\":{\"ecosystem\":\"" eco "\",\"name\":\"" \
	name "\"}"
#define EVENTS(type, ...) "\"ranges\":[{\"type\":\"" type "\",\"events\":[" \
	__VA_ARGS__ "]}]"
#define I(v) "{\"introduced\":\"" v "\"}"
#define F(v) "{\"fixed\":\"" v "\"}"
#define L(v) "{\"last_affected\":\"" v "\"}"
#define LIM(v) "{\"limit\":\"" v "\"}"
#define DOC(...) "{\"id\":\"X-1\",\"modified\":\"2024-01-01T00:00:00Z\"," \
	"\"affected\":[{" __VA_ARGS__ "}]}"

static void
test_events_become_pieces_of_the_version_line(void **state)
{
	static const struct {
		const char *in, *want;
	} t[] = {
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM", I("0") "," F("1.2"))),
		    "X-1 {PyPI a ECOSYSTEM [0,1.2)1.2}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM", I("0"))),
		    "X-1 {PyPI a ECOSYSTEM [0,)}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM", I("1") "," L("1.9"))),
		    "X-1 {PyPI a ECOSYSTEM [1,1.9]}\n" },
		/* unsorted: by version, 1.10 above 1.9 */
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    F("1.10") "," F("1.9") "," I("1.9.1") "," I("1.0"))),
		    "X-1 {PyPI a ECOSYSTEM [1.0,1.9)1.9 [1.9.1,1.10)1.10}\n" },
		/* at one version they count as they are written */
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("1.0") "," F("1.0"))),
		    "X-1 {PyPI a ECOSYSTEM [1.0,1.0)1.0}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    F("1.0") "," I("1.0"))),
		    "X-1 {PyPI a ECOSYSTEM [1.0,)}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("0") "," F("2") "," I("2") "," F("2"))),
		    "X-1 {PyPI a ECOSYSTEM [0,2)2}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("0") "," L("2") "," I("2") "," L("2"))),
		    "X-1 {PyPI a ECOSYSTEM [0,2]}\n" },
		/* fixed and introduced again at one version: it was not fixed */
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("0") "," F("2.0.0") "," I("2.0.0") "," F("2.11.2"))),
		    "X-1 {PyPI a ECOSYSTEM [0,2.11.2)2.11.2}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("1") "," L("2") "," I("2") "," F("3") "," I("4") "," F("4"))),
		    "X-1 {PyPI a ECOSYSTEM [1,3)3 [4,4)4}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("0") "," I("1") "," F("2") "," F("3"))),
		    "X-1 {PyPI a ECOSYSTEM [0,2)2}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("0") "," LIM("1.5") "," F("2") "," I("3"))),
		    "X-1 {PyPI a ECOSYSTEM [0,1.5)}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM",
		    I("0") "," LIM("*") "," F("2"))),
		    "X-1 {PyPI a ECOSYSTEM [0,2)2}\n" },
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("ECOSYSTEM", F("2"))),
		    "X-1 {PyPI a }\n" },
		/* no order of ours: the document's own */
		{ DOC(PACKAGE("Nowhere", "a") "," EVENTS("SEMVER",
		    I("1.0.0") "," F("1.10.0") "," I("2.0.0") "," F("2.1.0"))),
		    "X-1 {Nowhere a SEMVER [1.0.0,1.10.0)1.10.0 [2.0.0,2.1.0)2.1.0}\n" },
		/* Maven's keys are coarse: these three have one */
		{ DOC(PACKAGE("Maven", "g:a") "," EVENTS("ECOSYSTEM",
		    F("1.0-rc") "," I("1.0-beta") "," I("1.0.1") "," F("1.0.1-sp"))),
		    "X-1 {Maven g:a ECOSYSTEM [1.0-beta,1.0-rc)1.0-rc [1.0.1,1.0.1-sp)1.0.1-sp}\n" },
		{ DOC(PACKAGE("Go", "m") "," EVENTS("SEMVER",
		    F("1.10.0") "," I("1.9.0"))),
		    "X-1 {Go m SEMVER [1.9.0,1.10.0)1.10.0}\n" },
		/* commits order no package */
		{ DOC(PACKAGE("PyPI", "a") "," EVENTS("GIT", I("abc"))
		    ",\"versions\":[\"1\"]"), "X-1 {PyPI a GIT}\n" },
		{ DOC("\"versions\":[]"), "X-1 {  }\n" },
		{ "{\"id\":\"X-1\"}", "X-1\n" },
		{ "{\"id\":\"X-1\",\"affected\":null}", "X-1\n" },
	};
	struct feed_count count = { 0 };
	struct feed_sink sink;
	struct notes n;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		notes_init(&n, &sink);
		assert_int_equal(import_bytes(str_of(t[i].in), 0, &n, &count,
		    &d), 0);
		assert_int_equal(buf_byte(&n.seen, 0), 0);
		assert_string_equal((char *)n.seen.p, t[i].want);
		notes_done(&n);
	}
	assert_int_equal(count.documents, sizeof(t) / sizeof(t[0]));
	assert_int_equal(count.without_affected, 2);
	assert_int_equal(count.ranges, 18);
	assert_int_equal(count.ranges_git, 1);
}

static void
test_documents_we_would_misread_are_malformed(void **state)
{
	static const char *const t[] = {
		"", " ", "[]", "null", "{", "{}", "{\"id\":7}", "{\"id\":\"\"}",
		"{\"id\":\"X\",\"affected\":{}}",
		"{\"id\":\"X\",\"affected\":[7]}",
		"{\"id\":\"X\",\"withdrawn\":true}",
		"{\"id\":\"X\",\"aliases\":[1]}",
		"{\"id\":\"X\",\"affected\":[{\"package\":\"a\"}]}",
		"{\"id\":\"X\",\"affected\":[{\"versions\":[1.0]}]}",
		"{\"id\":\"X\",\"affected\":[{\"ranges\":[{\"events\":[]}]}]}",
		DOC(EVENTS("ECOSYSTEM", "7")),
		DOC(EVENTS("ECOSYSTEM", "{\"introduced\":0}")),
		DOC("\"ranges\":7"),
		"{\"id\":\"X\"}garbage",
		"{\"id\":\"X\xff\"}",
	};
	struct feed_count count;
	struct feed_sink sink;
	struct notes n;
	struct diag d;

	(void)state;
	for (size_t i = 1; i < sizeof(t) / sizeof(t[0]); i++) {
		count = (struct feed_count) { 0 };
		notes_init(&n, &sink);
		assert_int_equal(import_bytes(str_of(t[i]), 0, &n, &count, &d),
		    0);
		if (count.malformed != 1 || count.documents != 0)
			fail_msg("taken: %s", t[i]);
		assert_true(str_eqz(buf_view(&n.bad), "doc.json\n"));
		assert_int_equal(n.seen.n, 0);
		notes_done(&n);
	}
	notes_init(&n, &sink);
	assert_int_equal(import_bytes(str_of(""), 0, &n, &count, &d),
	    ERR_MALFORMED);
	notes_done(&n);
}

static int
keep_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	return (advisory_write(arg, a) < 0 ?
	    diag_set(d, ERR_LIMIT, 0, "full") : 0);
}

static void
read_one(const char *doc, struct pool *pool, struct advisory *ret)
{
	struct source_memory m = { (const uint8_t *)doc, strlen(doc), 0 };
	struct source src = source_memory(&m);
	struct feed_count count = { 0 };
	struct feed_sink sink;
	struct buf b;
	struct diag d;
	struct cur c;

	buf_init(&b, 1 * MIB);
	sink = (struct feed_sink) { &b, keep_advisory, note_malformed, NULL, NULL };
	assert_int_equal(feed_import(&feed_osv, &src, str_of("x"), &sink, &count,
	    &d), 0);
	c = cur_str(buf_view(&b));
	assert_int_equal(advisory_read(&c, pool, ret, &d), 0);
	buf_done(&b);
}

#define V3 "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

static void
test_severities_are_taken_from_words_and_vectors(void **state)
{
	struct pool *pool = pool_new(4 * MIB);
	struct advisory a;

	(void)state;
	read_one("{\"id\":\"X\",\"severity\":[{\"type\":\"CVSS_V4\",\"score\":"
	    "\"CVSS:4.0/x\"},{\"type\":\"CVSS_V2\",\"score\":"
	    "\"AV:N/AC:L/Au:N/C:P/I:P/A:P\"},{\"type\":\"CVSS_V3\",\"score\":"
	    "\"CVSS:3.0/" V3 "\"},{\"type\":\"CVSS_V3\",\"score\":"
	    "\"CVSS:3.1/" V3 "\"},{\"type\":\"CVSS_V3\",\"score\":"
	    "\"CVSS:3.1/z\"}]}", pool, &a);
	assert_true(str_eqz(a.cvss, "CVSS:3.1/" V3));
	assert_int_equal(a.severity, SEVERITY_UNKNOWN);
	read_one("{\"id\":\"X\",\"severity\":[{\"type\":\"Ubuntu\",\"score\":"
	    "\"medium\"}],\"database_specific\":{\"severity\":\"HIGH\"}}", pool,
	    &a);
	assert_int_equal(a.severity, SEVERITY_MEDIUM);
	read_one("{\"id\":\"X\",\"database_specific\":{\"severity\":"
	    "\"MODERATE\"},\"affected\":[{\"ecosystem_specific\":{\"urgency\":"
	    "\"unimportant\"},\"severity\":[{\"type\":\"CVSS_V3\",\"score\":"
	    "\"CVSS:3.1/e\"}]}]}", pool, &a);
	assert_int_equal(a.severity, SEVERITY_MEDIUM);
	assert_int_equal(a.affected[0].severity, SEVERITY_NEGLIGIBLE);
	assert_true(str_eqz(a.affected[0].cvss, "CVSS:3.1/e"));
	/* RustSec: a note is no vulnerability */
	read_one("{\"id\":\"X\",\"affected\":[{\"database_specific\":"
	    "{\"informational\":\"unmaintained\"}},{\"database_specific\":"
	    "{\"informational\":null}},{\"severity\":[{\"type\":\"CVSS_V3\","
	    "\"score\":\"CVSS:3.1/" V3 "\"}],\"database_specific\":"
	    "{\"informational\":\"unsound\"}}]}", pool, &a);
	assert_int_equal(a.affected[0].severity, SEVERITY_NEGLIGIBLE);
	assert_true(str_eqz(a.affected[0].status_reason, "unmaintained"));
	assert_int_equal(a.affected[1].severity, SEVERITY_UNKNOWN);
	assert_int_equal(a.affected[1].status_reason.n, 0);
	assert_int_equal(a.affected[2].severity, SEVERITY_UNKNOWN);
	assert_true(str_eqz(a.affected[2].status_reason, "unsound"));
	pool_free(pool);
}

static void
test_a_long_summary_is_cut_between_characters(void **state)
{
	struct pool *pool = pool_new(4 * MIB);
	struct advisory a;
	struct buf b;

	(void)state;
	buf_init(&b, 64 * KIB);
	assert_int_equal(buf_str(&b, str_of("{\"id\":\"X\",\"summary\":\"a")), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_str(&b, str_of("\xc3\xa9")), 0);
	assert_int_equal(buf_add(&b, "\"}", 3), 0);
	read_one((char *)b.p, pool, &a);
	assert_int_equal(a.summary.n, LIMIT_ADVISORY_SUMMARY - 1);
	buf_done(&b);
	pool_free(pool);
}

static void
test_every_cut_and_every_changed_byte_of_a_document_is_survived(void **state)
{
	static const char doc[] = "{\"id\":\"X-1\",\"aliases\":[\"CVE-1\"],"
	    "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/x\"}],"
	    "\"affected\":[{" PACKAGE("Alpine:v3.1", "a") "," EVENTS("ECOSYSTEM",
	    I("0") "," F("1.2-r0") "," LIM("2")) ",\"versions\":[\"1\"]}]}";
	static const char with[] = "\"{}[]:,0\\\xff";
	char *copy = mem_alloc(sizeof(doc));
	struct feed_sink sink;
	struct feed_count c;
	struct notes n;
	struct diag d;

	(void)state;
	for (size_t at = 1; at + 1 < sizeof(doc); at++) {
		notes_init(&n, &sink);
		c = (struct feed_count) { 0 };
		assert_int_equal(import_bytes(str_n(doc, at), 0, &n, &c, &d), 0);
		assert_int_equal(c.malformed, 1);
		for (size_t i = 0; i < sizeof(with); i++) {
			memcpy(copy, doc, sizeof(doc));
			copy[at] = with[i];
			c = (struct feed_count) { 0 };
			assert_int_equal(import_bytes(str_n(copy,
			    sizeof(doc) - 1), 0, &n, &c, &d), 0);
			assert_int_equal(c.malformed + c.documents, 1);
		}
		notes_done(&n);
	}
	free(copy);
}

/* ---------------------------------------------------------------------------- zips */

static uint32_t
crc32_of(struct str s)
{
	uint32_t c = 0xffffffff;

	for (size_t i = 0; i < s.n; i++) {
		c ^= (uint8_t)s.p[i];
		for (int k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
	}
	return (~c);
}

static void
le(struct buf *b, uint32_t v, int n)
{
	for (; n > 0; n--, v >>= 8)
		assert_int_equal(buf_byte(b, (uint8_t)v), 0);
}

/* One stored entry, and its line of the directory in ${dir}. */
static void
zip_entry(struct buf *b, struct buf *dir, const char *name, struct str content)
{
	uint32_t at = (uint32_t)b->n;
	struct buf *to = b;

	for (int pass = 0; pass < 2; pass++, to = dir) {
		le(to, pass == 0 ? 0x04034b50 : 0x02014b50, 4);
		if (pass == 1)
			le(to, 20, 2);
		le(to, 20, 2);
		le(to, 0, 2);		/* flags */
		le(to, 0, 2);		/* stored */
		le(to, 0x21, 4);	/* time, date */
		le(to, crc32_of(content), 4);
		le(to, (uint32_t)content.n, 4);
		le(to, (uint32_t)content.n, 4);
		le(to, (uint32_t)strlen(name), 2);
		le(to, 0, 2);
		if (pass == 1) {
			le(to, 0, 2);
			le(to, 0, 4);
			le(to, 0, 4);
			le(to, at, 4);
		}
		assert_int_equal(buf_str(to, str_of(name)), 0);
		if (pass == 0)
			assert_int_equal(buf_str(to, content), 0);
	}
}

static void
zip_end(struct buf *b, struct buf *dir, uint32_t entries)
{
	uint32_t at = (uint32_t)b->n;

	assert_int_equal(buf_str(b, buf_view(dir)), 0);
	le(b, 0x06054b50, 4);
	le(b, 0, 4);
	le(b, entries, 2);
	le(b, entries, 2);
	le(b, (uint32_t)dir->n, 4);
	le(b, at, 4);
	le(b, 0, 2);
}

static void
make_zip(struct buf *b)
{
	struct buf dir;

	buf_init(b, 64 * KIB);
	buf_init(&dir, 64 * KIB);
	zip_entry(b, &dir, "A-1.json", str_of("{\"id\":\"A-1\"}"));
	zip_entry(b, &dir, "bad.json", str_of("{\"id\":"));
	zip_entry(b, &dir, "README", str_of("not for us"));
	zip_entry(b, &dir, "empty.json", str_of(""));
	zip_entry(b, &dir, "A-2.json", str_of("{\"id\":\"A-2\",\"withdrawn\":"
	    "\"2024-01-01T00:00:00Z\"}"));
	zip_end(b, &dir, 5);
	buf_done(&dir);
}

static void
test_a_zip_gives_its_documents_and_names_the_bad_ones(void **state)
{
	static const size_t pieces[] = { 0, 1, 7, 100 };
	struct feed_count count;
	struct feed_sink sink;
	struct notes n;
	struct buf zip;
	struct diag d;

	(void)state;
	make_zip(&zip);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		count = (struct feed_count) { 0 };
		notes_init(&n, &sink);
		assert_int_equal(import_bytes(buf_view(&zip),
		    pieces[i] == 1 ? 2 : pieces[i], &n, &count, &d), 0);
		assert_true(str_eqz(buf_view(&n.seen), "A-1\nA-2\n"));
		assert_true(str_eqz(buf_view(&n.bad), "bad.json\nempty.json\n"));
		assert_int_equal(count.documents, 2);
		assert_int_equal(count.malformed, 2);
		assert_int_equal(count.withdrawn, 1);
		notes_done(&n);
	}
	buf_done(&zip);
}

/* A name that is marked as UTF-8 and is none: not passed over in silence. */
static void
test_a_zip_entry_without_a_readable_name_is_told(void **state)
{
	struct feed_count count = { 0 };
	struct feed_sink sink;
	struct notes n;
	struct buf zip, dir;
	struct diag d;

	(void)state;
	buf_init(&zip, 1 << 20);
	buf_init(&dir, 1 << 20);
	zip_entry(&zip, &dir, "A-\xff.json", str_of("{\"id\":\"A-1\"}"));
	zip.p[7] |= 8;	/* the flag of the local header, which is read */
	zip_entry(&zip, &dir, "A-2.json", str_of("{\"id\":\"A-2\"}"));
	zip_end(&zip, &dir, 2);
	notes_init(&n, &sink);
	assert_int_equal(import_bytes(buf_view(&zip), 0, &n, &count, &d), 0);
	assert_true(str_eqz(buf_view(&n.seen), "A-2\n"));
	assert_int_equal(count.documents, 1);
	assert_int_equal(count.malformed, 1);
	notes_done(&n);
	buf_done(&zip);
	buf_done(&dir);
}

static void
test_a_cut_zip_is_never_read_as_a_whole_one(void **state)
{
	struct feed_count count;
	struct feed_sink sink;
	struct notes n;
	struct buf zip;
	struct diag d;
	uint8_t *copy;
	size_t entries;

	(void)state;
	make_zip(&zip);
	for (entries = 0; memcmp(zip.p + entries, "PK\1\2", 4) != 0; entries++)
		;
	for (size_t cut = 2; cut < entries + 4; cut++) {
		copy = mem_alloc(cut);
		memcpy(copy, zip.p, cut);
		count = (struct feed_count) { 0 };
		notes_init(&n, &sink);
		if (import_bytes(str_n(copy, cut), 0, &n, &count, &d) == 0)
			fail_msg("cut at %zu of %zu went unnoticed", cut, entries);
		notes_done(&n);
		free(copy);
	}
	/* in the directory, whose beginning ends the entries: all documents came,
	 * and it is told */
	for (size_t cut = entries + 4; cut <= zip.n; cut++) {
		copy = mem_alloc(cut);
		memcpy(copy, zip.p, cut);
		count = (struct feed_count) { 0 };
		notes_init(&n, &sink);
		assert_int_equal(import_bytes(str_n(copy, cut), 0, &n, &count,
		    &d), 0);
		assert_int_equal(count.documents, 2);
		assert_int_equal(count.malformed, cut < zip.n ? 3 : 2);
		notes_done(&n);
		free(copy);
	}
	/* a comment is no damage, what nobody announced is */
	assert_int_equal(buf_str(&zip, str_of("a comment")), 0);
	count = (struct feed_count) { 0 };
	notes_init(&n, &sink);
	assert_int_equal(import_bytes(buf_view(&zip), 0, &n, &count, &d), 0);
	assert_int_equal(count.malformed, 3);
	notes_done(&n);
	zip.p[zip.n - strlen("a comment") - 2] = (uint8_t)strlen("a comment");
	count = (struct feed_count) { 0 };
	notes_init(&n, &sink);
	assert_int_equal(import_bytes(buf_view(&zip), 0, &n, &count, &d), 0);
	assert_int_equal(count.malformed, 2);
	notes_done(&n);
	buf_done(&zip);
}

static void
test_a_full_sink_ends_the_import_with_its_own_error(void **state)
{
	struct feed_count count = { 0 };
	struct feed_sink sink;
	struct notes n;
	struct buf zip;
	struct diag d;

	(void)state;
	make_zip(&zip);
	notes_init(&n, &sink);
	n.answer = ERR_TEMPORARY;
	assert_int_equal(import_bytes(buf_view(&zip), 0, &n, &count, &d),
	    ERR_TEMPORARY);
	assert_string_equal(d.text, "the sink is full");
	assert_true(str_eqz(buf_view(&n.seen), "A-1\n"));
	notes_done(&n);
	buf_done(&zip);
}

/* -------------------------------------------------------------------- what covers */

static void
test_statements_cover_nothing_but_of_the_distribution(void **state)
{
#define UBUNTU "https://github.com/canonical/ubuntu-security-notices/blob/main/vex/"
	static const struct { const struct feed_importer *kind;
	    const char *id, *namespace; bool want; } t[] = {
		{ &feed_osv, "DSA-1-1", "Debian:12", true },
		{ &feed_debian_tracker, "DEBIAN-CVE-2026-1/bash", "Debian:12", true },
		{ NULL, "DEBIAN-CVE-2026-1/bash@Debian:12", "Debian:12", true },
		{ &feed_openvex, "https://e.com/vex-9/CVE-2026-1", "Debian:12", false },
		{ &feed_openvex, "https://e.com/vex-9/CVE-2026-1", "npm", false },
		{ &feed_openvex, UBUNTU "cve/2024/CVE-2024-1/CVE-2024-1",
		    "Ubuntu:24.04:LTS", true },
		{ &feed_openvex, UBUNTU "cve/2024/CVE-2024-1/CVE-2024-1",
		    "Debian:12", false },
		{ &feed_osv, UBUNTU "x", "Debian:12", true },
		{ &feed_csaf, "Red Hat Product Security/CVE-2026-1",
		    "Red Hat:enterprise_linux:9", true },
		{ &feed_csaf, "Red Hat Product Security/CVE-2026-1", "Go", false },
		{ &feed_csaf, "Ours/CVE-2026-1", "Red Hat:enterprise_linux:9",
		    false },
		{ &feed_csaf, "SUSE Product Security Team/SUSE-SU-1",
		    "SUSE:Linux Enterprise Server 15 SP5", true },
		{ &feed_csaf, "SUSE Product Security Team/SUSE-SU-1",
		    "openSUSE:Leap 15.6", true },
		{ &feed_csaf, "SUSE Product Security Team/SUSE-SU-1",
		    "Red Hat:enterprise_linux:9", false },
		{ &feed_secdb, "ALPINE-CVE-2026-1/v3.23/main", "Alpine:v3.23", true },
		{ &feed_secdb, "ALPINE-CVE-2026-1/v3.23/community",
		    "Alpine:v3.23", false },
		{ &feed_secdb, "WOLFI-CVE-2026-1/os", "Wolfi", true },
		{ &feed_secdb, "Chainguard-CVE-2026-1/chainguard", "Chainguard",
		    true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (feed_covers(t[i].kind, str_of(t[i].id),
		    str_of(t[i].namespace)) != t[i].want)
			fail_msg("%s of %s: not %d", t[i].id, t[i].namespace,
			    t[i].want);
}

/* ----------------------------------------------------------------- published feeds */

static int
ignore_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	(void)arg; (void)a; (void)d;
	return (0);
}

/* The figures of one line of index.tsv; ${types} is "ECOSYSTEM=1 GIT=2". */
static void
check_feed(const char *ecosystem, const uint64_t want[7], struct str types)
{
	struct feed_count c = { 0 };
	struct feed_sink sink;
	struct notes n;
	struct diag d;
	struct str pair, name;
	uint64_t v, by_type[3] = { 0, 0, 0 };
	char *path = mem_printf("../shared/data/feeds/osv/%s/all.zip", ecosystem);

	notes_init(&n, &sink);
	sink.advisory = ignore_advisory;
	assert_int_equal(feed_import_path(&feed_osv, path, &sink, &c, &d), 0);
	assert_int_equal(c.malformed, 0);
	assert_int_equal(c.documents, want[0]);
	assert_int_equal(c.withdrawn, want[1]);
	assert_int_equal(c.without_affected, want[2]);
	assert_int_equal(c.with_severity, want[3]);
	assert_int_equal(c.affected, want[4]);
	assert_int_equal(c.ranges, want[5]);
	assert_int_equal(c.versions, want[6]);
	while (str_split(&types, ' ', &pair)) {
		if (!str_split(&pair, '=', &name) || !str_u64(pair, &v))
			continue;
		by_type[str_eqz(name, "GIT") ? 2 : str_eqz(name, "SEMVER")] = v;
	}
	assert_int_equal(c.ranges_ecosystem, by_type[0]);
	assert_int_equal(c.ranges_semver, by_type[1]);
	assert_int_equal(c.ranges_git, by_type[2]);
	notes_done(&n);
	free(path);
}

static void
test_published_feeds_give_their_published_figures(void **state)
{
	FILE *f = fopen("../shared/data/feeds/index.tsv", "r");
	char line[1024], ecosystem[64];
	uint64_t want[7];
	struct str l, col;
	int lines = 0;

	(void)state;
	if (f == NULL)
		skip();
	while (fgets(line, sizeof(line), f) != NULL) {
		l = str_trim(str_of(line));
		if (lines++ == 0)
			continue;	/* the header */
		assert_true(str_split(&l, '\t', &col));
		snprintf(ecosystem, sizeof(ecosystem), "%.*s", STR_ARG(col));
		for (int i = 0; i < 7; i++) {
			assert_true(str_split(&l, '\t', &col));
			assert_true(str_u64(col, &want[i]));
		}
		assert_true(str_split(&l, '\t', &col));	/* packages */
		assert_true(str_split(&l, '\t', &col));
		check_feed(ecosystem, want, col);
	}
	fclose(f);
	assert_true(lines > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_become_pieces_of_the_version_line),
		cmocka_unit_test(test_documents_we_would_misread_are_malformed),
		cmocka_unit_test(test_severities_are_taken_from_words_and_vectors),
		cmocka_unit_test(test_a_long_summary_is_cut_between_characters),
		cmocka_unit_test(test_every_cut_and_every_changed_byte_of_a_document_is_survived),
		cmocka_unit_test(test_a_zip_gives_its_documents_and_names_the_bad_ones),
		cmocka_unit_test(test_a_zip_entry_without_a_readable_name_is_told),
		cmocka_unit_test(test_a_cut_zip_is_never_read_as_a_whole_one),
		cmocka_unit_test(test_a_full_sink_ends_the_import_with_its_own_error),
		cmocka_unit_test(test_statements_cover_nothing_but_of_the_distribution),
		cmocka_unit_test(test_published_feeds_give_their_published_figures),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

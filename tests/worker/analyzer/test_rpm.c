/*
 * rpm databases: the rows that rpm itself gives for those of ../shared (when it
 * is there), and SQLite files made to do something else than hold packages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/siphash.h"
#include "tests/lib/slurp.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/analyzer.h"
#include "worker/analyzer/layer.h"

struct result {
	struct buf record;
	struct pool *pool;
	struct inventory_file f;
	int rc;
	struct diag d;
};

static const uint8_t key[16];
static struct listed_sums listed;	/* what the databases read list */

static void
read_as(struct result *r, const char *path, struct str content)
{
	const struct analyzer *rpm = analyzer_named(str_of("rpm"));
	const struct analyzer_file f = { .path = str_of(path),
	    .size = content.n, .mode = 0100644 };
	const struct analyzer_input in = { &f, content, str_of(""), key,
		&listed };
	uint64_t n;
	struct cur c;

	*r = (struct result) { .pool = pool_new(LIMIT_INVENTORY_BYTES) };
	buf_init(&r->record, LIMIT_INVENTORY_BYTES);
	assert_true(rpm->wants(&f));
	r->rc = analyzer_run(rpm, &in, &r->record, &n, &r->d);
	c = cur_of(r->record.p, r->record.n);
	assert_int_equal(inventory_file_read(&c, r->pool, &r->f), 0);
}

static void
result_done(struct result *r)
{
	buf_done(&r->record);
	pool_free(r->pool);
}

/* ------------------------------------------------ what others read of it -- */

static int
line_cmp(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

static size_t
rows_of(const struct result *r, char **lines, size_t max)
{
	assert_true(r->f.n <= max);
	for (size_t i = 0; i < r->f.n; i++) {
		const struct package *p = &r->f.packages[i];

		lines[i] = mem_printf("%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s",
		    STR_ARG(p->type), STR_ARG(p->name), STR_ARG(p->version),
		    STR_ARG(p->arch), STR_ARG(p->source_name),
		    STR_ARG(p->source_version));
	}
	qsort(lines, r->f.n, sizeof(*lines), line_cmp);
	return (r->f.n);
}

static void
test_rows_are_those_of_rpm(void **state)
{
	static const char *const files[] = {
		"rpm/epoch/var/lib/rpm/Packages",
		"rpm/libuuid/var/lib/rpm/Packages",
		"rpm/single/var/lib/rpm/Packages",
		"rpm/sle15-bci-bdb/var/lib/rpm/Packages",
		"rpm/sle15-bci-sqlite/var/lib/rpm/rpmdb.sqlite",
		"rpm/sle15-bci/usr/lib/sysimage/rpm/Packages.db",
	};
	const char *shared = getenv("SHARED") ? getenv("SHARED") : "../shared";
	char path[512], *got[100], *want[100];
	struct buf table, content;
	struct str line, file;
	struct result r;
	size_t n;
	struct cur c;

	(void)state;
	snprintf(path, sizeof(path), "%s/data/inventory/expected.tsv", shared);
	if (access(path, R_OK) != 0)
		skip();
	table = slurp("%s", path);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		n = 0;
		for (c = cur_of(table.p, table.n); cur_line(&c, &line);)
			if (str_split(&line, '\t', &file) &&
			    str_eqz(file, files[i]))
				want[n++] = mem_strndup(line);
		qsort(want, n, sizeof(*want), line_cmp);
		snprintf(path, sizeof(path), "%s/data/inventory/%s", shared,
		    files[i]);
		content = slurp("%s", path);
		read_as(&r, strstr(files[i] + 4, "/") + 1, buf_view(&content));
		assert_int_equal(r.rc, 0);
		assert_true(n > 0);
		assert_int_equal(rows_of(&r, got, 100), n);
		for (size_t k = 0; k < n; k++) {
			assert_string_equal(got[k], want[k]);
			free(got[k]);
			free(want[k]);
		}
		result_done(&r);
		buf_done(&content);
	}
	buf_done(&table);
}

/* --------------------------------------------------------------- SQLite -- */

/* A header of a package named ${c}, version 1-1, as an SQL literal. */
#define ENTRY(tag, at) "0000" tag "00000006" "000000" at "00000001"
#define HEADER(c) "x'0000000300000006" ENTRY("03e8", "00") ENTRY("03e9", "02") \
	ENTRY("03ea", "04") c "0031003100'"
#define TABLE "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB);"

/* The database that ${sql} makes. */
static struct str
database(const char *sql)
{
	sqlite3_int64 n = 0;
	sqlite3 *db = NULL;
	char *why = NULL;
	struct str ret;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	ret.p = (const char *)sqlite3_serialize(db, "main", &n, 0);
	ret.n = (size_t)n;
	sqlite3_close(db);
	return (ret);
}

static void
test_sqlite_holds_packages_and_nothing_else(void **state)
{
	static const struct { const char *sql; size_t rows; int rc; } t[] = {
		{ TABLE, 0, 0 },
		{ TABLE "INSERT INTO Packages VALUES(1," HEADER("61") "),(2,"
		    HEADER("62") ")", 2, 0 },
		/* a package that stands there twice */
		{ TABLE "INSERT INTO Packages VALUES(1," HEADER("61") "),(2,"
		    HEADER("61") ")", 1, 0 },
		/* what is no header is told, the others are read */
		{ TABLE "INSERT INTO Packages VALUES(1,x'00'),(2,NULL),(3,"
		    HEADER("61") ")", 1, ERR_MALFORMED },
		/* an index that is older than the table, or that says less */
		{ TABLE "CREATE INDEX i ON Packages(blob) WHERE blob IS NULL;"
		    "INSERT INTO Packages VALUES(1," HEADER("61") ")", 1, 0 },
		{ "CREATE TABLE packages2(a)", 0, ERR_MALFORMED },
		{ "CREATE TABLE t(blob); CREATE VIEW Packages AS SELECT blob "
		    "FROM t", 0, ERR_MALFORMED },
		{ "CREATE VIEW Packages AS WITH RECURSIVE r(blob) AS (SELECT "
		    HEADER("61") " UNION ALL SELECT blob FROM r) SELECT blob "
		    "FROM r", 0, ERR_MALFORMED },
		{ "CREATE TABLE Packages(a, blob AS (a || a || a));"
		    "INSERT INTO Packages(a) VALUES(zeroblob(1000))", 0,
		    ERR_MALFORMED },
		{ "CREATE TABLE Packages(a)", 0, ERR_MALFORMED },
		{ "CREATE VIRTUAL TABLE Packages USING fts3(blob)", 0,
		    ERR_MALFORMED },
		{ TABLE "CREATE TRIGGER a AFTER INSERT ON Packages BEGIN "
		    "DELETE FROM Packages; END", 0, 0 },
	};
	struct result r;
	struct str db;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		db = database(t[i].sql);
		read_as(&r, "var/lib/rpm/rpmdb.sqlite", db);
		if (r.rc != t[i].rc || r.f.n != t[i].rows)
			fail_msg("%s: %d (%s), %zu rows", t[i].sql, r.rc,
			    r.d.text, r.f.n);
		result_done(&r);
		sqlite3_free((void *)db.p);
	}
}

/* SQLite calls a row of 2^56 bytes "out of memory"; it must not end us. */
static void
test_sqlite_rows_of_impossible_size(void **state)
{
	struct str db = database("PRAGMA page_size=512;" TABLE
	    "CREATE TABLE another(a)");
	uint8_t *p = (uint8_t *)db.p;
	struct result r;
	size_t cell;

	(void)state;
	assert_int_equal(p[100], 13);	/* the schema is one leaf */
	cell = (size_t)p[108] << 8 | p[109];
	p[cell] = 0x81;
	memset(p + cell + 1, 0xff, 8);
	read_as(&r, "var/lib/rpm/rpmdb.sqlite", db);
	assert_int_equal(r.rc, ERR_LIMIT);
	assert_non_null(strstr(r.d.text, "out of memory"));
	result_done(&r);
	sqlite3_free(p);
}

/* Texts up to the limit are kept whole, longer ones cost their package only. */
static void
test_long_texts(void **state)
{
	static const size_t sizes[] = { 200, 250, 300, 1000, 2500,
	    LIMIT_PACKAGE_TEXT, LIMIT_PACKAGE_TEXT + 1 };
	struct buf sql, name;
	struct result r;
	struct str db;

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t n = sizes[k];

		buf_init(&sql, MIB);
		buf_init(&name, MIB);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(buf_printf(&name, "61"), 0);
		/* the name stands behind version and release */
		assert_int_equal(buf_printf(&sql, TABLE "INSERT INTO Packages "
		    "VALUES(1,x'00000003%08zx" ENTRY("03e8", "04")
		    ENTRY("03e9", "00") ENTRY("03ea", "02") "31003100%.*s00'),"
		    "(2," HEADER("62") ")", n + 5,
		    STR_ARG(buf_view(&name))), 0);
		assert_int_equal(buf_byte(&sql, 0), 0);
		db = database((const char *)sql.p);
		read_as(&r, "var/lib/rpm/rpmdb.sqlite", db);
		if (n <= LIMIT_PACKAGE_TEXT) {
			assert_int_equal(r.rc, 0);
			assert_int_equal(r.f.n, 2);
			assert_int_equal(r.f.packages[0].name.n, n);
			assert_true(str_eqz(r.f.packages[0].version, "1-1"));
		} else {
			assert_int_equal(r.rc, ERR_LIMIT);
			assert_int_equal(r.f.n, 1);
		}
		result_done(&r);
		sqlite3_free((void *)db.p);
		buf_done(&sql);
		buf_done(&name);
	}
}

/* Three million directories, none with a name, and a file in one of them. */
static void
test_directories_without_end(void **state)
{
	struct str db = database(TABLE "INSERT INTO Packages VALUES(1, CAST("
	    "x'00000006002dc700' || x'" ENTRY("03e8", "00") ENTRY("03e9", "02")
	    ENTRY("03ea", "04") "0000045c00000004" "00000008" "00000001"
	    "0000045d00000008" "00000000" "00000001"
	    "0000045e00000008" "0000000c" "002dc6c0"
	    "6100310031000000' || zeroblob(3000056) AS BLOB)),(2," HEADER("62")
	    ")");
	struct result r;

	(void)state;
	read_as(&r, "var/lib/rpm/rpmdb.sqlite", db);
	assert_int_equal(r.rc, ERR_LIMIT);
	assert_non_null(strstr(r.d.text, "directories"));
	assert_int_equal(r.f.n, 2);
	result_done(&r);
	sqlite3_free((void *)db.p);
}

/* Pages that are their own children: as many rows as one likes. */
static void
test_sqlite_trees_that_turn_in_circles(void **state)
{
	struct str db = database("PRAGMA page_size=512;" TABLE
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n "
	    "WHERE i<3000) INSERT INTO Packages SELECT i," HEADER("61")
	    " FROM n");
	uint8_t *p = (uint8_t *)db.p;
	struct result r;
	unsigned interior = 0;

	(void)state;
	/* every child of every inner page is the first leaf, or the next inner
	 * page: 2^depth rows and more */
	for (size_t at = 512; at < db.n; at += 512)
		if (p[at] == 5) {
			unsigned n = (unsigned)p[at + 3] << 8 | p[at + 4];

			interior++;
			for (unsigned i = 0; i < n; i++) {
				unsigned cell = (unsigned)p[at + 12 + 2 * i]
				    << 8 | p[at + 13 + 2 * i];

				memcpy(p + at + cell, p + at + 8, 4);
			}
		}
	assert_true(interior > 1);
	read_as(&r, "var/lib/rpm/rpmdb.sqlite", db);
	assert_true(r.f.n <= 1);
	result_done(&r);
	sqlite3_free(p);
}

/* ------------------------------------------------- the log, in a layer -- */

#define DB "usr/lib/sysimage/rpm/rpmdb.sqlite"

/* Rows of the database, -1 when nothing is said of it. */
static int
packages_of(struct tar_build *t, bool *incomplete)
{
	struct layer_options opt = { .want_hashes = true };
	struct source_memory m = { NULL, 0, 1000 };
	struct layer_inventory *l = NULL;
	struct layer_stats stats;
	struct str tar = tar_end(t);
	struct source src;
	struct diag d;
	int n = -1;

	m.p = (const uint8_t *)tar.p;
	m.left = tar.n;
	src = source_memory(&m);
	assert_int_equal(layer_read_memory(&src, &opt, &l, &stats, &d), 0);
	for (size_t i = 0; i < l->nfiles; i++)
		if (str_eqz(l->files[i].path, DB))
			n = (int)l->files[i].n;
	*incomplete = l->incomplete;
	layer_inventory_free(l);
	tar_done(t);
	return (n);
}

static void
test_a_log_is_read_with_its_database(void **state)
{
	struct buf db = slurp("tests/worker/analyzer/rpm/wal.in");
	struct buf log = slurp("tests/worker/analyzer/rpm/wal.side");
	struct str d = buf_view(&db), w = buf_view(&log);
	struct tar_build t;
	bool incomplete;

	(void)state;
	layer_warm_up();
	tar_begin(&t);
	tar_add(&t, DB, '0', "", d);
	assert_int_equal(packages_of(&t, &incomplete), 2);
	assert_false(incomplete);
	/* rpm that ended well leaves an empty one */
	tar_begin(&t);
	tar_add(&t, DB, '0', "", d);
	tar_file(&t, DB "-wal", "");
	assert_int_equal(packages_of(&t, &incomplete), 2);
	assert_false(incomplete);
	tar_begin(&t);
	tar_add(&t, DB, '0', "", d);
	tar_add(&t, DB "-wal", '0', "", w);
	tar_file(&t, DB "-shm", "");
	assert_int_equal(packages_of(&t, &incomplete), 3);
	assert_false(incomplete);
	tar_begin(&t);
	tar_add(&t, DB "-wal", '0', "", w);
	tar_add(&t, DB, '0', "", d);
	assert_int_equal(packages_of(&t, &incomplete), 3);
	assert_false(incomplete);
	/* Alone it changes a database that is not here: never clean. */
	tar_begin(&t);
	tar_add(&t, DB "-wal", '0', "", w);
	assert_int_equal(packages_of(&t, &incomplete), -1);
	assert_true(incomplete);
	/* But who only looked leaves an empty one, and the database of the
	 * lower layer counts: there is no file here that would replace it. */
	tar_begin(&t);
	tar_file(&t, DB "-wal", "");
	assert_int_equal(packages_of(&t, &incomplete), -1);
	assert_false(incomplete);
	buf_done(&db);
	buf_done(&log);
}

/* ---------------------------------------------------------------- others -- */

/* rpm opens none of these, and lists what is in another one beside it. */
static void
test_an_empty_file_has_no_rows(void **state)
{
	struct result r;

	(void)state;
	read_as(&r, "var/lib/rpm/Packages", str_of(""));
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.f.n, 0);
	result_done(&r);
}

static void
test_other_files_are_told(void **state)
{
	static const struct { const char *content; size_t n; int rc; } t[] = {
		{ "RpmP", 4, ERR_MALFORMED },
		{ "SQLite format 3", 16, ERR_MALFORMED },
		{ "\0\0\0\0\0\0\0\0\0\0\0\0\x61\x15\x06\0", 16, ERR_MALFORMED },
		{ "\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\x15\x61", 16, ERR_MALFORMED },
		{ "not a database", 14, ERR_UNSUPPORTED },
	};
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		read_as(&r, "var/lib/rpm/Packages", str_n(t[i].content, t[i].n));
		if (r.rc != t[i].rc || r.f.n != 0 || r.d.text[0] == '\0')
			fail_msg("%zu: %d (%s)", i, r.rc, r.d.text);
		result_done(&r);
	}
}

/* ------------------------------------------------ digests of its files -- */

#define SITE "usr/lib/python3/"
#define A SITE "a.dist-info/METADATA"
#define B SITE "b.dist-info/METADATA"
/* sha256 and MD5 of "a" */
#define SHA_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define MD5_A "0cc175b9c0f1b6a831c399e269772661"
#define SHA_X "0000000000000001fac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

struct tagged {
	uint32_t tag, type, count;
	struct str data;
};

static void
hex_u32(struct buf *b, size_t v)
{
	assert_int_equal(buf_printf(b, "%08x", (unsigned)v), 0);
}

/* A database with one package, of files A and B: what it says of their digests, in
 * an entry of ${type}, and of the kind of these (0 = nothing). */
static struct str
database_of(const struct tagged *digests, uint8_t kind)
{
	const uint8_t kinds[] = { 0, 0, 0, kind };
	const struct tagged t[] = {
		{ 1116, 4, 2, str_n("\0\0\0\0\0\0\0\1", 8) },
		{ 5011, 4, kind != 0, str_n(kinds, 4) },
		{ 1000, 6, 1, str_n("a", 2) }, { 1001, 6, 1, str_n("1", 2) },
		{ 1002, 6, 1, str_n("1", 2) },
		{ 1117, 8, 2, str_n("METADATA\0METADATA", 18) },
		{ 1118, 8, 2, str_n("/" SITE "a.dist-info/\0/" SITE
		    "b.dist-info/", 2 * (1 + sizeof(SITE "a.dist-info/"))) },
		*digests,
	};
	const size_t n = sizeof(t) / sizeof(t[0]);
	size_t at = 0, entries = 0;
	struct str ret;
	struct buf b;

	for (size_t i = 0; i < n; i++) {
		entries += t[i].count > 0;
		at += t[i].data.n;
	}
	buf_init(&b, 65536);
	assert_int_equal(buf_printf(&b, TABLE "INSERT INTO Packages VALUES(1,x'"),
	    0);
	hex_u32(&b, entries);
	hex_u32(&b, at);
	at = 0;
	for (size_t i = 0; i < n; at += t[i++].data.n) {
		if (t[i].count == 0)
			continue;
		hex_u32(&b, t[i].tag);
		hex_u32(&b, t[i].type);
		hex_u32(&b, at);
		hex_u32(&b, t[i].count);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < t[i].data.n; k++)
			assert_int_equal(buf_printf(&b, "%02x",
			    (unsigned char)t[i].data.p[k]), 0);
	assert_int_equal(buf_add(&b, "')", 3), 0);
	ret = database((const char *)b.p);
	buf_done(&b);
	return (ret);
}

static void
test_digests_of_files(void **state)
{
	static const struct {
		const char *what;
		struct tagged digests;
		uint8_t kind;
		int rc;
		bool a, b;	/* do they differ from content "a"? */
	} t[] = {
		{ "as listed, and other",
		  { 1035, 8, 2, STR_LIT(SHA_A "\0" SHA_X "\0") }, 8, 0, false, true },
		{ "MD5 needs no word",
		  { 1035, 8, 2, STR_LIT(MD5_A "\0" SHA_X "\0") }, 0, 0, false, true },
		{ "nothing of ghosts and links",
		  { 1035, 8, 2, STR_LIT(SHA_X "\0\0") }, 8, 0, true, false },
		{ "none at all", { 1035, 8, 0, STR_LIT("") }, 8, 0, false, false },
		{ "fewer than files", { 1035, 8, 1, STR_LIT(SHA_X "\0") }, 8, 0,
		  true, false },
		{ "cut", { 1035, 8, 2, STR_LIT(SHA_X "\0" SHA_X) }, 8, 0, true,
		  false },
		{ "of a kind that is not known",
		  { 1035, 8, 2, STR_LIT(SHA_X "\0" SHA_X "\0") }, 12, 0, false,
		  false },
		{ "longer than digests are",
		  { 1035, 8, 2, STR_LIT(SHA_X SHA_X "\0" SHA_X "00\0") }, 8, 0,
		  false, false },
		{ "numbers", { 1035, 4, 1, STR_LIT("abcd") }, 8, ERR_MALFORMED,
		  false, false },
	};
	uint8_t sums[SUMS_BYTES];
	struct result r;
	struct str db;

	(void)state;
	sums_of(str_of("a"), sums);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		listed_done(&listed);
		db = database_of(&t[i].digests, t[i].kind);
		read_as(&r, "var/lib/rpm/rpmdb.sqlite", db);
		if (r.rc != t[i].rc || r.f.n != 1 ||
		    listed_differs(&listed, siphash(key, str_of(A)), sums) !=
		    t[i].a || listed_differs(&listed,
		    siphash(key, str_of(B)), sums) != t[i].b)
			fail_msg("%s: %d (%s)", t[i].what, r.rc, r.d.text);
		result_done(&r);
		sqlite3_free((void *)db.p);
	}
	listed_done(&listed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_those_of_rpm),
		cmocka_unit_test(test_sqlite_holds_packages_and_nothing_else),
		cmocka_unit_test(test_sqlite_rows_of_impossible_size),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_directories_without_end),
		cmocka_unit_test(test_sqlite_trees_that_turn_in_circles),
		cmocka_unit_test(test_a_log_is_read_with_its_database),
		cmocka_unit_test(test_an_empty_file_has_no_rows),
		cmocka_unit_test(test_other_files_are_told),
		cmocka_unit_test(test_digests_of_files),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

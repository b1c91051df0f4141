/*
 * SQLite over bytes in memory.  Pages of a hostile file may be shared between
 * rows and tables, so what is read is charged against the size of the file, and
 * steps of the virtual machine against a fixed number.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/mem.h"
#include "rpm_sqlite.h"

#define MAGIC "SQLite format 3"	/* and a NUL */
#define HEADER 100
/* Steps for one file: some for each row, of which LIMIT_LAYER_PACKAGES are
 * read at most; a tenth of this for rpm's largest databases. */
#define STEPS_MAX 20000000
#define STEPS_PIECE 1000
/* The schema of rpm: 20 tables and indexes of less than 200 bytes each. */
#define SCHEMA_TEXT 16384
#define SCHEMA_COLUMNS 32
/* Least bytes of a row in its page: pointer, lengths, row number, header. */
#define ROW_BYTES 7

struct rpm_sqlite {
	sqlite3 *db;
	sqlite3_stmt *rows;
	size_t left;		/* bytes that rows may still take */
	unsigned steps;
	bool end;
};

bool
rpm_sqlite_looks(struct str head)
{
	return (str_eq(str_sub(head, 0, sizeof(MAGIC)),
	    str_n(MAGIC, sizeof(MAGIC))));
}

static int
count_steps(void *arg)
{
	struct rpm_sqlite *s = arg;

	s->steps += STEPS_PIECE;
	return (s->steps > STEPS_MAX);
}

/* What SQLite says, as one of our codes. */
static int
failed(const struct rpm_sqlite *s, int rc, struct diag *d)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		/* It also says so of some schemas that make no sense: no
		 * reason to believe that another attempt would end better. */
		return (diag_set(d, ERR_LIMIT, 0, "SQLite: out of memory"));
	case SQLITE_INTERRUPT:
		return (diag_set(d, ERR_LIMIT, 0,
		    "SQLite: reading takes more than %d steps", STEPS_MAX));
	case SQLITE_TOOBIG:
		return (diag_set(d, ERR_LIMIT, 0, "SQLite: a row is larger "
		    "than the file"));
	default:
		return (diag_set(d, ERR_MALFORMED, 0, "SQLite: %s",
		    sqlite3_errmsg(s->db)));
	}
}

/* Packages is a table with nothing computed in it. */
static int
table_check(struct rpm_sqlite *s, struct diag *d)
{
	sqlite3_stmt *q = NULL;
	bool plain = false;
	int rc;

	rc = sqlite3_prepare_v2(s->db, "SELECT 1 FROM sqlite_schema WHERE "
	    "name='Packages' AND type='table' AND rootpage>0", -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	plain = rc == SQLITE_ROW;
	sqlite3_finalize(q);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return (failed(s, rc, d));
	q = NULL;
	if (plain)
		rc = sqlite3_prepare_v2(s->db, "PRAGMA table_xinfo(Packages)",
		    -1, &q, NULL);
	while (plain && (rc = sqlite3_step(q)) == SQLITE_ROW)
		plain = sqlite3_column_int(q, 6) == 0;
	sqlite3_finalize(q);
	if (!plain)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "SQLite: no table Packages as rpm has it"));
	return (rc == SQLITE_DONE ? 0 : failed(s, rc, d));
}

static void
harden(struct rpm_sqlite *s, size_t bytes)
{
	const struct { int what, max; } limits[] = {
		{ SQLITE_LIMIT_LENGTH, (int)bytes },
		{ SQLITE_LIMIT_SQL_LENGTH, SCHEMA_TEXT },
		{ SQLITE_LIMIT_COLUMN, SCHEMA_COLUMNS },
		{ SQLITE_LIMIT_EXPR_DEPTH, 32 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 2 },
		{ SQLITE_LIMIT_ATTACHED, 0 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(s->db, limits[i].what, limits[i].max);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_progress_handler(s->db, STEPS_PIECE, count_steps, s);
}

int
rpm_sqlite_open(struct buf *image, struct rpm_sqlite **ret, struct diag *d)
{
	struct rpm_sqlite *s;
	int rc;

	if (!rpm_sqlite_looks(buf_view(image)) || image->n < HEADER)
		return (diag_set(d, ERR_MALFORMED, 0, "SQLite: no header"));
	if (image->n > INT32_MAX)
		return (diag_set(d, ERR_LIMIT, 0, "SQLite: larger than 2 GiB"));
	/* Versions for writing and reading: 2 would mean "with a log". */
	image->p[18] = image->p[19] = 1;
	s = mem_alloc(sizeof(*s));
	s->left = image->n;
	rc = sqlite3_open_v2(":memory:", &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK) {
		harden(s, image->n);
		rc = sqlite3_deserialize(s->db, "main", image->p,
		    (sqlite3_int64)image->n, (sqlite3_int64)image->n,
		    SQLITE_DESERIALIZE_READONLY);
	}
	if (rc != SQLITE_OK)
		rc = failed(s, rc, d);
	else if ((rc = table_check(s, d)) == 0 &&
	    (rc = sqlite3_prepare_v2(s->db,
	    "SELECT blob FROM main.Packages NOT INDEXED", -1, &s->rows,
	    NULL)) != SQLITE_OK)
		rc = failed(s, rc, d);
	if (rc < 0)
		rpm_sqlite_close(s);
	else
		*ret = s;
	return (rc);
}

int
rpm_sqlite_next(struct rpm_sqlite *s, struct str *ret, struct diag *d)
{
	const void *p;
	int rc, n;

	if (s->end)
		return (0);
	rc = sqlite3_step(s->rows);
	s->end = rc != SQLITE_ROW;
	if (rc == SQLITE_DONE)
		return (0);
	if (s->end)
		return (failed(s, rc, d));
	p = sqlite3_column_blob(s->rows, 0);
	n = sqlite3_column_bytes(s->rows, 0);
	if (p == NULL && sqlite3_errcode(s->db) == SQLITE_NOMEM) {
		s->end = true;
		return (failed(s, SQLITE_NOMEM, d));
	}
	if ((size_t)n + ROW_BYTES > s->left) {
		s->end = true;
		return (diag_set(d, ERR_MALFORMED, 0,
		    "SQLite: rows are larger than the file"));
	}
	s->left -= (size_t)n + ROW_BYTES;
	*ret = str_n(p, (size_t)n);
	return (1);
}

void
rpm_sqlite_close(struct rpm_sqlite *s)
{
	if (s == NULL)
		return;
	sqlite3_finalize(s->rows);
	sqlite3_close(s->db);
	free(s);
}

void
rpm_sqlite_warm_up(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_initialize() != SQLITE_OK ||
	    sqlite3_open(":memory:", &db) != SQLITE_OK)
		_exit(EXIT_NO_MEMORY);
	sqlite3_exec(db, "CREATE TABLE t(a); SELECT * FROM t", NULL, NULL, NULL);
	sqlite3_close(db);
}

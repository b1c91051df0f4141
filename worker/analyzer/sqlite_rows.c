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
#include "sqlite_rows.h"

#define MAGIC "SQLite format 3"	/* and a NUL */
#define HEADER 100
/* Steps for one file: some for each row, of which LIMIT_LAYER_PACKAGES are
 * read at most; a tenth of this for rpm's largest databases. */
#define STEPS_MAX 20000000
#define STEPS_PIECE 1000
/* The schema of rpm has 20 tables and indexes of less than 200 bytes each. */
#define SCHEMA_TEXT 16384
/* Of our own statements. */
#define STATEMENT 256
#define SCHEMA_COLUMNS 32
/* Least bytes of a row in its page: pointer, lengths, row number, header. */
#define ROW_BYTES 7

struct sqlite_rows {
	sqlite3 *db;
	sqlite3_stmt *rows;
	size_t left;		/* bytes that rows may still take */
	unsigned steps;
	bool end;
};

bool
sqlite_rows_looks(struct str head)
{
	return (str_eq(str_sub(head, 0, sizeof(MAGIC)),
	    str_n(MAGIC, sizeof(MAGIC))));
}

static int
count_steps(void *arg)
{
	struct sqlite_rows *s = arg;

	s->steps += STEPS_PIECE;
	return (s->steps > STEPS_MAX);
}

/* What SQLite says, as one of our codes. */
static int
failed(const struct sqlite_rows *s, int rc, struct diag *d)
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

static int
prepare(struct sqlite_rows *s, sqlite3_stmt **ret, struct diag *d,
    const char *format, const char *a, const char *b)
{
	char text[STATEMENT];
	int rc;

	sqlite3_snprintf(sizeof(text), text, format, a, b);
	rc = sqlite3_prepare_v2(s->db, text, -1, ret, NULL);
	return (rc == SQLITE_OK ? 0 : failed(s, rc, d));
}

/* ${table} is a table with nothing computed in it. */
static int
table_check(struct sqlite_rows *s, const char *table, struct diag *d)
{
	sqlite3_stmt *q = NULL;
	bool plain;
	int rc;

	if ((rc = prepare(s, &q, d, "SELECT 1 FROM sqlite_schema WHERE "
	    "name=%Q AND type='table' AND rootpage>0", table, NULL)) < 0)
		return (rc);
	rc = sqlite3_step(q);
	plain = rc == SQLITE_ROW;
	sqlite3_finalize(q);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return (failed(s, rc, d));
	q = NULL;
	if (plain && (rc = prepare(s, &q, d, "PRAGMA table_xinfo(%Q)", table,
	    NULL)) < 0)
		return (rc);
	while (plain && (rc = sqlite3_step(q)) == SQLITE_ROW)
		plain = sqlite3_column_int(q, 6) == 0;
	sqlite3_finalize(q);
	if (!plain)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "SQLite: no plain table %s", table));
	return (rc == SQLITE_DONE ? 0 : failed(s, rc, d));
}

static void
harden(struct sqlite_rows *s, size_t bytes)
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
	/* a column that is not there is no text */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_progress_handler(s->db, STEPS_PIECE, count_steps, s);
}

int
sqlite_rows_open(struct buf *image, const char *table, const char *column,
    struct sqlite_rows **ret, struct diag *d)
{
	struct sqlite_rows *s;
	int rc;

	if (!sqlite_rows_looks(buf_view(image)) || image->n < HEADER)
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
	else if ((rc = table_check(s, table, d)) == 0)
		rc = prepare(s, &s->rows, d,
		    "SELECT \"%w\" FROM main.\"%w\" NOT INDEXED", column, table);
	if (rc < 0)
		sqlite_rows_close(s);
	else
		*ret = s;
	return (rc);
}

int
sqlite_rows_next(struct sqlite_rows *s, struct str *ret, struct diag *d)
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
sqlite_rows_close(struct sqlite_rows *s)
{
	if (s == NULL)
		return;
	sqlite3_finalize(s->rows);
	sqlite3_close(s->db);
	free(s);
}

void
sqlite_rows_warm_up(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_initialize() != SQLITE_OK ||
	    sqlite3_open(":memory:", &db) != SQLITE_OK)
		_exit(EXIT_NO_MEMORY);
	sqlite3_exec(db, "CREATE TABLE t(a); SELECT * FROM t", NULL, NULL, NULL);
	sqlite3_close(db);
}

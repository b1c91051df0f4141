/*
 * The only door to libpq (with db_*.c).  One struct db = one connection, owned
 * by one thread.  Statements are the embedded sql_* texts, prepared on first
 * use under their own address; parameters are never printed into a statement.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"

struct db;
struct db_result;

/* Parameters: made by these, in the order of $1, $2, ...; memory is borrowed
 * until the call returns.  Arrays are sent as PostgreSQL array literals built
 * by db.c (text[] and bytea[] elements may hold any byte that the type allows). */
struct db_param {
	enum { DB_NULL, DB_TEXT, DB_BYTES, DB_INT, DB_BOOL, DB_TEXT_ARRAY,
	    DB_INT_ARRAY, DB_BYTES_ARRAY } type;
	struct str s;			/* DB_TEXT, DB_BYTES */
	int64_t i;			/* DB_INT, DB_BOOL */
	const struct str *sv;		/* DB_TEXT_ARRAY, DB_BYTES_ARRAY */
	const int64_t *iv;		/* DB_INT_ARRAY */
	size_t n;
};
static inline struct db_param
db_text(struct str s)
{
	return ((struct db_param) { .type = DB_TEXT, .s = s });
}
static inline struct db_param
db_bytes(struct str s)
{
	return ((struct db_param) { .type = DB_BYTES, .s = s });
}
static inline struct db_param
db_int(int64_t i)
{
	return ((struct db_param) { .type = DB_INT, .i = i });
}
static inline struct db_param
db_bool(bool b)
{
	return ((struct db_param) { .type = DB_BOOL, .i = b });
}
static inline struct db_param
db_null(void)
{
	return ((struct db_param) { .type = DB_NULL });
}
static inline struct db_param
db_texts(const struct str *v, size_t n)
{
	return ((struct db_param) { .type = DB_TEXT_ARRAY, .sv = v, .n = n });
}
static inline struct db_param
db_blobs(const struct str *v, size_t n)
{
	return ((struct db_param) { .type = DB_BYTES_ARRAY, .sv = v, .n = n });
}
static inline struct db_param
db_ints(const int64_t *v, size_t n)
{
	return ((struct db_param) { .type = DB_INT_ARRAY, .iv = v, .n = n });
}

/* Connect; ERR_TEMPORARY when the server is away, ERR_DENIED when it refuses. */
int db_open(const char *conninfo, const char *application, struct db **ret,
    struct diag *);
void db_close(struct db *);
/* One statement may take so long, then it is ERR_TEMPORARY.  A server that does
 * not end it itself within another second hangs: the connection is closed, for
 * whoever waits it is away.  Without a call: for ever. */
void db_set_deadline(struct db *, int ms);
/* Run ${sql}, which has no parameters, now and whenever it connects anew. */
int db_set_session(struct db *, const char *sql, struct diag *);
/* True when the connection is usable; tries one reconnect, at most once a second.
 * After a statement or an answer of many megabytes it connects anew outside of
 * transactions: libpq keeps the room of the largest as long as a connection. */
bool db_alive(struct db *);

/**
 * db_query(db, sql, params, n, ret, d):
 * Run one statement (ret may be NULL).  Results come back in text format; bytea
 * is decoded by db_bytea.  Return 0, ERR_TEMPORARY (connection lost, deadlock,
 * serialization failure: roll back and try again) or ERR_MALFORMED (a constraint
 * or our own mistake; the text names the SQLSTATE).
 */
int db_query(struct db *, const char *sql, const struct db_param *, size_t n,
    struct db_result **ret, struct diag *);
#define DB_QUERY(db, sql, ret, d, ...)					\
	db_query((db), (sql), (const struct db_param[]) { __VA_ARGS__ },	\
	    sizeof((const struct db_param[]) { __VA_ARGS__ }) /		\
	    sizeof(struct db_param), (ret), (d))
int db_query0(struct db *, const char *sql, struct db_result **ret, struct diag *);

int db_begin(struct db *, struct diag *);
int db_commit(struct db *, struct diag *);
void db_rollback(struct db *);		/* also right when none is open */
bool db_in_transaction(const struct db *);

size_t db_rows(const struct db_result *);
struct str db_col(const struct db_result *, size_t row, size_t col);	/* "" for NULL */
bool db_is_null(const struct db_result *, size_t row, size_t col);
int64_t db_col_int(const struct db_result *, size_t row, size_t col);
bool db_col_bool(const struct db_result *, size_t row, size_t col);
/* Decoded in place of the result's memory, valid until db_free; ask once a cell. */
struct str db_col_bytes(const struct db_result *, size_t row, size_t col);
void db_free(struct db_result *);

/* db_migrate: bring the schema up to date under an advisory lock, then replace
 * the views; safe from several coordinators at once.  ERR_UNSUPPORTED, and nothing
 * is touched, when a newer program migrated it. */
int db_migrate(struct db *, struct diag *);

#endif

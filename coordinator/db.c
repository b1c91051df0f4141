/*
 * One connection to PostgreSQL.  Statements are prepared once per connection
 * under a name made from their place in a small table; values travel as text
 * parameters, bytea in hex, arrays as literals, and never as part of a statement.
 */
#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include "common/buf.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "db.h"
#include "sql.h"

#define STATEMENTS 512
#define DEADLINE_GRACE_MS 1000
/* Text of one parameter: the largest inventory in hex with what stands around it,
 * or a batch of advisories. */
#define PARAM_MAX (2 * LIMIT_INVENTORY_BYTES + MIB)
/* Texts of a statement, or an answer, for whose sake a connection is renewed. */
#define RENEW_BYTES ((size_t)16 << 20)

struct db {
	PGconn *c;
	char *conninfo, *application;
	const char *prepared[STATEMENTS];	/* sql text by address */
	size_t nprepared;
	time_t retry_at;		/* no reconnect before, monotonic seconds */
	int deadline_ms;		/* of one statement; -1 = none */
	const char *session;		/* run on each connection, or NULL */
	bool in_transaction;
	bool swollen;			/* libpq holds more than RENEW_BYTES */
};

struct db_result {
	PGresult *r;
};

/* The first line of libpq's text, into ${d}. */
static int
fail(struct diag *d, enum err code, const char *what, const char *text)
{
	struct str s = str_trim(str_of(text));

	s = str_sub(s, 0, str_find(s, '\n'));
	return (diag_set(d, code, 0, "%s: %.*s", what, STR_ARG(s)));
}

/* Wait until the statement that was sent can go on.  False at the deadline. */
static bool
wait_socket(struct db *db, int flush, int64_t until)
{
	struct pollfd f = { .fd = PQsocket(db->c), .events = (short)(POLLIN |
		(flush > 0 ? POLLOUT : 0)) };
	int64_t left = until - clock_ms();

	if (db->deadline_ms >= 0 && left <= 0)
		return (false);
	return (poll(&f, 1, db->deadline_ms < 0 ? -1 : (int)left) != 0);
}

/* The last result of what was sent (${sent}: whether it could be), the first
 * that failed, or NULL when the server gave none in time: then the connection
 * is closed, since what it answers later would be taken for something else. */
static PGresult *
await(struct db *db, int sent)
{
	int64_t until = clock_ms() + db->deadline_ms + DEADLINE_GRACE_MS;
	PGresult *last = NULL, *r;
	int flush;

	while (sent) {
		flush = PQflush(db->c);
		if (flush < 0 || !PQisBusy(db->c)) {
			if ((r = PQgetResult(db->c)) == NULL)
				break;
			if (last == NULL || PQresultErrorField(last,
			    PG_DIAG_SQLSTATE) == NULL) {
				PQclear(last);
				last = r;
			} else
				PQclear(r);
			continue;
		}
		if (!wait_socket(db, flush, until)) {
			PQclear(last);
			PQfinish(db->c);
			db->c = NULL;
			return (NULL);
		}
		(void)PQconsumeInput(db->c);	/* PQgetResult tells what broke */
	}
	return (last);
}

/* The server gives up first, so that it does not go on for nobody; a server that
 * does not even do that is left alone a moment later. */
static void
set_deadline(struct db *db)
{
	char text[64];

	snprintf(text, sizeof(text), "SET statement_timeout = %d",
	    db->deadline_ms);
	PQclear(await(db, PQsendQuery(db->c, text)));
}

void
db_set_deadline(struct db *db, int ms)
{
	db->deadline_ms = ms;
	set_deadline(db);
}

/* What libpq would print on standard error, unescaped. */
static void
on_notice(void *arg, const char *text)
{
	(void)arg;
	log_debug("database notice", "text", "%s", text, NULL);
}

static int
dial(struct db *db, struct diag *d)
{
	/* a server whose machine is gone is noticed within half a minute */
	const char *keys[] = { "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", "dbname",
		"application_name", "connect_timeout", "client_encoding", NULL };
	const char *values[] = { "10", "5", "3", "25000", db->conninfo,
		db->application, "5", "UTF8", NULL };
	time_t begin = clock_s();
	PGresult *r;

	PQfinish(db->c);
	db->nprepared = 0;
	db->in_transaction = db->swollen = false;
	db->c = PQconnectdbParams(keys, values, 1);
	/* a server that takes long to refuse is asked less often */
	db->retry_at = clock_s() + 1 + (clock_s() - begin);
	if (PQstatus(db->c) != CONNECTION_OK)
		return (fail(d, ERR_TEMPORARY, "database",
		    PQerrorMessage(db->c)));
	(void)PQsetnonblocking(db->c, 1);
	PQsetNoticeProcessor(db->c, on_notice, NULL);
	/* in a large farm its compiler works for a second over a page of 50 ms */
	r = await(db, PQsendQuery(db->c, "SET client_min_messages = warning; "
	    "SET intervalstyle = iso_8601; SET timezone = 'UTC'; "
	    "SET jit = off"));
	PQclear(r);
	if (db->deadline_ms >= 0)
		set_deadline(db);
	if (db->session != NULL)
		PQclear(await(db, PQsendQuery(db->c, db->session)));
	return (0);
}

int
db_open(const char *conninfo, const char *application, struct db **ret,
    struct diag *d)
{
	struct db *db = mem_alloc(sizeof(*db));
	int rc;

	db->deadline_ms = -1;
	db->conninfo = mem_strdup(conninfo);
	db->application = mem_strdup(application);
	if ((rc = dial(db, d)) < 0) {
		db_close(db);
		return (rc);
	}
	*ret = db;
	return (0);
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	PQfinish(db->c);
	free(db->conninfo);
	free(db->application);
	free(db);
}

/* What the server said meanwhile is read: that it ended the connection, above all.
 * Else the next statement would be the one to find out, and fail. */
static void
hear(struct db *db)
{
	struct pollfd f = { .fd = PQsocket(db->c), .events = POLLIN };

	while (f.fd >= 0 && poll(&f, 1, 0) > 0 && PQconsumeInput(db->c) == 1)
		f.fd = PQsocket(db->c);
}

/* Not more often than it would connect to a server that comes and goes. */
static bool
wants_renewal(const struct db *db)
{
	return (db->swollen && !db->in_transaction &&
	    clock_s() >= db->retry_at);
}

bool
db_alive(struct db *db)
{
	hear(db);
	if (PQstatus(db->c) == CONNECTION_OK && !wants_renewal(db))
		return (true);
	if (clock_s() < db->retry_at)
		return (false);
	return (dial(db, NULL) == 0);
}

/* --------------------------------------------------------------- parameters */

static void
must(int rc)
{
	assert(rc == 0);	/* parameters are bounded by what made them */
	(void)rc;
}

static void
add_hex(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t *to = buf_room(b, s.n * 2);

	assert(to != NULL);
	for (size_t i = 0; i < s.n; i++) {
		to[2 * i] = (uint8_t)hex[(unsigned char)s.p[i] >> 4];
		to[2 * i + 1] = (uint8_t)hex[(unsigned char)s.p[i] & 15];
	}
	b->n += s.n * 2;
}

/* An array literal: {"..","..",NULL}, quotes and backslashes escaped. */
static void
add_array(struct buf *b, const struct db_param *p)
{
	must(buf_byte(b, '{'));
	for (size_t i = 0; i < p->n; i++) {
		if (i != 0)
			must(buf_byte(b, ','));
		if (p->type == DB_INT_ARRAY) {
			must(buf_printf(b, "%lld", (long long)p->iv[i]));
			continue;
		}
		must(buf_byte(b, '"'));
		if (p->type == DB_BYTES_ARRAY) {
			must(buf_str(b, str_of("\\\\x")));
			add_hex(b, p->sv[i]);
		} else {
			for (size_t k = 0; k < p->sv[i].n; k++) {
				char c = p->sv[i].p[k];

				if (c == '"' || c == '\\')
					must(buf_byte(b, '\\'));
				must(buf_byte(b, (uint8_t)c));
			}
		}
		must(buf_byte(b, '"'));
	}
	must(buf_byte(b, '}'));
}

/* The parameter as NUL-terminated text in *${b}; NULL for SQL NULL. */
static const char *
param_text(const struct db_param *p, struct buf *b)
{
	buf_init(b, PARAM_MAX);
	switch (p->type) {
	case DB_NULL:
		return (NULL);
	case DB_TEXT:
		must(buf_str(b, p->s));
		break;
	case DB_BYTES:
		must(buf_str(b, str_of("\\x")));
		add_hex(b, p->s);
		break;
	case DB_INT:
		must(buf_printf(b, "%lld", (long long)p->i));
		break;
	case DB_BOOL:
		must(buf_byte(b, p->i ? 't' : 'f'));
		break;
	case DB_TEXT_ARRAY:
	case DB_INT_ARRAY:
	case DB_BYTES_ARRAY:
		add_array(b, p);
		break;
	}
	must(buf_byte(b, '\0'));
	return ((const char *)b->p);
}

/* --------------------------------------------------------------- statements */

/* Grade a failed result: what another try may cure is temporary. */
static int
grade(struct db *db, PGresult *r, struct diag *d)
{
	/* connection, rollback, resources, lock, intervention, its disk; and a
	 * standby, which takes no writing until it leads */
	static const char *const again[] = { "08", "40", "53", "55", "57",
		"58", "25006" };
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	if (db->c == NULL)
		return (diag_set(d, ERR_TEMPORARY, 0,
		    "database: no answer within %d ms",
		    db->deadline_ms + DEADLINE_GRACE_MS));
	if (PQstatus(db->c) != CONNECTION_OK || state == NULL)
		return (fail(d, ERR_TEMPORARY, "database",
		    PQerrorMessage(db->c)));
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
		if (strncmp(state, again[i], strlen(again[i])) == 0)
			return (diag_set(d, ERR_TEMPORARY, 0,
			    "database: %s (%s)", text, state));
	return (diag_set(d, ERR_MALFORMED, 0, "database: %s (%s)", text, state));
}

static void
statement_name(size_t i, char name[24])
{
	snprintf(name, 24, "s%zu", i);
}

/* The name ${sql} is prepared under, preparing it when it is new. */
static int
prepare(struct db *db, const char *sql, char name[24], struct diag *d)
{
	PGresult *r;
	size_t i;

	for (i = 0; i < db->nprepared; i++)
		if (db->prepared[i] == sql) {
			statement_name(i, name);
			return (0);
		}
	assert(i < STATEMENTS);
	statement_name(i, name);
	r = await(db, PQsendPrepare(db->c, name, sql, 0, NULL));
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		int rc = grade(db, r, d);

		PQclear(r);
		return (rc);
	}
	PQclear(r);
	db->prepared[db->nprepared++] = sql;
	return (0);
}

int
db_query(struct db *db, const char *sql, const struct db_param *params,
    size_t n, struct db_result **ret, struct diag *d)
{
	const char *values[32];
	struct buf texts[32];
	size_t bytes = 0;
	char name[24];
	PGresult *r = NULL;
	int rc;

	assert(n <= 32);
	if (PQstatus(db->c) != CONNECTION_OK)
		return (diag_set(d, ERR_TEMPORARY, 0,
		    "database: the connection is lost"));
	if ((rc = prepare(db, sql, name, d)) < 0)
		return (rc);
	for (size_t i = 0; i < n; i++)
		values[i] = param_text(&params[i], &texts[i]);
	r = await(db, PQsendQueryPrepared(db->c, name, (int)n, values, NULL,
	    NULL, 0));
	for (size_t i = 0; i < n; i++) {
		bytes += texts[i].n;
		buf_done(&texts[i]);
	}
	db->swollen |= bytes > RENEW_BYTES ||
	    PQresultMemorySize(r) > RENEW_BYTES;
	if (PQresultStatus(r) != PGRES_TUPLES_OK &&
	    PQresultStatus(r) != PGRES_COMMAND_OK) {
		rc = grade(db, r, d);
		PQclear(r);
		return (rc);
	}
	if (ret != NULL) {
		*ret = mem_alloc(sizeof(**ret));
		(*ret)->r = r;
	} else
		PQclear(r);
	return (0);
}

int
db_query0(struct db *db, const char *sql, struct db_result **ret,
    struct diag *d)
{
	return (db_query(db, sql, NULL, 0, ret, d));
}

/* A command without parameters or result, not prepared. */
static int
command(struct db *db, const char *sql, struct diag *d)
{
	PGresult *r = await(db, PQsendQuery(db->c, sql));
	int rc = 0;

	if (PQresultStatus(r) != PGRES_COMMAND_OK &&
	    PQresultStatus(r) != PGRES_TUPLES_OK)
		rc = grade(db, r, d);
	PQclear(r);
	return (rc);
}

int
db_set_session(struct db *db, const char *sql, struct diag *d)
{
	db->session = sql;
	return (command(db, sql, d));
}

int
db_begin(struct db *db, struct diag *d)
{
	int rc;

	assert(!db->in_transaction);
	if ((rc = command(db, "BEGIN", d)) == 0)
		db->in_transaction = true;
	return (rc);
}

bool
db_in_transaction(const struct db *db)
{
	return (db->in_transaction);
}

int
db_commit(struct db *db, struct diag *d)
{
	PGresult *r;
	int rc = 0;

	db->in_transaction = false;
	r = await(db, PQsendQuery(db->c, "COMMIT"));
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		rc = grade(db, r, d);
	else if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		/* a failed transaction answers COMMIT with ROLLBACK */
		rc = diag_set(d, ERR_TEMPORARY, 0,
		    "database: the transaction was rolled back");
	PQclear(r);
	return (rc);
}

void
db_rollback(struct db *db)
{
	if (db->in_transaction && PQstatus(db->c) == CONNECTION_OK)
		(void)command(db, "ROLLBACK", NULL);
	db->in_transaction = false;
}

/* ------------------------------------------------------------------ results */

size_t
db_rows(const struct db_result *r)
{
	return ((size_t)PQntuples(r->r));
}

struct str
db_col(const struct db_result *r, size_t row, size_t col)
{
	return (str_n(PQgetvalue(r->r, (int)row, (int)col),
	    (size_t)PQgetlength(r->r, (int)row, (int)col)));
}

bool
db_is_null(const struct db_result *r, size_t row, size_t col)
{
	return (PQgetisnull(r->r, (int)row, (int)col) != 0);
}

int64_t
db_col_int(const struct db_result *r, size_t row, size_t col)
{
	return (strtoll(PQgetvalue(r->r, (int)row, (int)col), NULL, 10));
}

bool
db_col_bool(const struct db_result *r, size_t row, size_t col)
{
	return (PQgetvalue(r->r, (int)row, (int)col)[0] == 't');
}

static unsigned
nibble(char c)
{
	return (c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10));
}

struct str
db_col_bytes(const struct db_result *r, size_t row, size_t col)
{
	char *p = PQgetvalue(r->r, (int)row, (int)col);
	size_t n = (size_t)PQgetlength(r->r, (int)row, (int)col);

	/* decoded over itself; what was decoded before no longer starts \x */
	if (n < 2 || p[0] != '\\' || p[1] != 'x')
		return (str_n(p, 0));
	for (size_t i = 2; i + 1 < n; i += 2)
		p[i / 2 - 1] = (char)(nibble(p[i]) << 4 | nibble(p[i + 1]));
	return (str_n(p, (n - 2) / 2));
}

void
db_free(struct db_result *r)
{
	if (r == NULL)
		return;
	PQclear(r->r);
	free(r);
}

/* --------------------------------------------------------------- migrations */

/* An advisory lock key of our own: "scanfarm" read as a number. */
#define MIGRATION_LOCK "8314892176759549293"

/* A name that we have not is of a program after ours: what it made of the tables
 * we do not know.  No number is asked for: two branches may have the same. */
static int
refuse_newer(struct db *db, struct diag *d)
{
	static const char newest[] = "SELECT max(name COLLATE \"C\") "
	    "FROM schema_migration WHERE name <> ALL ($1::text[])";
	struct db_result *r = NULL;
	struct str *known;
	size_t n = 0;
	int rc;

	while (sql_migrations[n].name != NULL)
		n++;
	known = mem_array(n, sizeof(*known));
	for (size_t i = 0; i < n; i++)
		known[i] = str_of(sql_migrations[i].name);
	if ((rc = DB_QUERY(db, newest, &r, d, db_texts(known, n))) == 0 &&
	    !db_is_null(r, 0, 0))
		rc = diag_set(d, ERR_UNSUPPORTED, 0,
		    "the database was migrated by a newer scanfarm (%.*s): "
		    "upgrade this one", STR_ARG(db_col(r, 0, 0)));
	db_free(r);
	free(known);
	return (rc);
}

/* 1: it was applied; 0: it had been before. */
static int
migrate_one(struct db *db, const struct sql_file *f, struct diag *d)
{
	static const char seen[] =
	    "SELECT 1 FROM schema_migration WHERE name = $1";
	static const char note[] =
	    "INSERT INTO schema_migration (name) VALUES ($1)";
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(db, seen, &r, d, db_text(str_of(f->name)))) < 0 ||
	    db_rows(r) != 0)
		goto out;
	log_info("database: migrating", "migration", "%s", f->name, NULL);
	if ((rc = db_begin(db, d)) < 0 || (rc = command(db, f->text, d)) < 0 ||
	    (rc = DB_QUERY(db, note, NULL, d, db_text(str_of(f->name)))) < 0)
		goto out;
	if ((rc = db_commit(db, d)) == 0)
		rc = 1;
out:
	db_rollback(db);
	db_free(r);
	return (rc);
}

/* The digest of all views' texts, which stands on their schema as its comment. */
static void
views_digest(char ret[DIGEST_TEXT])
{
	struct digest *h = digest_new();
	uint8_t sha[DIGEST_BYTES];

	for (const struct sql_file *f = sql_views; f->name != NULL; f++)
		digest_add(h, f->text, strlen(f->text) + 1);
	digest_end(h, sha);
	digest_free(h);
	digest_format(sha, ret);
}

/* 1: the views are ours.  Then they stay: to drop them waits for whoever reads one,
 * and takes with it what people made of them. */
static int
views_stand(struct db *db, struct diag *d)
{
	static const char sql[] = "SELECT 1 WHERE obj_description("
	    "to_regnamespace('dashboard'), 'pg_namespace') = $1";
	struct db_result *r = NULL;
	char digest[DIGEST_TEXT];
	int rc;

	views_digest(digest);
	if ((rc = DB_QUERY(db, sql, &r, d, db_text(str_of(digest)))) == 0)
		rc = db_rows(r) > 0;
	db_free(r);
	return (rc);
}

/* All views anew in one transaction: readers see the old or the new ones. */
static int
replace_views(struct db *db, struct diag *d)
{
	/* Functions there run as the owner and keep this path.  Temporary tables, and
	 * views with functions of whoever calls, would come first unless they are named. */
	static const char path[] = "SELECT set_config('search_path', "
	    "concat_ws(', ', string_agg(quote_ident(s), ', '), 'pg_temp'), true) "
	    "FROM unnest(current_schemas(false)) s";
	char digest[DIGEST_TEXT], comment[DIGEST_TEXT + 40];
	int rc;

	views_digest(digest);
	snprintf(comment, sizeof(comment),
	    "COMMENT ON SCHEMA dashboard IS '%s'", digest);
	if ((rc = db_begin(db, d)) < 0 ||
	    (rc = command(db, "DROP SCHEMA IF EXISTS dashboard CASCADE; "
	    "CREATE SCHEMA dashboard", d)) < 0 ||
	    (rc = command(db, path, d)) < 0)
		goto out;
	for (const struct sql_file *f = sql_views; f->name != NULL; f++)
		if ((rc = command(db, f->text, d)) < 0) {
			log_error("database: view", "view", "%s", f->name, NULL);
			goto out;
		}
	if ((rc = command(db, comment, d)) == 0)
		rc = db_commit(db, d);
out:
	db_rollback(db);
	return (rc);
}

/* Each time: who may not make the role has it made later. */
static int
grant_views(struct db *db, struct diag *d)
{
	static const char grant[] =
	    "DO $$ BEGIN "
	    "IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'scanfarm_reader') THEN "
	    "CREATE ROLE scanfarm_reader NOLOGIN; END IF; "
	    "GRANT USAGE ON SCHEMA dashboard TO scanfarm_reader; "
	    "GRANT SELECT ON ALL TABLES IN SCHEMA dashboard TO scanfarm_reader; "
	    "EXCEPTION WHEN insufficient_privilege THEN "
	    "RAISE WARNING 'role scanfarm_reader could not be made: ask the database''s administrator for CREATE ROLE scanfarm_reader'; "
	    "END $$";

	return (command(db, grant, d));
}

int
db_migrate(struct db *db, struct diag *d)
{
	bool anew = false;
	int rc;

	if ((rc = command(db, "SELECT pg_advisory_lock(" MIGRATION_LOCK ")",
	    d)) < 0)
		return (rc);
	if ((rc = command(db, "CREATE TABLE IF NOT EXISTS schema_migration ("
	    "name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
	    d)) < 0 || (rc = refuse_newer(db, d)) < 0)
		goto out;
	for (const struct sql_file *f = sql_migrations; f->name != NULL;
	     f++, anew |= rc > 0)
		if ((rc = migrate_one(db, f, d)) < 0)
			goto out;
	if (!anew && (rc = views_stand(db, d)) < 0)
		goto out;
	if ((!anew && rc > 0) || (rc = replace_views(db, d)) == 0)
		rc = grant_views(db, d);
out:
	(void)command(db, "SELECT pg_advisory_unlock(" MIGRATION_LOCK ")", NULL);
	return (rc);
}

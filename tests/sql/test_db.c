/* The door to PostgreSQL: values there and back, errors graded, migrations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/mem.h"
#include "tests/lib/database.h"

static struct db *db;

static int
set_up(void **state)
{
	(void)state;
	db = database_new("db", false);
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	db_close(db);
	return (0);
}

/* ------------------------------------------------------------- migrations */

/* In a child: a connection must not be shared by two processes. */
static void
migrate_and_exit(void)
{
	struct db *mine = NULL;
	struct diag d;

	if (db_open(database_conninfo, "test", &mine, &d) == 0 &&
	    db_migrate(mine, &d) == 0)
		_exit(0);
	fprintf(stderr, "%s\n", d.text);
	_exit(1);
}

static void
test_coordinators_that_start_together_migrate_once(void **state)
{
	pid_t pids[4];
	int status;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		if ((pids[i] = fork()) == 0)
			migrate_and_exit();
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(database_int(db, "SELECT count(*) FROM leader"), 1);
	assert_true(database_int(db,
	    "SELECT count(*) FROM schema_migration") >= 1);
	assert_int_equal(database_int(db, "SELECT count(*) FROM pg_namespace "
	    "WHERE nspname = 'dashboard'"), 1);
}

static void
test_migrating_again_keeps_the_rows(void **state)
{
	struct diag d;
	int64_t before;

	(void)state;
	before = database_int(db, "SELECT count(*) FROM schema_migration");
	assert_int_equal(db_query0(db, "INSERT INTO setting VALUES ('kept', '\\x01')",
	    NULL, &d), 0);
	assert_int_equal(db_migrate(db, &d), 0);
	assert_int_equal(database_int(db,
	    "SELECT count(*) FROM schema_migration "), before);
	assert_int_equal(database_int(db,
	    "SELECT count(*) FROM setting WHERE name = 'kept'"), 1);
}

static void
test_a_database_of_a_newer_program_is_left_alone(void **state)
{
	struct diag d;

	(void)state;
	database_run(db, "DROP SCHEMA dashboard CASCADE");
	database_run(db, "INSERT INTO schema_migration VALUES ('9998_next'), ('9999_future')");
	assert_int_equal(db_migrate(db, &d), ERR_UNSUPPORTED);
	assert_non_null(strstr(d.text, "newer scanfarm (9999_future)"));
	assert_int_equal(database_int(db, "SELECT count(*) FROM pg_namespace "
	    "WHERE nspname = 'dashboard'"), 0);
	database_run(db, "DELETE FROM schema_migration WHERE name > '9'");
	assert_int_equal(db_migrate(db, &d), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM pg_namespace "
	    "WHERE nspname = 'dashboard' "), 1);
}

/* Whoever reads a view holds no start up, and keeps what he made of it. */
static void
test_a_start_leaves_the_views_that_are_there(void **state)
{
	struct db *other = NULL;
	struct diag d;

	(void)state;
	database_run(db, "CREATE VIEW mine AS SELECT count(*) FROM dashboard.worker");
	assert_int_equal(db_open(database_conninfo, "test", &other, &d), 0);
	assert_int_equal(db_begin(other, &d), 0);
	assert_int_equal(database_int(other, "SELECT * FROM mine"), 0);
	database_run(db, "SET lock_timeout = '1s'");
	if (db_migrate(db, &d) < 0)
		fail_msg("%s", d.text);
	db_rollback(other);
	assert_int_equal(database_int(db, "SELECT * FROM mine"), 0);
	/* those of another program are replaced */
	database_run(db, "COMMENT ON SCHEMA dashboard IS 'sha256:0'");
	assert_int_equal(db_migrate(db, &d), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM pg_views WHERE viewname = 'mine'"), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM pg_views WHERE schemaname = 'dashboard' AND viewname = 'queue'"), 1);
	database_run(db, "RESET lock_timeout");
	db_close(other);
}

/* The dashboards' role reads views, and nothing runs as somebody else for it. */
static void
test_who_reads_views_gets_no_more(void **state)
{
	struct db *reader = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(db_open(database_conninfo, "test", &reader, &d), 0);
	database_run(reader, "SET ROLE scanfarm_reader");
	database_run(reader, "CREATE FUNCTION pg_temp.evil() RETURNS bigint LANGUAGE plpgsql AS "
	    "$$ BEGIN INSERT INTO public.setting VALUES ('evil', '\\x01'); RETURN 1; END $$");
	database_run(reader, "CREATE VIEW pg_temp.image_state_history AS SELECT pg_temp.evil() AS image_id, now() AS since, "
	    "1::bigint AS image_state_id, ''::text AS cause");
	database_run(reader, "GRANT SELECT ON pg_temp.image_state_history TO PUBLIC");
	assert_int_equal(database_int(reader, "SELECT count(*) FROM dashboard.image_verdict_as_of(1, now())"), 0);
	assert_int_equal(database_int(reader, "SELECT count(*) FROM dashboard.verdict_as_of(now())"), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM setting WHERE name = 'evil'"), 0);
	db_close(reader);
}

/* ------------------------------------------------------------------ values */

static void
test_values_come_back_as_they_went(void **state)
{
	static const char sql[] = "SELECT $1::text, $2::bytea, $3::bigint, "
	    "$4::boolean, $5::text IS NULL, $5::text";
	static const char raw[] = "\0\\x\xff'\"";
	struct str text = str_of("a'b\"c\\d{e},\t\n\xc3\xa9");
	struct db_result *r = NULL;
	struct str b;
	struct diag d;

	(void)state;
	assert_int_equal(DB_QUERY(db, sql, &r, &d, db_text(text),
	    db_bytes(str_n(raw, sizeof(raw))), db_int(INT64_MIN),
	    db_bool(true), db_null()), 0);
	assert_int_equal(db_rows(r), 1);
	assert_true(str_eq(db_col(r, 0, 0), text));
	b = db_col_bytes(r, 0, 1);
	assert_int_equal(b.n, sizeof(raw));
	assert_memory_equal(b.p, raw, sizeof(raw));
	assert_true(db_col_int(r, 0, 2) == INT64_MIN);
	assert_true(db_col_bool(r, 0, 3));
	assert_true(db_col_bool(r, 0, 4));
	assert_true(db_is_null(r, 0, 5));
	assert_int_equal(db_col(r, 0, 5).n, 0);
	db_free(r);
}

static void
test_arrays_come_back_as_they_went(void **state)
{
	static const char sql[] =
	    "SELECT t, b, i FROM unnest($1::text[], $2::bytea[], $3::bigint[]) "
	    "WITH ORDINALITY u(t, b, i, n) ORDER BY n";
	static const char zeros[2];
	const struct str texts[] = { STR_LIT("NULL"), STR_LIT(""),
		STR_LIT("a\"b\\c,{}'"), STR_LIT(" \n ") };
	const struct str blobs[] = { STR_LIT(""), { zeros, 2 },
		STR_LIT("\\x00"), STR_LIT("\xff\"") };
	const int64_t ints[] = { 0, -1, INT64_MAX, INT64_MIN };
	struct db_result *r = NULL;
	struct str b;
	struct diag d;

	(void)state;
	assert_int_equal(DB_QUERY(db, sql, &r, &d, db_texts(texts, 4),
	    db_blobs(blobs, 4), db_ints(ints, 4)), 0);
	assert_int_equal(db_rows(r), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_false(db_is_null(r, i, 0));
		assert_true(str_eq(db_col(r, i, 0), texts[i]));
		b = db_col_bytes(r, i, 1);
		assert_true(str_eq(b, blobs[i]));
		assert_true(db_col_int(r, i, 2) == ints[i]);
	}
	db_free(r);
	r = NULL;
	assert_int_equal(DB_QUERY(db, sql, &r, &d, db_texts(NULL, 0),
	    db_blobs(NULL, 0), db_ints(NULL, 0)), 0);
	assert_int_equal(db_rows(r), 0);
	db_free(r);
}

/* ------------------------------------------------------------------ errors */

static void
test_what_another_try_may_cure_is_temporary(void **state)
{
	static const char fence[] = "SELECT 1 FROM leader FOR SHARE NOWAIT";
	static const char setting[] = "SELECT 1 FROM setting";
	struct db *other = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(db_open(database_conninfo, "test", &other, &d), 0);
	assert_int_equal(db_begin(other, &d), 0);
	assert_int_equal(db_query0(other,
	    "UPDATE leader SET holder = 'x'", NULL, &d), 0);
	assert_int_equal(db_query0(db, fence, NULL, &d), ERR_TEMPORARY);
	assert_non_null(strstr(d.text, "55P03"));
	db_rollback(other);
	assert_int_equal(db_query0(db, fence, NULL, &d), 0);
	/* a table that is being altered: not even prepared can it be */
	assert_int_equal(db_query0(other, "SET lock_timeout = 100", NULL, &d), 0);
	database_run(db, "BEGIN");
	database_run(db, "LOCK TABLE setting IN ACCESS EXCLUSIVE MODE");
	assert_int_equal(db_query0(other, setting, NULL, &d), ERR_TEMPORARY);
	assert_non_null(strstr(d.text, "55P03"));
	database_run(db, "COMMIT");
	assert_int_equal(db_query0(other, setting, NULL, &d), 0);
	/* a standby, to which a host of the connection string led */
	database_run(other, "SET default_transaction_read_only = on");
	assert_int_equal(db_query0(other, "DELETE FROM setting", NULL, &d), ERR_TEMPORARY);
	assert_non_null(strstr(d.text, "25006"));
	db_close(other);
}

static void
test_our_own_mistakes_and_constraints_are_not(void **state)
{
	struct diag d;

	(void)state;
	assert_int_equal(db_query0(db, "SELECT no_such_column", NULL, &d),
	    ERR_MALFORMED);
	assert_int_equal(db_query0(db, "INSERT INTO leader VALUES (2, 0, '', 0, now())",
	    NULL, &d), ERR_MALFORMED);
	assert_non_null(strstr(d.text, "23514"));
	/* bytes that are no text are refused by the server, not stored */
	assert_int_equal(DB_QUERY(db, "SELECT $1::text", NULL, &d,
	    db_text(str_of("\xff"))), ERR_MALFORMED);
	assert_int_equal(database_int(db, "SELECT 7"), 7);
}

static void
test_a_failed_transaction_does_not_commit(void **state)
{
	struct diag d;

	(void)state;
	assert_int_equal(db_begin(db, &d), 0);
	assert_int_equal(db_query0(db, "INSERT INTO setting VALUES ('lost', '')",
	    NULL, &d), 0);
	assert_int_equal(db_query0(db, "SELECT 1 / 0", NULL, &d),
	    ERR_MALFORMED);
	assert_int_equal(db_commit(db, &d), ERR_TEMPORARY);
	assert_int_equal(database_int(db,
	    "SELECT count(*) FROM setting WHERE name = 'lost'"), 0);
}

/* One that was ended while nobody used it fails no statement. */
static void
test_a_connection_lost_while_idle_is_noticed_before_it_is_used(void **state)
{
	static const char pid[] = "SELECT pg_backend_pid()";
	static const char kill[] = "SELECT pg_terminate_backend($1::integer, 5000)";
	struct db *victim = NULL;
	struct diag d;
	int64_t first;

	(void)state;
	assert_int_equal(db_open(database_conninfo, "test", &victim, &d), 0);
	first = database_int(victim, pid);
	assert_true(db_alive(victim));
	assert_int_equal(database_int(victim, pid), first);
	sleep(2);	/* one try a second */
	assert_int_equal(DB_QUERY(db, kill, NULL, &d, db_int(first)), 0);
	assert_true(db_alive(victim));
	assert_int_not_equal(database_int(victim, pid), first);
	db_close(victim);
}

static void
test_a_lost_connection_is_temporary_and_comes_back(void **state)
{
	static const char pid[] = "SELECT pg_backend_pid()";
	static const char kill[] = "SELECT pg_terminate_backend($1::integer, 5000)";
	struct db *victim = NULL;
	struct diag d;
	bool alive = false;

	(void)state;
	assert_int_equal(db_open(database_conninfo, "test", &victim, &d), 0);
	assert_int_equal(db_begin(victim, &d), 0);
	assert_int_equal(DB_QUERY(db, kill, NULL, &d,
	    db_int(database_int(victim, pid))), 0);
	assert_int_equal(db_query0(victim, pid, NULL, &d), ERR_TEMPORARY);
	assert_int_equal(db_commit(victim, &d), ERR_TEMPORARY);
	db_rollback(victim);
	/* one try a second */
	for (int i = 0; i < 30 && !(alive = db_alive(victim)); i++)
		usleep(100000);
	assert_true(alive);
	/* prepared statements are prepared anew on the new connection */
	assert_true(database_int(victim, pid) > 0);
	assert_int_equal(db_begin(victim, &d), 0);
	assert_int_equal(db_commit(victim, &d), 0);
	db_close(victim);
}

/* A server that hangs: it takes no bytes and says nothing. */
static void
test_a_server_that_hangs_is_temporary_at_the_deadline(void **state)
{
	static const char echo[] = "SELECT length($1::text)";
	static const char pid_sql[] = "SELECT pg_backend_pid()  ";
	size_t n = (size_t)16 << 20;
	char *large = mem_alloc(n);
	struct db *mine = NULL;
	struct diag d;
	pid_t pid;

	(void)state;
	memset(large, 'x', n);
	assert_int_equal(db_open(database_conninfo, "test", &mine, &d), 0);
	assert_int_equal(DB_QUERY(mine, echo, NULL, &d, db_text(str_of(""))), 0);
	pid = (pid_t)database_int(mine, pid_sql);
	db_set_deadline(mine, 300);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(DB_QUERY(mine, echo, NULL, &d,
	    db_text(str_n(large, n))), ERR_TEMPORARY);
	assert_string_equal(d.text, "database: no answer within 1300 ms");
	kill(pid, SIGCONT);
	assert_int_equal(DB_QUERY(mine, echo, NULL, &d, db_text(str_of(""))), ERR_TEMPORARY);
	while (!db_alive(mine))
		usleep(50000);
	assert_int_equal(DB_QUERY(mine, echo, NULL, &d, db_text(str_of(""))), 0);
	db_close(mine);
	free(large);
}

static void
test_what_a_large_statement_took_is_given_back_with_its_connection(void **state)
{
	static const char echo[] = "SELECT length($1::text) ";
	static const char repeated[] = "SELECT repeat('x', 17 << 20)";
	static const char pid[] = "SELECT pg_backend_pid()   ";
	static const char session[] = "SET work_mem = '5MB'";
	size_t n = ((size_t)16 << 20) + 1;
	char *large = mem_alloc(n);
	struct db_result *r = NULL;
	struct db *mine = NULL;
	int64_t before;
	struct diag d;

	(void)state;
	memset(large, 'x', n);
	assert_int_equal(db_open(database_conninfo, "test", &mine, &d), 0);
	assert_int_equal(db_set_session(mine, session, &d), 0);
	before = database_int(mine, pid);
	for (int i = 0; i < 2; i++) {
		sleep(2);
		assert_true(db_alive(mine));
		assert_int_equal(database_int(mine, pid), before);
		assert_int_equal(db_begin(mine, &d), 0);
		assert_int_equal(i == 0 ?
		    DB_QUERY(mine, echo, NULL, &d, db_text(str_n(large, n))) :
		    db_query0(mine, repeated, &r, &d), 0);
		assert_true(db_alive(mine));	/* not in a transaction */
		assert_int_equal(database_int(mine, pid), before);
		assert_int_equal(db_commit(mine, &d), 0);
		assert_true(db_alive(mine));
		assert_int_not_equal(database_int(mine, pid), before);
		assert_string_equal(database_value(mine, "SHOW work_mem"), "5MB");
		before = database_int(mine, pid);
	}
	db_free(r);
	db_close(mine);
	free(large);
}

static void
test_no_server_is_temporary(void **state)
{
	struct db *none = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(db_open("host=/nonexistent dbname=x", "test", &none,
	    &d), ERR_TEMPORARY);
	assert_null(none);
	assert_int_not_equal(d.text[0], '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coordinators_that_start_together_migrate_once),
		cmocka_unit_test(test_migrating_again_keeps_the_rows),
		cmocka_unit_test(test_a_start_leaves_the_views_that_are_there),
		cmocka_unit_test(test_who_reads_views_gets_no_more),
		cmocka_unit_test(test_a_database_of_a_newer_program_is_left_alone),
		cmocka_unit_test(test_values_come_back_as_they_went),
		cmocka_unit_test(test_arrays_come_back_as_they_went),
		cmocka_unit_test(test_what_another_try_may_cure_is_temporary),
		cmocka_unit_test(test_our_own_mistakes_and_constraints_are_not),
		cmocka_unit_test(test_a_failed_transaction_does_not_commit),
		cmocka_unit_test(test_a_connection_lost_while_idle_is_noticed_before_it_is_used),
		cmocka_unit_test(test_a_lost_connection_is_temporary_and_comes_back),
		cmocka_unit_test(test_a_server_that_hangs_is_temporary_at_the_deadline),
		cmocka_unit_test(test_what_a_large_statement_took_is_given_back_with_its_connection),
		cmocka_unit_test(test_no_server_is_temporary),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

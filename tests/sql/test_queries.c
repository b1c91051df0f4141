/*
 * Every statement of sql/queries prepares against the migrated schema, with as
 * many parameters as its comment names; every view of sql/views can be read, by
 * the dashboards' role too, and stands in sql/README.md with each of its columns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include "sql.h"
#include "tests/lib/database.h"

static PGconn *c;		/* libpq itself: db.h only prepares what it runs */
static struct db *db;

static int
set_up(void **state)
{
	(void)state;
	db = database_new("queries", true);
	c = PQconnectdb(database_conninfo);
	return (PQstatus(c) == CONNECTION_OK ? 0 : -1);
}

static int
tear_down(void **state)
{
	(void)state;
	PQfinish(c);
	db_close(db);
	return (0);
}

/* The highest $N that the comment at the head of a statement names. */
static int
parameters_named(const char *text)
{
	int n, max = 0;

	while (strncmp(text, "--", 2) == 0) {
		for (; *text != '\n' && *text != '\0'; text++)
			if (*text == '$' && (n = (int)strtol(text + 1, NULL,
			    10)) > max)
				max = n;
		if (*text == '\n')
			text++;
	}
	return (max);
}

/* Prepare one statement; false, with a line that says why, when it is wrong. */
static bool
prepares(const struct sql_file *f)
{
	char head[200];
	PGresult *r, *about;
	bool ok;

	snprintf(head, sizeof(head), "-- %s:", f->name);
	if (strncmp(f->text, head, strlen(head)) != 0)
		print_error("%s.sql must begin with \"%s\"\n", f->name, head);
	r = PQprepare(c, f->name, f->text, 0, NULL);
	about = PQdescribePrepared(c, f->name);
	ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	if (!ok)
		print_error("%s: %s", f->name, PQresultErrorMessage(r));
	else if (PQnparams(about) != parameters_named(f->text)) {
		print_error("%s takes %d parameters, its comment names %d\n",
		    f->name, PQnparams(about), parameters_named(f->text));
		ok = false;
	}
	PQclear(about);
	PQclear(r);
	return (ok && strncmp(f->text, head, strlen(head)) == 0);
}

static void
test_every_query_prepares_as_documented(void **state)
{
	size_t n = 0, bad = 0;

	(void)state;
	for (const struct sql_file *f = sql_queries; f->name != NULL; f++, n++)
		bad += !prepares(f);
	assert_true(n > 50);
	assert_int_equal(bad, 0);
}

/* Run ${sql} with its %s replaced by a name of the catalog; its result or NULL. */
static PGresult *
run(const char *sql, const char *name)
{
	char text[600];
	char *id = PQescapeIdentifier(c, name, strlen(name));
	PGresult *r;

	snprintf(text, sizeof(text), sql, id);
	PQfreemem(id);
	r = PQexec(c, text);
	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return (r);
	print_error("%s: %s", text, PQresultErrorMessage(r));
	PQclear(r);
	return (NULL);
}

static PGresult *
views(void)
{
	PGresult *r = PQexec(c, "SELECT viewname FROM pg_views "
	    "WHERE schemaname = 'dashboard' ORDER BY 1");

	assert_int_equal(PQresultStatus(r), PGRES_TUPLES_OK);
	return (r);
}

static void
test_every_view_can_be_read_by_the_dashboards_role(void **state)
{
	size_t files = 0, bad = 0;
	PGresult *list = views(), *r;

	(void)state;
	for (const struct sql_file *f = sql_views; f->name != NULL; f++)
		files++;
	assert_true((size_t)PQntuples(list) >= files);
	PQclear(PQexec(c, "SET ROLE scanfarm_reader"));
	for (int i = 0; i < PQntuples(list); i++) {
		/* all rows, not none: a plan that cannot run must show */
		r = run("SELECT * FROM dashboard.%s", PQgetvalue(list, i, 0));
		bad += r == NULL;
		PQclear(r);
	}
	r = run("SELECT * FROM dashboard.%s(now())", "verdict_as_of");
	bad += r == NULL;
	PQclear(r);
	r = PQexec(c, "SELECT * FROM public.registry");
	assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42501");
	PQclear(r);
	PQclear(PQexec(c, "RESET ROLE"));
	PQclear(list);
	assert_int_equal(bad, 0);
}

/* sql/README.md, found from the top of the tree; NULL when run elsewhere. */
static char *
readme(void)
{
	static char text[200000];
	FILE *f = fopen("sql/README.md", "r");

	if (f == NULL)
		return (NULL);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return (text);
}

/* From the view's heading to the next one: does it name every column? */
static size_t
columns_missing(const char *text, const char *view)
{
	char want[200], section[20000];
	const char *from, *end;
	size_t bad = 0;
	PGresult *r;

	snprintf(want, sizeof(want), "\n### %s\n", view);
	if ((from = strstr(text, want)) == NULL) {
		print_error("sql/README.md has no section ### %s\n", view);
		return (1);
	}
	end = strstr(from + strlen(want), "\n#");
	snprintf(section, sizeof(section), "%.*s",
	    (int)(end != NULL ? end - from : (ptrdiff_t)strlen(from)), from);
	if ((r = run("SELECT * FROM dashboard.%s LIMIT 0", view)) == NULL)
		return (1);
	for (int i = 0; i < PQnfields(r); i++) {
		snprintf(want, sizeof(want), "`%s`", PQfname(r, i));
		if (strstr(section, want) == NULL) {
			print_error("sql/README.md: %s lacks %s\n", view, want);
			bad++;
		}
	}
	PQclear(r);
	return (bad);
}

static void
test_every_view_is_documented_column_by_column(void **state)
{
	const char *text = readme();
	PGresult *list;
	size_t bad = 0;

	(void)state;
	if (text == NULL) {
		print_message("run from the top of the tree\n");
		skip();
	}
	list = views();
	for (int i = 0; i < PQntuples(list); i++)
		bad += columns_missing(text, PQgetvalue(list, i, 0));
	PQclear(list);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_query_prepares_as_documented),
		cmocka_unit_test(test_every_view_can_be_read_by_the_dashboards_role),
		cmocka_unit_test(test_every_view_is_documented_column_by_column),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

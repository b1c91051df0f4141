/* Databases for tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "database.h"

static void
give_up(const char *what, const struct diag *d)
{
	fprintf(stderr, "%s: %s\n", what, d->text);
	exit(1);
}

char database_conninfo[600];

struct db *
database_new(const char *name, bool migrate)
{
	const char *server = getenv("SCANFARM_TEST_DATABASE");
	char create[200];
	struct db *db = NULL;
	struct diag d = { .text = "not set; run tests/sql/run.sh" };

	if (server == NULL)
		give_up("SCANFARM_TEST_DATABASE", &d);
	snprintf(create, sizeof(create), "CREATE DATABASE test_%s_%d", name,
	    (int)getpid());
	if (db_open(server, "test", &db, &d) < 0 ||
	    db_query0(db, create, NULL, &d) < 0)
		give_up(create, &d);
	db_close(db);
	snprintf(database_conninfo, sizeof(database_conninfo),
	    "%s dbname=test_%s_%d", server, name, (int)getpid());
	if (db_open(database_conninfo, "test", &db, &d) < 0 ||
	    (migrate && db_migrate(db, &d) < 0))
		give_up(database_conninfo, &d);
	return (db);
}

void
database_run(struct db *db, const char *sql)
{
	struct diag d;

	if (db_query0(db, sql, NULL, &d) < 0)
		give_up(sql, &d);
}

const char *
database_value(struct db *db, const char *sql)
{
	static char value[4096];
	struct db_result *r = NULL;
	struct diag d;

	if (db_query0(db, sql, &r, &d) < 0)
		give_up(sql, &d);
	snprintf(value, sizeof(value), "%s", "");
	if (db_rows(r) > 0)
		snprintf(value, sizeof(value), "%.*s", STR_ARG(db_col(r, 0, 0)));
	db_free(r);
	return (value);
}

int64_t
database_int(struct db *db, const char *sql)
{
	return (strtoll(database_value(db, sql), NULL, 10));
}

void
database_until(struct db *db, const char *sql, const char *want)
{
	for (int i = 0; i < 600; i++) {
		if (strcmp(database_value(db, sql), want) == 0)
			return;
		usleep(50000);
	}
	fail_msg("%s: %s, not %s", sql, database_value(db, sql), want);
}

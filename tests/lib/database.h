/* Databases for tests: each test program makes its own, migrated, on the server
 * that tests/sql/run.sh started. */
#ifndef TESTS_DATABASE_H
#define TESTS_DATABASE_H

#include "coordinator/db.h"

/**
 * database_new(name, migrate):
 * Make an empty database for this process, migrate it if asked, and connect.
 * database_conninfo is for further connections.  Ends the program with a
 * message when there is no server: a test that needs one must not pass without.
 */
struct db *database_new(const char *name, bool migrate);
extern char database_conninfo[];
/* A statement without parameters; ends the program when it fails. */
void database_run(struct db *, const char *sql);
/* The first column of the first row of a statement without parameters, in a
 * buffer that the next call overwrites; ends the test when it fails. */
const char *database_value(struct db *, const char *sql);
/* The same as a number. */
int64_t database_int(struct db *, const char *sql);
/* Wait for the value ${want}; the test fails when it does not come. */
void database_until(struct db *, const char *sql, const char *want);

#endif

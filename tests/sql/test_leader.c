/*
 * Leadership.  The fence is tried statement by statement, with two connections
 * for two coordinators; then two processes run the real actor, one is stopped as
 * a paused machine would be, and the other must take over once and for good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <czmq.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "coordinator/coordinator.h"
#include "coordinator/leader.h"
#include "coordinator/wake.h"
#include "sql.h"
#include "tests/lib/database.h"

static struct db *db;

static int
set_up(void **state)
{
	(void)state;
	db = database_new("leader", true);
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	db_close(db);
	return (0);
}

static struct db *
connection(const char *name)
{
	struct db *c = NULL;
	struct diag d;

	assert_int_equal(db_open(database_conninfo, name, &c, &d), 0);
	return (c);
}

static bool
try_lock(struct db *c)
{
	struct db_result *r = NULL;
	struct diag d;
	bool got;

	assert_int_equal(db_query0(c, sql_leader_try_lock, &r, &d), 0);
	got = db_col_bool(r, 0, 0);
	db_free(r);
	return (got);
}

/* Raise the epoch, if it is not ${mine}; 0 when somebody holds the row. */
static int64_t
take(struct db *c, const char *holder, int64_t mine)
{
	struct db_result *r = NULL;
	int64_t epoch = 0;
	struct diag d;

	if (DB_QUERY(c, sql_leader_take, &r, &d,
	    db_text(str_of(holder)), db_int(mine)) == 0)
		epoch = db_col_int(r, 0, 0);
	db_free(r);
	return (epoch);
}

static int
fenced(struct db *c, int64_t epoch)
{
	struct diag d;
	int rc;

	assert_int_equal(db_begin(c, &d), 0);
	rc = leader_fence(c, epoch, &d);
	db_rollback(c);
	return (rc);
}

static void
test_an_ex_leader_writes_nothing(void **state)
{
	struct db *a = connection("scanfarm leader"), *b = connection("b");
	struct db *work = connection("a's results");
	struct diag d;
	int64_t one, two;

	(void)state;
	assert_int_equal(fenced(work, 0), ERR_DENIED);
	assert_true(try_lock(a));
	one = take(a, "a", 0);
	assert_true(one > 0);
	assert_int_equal(fenced(work, one), 0);
	/* a is alive: nobody else gets the lock, and nobody ends a's session */
	assert_false(try_lock(b));
	assert_int_equal(DB_QUERY(b, sql_leader_end_stalled, NULL, &d,
	    db_int(15)), 0);
	assert_false(try_lock(b));
	/* a stalls */
	assert_int_equal(db_query0(db, "UPDATE leader SET heartbeat_at = "
	    "now() - interval '16 s'", NULL, &d), 0);
	assert_int_equal(DB_QUERY(b, sql_leader_end_stalled, NULL, &d,
	    db_int(15)), 0);
	assert_true(try_lock(b));
	two = take(b, "b", one);
	assert_true(two > one);
	assert_int_equal(fenced(work, one), ERR_DENIED);
	assert_int_equal(fenced(work, two), 0);
	assert_int_equal(DB_QUERY(a, sql_leader_beat, NULL, &d, db_int(one)),
	    ERR_TEMPORARY);
	db_close(work);
	db_close(b);
	db_close(a);
}

static void
test_a_take_over_waits_for_a_fenced_transaction(void **state)
{
	struct db *old = connection("old"), *new = connection("new");
	struct db_result *r = NULL;
	int64_t one = take(old, "old", 0), two;
	struct diag d;

	(void)state;
	assert_int_equal(db_query0(new, "SET lock_timeout = 200", NULL, &d), 0);
	assert_int_equal(db_begin(old, &d), 0);
	assert_int_equal(leader_fence(old, one, &d), 0);
	assert_int_equal(take(new, "new", 0), 0);	/* it would have to wait */
	/* the heart beats meanwhile, however long that transaction takes */
	assert_int_equal(DB_QUERY(new, sql_leader_beat, &r, &d, db_int(one)), 0);
	assert_int_equal(db_rows(r), 1);
	db_free(r);
	assert_int_equal(take(new, "new", 0), 0);
	assert_int_equal(db_query0(old,
	    "INSERT INTO setting VALUES ('outcome', '')", NULL, &d), 0);
	assert_int_equal(db_commit(old, &d), 0);
	two = take(new, "new", 0);
	assert_int_equal(two, one + 1);
	assert_int_equal(fenced(old, one), ERR_DENIED);
	db_close(old);
	db_close(new);
}

/* ------------------------------------------------------------ the real actor */

/* A coordinator that only leads, until told to end by its standard SIGTERM. */
static pid_t
candidate(void)
{
	struct coordinator co = { .database = database_conninfo };
	zactor_t *actor;
	pid_t pid = fork();

	if (pid != 0)
		return (pid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a failed assertion leaves none behind */
	/* czmq is first touched here: a context must not cross a fork */
	setenv("ZSYS_SIGHANDLER", "false", 1);
	wake_init();
	actor = zactor_new(leader_actor, &co);
	(void)actor;
	for (;;)
		pause();
}

/* Who leads, as "host:pid" says; 0 after ${s} seconds without ${want}. */
static pid_t
leads(pid_t want, int s)
{
	static const char sql[] = "SELECT split_part(holder, ':', 2) FROM leader "
	    "WHERE heartbeat_at > now() - interval '10 s'";
	pid_t got = 0;

	for (int i = 0; i < s * 10; i++) {
		got = (pid_t)database_int(db, sql);
		if (got == want)
			return (got);
		usleep(100000);
	}
	return (0);
}

static void
stalled(void)
{
	struct diag d;

	/* as if the seconds had passed: the test has no minute to wait */
	assert_int_equal(db_query0(db, "UPDATE leader SET heartbeat_at = "
	    "now() - interval '20 s' ", NULL, &d), 0);
}

static void
test_a_paused_leader_is_replaced_and_follows(void **state)
{
	pid_t first = candidate(), second;
	int64_t epoch, later;

	(void)state;
	assert_int_equal(leads(first, 20), first);
	second = candidate();
	epoch = database_int(db, "SELECT epoch FROM leader");
	usleep(2500000);	/* more than a beat: the follower only watches */
	assert_int_equal(database_int(db, "SELECT epoch FROM leader"), epoch);
	kill(first, SIGSTOP);
	stalled();
	assert_int_equal(leads(second, 20), second);
	later = database_int(db, "SELECT epoch FROM leader");
	assert_int_equal(later, epoch + 1);
	/* back again, it must notice and stay a follower */
	kill(first, SIGCONT);
	usleep(4500000);
	assert_int_equal(leads(second, 1), second);
	assert_int_equal(database_int(db, "SELECT epoch FROM leader"), later);
	/* a leader that dies outright is replaced as soon as its session ends */
	kill(second, SIGKILL);
	waitpid(second, NULL, 0);
	assert_int_equal(leads(first, 20), first);
	assert_int_equal(database_int(db, "SELECT epoch FROM leader"),
	    later + 1);
	kill(first, SIGKILL);
	waitpid(first, NULL, 0);
}

/* End the session of the leader's actor, as a server that starts anew does,
 * and wait for the next. */
static void
new_session(void)
{
	static const char resumed[] = "SELECT count(*) FROM leader l JOIN "
	    "pg_stat_activity a ON a.pid = l.backend_pid AND "
	    "a.application_name = 'scanfarm leader'";
	int64_t n = 0;
	struct diag d;

	assert_int_equal(db_query0(db, "SELECT pg_terminate_backend("
	    "backend_pid, 2000) FROM leader", NULL, &d), 0);
	for (int i = 0; i < 200 && n == 0; i++) {
		usleep(100000);
		n = database_int(db, resumed);
	}
	assert_int_equal(n, 1);
}

/* A leader whose session ended goes on with its epoch: what it has given to
 * workers stays given.  One that was followed does not. */
static void
test_a_lost_session_is_no_lost_lead(void **state)
{
	pid_t first = candidate();
	int64_t epoch;
	struct diag d;

	(void)state;
	assert_int_equal(leads(first, 20), first);
	epoch = database_int(db, "SELECT epoch FROM leader");
	new_session();
	assert_int_equal(leads(first, 1), first);
	assert_int_equal(database_int(db, "SELECT epoch FROM leader"), epoch);
	/* somebody else led meanwhile, however briefly */
	assert_int_equal(db_query0(db, "UPDATE leader SET epoch = epoch + 1",
	    NULL, &d), 0);
	new_session();
	assert_int_equal(database_int(db, "SELECT epoch FROM leader"),
	    epoch + 2);
	kill(first, SIGKILL);
	waitpid(first, NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_ex_leader_writes_nothing),
		cmocka_unit_test(test_a_take_over_waits_for_a_fenced_transaction),
		cmocka_unit_test(test_a_paused_leader_is_replaced_and_follows),
		cmocka_unit_test(test_a_lost_session_is_no_lost_lead),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

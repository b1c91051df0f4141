/*
 * Dispatch and results with a database, and workers that this test plays: what is
 * leased to whom, what counts, and what happens above the ceilings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/inventory.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/wire.h"
#include "coordinator/fanout.h"
#include "coordinator/leader.h"
#include "coordinator/store.h"
#include "coordinator/wake.h"
#include "tests/lib/database.h"
#include "tests/lib/played_worker.h"

static struct coordinator co = { .results_bytes = 600 * KIB };
static struct db *db;
static zactor_t *fanout;

/* ---------------------------------------------------------------------- set-up */

static int
start(void **state)
{
	(void)state;
	database_run(db, "TRUNCATE registry, image, layer, job, attempt RESTART IDENTITY CASCADE");
	fanout = zactor_new(fanout_actor, &co);
	return (0);
}

static int
stop(void **state)
{
	(void)state;
	zactor_destroy(&fanout);
	return (0);
}

/* ${n} layers, a job each. */
static void
jobs(int n)
{
	for (int i = 0; i < n; i++)
		database_run(db, "WITH l AS (INSERT INTO layer (digest) SELECT decode(lpad(to_hex(count(*) + 1), 64, '0'), 'hex') FROM layer RETURNING id) "
		    "INSERT INTO job (kind, layer_id) SELECT 'layer', id FROM l");
	wake_up(WAKE_FANOUT);
}

/* One file as records, of about ${n} bytes. */
static struct str
records(struct buf *b, size_t n)
{
	char *path = mem_alloc(3000);
	struct inventory_file f = { .path = str_n(path, 2999),
		.kind = STR_LIT("test"), .revision = 1 };

	memset(path, 'p', 2999);
	buf_init(b, LIMIT_WIRE_PART);
	while (b->n + 4000 < n)
		assert_int_equal(inventory_file_write(b, &f), 0);
	free(path);
	return (buf_view(b));
}

/* ----------------------------------------------------------------------- tests */

static void
test_a_result_counts_only_from_who_holds_the_lease(void **state)
{
	zsock_t *a = played_worker(1, NULL, 0), *b = played_worker(1, NULL, 0), *stranger = played_dial();
	struct wire_ack lease;

	(void)state;
	jobs(1);
	lease = played_expect(a, WIRE_JOB);
	played_end(b, lease, 0, 0, str_of(""));
	assert_int_equal(played_expect(b, WIRE_UNKNOWN_JOB).job, lease.job);
	played_end(stranger, lease, 0, 0, str_of(""));	/* never said hello */
	played_expect(stranger, WIRE_NOT_LEADER);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 1);
	played_end(a, lease, 0, 0, str_of(""));
	assert_int_equal(played_expect(a, WIRE_ACCEPTED).job, lease.job);
	assert_string_equal(database_value(db, "SELECT state || analyses FROM layer"), "done1");
	/* it counts once */
	played_end(a, lease, 0, 0, str_of(""));
	played_expect(a, WIRE_UNKNOWN_JOB);
	assert_int_equal(database_int(db, "SELECT analyses FROM layer"), 1);
	zsock_destroy(&a);
	zsock_destroy(&b);
	zsock_destroy(&stranger);
}

static void
test_above_the_ceiling_one_job_goes_on_and_the_others_wait(void **state)
{
	zsock_t *w = played_worker(1, NULL, 0);
	struct wire_ack one, two, got;
	struct buf b;
	struct str bytes = records(&b, 400 * KIB);

	(void)state;
	jobs(2);
	one = played_expect(w, WIRE_JOB);
	two = played_expect(w, WIRE_JOB);
	played_part(w, one, 0, WIRE_PART_FILE, bytes);
	assert_int_equal(played_expect(w, WIRE_ACK).job, one.job);
	played_part(w, two, 0, WIRE_PART_FILE, bytes);		/* above 600 KiB: it may */
	assert_int_equal(played_expect(w, WIRE_ACK).job, two.job);
	/* this one waits, with what is under way behind it */
	for (uint32_t i = 1; i < 3; i++)
		played_part(w, one, i, WIRE_PART_FILE, bytes);
	played_end(w, one, 0, 3, bytes);
	played_silent(w);
	played_part(w, two, 1, WIRE_PART_FILE, bytes);
	assert_int_equal(played_expect(w, WIRE_ACK).job, two.job);
	played_end(w, two, 0, 2, bytes);
	assert_int_equal(played_expect(w, WIRE_ACCEPTED).job, two.job);
	got = played_expect(w, WIRE_RESEND);
	assert_int_equal(got.job, one.job);
	assert_int_equal(got.seq, 1);
	for (uint32_t i = 1; i < 3; i++) {
		played_part(w, one, i, WIRE_PART_FILE, bytes);
		assert_int_equal(played_expect(w, WIRE_ACK).seq, i);
	}
	played_end(w, one, 0, 3, bytes);
	assert_int_equal(played_expect(w, WIRE_ACCEPTED).job, one.job);
	assert_string_equal(database_value(db, "SELECT string_agg(state || analyses, ',') FROM layer"), "done1,done1");
	zsock_destroy(&w);
	buf_done(&b);
}

static void
test_a_job_that_was_never_seen_to_end_is_given_up(void **state)
{
	zsock_t *w;

	(void)state;
	jobs(1);
	database_run(db, "UPDATE job SET attempt = 5, unended = 5");
	w = played_worker(1, NULL, 0);
	database_until(db, "SELECT state || ' ' || left(reasons[1], 29) FROM layer", "failed given up: started 5 times, an");
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	played_silent(w);	/* and no JOB before it */
	zsock_destroy(&w);
}

static void
test_of_the_suspects_one_at_a_time_is_under_way(void **state)
{
	struct wire_ack first, second, third;
	zsock_t *w;

	(void)state;
	database_run(db, "INSERT INTO layer (digest) VALUES ('a'), ('b'), ('c')");
	database_run(db, "INSERT INTO job (kind, layer_id, attempt, unended) VALUES ('layer', 1, 2, 2), ('layer', 2, 2, 2), ('layer', 3, 0, 0)");
	w = played_worker(4, NULL, 0);
	first = played_expect(w, WIRE_JOB);
	second = played_expect(w, WIRE_JOB);
	assert_int_equal(first.job, 1);
	assert_int_equal(second.job, 3);
	played_end(w, second, ERR_NOT_FOUND, 0, str_of(""));
	played_expect(w, WIRE_ACCEPTED);
	played_silent(w);
	played_end(w, first, ERR_NOT_FOUND, 0, str_of(""));
	played_expect(w, WIRE_ACCEPTED);
	third = played_expect(w, WIRE_JOB);
	assert_int_equal(third.job, 2);
	assert_int_equal(third.attempt, 3);
	zsock_destroy(&w);
}

static void
test_a_job_does_not_wait_behind_another_while_a_worker_is_idle(void **state)
{
	zsock_t *a = played_worker(1, NULL, 0), *b;
	struct wire_ack large, small, again;

	(void)state;
	jobs(2);
	large = played_expect(a, WIRE_JOB);
	small = played_expect(a, WIRE_JOB);
	b = played_worker(1, NULL, 0);
	again = played_expect(b, WIRE_JOB);
	assert_int_equal(again.job, small.job);
	assert_int_equal(again.attempt, small.attempt + 1);
	assert_int_equal(played_expect(a, WIRE_UNKNOWN_JOB).job, small.job);
	assert_string_equal(database_value(db, "SELECT unended || ' ' || failures FROM job WHERE attempt = 2"), "1 0");
	played_end(b, again, 0, 0, str_of(""));
	played_expect(b, WIRE_ACCEPTED);
	played_end(a, large, 0, 0, str_of(""));
	played_expect(a, WIRE_ACCEPTED);
	zsock_destroy(&a);
	zsock_destroy(&b);
}

/* What waits for one registry does not keep workers from another. */
static void
test_a_registry_with_all_its_requests_holds_up_no_other(void **state)
{
	struct wire_ack first, second;
	zsock_t *w;

	(void)state;
	database_run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256, max_requests) "
	    "VALUES ('slow', 'http://slow', 'a', '', 1), ('other', 'http://other', 'b', '', 1)");
	database_run(db, "INSERT INTO repository (registry_id, name) VALUES (1, 'x'), (2, 'x')");
	database_run(db, "INSERT INTO job (kind, repository_id, tag) SELECT 'resolve', 1, n FROM generate_series(1, 100) n");
	database_run(db, "INSERT INTO job (kind, repository_id, tag) VALUES ('resolve', 2, '1')");
	w = played_worker(4, NULL, 0);
	first = played_expect(w, WIRE_JOB);
	assert_int_equal(first.job, 1);
	second = played_expect(w, WIRE_JOB);
	assert_int_equal(second.job, 101);
	played_silent(w);
	played_end(w, second, ERR_NOT_FOUND, 0, str_of(""));
	played_expect(w, WIRE_ACCEPTED);
	/* what the first's registry holds, too */
	database_run(db, "INSERT INTO layer (digest) VALUES ('a'), ('b')");
	database_run(db, "INSERT INTO image (digest, kind) VALUES ('c', 'image')");
	database_run(db, "INSERT INTO image_layer (image_id, position, layer_id, size, media_type) VALUES (1, 0, 1, 1, ''), (1, 1, 2, 1, '')");
	database_run(db, "INSERT INTO repository_image (repository_id, image_id) VALUES (1, 1), (2, 1)");
	database_run(db, "INSERT INTO job (kind, layer_id) VALUES ('layer', 1), ('layer', 2)");
	wake_up(WAKE_FANOUT);
	assert_int_equal(played_expect(w, WIRE_JOB).job, 102);
	played_silent(w);
	zsock_destroy(&w);
}

/* A registry that hangs up on everybody. */
struct hanging_up {
	int fd, port;
	_Atomic int calls;
	pthread_t thread;
};

static void *
hang_up(void *arg)
{
	struct hanging_up *h = arg;
	int fd;

	while ((fd = accept(h->fd, NULL, NULL)) >= 0) {
		atomic_fetch_add(&h->calls, 1);
		close(fd);
	}
	return (NULL);
}

static void
hanging_up_start(struct hanging_up *h)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(h->fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(h->fd, 16), 0);
	assert_int_equal(getsockname(h->fd, (struct sockaddr *)&a, &n), 0);
	h->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&h->thread, NULL, hang_up, h), 0);
}

static void
hanging_up_stop(struct hanging_up *h)
{
	shutdown(h->fd, SHUT_RDWR);
	pthread_join(h->thread, NULL);
	close(h->fd);
}

/* It is asked for one token, and nobody else waits for it meanwhile. */
static void
test_a_registry_that_gives_no_token_is_left_alone(void **state)
{
	static struct hanging_up h;
	struct wire_ack one, two;
	static char sql[200];	/* statements are known by their address */
	zsock_t *w;

	(void)state;
	hanging_up_start(&h);
	snprintf(sql, sizeof(sql), "INSERT INTO registry (name, url, insecure, webhook_id, webhook_secret_sha256) "
	    "VALUES ('away', 'http://127.0.0.1:%d', true, 'a', '')", h.port);
	database_run(db, sql);
	database_run(db, "INSERT INTO repository (registry_id, name) VALUES (1, 'x'), (1, 'y')");
	database_run(db, "INSERT INTO job (kind, repository_id, tag) VALUES ('resolve', 1, '1'), ('resolve', 2, '1')");
	w = played_worker(2, NULL, 0);
	one = played_expect(w, WIRE_JOB);
	two = played_expect(w, WIRE_JOB);
	played_ask_token(w, one);
	played_ask_token(w, two);
	assert_int_equal(played_expect(w, WIRE_TOKEN_REPLY).job, one.job);
	assert_int_equal(played_expect(w, WIRE_TOKEN_REPLY).job, two.job);
	assert_int_equal(atomic_load(&h.calls), 1);
	zsock_destroy(&w);
	hanging_up_stop(&h);
}

static void
test_workers_are_answered_while_a_result_is_stored(void **state)
{
	static const char hold[] = "SELECT 1 FROM job FOR UPDATE";
	zsock_t *a = played_worker(1, NULL, 0), *b;
	struct wire_ack large, next;
	struct db *other = NULL;
	struct diag d;

	(void)state;
	jobs(1);
	large = played_expect(a, WIRE_JOB);
	assert_int_equal(db_open(database_conninfo, "test", &other, &d), 0);
	assert_int_equal(db_begin(other, &d), 0);
	assert_int_equal(db_query0(other, hold, NULL, &d), 0);
	played_end(a, large, 0, 0, str_of(""));
	played_silent(a);
	jobs(1);
	next = played_expect(a, WIRE_JOB);
	b = played_worker(1, NULL, 0);
	sleep(2);	/* what it works at is not called back: it waits for nothing */
	played_silent(b);
	played_end(a, next, 0, 0, str_of(""));
	played_end(a, large, 0, 0, str_of(""));		/* it heard no answer */
	played_silent(a);
	db_rollback(other);
	assert_int_equal(played_expect(a, WIRE_ACCEPTED).job, large.job);
	assert_int_equal(played_expect(a, WIRE_ACCEPTED).job, next.job);
	assert_string_equal(database_value(db, "SELECT string_agg(state || analyses, ',') FROM layer"), "done1,done1");
	db_close(other);
	zsock_destroy(&a);
	zsock_destroy(&b);
}

static void
test_a_stop_in_good_order_is_no_start_without_an_end(void **state)
{
	zsock_t *w = played_worker(1, NULL, 0);

	(void)state;
	jobs(1);
	played_expect(w, WIRE_JOB);
	assert_string_equal(database_value(db, "SELECT attempt || ' ' || unended FROM job"), "1 1");
	zactor_destroy(&fanout);
	assert_string_equal(database_value(db, "SELECT attempt || ' ' || unended FROM job "), "1 0");
	zsock_destroy(&w);
}

/* Every session of the farm ends, as when the server crashes, and another one
 * leads before this one comes back. */
static void
lose_the_lead(void)
{
	int taken;

	/* the leader may be back before us, and does not give it away again */
	do {
		database_run(db, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
		taken = (int)database_int(db, "SELECT pg_try_advisory_lock(7235419)::integer");
	} while (!taken);
	for (int i = 0; leader_epoch() != 0; i++) {
		assert_true(i < 600);
		wake_up(WAKE_LEADER);
		usleep(50000);
	}
}

static void
test_a_database_that_goes_away_is_no_fault_of_what_is_read(void **state)
{
	zsock_t *w = played_worker(1, NULL, 0);
	struct wire_ack lease;

	(void)state;
	jobs(1);
	for (uint32_t i = 1; i <= STORE_UNENDED; i++) {
		lease = played_expect(w, WIRE_JOB);
		assert_int_equal(lease.attempt, i);
		assert_int_equal(database_int(db, "SELECT unended FROM job"), 1);
		lose_the_lead();
		database_until(db, "SELECT unended FROM job", "0");
		zsock_destroy(&w);
		database_run(db, "SELECT pg_advisory_unlock(7235419)");
		wake_up(WAKE_LEADER);
		w = played_worker(1, NULL, 0);
	}
	lease = played_expect(w, WIRE_JOB);
	played_end(w, lease, 0, 0, str_of(""));
	played_expect(w, WIRE_ACCEPTED);
	assert_string_equal(database_value(db, "SELECT state FROM layer"), "done");
	zsock_destroy(&w);
}

static void
test_a_worker_that_dies_before_the_database_is_counted(void **state)
{
	zsock_t *dies = played_worker(1, NULL, 0), *stays = played_worker(1, NULL, 0);
	struct wire_ack lease;

	(void)state;
	jobs(2);
	lease = played_expect(dies, WIRE_JOB);
	played_expect(stays, WIRE_JOB);
	zsock_destroy(&dies);
	database_until(db, "SELECT sum(unended) || max(last_error) FROM job", "2the worker was lost");
	lose_the_lead();
	database_until(db, "SELECT sum(unended) FROM job", "1");
	assert_int_equal(database_int(db, "SELECT id FROM job WHERE unended = 1"), lease.job);
	database_run(db, "SELECT pg_advisory_unlock(7235419)");
	zsock_destroy(&stays);
}

static void
test_a_result_that_finds_no_database_is_not_to_blame(void **state)
{
	zsock_t *w = played_worker(1, NULL, 0);
	struct wire_ack lease;

	(void)state;
	jobs(1);
	lease = played_expect(w, WIRE_JOB);
	database_run(db, "UPDATE pg_database SET datallowconn = false WHERE datname = current_database()");
	database_run(db, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name IN ('scanfarm fanout', 'scanfarm store') AND datname = current_database()");
	played_end(w, lease, 0, 0, str_of(""));
	assert_int_equal(played_expect(w, WIRE_UNKNOWN_JOB).job, lease.job);
	database_run(db, "UPDATE pg_database SET datallowconn = true WHERE datname = current_database() ");
	lease = played_expect(w, WIRE_JOB);
	assert_string_equal(database_value(db, "SELECT attempt || ' ' || unended FROM job"), "2 1");
	played_end(w, lease, 0, 0, str_of(""));
	played_expect(w, WIRE_ACCEPTED);
	zsock_destroy(&w);
}

static void
test_a_layer_whose_result_fells_the_database_is_given_up(void **state)
{
	zsock_t *w = played_worker(1, NULL, 0);
	struct wire_ack lease;

	(void)state;
	database_run(db, "CREATE FUNCTION fell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'");
	database_run(db, "CREATE TRIGGER fell BEFORE UPDATE ON layer FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION fell()");
	jobs(1);
	for (uint32_t i = 1; i <= STORE_UNENDED; i++) {
		lease = played_expect(w, WIRE_JOB);
		assert_int_equal(lease.attempt, i);
		played_end(w, lease, 0, 0, str_of(""));
		played_expect(w, WIRE_UNKNOWN_JOB);
	}
	database_until(db, "SELECT state || ' ' || left(reasons[1], 29) FROM layer", "failed given up: started 5 times, an");
	database_run(db, "DROP FUNCTION fell CASCADE");
	zsock_destroy(&w);
}

static void
test_a_job_that_is_started_in_vain_comes_to_its_end_too(void **state)
{
	zsock_t *w;

	(void)state;
	jobs(2);
	database_run(db, "UPDATE job SET attempt = 51, failures = id");
	w = played_worker(1, NULL, 0);
	database_until(db, "SELECT string_agg(state || coalesce(' ' || left(reasons[1], 26), ''), ', ' ORDER BY id) FROM layer",
	    "failed given up: started 50 times, new");
	assert_int_equal(played_expect(w, WIRE_JOB).job, 2);
	zsock_destroy(&w);
}

static int
set_up(void **state)
{
	(void)state;
	db = played_init(&co, "fanout");
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	played_done();
	return (0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_result_counts_only_from_who_holds_the_lease),
		TEST(test_above_the_ceiling_one_job_goes_on_and_the_others_wait),
		TEST(test_a_job_that_was_never_seen_to_end_is_given_up),
		TEST(test_of_the_suspects_one_at_a_time_is_under_way),
		TEST(test_a_job_does_not_wait_behind_another_while_a_worker_is_idle),
		TEST(test_a_registry_with_all_its_requests_holds_up_no_other),
		TEST(test_a_registry_that_gives_no_token_is_left_alone),
		TEST(test_workers_are_answered_while_a_result_is_stored),
		TEST(test_a_stop_in_good_order_is_no_start_without_an_end),
		TEST(test_a_database_that_goes_away_is_no_fault_of_what_is_read),
		TEST(test_a_worker_that_dies_before_the_database_is_counted),
		TEST(test_a_result_that_finds_no_database_is_not_to_blame),
		TEST(test_a_layer_whose_result_fells_the_database_is_given_up),
		TEST(test_a_job_that_is_started_in_vain_comes_to_its_end_too),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

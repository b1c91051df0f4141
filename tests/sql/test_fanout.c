/*
 * Dispatch and results with a database, and workers that this test plays: what is
 * leased to whom, what counts, and what happens above the ceilings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/digest.h"
#include "common/inventory.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/wire.h"
#include "coordinator/fanout.h"
#include "coordinator/leader.h"
#include "coordinator/store.h"
#include "coordinator/wake.h"
#include "tests/lib/database.h"

static char conninfo[600], endpoint[64], dir[] = "/tmp/scanfarm-test-fanout-XXXXXX";
static struct coordinator co = { .database = conninfo, .data_dir = dir,
	.fanout_endpoint = endpoint };
static struct db *db;
static zactor_t *zap, *leader, *fanout;

/* -------------------------------------------------------------------- a worker */

static zframe_t *body;		/* what the last message's texts point into */

static void
key(const char *name, char text[64])
{
	char *path = mem_printf("%s/curve/%s", dir, name);
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_non_null(fgets(text, 64, f));
	text[strcspn(text, "\n")] = '\0';
	fclose(f);
	free(path);
}

static void
send_message(zsock_t *s, const struct wire_message *m)
{
	zframe_t *f;
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	assert_int_equal(wire_write(&b, m), 0);
	f = zframe_new(b.p, b.n);
	assert_int_equal(zframe_send(&f, s, 0), 0);
	buf_done(&b);
}

/* The next message; a time without any fails the test. */
static struct wire_message
receive(zsock_t *s)
{
	struct wire_message m;

	zframe_destroy(&body);
	body = zframe_recv(s);
	if (body == NULL)
		fail_msg("no message from the coordinator");
	assert_int_equal(wire_read(str_n(zframe_data(body), zframe_size(body)),
	    &m, NULL), 0);
	return (m);
}

static struct wire_ack
expect(zsock_t *s, enum wire_type type)
{
	struct wire_message m = receive(s);

	assert_int_equal(m.type, type);
	return (m.u.ack);
}

static zsock_t *
dial(void)
{
	char public[64], secret[64], server[64];
	zsock_t *s = zsock_new(ZMQ_DEALER);
	uint8_t p[32], k[32];
	zcert_t *cert;

	key("worker.public", public);
	key("worker.secret", secret);
	key("coordinator.public", server);
	zmq_z85_decode(p, public);
	zmq_z85_decode(k, secret);
	cert = zcert_new_from(p, k);
	zcert_apply(cert, s);
	zcert_destroy(&cert);
	zsock_set_curve_serverkey(s, server);
	zsock_set_rcvtimeo(s, 30000);
	zsock_set_linger(s, 0);
	assert_int_equal(zsock_connect(s, "%s", endpoint), 0);
	return (s);
}

static zsock_t *
worker(uint32_t slots)
{
	struct wire_message m = { .type = WIRE_HELLO };
	zsock_t *s = dial();

	m.u.hello = (struct wire_hello) { .protocol = WIRE_PROTOCOL,
		.name = STR_LIT("played"), .version = STR_LIT("1"),
		.slots = slots };
	for (;;) {	/* until there is a leader */
		send_message(s, &m);
		if (receive(s).type == WIRE_WELCOME)
			return (s);
		usleep(50000);
	}
}

/* Everything before the answer to a heartbeat has been worked in. */
static void
heartbeat(zsock_t *s)
{
	struct wire_message m = { .type = WIRE_HEARTBEAT };

	send_message(s, &m);
}

static void
part(zsock_t *s, struct wire_ack lease, uint32_t seq, struct str bytes)
{
	struct wire_message m = { .type = WIRE_PART };

	m.u.part = (struct wire_part) { lease.job, lease.attempt, seq,
		WIRE_PART_FILE, false, bytes };
	send_message(s, &m);
}

/* DONE: ${n} parts of ${bytes} each, or a failure. */
static void
done(zsock_t *s, struct wire_ack lease, int outcome, uint32_t n,
    struct str bytes)
{
	struct wire_message m = { .type = WIRE_DONE };
	struct digest *h = digest_new();

	m.u.done = (struct wire_done) { .job = lease.job,
		.attempt = lease.attempt, .outcome = outcome, .parts = n,
		.size = 1, .tar_size = 1, .entries = 1,
		.reasons = outcome < 0 ? str_of("it says no") : str_of("") };
	for (uint32_t i = 0; i < n; i++)
		digest_add(h, bytes.p, bytes.n);
	digest_end(h, m.u.done.sha256);
	digest_free(h);
	send_message(s, &m);
}

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
	zframe_destroy(&body);
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

static void
until(const char *sql, const char *want)
{
	for (int i = 0; i < 600; i++) {
		if (strcmp(database_value(db, sql), want) == 0)
			return;
		usleep(50000);
	}
	fail_msg("%s: %s, not %s", sql, database_value(db, sql), want);
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
	zsock_t *a = worker(1), *b = worker(1), *stranger = dial();
	struct wire_ack lease;

	(void)state;
	jobs(1);
	lease = expect(a, WIRE_JOB);
	done(b, lease, 0, 0, str_of(""));
	assert_int_equal(expect(b, WIRE_UNKNOWN_JOB).job, lease.job);
	done(stranger, lease, 0, 0, str_of(""));	/* never said hello */
	expect(stranger, WIRE_NOT_LEADER);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 1);
	done(a, lease, 0, 0, str_of(""));
	assert_int_equal(expect(a, WIRE_ACCEPTED).job, lease.job);
	assert_string_equal(database_value(db, "SELECT state || analyses FROM layer"), "done1");
	/* it counts once */
	done(a, lease, 0, 0, str_of(""));
	expect(a, WIRE_UNKNOWN_JOB);
	assert_int_equal(database_int(db, "SELECT analyses FROM layer"), 1);
	zsock_destroy(&a);
	zsock_destroy(&b);
	zsock_destroy(&stranger);
}

static void
test_above_the_ceiling_one_job_goes_on_and_the_others_wait(void **state)
{
	zsock_t *w = worker(1);
	struct wire_ack one, two, got;
	struct buf b;
	struct str bytes = records(&b, 400 * KIB);

	(void)state;
	jobs(2);
	one = expect(w, WIRE_JOB);
	two = expect(w, WIRE_JOB);
	part(w, one, 0, bytes);
	assert_int_equal(expect(w, WIRE_ACK).job, one.job);
	part(w, two, 0, bytes);		/* above 600 KiB: it may */
	assert_int_equal(expect(w, WIRE_ACK).job, two.job);
	part(w, one, 1, bytes);		/* this one waits, with its DONE */
	done(w, one, 0, 2, bytes);
	heartbeat(w);
	assert_int_equal(expect(w, WIRE_ACK).job, 0);
	part(w, two, 1, bytes);
	assert_int_equal(expect(w, WIRE_ACK).job, two.job);
	done(w, two, 0, 2, bytes);
	assert_int_equal(expect(w, WIRE_ACCEPTED).job, two.job);
	got = expect(w, WIRE_RESEND);
	assert_int_equal(got.job, one.job);
	assert_int_equal(got.seq, 1);
	part(w, one, 1, bytes);
	assert_int_equal(expect(w, WIRE_ACK).seq, 1);
	done(w, one, 0, 2, bytes);
	assert_int_equal(expect(w, WIRE_ACCEPTED).job, one.job);
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
	w = worker(1);
	until("SELECT state || ' ' || left(reasons[1], 29) FROM layer", "failed given up: started 5 times, an");
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	heartbeat(w);
	assert_int_equal(expect(w, WIRE_ACK).job, 0);	/* and no JOB before it */
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
	w = worker(4);
	first = expect(w, WIRE_JOB);
	second = expect(w, WIRE_JOB);
	assert_int_equal(first.job, 1);
	assert_int_equal(second.job, 3);
	done(w, second, ERR_NOT_FOUND, 0, str_of(""));
	expect(w, WIRE_ACCEPTED);
	heartbeat(w);
	assert_int_equal(expect(w, WIRE_ACK).job, 0);
	done(w, first, ERR_NOT_FOUND, 0, str_of(""));
	expect(w, WIRE_ACCEPTED);
	third = expect(w, WIRE_JOB);
	assert_int_equal(third.job, 2);
	assert_int_equal(third.attempt, 3);
	zsock_destroy(&w);
}

static void
test_a_job_does_not_wait_behind_another_while_a_worker_is_idle(void **state)
{
	zsock_t *a = worker(1), *b;
	struct wire_ack large, small, again;

	(void)state;
	jobs(2);
	large = expect(a, WIRE_JOB);
	small = expect(a, WIRE_JOB);
	b = worker(1);
	again = expect(b, WIRE_JOB);
	assert_int_equal(again.job, small.job);
	assert_int_equal(again.attempt, small.attempt + 1);
	assert_int_equal(expect(a, WIRE_UNKNOWN_JOB).job, small.job);
	assert_string_equal(database_value(db, "SELECT unended || ' ' || failures FROM job WHERE attempt = 2"), "1 0");
	done(b, again, 0, 0, str_of(""));
	expect(b, WIRE_ACCEPTED);
	done(a, large, 0, 0, str_of(""));
	expect(a, WIRE_ACCEPTED);
	zsock_destroy(&a);
	zsock_destroy(&b);
}

static void
test_a_stop_in_good_order_is_no_start_without_an_end(void **state)
{
	zsock_t *w = worker(1);

	(void)state;
	jobs(1);
	expect(w, WIRE_JOB);
	assert_string_equal(database_value(db, "SELECT attempt || ' ' || unended FROM job"), "1 1");
	zactor_destroy(&fanout);
	assert_string_equal(database_value(db, "SELECT attempt || ' ' || unended FROM job "), "1 0");
	zsock_destroy(&w);
}

static int
set_up(void **state)
{
	struct diag d;

	(void)state;
	zsys_handler_set(NULL);
	zsys_init();
	wake_init();
	if (mkdtemp(dir) == NULL)
		return (-1);
	db = database_new("fanout", true, conninfo, sizeof(conninfo));
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/fanout", dir);
	co.results_bytes = 600 * KIB;
	database_run(db, "INSERT INTO setting VALUES ('sip_key', '0123456789abcdef')");
	if (keys_prepare(&co, &d) < 0)
		fail_msg("%s", d.text);
	zap = zactor_new(zap_actor, &co);
	leader = zactor_new(leader_actor, &co);
	return (0);
}

static int
tear_down(void **state)
{
	char *rm = mem_printf("rm -rf %s", dir);

	(void)state;
	zactor_destroy(&leader);
	zactor_destroy(&zap);
	db_close(db);
	zsys_shutdown();
	assert_int_equal(system(rm), 0);
	free(rm);
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
		TEST(test_a_stop_in_good_order_is_no_start_without_an_end),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

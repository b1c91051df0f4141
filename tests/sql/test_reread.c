/*
 * Layers that are read again since workers read better, with a database and workers
 * that this test plays: which ones, by whom, how many at once, and what stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/inventory.h"
#include "common/limits.h"
#include "coordinator/fanout.h"
#include "coordinator/wake.h"
#include "sql.h"
#include "tests/lib/database.h"
#include "tests/lib/played_worker.h"

#define LIST(...) (const struct wire_analyzer []){ __VA_ARGS__ }, \
	sizeof((const struct wire_analyzer []){ __VA_ARGS__ }) / \
	sizeof(struct wire_analyzer)
#define DPKG(revision, wants) { STR_LIT("dpkg"), revision, wants, true }
#define NPM(revision) { STR_LIT("npm"), revision, 1, true }
#define GOLANG(revision) { STR_LIT("golang"), revision, 1, false }

#define OPEN "SELECT coalesce(string_agg(layer_id || ' ' || priority || ' ' || reread, ',' ORDER BY layer_id), '') FROM job"
/* By which rise of the farm each layer was read. */
#define READ "SELECT string_agg(l.id || ' ' || s.raised, ',' ORDER BY l.id) FROM layer l JOIN analyzer_set s ON s.id = l.analyzer_set_id"
#define STORED "SELECT string_agg(kind || ' ' || revision, ',' ORDER BY layer_id, seq) FROM inventory"

static struct coordinator co = { .results_bytes = 64 * MIB };
static struct db *db;
static zactor_t *fanout;

/* ---------------------------------------------------------------------- set-up */

static int
start(void **state)
{
	(void)state;
	database_run(db, "TRUNCATE registry, image, layer, job, attempt, worker, reapply RESTART IDENTITY CASCADE");
	database_run(db, "DELETE FROM analyzer_set WHERE id <> 0");
	database_run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256, max_requests) VALUES ('one', 'http://r', 'w', '', 4)");
	database_run(db, "INSERT INTO repository (registry_id, name) VALUES (1, 'app')");
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

static void
run(const char *sql, int64_t a, const char *b, int64_t c)
{
	struct diag d;

	if (DB_QUERY(db, sql, NULL, &d, db_int(a), db_text(str_of(b)),
	    db_int(c)) < 0)
		fail_msg("%s", d.text);
}

/* All workers go: as if they had never been here. */
static void
leave(zsock_t **w)
{
	zactor_destroy(&fanout);
	zsock_destroy(w);
	fanout = zactor_new(fanout_actor, &co);
}

/* A layer of ${image} that was read as the farm reads now, with one record of
 * ${kind}; none, if that is empty. */
static void
layer(int64_t image, const char *kind, int64_t revision)
{
	static const char make_image[] = "WITH i AS (INSERT INTO image (digest, kind, state, judged_at) "
	    "SELECT decode(lpad($1, 64, '0'), 'hex'), 'image', 'applied', now() WHERE $2 || $3 <> '' "
	    "ON CONFLICT DO NOTHING RETURNING id) INSERT INTO repository_image (repository_id, image_id) SELECT 1, id FROM i";
	static const char make_layer[] = "WITH l AS (INSERT INTO layer (digest, state, analyses, analyzer_set_id) SELECT sha256(count(*)::text::bytea), "
	    "'done', 1, (SELECT id FROM analyzer_set WHERE raised IS NOT NULL ORDER BY raised DESC LIMIT 1) FROM layer RETURNING id), "
	    "v AS (INSERT INTO inventory (layer_id, seq, path, kind, revision, record) SELECT id, 1, 'p', $2, $3::integer, 'r' FROM l WHERE $2 <> '') "
	    "INSERT INTO image_layer (image_id, position, layer_id, size, media_type) SELECT $1::bigint, id, id, 1, 'x' FROM l";

	run(make_image, image, kind, revision);
	run(make_layer, image, kind, revision);
}

/* Layer ${id} gets path hashes, as for a push. */
static void
push_job(int64_t id)
{
	static const char sql[] = "INSERT INTO job (kind, layer_id, hashes) SELECT 'layer', $1::bigint, true WHERE $2 || $3 <> ''";

	run(sql, id, "", 0);
	wake_up(WAKE_FANOUT);
}

/* A result of one record, of ${kind}. */
static void
result(zsock_t *w, struct wire_ack lease, const char *kind, uint32_t revision)
{
	const struct inventory_file f = { .path = STR_LIT("etc/x"),
		.kind = str_of(kind), .revision = revision };
	struct buf b;

	buf_init(&b, LIMIT_WIRE_PART);
	assert_int_equal(inventory_file_write(&b, &f), 0);
	played_part(w, lease, 0, WIRE_PART_FILE, buf_view(&b));
	played_expect(w, WIRE_ACK);
	played_end(w, lease, 0, 1, buf_view(&b));
	played_expect(w, WIRE_ACCEPTED);
	buf_done(&b);
}

/* The next message is a job of layer ${id}. */
static struct wire_ack
expect_layer(zsock_t *w, int64_t id)
{
	static const char sql[] = "SELECT layer_id FROM job WHERE id = $1::bigint";
	struct wire_ack lease = played_expect(w, WIRE_JOB);
	struct db_result *r = NULL;
	struct diag d;

	assert_int_equal(DB_QUERY(db, sql, &r, &d,
	    db_int((int64_t)lease.job)), 0);
	assert_int_equal(db_rows(r), 1);
	assert_int_equal(db_col_int(r, 0, 0), id);
	db_free(r);
	return (lease);
}

/* ---------------------------------------------------------------- which layers */

static void
test_layers_with_a_record_of_a_raised_kind_and_no_others(void **state)
{
	zsock_t *old = played_worker(1, LIST(DPKG(3, 1), NPM(1), GOLANG(1))), *new;
	struct wire_ack lease;

	(void)state;
	layer(1, "dpkg", 3);
	layer(1, "npm", 1);
	layer(1, "", 0);
	new = played_worker(1, LIST(DPKG(4, 1), NPM(1), GOLANG(1)));
	lease = expect_layer(new, 1);
	database_until(db, READ, "1 1,2 2,3 2");
	assert_string_equal(database_value(db, OPEN), "1 20 true");
	played_silent(old);
	result(new, lease, "dpkg", 4);
	assert_string_equal(database_value(db, READ), "1 2,2 2,3 2");
	assert_string_equal(database_value(db, STORED), "dpkg 4,npm 1");
	assert_string_equal(database_value(db, OPEN), "");
	assert_int_equal(database_int(db, "SELECT analyses FROM layer WHERE id = 1"), 2);
	zsock_destroy(&old);
	zsock_destroy(&new);
}

/* All layers, when ${list} joins a farm that read by dpkg 3 and golang 1. */
static void
all_are_read_again_by(const struct wire_analyzer *list, uint32_t n)
{
	zsock_t *old = played_worker(1, LIST(DPKG(3, 1), GOLANG(1))), *new;

	layer(1, "dpkg", 3);
	layer(1, "", 0);
	new = played_worker(1, list, n);
	database_until(db, OPEN, "1 20 true,2 20 true");
	zsock_destroy(&old);
	zsock_destroy(&new);
}

static void
test_all_layers_when_other_files_are_wanted(void **state)
{
	(void)state;
	all_are_read_again_by(LIST(DPKG(3, 2), GOLANG(1)));
}

static void
test_all_layers_when_a_kind_is_new(void **state)
{
	(void)state;
	all_are_read_again_by(LIST(DPKG(3, 1), GOLANG(1), NPM(1)));
}

static void
test_all_layers_when_what_was_not_found_left_no_record(void **state)
{
	(void)state;
	all_are_read_again_by(LIST(DPKG(3, 1), GOLANG(2)));
}

static void
test_layers_of_a_kind_that_is_no_more(void **state)
{
	zsock_t *old = played_worker(1, LIST(DPKG(3, 1), NPM(1), GOLANG(1))), *new;

	(void)state;
	layer(1, "dpkg", 3);
	layer(1, "npm", 1);
	layer(1, "rpm", 1);
	new = played_worker(1, LIST(DPKG(4, 1), GOLANG(1)));
	/* a worker that lacks a kind reads worse: its packages would be gone */
	played_silent(new);
	assert_string_equal(database_value(db, OPEN), "");
	assert_string_equal(database_value(db, READ), "1 1,2 1,3 1");
	/* unless the kind was given up, which a migration says */
	database_run(db, "DELETE FROM analyzer WHERE kind = 'npm'");
	zsock_destroy(&new);
	new = played_worker(1, LIST(DPKG(4, 1), GOLANG(1)));
	database_until(db, OPEN, "1 20 true,2 20 true,3 20 true");
	zsock_destroy(&old);
	zsock_destroy(&new);
}

/* An administrator takes a rise back: the farm reads again by what it had. */
static void
test_a_rise_that_is_taken_back(void **state)
{
	static const char back[] = "UPDATE analyzer_set SET raised = NULL WHERE raised = (SELECT max(raised) FROM analyzer_set)";
	zsock_t *good = played_worker(1, LIST(DPKG(3, 1), NPM(1))), *bad;

	(void)state;
	layer(1, "dpkg", 3);
	bad = played_worker(1, LIST(DPKG(4, 1), NPM(1)));
	result(bad, expect_layer(bad, 1), "dpkg", 4);
	assert_string_equal(database_value(db, STORED), "dpkg 4");
	zsock_destroy(&bad);
	database_run(db, back);
	/* no worker says hello for it: the farm looks by itself */
	result(good, expect_layer(good, 1), "dpkg", 3);
	assert_string_equal(database_value(db, STORED), "dpkg 3");
	assert_string_equal(database_value(db, READ), "1 1");
	zsock_destroy(&good);
}

static void
test_layers_of_which_nobody_knows_what_read_them(void **state)
{
	zsock_t *w;

	(void)state;
	layer(1, "dpkg", 4);
	layer(1, "", 0);
	/* never read: for these there are jobs of their own */
	database_run(db, "INSERT INTO layer (digest, state) VALUES ('x', 'new'), ('y', 'failed')");
	w = played_worker(1, LIST(DPKG(4, 1)));
	database_until(db, OPEN, "1 20 true,2 20 true");
	zsock_destroy(&w);
}

/* ------------------------------------------------------------------- by whom */

static void
test_lists_that_are_each_better_in_something_do_not_take_turns(void **state)
{
	static const char farm[] = "SELECT max(raised) || ' ' || count(*) FROM analyzer_set";
	zsock_t *a = played_worker(1, LIST(DPKG(2, 1), NPM(1))), *b, *c;

	(void)state;
	assert_string_equal(database_value(db, farm), "1 2");
	b = played_worker(1, LIST(DPKG(1, 1), NPM(2)));
	assert_string_equal(database_value(db, farm), "1 3");
	c = played_worker(1, LIST(DPKG(2, 1), NPM(2)));
	assert_string_equal(database_value(db, farm), "2 4");
	zsock_destroy(&a);
	zsock_destroy(&b);
	a = played_worker(1, LIST(DPKG(2, 1), NPM(1)));
	b = played_worker(1, LIST(DPKG(1, 1), NPM(2)));
	assert_string_equal(database_value(db, farm), "2 4");
	zsock_destroy(&a);
	zsock_destroy(&b);
	zsock_destroy(&c);
}

static void
test_a_farm_of_old_workers_reads_nothing_again(void **state)
{
	zsock_t *old = played_worker(1, LIST(DPKG(3, 1))), *new;

	(void)state;
	layer(1, "dpkg", 3);
	new = played_worker(1, LIST(DPKG(4, 1)));
	expect_layer(new, 1);
	zsock_destroy(&new);	/* in the middle of it */
	database_until(db, "SELECT outcome FROM attempt", "temporary");
	database_run(db, "UPDATE job SET not_before = now()");
	wake_up(WAKE_FANOUT);
	played_silent(old);
	played_silent(old);
	assert_string_equal(database_value(db, OPEN), "1 20 true");
	assert_string_equal(database_value(db, STORED), "dpkg 3");
	/* what is pushed does not wait for a better one */
	push_job(database_int(db, "INSERT INTO layer (digest) VALUES ('new') RETURNING id"));
	result(old, expect_layer(old, 2), "dpkg", 3);
	assert_string_equal(database_value(db, READ), "1 1,2 1");
	new = played_worker(1, LIST(DPKG(4, 1)));
	result(new, expect_layer(new, 1), "dpkg", 4);
	/* and is looked at in its turn */
	database_run(db, "UPDATE layer SET reread_at = NULL");
	result(new, expect_layer(new, 2), "dpkg", 4);
	assert_string_equal(database_value(db, READ), "1 2,2 2");
	assert_string_equal(database_value(db, STORED), "dpkg 4,dpkg 4");
	played_silent(old);
	zsock_destroy(&old);
	zsock_destroy(&new);
}

static void
test_what_a_better_worker_read_stays_and_gets_its_path_hashes(void **state)
{
	zsock_t *new = played_worker(1, LIST(DPKG(4, 1))), *old;
	struct wire_ack lease;

	(void)state;
	layer(1, "dpkg", 4);
	zsock_destroy(&new);
	old = played_worker(1, LIST(DPKG(3, 1)));
	push_job(1);
	lease = expect_layer(old, 1);
	result(old, lease, "dpkg", 3);
	assert_string_equal(database_value(db, STORED), "dpkg 4");
	assert_string_equal(database_value(db, READ), "1 1");
	assert_string_equal(database_value(db, "SELECT hashed || ' ' || dirty FROM layer, image"), "true true");
	zsock_destroy(&old);
}

static void
test_what_only_the_worse_worker_could_not_read_counts_until_it_is_read_again(void **state)
{
	zsock_t *new = played_worker(1, LIST(DPKG(3, 1)));
	struct str reasons[] = { STR_LIT("both"), STR_LIT("only it") };
	struct diag d;

	(void)state;
	leave(&new);
	new = played_worker(1, LIST(DPKG(4, 1)));
	layer(1, "dpkg", 3);
	database_run(db, "UPDATE layer SET state = 'incomplete', reasons = '{both}'");
	assert_int_equal(DB_QUERY(db, sql_layer_hashed, NULL, &d, db_int(1), db_texts(reasons, 1),
	    db_int(database_int(db, "SELECT id FROM analyzer_set WHERE raised = 1"))), 0);
	assert_string_equal(database_value(db, READ), "1 2");
	assert_int_equal(DB_QUERY(db, sql_layer_hashed, NULL, &d, db_int(1), db_texts(reasons, 2),
	    db_int(database_int(db, "SELECT id FROM analyzer_set WHERE raised = 1"))), 0);
	assert_string_equal(database_value(db, "SELECT state || ' ' || array_to_string(reasons, ',') || ' ' || hashed FROM layer"), "incomplete both,only it true");
	assert_string_equal(database_value(db, READ), "1 1");
	result(new, expect_layer(new, 1), "dpkg", 4);
	assert_string_equal(database_value(db, "SELECT state || array_to_string(reasons, ',') FROM layer"), "done");
	zsock_destroy(&new);
}

static void
test_a_worker_that_does_not_say_how_it_reads_is_the_worst(void **state)
{
	zsock_t *new = played_worker(1, LIST(DPKG(4, 1))), *old = played_worker(1, NULL, 0);

	(void)state;
	zsock_destroy(&new);
	database_until(db, "SELECT count(*) FROM worker WHERE last_seen > now() - interval '1 s'", "1");
	database_run(db, "INSERT INTO layer (digest) VALUES ('new')");
	push_job(1);
	result(old, expect_layer(old, 1), "dpkg", 4);
	assert_string_equal(database_value(db, READ), "1 0");
	new = played_worker(1, LIST(DPKG(4, 1)));
	result(new, expect_layer(new, 1), "dpkg", 4);
	assert_string_equal(database_value(db, READ), "1 1");
	zsock_destroy(&old);
	zsock_destroy(&new);
}

/* ------------------------------------------------------- who comes first */

static void
test_half_of_the_slots_are_kept_and_a_push_goes_first(void **state)
{
	zsock_t *w = played_worker(4, LIST(DPKG(3, 1)));

	(void)state;
	for (int i = 0; i < 6; i++)
		layer(1, "dpkg", 3);
	leave(&w);
	w = played_worker(4, LIST(DPKG(4, 1)));
	expect_layer(w, 1);
	expect_layer(w, 2);
	played_silent(w);
	push_job(database_int(db, "INSERT INTO layer (digest) VALUES ('new') RETURNING id"));
	expect_layer(w, 7);
	push_job(database_int(db, "INSERT INTO layer (digest) VALUES ('newer') RETURNING id "));
	expect_layer(w, 8);
	played_silent(w);
	zsock_destroy(&w);
}

static void
test_what_is_in_the_way_is_called_back_twice_at_most(void **state)
{
	zsock_t *w = played_worker(1, LIST(DPKG(3, 1)));
	struct wire_ack again, push;

	(void)state;
	layer(1, "dpkg", 3);
	layer(1, "", 0);
	leave(&w);
	w = played_worker(1, LIST(DPKG(4, 1)));
	for (uint32_t i = 1; i <= 2; i++) {
		again = expect_layer(w, 1);
		assert_int_equal(again.attempt, i);
		push_job(2);
		push = expect_layer(w, 2);
		assert_int_equal(played_expect(w, WIRE_UNKNOWN_JOB).job, again.job);
		assert_int_equal(database_int(db, "SELECT unended FROM job WHERE reread"), 0);
		result(w, push, "dpkg", 4);
	}
	again = expect_layer(w, 1);
	assert_int_equal(again.attempt, 3);
	push_job(2);
	push = expect_layer(w, 2);
	played_silent(w);
	result(w, again, "dpkg", 4);
	result(w, push, "dpkg", 4);
	zsock_destroy(&w);
}

static void
test_who_wants_its_path_hashes_does_not_wait_for_a_better_worker(void **state)
{
	zsock_t *old = played_worker(1, LIST(DPKG(3, 1))), *new;
	struct diag d;

	(void)state;
	layer(1, "dpkg", 3);
	new = played_worker(1, LIST(DPKG(4, 1)));
	expect_layer(new, 1);
	zsock_destroy(&new);
	database_until(db, "SELECT outcome FROM attempt ", "temporary");
	/* an image with this layer on another one */
	assert_int_equal(DB_QUERY(db, sql_layer_jobs, NULL, &d, db_int(1), db_int(0)), 0);
	wake_up(WAKE_FANOUT);
	result(old, expect_layer(old, 1), "dpkg", 3);
	assert_string_equal(database_value(db, "SELECT hashed || ' ' || state FROM layer"), "true done");
	new = played_worker(1, LIST(DPKG(4, 1)));
	result(new, expect_layer(new, 1), "dpkg", 4);
	assert_string_equal(database_value(db, "SELECT hashed || ' ' || state FROM layer "), "true done");
	zsock_destroy(&old);
	zsock_destroy(&new);
}

static void
test_of_a_thousand_layers_some_hundred_are_open_at_once(void **state)
{
	zsock_t *w = played_worker(2, LIST(DPKG(3, 1)));

	(void)state;
	database_run(db, "INSERT INTO image (digest, kind, state) VALUES ('i', 'image', 'applied')");
	database_run(db, "INSERT INTO layer (digest, state, analyzer_set_id) SELECT n::text::bytea, 'done', s.id "
	    "FROM generate_series(1, 1000) n, analyzer_set s WHERE s.raised = 1");
	database_run(db, "INSERT INTO inventory (layer_id, seq, path, kind, revision, record) SELECT id, 1, '', 'dpkg', 3, '' FROM layer");
	leave(&w);
	w = played_worker(2, LIST(DPKG(4, 1)));
	for (int64_t i = 1; i <= 200; i++)
		result(w, played_expect(w, WIRE_JOB), "dpkg", 4);
	database_until(db, "SELECT count(*) BETWEEN 129 AND 256 FROM job", "t");
	assert_string_equal(database_value(db, "SELECT priority || ' ' || waiting FROM dashboard.queue WHERE kind = 'reread'"), "re-read 800");
	assert_int_equal(database_int(db, "SELECT count(*) FROM layer WHERE analyses > 1"), 0);
	zsock_destroy(&w);
}

/* ------------------------------------------------------------- what stays */

static const char layer_is[] = "SELECT state || ' ' || reread_error || ' ' || coalesce(round(extract(epoch FROM reread_at - now()) / 3600)::text, 'never') "
    "|| ' ' || (SELECT count(*) FROM job) || ' ' || (SELECT count(*) FROM image WHERE dirty OR state <> 'applied') FROM layer WHERE id = 1";

static void
test_a_layer_that_no_registry_has_any_more_stays_as_it_is(void **state)
{
	zsock_t *w = played_worker(1, LIST(DPKG(3, 1)));

	(void)state;
	layer(1, "dpkg", 3);
	leave(&w);
	w = played_worker(1, LIST(DPKG(4, 1)));
	played_end(w, expect_layer(w, 1), ERR_NOT_FOUND, 0, str_of(""));
	played_expect(w, WIRE_ACCEPTED);
	assert_string_equal(database_value(db, layer_is), "done it says no never 0 0");
	assert_string_equal(database_value(db, STORED), "dpkg 3");
	/* nobody asks for it again, before there is a better one still */
	database_run(db, "UPDATE analyzer_set SET digest = digest");
	leave(&w);
	w = played_worker(1, LIST(DPKG(4, 1)));
	played_silent(w);
	leave(&w);
	w = played_worker(1, LIST(DPKG(5, 1)));
	result(w, expect_layer(w, 1), "dpkg", 5);
	assert_string_equal(database_value(db, layer_is), "done  never 0 0");
	zsock_destroy(&w);
}

static void
test_a_layer_that_fells_its_workers_stays_as_it_is(void **state)
{
	zsock_t *w = played_worker(1, LIST(DPKG(3, 1)));

	(void)state;
	layer(1, "dpkg", 3);
	leave(&w);
	w = played_worker(1, LIST(DPKG(4, 1)));
	expect_layer(w, 1);
	database_run(db, "UPDATE job SET unended = 5");
	leave(&w);
	database_run(db, "UPDATE job SET unended = 5");
	w = played_worker(1, LIST(DPKG(4, 1)));
	database_until(db, "SELECT count(*) FROM job", "0");
	assert_string_equal(database_value(db, "SELECT state || ' ' || left(reread_error, 16) || (reread_at IS NULL) FROM layer"), "done given up: startetrue");
	assert_string_equal(database_value(db, STORED), "dpkg 3");
	played_silent(w);
	zsock_destroy(&w);
}

static void
test_a_registry_that_is_away_is_asked_again_tomorrow(void **state)
{
	zsock_t *w = played_worker(1, LIST(DPKG(3, 1)));
	struct wire_ack lease;

	(void)state;
	layer(1, "dpkg", 3);
	leave(&w);
	w = played_worker(1, LIST(DPKG(4, 1)));
	for (uint32_t i = 1; i <= 5; i++) {
		lease = expect_layer(w, 1);
		assert_int_equal(lease.attempt, i);
		played_end(w, lease, ERR_TEMPORARY, 0, str_of(""));
		played_expect(w, WIRE_ACCEPTED);
		database_run(db, "UPDATE job SET not_before = now()");
		wake_up(WAKE_FANOUT);
	}
	assert_string_equal(database_value(db, layer_is), "done it says no 24 0 0");
	database_run(db, "UPDATE layer SET reread_at = now()");
	result(w, expect_layer(w, 1), "dpkg", 4);
	assert_string_equal(database_value(db, layer_is), "done  never 0 0");
	zsock_destroy(&w);
}

static void
test_images_wait_for_the_matcher_if_something_else_was_found(void **state)
{
	zsock_t *w = played_worker(1, LIST(DPKG(3, 1)));

	(void)state;
	layer(1, "dpkg", 3);
	leave(&w);
	w = played_worker(1, LIST(DPKG(4, 1)));
	result(w, expect_layer(w, 1), "dpkg", 4);
	/* what was found before nobody knows */
	assert_string_equal(database_value(db, "SELECT layer_id || ' ' || image_id FROM reapply"), "1 0");
	database_run(db, "DELETE FROM reapply");
	leave(&w);
	w = played_worker(1, LIST(DPKG(5, 1)));
	result(w, expect_layer(w, 1), "dpkg", 5);	/* the same but for the revision */
	assert_int_equal(database_int(db, "SELECT count(*) FROM reapply"), 0);
	leave(&w);
	w = played_worker(1, LIST(DPKG(6, 1)));
	result(w, expect_layer(w, 1), "apk", 1);
	assert_int_equal(database_int(db, "SELECT count(*) FROM reapply "), 1);
	assert_int_equal(database_int(db, "SELECT count(*) FROM image WHERE dirty"), 0);
	zsock_destroy(&w);
}

static void
test_a_coordinator_that_ends_loses_nothing(void **state)
{
	zsock_t *w = played_worker(1, LIST(DPKG(3, 1)));

	(void)state;
	layer(1, "dpkg", 3);
	layer(1, "dpkg", 3);
	leave(&w);
	w = played_worker(1, LIST(DPKG(4, 1)));
	expect_layer(w, 1);
	zactor_destroy(&fanout);
	zsock_destroy(&w);
	assert_string_equal(database_value(db, STORED), "dpkg 3,dpkg 3");
	fanout = zactor_new(fanout_actor, &co);
	w = played_worker(1, LIST(DPKG(4, 1)));
	result(w, expect_layer(w, 1), "dpkg", 4);
	result(w, expect_layer(w, 2), "dpkg", 4);
	assert_string_equal(database_value(db, READ), "1 2,2 2");
	zsock_destroy(&w);
}

static int
set_up(void **state)
{
	(void)state;
	db = played_init(&co, "reread");
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
		TEST(test_layers_with_a_record_of_a_raised_kind_and_no_others),
		TEST(test_all_layers_when_other_files_are_wanted),
		TEST(test_all_layers_when_a_kind_is_new),
		TEST(test_all_layers_when_what_was_not_found_left_no_record),
		TEST(test_layers_of_a_kind_that_is_no_more),
		TEST(test_a_rise_that_is_taken_back),
		TEST(test_layers_of_which_nobody_knows_what_read_them),
		TEST(test_lists_that_are_each_better_in_something_do_not_take_turns),
		TEST(test_a_farm_of_old_workers_reads_nothing_again),
		TEST(test_what_a_better_worker_read_stays_and_gets_its_path_hashes),
		TEST(test_what_only_the_worse_worker_could_not_read_counts_until_it_is_read_again),
		TEST(test_a_worker_that_does_not_say_how_it_reads_is_the_worst),
		TEST(test_half_of_the_slots_are_kept_and_a_push_goes_first),
		TEST(test_what_is_in_the_way_is_called_back_twice_at_most),
		TEST(test_who_wants_its_path_hashes_does_not_wait_for_a_better_worker),
		TEST(test_of_a_thousand_layers_some_hundred_are_open_at_once),
		TEST(test_a_layer_that_fells_its_workers_stays_as_it_is),
		TEST(test_a_layer_that_no_registry_has_any_more_stays_as_it_is),
		TEST(test_a_registry_that_is_away_is_asked_again_tomorrow),
		TEST(test_images_wait_for_the_matcher_if_something_else_was_found),
		TEST(test_a_coordinator_that_ends_loses_nothing),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

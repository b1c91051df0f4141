/*
 * The life of a job in rows: what a resolved document makes, what a layer's
 * result ends, what each failure leaves, and what is dispatched next.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/digest.h"
#include "common/inventory.h"
#include "common/limits.h"
#include "coordinator/store.h"
#include "sql.h"
#include "tests/lib/database.h"

static struct db *db;

static int
set_up(void **state)
{
	(void)state;
	db = database_new("jobs", true);
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	db_close(db);
	return (0);
}

/* Each test has the farm to itself: one registry with two repositories. */
static int
empty_farm(void **state)
{
	(void)state;
	database_run(db, "TRUNCATE registry, image, layer, job, attempt, tag_error RESTART IDENTITY CASCADE ");
	database_run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256) VALUES ('one', 'http://r', 'w', '') ");
	database_run(db, "INSERT INTO repository (registry_id, name) VALUES (1, 'app'), (1, 'other') ");
	return (0);
}

/* "sha256:nn..." of one byte, from a few rotating buffers. */
static struct str
digest_text(uint8_t seed)
{
	static char text[16][DIGEST_TEXT];
	static size_t next;
	char *to = text[next++ % 16];
	uint8_t raw[DIGEST_BYTES];

	memset(raw, seed, sizeof(raw));
	digest_format(raw, to);
	return (str_of(to));
}

/* The one job of this target, as fan-out would hold it. */
static struct store_job
job_of(const char *where)
{
	struct store_job j = { .worker = "w", .target = "t", .registry_id = 1 };
	struct db_result *r = NULL;
	/* statements are known by their address: one each, and they stay */
	static char kept[32][400];
	char sql[400];
	struct diag d;
	size_t i = 0;

	snprintf(sql, sizeof(sql), "SELECT id, kind = 'layer', layer_id, "
	    "image_id, repository_id, coalesce(tag, ''), hashes, priority, "
	    "attempt + 1, unended, asked, failures FROM job WHERE %s", where);
	while (kept[i][0] != '\0' && strcmp(kept[i], sql) != 0)
		assert_true(++i < 32);
	memcpy(kept[i], sql, sizeof(sql));
	assert_int_equal(db_query0(db, kept[i], &r, &d), 0);
	if (db_rows(r) != 1)
		fail_msg("%zu jobs %s", db_rows(r), where);
	j.id = db_col_int(r, 0, 0);
	j.layer_job = db_col_bool(r, 0, 1);
	j.layer_id = db_col_int(r, 0, 2);
	j.image_id = db_col_int(r, 0, 3);
	j.repository_id = db_col_int(r, 0, 4);
	snprintf(j.tag, sizeof(j.tag), "%.*s", STR_ARG(db_col(r, 0, 5)));
	j.hashes = db_col_bool(r, 0, 6);
	j.priority = (int)db_col_int(r, 0, 7);
	j.attempt = (uint32_t)db_col_int(r, 0, 8);
	j.unended = (uint32_t)db_col_int(r, 0, 9);
	j.asked = db_col_int(r, 0, 10);
	j.failures = (uint32_t)db_col_int(r, 0, 11);
	db_free(r);
	return (j);
}

static int
store(const struct store_job *j, const struct wire_document *w, struct diag *d)
{
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_TREE_BYTES);
	assert_int_equal(wire_document_write(&b, w), 0);
	assert_int_equal(db_begin(db, d), 0);
	if ((rc = store_document(db, j, buf_view(&b), d)) == 0)
		rc = db_commit(db, d);
	db_rollback(db);
	buf_done(&b);
	return (rc);
}

static void
ask_tag(int64_t repository, const char *tag)
{
	struct diag d;

	assert_int_equal(DB_QUERY(db, sql_job_resolve_tag, NULL, &d,
	    db_int(repository), db_text(str_of(tag)), db_int(0)), 0);
}

/* An image of ${n} layers, digests of bytes 100, 101, ... */
static struct wire_document
image(uint8_t seed, struct wire_layer *layers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		layers[i] = (struct wire_layer) { digest_text(100 + (uint8_t)i),
			STR_LIT("application/vnd.oci.image.layer.v1.tar+gzip"),
			STR_LIT(""), STR_LIT("RUN \xff"), 10, STR_LIT("") };
	return ((struct wire_document) { .kind = STR_LIT("image"),
	    .digest = digest_text(seed), .size = 7, .os = STR_LIT("linux"),
	    .architecture = STR_LIT("amd64"), .layers = layers, .nlayers = n });
}

/* Resolve tag ${tag} of ${repository} to an image of ${n} layers. */
static void
push(int64_t repository, const char *tag, uint8_t seed, size_t n)
{
	struct wire_layer layers[4];
	struct wire_document w = image(seed, layers, n);
	struct store_job j;
	struct diag d;

	ask_tag(repository, tag);
	j = job_of("kind = 'resolve'");
	if (store(&j, &w, &d) < 0)
		fail_msg("%s", d.text);
}

/* The result of a layer job: one file, no packages. */
static void
finish(const char *where, const char *reasons)
{
	struct store_job j = job_of(where);
	struct inventory_file f = { .path = STR_LIT("etc/\xff"),
		.kind = STR_LIT("dpkg"), .revision = 1 };
	struct wire_done done = { .size = 10, .tar_size = 20, .entries = 1,
		.reasons = str_of(reasons) };
	struct buf b;
	struct diag d;

	buf_init(&b, LIMIT_INVENTORY_BYTES);
	assert_int_equal(inventory_file_write(&b, &f), 0);
	assert_int_equal(db_begin(db, &d), 0);
	if (store_layer(db, &j, &done, buf_view(&b), str_of(""), &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(db_commit(db, &d), 0);
	buf_done(&b);
}

static void
lose(struct store_job *j, int code, const char *reason, uint32_t retry_after_s)
{
	struct diag d;

	assert_int_equal(db_begin(db, &d), 0);
	assert_int_equal(store_failure(db, j, code, str_of(reason),
	    retry_after_s, &d), 0);
	assert_int_equal(db_commit(db, &d), 0);
}

static void
test_a_document_makes_layers_and_one_job_each(void **state)
{
	static const char jobs[] = "SELECT string_agg(layer_id || ' ' || hashes, ',' ORDER BY layer_id) FROM job";

	(void)state;
	push(1, "1", 1, 3);
	assert_string_equal(database_value(db, jobs), "1 false,2 true,3 true");
	assert_string_equal(database_value(db, "SELECT string_agg(position || ' ' || layer_id, ',' ORDER BY position) FROM image_layer"),
	    "0 1,1 2,2 3");
	assert_string_equal(database_value(db, "SELECT kind || ' ' || state || ' ' || dirty || ' ' || architecture FROM image"),
	    "image resolved false amd64");
	assert_int_equal(database_int(db, "SELECT count(*) FROM tag_history WHERE tag = '1' AND gone_at IS NULL"), 1);
	assert_int_equal(database_int(db, "SELECT count(*) FROM repository_image"), 1);
	/* the same base under another name asks for nothing */
	push(2, "1", 2, 3);
	assert_int_equal(database_int(db, "SELECT count(*) FROM layer"), 3);
	assert_string_equal(database_value(db, jobs), "1 false,2 true,3 true");
}

static void
test_an_image_is_applied_when_its_last_layer_is_known(void **state)
{
	(void)state;
	push(1, "1", 1, 2);
	finish("layer_id = 1", "");
	assert_string_equal(database_value(db, "SELECT dirty FROM image"), "f");
	finish("layer_id = 2", "cut at 5 bytes\nand more");
	assert_string_equal(database_value(db, "SELECT dirty FROM image "), "t");
	assert_string_equal(database_value(db, "SELECT string_agg(state || analyses || hashed || cardinality(reasons), ',' ORDER BY id) FROM layer"),
	    "done1false0,incomplete1true2");
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM inventory"), 2);
	/* a new name for known layers needs no worker at all */
	push(2, "1", 3, 2);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job "), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM image WHERE dirty"), 2);
}

static void
test_a_base_seen_higher_up_is_read_for_hashes_and_its_result_stands(void **state)
{
	struct wire_layer layers[2];
	struct wire_document w = image(5, layers, 2);
	struct store_job j;
	struct diag d;

	(void)state;
	push(1, "1", 1, 1);
	finish("layer_id = 1", "");
	/* layer 1 above a new one */
	layers[0].digest = digest_text(200);
	layers[1].digest = digest_text(100);
	ask_tag(1, "2");
	j = job_of("kind = 'resolve'");
	assert_int_equal(store(&j, &w, &d), 0);
	assert_string_equal(database_value(db, "SELECT string_agg(layer_id || ' ' || hashes, ',' ORDER BY layer_id) FROM job"),
	    "1 true,2 false");
	assert_string_equal(database_value(db, "SELECT state FROM layer WHERE id = 1"), "done");
	finish("layer_id = 1", "");
	assert_string_equal(database_value(db, "SELECT hashed::text || analyses FROM layer WHERE id = 1"), "true2");
	assert_int_equal(database_int(db, "SELECT count(*) FROM inventory WHERE layer_id = 1"), 1);
}

static void
test_a_layer_that_cannot_be_read_fails_with_its_reason_at_once(void **state)
{
	struct wire_layer layers[1];
	struct wire_document w = image(1, layers, 1);
	struct store_job j;
	struct diag d;

	(void)state;
	layers[0].media_type = str_of("application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
	layers[0].skip = str_of("encrypted");
	ask_tag(1, "1");
	j = job_of("true");
	assert_int_equal(store(&j, &w, &d), 0);
	assert_string_equal(database_value(db, "SELECT state || reasons[1] FROM layer"), "failedencrypted");
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	assert_string_equal(database_value(db, "SELECT dirty FROM image"), "t");
}

static void
test_an_index_resolves_its_children_but_no_attestations(void **state)
{
	struct wire_child children[] = {
		{ .digest = digest_text(11), .architecture = STR_LIT("amd64"), .os = STR_LIT("linux") },
		{ .digest = digest_text(12), .architecture = STR_LIT("arm64"), .os = STR_LIT("linux") },
		{ .digest = digest_text(13), .attestation = true },
		{ .digest = digest_text(11), .os = STR_LIT("linux") },
	};
	struct wire_document w = { .kind = STR_LIT("index"),
		.digest = digest_text(10), .children = children, .nchildren = 4 };
	struct store_job j;
	struct diag d;

	(void)state;
	ask_tag(1, "1");
	j = job_of("true");
	if (store(&j, &w, &d) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 2);
	assert_int_equal(database_int(db, "SELECT count(*) FROM index_child"), 4);
	assert_string_equal(database_value(db, "SELECT string_agg(state || depth, ',' ORDER BY digest) FROM image"),
	    "resolved0,new1,new1,not_applicable1");
	assert_int_equal(database_int(db, "SELECT count(*) FROM repository_image WHERE repository_id = 1"), 4);
	/* nobody judged it yet; then one platform fails, and so does the index */
	assert_string_equal(database_value(db, "SELECT coalesce(verdict, 'none') FROM dashboard.image WHERE kind = 'index'"), "none");
	database_run(db, "UPDATE image SET state = 'applied' WHERE digest IN (SELECT digest FROM image WHERE state = 'new') ");
	database_run(db, "INSERT INTO image_state (digest, sets) VALUES ('a', '{}'), ('b', '{}') ");
	database_run(db, "UPDATE image i SET image_state_id = s.id FROM image_state s WHERE s.digest = 'a' AND i.architecture = '' AND i.depth = 1 AND i.state = 'applied' AND i.id = (SELECT min(id) FROM image WHERE state = 'applied') ");
	database_run(db, "INSERT INTO verdict (image_state_id, scope, verdict) SELECT id, '', 'pass' FROM image_state WHERE digest = 'a' ");
	assert_string_equal(database_value(db, "SELECT coalesce(verdict, 'none') FROM dashboard.image WHERE kind = 'index' "), "none");
	database_run(db, "UPDATE image SET image_state_id = (SELECT id FROM image_state WHERE digest = 'b') WHERE state = 'applied' AND image_state_id IS NULL ");
	database_run(db, "INSERT INTO verdict (image_state_id, scope, verdict) SELECT id, '', 'unknown' FROM image_state WHERE digest = 'b' ");
	assert_string_equal(database_value(db, "SELECT verdict FROM dashboard.image WHERE kind = 'index'"), "unknown");
	database_run(db, "UPDATE verdict SET verdict = 'fail' WHERE verdict = 'unknown' ");
	assert_string_equal(database_value(db, "SELECT verdict FROM dashboard.image WHERE kind = 'index'  "), "fail");
	assert_int_equal(database_int(db, "SELECT count(*) FROM dashboard.image WHERE reference = 'one/app:1'"), 3);
}

static void
test_another_repository_of_a_known_index_holds_its_platforms(void **state)
{
	struct wire_child child = { .digest = digest_text(11) };
	struct wire_document w = { .kind = STR_LIT("index"),
		.digest = digest_text(10), .children = &child, .nchildren = 1 };
	struct store_job j;
	struct diag d;

	(void)state;
	for (int repository = 1; repository <= 2; repository++) {
		ask_tag(repository, "1");
		j = job_of("tag IS NOT NULL");
		assert_int_equal(store(&j, &w, &d), 0);
	}
	assert_string_equal(database_value(db, "SELECT string_agg(reference, ',' ORDER BY reference) FROM dashboard.reference WHERE by_index"),
	    "one/app:1,one/other:1");
}

static void *
make_image(void *arg)
{
	static const uint8_t raw[DIGEST_BYTES] = { 7 };
	int64_t *id = arg;
	struct db *c = NULL;
	struct diag d;

	if (db_open(database_conninfo, "second", &c, &d) < 0 ||
	    store_image(c, str_n(raw, sizeof(raw)), id, &d) < 0)
		*id = -1;
	db_close(c);
	return (NULL);
}

/* An index names it while its own push is worked in. */
static void
test_an_image_that_two_make_at_a_time_is_one(void **state)
{
	static const uint8_t raw[DIGEST_BYTES] = { 7 };
	int64_t first = 0, second = 0;
	struct db *c = NULL;
	pthread_t t;
	struct diag d;

	(void)state;
	assert_int_equal(db_open(database_conninfo, "first", &c, &d), 0);
	assert_int_equal(db_begin(c, &d), 0);
	assert_int_equal(store_image(c, str_n(raw, sizeof(raw)), &first, &d), 0);
	assert_int_equal(pthread_create(&t, NULL, make_image, &second), 0);
	database_until(db, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'second' AND wait_event_type = 'Lock'", "1");
	assert_int_equal(db_commit(c, &d), 0);
	pthread_join(t, NULL);
	assert_int_equal(second, first);
	db_close(c);
}

/* A platform that was removed, and comes back with another index. */
static void
test_a_new_index_brings_back_its_platforms(void **state)
{
	struct wire_child child = { .digest = digest_text(11) };
	struct wire_document w = { .kind = STR_LIT("index"),
		.digest = digest_text(10), .children = &child, .nchildren = 1 };
	struct store_job j;
	struct diag d;

	(void)state;
	ask_tag(1, "1");
	j = job_of("tag IS NOT NULL");
	assert_int_equal(store(&j, &w, &d), 0);
	database_run(db, "UPDATE repository_image SET gone_at = now()");
	database_run(db, "UPDATE tag_history SET gone_at = now()");
	w.digest = digest_text(12);
	ask_tag(1, "2");
	j = job_of("tag IS NOT NULL");
	assert_int_equal(store(&j, &w, &d), 0);
	assert_string_equal(database_value(db, "SELECT string_agg(by_index || reference, ',' ORDER BY by_index) FROM dashboard.reference "),
	    "falseone/app:2,trueone/app:2");
}

/* What could not be read of a platform is tried again when the index is asked for, by its tag or by its digest. */
static void
test_an_index_asked_for_again_tries_what_failed(void **state)
{
	static const char jobs[] = "SELECT coalesce(string_agg(kind || coalesce(layer_id, image_id), ',' ORDER BY kind), '') FROM job";
	struct wire_child child = { .digest = digest_text(1) };
	struct wire_document w = { .kind = STR_LIT("index"),
		.digest = digest_text(10), .children = &child, .nchildren = 1 };
	struct store_job j;
	uint8_t digest[DIGEST_BYTES];
	struct diag d;

	(void)state;
	push(1, "platform", 1, 1);
	j = job_of("layer_id = 1");
	lose(&j, ERR_DENIED, "no right", 0);
	database_run(db, "UPDATE image SET state = 'applied', dirty = false");
	ask_tag(1, "1");
	j = job_of("tag IS NOT NULL");
	assert_int_equal(store(&j, &w, &d), 0);
	assert_string_equal(database_value(db, jobs), "layer1");
	finish("layer_id = 1", "");
	assert_string_equal(database_value(db, "SELECT state FROM layer"), "done");
	database_run(db, "UPDATE layer SET state = 'failed'");
	memset(digest, 10, sizeof(digest));
	assert_int_equal(DB_QUERY(db, sql_scan_request, NULL, &d, db_text(str_of("one")),
	    db_text(str_of("app")), db_text(str_of("")),
	    db_bytes(str_n(digest, sizeof(digest)))), 0);
	assert_string_equal(database_value(db, jobs), "resolve2");
	j = job_of("image_id = 2");
	assert_int_equal(store(&j, &w, &d), 0);
	assert_string_equal(database_value(db, jobs), "layer1");
}

static void
test_an_index_nested_too_deep_fails(void **state)
{
	struct wire_child child = { .digest = digest_text(0) };
	struct wire_document w = { .kind = STR_LIT("index"),
		.children = &child, .nchildren = 1 };
	struct store_job j;
	struct diag d;
	uint8_t depth = 1;

	(void)state;
	ask_tag(1, "1");
	for (; database_int(db, "SELECT count(*) FROM job") == 1; depth++) {
		assert_true(depth < 20);
		j = job_of("true");
		w.digest = digest_text(depth);
		child.digest = digest_text(depth + 1);
		assert_int_equal(store(&j, &w, &d), 0);
	}
	assert_int_equal(depth, LIMIT_INDEX_DEPTH + 2);
	assert_string_equal(database_value(db, "SELECT reason FROM image WHERE state = 'failed'"), "index nested too deep");
}

static void
test_documents_that_cannot_be_change_nothing(void **state)
{
	struct wire_layer layers[1];
	struct wire_document w = image(1, layers, 1);
	struct wire_child child = { .digest = STR_LIT("sha512:00") };
	struct store_job j;
	struct diag d;

	(void)state;
	ask_tag(1, "1");
	j = job_of("true");
	layers[0].digest = str_of("sha512:00");
	assert_int_equal(store(&j, &w, &d), ERR_MALFORMED);
	w = (struct wire_document) { .kind = STR_LIT("index"),
		.digest = digest_text(1), .children = &child, .nchildren = 1 };
	assert_int_equal(store(&j, &w, &d), ERR_MALFORMED);
	w.kind = str_of("cake");
	assert_int_equal(store(&j, &w, &d), ERR_MALFORMED);
	assert_int_equal(store_document(db, &j, str_of("\x93"), &d), ERR_MALFORMED);
	assert_int_equal(database_int(db, "SELECT count(*) FROM image"), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 1);
}

static void
test_temporary_failures_back_off_and_end_with_a_reason(void **state)
{
	struct store_job j;
	int64_t wait, before = -1;

	(void)state;
	push(1, "1", 1, 1);
	for (int i = 1; i < 5; i++) {
		j = job_of("true");
		assert_int_equal(j.attempt, i);
		database_run(db, "UPDATE job SET attempt = attempt + 1");
		lose(&j, ERR_TEMPORARY, "HTTP 502", 0);
		wait = database_int(db, "SELECT round(extract(epoch FROM not_before - now())) FROM job");
		assert_true(wait > before);
		before = wait;
	}
	j = job_of("true");
	lose(&j, ERR_TEMPORARY, "HTTP 502", 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM attempt"), 5);
	assert_string_equal(database_value(db, "SELECT state || ' ' || reasons[1] FROM layer"), "failed HTTP 502");
	assert_string_equal(database_value(db, "SELECT dirty FROM image"), "t");
}

static void
test_retry_after_pauses_the_registry(void **state)
{
	struct store_job j;

	(void)state;
	push(1, "1", 1, 1);
	j = job_of("true");
	lose(&j, ERR_TEMPORARY, "HTTP 429", 90);
	assert_true(database_int(db, "SELECT extract(epoch FROM paused_until - now()) FROM registry") > 80);
	assert_true(database_int(db, "SELECT extract(epoch FROM not_before - now()) FROM job") > 80);
}

static void
test_denied_fails_at_once_and_wrong_bytes_are_read_twice(void **state)
{
	struct store_job j;

	(void)state;
	push(1, "1", 1, 2);
	j = job_of("layer_id = 1");
	lose(&j, ERR_DENIED, "denied: check the password", 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 1);
	j = job_of("true");
	lose(&j, ERR_MALFORMED, "digest differs", 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job "), 1);
	j = job_of("true");	/* with its failure */
	lose(&j, ERR_MALFORMED, "digest differs", 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	assert_string_equal(database_value(db, "SELECT string_agg(state || ' ' || reasons[1], ', ' ORDER BY id) FROM layer"),
	    "failed denied: check the password, failed digest differs");
	assert_string_equal(database_value(db, "SELECT dirty FROM image"), "t");
	/* the operator mended it, somebody pushes again: another chance, and what
	 * came of the first is not the answer meanwhile */
	database_run(db, "UPDATE image SET dirty = false");
	push(1, "1", 1, 2);
	push(2, "1", 2, 2);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job  "), 2);
	assert_string_equal(database_value(db, "SELECT string_agg(state, ' ' ORDER BY id) FROM layer "), "new new");
	assert_int_equal(database_int(db, "SELECT count(*) FROM image WHERE dirty "), 0);
	finish("layer_id = 1 ", "");
	finish("true", "");
	assert_int_equal(database_int(db, "SELECT count(*) FROM image WHERE dirty  "), 2);
}

/* Is something under way that may change the answer about app:${tag}? */
static bool
is_open(const char *tag)
{
	struct db_result *r = NULL;
	struct diag d;
	bool ret;

	if (DB_QUERY(db, sql_api_image, &r, &d, db_text(str_of("one")),
	    db_text(str_of("app")), db_text(str_of(tag)), db_null(),
	    db_text(str_of("")), db_text(str_of("")), db_text(str_of("")),
	    db_bool(false)) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(db_rows(r), 1);
	ret = strstr(db_col(r, 0, 0).p, "\"open\" : true") != NULL;
	assert_true(ret || strstr(db_col(r, 0, 0).p, "\"open\" : false") != NULL);
	db_free(r);
	return (ret);
}

static void
test_who_scans_waits_for_what_the_image_wants(void **state)
{
	struct wire_layer layers[2];
	struct wire_document w = image(5, layers, 2);
	struct store_job j;
	struct diag d;

	(void)state;
	push(1, "1", 1, 1);
	assert_true(is_open("1"));
	finish("layer_id = 1", "");
	database_run(db, "UPDATE image SET dirty = false ");
	assert_false(is_open("1"));
	/* with path hashes, which the lowest layer needs not */
	layers[0].digest = digest_text(200);
	layers[1].digest = digest_text(100);
	ask_tag(1, "2");
	j = job_of("kind = 'resolve'");
	assert_int_equal(store(&j, &w, &d), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job WHERE layer_id = 1"), 1);
	assert_false(is_open("1"));
	assert_true(is_open("2"));
}

static void
test_push_goes_before_back_fill(void **state)
{
	struct db_result *r = NULL;
	int64_t busy;
	struct diag d;

	(void)state;
	push(1, "1", 1, 3);
	database_run(db, "UPDATE job SET priority = 10 WHERE layer_id = 1 ");
	database_run(db, "UPDATE job SET not_before = now() + interval '1 h' WHERE layer_id = 2 ");
	assert_int_equal(DB_QUERY(db, sql_job_ready, &r, &d, db_ints(NULL, 0),
	    db_int(64), db_int(99), db_bool(true), db_int(10),
	    db_ints(NULL, 0), db_ints(NULL, 0)), 0);
	assert_int_equal(db_rows(r), 2);
	assert_int_equal(db_col_int(r, 0, 6), 3);
	assert_int_equal(db_col_int(r, 1, 6), 1);
	busy = db_col_int(r, 0, 0);
	db_free(r);
	r = NULL;
	assert_int_equal(DB_QUERY(db, sql_job_ready, &r, &d, db_ints(&busy, 1),
	    db_int(64), db_int(99), db_bool(true), db_int(10),
	    db_ints(NULL, 0), db_ints(NULL, 0)), 0);
	assert_int_equal(db_rows(r), 1);
	db_free(r);
}

static void
test_jobs_of_a_paused_registry_stand_aside(void **state)
{
	struct db_result *r = NULL;
	struct diag d;

	(void)state;
	push(1, "1", 1, 1);
	assert_int_equal(DB_QUERY(db, sql_registry_pause, NULL, &d, db_int(1),
	    db_int(60)), 0);
	assert_int_equal(DB_QUERY(db, sql_job_places, &r, &d, db_int(1),
	    db_null(), db_null()), 0);
	assert_int_equal(db_rows(r), 1);
	assert_true(db_col_bool(r, 0, 4));
	assert_int_equal(DB_QUERY(db, sql_job_wait_paused, NULL, &d,
	    db_int(job_of("true").id), db_int(db_col_int(r, 0, 0))), 0);
	db_free(r);
	r = NULL;
	assert_int_equal(DB_QUERY(db, sql_job_ready, &r, &d, db_ints(NULL, 0),
	    db_int(64), db_int(99), db_bool(true), db_int(10),
	    db_ints(NULL, 0), db_ints(NULL, 0)), 0);
	assert_int_equal(db_rows(r), 0);
	db_free(r);
	assert_string_equal(database_value(db, "SELECT not_before = paused_until FROM job, registry"), "t");
}

static void
test_places_are_different_repositories_that_still_hold_it(void **state)
{
	struct db_result *r = NULL;
	struct diag d;

	(void)state;
	for (uint8_t i = 1; i <= 6; i++)
		push(1, "1", i, 1);
	push(2, "1", 7, 1);
	assert_int_equal(DB_QUERY(db, sql_job_places, &r, &d, db_int(1),
	    db_null(), db_null()), 0);
	assert_int_equal(db_rows(r), 2);
	/* of the last push it is there most surely */
	assert_true(str_eqz(db_col(r, 0, 2), "other"));
	db_free(r);
	r = NULL;
	push(1, "2", 8, 1);
	assert_int_equal(DB_QUERY(db, sql_job_places, &r, &d, db_int(1),
	    db_null(), db_null()), 0);
	assert_int_equal(db_rows(r), 2);
	assert_true(str_eqz(db_col(r, 0, 2), "app"));
	db_free(r);
	r = NULL;
	database_run(db, "UPDATE repository_image SET gone_at = now() WHERE repository_id = 1 ");
	assert_int_equal(DB_QUERY(db, sql_job_places, &r, &d, db_int(1),
	    db_null(), db_null()), 0);
	assert_int_equal(db_rows(r), 1);
	assert_true(str_eqz(db_col(r, 0, 2), "other"));
	db_free(r);
}

static void
test_a_base_is_the_longest_stack_below(void **state)
{
	static const char base[] = "SELECT coalesce(string_agg(base_names[1] || ' ' "
	    "|| base_layers, ',' ORDER BY image_id), '') FROM dashboard.base_image";

	(void)state;
	push(1, "whole", 1, 4);	/* the base may be known later than what stands on it */
	assert_string_equal(database_value(db, base), "");
	push(1, "base", 2, 1);
	assert_string_equal(database_value(db, base), "one/app:base 1");
	push(1, "runtime", 3, 3);
	assert_string_equal(database_value(db, base),
	    "one/app:runtime 3,one/app:base 1");
	push(1, "again", 4, 4);	/* the same layers are no base of each other */
	assert_string_equal(database_value(db, base),
	    "one/app:runtime 3,one/app:base 1,one/app:runtime 3");
	/* a base that lost its name is still one, if there is no other */
	database_run(db, "UPDATE tag_history SET gone_at = now() WHERE tag = 'runtime' ");
	assert_int_equal(database_int(db, "SELECT count(*) FROM dashboard.base_image "
	    "WHERE base_layers = 3 AND base_names IS NULL"), 2);
}

static void
test_a_tag_asked_for_meanwhile_is_asked_again(void **state)
{
	struct wire_layer layers[1];
	struct wire_document w = image(1, layers, 1);
	struct store_job j;
	struct diag d;

	(void)state;
	ask_tag(1, "1");
	j = job_of("tag = '1'");
	ask_tag(1, "1");	/* while the answer is under way */
	assert_int_equal(store(&j, &w, &d), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM tag_history"), 1);
	/* a new job: nothing that belongs to the old one touches it */
	assert_true(job_of("tag = '1'").id != j.id);
	j = job_of("tag = '1'");
	assert_int_equal(j.attempt, 1);
	assert_int_equal(store(&j, &w, &d), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job WHERE tag = '1'"), 0);
}

static void
test_a_result_counts_once(void **state)
{
	struct store_job j;
	struct diag d;

	(void)state;
	push(1, "1", 1, 1);
	j = job_of("true");
	assert_int_equal(db_begin(db, &d), 0);
	assert_int_equal(store_open(db, &j, &d), 1);
	db_rollback(db);
	finish("true", "");
	assert_int_equal(db_begin(db, &d), 0);
	assert_int_equal(store_open(db, &j, &d), 0);
	db_rollback(db);
}

static void
test_a_tag_without_an_answer_says_why(void **state)
{
	static const char image_sql[] = "SELECT count(*) FROM dashboard.image";
	struct db_result *r = NULL;
	struct wire_layer layers[1];
	struct wire_document w = image(1, layers, 1);
	struct store_job j;
	struct diag d;

	(void)state;
	ask_tag(1, "1");
	j = job_of("true");
	lose(&j, ERR_DENIED, "401: check the password", 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	assert_string_equal(database_value(db, "SELECT reference || ' ' || outcome || ' ' || reason || ' ' || known_before FROM dashboard.unresolved"),
	    "one/app:1 denied 401: check the password false");
	assert_string_equal(database_value(db, "SELECT verdict || ' ' || reasons[1] FROM dashboard.verdict WHERE reference = 'one/app:1'"),
	    "unknown 401: check the password");
	assert_int_equal(DB_QUERY(db, sql_api_image, &r, &d, db_text(str_of("one")),
	    db_text(str_of("app")), db_text(str_of("1")), db_null(),
	    db_text(str_of("")), db_text(str_of("")), db_text(str_of("")), db_bool(false)), 0);
	assert_int_equal(db_rows(r), 1);
	assert_true(str_find(db_col(r, 0, 0), '{') == 0);
	assert_non_null(strstr(db_col(r, 0, 0).p, "\"verdict\" : \"unknown\""));
	assert_non_null(strstr(db_col(r, 0, 0).p, "check the password"));
	db_free(r);
	/* the next answer ends it */
	ask_tag(1, "1");
	j = job_of("tag = '1'");
	assert_int_equal(store(&j, &w, &d), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM tag_error"), 0);
	/* and one that fails later leaves what is known */
	ask_tag(1, "1");
	j = job_of("tag = '1'");
	lose(&j, ERR_DENIED, "403", 0);
	assert_string_equal(database_value(db, "SELECT known_before FROM dashboard.unresolved"), "t");
	assert_int_equal(database_int(db, "SELECT count(*) FROM dashboard.verdict WHERE digest IS NULL"), 0);
	assert_int_equal(database_int(db, image_sql), 1);
	r = NULL;
	assert_int_equal(DB_QUERY(db, sql_api_image, &r, &d, db_text(str_of("one")),
	    db_text(str_of("app")), db_text(str_of("1")), db_null(),
	    db_text(str_of("")), db_text(str_of("")), db_text(str_of("")), db_bool(false)), 0);
	assert_int_equal(db_rows(r), 1);
	assert_non_null(strstr(db_col(r, 0, 0).p, "without an answer: 403"));
	db_free(r);
}

static void
test_a_tag_that_is_not_there_is_gone(void **state)
{
	struct store_job j;

	(void)state;
	push(1, "1", 1, 1);
	ask_tag(1, "1");
	j = job_of("tag = '1'");
	lose(&j, ERR_NOT_FOUND, "404", 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM tag_history WHERE gone_at IS NULL"), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM tag_error"), 0);
}

/* Does an event that tag 1 of app is image ${id} make us ask the registry? */
static bool
asks(int64_t id)
{
	struct db_result *r = NULL;
	struct diag d;
	bool yes;

	assert_int_equal(DB_QUERY(db, sql_tag_seen, &r, &d, db_int(1),
	    db_text(str_of("1")), db_int(id)), 0);
	yes = db_rows(r) > 0;
	db_free(r);
	return (yes);
}

static void
test_an_event_moves_no_tag(void **state)
{
	static const char now[] = "SELECT image_id FROM tag_history WHERE gone_at IS NULL";

	(void)state;
	database_run(db, "INSERT INTO image (digest) VALUES ('a'), ('b') ");
	assert_false(asks(2));	/* unknown: believed */
	assert_int_equal(database_int(db, now), 2);
	assert_false(asks(2));	/* the same again */
	assert_true(asks(1));	/* another: who knows which is newer */
	assert_int_equal(database_int(db, now), 2);
	assert_int_equal(database_int(db, "SELECT count(*) FROM tag_history"), 1);
}

static void
test_a_list_takes_nothing_away_that_came_after_it(void **state)
{
	struct diag d;
	char before[64];

	(void)state;
	snprintf(before, sizeof(before), "%s", database_value(db, "SELECT now()::text"));
	database_run(db, "INSERT INTO image (digest) VALUES ('a'), ('b')  ");
	assert_false(asks(1));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(DB_QUERY(db, sql_tags_gone, NULL, &d, db_int(1),
		    db_text(str_of("app")), db_texts(NULL, 0),
		    db_text(str_of(i == 0 ? before : "infinity"))), 0);
		assert_int_equal(DB_QUERY(db, sql_repositories_gone, NULL, &d,
		    db_int(1), db_texts(NULL, 0),
		    db_text(str_of(i == 0 ? "-infinity" : "infinity"))), 0);
		assert_int_equal(database_int(db, i == 0 ?
		    "SELECT count(*) FROM tag_history WHERE gone_at IS NULL" :
		    "SELECT count(*) FROM tag_history  WHERE gone_at IS NULL"), 1 - i);
	}
}

static void
test_starts_without_an_end_are_no_failures_until_they_are_too_many(void **state)
{
	struct store_job j;
	struct diag d;

	(void)state;
	push(1, "1", 1, 1);
	database_run(db, "UPDATE job SET attempt = 4, unended = 4 ");
	j = job_of("true");
	database_run(db, "UPDATE job SET attempt = 5, unended = 5 ");	/* dispatched */
	lose(&j, ERR_TEMPORARY, "HTTP 502", 0);		/* its first failure */
	assert_string_equal(database_value(db, "SELECT unended || last_error FROM job"), "4HTTP 502");
	assert_int_equal(database_int(db, "SELECT round(extract(epoch FROM not_before - now())) FROM job"), 1);
	/* nor is a lost worker seen as an end */
	database_run(db, "UPDATE job SET attempt = 6, unended = 5  ");
	j = job_of("true");
	assert_int_equal(db_begin(db, &d), 0);
	assert_int_equal(store_lost(db, &j, &d), 0);
	assert_int_equal(db_commit(db, &d), 0);
	assert_string_equal(database_value(db, "SELECT unended || last_error FROM job "), "5the worker was lost");
	assert_string_equal(database_value(db, "SELECT outcome || reason FROM attempt ORDER BY at DESC LIMIT 1"), "temporarythe worker was lost");
	j = job_of("true");
	j.attempt--;	/* it is not started once more */
	assert_int_equal(db_begin(db, &d), 0);
	assert_int_equal(store_given_up(db, &j, str_of("HTTP 502"), &d), 0);
	assert_int_equal(db_commit(db, &d), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM job"), 0);
	assert_string_equal(database_value(db, "SELECT state || ' ' || reasons[1] FROM layer"),
	    "failed given up: started 5 times, and each time its worker, the coordinator or the database was gone before the end; before that: HTTP 502");
	assert_string_equal(database_value(db, "SELECT dirty FROM image"), "t");
}

/* 1 when the farm knows a registry by this name. */
static int64_t
known_as(const char *host)
{
	struct db_result *r = NULL;
	struct diag d;
	int64_t n;

	assert_int_equal(DB_QUERY(db, sql_scan_request, &r, &d,
	    db_text(str_of(host)), db_text(str_of("app")),
	    db_text(str_of("1")), db_null()), 0);
	n = (int64_t)db_rows(r);
	db_free(r);
	return (n);
}

static void
test_a_registry_is_known_by_its_name_and_its_host(void **state)
{
#define AT(url) "UPDATE registry SET url = '" url "'"
	static const struct { const char *sql, *known[5], *unknown[5]; } cases[] = {
		{ AT("https://Registry.Example"), { "one", "registry.example", "REGISTRY.example" },
		    { "registry.example:5000", "example", "docker.io", "%" } },
		{ AT("https://r.example:443"), { "r.example", "r.example:443" }, { "r.example:80" } },
		{ AT("http://r.example:80"), { "r.example", "r.example:80" }, { "r.example:443" } },
		{ AT("http://r.example:443"), { "r.example:443" }, { "r.example" } },
		{ AT("http://[::1]:5000"), { "[::1]:5000" }, { "[::1]" } },
		{ AT("https://registry-1.docker.io"), { "docker.io", "registry-1.docker.io" }, { "index.docker.io" } },
		{ AT("https://registry-1.docker.io.example"), { "registry-1.docker.io.example" }, { "docker.io" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		database_run(db, cases[i].sql);
		for (size_t k = 0; cases[i].known[k] != NULL; k++)
			if (known_as(cases[i].known[k]) != 1)
				fail_msg("%s: not known as %s", cases[i].sql, cases[i].known[k]);
		for (size_t k = 0; cases[i].unknown[k] != NULL; k++)
			if (known_as(cases[i].unknown[k]) != 0)
				fail_msg("%s: known as %s", cases[i].sql, cases[i].unknown[k]);
	}
}

/* A member of what the API says of app:${tag} on ${architecture} ("" = all) at the registry ${host}. */
static const char *
told(const char *host, const char *tag, const char *architecture, const char *member)
{
	struct db_result *r = NULL, *v = NULL;
	static char text[1000];
	struct diag d;

	if (DB_QUERY(db, sql_api_image, &r, &d, db_text(str_of(host)),
	    db_text(str_of("app")), db_text(str_of(tag)), db_null(),
	    db_text(str_of("linux")), db_text(str_of(architecture)), db_text(str_of("")),
	    db_bool(false)) < 0)
		fail_msg("%s", d.text);
	if (db_rows(r) != 1) {
		db_free(r);
		return ("nothing");
	}
	if (DB_QUERY(db, "SELECT coalesce($1::json->>$2, 'none')", &v, &d,
	    db_text(db_col(r, 0, 0)), db_text(str_of(member))) < 0)
		fail_msg("%s", d.text);
	snprintf(text, sizeof(text), "%.*s", STR_ARG(db_col(v, 0, 0)));
	db_free(v);
	db_free(r);
	return (text);
}

/* Everything that is resolved passes. */
static void
all_pass(void)
{
	database_run(db, "DELETE FROM job");
	database_run(db, "INSERT INTO image_state (digest, sets) VALUES ('pass', '{}') ON CONFLICT DO NOTHING");
	database_run(db, "INSERT INTO verdict (image_state_id, scope, verdict) SELECT id, '', 'pass' FROM image_state WHERE digest = 'pass' ON CONFLICT DO NOTHING");
	database_run(db, "UPDATE image SET state = 'applied', image_state_id = (SELECT id FROM image_state WHERE digest = 'pass') WHERE kind = 'image' OR state = 'new'");
}

static void
put_index(const char *tag, uint8_t seed, struct wire_child *children, size_t n)
{
	struct wire_document w = { .kind = STR_LIT("index"),
		.digest = digest_text(seed), .children = children, .nchildren = n };
	struct store_job j;
	struct diag d;

	ask_tag(1, tag);
	j = job_of("tag IS NOT NULL");
	if (store(&j, &w, &d) < 0)
		fail_msg("%s", d.text);
}

/* Whoever writes an index calls its children what he likes: that hides no image. */
static void
test_what_one_index_calls_an_attestation_is_read_elsewhere(void **state)
{
	static const char jobs[] = "SELECT coalesce(string_agg(image_id::text, ',' ORDER BY image_id), '') FROM job WHERE kind = 'resolve'";
	struct wire_child twice[] = {
		{ .digest = digest_text(11), .os = STR_LIT("unknown"), .architecture = STR_LIT("unknown"), .attestation = true },
		{ .digest = digest_text(11), .os = STR_LIT("linux"), .architecture = STR_LIT("amd64") },
		{ .digest = digest_text(12), .os = STR_LIT("unknown"), .architecture = STR_LIT("unknown"), .attestation = true },
	};
	struct wire_child again = { .digest = digest_text(12), .os = STR_LIT("linux"), .architecture = STR_LIT("amd64") };
	uint8_t digest[DIGEST_BYTES];
	struct diag d;

	(void)state;
	put_index("1", 10, twice, 3);
	assert_string_equal(database_value(db, "SELECT string_agg(state, ',' ORDER BY id) FROM image"), "resolved,new,not_applicable");
	assert_string_equal(database_value(db, jobs), "2");
	/* as a platform of another index, pushed by itself, asked for by its digest */
	put_index("2", 20, &again, 1);
	assert_string_equal(database_value(db, jobs), "2,3");
	database_run(db, "DELETE FROM job");
	assert_int_equal(DB_QUERY(db, sql_job_resolve, NULL, &d, db_int(3), db_int(0)), 0);
	assert_string_equal(database_value(db, jobs), "3");
	database_run(db, "DELETE FROM job");
	memset(digest, 12, sizeof(digest));
	assert_int_equal(DB_QUERY(db, sql_scan_request, NULL, &d, db_text(str_of("one")),
	    db_text(str_of("app")), db_text(str_of("")),
	    db_bytes(str_n(digest, sizeof(digest)))), 0);
	assert_string_equal(database_value(db, jobs), "3");
}

static void
test_an_index_is_told_by_its_worst_part(void **state)
{
	struct wire_child children[] = {
		{ .digest = digest_text(11), .os = STR_LIT("linux"), .architecture = STR_LIT("amd64") },
		{ .digest = digest_text(12), .os = STR_LIT("linux"), .architecture = STR_LIT("arm64") },
	};

	(void)state;
	put_index("1", 10, children, 2);
	database_run(db, "UPDATE image SET kind = 'artifact', state = 'not_applicable' WHERE id = 2");
	all_pass();
	/* an artifact is none of its images */
	assert_string_equal(told("one", "1", "", "verdict"), "pass");
	/* an index within it that cannot be read may hold any */
	database_run(db, "UPDATE image SET kind = 'index', state = 'failed', reason = 'index nested too deep' WHERE id = 2");
	assert_string_equal(told("one", "1", "", "verdict"), "unknown");
	assert_string_equal(told("one", "1", "arm64", "verdict"), "unknown");
	assert_string_equal(told("one", "1", "", "reasons"), "[\"index nested too deep\"]");
}

/* A runtime picks what the index says is for it, whatever the config says. */
static void
test_a_platform_is_what_its_index_says(void **state)
{
	struct wire_child children[] = {
		{ .digest = digest_text(11), .os = STR_LIT("linux"), .architecture = STR_LIT("amd64") },
		{ .digest = digest_text(12), .os = STR_LIT("linux"), .architecture = STR_LIT("amd64") },
	};

	(void)state;
	put_index("1", 10, children, 2);
	database_run(db, "UPDATE image SET kind = 'image', os = 'linux', architecture = CASE id WHEN 2 THEN 'arm64' ELSE 'amd64' END WHERE id > 1");
	all_pass();
	assert_string_equal(told("one", "1", "amd64", "verdict"), "pass");
	database_run(db, "UPDATE image SET state = 'failed', reason = 'broken' WHERE id = 2");
	assert_string_equal(told("one", "1", "amd64", "verdict"), "unknown");
	assert_string_equal(told("one", "1", "arm64", "verdict"), "unknown");
	assert_string_equal(told("one", "1", "s390x", "verdict"), "nothing");
}

/* An index had no verdict before all of its platforms had. */
static void
test_the_past_of_an_index_passes_only_whole(void **state)
{
	static const char now[] = "SELECT coalesce(verdict, 'none') FROM dashboard.verdict_as_of(now()) WHERE kind = 'index'";
	struct wire_child children[] = {
		{ .digest = digest_text(11), .os = STR_LIT("linux"), .architecture = STR_LIT("amd64") },
		{ .digest = digest_text(12), .os = STR_LIT("linux"), .architecture = STR_LIT("arm64") },
	};
	struct db_result *r = NULL;
	struct diag d;

	(void)state;
	put_index("1", 10, children, 2);
	all_pass();
	database_run(db, "TRUNCATE verdict_ledger, image_state_history");
	database_run(db, "INSERT INTO verdict_ledger (image_state_id, scope, old, new, cause) SELECT id, '', '', 'pass', 'new_inventory' FROM image_state WHERE digest = 'pass'");
	database_run(db, "INSERT INTO image_state_history (image_id, image_state_id) SELECT 2, id FROM image_state WHERE digest = 'pass'");
	assert_string_equal(database_value(db, now), "none");
	assert_int_equal(DB_QUERY(db, sql_api_verdict_as_of, &r, &d, db_text(str_of("one")),
	    db_text(str_of("app")), db_text(str_of("1")), db_null(), db_text(str_of("now"))), 0);
	assert_non_null(strstr(db_col(r, 0, 0).p, "\"verdict\" : null"));
	db_free(r);
	database_run(db, "UPDATE image SET state = 'failed' WHERE id = 3");
	assert_string_equal(database_value(db, now), "unknown");
	database_run(db, "INSERT INTO image_state_history (image_id, image_state_id) SELECT 3, id FROM image_state WHERE digest = 'pass'");
	assert_string_equal(database_value(db, now), "pass");
}

/* How a scan of app:1 goes: open, and the error of its last try. */
static const char *
scan_state(void)
{
	struct db_result *r = NULL;
	static char text[300];
	struct diag d;

	assert_int_equal(DB_QUERY(db, sql_api_scan_state, &r, &d, db_text(str_of("one")),
	    db_text(str_of("app")), db_text(str_of("1")), db_int(60)), 0);
	snprintf(text, sizeof(text), "%.*s", STR_ARG(db_col(r, 0, 0)));
	db_free(r);
	return (text);
}

/* What a try said counts no more when the next one had an answer, nor what was said of another tag. */
static void
test_a_scan_is_told_how_its_last_try_ended(void **state)
{
	struct wire_layer layers[1];
	struct wire_document w = image(1, layers, 1);
	struct store_job j;
	struct diag d;

	(void)state;
	ask_tag(1, "1");
	j = job_of("tag = '1'");
	snprintf(j.target, sizeof(j.target), "app:1");
	lose(&j, ERR_TEMPORARY, "HTTP 502", 0);
	assert_non_null(strstr(scan_state(), "\"open\" : true, \"outcome\" : \"temporary\", \"error\" : \"HTTP 502\""));
	assert_int_equal(store(&j, &w, &d), 0);
	assert_non_null(strstr(scan_state(), "\"open\" : false, \"outcome\" : \"\", \"error\" : \"\""));
	ask_tag(1, "1");
	j = job_of("tag = '1'");
	snprintf(j.target, sizeof(j.target), "team/app:1");
	lose(&j, ERR_TEMPORARY, "of another", 0);
	assert_null(strstr(scan_state(), "of another"));
	snprintf(j.target, sizeof(j.target), "app:1");
	lose(&j, ERR_DENIED, "HTTP 401", 0);
	assert_non_null(strstr(scan_state(), "\"open\" : false, \"outcome\" : \"denied\", \"error\" : \"HTTP 401\""));
}

static void
test_an_untold_tag_goes_when_the_list_lacks_it(void **state)
{
	struct str kept = STR_LIT("2");
	struct store_job j;
	struct diag d;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		ask_tag(1, i == 1 ? "1" : "2");
		j = job_of("true");
		lose(&j, ERR_DENIED, "no right", 0);
	}
	assert_int_equal(DB_QUERY(db, sql_tags_gone, NULL, &d, db_int(1),
	    db_text(str_of("app")), db_texts(&kept, 1), db_text(str_of("-infinity"))), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM dashboard.unresolved"), 2);
	assert_int_equal(DB_QUERY(db, sql_tags_gone, NULL, &d, db_int(1),
	    db_text(str_of("app")), db_texts(&kept, 1), db_text(str_of("infinity"))), 0);
	assert_string_equal(database_value(db, "SELECT string_agg(reference, ',') FROM dashboard.verdict"), "one/app:2");
}

/* Events come late: what was pushed again since comes back, and so does the repository. */
static void
test_a_repository_that_is_said_to_be_gone_is_asked_for(void **state)
{
	struct wire_layer layers[1];
	struct wire_document w = image(1, layers, 1);
	struct store_job j;
	struct diag d;

	(void)state;
	push(1, "1", 1, 1);
	push(1, "2", 1, 1);
	database_run(db, "DELETE FROM job");
	assert_int_equal(DB_QUERY(db, sql_gone_repository, NULL, &d, db_int(1),
	    db_text(str_of("app"))), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM dashboard.image"), 0);
	j = job_of("tag = '1'");
	assert_int_equal(store(&j, &w, &d), 0);
	j = job_of("tag = '2'");
	lose(&j, ERR_NOT_FOUND, "404", 0);
	assert_string_equal(database_value(db, "SELECT string_agg(reference, ',') FROM dashboard.image"), "one/app:1");
	/* a catalog that lacks it says so while its answer is on the way */
	ask_tag(1, "1");
	j = job_of("tag = '1'");
	assert_int_equal(DB_QUERY(db, sql_repositories_gone, NULL, &d, db_int(1),
	    db_texts(NULL, 0), db_text(str_of("infinity"))), 0);
	assert_int_equal(database_int(db, "SELECT count(*) FROM dashboard.image"), 0);
	assert_int_equal(store(&j, &w, &d), 0);
	assert_string_equal(database_value(db, "SELECT string_agg(reference, ',') FROM dashboard.image"), "one/app:1");
}

/* Names have up to 63 characters, of a registry that was removed, too. */
static void
test_a_registry_with_a_long_name_can_be_removed(void **state)
{
	static const char name[] = "a-registry-whose-name-is-as-long-as-names-may-be-at-the-longest";
	struct db_result *r = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(strlen(name), 63);
	database_run(db, "UPDATE registry SET name = 'a-registry-whose-name-is-as-long-as-names-may-be-at-the-longest'");
	if (DB_QUERY(db, sql_registry_remove, &r, &d, db_text(str_of(name))) < 0)
		fail_msg("%s", d.text);
	assert_int_equal(db_rows(r), 1);
	db_free(r);
	assert_int_equal(database_int(db, "SELECT count(*) FROM registry WHERE removed_at IS NULL"), 0);
}

/* Two accounts at one host: what is asked for is what is answered. */
static void
test_two_registries_of_a_host_do_not_answer_for_each_other(void **state)
{
	struct diag d;

	(void)state;
	database_run(db, "INSERT INTO registry (name, url, webhook_id, webhook_secret_sha256) VALUES ('two', 'http://r', 'w2', '')");
	database_run(db, "INSERT INTO repository (registry_id, name) VALUES (2, 'app'), (2, 'private')");
	push(3, "1", 2, 1);	/* long ago, by two */
	push(1, "1", 1, 1);
	database_run(db, "DELETE FROM job");
	for (int i = 0; i < 2; i++) {
		/* rows do not come in the order of their numbers */
		database_run(db, i == 0 ? "UPDATE registry SET poll_interval_s = 1 WHERE id = 1" : "UPDATE registry SET poll_interval_s = 1 WHERE id = 2");
		assert_int_equal(DB_QUERY(db, sql_scan_request, NULL, &d, db_text(str_of("r")),
		    db_text(str_of("app")), db_text(str_of("1")), db_null()), 0);
		assert_string_equal(database_value(db, "SELECT string_agg(repository_id::text, ',') FROM job"), "1");
		assert_string_equal(told("r", "1", "", "digest"), digest_text(1).p);
	}
	/* one that only the second has */
	assert_int_equal(DB_QUERY(db, sql_scan_request, NULL, &d, db_text(str_of("r")),
	    db_text(str_of("private")), db_text(str_of("1")), db_null()), 0);
	assert_string_equal(database_value(db, "SELECT string_agg(repository_id::text, ',' ORDER BY repository_id) FROM job"), "1,4");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, empty_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_a_document_makes_layers_and_one_job_each),
		TEST(test_an_image_is_applied_when_its_last_layer_is_known),
		TEST(test_a_base_seen_higher_up_is_read_for_hashes_and_its_result_stands),
		TEST(test_a_layer_that_cannot_be_read_fails_with_its_reason_at_once),
		TEST(test_an_index_resolves_its_children_but_no_attestations),
		TEST(test_another_repository_of_a_known_index_holds_its_platforms),
		TEST(test_an_image_that_two_make_at_a_time_is_one),
		TEST(test_a_new_index_brings_back_its_platforms),
		TEST(test_an_index_asked_for_again_tries_what_failed),
		TEST(test_an_index_nested_too_deep_fails),
		TEST(test_documents_that_cannot_be_change_nothing),
		TEST(test_temporary_failures_back_off_and_end_with_a_reason),
		TEST(test_retry_after_pauses_the_registry),
		TEST(test_denied_fails_at_once_and_wrong_bytes_are_read_twice),
		TEST(test_who_scans_waits_for_what_the_image_wants),
		TEST(test_push_goes_before_back_fill),
		TEST(test_jobs_of_a_paused_registry_stand_aside),
		TEST(test_places_are_different_repositories_that_still_hold_it),
		TEST(test_a_registry_is_known_by_its_name_and_its_host),
		TEST(test_a_base_is_the_longest_stack_below),
		TEST(test_a_tag_asked_for_meanwhile_is_asked_again),
		TEST(test_a_result_counts_once),
		TEST(test_a_tag_without_an_answer_says_why),
		TEST(test_a_tag_that_is_not_there_is_gone),
		TEST(test_an_event_moves_no_tag),
		TEST(test_a_list_takes_nothing_away_that_came_after_it),
		TEST(test_starts_without_an_end_are_no_failures_until_they_are_too_many),
		TEST(test_what_one_index_calls_an_attestation_is_read_elsewhere),
		TEST(test_an_index_is_told_by_its_worst_part),
		TEST(test_a_platform_is_what_its_index_says),
		TEST(test_the_past_of_an_index_passes_only_whole),
		TEST(test_a_scan_is_told_how_its_last_try_ended),
		TEST(test_an_untold_tag_goes_when_the_list_lacks_it),
		TEST(test_a_repository_that_is_said_to_be_gone_is_asked_for),
		TEST(test_a_registry_with_a_long_name_can_be_removed),
		TEST(test_two_registries_of_a_host_do_not_answer_for_each_other),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}

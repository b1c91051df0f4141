/*
 * Inbox to rows: the leader takes what webhooks, polls and the API left there,
 * reads each in a sandboxed reader, and turns it into repositories, images,
 * tags and jobs, in one transaction with the mark that it is done.
 *
 * Events are hints: they come late, twice and out of order.  One with an id is
 * worked in once, in whatever batch it comes again.  What it names is read in any
 * case; but where a tag points that we know elsewhere, or whether it is gone, the
 * registry is asked, and its answer counts.
 */
#include "actor.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/oci.h"
#include "coordinator.h"
#include "leader.h"
#include "reader.h"
#include "sql.h"
#include "store.h"
#include "webhook.h"

#define BATCH 64
#define SWEEP_MS 60000
#define SWEEP_ROWS 10000
#define PRIORITY_PUSH 0
#define PRIORITY_BACKFILL 10

struct ingest {
	struct coordinator *co;
	struct db *db;
	struct buf events;
	int64_t swept_at;
};

static int
push(struct db *db, int64_t registry, const struct webhook_event *e,
    int priority, struct diag *d)
{
	struct db_result *r = NULL;
	int64_t repository, image;
	uint8_t raw[DIGEST_BYTES];
	bool ask, named = digest_parse(e->digest, raw);
	int rc;

	if (!named && e->tag.n == 0)
		return (0);
	/* holds the repository's row: its tags change one after another */
	if ((rc = DB_QUERY(db, sql_repository_upsert, &r, d, db_int(registry),
	    db_text(e->repository))) < 0)
		return (rc);
	repository = db_col_int(r, 0, 0);
	db_free(r);
	r = NULL;
	if (!named)
		return (DB_QUERY(db, sql_job_resolve_tag, NULL, d,
		    db_int(repository), db_text(e->tag), db_int(priority)));
	if ((rc = store_image(db, str_n(raw, sizeof(raw)), &image, d)) < 0 ||
	    (rc = DB_QUERY(db, sql_repository_image_upsert, NULL, d,
	    db_int(repository), db_int(image))) < 0 ||
	    (rc = DB_QUERY(db, sql_repository_children_upsert, NULL, d,
	    db_int(repository), db_int(image))) < 0 ||
	    (rc = DB_QUERY(db, sql_job_resolve, NULL, d, db_int(image),
	    db_int(priority))) < 0 ||
	    /* jobs before images, as who stores a result */
	    (rc = DB_QUERY(db, sql_layer_jobs, NULL, d, db_int(image),
	    db_int(priority))) < 0 ||
	    (rc = DB_QUERY(db, sql_image_pushed, NULL, d,
	    db_int(image))) < 0)
		return (rc);
	if (e->tag.n == 0)
		return (0);
	if ((rc = DB_QUERY(db, sql_tag_seen, &r, d, db_int(repository),
	    db_text(e->tag), db_int(image))) < 0)
		return (rc);
	ask = db_rows(r) > 0;
	db_free(r);
	return (!ask ? 0 : DB_QUERY(db, sql_job_resolve_tag, NULL, d,
	    db_int(repository), db_text(e->tag), db_int(priority)));
}

/* Was this event worked in before?  1 = no, 0 = yes, or a negative enum err. */
static int
is_new(struct db *db, int64_t registry, struct str source,
    const struct webhook_event *e, struct diag *d)
{
	struct db_result *r = NULL;
	struct digest *h;
	uint8_t key[32];
	int rc;

	if (e->id.n == 0)
		return (1);
	h = digest_new();
	digest_add(h, &registry, sizeof(registry));
	digest_add(h, source.p, source.n);
	digest_add(h, "", 1);
	digest_add(h, e->id.p, e->id.n);
	digest_end(h, key);
	digest_free(h);
	if ((rc = DB_QUERY(db, sql_inbox_event_insert, &r, d,
	    db_bytes(str_n(key, sizeof(key))))) == 0)
		rc = db_rows(r) > 0;
	db_free(r);
	return (rc);
}

static int
event(struct db *db, int64_t registry, const struct webhook_event *e,
    int priority, struct diag *d)
{
	uint8_t raw[DIGEST_BYTES];

	switch (e->kind) {
	case WEBHOOK_PUSH:
		return (push(db, registry, e, priority, d));
	case WEBHOOK_DELETE_MANIFEST:
		if (!digest_parse(e->digest, raw))
			return (0);
		return (DB_QUERY(db, sql_gone_manifest, NULL, d,
		    db_int(registry), db_text(e->repository),
		    db_bytes(str_n(raw, sizeof(raw)))));
	case WEBHOOK_DELETE_TAG:
		return (DB_QUERY(db, sql_tag_gone_asked, NULL, d,
		    db_int(registry), db_text(e->repository),
		    db_text(e->tag)));
	case WEBHOOK_DELETE_REPOSITORY:
		return (DB_QUERY(db, sql_gone_repository, NULL, d,
		    db_int(registry), db_text(e->repository)));
	}
	return (0);
}

/* Work one row in.  Its own mistakes are kept with it and are no failure. */
static int
one(struct ingest *in, int64_t epoch, int64_t id, int64_t registry,
    struct str source, struct str body, struct diag *d)
{
	bool poll = str_eqz(source, "poll");
	struct webhook_event e;
	struct diag why = { 0 };
	struct cur c;
	int rc;

	if (poll)
		c = cur_str(body);	/* packed by poll.c */
	else {
		rc = reader_call(in->co->readers, READER_WEBHOOK, source, body,
		    &in->events, &why);
		if (rc == ERR_TEMPORARY) {
			*d = why;
			return (rc);
		}
		c = rc == 0 ? cur_of(in->events.p, in->events.n) :
		    cur_of(NULL, 0);
	}
	if ((rc = db_begin(in->db, d)) < 0 ||
	    (rc = leader_fence(in->db, epoch, d)) < 0)
		goto out;
	while (cur_left(&c) > 0 && webhook_event_read(&c, &e, &why) == 0)
		if ((rc = is_new(in->db, registry, source, &e, d)) < 0 ||
		    (rc > 0 && (rc = event(in->db, registry, &e, poll ?
		    PRIORITY_BACKFILL : PRIORITY_PUSH, d)) < 0))
			goto out;
	if ((rc = DB_QUERY(in->db, sql_inbox_done, NULL, d, db_int(id),
	    db_text(str_of(why.text)))) == 0)
		rc = db_commit(in->db, d);
	if (why.text[0] != '\0')
		log_warn("event refused", "inbox", "%lld", (long long)id,
		    "reason", "%s", why.text, NULL);
out:
	db_rollback(in->db);
	return (rc);
}

/* Rows worked in, or a negative enum err. */
static int
batch(struct ingest *in, int64_t epoch, struct diag *d)
{
	struct db_result *r = NULL;
	int rc, n = 0;

	if ((rc = DB_QUERY(in->db, sql_inbox_open, &r, d, db_int(BATCH))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++, n++) {
		rc = one(in, epoch, db_col_int(r, i, 0), db_col_int(r, i, 1),
		    db_col(r, i, 2), db_col_bytes(r, i, 3), d);
		if (rc == ERR_MALFORMED || rc == ERR_LIMIT) {
			/* an event that no row can hold must not block the rest */
			log_warn("event refused", "reason", "%s", d->text, NULL);
			rc = DB_QUERY(in->db, sql_inbox_done, NULL, d,
			    db_int(db_col_int(r, i, 0)),
			    db_text(str_of(d->text)));
		}
		if (rc < 0)
			break;
	}
	db_free(r);
	if (n > 0)
		wake_up(WAKE_FANOUT);
	return (rc < 0 ? rc : n);
}

/* Keep the past short; a failure shows in the next batch. */
static void
sweep(struct ingest *in)
{
	if (zclock_mono() - in->swept_at < SWEEP_MS)
		return;
	in->swept_at = zclock_mono();
	(void)DB_QUERY(in->db, sql_inbox_sweep, NULL, NULL, db_int(SWEEP_ROWS));
}

void
ingest_actor(zsock_t *pipe, void *arg)
{
	struct ingest in = { .co = arg };
	struct diag d;
	int rc = 0;

	buf_init(&in.events, LIMIT_LIST_BYTES * 2);
	zsock_signal(pipe, 0);
	if (!actor_connect(pipe, in.co->database, "scanfarm ingest", &in.db))
		goto out;
	do {
		rc = 0;
		if (leader_epoch() == 0 || !db_alive(in.db))
			continue;
		if ((rc = batch(&in, leader_epoch(), &d)) < 0)
			log_warn("ingest", "reason", "%s", d.text, NULL);
		else
			sweep(&in);
	} while (actor_wait(pipe, WAKE_INGEST, rc == BATCH ? 0 :
	    rc < 0 ? 1000 : 500));
out:
	db_close(in.db);
	buf_done(&in.events);
}

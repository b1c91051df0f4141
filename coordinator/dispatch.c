/*
 * Which job goes to which worker, and when one is called back: rows of table
 * job become leases.  Not its time: a paused registry, a registry with as many
 * requests under way as it allows, a suspect while another one runs.
 */
#include <string.h>
#include "common/limits.h"
#include "common/log.h"
#include "dispatch.h"
#include "sql.h"
#include "storing.h"
#include "wake.h"

#define RECALL_MS 1000		/* a job waits so long for its worker while another is idle */
#define CREDITS 2		/* jobs a slot: one it works at, one that waits */
#define BLOCK 64		/* jobs loaded at once */
#define REREAD_STARTS 3		/* the last one is not called back */

/* May it be given a job, if it has no more than ${n} a slot now? */
static bool
takes(const struct worker *w, uint32_t n)
{
	return (w->used && !w->gone && w->in_flight < n * w->slots &&
	    zclock_mono() - w->heard_at < WORKER_MS / 2);
}

/* Does it read layers as well as the farm can? */
static bool
reads_best(const struct fanout *f, const struct worker *w)
{
	return (f->goal != 0 && w->analyzers == f->goal);
}

/* Has ${a} less to do for its slots than ${b}, or as much and reads better? */
static bool
goes_before(const struct fanout *f, const struct worker *a,
    const struct worker *b)
{
	uint32_t x = a->in_flight * b->slots, y = b->in_flight * a->slots;

	return (x < y || (x == y && reads_best(f, a) && !reads_best(f, b)));
}

static struct worker *
worker_with_credit(struct fanout *f)
{
	struct worker *best = NULL;

	for (size_t i = 0; i < WORKERS; i++) {
		struct worker *w = &f->workers[i];

		if (takes(w, CREDITS) && (best == NULL ||
		    goes_before(f, w, best)))
			best = w;
	}
	return (best);
}

/* Who may read a layer again now: nothing waits there, and the farm keeps half of
 * its slots for what comes. */
static struct worker *
worker_for_reread(struct fanout *f)
{
	struct worker *best = NULL;
	uint32_t slots = 0, n = 0;

	for (size_t i = 0; i < LEASES; i++)
		n += f->leases[i].job.id != 0 && f->leases[i].job.reread;
	for (size_t i = 0; i < WORKERS; i++) {
		struct worker *w = &f->workers[i];

		if (!takes(w, CREDITS + 1))
			continue;
		slots += w->slots;
		if (takes(w, 1) && reads_best(f, w) && (best == NULL ||
		    goes_before(f, w, best)))
			best = w;
	}
	return (n == 0 || n < slots / 2 ? best : NULL);
}

/* Requests under way at a registry. */
static int64_t
load_of(struct fanout *f, int64_t registry)
{
	int64_t n = 0;

	for (size_t i = 0; i < LEASES; i++)
		n += f->leases[i].job.id != 0 && !f->leases[i].storing &&
		    f->leases[i].registries[0] == registry;
	return (n);
}

/* Registries with requests under way, and how many.  Of one at which a layer is read
 * again none: whatever waits there calls that back (f->crowded). */
static size_t
loads(const struct fanout *f, int64_t registries[LEASES], int64_t n[LEASES])
{
	bool reread[LEASES] = { false };
	size_t found = 0, k;

	for (size_t i = 0; i < LEASES; i++) {
		const struct lease *l = &f->leases[i];

		if (l->job.id == 0 || l->storing)
			continue;
		for (k = 0; k < found && registries[k] != l->registries[0]; k++)
			;
		if (k == found) {
			registries[found] = l->registries[0];
			n[found++] = 0;
		}
		reread[k] |= l->job.reread;
		n[k]++;
	}
	for (k = 0; k < found; k++)
		if (reread[k])
			n[k] = 0;
	return (found);
}

/* How many requests may be under way at a registry that bears ${max} before a job
 * starts there: layers that are read again leave half of them to others. */
static int64_t
requests_for(const struct store_job *j, int64_t max)
{
	return (j->reread && max > 1 ? max / 2 : max);
}

/* Fill the places of ${m}.  1 = go, 0 = not now (rate limit, budget), < 0. */
static int
places(struct fanout *f, struct lease *l, struct wire_message *m,
    struct db_result **ret, struct diag *d)
{
	struct store_job *j = &l->job;
	struct db_param none = db_null();
	int64_t paused = 0;	/* a registry that is */
	bool full = false;
	int rc;

	if ((rc = DB_QUERY(f->db, sql_job_places, ret, d,
	    j->layer_job ? db_int(j->layer_id) : none,
	    !j->layer_job && j->image_id != 0 ? db_int(j->image_id) : none,
	    j->repository_id != 0 ? db_int(j->repository_id) : none)) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(*ret) &&
	     m->u.job.nplaces < WIRE_PLACES; i++) {
		uint32_t n = m->u.job.nplaces;

		if (db_col_bool(*ret, i, 4)) {
			paused = paused != 0 ? paused :
			    db_col_int(*ret, i, 0);
			continue;
		}
		if (n == 0 && load_of(f, db_col_int(*ret, i, 0)) >=
		    requests_for(j, db_col_int(*ret, i, 5))) {
			full = true;
			if (!j->reread)
				f->crowded = db_col_int(*ret, i, 0);
			continue;
		}
		l->registries[n] = db_col_int(*ret, i, 0);
		m->u.job.places[n] = (struct wire_place) {
			db_col(*ret, i, 1), db_col(*ret, i, 2),
			db_col_bool(*ret, i, 3) };
		m->u.job.nplaces++;
	}
	j->registry_id = l->registries[0];
	if (m->u.job.nplaces == 0 && paused != 0 && !full)
		return (DB_QUERY(f->db, sql_job_wait_paused, NULL, d,
		    db_int(j->id), db_int(paused)));
	/* none at all: the worker answers that no registry holds it */
	return (m->u.job.nplaces > 0 || !full);
}

static void
fill_job(struct store_job *j, struct db_result *r, size_t row)
{
	struct str raw = db_col_bytes(r, row, 2);
	char digest[DIGEST_TEXT];

	j->id = db_col_int(r, row, 0);
	j->layer_job = str_eqz(db_col(r, row, 1), "layer");
	snprintf(j->tag, sizeof(j->tag), "%.*s", STR_ARG(db_col(r, row, 3)));
	j->attempt = (uint32_t)db_col_int(r, row, 4) + 1;
	j->hashes = db_col_bool(r, row, 5);
	j->layer_id = db_col_int(r, row, 6);
	j->image_id = db_col_int(r, row, 7);
	j->repository_id = db_col_int(r, row, 8);
	j->priority = (int)db_col_int(r, row, 9);
	j->unended = (uint32_t)db_col_int(r, row, 10);
	j->asked = db_col_int(r, row, 11);
	j->failures = (uint32_t)db_col_int(r, row, 14);
	j->reread = db_col_bool(r, row, 15);
	if (raw.n == DIGEST_BYTES) {
		digest_format((const uint8_t *)raw.p, digest);
		snprintf(j->target, sizeof(j->target), "%s", digest);
	} else
		snprintf(j->target, sizeof(j->target), "%.*s:%s",
		    STR_ARG(db_col(r, row, 12)), j->tag);
}

static int
store_give_up(struct db *db, struct lease *l, const struct wire_done *done,
    struct diag *d)
{
	return (store_given_up(db, &l->job, done->reasons, d));
}

/* A job that was started too often without an end. */
static int
give_up(struct fanout *f, struct lease *l, struct str last_error,
    struct diag *d)
{
	struct wire_done why = { .reasons = last_error };
	int rc;

	l->job.attempt--;	/* it is not started once more */
	log_warn("job given up", "job", "%lld", (long long)l->job.id, "target",
	    "%s", l->job.target, NULL);
	rc = lease_store(f->db, f->epoch, store_give_up, l, &why, d);
	memset(l, 0, sizeof(*l));
	wake_up(WAKE_MATCHER);
	return (rc);
}

static bool
suspect_under_way(const struct fanout *f)
{
	for (size_t i = 0; i < LEASES; i++)
		if (f->leases[i].job.id != 0 &&
		    f->leases[i].job.unended >= STORE_SUSPECT)
			return (true);
	return (false);
}

/* Lease one job to ${w} and send it.  0 when it was not its time. */
static int
dispatch_one(struct fanout *f, struct worker *w, struct db_result *r,
    size_t row, struct diag *d)
{
	struct wire_message m = { .type = WIRE_JOB };
	struct db_result *where = NULL;
	struct lease *l = NULL;
	int64_t id;
	int rc;

	for (size_t i = 0; l == NULL && i < LEASES; i++)
		if (f->leases[i].job.id == 0)
			l = &f->leases[i];
	if (l == NULL)
		return (0);
	fill_job(&l->job, r, row);
	id = l->job.id;
	if (l->job.unended >= STORE_UNENDED)
		return (give_up(f, l, db_col(r, row, 13), d));
	if ((rc = places(f, l, &m, &where, d)) <= 0 ||
	    (rc = db_query(f->db, sql_job_attempt, &(struct db_param) {
	    .type = DB_INT_ARRAY, .iv = &id, .n = 1 }, 1, NULL, d)) < 0) {
		memset(l, 0, sizeof(*l));
		goto out;
	}
	snprintf(l->job.worker, sizeof(l->job.worker), "%s", w->name);
	l->job.analyzers = w->analyzers;
	l->worker = w;
	w->in_flight++;
	l->number = f->given++;
	l->since = zclock_mono();
	l->until = l->since + LEASE_MS;
	buf_init(&l->files, LIMIT_INVENTORY_BYTES);
	buf_init(&l->tree, LIMIT_TREE_BYTES);
	buf_init(&l->document, 64 * MIB);
	l->digest = digest_new();
	m.u.job.job = (uint64_t)l->job.id;
	m.u.job.attempt = l->job.attempt;
	m.u.job.kind = l->job.layer_job ? WIRE_JOB_LAYER : WIRE_JOB_RESOLVE;
	m.u.job.reference = str_of(l->job.tag[0] != '\0' ? l->job.tag :
	    l->job.target);
	/* no claim of a manifest: the digest decides what the layer is, and a
	 * manifest that lies about the size spoils only its own image */
	m.u.job.size = -1;
	m.u.job.limits_revision = LIMITS_REVISION;
	m.u.job.hashes = l->job.hashes;
	if (!fanout_send(f, w->id, &m))
		worker_gone(f, w);
	rc = 1;
out:
	db_free(where);
	return (rc);
}

int
dispatch_ready(struct fanout *f, struct diag *d)
{
	int64_t busy[LEASES], registries[LEASES], requests[LEASES];
	struct db_result *r = NULL;
	bool suspect = suspect_under_way(f);
	struct worker *w;
	size_t n = 0, nregistries;
	int rc;

	if (worker_with_credit(f) == NULL)
		return (0);
	nregistries = loads(f, registries, requests);
	for (size_t i = 0; i < LEASES; i++)
		if (f->leases[i].job.id != 0)
			busy[n++] = f->leases[i].job.id;
	if ((rc = DB_QUERY(f->db, sql_job_ready, &r, d, db_ints(busy, n),
	    db_int(BLOCK), db_int(suspect ? STORE_SUSPECT : INT32_MAX),
	    db_bool(worker_for_reread(f) != NULL),
	    db_int(STORE_IN_VAIN), db_ints(registries, nregistries),
	    db_ints(requests, nregistries))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++) {
		bool is_suspect = db_col_int(r, i, 10) >= STORE_SUSPECT;

		if (is_suspect && suspect)
			continue;
		/* those that are read again come last */
		if ((w = db_col_bool(r, i, 15) ? worker_for_reread(f) :
		    worker_with_credit(f)) == NULL)
			break;
		if ((rc = dispatch_one(f, w, r, i, d)) < 0)
			break;
		suspect = suspect || (is_suspect && rc > 0);
	}
	db_free(r);
	return (rc < 0 ? rc : 0);
}

/* Has the worker more to do than it has slots? */
static bool
is_crowded(const struct worker *w)
{
	return (!w->gone && w->in_flight - w->storing > w->slots);
}

/* The lease given last to a worker that has more than it can work at: that one
 * waits there.  NULL when none has waited for long. */
static struct lease *
waiting_lease(struct fanout *f)
{
	struct lease *last = NULL;

	for (size_t i = 0; i < LEASES; i++) {
		struct lease *l = &f->leases[i];

		if (l->job.id != 0 && !l->storing && is_crowded(l->worker) &&
		    (last == NULL || l->number > last->number))
			last = l;
	}
	return (last != NULL && last->next_seq == 0 &&
	    zclock_mono() - last->since >= RECALL_MS ? last : NULL);
}

/* A layer that is read again while something else waits for its slot, or for its
 * registry. */
static struct lease *
lease_in_the_way(struct fanout *f)
{
	int64_t crowded = f->crowded;

	f->crowded = 0;
	for (size_t i = 0; i < LEASES; i++) {
		struct lease *l = &f->leases[i];

		if (l->job.id != 0 && l->job.reread && !l->storing &&
		    !l->worker->gone && l->job.attempt < REREAD_STARTS &&
		    (is_crowded(l->worker) ||
		    (crowded != 0 && l->registries[0] == crowded)))
			return (l);
	}
	return (NULL);
}

/* What waits at a worker while another one is idle. */
static struct lease *
lease_better_elsewhere(struct fanout *f)
{
	bool idle = false;

	for (size_t i = 0; i < WORKERS; i++)
		idle = idle || takes(&f->workers[i], 1);
	return (idle ? waiting_lease(f) : NULL);
}

int
dispatch_recall(struct fanout *f, struct diag *d)
{
	struct lease *l = lease_in_the_way(f);
	struct store_job j;
	struct worker *w;
	int rc;

	if (l == NULL && (l = lease_better_elsewhere(f)) == NULL)
		return (0);
	j = l->job;
	w = l->worker;
	lease_take_back(f, l);
	rc = dispatch_settle(f, d);
	fanout_answer(f, w->id, WIRE_UNKNOWN_JOB, (uint64_t)j.id, j.attempt, 0);
	wake_up(WAKE_FANOUT);
	return (rc);
}

int
dispatch_settle(struct fanout *f, struct diag *d)
{
	int rc;

	if (f->nowed == 0)
		return (0);
	/* if the answer is lost it is done twice: STORE_IN_VAIN bounds that */
	if ((rc = DB_QUERY(f->db, sql_job_unstart, NULL, d,
	    db_ints(f->owed, f->nowed))) == 0)
		f->nowed = 0;
	return (rc);
}

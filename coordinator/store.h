/*
 * Results to rows: everything a finished job says, in the caller's transaction,
 * behind leader_fence.  The job's row goes in the same transaction, so a job
 * counts once however often it was delivered.
 */
#ifndef STORE_H
#define STORE_H

#include "common/wire.h"
#include "db.h"

/* Starts without an end before a job is given up; from STORE_SUSPECT on only one
 * such job at a time is under way, so that those that were merely there when a
 * worker or the coordinator fell are not given up with the one that felled it. */
#define STORE_UNENDED 5
#define STORE_SUSPECT 2
/* Starts that came to nothing for another's fault weigh so much less: a database
 * that crashes now and then fells no layer, a layer that fells it in a way nobody
 * thought of comes to its end all the same. */
#define STORE_IN_VAIN 10

struct store_job {
	int64_t id;
	bool layer_job;
	int64_t layer_id, image_id, repository_id;	/* as job_ready gives them, 0 = none */
	char tag[132];
	char target[200];	/* for people: digest or repository:tag */
	bool hashes;
	bool reread;		/* a result is stored, of older analyzers */
	int64_t analyzers;	/* the worker's set of them, 0 = it does not say */
	int priority;
	uint32_t attempt;
	uint32_t unended;	/* earlier starts whose end nobody saw, or those
				   in vain by their weight */
	uint32_t failures;	/* earlier starts that failed */
	int64_t asked;		/* how often it was asked for */
	char worker[257];
	int64_t registry_id;	/* of the first place */
};

/* Hold the job's row (and, of a job by tag, its repository, whose tags one after
 * another moves) before one of the functions below.  1, or 0 when the job has
 * ended before: its result counts already. */
int store_open(struct db *, const struct store_job *, struct diag *);
/* The row of the manifest of raw ${digest}, made where there is none; *${ret} is its
 * id.  Also right while somebody else makes it. */
int store_image(struct db *, struct str digest, int64_t *ret, struct diag *);
/* A layer was read: ${files} and ${tree} are the concatenated records.  They do
 * not replace what a better worker read; only missing path hashes are added. */
int store_layer(struct db *, const struct store_job *, const struct wire_done *,
    struct str files, struct str tree, struct diag *);
/* A document was read: ${record} is one wire_document. */
int store_document(struct db *, const struct store_job *, struct str record,
    struct diag *);
/* An attempt failed.  ${code} decides between another try (and when) and the
 * end, which is kept with its reason on the layer, the image, or the tag.  What is
 * stored of a layer that was to be read again stays. */
int store_failure(struct db *, const struct store_job *, int code,
    struct str reason, uint32_t retry_after_s, struct diag *);
/* The worker was gone before the end: tried again, some times. */
int store_lost(struct db *, const struct store_job *, struct diag *);
/* Started STORE_UNENDED times, and never seen to end: whatever it does to its
 * worker, to this program or to the database, it is done no more. */
int store_given_up(struct db *, const struct store_job *, struct str last_error,
    struct diag *);

#endif

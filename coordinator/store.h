/*
 * Results to rows: everything a finished job says, in the caller's transaction,
 * behind leader_fence.  The job's row goes in the same transaction, so a job
 * counts once however often it was delivered.
 */
#ifndef STORE_H
#define STORE_H

#include "common/wire.h"
#include "db.h"

struct store_job {
	int64_t id;
	bool layer_job;
	int64_t layer_id, image_id, repository_id;	/* as job_ready gives them, 0 = none */
	char tag[132];
	char target[200];	/* for people: digest or repository:tag */
	bool hashes;
	int priority;
	uint32_t attempt;
	char worker[257];
	int64_t registry_id;	/* of the first place */
};

/* A layer was read: ${files} and ${tree} are the concatenated records. */
int store_layer(struct db *, const struct store_job *, const struct wire_done *,
    struct str files, struct str tree, struct diag *);
/* A document was read: ${record} is one wire_document. */
int store_document(struct db *, const struct store_job *, struct str record,
    struct diag *);
/* An attempt failed.  ${code} decides between another try (and when) and the
 * end, which is kept on the layer or image with its reason. */
int store_failure(struct db *, const struct store_job *, int code,
    struct str reason, uint32_t retry_after_s, struct diag *);

#endif

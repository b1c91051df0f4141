/* Results to rows. */
#include <stdlib.h>
#include "common/digest.h"
#include "common/inventory.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/pool.h"
#include "common/text.h"
#include "sql.h"
#include "store.h"

/* Tries before a job is given up, and before bytes that are wrong are believed
 * to be wrong at the source and not on the way. */
#define ATTEMPTS 5
#define ATTEMPTS_MALFORMED 2
#define CHUNK LIMIT_WIRE_PART
/* Records in one statement: as parameters they take more than twice their size,
 * with libpq and with the server. */
#define STATEMENT_BYTES (16 * MIB)
/* A layer whose registry is away, or refuses us, is read again tomorrow. */
#define REREAD_AGAIN_S 86400

int
store_open(struct db *db, const struct store_job *j, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	/* the repository first, as ingest does */
	if (j->repository_id != 0 && (rc = DB_QUERY(db, sql_repository_lock,
	    NULL, d, db_int(j->repository_id))) < 0)
		return (rc);
	if ((rc = DB_QUERY(db, sql_job_open, &r, d, db_int(j->id))) == 0)
		rc = db_rows(r) == 1;
	db_free(r);
	return (rc);
}

static int
end_job(struct db *db, const struct store_job *j, bool hashes, struct diag *d)
{
	return (DB_QUERY(db, sql_job_delete, NULL, d, db_int(j->id),
	    db_bool(hashes), db_int(j->asked)));
}

/* --------------------------------------------------------------------- layer */

/* What a record says, whatever the revision of who read it. */
static int
add_content(struct digest *h, struct buf *b, struct inventory_file f)
{
	int rc;

	f.revision = 0;
	buf_clear(b);
	if ((rc = inventory_file_write(b, &f)) == 0)
		digest_add(h, b->p, b->n);
	return (rc);
}

/* A file's record, checked: what of it stands in columns is kept in ${pool}. */
static int
read_file(struct cur *c, struct pool *pool, struct digest *h,
    struct inventory_file *ret)
{
	struct pool *one = pool_new(8 * LIMIT_INVENTORY_BYTES);
	struct inventory_file f;
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_INVENTORY_BYTES);
	if ((rc = inventory_file_read(c, one, &f)) == 0 &&
	    (rc = add_content(h, &b, f)) == 0 &&
	    (rc = pool_str(pool, f.path, &ret->path)) == 0) {
		ret->kind = text_clean(pool, f.kind, 64);
		ret->revision = f.revision;
	}
	buf_done(&b);
	pool_free(one);
	return (rc);
}

static int
store_files(struct db *db, int64_t layer, struct str files, struct digest *h,
    struct diag *d)
{
	struct pool *pool = pool_new(2 * LIMIT_INVENTORY_BYTES);
	struct str *paths = NULL, *kinds = NULL, *records = NULL;
	int64_t *revisions = NULL;
	struct inventory_file f;
	struct cur c = cur_str(files), at;
	size_t n = 0, cap = 0, to, bytes;
	int rc = 0;

	while (cur_left(&c) > 0) {
		at = c;
		if ((rc = read_file(&c, pool, h, &f)) < 0) {
			diag_set(d, rc, 0, "a worker sent an inventory that breaks its format");
			goto out;
		}
		if (n == cap) {
			cap = cap != 0 ? cap * 2 : 64;
			paths = mem_realloc(paths, cap, sizeof(*paths));
			kinds = mem_realloc(kinds, cap, sizeof(*kinds));
			records = mem_realloc(records, cap, sizeof(*records));
			revisions = mem_realloc(revisions, cap,
			    sizeof(*revisions));
		}
		paths[n] = f.path;
		kinds[n] = f.kind;
		revisions[n] = f.revision;
		records[n++] = str_n(at.p, (size_t)(c.p - at.p));
	}
	for (size_t i = 0; i < n && rc == 0; i = to) {
		bytes = 0;
		for (to = i; to < n && (to == i ||
		     bytes + records[to].n <= STATEMENT_BYTES); to++)
			bytes += records[to].n;
		rc = DB_QUERY(db, sql_inventory_insert, NULL, d, db_int(layer),
		    db_blobs(paths + i, to - i), db_texts(kinds + i, to - i),
		    db_ints(revisions + i, to - i),
		    db_blobs(records + i, to - i), db_int((int64_t)i));
	}
out:
	free(paths);
	free(kinds);
	free(records);
	free(revisions);
	pool_free(pool);
	return (rc);
}

/* Cut the entries into chunks of whole entries. */
static int
store_tree(struct db *db, int64_t layer, struct str tree, struct diag *d)
{
	struct pool *pool = NULL;
	struct str *chunks = NULL;
	struct cur c = cur_str(tree), from = c, before;
	struct tree_entry e;
	size_t n = 0;
	int rc = 0;

	while (cur_left(&c) > 0) {
		before = c;
		pool_free(pool);
		pool = pool_new(4 * MIB);
		if ((rc = tree_entry_read(&c, pool, &e)) < 0) {
			diag_set(d, rc, 0, "a worker sent a tree that breaks its format");
			goto out;
		}
		if ((size_t)(c.p - from.p) > CHUNK && before.p != from.p) {
			chunks = mem_realloc(chunks, n + 1, sizeof(*chunks));
			chunks[n++] = str_n(from.p, (size_t)(before.p - from.p));
			from = before;
		}
	}
	if (c.p != from.p) {
		chunks = mem_realloc(chunks, n + 1, sizeof(*chunks));
		chunks[n++] = str_n(from.p, (size_t)(c.p - from.p));
	}
	if (n > 0)
		rc = DB_QUERY(db, sql_layer_tree_insert, NULL, d,
		    db_int(layer), db_blobs(chunks, n));
out:
	free(chunks);
	pool_free(pool);
	return (rc);
}

/* A worker that reads worse than the one before: nothing of it counts but the
 * path hashes, if they were missing. */
static int
store_hashes(struct db *db, const struct store_job *j,
    const struct str *reasons, size_t n, struct str tree, struct diag *d)
{
	int rc;

	if (!j->hashes)
		return (0);
	if ((rc = DB_QUERY(db, sql_layer_hashed, NULL, d, db_int(j->layer_id),
	    db_texts(reasons, n), db_int(j->analyzers))) < 0 ||
	    (rc = store_tree(db, j->layer_id, tree, d)) < 0)
		return (rc);
	return (DB_QUERY(db, sql_layer_images_dirty, NULL, d,
	    db_int(j->layer_id)));
}

/* ${changed}: it is something else than what was stored. */
static int
store_whole(struct db *db, const struct store_job *j,
    const struct wire_done *done, const struct str *reasons, size_t n,
    struct str files, struct str tree, bool *changed, struct diag *d)
{
	struct digest *h = digest_new();
	struct db_result *r = NULL;
	uint8_t sha[DIGEST_BYTES];
	int rc;

	if ((rc = DB_QUERY(db, sql_layer_clear, NULL, d,
	    db_int(j->layer_id))) < 0 ||
	    (rc = store_files(db, j->layer_id, files, h, d)) < 0 ||
	    (rc = store_tree(db, j->layer_id, tree, d)) < 0)
		goto out;
	digest_add(h, tree.p, tree.n);
	digest_end(h, sha);
	if ((rc = DB_QUERY(db, sql_layer_done, &r, d, db_int(j->layer_id),
	    db_texts(reasons, n), db_bool(j->hashes),
	    db_int(LIMITS_REVISION), db_int((int64_t)done->size),
	    db_int((int64_t)done->tar_size), db_int((int64_t)done->entries),
	    db_int(j->analyzers), db_bytes(str_n(sha, sizeof(sha))))) == 0)
		*changed = db_rows(r) == 1 && db_col_bool(r, 0, 0);
out:
	db_free(r);
	digest_free(h);
	return (rc);
}

/* Images of a layer wait to be applied.  Of one that was read again there may be a
 * million, and they have their verdicts: the matcher takes them a few at a time. */
static int
images_wait(struct db *db, const struct store_job *j, bool changed,
    struct diag *d)
{
	if (!j->reread)
		return (DB_QUERY(db, sql_layer_images_dirty, NULL, d,
		    db_int(j->layer_id)));
	if (!changed)
		return (0);
	return (DB_QUERY(db, sql_reapply_put, NULL, d, db_int(j->layer_id)));
}

int
store_layer(struct db *db, const struct store_job *j,
    const struct wire_done *done, struct str files, struct str tree,
    struct diag *d)
{
	struct pool *pool = pool_new(4 * MIB);
	struct str rest = done->reasons, one, reasons[100];
	struct db_result *r = NULL;
	bool changed = false;
	size_t n = 0;
	int rc;

	while (n < 100 && str_split(&rest, '\n', &one))
		if (one.n != 0)
			reasons[n++] = text_clean(pool, one, 2000);
	if ((rc = DB_QUERY(db, sql_layer_of_better, &r, d,
	    db_int(j->layer_id), db_int(j->analyzers))) < 0)
		goto out;
	if (db_rows(r) > 0)
		rc = store_hashes(db, j, reasons, n, tree, d);
	else if ((rc = store_whole(db, j, done, reasons, n, files, tree,
	    &changed, d)) == 0)
		rc = images_wait(db, j, changed, d);
	if (rc == 0)
		rc = end_job(db, j, j->hashes, d);
out:
	db_free(r);
	pool_free(pool);
	return (rc);
}

/* ------------------------------------------------------------------ documents */

/* "sha256:..." as raw bytes in ${pool}; empty when it is none. */
static struct str
raw_digest(struct pool *pool, struct str text)
{
	uint8_t *p = pool_alloc(pool, DIGEST_BYTES);

	if (p == NULL || !digest_parse(text, p))
		return ((struct str) { "", 0 });
	return (str_n(p, DIGEST_BYTES));
}

/* Rows are keyed by digest: one that we cannot read has no row. */
static int
digests_known(const struct str *v, size_t n, struct diag *d)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].n == 0)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "entry %zu of the manifest has no sha256 digest", i));
	return (0);
}

static int
store_children(struct db *db, int64_t image, const struct wire_document *w,
    struct pool *pool, int priority, struct diag *d)
{
	size_t n = w->nchildren;
	struct str *digests = mem_array(n, sizeof(*digests));
	struct str *os = mem_array(n, sizeof(*os));
	struct str *arch = mem_array(n, sizeof(*arch));
	struct str *variant = mem_array(n, sizeof(*variant));
	int64_t *attestation = mem_array(n, sizeof(*attestation));
	int rc;

	for (size_t i = 0; i < n; i++) {
		const struct wire_child *c = &w->children[i];

		digests[i] = raw_digest(pool, c->digest);
		os[i] = text_clean(pool, c->os, 64);
		arch[i] = text_clean(pool, c->architecture, 64);
		variant[i] = text_clean(pool, c->variant, 64);
		attestation[i] = c->attestation;
	}
	if ((rc = digests_known(digests, n, d)) == 0 &&
	    (rc = DB_QUERY(db, sql_children_upsert, NULL, d, db_int(image),
	    db_blobs(digests, n))) == 0 &&
	    (rc = DB_QUERY(db, sql_index_child_insert, NULL, d, db_int(image),
	    db_blobs(digests, n), db_texts(os, n), db_texts(arch, n),
	    db_texts(variant, n), db_ints(attestation, n))) == 0 &&
	    (rc = DB_QUERY(db, sql_index_attestations, NULL, d,
	    db_int(image))) == 0 &&
	    (rc = DB_QUERY(db, sql_index_jobs, NULL, d, db_int(image),
	    db_int(priority))) == 0)
		/* of platforms that are known, what could not be read */
		rc = DB_QUERY(db, sql_layer_jobs, NULL, d, db_int(image),
		    db_int(priority));
	free(digests);
	free(os);
	free(arch);
	free(variant);
	free(attestation);
	return (rc);
}

static int
store_layers(struct db *db, int64_t image, const struct wire_document *w,
    struct pool *pool, int priority, struct diag *d)
{
	size_t n = w->nlayers, skips = 0;
	struct str *digests = mem_array(n, sizeof(*digests));
	struct str *diff_ids = mem_array(n, sizeof(*diff_ids));
	struct str *types = mem_array(n, sizeof(*types));
	struct str *created = mem_array(n, sizeof(*created));
	struct str *skip = mem_array(n, sizeof(*skip));
	struct str *why = mem_array(n, sizeof(*why));
	int64_t *sizes = mem_array(n, sizeof(*sizes));
	int rc;

	for (size_t i = 0; i < n; i++) {
		const struct wire_layer *l = &w->layers[i];

		digests[i] = raw_digest(pool, l->digest);
		diff_ids[i] = raw_digest(pool, l->diff_id);
		types[i] = text_clean(pool, l->media_type, 200);
		created[i] = text_clean(pool, l->created_by, 4096);
		sizes[i] = l->size;
		if (l->skip.n != 0) {
			skip[skips] = digests[i];
			why[skips++] = text_clean(pool, l->skip, 200);
		}
	}
	if ((rc = digests_known(digests, n, d)) == 0 &&
	    (rc = DB_QUERY(db, sql_layers_upsert, NULL, d,
	    db_blobs(digests, n))) == 0 &&
	    (rc = DB_QUERY(db, sql_image_layers_insert, NULL, d, db_int(image),
	    db_blobs(digests, n), db_blobs(diff_ids, n), db_ints(sizes, n),
	    db_texts(types, n), db_texts(created, n))) == 0 &&
	    (rc = DB_QUERY(db, sql_image_chain, NULL, d, db_int(image))) == 0 &&
	    (skips == 0 || (rc = DB_QUERY(db, sql_layers_skip, NULL, d,
	    db_blobs(skip, skips), db_texts(why, skips))) == 0) &&
	    (rc = DB_QUERY(db, sql_layer_jobs, NULL, d, db_int(image),
	    db_int(priority))) == 0)
		rc = DB_QUERY(db, sql_image_ready_dirty, NULL, d,
		    db_int(image));
	free(digests);
	free(diff_ids);
	free(types);
	free(created);
	free(skip);
	free(why);
	free(sizes);
	return (rc);
}

int
store_image(struct db *db, struct str digest, int64_t *ret, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	/* a row for which the first statement waited is seen by the next only */
	for (int i = 0; i < 2; i++) {
		if ((rc = DB_QUERY(db, sql_image_upsert, &r, d,
		    db_bytes(digest))) < 0)
			return (rc);
		if (db_rows(r) > 0) {
			*ret = db_col_int(r, 0, 0);
			db_free(r);
			return (0);
		}
		db_free(r);
		r = NULL;
	}
	return (diag_set(d, ERR_TEMPORARY, 0, "the image is being made"));
}

/* The image row of a job by tag, and that the tag points there. */
static int
image_by_tag(struct db *db, const struct store_job *j, struct str digest,
    int64_t *ret, struct diag *d)
{
	int rc;

	if ((rc = store_image(db, digest, ret, d)) < 0 ||
	    (rc = DB_QUERY(db, sql_repository_image_upsert, NULL, d,
	    db_int(j->repository_id), db_int(*ret))) < 0 ||
	    (rc = DB_QUERY(db, sql_repository_children_upsert, NULL, d,
	    db_int(j->repository_id), db_int(*ret))) < 0 ||
	    (rc = DB_QUERY(db, sql_tag_move, NULL, d,
	    db_int(j->repository_id), db_text(str_of(j->tag)),
	    db_int(*ret))) < 0)
		return (rc);
	return (DB_QUERY(db, sql_tag_insert, NULL, d,
	    db_int(j->repository_id), db_text(str_of(j->tag)), db_int(*ret)));
}

static int
store_kind(struct db *db, const struct store_job *j, int64_t image,
    const struct wire_document *w, struct pool *pool, struct diag *d)
{
	bool index = str_eqz(w->kind, "index"), is_image = str_eqz(w->kind,
	    "image");
	const char *state = index || is_image ? "resolved" :
	    str_eqz(w->kind, "artifact") ? "not_applicable" : "failed";
	struct db_result *r = NULL;
	int64_t depth;
	int rc;

	if ((rc = DB_QUERY(db, sql_image_resolved, &r, d, db_int(image),
	    db_text(w->kind), db_text(str_of(state)),
	    db_text(text_clean(pool, w->media_type, 200)), db_int(w->size),
	    db_text(text_clean(pool, w->os, 64)),
	    db_text(text_clean(pool, w->architecture, 64)),
	    db_text(text_clean(pool, w->variant, 64)),
	    db_bytes(raw_digest(pool, w->config_digest)),
	    db_text(text_clean(pool, w->reason, 500)))) < 0)
		return (rc);
	depth = db_rows(r) > 0 ? db_col_int(r, 0, 0) : 0;
	db_free(r);
	if (index && depth >= LIMIT_INDEX_DEPTH)
		return (DB_QUERY(db, sql_image_resolved, NULL, d,
		    db_int(image), db_text(str_of("index")),
		    db_text(str_of("failed")), db_text(w->media_type),
		    db_int(w->size), db_text(str_of("")), db_text(str_of("")),
		    db_text(str_of("")), db_bytes(str_of("")),
		    db_text(str_of("index nested too deep"))));
	if (index)
		return (store_children(db, image, w, pool, j->priority, d));
	if (is_image)
		return (store_layers(db, image, w, pool, j->priority, d));
	return (0);
}

int
store_document(struct db *db, const struct store_job *j, struct str record,
    struct diag *d)
{
	struct pool *pool = pool_new(128 * MIB);
	struct cur c = cur_str(record);
	struct wire_document w;
	int64_t image = j->image_id;
	struct str digest;
	int rc;

	if ((rc = wire_document_read(&c, pool, &w, d)) < 0)
		goto out;
	digest = raw_digest(pool, w.digest);
	if (digest.n == 0 || (!str_eqz(w.kind, "index") &&
	    !str_eqz(w.kind, "image") && !str_eqz(w.kind, "artifact") &&
	    !str_eqz(w.kind, "unsupported"))) {
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "a worker sent a document that cannot be");
		goto out;
	}
	if ((image != 0 || (rc = image_by_tag(db, j, digest, &image, d)) == 0) &&
	    (rc = store_kind(db, j, image, &w, pool, d)) == 0)
		rc = end_job(db, j, true, d);
out:
	pool_free(pool);
	return (rc);
}

/* ------------------------------------------------------------------- failures */

/* Seconds after ${n} failures: 1 4 16 60 300. */
static int
back_off(uint32_t n)
{
	static const int s[] = { 1, 4, 16, 60, 300 };

	return (s[n == 0 ? 0 : n > 5 ? 4 : n - 1]);
}

static bool
try_again(int code, uint32_t n)
{
	if (code == ERR_TEMPORARY)
		return (n < ATTEMPTS);
	return (code == ERR_MALFORMED && n < ATTEMPTS_MALFORMED);
}

/* The reason stays where people look for the result. */
static int
keep_reason(struct db *db, const struct store_job *j, int code, struct str why,
    struct diag *d)
{
	int rc;

	if (j->reread)
		return (DB_QUERY(db, sql_layer_reread_failed, NULL, d,
		    db_int(j->layer_id), db_text(why), db_int(
		    code == ERR_TEMPORARY || code == ERR_DENIED ?
		    REREAD_AGAIN_S : 0)));
	if (j->layer_job) {
		if ((rc = DB_QUERY(db, sql_layer_failed, NULL, d,
		    db_int(j->layer_id), db_text(why))) < 0)
			return (rc);
		return (DB_QUERY(db, sql_layer_images_dirty, NULL, d,
		    db_int(j->layer_id)));
	}
	if (j->image_id != 0)
		return (DB_QUERY(db, sql_image_failed, NULL, d,
		    db_int(j->image_id), db_text(why)));
	if (code == ERR_NOT_FOUND)	/* an answer, too: it is not there */
		return (DB_QUERY(db, sql_gone_tag, NULL, d,
		    db_int(j->repository_id), db_text(str_of(j->tag))));
	return (DB_QUERY(db, sql_tag_error_set, NULL, d,
	    db_int(j->repository_id), db_text(str_of(j->tag)),
	    db_text(str_of(err_name(code))), db_text(why)));
}

static int
note_attempt(struct db *db, const struct store_job *j, int code, struct str why,
    struct diag *d)
{
	char worker[sizeof(j->worker) * 4];

	text_escape(str_of(j->worker), worker, sizeof(worker));
	return (DB_QUERY(db, sql_attempt_insert, NULL, d, db_int(j->id),
	    db_text(str_of(j->layer_job ? "layer" : "resolve")),
	    db_text(str_of(j->target)), db_int(j->attempt),
	    db_text(str_of(worker)), db_text(str_of(err_name(code))),
	    db_text(why)));
}

int
store_failure(struct db *db, const struct store_job *j, int code,
    struct str reason, uint32_t retry_after_s, struct diag *d)
{
	struct pool *pool = pool_new(1 * MIB);
	struct str why = text_clean(pool, reason, 2000);
	int rc, wait;

	if ((rc = note_attempt(db, j, code, why, d)) < 0)
		goto out;
	if (retry_after_s > 0 && j->registry_id != 0 &&
	    (rc = DB_QUERY(db, sql_registry_pause, NULL, d,
	    db_int(j->registry_id), db_int(retry_after_s))) < 0)
		goto out;
	if (try_again(code, j->failures + 1)) {
		wait = back_off(j->failures + 1);
		if (retry_after_s > (uint32_t)wait)
			wait = (int)retry_after_s;
		rc = DB_QUERY(db, sql_job_later, NULL, d, db_int(j->id),
		    db_int(wait), db_text(why));
	} else if ((rc = keep_reason(db, j, code, why, d)) == 0)
		/* who wants path hashes since has perhaps another place */
		rc = end_job(db, j, !j->reread || j->hashes, d);
out:
	pool_free(pool);
	return (rc);
}

int
store_lost(struct db *db, const struct store_job *j, struct diag *d)
{
	struct str why = str_of("the worker was lost");
	int rc;

	if ((rc = note_attempt(db, j, ERR_TEMPORARY, why, d)) < 0)
		return (rc);
	return (DB_QUERY(db, sql_job_lost, NULL, d, db_int(j->id),
	    db_int(back_off(j->unended + 1)), db_text(why)));
}

int
store_given_up(struct db *db, const struct store_job *j, struct str last_error,
    struct diag *d)
{
	char why[700];

	snprintf(why, sizeof(why),
	    "given up: started %u times, and each time its worker, the coordinator or the database was gone before the end%s%.*s",
	    j->attempt - j->failures, last_error.n != 0 ? "; before that: " : "",
	    (int)(last_error.n < 500 ? last_error.n : 500), last_error.p);
	return (store_failure(db, j, ERR_LIMIT, str_of(why), 0, d));
}

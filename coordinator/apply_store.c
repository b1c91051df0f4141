/* What was read of layers becomes what is installed in an image. */
#include <stdlib.h>
#include "apply_store.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/pack.h"
#include "common/text.h"
#include "common/mem.h"
#include "coordinator/matcher/apply.h"
#include "coordinator/matcher/channel.h"
#include "coordinator/matcher/match.h"
#include "coordinator/matcher/namespace.h"
#include "image_layers.h"
#include "package_keys.h"
#include "sql.h"
#include "vec.h"

/* The inventories of all layers of one image together. */
#define LAYERS_MEMORY ((size_t)4 << 30)
#define APPLY_MEMORY ((size_t)2 << 30)
/* Packages in one statement: as parameters, in libpq and with the server, those
 * of the largest images would take more than all else. */
#define STATEMENT_PACKAGES 100000
/* An image that takes more than others do. */
#define LARGE_IMAGE (64 * MIB)

struct applying {
	struct db *db;
	int64_t image;
	struct pool *pool;			/* all texts here */
	bool full;				/* packages are missing */
	struct match_package *packages;
	struct str *contexts;
	uint8_t (*identities)[DIGEST_BYTES];
	int64_t *package_ids;
	uint32_t *since;			/* layers they were introduced in */
	size_t npackages;
	struct str os, version, confidence;
	bool incomplete;
	struct str *reasons, *notes;
	size_t nreasons, nnotes;
};

/* --------------------------------------------------------------- packages */

static void
identity(struct applying *a, size_t i)
{
	const struct match_package *p = &a->packages[i];
	const struct str fields[] = { p->namespace, p->type, p->name,
		p->version, p->arch, p->source_name, p->source_version,
		p->origin, p->module, a->contexts[i], p->channels,
		p->owner_namespace, p->owner_source, p->owner_version };
	size_t n = sizeof(fields) / sizeof(fields[0]);
	struct buf b;

	/* most have none: their identity is what it was before there were any */
	if (p->owner_source.n == 0)
		n -= p->channels.n == 0 ? 4 : 3;
	buf_init(&b, 64 * LIMIT_PACKAGE_TEXT);
	for (size_t k = 0; k < n; k++)
		if (pack_str(&b, fields[k]) < 0)
			abort();	/* each field is bounded */
	digest_of(b.p, b.n, a->identities[i]);
	buf_done(&b);
}

/* ${s} as a column takes it; ${before} is that of the package before, whose text
 * most have. */
static struct str
clean(struct applying *a, struct str s, struct str before, size_t max)
{
	return (s.n <= max && str_eq(s, before) ? before :
	    text_clean(a->pool, s, max));
}

/* Why it is not simply installed: dpkg's state, or what it is needed for. */
static struct str
context_of(struct applying *a, const struct apply_package *q, struct str before)
{
	struct str s = q->p.state.n > 0 ? q->p.state : q->p.scope;

	return (clean(a, s, before, 64));
}

static void
collect_packages(struct applying *a, const struct apply_result *r)
{
	const struct match_package none = { 0 }, *b = &none;
	char ns[NAMESPACE_TEXT];
	size_t m = LIMIT_VERSION;

	a->npackages = r->n;
	a->packages = mem_array(r->n, sizeof(*a->packages));
	a->contexts = mem_array(r->n, sizeof(*a->contexts));
	a->identities = mem_array(r->n, sizeof(*a->identities));
	a->package_ids = mem_array(r->n, sizeof(*a->package_ids));
	a->since = mem_array(r->n, sizeof(*a->since));
	for (size_t i = 0; i < r->n; i++) {
		const struct match_package p = apply_match_package(r, i, ns);

		a->packages[i] = (struct match_package) {
			.namespace = clean(a, p.namespace, b->namespace, 256),
			.type = clean(a, p.type, b->type, 64),
			.name = clean(a, p.name, b->name, m),
			.version = clean(a, p.version, b->version, m),
			.arch = clean(a, p.arch, b->arch, 64),
			.source_name = clean(a, p.source_name, b->source_name,
			    m),
			.source_version = clean(a, p.source_version,
			    b->source_version, m),
			.origin = p.origin,
			.module = clean(a, p.module, b->module, m),
			.channels = clean(a, p.channels, b->channels,
			    CHANNELS_TEXT),
			.owner_namespace = clean(a, p.owner_namespace,
			    b->owner_namespace, 256),
			.owner_source = clean(a, p.owner_source,
			    b->owner_source, m),
			.owner_version = clean(a, p.owner_version,
			    b->owner_version, m) };
		b = &a->packages[i];
		a->full |= p.name.n != 0 && b->name.n == 0;
		a->contexts[i] = context_of(a, &r->packages[i], i > 0 ?
		    a->contexts[i - 1] : (struct str) { 0 });
		a->since[i] = r->packages[i].layer;
		identity(a, i);
	}
}

/* What is stored of the result; nothing of it or of the layers is kept. */
static void
collect(struct applying *a, const struct image_layers *x,
    const struct apply_result *r)
{
	const struct distribution *told = apply_told_distribution(r);

	collect_packages(a, r);
	a->reasons = mem_array(x->nreasons + r->nreasons + 1,
	    sizeof(*a->reasons));
	a->notes = mem_array(r->nnotes + 1, sizeof(*a->notes));
	a->os = text_clean(a->pool, told->id, 64);
	a->version = text_clean(a->pool, told->version, 64);
	a->confidence = text_clean(a->pool, told->confidence, 64);
	for (size_t i = 0; i < x->nreasons; i++)	/* these are clean */
		a->reasons[a->nreasons++] = text_clean(a->pool, x->reasons[i],
		    4 * DIAG_TEXT);
	if (a->full)
		a->reasons[a->nreasons++] =
		    str_of("more packages than can be held");
	for (size_t i = 0; i < r->nreasons; i++)
		a->reasons[a->nreasons++] = text_clean(a->pool, r->reasons[i],
		    DIAG_TEXT);
	for (size_t i = 0; i < r->nnotes; i++)
		a->notes[a->nnotes++] = text_clean(a->pool, r->notes[i],
		    DIAG_TEXT);
	a->incomplete = r->incomplete || a->nreasons > 0;
}

/* Look up ${n} packages from ${from} on. */
static int
find_ids(struct applying *a, size_t from, size_t n, struct diag *d)
{
	struct str *v = mem_array(n, sizeof(*v));
	struct db_result *r = NULL;
	int rc;

	for (size_t i = 0; i < n; i++)
		v[i] = str_n(a->identities[from + i], DIGEST_BYTES);
	if ((rc = DB_QUERY(a->db, sql_packages_find, &r, d, db_blobs(v,
	    n))) == 0)
		for (size_t i = 0; i < db_rows(r); i++)
			a->package_ids[from + (size_t)db_col_int(r, i, 0) - 1] =
			    db_col_int(r, i, 1);
	db_free(r);
	free(v);
	return (rc);
}

#define COLUMNS 15

static int
insert_new(struct applying *a, const size_t *at, size_t n, struct diag *d)
{
	struct str *c[COLUMNS];
	int rc;

	for (size_t k = 0; k < COLUMNS; k++)
		c[k] = mem_array(n, sizeof(*c[k]));
	for (size_t i = 0; i < n; i++) {
		const struct match_package *p = &a->packages[at[i]];
		const struct str v[COLUMNS] = { str_n(a->identities[at[i]],
			DIGEST_BYTES), p->namespace, p->type, p->name,
			p->version, p->arch, p->source_name,
			p->source_version, p->origin, a->contexts[at[i]],
			p->module, p->channels, p->owner_namespace,
			p->owner_source, p->owner_version };

		for (size_t k = 0; k < COLUMNS; k++)
			c[k][i] = v[k];
	}
	rc = DB_QUERY(a->db, sql_packages_insert, NULL, d, db_blobs(c[0], n),
	    db_texts(c[1], n), db_texts(c[2], n), db_texts(c[3], n),
	    db_texts(c[4], n), db_texts(c[5], n), db_texts(c[6], n),
	    db_texts(c[7], n), db_texts(c[8], n), db_texts(c[9], n),
	    db_texts(c[10], n), db_texts(c[11], n), db_texts(c[12], n),
	    db_texts(c[13], n), db_texts(c[14], n));
	for (size_t k = 0; k < COLUMNS; k++)
		free(c[k]);
	return (rc);
}

/* The rows by which the new packages are matched. */
static int
insert_keys(struct applying *a, const size_t *at, size_t n, struct diag *d)
{
	struct match_package *p = mem_array(n, sizeof(*p));
	struct vec ids = { 0 };
	int rc;

	for (size_t i = 0; i < n; i++) {
		vec_add(&ids, a->package_ids[at[i]]);
		p[i] = a->packages[at[i]];
	}
	rc = package_keys_insert(a->db, &ids, p, d);
	vec_done(&ids);
	free(p);
	return (rc);
}

static int
store_some(struct applying *a, size_t from, size_t n, struct diag *d)
{
	size_t *at = mem_array(n, sizeof(*at)), new = 0;
	int rc;

	if ((rc = find_ids(a, from, n, d)) < 0)
		goto out;
	for (size_t i = from; i < from + n; i++)
		if (a->package_ids[i] == 0)
			at[new++] = i;
	/* only the leader's matcher inserts packages, so what was not found is
	 * new; the same package twice in one image is one row */
	if (new > 0 && ((rc = insert_new(a, at, new, d)) < 0 ||
	    (rc = find_ids(a, from, n, d)) < 0 ||
	    (rc = insert_keys(a, at, new, d)) < 0))
		goto out;
out:
	free(at);
	return (rc);
}

static int
store_packages(struct applying *a, struct diag *d)
{
	size_t n;
	int rc = 0;

	for (size_t i = 0; i < a->npackages && rc == 0; i += n) {
		n = a->npackages - i;
		if (n > STATEMENT_PACKAGES)
			n = STATEMENT_PACKAGES;
		rc = store_some(a, i, n, d);
	}
	return (rc);
}

/* ------------------------------------------------------------- sets and state */

/* The row of one kind of packages, by which their set is judged. */
static int
coverage_id(struct applying *a, const struct match_package *p, int64_t *ret,
    struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(a->db, sql_coverage_upsert, &r, d,
	    db_text(p->namespace), db_text(p->type))) == 0)
		*ret = db_col_int(r, 0, 0);
	db_free(r);
	return (rc);
}

/* One set of packages like ${p}: its id, by content. */
static int
set_id(struct applying *a, const struct match_package *p, struct vec *members,
    int64_t *ret, struct diag *d)
{
	struct db_result *r = NULL;
	uint8_t sha[DIGEST_BYTES];
	int64_t coverage = 0;
	int rc;

	vec_unique(members);
	digest_of(members->v, members->n * sizeof(*members->v), sha);
	if ((rc = coverage_id(a, p, &coverage, d)) == 0 &&
	    (rc = DB_QUERY(a->db, sql_package_set_upsert, &r, d,
	    db_bytes(str_n(sha, sizeof(sha))), vec_param(members),
	    db_int(coverage))) == 0)
		*ret = db_col_int(r, 0, 0);
	db_free(r);
	return (rc);
}

/* Sets by (introducing layer, namespace, type); image_set and the sets' ids. */
static int
store_sets(struct applying *a, struct vec *sets, struct diag *d)
{
	bool *taken = mem_array(a->npackages, sizeof(*taken));
	struct vec positions = { 0 }, ids = { 0 }, members = { 0 };
	int64_t id = 0;
	int rc = 0;

	for (size_t i = 0; i < a->npackages && rc == 0; i++) {
		if (taken[i])
			continue;
		members.n = 0;
		for (size_t k = i; k < a->npackages; k++)
			if (a->since[k] == a->since[i] &&
			    str_eq(a->packages[k].type, a->packages[i].type) &&
			    str_eq(a->packages[k].namespace,
			    a->packages[i].namespace)) {
				taken[k] = true;
				vec_add(&members, a->package_ids[k]);
			}
		rc = set_id(a, &a->packages[i], &members, &id, d);
		vec_add(&positions, a->since[i]);
		vec_add(&ids, id);
		vec_add(sets, id);
	}
	vec_unique(sets);
	if (rc == 0 && (rc = DB_QUERY(a->db, sql_image_set_delete, NULL, d,
	    db_int(a->image))) == 0 && ids.n > 0)
		rc = DB_QUERY(a->db, sql_image_set_insert, NULL, d,
		    db_int(a->image), vec_param(&positions), vec_param(&ids));
	vec_done(&positions);
	vec_done(&ids);
	vec_done(&members);
	free(taken);
	return (rc);
}

static int
namespaces_of(struct applying *a, struct str *ret)
{
	size_t n = 0, k;

	for (size_t i = 0; i < a->npackages; i++) {
		for (k = 0; k < n && !str_eq(ret[k], a->packages[i].namespace);
		     k++)
			;
		if (k == n && n < 64)
			ret[n++] = a->packages[i].namespace;
	}
	return ((int)n);
}

/* With its length: where one text ends is part of what is digested. */
static void
digest_text(struct digest *h, struct str s)
{
	digest_add(h, &s.n, sizeof(s.n));
	digest_add(h, s.p, s.n);
}

static int
store_state(struct applying *a, const struct vec *sets, struct diag *d)
{
	struct str ns[64];
	size_t nns = (size_t)namespaces_of(a, ns);
	struct db_result *r = NULL;
	uint8_t sha[DIGEST_BYTES];
	struct digest *h = digest_new();
	int rc;

	digest_text(h, str_n(sets->v, sets->n * sizeof(*sets->v)));
	digest_add(h, &a->incomplete, sizeof(a->incomplete));
	digest_add(h, &a->nreasons, sizeof(a->nreasons));
	for (size_t i = 0; i < a->nreasons; i++)
		digest_text(h, a->reasons[i]);
	digest_add(h, &a->nnotes, sizeof(a->nnotes));
	for (size_t i = 0; i < a->nnotes; i++)
		digest_text(h, a->notes[i]);
	digest_text(h, a->os);
	digest_text(h, a->version);
	digest_text(h, a->confidence);
	digest_end(h, sha);
	if ((rc = DB_QUERY(a->db, sql_image_state_upsert, &r, d,
	    db_bytes(str_n(sha, sizeof(sha))), vec_param(sets),
	    db_texts(ns, nns), db_text(a->os), db_text(a->version),
	    db_text(a->confidence),
	    db_bool(a->incomplete), db_texts(a->reasons, a->nreasons),
	    db_texts(a->notes, a->nnotes))) == 0)
		rc = DB_QUERY(a->db, sql_image_applied, NULL, d,
		    db_int(a->image), db_int(db_col_int(r, 0, 0)));
	db_free(r);
	digest_free(h);
	return (rc);
}

/* The layers, and what they come to, are gone before anything is stored: the rows
 * are as large again. */
static int
load_and_collect(struct applying *a, const uint8_t sip_key[16], bool *large,
    struct diag *d)
{
	struct apply_result *res = NULL;
	struct image_layers x;
	int rc;

	if ((rc = image_layers_load(a->db, a->image, LAYERS_MEMORY, &x,
	    d)) == 0 &&
	    (rc = image_layers_apply(a->db, &x, sip_key, &res, d)) == 0)
		collect(a, &x, res);
	*large = x.used > LARGE_IMAGE;
	apply_result_free(res);
	image_layers_done(&x);
	if (*large)
		mem_give_back();
	return (rc);
}

static int
apply_one(struct db *db, int64_t image, const uint8_t sip_key[16],
    struct diag *d)
{
	struct applying a = { .db = db, .image = image };
	struct vec sets = { 0 };
	bool large;
	int rc;

	a.pool = pool_new(APPLY_MEMORY);
	if ((rc = load_and_collect(&a, sip_key, &large, d)) == 0 &&
	    (rc = store_packages(&a, d)) == 0 &&
	    (rc = store_sets(&a, &sets, d)) == 0)
		rc = store_state(&a, &sets, d);
	free(a.packages);
	free(a.contexts);
	free(a.identities);
	free(a.package_ids);
	free(a.since);
	free(a.reasons);
	free(a.notes);
	vec_done(&sets);
	pool_free(a.pool);
	if (large)
		mem_give_back();
	return (rc);
}

int
apply_store(struct db *db, int64_t image, const uint8_t sip_key[16],
    struct diag *d)
{
	int rc;

	if ((rc = db_query0(db, sql_savepoint, NULL, d)) < 0)
		return (rc);
	if ((rc = apply_one(db, image, sip_key, d)) == 0)
		return (db_query0(db, sql_savepoint_release, NULL, d));
	if (rc != ERR_MALFORMED && rc != ERR_LIMIT)
		return (rc);
	log_warn("an image cannot be applied", "image", "%lld",
	    (long long)image, "reason", "%s", d->text, NULL);
	if ((rc = db_query0(db, sql_savepoint_rollback, NULL, d)) < 0)
		return (rc);
	return (DB_QUERY(db, sql_image_unappliable, NULL, d, db_int(image),
	    db_text(str_of(d->text))));
}

int
apply_store_take(struct db *db, int max, struct db_result **ret, struct diag *d)
{
	int rc;

	/* first, as an import of repositories does: it marks images behind it */
	if ((rc = db_query0(db, sql_content_sets_lock_shared, NULL, d)) < 0)
		return (rc);
	return (DB_QUERY(db, sql_images_dirty, ret, d, db_int(max)));
}

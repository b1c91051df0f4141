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

struct applying {
	struct db *db;
	int64_t image;
	struct pool *pool;
	struct image_layers layers;
	bool full;				/* packages are missing */
	struct match_package *packages;
	struct str *contexts;
	uint8_t (*identities)[DIGEST_BYTES];
	int64_t *package_ids;
	size_t npackages;
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

/* Why it is not simply installed: dpkg's state, or what it is needed for. */
static struct str
context_of(struct applying *a, const struct apply_package *q)
{
	struct str s = q->p.state.n > 0 ? q->p.state : q->p.scope;

	return (text_clean(a->pool, s, 64));
}

static void
collect(struct applying *a, const struct apply_result *r)
{
	char ns[NAMESPACE_TEXT];

	a->npackages = r->n;
	a->packages = mem_array(r->n, sizeof(*a->packages));
	a->contexts = mem_array(r->n, sizeof(*a->contexts));
	a->identities = mem_array(r->n, sizeof(*a->identities));
	a->package_ids = mem_array(r->n, sizeof(*a->package_ids));
	for (size_t i = 0; i < r->n; i++) {
		const struct match_package p = apply_match_package(r, i, ns);
		size_t m = LIMIT_VERSION;

		a->packages[i] = (struct match_package) {
			.namespace = text_clean(a->pool, p.namespace, 256),
			.type = text_clean(a->pool, p.type, 64),
			.name = text_clean(a->pool, p.name, m),
			.version = text_clean(a->pool, p.version, m),
			.arch = text_clean(a->pool, p.arch, 64),
			.source_name = text_clean(a->pool, p.source_name, m),
			.source_version = text_clean(a->pool, p.source_version, m),
			.origin = p.origin,
			.module = text_clean(a->pool, p.module, m),
			.channels = text_clean(a->pool, p.channels,
			    CHANNELS_TEXT),
			.owner_namespace = text_clean(a->pool,
			    p.owner_namespace, 256),
			.owner_source = text_clean(a->pool, p.owner_source, m),
			.owner_version = text_clean(a->pool, p.owner_version,
			    m) };
		a->full |= p.name.n != 0 && a->packages[i].name.n == 0;
		a->contexts[i] = context_of(a, &r->packages[i]);
		identity(a, i);
	}
}

static int
find_ids(struct applying *a, struct diag *d)
{
	struct str *v = mem_array(a->npackages, sizeof(*v));
	struct db_result *r = NULL;
	int rc;

	for (size_t i = 0; i < a->npackages; i++)
		v[i] = str_n(a->identities[i], DIGEST_BYTES);
	if ((rc = DB_QUERY(a->db, sql_packages_find, &r, d, db_blobs(v,
	    a->npackages))) == 0)
		for (size_t i = 0; i < db_rows(r); i++)
			a->package_ids[db_col_int(r, i, 0) - 1] =
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
store_packages(struct applying *a, struct diag *d)
{
	size_t *at = mem_array(a->npackages, sizeof(*at)), n = 0;
	int rc;

	if ((rc = find_ids(a, d)) < 0)
		goto out;
	for (size_t i = 0; i < a->npackages; i++)
		if (a->package_ids[i] == 0)
			at[n++] = i;
	/* only the leader's matcher inserts packages, so what was not found is
	 * new; the same package twice in one image is one row */
	if (n > 0 && ((rc = insert_new(a, at, n, d)) < 0 ||
	    (rc = find_ids(a, d)) < 0 || (rc = insert_keys(a, at, n, d)) < 0))
		goto out;
out:
	free(at);
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
store_sets(struct applying *a, const struct apply_result *res,
    struct vec *sets, struct diag *d)
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
			if (res->packages[k].layer == res->packages[i].layer &&
			    str_eq(a->packages[k].type, a->packages[i].type) &&
			    str_eq(a->packages[k].namespace,
			    a->packages[i].namespace)) {
				taken[k] = true;
				vec_add(&members, a->package_ids[k]);
			}
		rc = set_id(a, &a->packages[i], &members, &id, d);
		vec_add(&positions, res->packages[i].layer);
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

static int
store_state(struct applying *a, const struct apply_result *res,
    const struct vec *sets, struct diag *d)
{
	struct str *reasons = mem_array(a->layers.nreasons + res->nreasons + 1,
	    sizeof(*reasons)), *notes = mem_array(res->nnotes + 1,
	    sizeof(*notes)), ns[64];
	struct str os = text_clean(a->pool, res->os.id, 64);
	struct str version = text_clean(a->pool, res->os.version, 64);
	size_t n = 0, nns = (size_t)namespaces_of(a, ns);
	struct db_result *r = NULL;
	uint8_t sha[DIGEST_BYTES];
	struct digest *h = digest_new();
	bool incomplete;
	int rc;

	for (size_t i = 0; i < a->layers.nreasons; i++)
		reasons[n++] = a->layers.reasons[i];
	if (a->full)
		reasons[n++] = str_of("more packages than can be held");
	for (size_t i = 0; i < res->nreasons; i++)
		reasons[n++] = text_clean(a->pool, res->reasons[i], DIAG_TEXT);
	for (size_t i = 0; i < res->nnotes; i++)
		notes[i] = text_clean(a->pool, res->notes[i], DIAG_TEXT);
	incomplete = res->incomplete || n > 0;
	digest_add(h, sets->v, sets->n * sizeof(*sets->v));
	digest_add(h, &incomplete, sizeof(incomplete));
	for (size_t i = 0; i < n; i++)
		digest_add(h, reasons[i].p, reasons[i].n);
	for (size_t i = 0; i < res->nnotes; i++)
		digest_add(h, notes[i].p, notes[i].n);
	digest_add(h, os.p, os.n);
	digest_add(h, version.p, version.n);
	digest_end(h, sha);
	if ((rc = DB_QUERY(a->db, sql_image_state_upsert, &r, d,
	    db_bytes(str_n(sha, sizeof(sha))), vec_param(sets),
	    db_texts(ns, nns), db_text(os), db_text(version),
	    db_bool(incomplete), db_texts(reasons, n),
	    db_texts(notes, res->nnotes))) == 0)
		rc = DB_QUERY(a->db, sql_image_applied, NULL, d,
		    db_int(a->image), db_int(db_col_int(r, 0, 0)));
	db_free(r);
	digest_free(h);
	free(reasons);
	free(notes);
	return (rc);
}

static int
apply_one(struct db *db, int64_t image, const uint8_t sip_key[16],
    struct diag *d)
{
	struct applying a = { .db = db, .image = image };
	struct apply_result *res = NULL;
	struct vec sets = { 0 };
	int rc;

	a.pool = pool_new(APPLY_MEMORY);
	if ((rc = image_layers_load(db, image, LAYERS_MEMORY, &a.layers,
	    d)) < 0)
		goto out;
	if ((rc = image_layers_apply(db, &a.layers, sip_key, &res, d)) < 0)
		goto out;
	collect(&a, res);
	if ((rc = store_packages(&a, d)) < 0 ||
	    (rc = store_sets(&a, res, &sets, d)) < 0)
		goto out;
	rc = store_state(&a, res, &sets, d);
out:
	apply_result_free(res);
	image_layers_done(&a.layers);
	free(a.packages);
	free(a.contexts);
	free(a.identities);
	free(a.package_ids);
	vec_done(&sets);
	pool_free(a.pool);
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

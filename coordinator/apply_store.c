/*
 * What was read of layers becomes what is installed in an image.  The records
 * come from sandboxed parsers that may have been taken over by their layer:
 * they are decoded within bounds and can falsify only that layer's own rows.
 */
#include <stdarg.h>
#include <stdlib.h>
#include "apply_store.h"
#include "common/digest.h"
#include "common/inventory.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/pack.h"
#include "common/text.h"
#include "common/mem.h"
#include "coordinator/matcher/apply.h"
#include "coordinator/matcher/channel.h"
#include "coordinator/matcher/match.h"
#include "coordinator/matcher/namespace.h"
#include "sql.h"
#include "vec.h"

/* The inventories of all layers of one image together. */
#define LAYERS_MEMORY ((size_t)4 << 30)
#define APPLY_MEMORY ((size_t)2 << 30)

struct applying {
	struct db *db;
	int64_t image;
	struct pool *pool;
	struct layer_inventory **layers;	/* NULL = not readable */
	bool *owned;				/* false = the same as an earlier one */
	int64_t *ids;
	size_t n;
	size_t layers_used;			/* of LAYERS_MEMORY */
	struct str *reasons;			/* of layers */
	size_t nreasons;
	struct match_package *packages;
	struct str *contexts;
	uint8_t (*identities)[DIGEST_BYTES];
	int64_t *package_ids;
	size_t npackages;
};

static void PRINTF(2, 3)
add_reason(struct applying *a, const char *fmt, ...)
{
	char text[DIAG_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (a->nreasons < 200)
		a->reasons[a->nreasons++] = text_clean(a->pool, str_of(text),
		    DIAG_TEXT);
}

/* ---------------------------------------------------------------- loading */

static int
load_rows(struct applying *a, const char *sql, int64_t layer, bool tree,
    struct layer_inventory *li, struct diag *d)
{
	struct db_result *r = NULL;
	struct cur c;
	int rc;

	if ((rc = DB_QUERY(a->db, sql, &r, d, db_int(layer))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r) && rc == 0; i++) {
		c = cur_str(db_col_bytes(r, i, 0));
		while (rc == 0 && cur_left(&c) > 0)
			rc = tree ? layer_inventory_read_tree(li, &c) :
			    layer_inventory_read_file(li, &c);
	}
	db_free(r);
	return (rc);
}

static int
load_layer(struct applying *a, size_t at, struct diag *d)
{
	struct layer_inventory *li;
	int rc;

	for (size_t i = 0; i < at; i++)
		if (a->ids[i] == a->ids[at] && a->layers[i] != NULL) {
			a->layers[at] = a->layers[i];
			return (0);
		}
	li = layer_inventory_new(LAYERS_MEMORY - a->layers_used);
	if ((rc = load_rows(a, sql_layer_inventory, a->ids[at], false, li,
	    d)) == 0)
		rc = load_rows(a, sql_layer_tree_rows, a->ids[at], true, li, d);
	if (rc == ERR_TEMPORARY) {
		layer_inventory_free(li);
		return (rc);
	}
	if (rc < 0)
		add_reason(a, "layer %zu: its stored inventory cannot be read", at);
	a->layers_used += pool_used(li->pool);
	a->layers[at] = li;
	a->owned[at] = true;
	return (0);
}

/* The layers of the image, and what is known against each of them. */
static int
load_layers(struct applying *a, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(a->db, sql_image_layers, &r, d,
	    db_int(a->image))) < 0)
		return (rc);
	a->n = db_rows(r);
	a->layers = mem_array(a->n, sizeof(*a->layers));
	a->owned = mem_array(a->n, sizeof(*a->owned));
	a->ids = mem_array(a->n, sizeof(*a->ids));
	for (size_t i = 0; i < a->n && rc == 0; i++) {
		struct str state = db_col(r, i, 1), why = db_col(r, i, 2);

		a->ids[i] = db_col_int(r, i, 0);
		if (!str_eqz(state, "done"))
			add_reason(a, "layer %zu: %.*s", i,
			    (int)(why.n < 400 ? why.n : 400), why.p);
		if (!db_is_null(r, i, 4) &&
		    db_col_int(r, i, 3) != db_col_int(r, i, 4))
			add_reason(a, "layer %zu: the manifest says size %lld, the blob has %lld bytes",
			    i, (long long)db_col_int(r, i, 3),
			    (long long)db_col_int(r, i, 4));
		if (!str_eqz(state, "failed") && !str_eqz(state, "new"))
			rc = load_layer(a, i, d);
	}
	db_free(r);
	return (rc);
}

/* --------------------------------------------------------------- channels */

/* The names of the image's repositories, with and without their release. */
static size_t
repositories_of(const struct apply_result *r, struct str **ret)
{
	struct str *v = NULL, list, name;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < r->nlayers; i++) {
		list = r->content_sets[i];
		if (i > 0 && list.p == r->content_sets[i - 1].p)
			continue;
		while (str_split(&list, ' ', &name)) {
			MEM_ADD(v, n, cap, name);
			if (content_set_base(name).n < name.n)
				MEM_ADD(v, n, cap, content_set_base(name));
		}
	}
	*ret = v;
	return (n);
}

/* What is known of the image's repositories says which channels it takes. */
static int
set_channels(struct applying *a, struct apply_result *r, struct diag *d)
{
	struct content_sets *known = content_sets_new(APPLY_MEMORY);
	struct db_result *rows = NULL;
	struct str *names = NULL;
	size_t n = repositories_of(r, &names);
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		names[i] = text_clean(a->pool, names[i], LIMIT_CONTENT_SET);
	if (n > 0 && ((rc = db_query0(a->db, sql_content_sets_lock_shared, NULL,
	    d)) < 0 || (rc = DB_QUERY(a->db, sql_content_sets_find, &rows, d,
	    db_texts(names, n))) < 0))
		goto out;
	for (size_t i = 0; rc == 0 && rows != NULL && i < db_rows(rows); i++)
		if ((rc = content_sets_add(known, &(struct content_set) {
		    .name = db_col(rows, i, 0), .cpes = db_col(rows, i, 1) })) < 0)
			(void)diag_set(d, rc, 0, "more repositories than memory "
			    "is allowed for");
	if (rc == 0)
		rc = apply_channels(r, known, d);
out:
	db_free(rows);
	content_sets_free(known);
	free(names);
	return (rc);
}

/* --------------------------------------------------------------- packages */

static void
identity(struct applying *a, size_t i)
{
	const struct match_package *p = &a->packages[i];
	const struct str fields[] = { p->namespace, p->type, p->name,
		p->version, p->arch, p->source_name, p->source_version,
		p->origin, p->module, a->contexts[i], p->channels };
	size_t n = sizeof(fields) / sizeof(fields[0]);
	struct buf b;

	/* most have none: their identity is what it was before there were any */
	n -= p->channels.n == 0;
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
			    CHANNELS_TEXT) };
		if (p.name.n != 0 && a->packages[i].name.n == 0)
			add_reason(a, "more packages than can be held");
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

#define COLUMNS 12

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
			p->module, p->channels };

		for (size_t k = 0; k < COLUMNS; k++)
			c[k][i] = v[k];
	}
	rc = DB_QUERY(a->db, sql_packages_insert, NULL, d, db_blobs(c[0], n),
	    db_texts(c[1], n), db_texts(c[2], n), db_texts(c[3], n),
	    db_texts(c[4], n), db_texts(c[5], n), db_texts(c[6], n),
	    db_texts(c[7], n), db_texts(c[8], n), db_texts(c[9], n),
	    db_texts(c[10], n), db_texts(c[11], n));
	for (size_t k = 0; k < COLUMNS; k++)
		free(c[k]);
	return (rc);
}

/* The rows by which the new packages are matched. */
static int
insert_keys(struct applying *a, const size_t *at, size_t n, struct diag *d)
{
	struct str *ns = mem_array(2 * n, sizeof(*ns));
	struct str *names = mem_array(2 * n, sizeof(*names));
	struct str *keys = mem_array(2 * n, sizeof(*keys));
	struct match_key k[MATCH_KEYS_MAX];
	struct vec ids = { 0 };
	size_t m, total = 0;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		m = 0;
		rc = match_package_keys(&a->packages[at[i]], a->pool, k, &m, d);
		for (size_t j = 0; rc == 0 && j < m; j++, total++) {
			ns[total] = k[j].namespace;
			names[total] = k[j].name;
			keys[total] = k[j].key;
			vec_add(&ids, a->package_ids[at[i]]);
		}
	}
	if (rc == 0 && total > 0)
		rc = DB_QUERY(a->db, sql_package_keys_insert, NULL, d,
		    vec_param(&ids), db_texts(ns, total),
		    db_texts(names, total), db_blobs(keys, total));
	vec_done(&ids);
	free(ns);
	free(names);
	free(keys);
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
	struct str *reasons = mem_array(a->nreasons + res->nreasons + 1,
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

	for (size_t i = 0; i < a->nreasons; i++)
		reasons[n++] = a->reasons[i];
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
	a.reasons = mem_array(200, sizeof(*a.reasons));
	if ((rc = load_layers(&a, d)) < 0)
		goto out;
	res = apply_layers((const struct layer_inventory *const *)a.layers,
	    a.n, sip_key);
	if ((rc = set_channels(&a, res, d)) < 0)
		goto out;
	collect(&a, res);
	if ((rc = store_packages(&a, d)) < 0 ||
	    (rc = store_sets(&a, res, &sets, d)) < 0)
		goto out;
	rc = store_state(&a, res, &sets, d);
out:
	apply_result_free(res);
	for (size_t i = 0; i < a.n; i++)
		if (a.owned[i])
			layer_inventory_free(a.layers[i]);
	free(a.layers);
	free(a.owned);
	free(a.ids);
	free(a.reasons);
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

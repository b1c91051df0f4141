/* The offline matcher; see index.h.  Sorted arrays, no hashes: names and ids
 * are a stranger's. */
#include <assert.h>
#include "index.h"
#include "namespace.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/version.h"

/* A row by which a package is found. */
struct key_row {
	struct str namespace, name;
	bool binary;		/* by its own name, see match_has_binary_name() */
	size_t package;
};

/* A document seen: of equal ids the last modified wins. */
struct doc {
	struct str id, modified;
	size_t number;		/* in the order of arrival */
	bool outdated;
};

struct hit {
	struct index_hit h;
	size_t doc;
	struct advisory about;	/* ids only, for alias_vulnerabilities */
};

struct index {
	struct pool *pool;
	struct alias_classes *aliases;
	struct match_package *packages;
	size_t npackages, packages_cap;
	struct key_row *rows;
	size_t nrows, rows_cap;
	struct index_namespace *namespaces;
	size_t nnamespaces;
	struct doc *docs;
	size_t ndocs, docs_cap;
	struct hit *hits;
	size_t nhits, hits_cap;
	struct index_hit *result;
	size_t *candidates;	/* numbers of packages, each once */
	size_t *seen_in;	/* of each package: the last document, counted
				   from 1, that made it a candidate */
	struct buf name;	/* the entry's normalised name */
	bool sealed;		/* rows are sorted, advisories may come */
	struct str asked;	/* "" = nothing */
	struct advisory *asked_docs;	/* of that id; ids only */
	size_t nasked, asked_cap;
};

struct index *
index_new(size_t max)
{
	struct index *x = mem_alloc(sizeof(*x));

	x->pool = pool_new(max);
	x->aliases = alias_new(max);
	buf_init(&x->name, LIMIT_PACKAGE_TEXT);
	return (x);
}

void
index_free(struct index *x)
{
	if (x == NULL)
		return;
	pool_free(x->pool);
	alias_free(x->aliases);
	buf_done(&x->name);
	free(x->packages);
	free(x->rows);
	free(x->namespaces);
	free(x->docs);
	free(x->hits);
	free(x->result);
	free(x->candidates);
	free(x->seen_in);
	free(x->asked_docs);
	free(x);
}

const struct match_package *
index_package_at(const struct index *x, size_t i)
{
	assert(i < x->npackages);
	return (&x->packages[i]);
}

static int
full(struct diag *d)
{
	return (diag_set(d, ERR_LIMIT, 0,
	    "more packages or advisories than the matcher's memory holds"));
}

static int
copy_package(struct index *x, const struct match_package *p,
    struct match_package *ret)
{
	int rc;

	if ((rc = pool_str(x->pool, p->namespace, &ret->namespace)) < 0 ||
	    (rc = pool_str(x->pool, p->type, &ret->type)) < 0 ||
	    (rc = pool_str(x->pool, p->name, &ret->name)) < 0 ||
	    (rc = pool_str(x->pool, p->version, &ret->version)) < 0 ||
	    (rc = pool_str(x->pool, p->arch, &ret->arch)) < 0 ||
	    (rc = pool_str(x->pool, p->source_name, &ret->source_name)) < 0 ||
	    (rc = pool_str(x->pool, p->source_version,
	    &ret->source_version)) < 0 ||
	    (rc = pool_str(x->pool, p->origin, &ret->origin)) < 0 ||
	    (rc = pool_str(x->pool, p->module, &ret->module)) < 0)
		return (rc);
	if ((rc = pool_str(x->pool, p->channels, &ret->channels)) < 0 ||
	    (rc = pool_str(x->pool, p->owner_namespace,
	    &ret->owner_namespace)) < 0 ||
	    (rc = pool_str(x->pool, p->owner_source, &ret->owner_source)) < 0)
		return (rc);
	return (pool_str(x->pool, p->owner_version, &ret->owner_version));
}

static void
count_namespace(struct index *x, const struct match_package *p)
{
	struct index_namespace *ns;

	for (size_t i = 0; i < x->nnamespaces; i++) {
		ns = &x->namespaces[i];
		if (str_eq(ns->name, p->namespace) && str_eq(ns->type, p->type)) {
			ns->packages++;
			return;
		}
	}
	x->namespaces = mem_realloc(x->namespaces, x->nnamespaces + 1,
	    sizeof(*x->namespaces));
	x->namespaces[x->nnamespaces++] = (struct index_namespace) {
		.name = p->namespace, .type = p->type, .packages = 1,
		.ordered = version_scheme_of_ecosystem(p->namespace) != NULL,
	};
}

int
index_package(struct index *x, const struct match_package *p, size_t *ret,
    struct diag *d)
{
	struct match_key keys[MATCH_KEYS_MAX];
	struct match_package copy;
	size_t n;
	int rc;

	assert(!x->sealed);
	if (copy_package(x, p, &copy) < 0)
		return (full(d));
	if ((rc = match_package_keys(&copy, x->pool, keys, &n, d)) < 0)
		return (rc);
	for (size_t i = 0; i < n; i++) {
		MEM_ROOM(x->rows, x->nrows, x->rows_cap);
		x->rows[x->nrows++] = (struct key_row) { keys[i].namespace,
		    keys[i].name, false, x->npackages };
	}
	if (n > 0 && match_has_binary_name(&copy)) {
		MEM_ROOM(x->rows, x->nrows, x->rows_cap);
		x->rows[x->nrows++] = (struct key_row) { copy.namespace,
		    copy.name, true, x->npackages };
	}
	count_namespace(x, &copy);
	MEM_ROOM(x->packages, x->npackages, x->packages_cap);
	*ret = x->npackages;
	x->packages[x->npackages++] = copy;
	return (0);
}

/* ---------------------------------------------------------------------- advisories */

static int
row_cmp(const void *a, const void *b)
{
	const struct key_row *x = a, *y = b;
	int r;

	if ((r = str_cmp(x->name, y->name)) != 0 ||
	    (r = str_cmp(x->namespace, y->namespace)) != 0 ||
	    (r = (int)x->binary - (int)y->binary) != 0)
		return (r);
	return (x->package < y->package ? -1 : x->package > y->package);
}

static void
seal(struct index *x)
{
	if (x->nrows > 0)
		qsort(x->rows, x->nrows, sizeof(*x->rows), row_cmp);
	x->candidates = mem_array(x->npackages + 1, sizeof(*x->candidates));
	x->seen_in = mem_array(x->npackages + 1, sizeof(*x->seen_in));
	x->sealed = true;
}

/* The first row that is not below (name, namespace). */
static size_t
lower_bound(const struct index *x, const struct key_row *key)
{
	size_t lo = 0, hi = x->nrows, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (row_cmp(&x->rows[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static void
note_covered(struct index *x, const struct feed_importer *kind, struct str id,
    const struct advisory_affected *e)
{
	char room[NAMESPACE_TEXT];
	struct str ns = namespace_spoken_of(e->ecosystem, room);

	/* a denial alone is no word about what is affected */
	if (vex_status_denies(e->status) || !feed_covers(kind, id, ns))
		return;
	for (size_t i = 0; i < x->nnamespaces; i++)
		if (str_eq(x->namespaces[i].name, ns))
			x->namespaces[i].has_feed = true;
}

/* Add the packages that entry ${e} names and that are not candidates of this
 * document yet. */
static void
add_candidates(struct index *x, const struct advisory_affected *e, size_t *n)
{
	char namespace[NAMESPACE_TEXT];
	struct key_row key = { .namespace = namespace_spoken_of(e->ecosystem,
	    namespace), .binary = e->by_binary };
	size_t i, p;

	buf_clear(&x->name);
	if (version_name_key(e->ecosystem, e->name, &x->name) < 0)
		return;		/* longer than any package's */
	key.name = buf_view(&x->name);
	for (i = lower_bound(x, &key); i < x->nrows &&
	    str_eq(x->rows[i].name, key.name) &&
	    str_eq(x->rows[i].namespace, key.namespace) &&
	    x->rows[i].binary == key.binary; i++) {
		p = x->rows[i].package;
		if (x->seen_in[p] != x->ndocs) {
			x->seen_in[p] = x->ndocs;
			x->candidates[(*n)++] = p;
		}
	}
}

static int
copy_strs(struct pool *pool, const struct str *v, size_t n, struct str **ret)
{
	int rc = 0;

	if ((*ret = pool_alloc(pool, (n + 1) * sizeof(**ret))) == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = pool_str(pool, v[i], &(*ret)[i]);
	return (rc);
}

/* The ids of ${a}, for the question what it is about. */
static int
copy_ids(struct pool *pool, const struct advisory *a, struct advisory *ret)
{
	int rc;

	*ret = (struct advisory) { .naliases = a->naliases,
	    .nupstream = a->nupstream, .nrelated = a->nrelated };
	if ((rc = pool_str(pool, a->id, &ret->id)) < 0 ||
	    (rc = copy_strs(pool, a->aliases, a->naliases, &ret->aliases)) < 0 ||
	    (rc = copy_strs(pool, a->upstream, a->nupstream,
	    &ret->upstream)) < 0)
		return (rc);
	return (copy_strs(pool, a->related, a->nrelated, &ret->related));
}

static int
add_hit(struct index *x, size_t package, const struct match_result *r,
    const struct advisory *about)
{
	struct hit h = { .h = { .package = package, .advisory = about->id,
	    .result = *r }, .doc = x->ndocs - 1, .about = *about };
	int rc;

	if ((rc = pool_str(x->pool, r->fixed_version,
	    &h.h.result.fixed_version)) < 0 ||
	    (rc = pool_str(x->pool, r->reason, &h.h.result.reason)) < 0)
		return (rc);
	MEM_ROOM(x->hits, x->nhits, x->hits_cap);
	x->hits[x->nhits++] = h;
	return (0);
}

static int
decide(struct index *x, const struct advisory *a, size_t n, struct diag *d)
{
	struct advisory about = { .id = { NULL, 0 } };
	struct match_result r;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = match_decide(&x->packages[x->candidates[i]], a, &r, d);
		if (rc < 0 || !r.applies)
			continue;
		if (about.id.n == 0 && copy_ids(x->pool, a, &about) < 0)
			rc = full(d);
		else if (add_hit(x, x->candidates[i], &r, &about) < 0)
			rc = full(d);
	}
	return (rc);
}

int
index_ask(struct index *x, struct str id, struct diag *d)
{
	return (pool_str(x->pool, id, &x->asked) < 0 ? full(d) : 0);
}

/* A document of the id that was asked for. */
static int
note_asked(struct index *x, const struct advisory *a)
{
	struct advisory about;
	int rc;

	if (x->asked.n == 0 || !str_eq(x->asked, a->id))
		return (0);
	if ((rc = copy_ids(x->pool, a, &about)) == 0)
		MEM_ADD(x->asked_docs, x->nasked, x->asked_cap, about);
	return (rc);
}

int
index_advisory(struct index *x, const struct feed_importer *kind,
    const struct advisory *a, struct diag *d)
{
	struct doc doc = { .number = x->ndocs };
	size_t n = 0;

	if (!x->sealed)
		seal(x);
	if (note_asked(x, a) < 0)
		return (full(d));
	if (pool_str(x->pool, a->id, &doc.id) < 0 ||
	    pool_str(x->pool, a->modified, &doc.modified) < 0 ||
	    (a->withdrawn.n == 0 &&
	    alias_add(x->aliases, a->id, a->aliases, a->naliases) < 0))
		return (full(d));
	MEM_ROOM(x->docs, x->ndocs, x->docs_cap);
	x->docs[x->ndocs++] = doc;
	for (size_t i = 0; i < a->naffected; i++) {
		note_covered(x, kind, a->id, &a->affected[i]);
		add_candidates(x, &a->affected[i], &n);
	}
	return (decide(x, a, n, d));
}

/* -------------------------------------------------------------------------- results */

static int
doc_cmp(const void *a, const void *b)
{
	const struct doc *x = a, *y = b;
	int r;

	if ((r = str_cmp(x->id, y->id)) != 0 ||
	    (r = str_cmp(x->modified, y->modified)) != 0)
		return (r);
	return (x->number < y->number ? -1 : x->number > y->number);
}

static int
doc_number_cmp(const void *a, const void *b)
{
	const struct doc *x = a, *y = b;

	return (x->number < y->number ? -1 : x->number > y->number);
}

/* Documents arrive more than once when they name several ecosystems. */
static void
mark_outdated(struct index *x)
{
	if (x->ndocs == 0)
		return;
	qsort(x->docs, x->ndocs, sizeof(*x->docs), doc_cmp);
	for (size_t i = 0; i + 1 < x->ndocs; i++)
		x->docs[i].outdated = str_eq(x->docs[i].id, x->docs[i + 1].id);
	qsort(x->docs, x->ndocs, sizeof(*x->docs), doc_number_cmp);
}

static int
hit_cmp(const void *a, const void *b)
{
	const struct index_hit *x = a, *y = b;

	if (x->package != y->package)
		return (x->package < y->package ? -1 : 1);
	return (str_cmp(x->advisory, y->advisory));
}

int
index_finish(struct index *x, const struct index_hit **ret, size_t *n,
    struct diag *d)
{
	size_t count = 0;

	mark_outdated(x);
	free(x->result);
	x->result = mem_array(x->nhits + 1, sizeof(*x->result));
	for (size_t i = 0; i < x->nhits; i++) {
		struct index_hit *h = &x->result[count];

		if (x->docs[x->hits[i].doc].outdated)
			continue;
		*h = x->hits[i].h;
		if (alias_vulnerabilities(x->aliases, &x->hits[i].about, x->pool,
		    &h->vulnerabilities, &h->nvulnerabilities) < 0)
			return (full(d));
		count++;
	}
	qsort(x->result, count, sizeof(*x->result), hit_cmp);
	*ret = x->result;
	*n = count;
	return (0);
}

int
index_about(struct index *x, const struct advisory *a, struct pool *pool,
    struct str **ret, size_t *n)
{
	return (alias_vulnerabilities(x->aliases, a, pool, ret, n));
}

int
index_asked(struct index *x, struct str **ret, size_t *ret_n, struct diag *d)
{
	struct str *v = NULL, *more;
	size_t n = 0, cap = 0, m;

	for (size_t i = 0; i <= x->nasked; i++) {
		if ((i < x->nasked ? index_about(x, &x->asked_docs[i], x->pool,
		    &more, &m) : alias_names(x->aliases, x->asked, x->pool,
		    &more, &m)) < 0) {
			free(v);
			return (full(d));
		}
		for (size_t k = 0; k < m; k++)
			MEM_ADD(v, n, cap, more[k]);
	}
	*ret = pool_alloc(x->pool, n * sizeof(*v));
	if (*ret != NULL)
		memcpy(*ret, v, n * sizeof(*v));
	*ret_n = n;
	free(v);
	return (*ret == NULL ? full(d) : 0);
}

bool
index_outdated(const struct index *x, size_t number)
{
	return (number < x->ndocs && x->docs[number].outdated);
}

const struct index_namespace *
index_namespaces(const struct index *x, size_t *n)
{
	*n = x->nnamespaces;
	return (x->namespaces);
}

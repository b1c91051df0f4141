/*
 * See links.h.  Classes are never kept in memory: those that a batch touches are
 * closed in SQL (alias_closure), made by alias.c, and forgotten.
 */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"
#include "documents.h"
#include "links.h"
#include "sql.h"

/* Ids stand in columns that are indexed. */
#define NAME_BYTES 256
#define CLASSES_MEMORY ((size_t)1 << 30)

/* A list of names with memory of its own. */
struct names {
	struct str *v;
	size_t n, cap;
};

static void
names_add(struct names *x, struct str s)
{
	MEM_ADD(x->v, x->n, x->cap, str_n(mem_strndup(s), s.n));
}

static void
names_done(struct names *x)
{
	for (size_t i = 0; i < x->n; i++)
		free((void *)(uintptr_t)x->v[i].p);
	free(x->v);
	*x = (struct names) { 0 };
}

static struct db_param
names_param(const struct names *x)
{
	return (db_texts(x->v, x->n));
}

void
links_done(struct links *x)
{
	vec_done(&x->vulnerabilities);
	vec_done(&x->advisories);
	vec_done(&x->from);
	vec_done(&x->to);
}

static int
clean(struct pool *pool, const struct str *v, size_t n, struct str **ret)
{
	if ((*ret = pool_alloc(pool, (n + 1) * sizeof(**ret))) == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = text_clean(pool, v[i], NAME_BYTES);
	return (0);
}

int
links_names(const struct advisory *a, struct pool *pool,
    struct advisory *about)
{
	int rc;

	*about = (struct advisory) { .id = text_clean(pool, a->id, NAME_BYTES),
		.withdrawn = a->withdrawn, .naliases = a->naliases,
		.nupstream = a->nupstream, .nrelated = a->nrelated,
		.summary = text_clean(pool, a->summary,
		    LIMIT_ADVISORY_SUMMARY) };
	if ((rc = clean(pool, a->aliases, a->naliases, &about->aliases)) < 0 ||
	    (rc = clean(pool, a->upstream, a->nupstream,
	    &about->upstream)) < 0)
		return (rc);
	return (clean(pool, a->related, a->nrelated, &about->related));
}

bool
links_counts(const struct advisory *about, bool gone)
{
	return (!gone && about->withdrawn.n == 0 && !alias_is_bundle(about->id));
}

/* -------------------------------------------------------------------- names */

struct refresh {
	struct db *db;
	const struct vec *ids;
	struct links *ret;
	struct names seeds;	/* whose classes may be others now */
	struct alias_classes *classes;
	struct vec link_ids;	/* rows of advisory_name to store */
	struct vec link_kinds;
	struct names link_names;
};

static void
add_row(struct refresh *x, int64_t id, bool link, struct str name)
{
	if (name.n == 0)
		return;
	vec_add(&x->link_ids, id);
	vec_add(&x->link_kinds, link);
	names_add(&x->link_names, name);
	if (link)
		names_add(&x->seeds, name);
}

static int
learn(struct refresh *x, const struct document *doc, const struct advisory *a,
    struct diag *d)
{
	struct pool *pool = pool_new(LIMIT_ADVISORY_POOL);
	struct advisory about;
	int rc;

	if ((rc = links_names(a, pool, &about)) < 0) {
		diag_set(d, rc, 0, "advisory: too many names");
		goto out;
	}
	names_add(&x->seeds, about.id);
	if (links_counts(&about, doc->gone))
		for (size_t i = 0; i < about.naliases; i++)
			if (!alias_is_bundle(about.aliases[i]))
				add_row(x, doc->id, true, about.aliases[i]);
	/* a CVE is its own name, whatever its class */
	for (size_t i = 0; i < about.nupstream; i++)
		if (!str_starts(about.upstream[i], "CVE-"))
			add_row(x, doc->id, false, about.upstream[i]);
out:
	pool_free(pool);
	return (rc);
}

/* Store the names of the batch; all that it connects, or did, are seeds. */
static int
learn_all(struct refresh *x, struct diag *d)
{
	struct documents docs;
	struct db_result *r = NULL;
	struct document doc;
	struct advisory a;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_aliases_of, &r, d,
	    vec_param(x->ids))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++)
		names_add(&x->seeds, db_col(r, i, 0));
	db_free(r);
	documents_init(&docs, x->db, x->ids);
	while ((rc = documents_next(&docs, &doc, &a, d)) > 0)
		if ((rc = learn(x, &doc, &a, d)) < 0)
			break;
	documents_done(&docs);
	if (rc < 0)
		return (rc);
	return (DB_QUERY(x->db, sql_advisory_names_set, NULL, d,
	    vec_param(x->ids), vec_param(&x->link_ids),
	    vec_param(&x->link_kinds), names_param(&x->link_names)));
}

/* All names connected with ${from}. */
static int
close_names(struct refresh *x, const struct names *from, struct names *ret,
    struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_alias_closure, &r, d,
	    names_param(from))) == 0)
		for (size_t i = 0; i < db_rows(r); i++)
			names_add(ret, db_col(r, i, 0));
	db_free(r);
	return (rc);
}

/* The documents outside the batch that depend on the classes of ${names}. */
static int
find_others(struct refresh *x, const struct names *names, struct vec *others,
    struct diag *d)
{
	struct names own = { 0 };
	struct db_result *r = NULL;
	int rc;

	for (size_t i = 0; i < names->n; i++)
		if (!str_starts(names->v[i], "CVE-"))
			names_add(&own, names->v[i]);
	if ((rc = DB_QUERY(x->db, sql_advisories_naming, &r, d,
	    names_param(&own), vec_param(x->ids))) == 0)
		vec_column(others, r, 0);
	vec_unique(others);
	db_free(r);
	names_done(&own);
	return (rc);
}

static int
add_upstreams(struct refresh *x, const struct vec *ids, struct names *ret,
    struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_upstreams_of, &r, d,
	    vec_param(ids))) == 0)
		for (size_t i = 0; i < db_rows(r); i++)
			names_add(ret, db_col(r, i, 0));
	db_free(r);
	return (rc);
}

/* The classes of ${names}, which are closed. */
static int
make_classes(struct refresh *x, const struct names *names, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	x->classes = alias_new(CLASSES_MEMORY);
	rc = DB_QUERY(x->db, sql_alias_links, &r, d, names_param(names));
	for (size_t i = 0; rc == 0 && i < db_rows(r); i++) {
		struct str alias = db_col(r, i, 1);

		if ((rc = alias_add(x->classes, db_col(r, i, 0), &alias,
		    1)) < 0)
			diag_set(d, rc, 0,
			    "more aliases than memory is allowed for");
	}
	db_free(r);
	return (rc);
}

/* Make all classes that the batch and the documents which depend on it name;
 * these are put into ${others}. */
static int
close_classes(struct refresh *x, struct vec *others, struct diag *d)
{
	struct names touched = { 0 }, all = { 0 };
	int rc;

	if ((rc = close_names(x, &x->seeds, &touched, d)) < 0 ||
	    (rc = find_others(x, &touched, others, d)) < 0 ||
	    (rc = add_upstreams(x, x->ids, &touched, d)) < 0 ||
	    (rc = add_upstreams(x, others, &touched, d)) < 0 ||
	    (rc = close_names(x, &touched, &all, d)) < 0)
		goto out;
	rc = make_classes(x, &all, d);
out:
	names_done(&touched);
	names_done(&all);
	return (rc);
}

/* -------------------------------------------------------------------- links */

/* Links to store and to drop, and what became of what. */
struct link_diff {
	struct vec add_ids, drop_ids, drop_vulnerabilities;
	struct names add_names, add_summaries;
	struct names from, to, because;		/* merges */
};

static void
link_diff_done(struct link_diff *x)
{
	vec_done(&x->add_ids);
	vec_done(&x->drop_ids);
	vec_done(&x->drop_vulnerabilities);
	names_done(&x->add_names);
	names_done(&x->add_summaries);
	names_done(&x->from);
	names_done(&x->to);
	names_done(&x->because);
}

/* Rows [*at, ...) of ${r} are the stored links of later advisories; compare
 * those of ${doc} with ${names}, both sorted. */
static void
diff_one(const struct document *doc, const struct advisory *about,
    const struct str *names, size_t n, const struct db_result *r, size_t *at,
    struct link_diff *diff, struct vec *changed)
{
	size_t i = 0, dropped = 0, added = 0;
	struct str gone = { 0 }, new = { 0 };
	int c;

	while (*at < db_rows(r) && db_col_int(r, *at, 0) < doc->id)
		(*at)++;
	for (;;) {
		bool stored = *at < db_rows(r) &&
		    db_col_int(r, *at, 0) == doc->id;

		if (!stored && i == n)
			break;
		c = !stored ? 1 : i == n ? -1 :
		    str_cmp(db_col(r, *at, 2), names[i]);
		if (c < 0) {
			vec_add(&diff->drop_ids, doc->id);
			vec_add(&diff->drop_vulnerabilities,
			    db_col_int(r, *at, 1));
			gone = db_col(r, *at, 2);
			dropped++;
		} else if (c > 0) {
			vec_add(&diff->add_ids, doc->id);
			names_add(&diff->add_names, names[i]);
			names_add(&diff->add_summaries, about->summary);
			new = names[i];
			added++;
		}
		*at += c <= 0;
		i += c >= 0;
	}
	if (dropped + added > 0)
		vec_add(changed, doc->id);
	if (dropped == 1 && added == 1) {
		names_add(&diff->from, gone);
		names_add(&diff->to, new);
		names_add(&diff->because, about->id);
	}
}

/* Compare the links of ${ids} with what their documents and the classes say.
 * Those that have others now are added to ${changed}. */
static int
diff_links(struct refresh *x, const struct vec *ids, struct link_diff *diff,
    struct vec *changed, struct diag *d)
{
	struct db_result *r = NULL;
	struct documents docs;
	struct document doc;
	struct advisory a, about;
	size_t at = 0, n;
	struct str *names;
	int rc;

	if (ids->n == 0)
		return (0);
	documents_init(&docs, x->db, ids);
	if ((rc = DB_QUERY(x->db, sql_links_of, &r, d, vec_param(ids))) < 0)
		goto out;
	for (size_t i = 0; i < db_rows(r); i++)
		vec_add(&x->ret->vulnerabilities, db_col_int(r, i, 1));
	while ((rc = documents_next(&docs, &doc, &a, d)) > 0) {
		struct pool *pool = pool_new(LIMIT_ADVISORY_POOL);

		if ((rc = links_names(&a, pool, &about)) < 0 ||
		    (rc = alias_vulnerabilities(x->classes, &about, pool,
		    &names, &n)) < 0)
			diag_set(d, rc, 0, "advisory: too many names");
		else
			diff_one(&doc, &about, names, n, r, &at, diff, changed);
		pool_free(pool);
		if (rc < 0)
			break;
	}
out:
	documents_done(&docs);
	db_free(r);
	return (rc);
}

static int
store_links(struct refresh *x, const struct link_diff *diff, struct diag *d)
{
	struct db_result *r = NULL;
	int rc = 0;

	if (diff->drop_ids.n > 0)
		rc = DB_QUERY(x->db, sql_links_remove, NULL, d,
		    vec_param(&diff->drop_ids),
		    vec_param(&diff->drop_vulnerabilities));
	if (rc == 0 && diff->add_ids.n > 0 &&
	    (rc = DB_QUERY(x->db, sql_links_add, &r, d,
	    vec_param(&diff->add_ids), names_param(&diff->add_names),
	    names_param(&diff->add_summaries))) == 0)
		vec_column(&x->ret->vulnerabilities, r, 1);
	db_free(r);
	if (rc == 0 && diff->from.n > 0)
		rc = DB_QUERY(x->db, sql_merges_note, NULL, d,
		    names_param(&diff->from), names_param(&diff->to),
		    names_param(&diff->because));
	return (rc);
}

/* The ids of the vulnerabilities that merged into others. */
static int
merged_ids(struct refresh *x, const struct link_diff *diff, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if (diff->from.n == 0)
		return (0);
	if ((rc = DB_QUERY(x->db, sql_vulnerability_pairs, &r, d,
	    names_param(&diff->from), names_param(&diff->to))) == 0) {
		vec_column(&x->ret->from, r, 0);
		vec_column(&x->ret->to, r, 1);
	}
	db_free(r);
	return (rc);
}

int
links_refresh(struct db *db, const struct vec *ids, struct links *ret,
    struct diag *d)
{
	struct refresh x = { .db = db, .ids = ids, .ret = ret };
	struct link_diff diff = { 0 };
	struct vec others = { 0 };
	int rc;

	if ((rc = learn_all(&x, d)) < 0 ||
	    (rc = close_classes(&x, &others, d)) < 0 ||
	    (rc = diff_links(&x, ids, &diff, &ret->advisories, d)) < 0 ||
	    (rc = diff_links(&x, &others, &diff, &ret->advisories, d)) < 0 ||
	    (rc = store_links(&x, &diff, d)) < 0)
		goto out;
	rc = merged_ids(&x, &diff, d);
	vec_unique(&ret->vulnerabilities);
out:
	alias_free(x.classes);
	names_done(&x.seeds);
	names_done(&x.link_names);
	vec_done(&x.link_ids);
	vec_done(&x.link_kinds);
	vec_done(&others);
	link_diff_done(&diff);
	return (rc);
}

/* See rematch.h.  The steps of one batch:
 *
 *	pairs (range join) -> match rows -> findings of the packages touched
 *	-> sets that hold them -> summaries -> states -> verdicts -> ledger
 */
#include <stdlib.h>
#include "common/advisory.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/pool.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/match.h"
#include "rematch.h"
#include "sql.h"
#include "vec.h"
#include "verdict.h"

#define DOCUMENT_MEMORY (16 * LIMIT_ADVISORY_BYTES)

/* Arrays of rows to insert, column by column. */
struct columns {
	struct vec i[3];
	struct str *s[3];
	size_t n, cap;
};

static void
columns_add(struct columns *c, const int64_t i[3], const struct str s[3])
{
	if (c->n == c->cap) {
		c->cap = c->cap != 0 ? 2 * c->cap : 256;
		for (size_t k = 0; k < 3; k++)
			c->s[k] = mem_realloc(c->s[k], c->cap, sizeof(*c->s[k]));
	}
	for (size_t k = 0; k < 3; k++) {
		vec_add(&c->i[k], i[k]);
		c->s[k][c->n] = str_n(mem_strndup(s[k]), s[k].n);
	}
	c->n++;
}

static void
columns_done(struct columns *c)
{
	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < c->n; i++)
			free((void *)(uintptr_t)c->s[k][i].p);
		free(c->s[k]);
		vec_done(&c->i[k]);
	}
	memset(c, 0, sizeof(*c));
}

/* ------------------------------------------------------------------ matches */

static struct match_package
package_of(const struct db_result *r, size_t row)
{
	return ((struct match_package) { .namespace = db_col(r, row, 2),
		.type = db_col(r, row, 3), .name = db_col(r, row, 4),
		.version = db_col(r, row, 5), .arch = db_col(r, row, 6),
		.source_name = db_col(r, row, 7),
		.source_version = db_col(r, row, 8),
		.origin = db_col(r, row, 9), .module = db_col(r, row, 10) });
}

/* Decide the candidate pairs of ${pairs}, ordered by advisory, into rows. */
static int
decide_pairs(struct rematch *m, struct db_result *pairs, struct columns *out,
    struct diag *d)
{
	struct db_result *doc = NULL;
	struct pool *pool = NULL;
	struct advisory a = { 0 };
	int64_t have = 0;
	int rc = 0;

	for (size_t i = 0; i < db_rows(pairs) && rc == 0; i++) {
		int64_t id = db_col_int(pairs, i, 1);
		struct match_package p = package_of(pairs, i);
		struct match_result res;

		if (id != have) {
			struct cur c;

			db_free(doc);
			doc = NULL;
			pool_free(pool);
			pool = pool_new(DOCUMENT_MEMORY);
			if ((rc = DB_QUERY(m->db, sql_advisory_document, &doc,
			    d, db_int(id))) < 0)
				break;
			c = cur_str(db_col_bytes(doc, 0, 0));
			if ((rc = advisory_read(&c, pool, &a, d)) < 0)
				break;
			have = id;
		}
		if ((rc = match_decide(&p, &a, &res, d)) == 0 && res.applies)
			columns_add(out, (const int64_t[3]) {
			    db_col_int(pairs, i, 0), id, res.severity },
			    (const struct str[3]) { res.status,
			    res.fixed_version, str_of(res.rule) });
	}
	db_free(doc);
	pool_free(pool);
	return (rc);
}

static int
insert_matches(struct rematch *m, const struct columns *c, struct diag *d)
{
	if (c->n == 0)
		return (0);
	return (DB_QUERY(m->db, sql_match_insert, NULL, d, vec_param(&c->i[0]),
	    vec_param(&c->i[1]), vec_param(&c->i[2]), db_texts(c->s[0], c->n),
	    db_texts(c->s[1], c->n), db_texts(c->s[2], c->n)));
}

/* ----------------------------------------------------------------- findings */

/* The vulnerabilities each advisory is about, as rows. */
static int
link_advisory(struct rematch *m, int64_t id, const struct advisory *a,
    struct diag *d)
{
	struct pool *pool = pool_new(DOCUMENT_MEMORY);
	struct str *names = NULL;
	size_t n = 0;
	int rc;

	if ((rc = alias_vulnerabilities(m->classes, a, pool, &names,
	    &n)) == 0 &&
	    (rc = DB_QUERY(m->db, sql_vulnerabilities_upsert, NULL, d,
	    db_texts(names, n), db_text(a->summary))) == 0)
		rc = DB_QUERY(m->db, sql_advisory_link, NULL, d, db_int(id),
		    db_texts(names, n));
	pool_free(pool);
	return (rc);
}

/* Fold the matches of the packages into findings: one for each (package,
 * vulnerability), by finding_merge(). */
static int
fold(struct db_result *r, struct columns *out, struct diag *d)
{
	struct finding f = { 0 }, more;
	int64_t package = 0, vulnerability = 0;

	(void)d;
	for (size_t i = 0; i <= db_rows(r); i++) {
		bool end = i == db_rows(r);

		if (!end && db_col_int(r, i, 0) == package &&
		    db_col_int(r, i, 1) == vulnerability) {
			more = (struct finding) { .advisory = db_col(r, i, 2),
				.status = db_col(r, i, 4),
				.fixed_version = db_col(r, i, 6),
				.severity = (enum severity)db_col_int(r, i, 5),
				.rule = db_col(r, i, 7).p };
			finding_merge(db_col(r, i, 8), &f, &more);
			continue;
		}
		if (package != 0)
			columns_add(out, (const int64_t[3]) { package,
			    vulnerability, f.severity }, (const struct str[3]) {
			    f.advisory, f.status, f.fixed_version });
		if (end)
			break;
		package = db_col_int(r, i, 0);
		vulnerability = db_col_int(r, i, 1);
		f = (struct finding) { .advisory = db_col(r, i, 2),
			.status = db_col(r, i, 4),
			.fixed_version = db_col(r, i, 6),
			.severity = (enum severity)db_col_int(r, i, 5),
			.rule = db_col(r, i, 7).p };
	}
	return (0);
}

/* Bring the findings of ${packages} in line with their matches; the packages
 * whose findings changed are added to ${changed}. */
static int
refresh_findings(struct rematch *m, const struct vec *packages,
    struct vec *changed, struct diag *d)
{
	struct db_result *r = NULL;
	struct columns c = { 0 };
	int rc;

	if (packages->n == 0)
		return (0);
	if ((rc = DB_QUERY(m->db, sql_matches_of_packages, &r, d,
	    vec_param(packages))) < 0 || (rc = fold(r, &c, d)) < 0)
		goto out;
	db_free(r);
	r = NULL;
	if ((rc = DB_QUERY(m->db, sql_finding_delete, &r, d,
	    vec_param(packages), vec_param(&c.i[0]), vec_param(&c.i[1]))) < 0)
		goto out;
	vec_column(changed, r, 0);
	db_free(r);
	r = NULL;
	if (c.n > 0) {
		if ((rc = DB_QUERY(m->db, sql_finding_upsert, &r, d,
		    vec_param(&c.i[0]), vec_param(&c.i[1]),
		    vec_param(&c.i[2]), db_texts(c.s[0], c.n),
		    db_texts(c.s[1], c.n), db_texts(c.s[2], c.n))) < 0)
			goto out;
		vec_column(changed, r, 0);
	}
	vec_unique(changed);
out:
	db_free(r);
	columns_done(&c);
	return (rc);
}

/* From packages whose findings changed to summaries and verdicts. */
static int
spread(struct rematch *m, const struct vec *changed, const char *cause,
    const char *reference, struct diag *d)
{
	struct vec sets = { 0 }, states = { 0 };
	struct db_result *r = NULL;
	int rc = 0;

	if (changed->n == 0)
		return (0);
	if ((rc = DB_QUERY(m->db, sql_sets_of_packages, &r, d,
	    vec_param(changed))) < 0)
		goto out;
	vec_column(&sets, r, 0);
	db_free(r);
	r = NULL;
	if (sets.n == 0 || (rc = DB_QUERY(m->db, sql_set_summaries, NULL, d,
	    vec_param(&sets))) < 0 || (rc = DB_QUERY(m->db,
	    sql_states_of_sets, &r, d, vec_param(&sets))) < 0)
		goto out;
	vec_column(&states, r, 0);
	for (size_t i = 0; i < states.n && rc == 0; i++)
		rc = verdict_refresh(m->db, states.v[i], cause, reference, d);
	if (rc == 0 && states.n > 0)
		rc = DB_QUERY(m->db, sql_repository_summaries, NULL, d,
		    vec_param(&states));
out:
	db_free(r);
	vec_done(&sets);
	vec_done(&states);
	return (rc);
}

/* --------------------------------------------------------------- the batches */

int
rematch_packages(struct rematch *m, int max, struct diag *d)
{
	struct vec ids = { 0 }, changed = { 0 };
	struct db_result *r = NULL;
	struct columns c = { 0 };
	int rc;

	if ((rc = DB_QUERY(m->db, sql_packages_unmatched, &r, d,
	    db_int(max))) < 0)
		return (rc);
	vec_column(&ids, r, 0);
	db_free(r);
	r = NULL;
	if (ids.n == 0)
		goto out;
	if ((rc = DB_QUERY(m->db, sql_candidates_of_packages, &r, d,
	    vec_param(&ids))) < 0 ||
	    (rc = decide_pairs(m, r, &c, d)) < 0 ||
	    (rc = insert_matches(m, &c, d)) < 0 ||
	    (rc = refresh_findings(m, &ids, &changed, d)) < 0 ||
	    (rc = spread(m, &changed, "new_inventory", "", d)) < 0)
		goto out;
	rc = DB_QUERY(m->db, sql_packages_matched, NULL, d, vec_param(&ids));
out:
	if (rc == 0)
		rc = (int)ids.n;
	db_free(r);
	columns_done(&c);
	vec_done(&ids);
	vec_done(&changed);
	return (rc);
}

/* Learn the aliases of one changed advisory; *${withdrawn} counts. */
static int
learn(struct rematch *m, struct str document, size_t *withdrawn, struct diag *d)
{
	struct pool *pool = pool_new(DOCUMENT_MEMORY);
	struct cur c = cur_str(document);
	struct advisory a;
	int rc;

	if ((rc = advisory_read(&c, pool, &a, d)) == 0)
		rc = alias_add(m->classes, a.id, a.aliases, a.naliases);
	*withdrawn += rc == 0 && a.withdrawn.n != 0;
	pool_free(pool);
	return (rc);
}

/* Its links; and its aliases that stood alone until now are to be seen again. */
static int
link_one(struct rematch *m, int64_t id, struct str document, struct diag *d)
{
	struct pool *pool = pool_new(DOCUMENT_MEMORY);
	struct cur c = cur_str(document);
	struct str *joined = NULL;
	struct advisory a;
	size_t n = 0;
	int rc;

	if ((rc = advisory_read(&c, pool, &a, d)) < 0 ||
	    (rc = link_advisory(m, id, &a, d)) < 0)
		goto out;
	joined = mem_array(a.naliases, sizeof(*joined));
	for (size_t i = 0; i < a.naliases; i++)
		if (!str_eq(alias_canonical(m->classes, a.aliases[i]),
		    a.aliases[i]))
			joined[n++] = a.aliases[i];
	if (n > 0)
		rc = DB_QUERY(m->db, sql_advisories_joined, NULL, d,
		    db_texts(joined, n));
out:
	free(joined);
	pool_free(pool);
	return (rc);
}

/* Learn all aliases of a batch before the first link: the classes are sorted
 * anew after each change, which is dear when done for each document. */
static int
learn_batch(struct rematch *m, const struct vec *ids, struct db_result *r,
    size_t *withdrawn, struct diag *d)
{
	struct str *docs = mem_array(ids->n, sizeof(*docs));
	int rc = 0;

	for (size_t i = 0; i < ids->n && rc == 0; i++) {
		docs[i] = db_col_bytes(r, i, 2);
		rc = learn(m, docs[i], withdrawn, d);
	}
	for (size_t i = 0; i < ids->n && rc == 0; i++)
		rc = link_one(m, ids->v[i], docs[i], d);
	free(docs);
	return (rc);
}

/* Retract what the advisories said and match them anew; the packages touched
 * are added to ${touched}. */
static int
match_anew(struct rematch *m, const struct vec *ids, struct vec *touched,
    struct diag *d)
{
	struct db_result *r = NULL;
	struct columns c = { 0 };
	int rc;

	if ((rc = DB_QUERY(m->db, sql_match_delete, &r, d,
	    vec_param(ids))) < 0)
		goto out;
	vec_column(touched, r, 0);
	db_free(r);
	r = NULL;
	if ((rc = DB_QUERY(m->db, sql_candidates_of_advisories, &r, d,
	    vec_param(ids))) < 0 ||
	    (rc = decide_pairs(m, r, &c, d)) < 0 ||
	    (rc = insert_matches(m, &c, d)) < 0)
		goto out;
	for (size_t i = 0; i < c.n; i++)
		vec_add(touched, c.i[0].v[i]);
	vec_unique(touched);
out:
	db_free(r);
	columns_done(&c);
	return (rc);
}

int
rematch_advisories(struct rematch *m, int max, struct diag *d)
{
	struct vec ids = { 0 }, touched = { 0 }, changed = { 0 };
	struct db_result *r = NULL;
	size_t withdrawn = 0;
	char reference[300] = "";
	int rc;

	if ((rc = DB_QUERY(m->db, sql_advisories_changed, &r, d,
	    db_int(max))) < 0)
		return (rc);
	vec_column(&ids, r, 0);
	if (ids.n > 0)
		snprintf(reference, sizeof(reference), ids.n == 1 ? "%.*s" :
		    "%.*s and others", STR_ARG(db_col(r, 0, 1)));
	rc = learn_batch(m, &ids, r, &withdrawn, d);
	db_free(r);
	r = NULL;
	if (rc < 0 || ids.n == 0)
		goto out;
	if ((rc = match_anew(m, &ids, &touched, d)) < 0 ||
	    (rc = refresh_findings(m, &touched, &changed, d)) < 0 ||
	    (rc = spread(m, &changed, withdrawn == ids.n ? "withdrawn" :
	    "new_advisory", reference, d)) < 0)
		goto out;
	/* a feed that speaks about a namespace for the first time ends its
	 * "no advisories" */
	if ((rc = DB_QUERY(m->db, sql_advisories_matched, NULL, d,
	    vec_param(&ids))) == 0)
		rc = verdict_refresh_uncovered(m->db, reference, d);
out:
	if (rc == 0)
		rc = (int)ids.n;
	vec_done(&ids);
	vec_done(&touched);
	vec_done(&changed);
	return (rc);
}

int
rematch_new_states(struct rematch *m, int max, struct diag *d)
{
	struct vec sets = { 0 }, states = { 0 };
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(m->db, sql_sets_unmatched, &r, d, db_int(max))) < 0)
		return (rc);
	vec_column(&sets, r, 0);
	db_free(r);
	r = NULL;
	if (sets.n > 0 && (rc = DB_QUERY(m->db, sql_set_summaries, NULL, d,
	    vec_param(&sets))) < 0)
		goto out;
	if ((rc = DB_QUERY(m->db, sql_states_unmatched, &r, d,
	    db_int(max))) < 0)
		goto out;
	vec_column(&states, r, 0);
	for (size_t i = 0; i < states.n && rc == 0; i++)
		rc = verdict_refresh(m->db, states.v[i], "new_inventory", "", d);
	db_free(r);
	r = NULL;
	/* an image may have come to a state that was judged before: its
	 * repository counts too */
	if (rc == 0 && (rc = db_query0(m->db, sql_images_judged, &r, d)) == 0)
		vec_column(&states, r, 0);
	vec_unique(&states);
	if (rc == 0 && states.n > 0)
		rc = DB_QUERY(m->db, sql_repository_summaries, NULL, d,
		    vec_param(&states));
out:
	db_free(r);
	if (rc == 0)
		rc = (int)(sets.n + states.n);
	vec_done(&sets);
	vec_done(&states);
	return (rc);
}

int
rematch_load_classes(struct rematch *m, struct diag *d)
{
	struct db_result *r = NULL;
	int64_t after = 0;
	int rc = 0;

	if (m->classes == NULL)
		m->classes = alias_new((size_t)1 << 30);
	for (;;) {
		if ((rc = DB_QUERY(m->db, sql_advisories_after, &r, d,
		    db_int(after))) < 0 || db_rows(r) == 0)
			break;
		for (size_t i = 0; i < db_rows(r) && rc == 0; i++) {
			struct pool *pool = pool_new(DOCUMENT_MEMORY);
			struct cur c = cur_str(db_col_bytes(r, i, 1));
			struct advisory a;

			after = db_col_int(r, i, 0);
			if ((rc = advisory_read(&c, pool, &a, d)) == 0)
				rc = alias_add(m->classes, a.id, a.aliases,
				    a.naliases);
			pool_free(pool);
		}
		db_free(r);
		r = NULL;
		if (rc < 0)
			break;
	}
	db_free(r);
	return (rc);
}

int
rematch_audit(struct rematch *m, int64_t *ret, struct diag *d)
{
	struct db_result *pairs = NULL, *r = NULL;
	struct columns c = { 0 };
	int rc;

	*ret = 0;
	if ((rc = db_query0(m->db, sql_candidates_all, &pairs, d)) < 0 ||
	    (rc = decide_pairs(m, pairs, &c, d)) < 0)
		goto out;
	if ((rc = DB_QUERY(m->db, sql_audit_matches, &r, d,
	    vec_param(&c.i[0]), vec_param(&c.i[1]), vec_param(&c.i[2]),
	    db_texts(c.s[1], c.n))) < 0)
		goto out;
	*ret = db_col_int(r, 0, 0);
	db_free(r);
	r = NULL;
	if ((rc = db_query0(m->db, sql_audit_findings, &r, d)) == 0)
		*ret += db_col_int(r, 0, 0);
out:
	db_free(pairs);
	db_free(r);
	columns_done(&c);
	return (rc);
}

/* See rematch.h.  The steps of one batch:
 *
 *	pairs (range join) -> match rows -> findings of the packages touched, as
 *	differences -> counts of sets and repositories -> states -> verdicts
 */
#include <stdlib.h>
#include "common/advisory.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/text.h"
#include "coordinator/matcher/finding.h"
#include "coordinator/matcher/match.h"
#include "coordinator/matcher/policy.h"
#include "documents.h"
#include "links.h"
#include "package_keys.h"
#include "rematch.h"
#include "sql.h"
#include "summary.h"
#include "verdict.h"

/* What one transaction takes: some seconds at most. */
#define PACKAGES 5000
#define ADVISORIES 1000
#define ADVISORY_BYTES (64 * MIB)
#define STATES 5000
#define REPOSITORIES 500
#define CVES 100
#define SETS 5000		/* in which these are found */
/* Of a vendor's reason: a sentence or two. */
#define REASON_BYTES 512

int
rematch_prepare(struct db *db, struct diag *d)
{
	return (db_set_session(db, sql_matcher_session, d));
}

/* --------------------------------------------------------------------- rows */

static void
rows_add(struct rematch_rows *c, const int64_t *i, size_t ni,
    const struct str *s, size_t ns)
{
	if (c->n == c->cap) {
		c->cap = c->cap != 0 ? 2 * c->cap : 256;
		for (size_t k = 0; k < REMATCH_TEXTS; k++)
			c->s[k] = mem_realloc(c->s[k], c->cap, sizeof(*c->s[k]));
	}
	for (size_t k = 0; k < REMATCH_INTS; k++)
		vec_add(&c->i[k], k < ni ? i[k] : 0);
	for (size_t k = 0; k < REMATCH_TEXTS; k++)
		c->s[k][c->n] = k < ns ? str_n(mem_strndup(s[k]), s[k].n) :
		    (struct str) { 0 };
	c->n++;
}

void
rematch_rows_done(struct rematch_rows *c)
{
	for (size_t k = 0; k < REMATCH_TEXTS; k++) {
		for (size_t i = 0; i < c->n; i++)
			free((void *)(uintptr_t)c->s[k][i].p);
		free(c->s[k]);
	}
	for (size_t k = 0; k < REMATCH_INTS; k++)
		vec_done(&c->i[k]);
	memset(c, 0, sizeof(*c));
}

/* ------------------------------------------------------------------ matches */

struct match_package
rematch_package(const struct db_result *r, size_t row)
{
	return ((struct match_package) { .namespace = db_col(r, row, 2),
		.type = db_col(r, row, 3), .name = db_col(r, row, 4),
		.version = db_col(r, row, 5), .arch = db_col(r, row, 6),
		.source_name = db_col(r, row, 7),
		.source_version = db_col(r, row, 8),
		.origin = db_col(r, row, 9), .module = db_col(r, row, 10),
		.channels = db_col(r, row, 11),
		.owner_namespace = db_col(r, row, 12),
		.owner_source = db_col(r, row, 13),
		.owner_version = db_col(r, row, 14) });
}

/* Found by its keys and by its own name. */
static bool
is_repeated(const struct db_result *pairs, size_t i)
{
	return (i > 0 && db_col_int(pairs, i, 0) == db_col_int(pairs, i - 1, 0) &&
	    db_col_int(pairs, i, 1) == db_col_int(pairs, i - 1, 1));
}

/* The pairs of one document: rows [*at, ...) of ${pairs}. */
static int
decide_document(const struct document *doc, const struct advisory *a,
    const struct db_result *pairs, size_t *at, struct rematch_rows *ret,
    struct diag *d)
{
	struct match_result res;
	struct match_package p;
	char reason[REASON_BYTES];
	size_t n;
	int rc = 0;

	for (; *at < db_rows(pairs) && db_col_int(pairs, *at, 1) == doc->id;
	    (*at)++) {
		if (doc->gone || doc->superseded || doc->unreadable ||
		    is_repeated(pairs, *at))
			continue;
		p = rematch_package(pairs, *at);
		if ((rc = match_decide(&p, a, &res, d)) < 0)
			break;
		if (!res.applies)
			continue;
		n = text_escape(res.reason, reason, sizeof(reason));
		rows_add(ret, (const int64_t[]) { db_col_int(pairs, *at, 0),
		    doc->id, res.severity, res.hidden, res.rated,
		    res.stated }, 6,
		    (const struct str[]) { res.status, res.fixed_version,
		    str_of(res.rule), str_n(reason, n) }, 4);
	}
	return (rc);
}

int
rematch_decide(struct db *db, const struct db_result *pairs,
    struct rematch_rows *ret, struct diag *d)
{
	struct vec ids = { 0 };
	struct documents docs;
	struct document doc;
	struct advisory a;
	size_t at = 0;
	int rc;

	vec_column(&ids, pairs, 1);
	vec_unique(&ids);
	documents_init(&docs, db, &ids);
	while ((rc = documents_next(&docs, &doc, &a, d)) > 0)
		if ((rc = decide_document(&doc, &a, pairs, &at, ret, d)) < 0)
			break;
	documents_done(&docs);
	vec_done(&ids);
	return (rc);
}

static int
insert_matches(struct db *db, const struct rematch_rows *c, struct diag *d)
{
	if (c->n == 0)
		return (0);
	return (DB_QUERY(db, sql_match_insert, NULL, d, vec_param(&c->i[0]),
	    vec_param(&c->i[1]), vec_param(&c->i[2]), db_texts(c->s[0], c->n),
	    db_texts(c->s[1], c->n), db_texts(c->s[2], c->n),
	    vec_param(&c->i[3]), vec_param(&c->i[4]),
	    db_texts(c->s[3], c->n), vec_param(&c->i[5])));
}

/* ----------------------------------------------------------------- findings */

static struct finding
finding_of(const struct db_result *r, size_t row)
{
	struct finding f = finding_of_match(row, &(struct match_result) {
		.status = db_col(r, row, 4), .fixed_version = db_col(r, row, 6),
		.severity = (enum severity)db_col_int(r, row, 5),
		.rule = db_col(r, row, 7).p, .hidden = db_col_bool(r, row, 9),
		.rated = (enum match_rated)db_col_int(r, row, 10),
		.reason = db_col(r, row, 11),
		.stated = db_col_int(r, row, 12) });

	f.advisory = db_col(r, row, 2);
	return (f);
}

void
rematch_fold(const struct db_result *r, struct rematch_rows *ret)
{
	struct finding f;
	size_t i = 0;

	while (i < db_rows(r)) {
		int64_t package = db_col_int(r, i, 0);
		int64_t vulnerability = db_col_int(r, i, 1);
		struct finding_fold fold = { .namespace = db_col(r, i, 8) };

		for (; i < db_rows(r) && db_col_int(r, i, 0) == package &&
		    db_col_int(r, i, 1) == vulnerability; i++) {
			f = finding_of(r, i);
			finding_fold_add(&fold, &f);
		}
		f = finding_fold_end(&fold);
		if (!finding_end(&f))
			continue;
		/* its "package" is the row that decided */
		rows_add(ret, (const int64_t[]) { package, vulnerability,
		    db_col_int(r, f.package, 3), f.severity, f.hidden, f.worst },
		    6, (const struct str[]) { f.status, f.fixed_version,
		    str_of(f.rule), f.advisory, f.reason,
		    str_of(finding_fix_state(f.status, f.fixed_version,
		    f.reason)) }, 6);
	}
}

/* A finding that came, went or changed, and what is said of it. */
struct change {
	struct summary_change count;
	int64_t vulnerability;
	const char *cause;
	struct str reference;	/* owned */
};

struct changes {
	struct change *v;
	size_t n, cap;
};

static void
changes_add(struct changes *c, struct change one)
{
	one.reference = str_n(mem_strndup(one.reference), one.reference.n);
	MEM_ADD(c->v, c->n, c->cap, one);
}

static void
changes_done(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free((void *)(uintptr_t)c->v[i].reference.p);
	free(c->v);
	*c = (struct changes) { 0 };
}

/* What refreshing findings needs to know and gives back. */
struct refresh {
	struct db *db;
	const struct vec *packages;
	const struct vec *vulnerabilities;	/* NULL = all of them */
	const struct links *links;		/* NULL = none changed */
	struct db_result *stored;		/* sql_findings_of */
	struct rematch_rows now;
	struct rematch_rows put, drop;		/* s[3] of put: first seen */
	struct changes changes;
};

static int
stored_cell(const struct db_result *r, size_t i)
{
	return (policy_cell(&(struct policy_finding) {
		.status = db_col(r, i, 3),
		.severity = (enum severity)db_col_int(r, i, 4),
		.fixed_version = db_col(r, i, 5),
		.hidden = db_col_bool(r, i, 9) }));
}

static int
cell_now(const struct rematch_rows *n, size_t i)
{
	return (policy_cell(&(struct policy_finding) { .status = n->s[0][i],
		.severity = (enum severity)n->i[3].v[i],
		.fixed_version = n->s[1][i], .hidden = n->i[4].v[i] != 0 }));
}

static bool
contains(const struct vec *v, int64_t id)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i] == id)
			return (true);
	return (false);
}

static void
went(struct refresh *x, size_t i)
{
	const struct db_result *r = x->stored;
	int64_t package = db_col_int(r, i, 0), v = db_col_int(r, i, 1);
	bool merged = x->links != NULL && contains(&x->links->from, v);

	rows_add(&x->drop, (const int64_t[]) { package, v }, 2, NULL, 0);
	changes_add(&x->changes, (struct change) { { package,
	    stored_cell(r, i), -1 }, v, merged ? "merged" : "withdrawn",
	    db_col(r, i, 8) });
}

/* Row ${i} of what is now; ${seen}: when it was first seen, "" = now. */
static void
put(struct refresh *x, size_t i, struct str seen)
{
	const struct rematch_rows *n = &x->now;

	rows_add(&x->put, (const int64_t[]) { n->i[0].v[i], n->i[1].v[i],
	    n->i[2].v[i], n->i[3].v[i], n->i[4].v[i], n->i[5].v[i] }, 6,
	    (const struct str[]) { n->s[0][i], n->s[1][i], n->s[2][i], seen,
	    n->s[4][i], n->s[5][i] }, 6);
}

static void
came(struct refresh *x, size_t i)
{
	const struct rematch_rows *n = &x->now;
	int64_t package = n->i[0].v[i], v = n->i[1].v[i];
	struct str seen = { 0 };

	/* merged into this one: it was seen when the earlier name was */
	for (size_t m = 0; x->links != NULL && m < x->links->to.n; m++)
		for (size_t k = 0; x->links->to.v[m] == v &&
		    k < db_rows(x->stored); k++)
			if (db_col_int(x->stored, k, 0) == package &&
			    db_col_int(x->stored, k, 1) ==
			    x->links->from.v[m] && (seen.n == 0 ||
			    str_cmp(db_col(x->stored, k, 7), seen) < 0))
				seen = db_col(x->stored, k, 7);
	put(x, i, seen);
	changes_add(&x->changes, (struct change) { { package, -1,
	    cell_now(n, i) }, v,
	    seen.n != 0 ? "merged" : "new_advisory", n->s[3][i] });
}

static void
stayed(struct refresh *x, size_t stored, size_t now)
{
	const struct rematch_rows *n = &x->now;
	const struct db_result *r = x->stored;
	bool severity = db_col_int(r, stored, 4) != n->i[3].v[now];

	if (db_col_int(r, stored, 2) == n->i[2].v[now] && !severity &&
	    db_col_bool(r, stored, 9) == (n->i[4].v[now] != 0) &&
	    str_eq(db_col(r, stored, 3), n->s[0][now]) &&
	    str_eq(db_col(r, stored, 5), n->s[1][now]) &&
	    str_eq(db_col(r, stored, 6), n->s[2][now]) &&
	    db_col_int(r, stored, 10) == n->i[5].v[now] &&
	    str_eq(db_col(r, stored, 11), n->s[4][now]) &&
	    str_eq(db_col(r, stored, 12), n->s[5][now]))
		return;
	put(x, now, (struct str) { 0 });
	changes_add(&x->changes, (struct change) { { n->i[0].v[now],
	    stored_cell(r, stored), cell_now(n, now) }, n->i[1].v[now],
	    severity ? "severity" :
	    "new_advisory", n->s[3][now] });
}

/* Both lists are in the order of (package, vulnerability). */
static void
compare(struct refresh *x)
{
	size_t i = 0, k = 0, rows = db_rows(x->stored);

	while (i < rows || k < x->now.n) {
		int64_t a[2] = { INT64_MAX, INT64_MAX };
		int64_t b[2] = { INT64_MAX, INT64_MAX };

		if (i < rows) {
			a[0] = db_col_int(x->stored, i, 0);
			a[1] = db_col_int(x->stored, i, 1);
		}
		if (k < x->now.n) {
			b[0] = x->now.i[0].v[k];
			b[1] = x->now.i[1].v[k];
		}
		if (a[0] == b[0] && a[1] == b[1])
			stayed(x, i++, k++);
		else if (a[0] < b[0] || (a[0] == b[0] && a[1] < b[1]))
			went(x, i++);
		else
			came(x, k++);
	}
}

static int
write_findings(struct refresh *x, struct diag *d)
{
	int rc = 0;

	if (x->drop.n > 0)
		rc = DB_QUERY(x->db, sql_finding_delete, NULL, d,
		    vec_param(&x->drop.i[0]), vec_param(&x->drop.i[1]));
	if (rc == 0 && x->put.n > 0)
		rc = DB_QUERY(x->db, sql_finding_put, NULL, d,
		    vec_param(&x->put.i[0]), vec_param(&x->put.i[1]),
		    vec_param(&x->put.i[2]), vec_param(&x->put.i[3]),
		    db_texts(x->put.s[0], x->put.n),
		    db_texts(x->put.s[1], x->put.n),
		    db_texts(x->put.s[2], x->put.n),
		    db_texts(x->put.s[3], x->put.n), vec_param(&x->put.i[4]),
		    vec_param(&x->put.i[5]), db_texts(x->put.s[4], x->put.n),
		    db_texts(x->put.s[5], x->put.n));
	return (rc);
}

static void
refresh_done(struct refresh *x)
{
	db_free(x->stored);
	rematch_rows_done(&x->now);
	rematch_rows_done(&x->put);
	rematch_rows_done(&x->drop);
	changes_done(&x->changes);
}

/* Bring the findings of the packages in line with their matches. */
static int
refresh_findings(struct refresh *x, struct diag *d)
{
	struct db_param some = x->vulnerabilities != NULL ?
	    vec_param(x->vulnerabilities) : db_null();
	struct db_result *r = NULL;
	int rc;

	if (x->packages->n == 0)
		return (0);
	if ((rc = DB_QUERY(x->db, sql_matches_of, &r, d,
	    vec_param(x->packages), some)) < 0 ||
	    (rc = DB_QUERY(x->db, sql_findings_of, &x->stored, d,
	    vec_param(x->packages), some)) < 0)
		goto out;
	rematch_fold(r, &x->now);
	compare(x);
	rc = write_findings(x, d);
out:
	db_free(r);
	return (rc);
}

/* -------------------------------------------------------- to sets and verdicts */

/* The states that hold sets whose word for the policy changed; ${whys} are
 * numbers of changes, NULL = all for ${cause}. */
static int
judge_sets(struct db *db, const struct vec *sets, const struct vec *whys,
    const struct changes *changes, const char *cause, struct diag *d)
{
	struct verdict_list l = { 0 };
	struct db_result *r = NULL;
	int rc;

	if (sets->n == 0)
		return (0);
	if ((rc = DB_QUERY(db, sql_states_of_sets, &r, d, vec_param(sets),
	    vec_param(whys != NULL ? whys : sets))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++) {
		const struct change *c = whys != NULL ?
		    &changes->v[db_col_int(r, i, 1)] : NULL;

		verdict_list_add(&l, db_col_int(r, i, 0), str_of(c != NULL &&
		    cause == NULL ? c->cause : cause), c != NULL ?
		    c->reference : str_of(""));
	}
	/* of a storm a batch at a time, so that pushes come between */
	rc = l.states.n <= STATES ? verdict_judge(db, &l, d) :
	    verdict_later(db, &l, d);
	db_free(r);
	verdict_list_done(&l);
	return (rc);
}

/* From changed findings to counts and verdicts; ${cause} NULL = each its own. */
static int
spread(struct db *db, const struct changes *changes, const char *cause,
    struct diag *d)
{
	struct summary_change *v = mem_array(changes->n + 1, sizeof(*v));
	struct vec sets = { 0 }, whys = { 0 };
	struct vec packages = { 0 }, vulnerabilities = { 0 }, numbers = { 0 };
	int rc;

	for (size_t i = 0; i < changes->n; i++) {
		v[i] = changes->v[i].count;
		vec_add(&packages, v[i].package);
		vec_add(&vulnerabilities, changes->v[i].vulnerability);
		vec_add(&numbers, (int64_t)i);
	}
	if ((rc = summary_findings(db, v, changes->n, &sets, &whys, d)) == 0 &&
	    (rc = summary_exploited(db, &packages, &vulnerabilities, &numbers,
	    &sets, &whys, d)) == 0)
		rc = judge_sets(db, &sets, &whys, changes, cause, d);
	free(v);
	vec_done(&sets);
	vec_done(&whys);
	vec_done(&packages);
	vec_done(&vulnerabilities);
	vec_done(&numbers);
	return (rc);
}

/* --------------------------------------------------------------- the batches */

int
rematch_packages(struct db *db, int max, struct diag *d)
{
	struct vec ids = { 0 };
	struct refresh x = { .db = db, .packages = &ids };
	struct rematch_rows c = { 0 };
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql_packages_unmatched, &r, d,
	    db_int(max))) < 0)
		return (rc);
	vec_column(&ids, r, 0);
	db_free(r);
	r = NULL;
	if (ids.n == 0)
		return (0);
	if ((rc = package_keys_renew(db, &ids, d)) < 0 ||
	    (rc = DB_QUERY(db, sql_match_delete_packages, NULL, d,
	    vec_param(&ids))) < 0 ||
	    (rc = DB_QUERY(db, sql_candidates_of_packages, &r, d,
	    vec_param(&ids))) < 0 ||
	    (rc = rematch_decide(db, r, &c, d)) < 0 ||
	    (rc = insert_matches(db, &c, d)) < 0 ||
	    (rc = refresh_findings(&x, d)) < 0 ||
	    (rc = spread(db, &x.changes, "new_inventory", d)) < 0)
		goto out;
	rc = DB_QUERY(db, sql_packages_matched, NULL, d, vec_param(&ids));
out:
	if (rc == 0)
		rc = (int)ids.n;
	db_free(r);
	rematch_rows_done(&c);
	refresh_done(&x);
	vec_done(&ids);
	return (rc);
}

/* Row ${k} of ${c}, which is the same as row ${i} of ${r} by its key: is it in all? */
static bool
same_match(const struct db_result *r, size_t i, const struct rematch_rows *c,
    size_t k)
{
	return (db_col_int(r, i, 2) == c->i[2].v[k] &&
	    db_col_bool(r, i, 6) == (c->i[3].v[k] != 0) &&
	    str_eq(db_col(r, i, 3), c->s[0][k]) &&
	    str_eq(db_col(r, i, 4), c->s[1][k]) &&
	    str_eq(db_col(r, i, 5), c->s[2][k]) &&
	    db_col_int(r, i, 7) == c->i[4].v[k] &&
	    db_col_int(r, i, 9) == c->i[5].v[k] &&
	    str_eq(db_col(r, i, 8), c->s[3][k]));
}

/* Compare stored matches with those of now, both by (advisory, package). */
static void
diff_matches(const struct db_result *r, const struct rematch_rows *now,
    struct rematch_rows *drop, struct rematch_rows *put)
{
	size_t i = 0, k = 0;

	while (i < db_rows(r) || k < now->n) {
		int64_t a = i < db_rows(r) ? db_col_int(r, i, 1) : INT64_MAX;
		int64_t b = k < now->n ? now->i[1].v[k] : INT64_MAX;
		int64_t p = i < db_rows(r) ? db_col_int(r, i, 0) : INT64_MAX;
		int64_t q = k < now->n ? now->i[0].v[k] : INT64_MAX;
		bool equal = a == b && p == q;

		if (a < b || (a == b && p < q)) {
			rows_add(drop, (const int64_t[]) { p, a }, 2, NULL, 0);
			i++;
			continue;
		}
		if (!equal || !same_match(r, i, now, k))
			rows_add(put, (const int64_t[]) { q, b,
			    now->i[2].v[k], now->i[3].v[k],
			    now->i[4].v[k], now->i[5].v[k] }, 6, (const struct str[]) {
			    now->s[0][k], now->s[1][k], now->s[2][k],
			    now->s[3][k] }, 4);
		i += equal;
		k++;
	}
}

/* Bring the matches of advisories in line with their documents; packages of which
 * a match changed are added to ${touched}. */
static int
match_anew(struct db *db, const struct vec *ids, struct vec *touched,
    struct diag *d)
{
	struct rematch_rows now = { 0 }, drop = { 0 }, rows = { 0 };
	struct db_result *pairs = NULL, *stored = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql_candidates_of_advisories, &pairs, d,
	    vec_param(ids))) < 0 ||
	    (rc = rematch_decide(db, pairs, &now, d)) < 0 ||
	    (rc = DB_QUERY(db, sql_matches_of_advisories, &stored, d,
	    vec_param(ids))) < 0)
		goto out;
	diff_matches(stored, &now, &drop, &rows);
	if (drop.n > 0 && (rc = DB_QUERY(db, sql_match_delete, NULL, d,
	    vec_param(&drop.i[0]), vec_param(&drop.i[1]))) < 0)
		goto out;
	if ((rc = insert_matches(db, &rows, d)) < 0)
		goto out;
	for (size_t i = 0; i < drop.n; i++)
		vec_add(touched, drop.i[0].v[i]);
	for (size_t i = 0; i < rows.n; i++)
		vec_add(touched, rows.i[0].v[i]);
out:
	db_free(pairs);
	db_free(stored);
	rematch_rows_done(&now);
	rematch_rows_done(&drop);
	rematch_rows_done(&rows);
	return (rc);
}

/* Copies of the same documents: which of them counts may have changed too. */
static int
add_siblings(struct db *db, struct vec *ids, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql_advisories_siblings, &r, d,
	    vec_param(ids))) == 0)
		vec_column(ids, r, 0);
	db_free(r);
	vec_unique(ids);
	return (rc);
}

static int
add_packages_of(struct db *db, const struct vec *advisories,
    struct vec *touched, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if (advisories->n == 0)
		return (0);
	if ((rc = DB_QUERY(db, sql_packages_of_advisories, &r, d,
	    vec_param(advisories))) == 0)
		vec_column(touched, r, 0);
	db_free(r);
	return (rc);
}

int
rematch_advisories(struct db *db, int max, struct diag *d)
{
	struct vec ids = { 0 }, all = { 0 }, touched = { 0 };
	struct links links = { 0 };
	struct refresh x = { .db = db, .packages = &touched,
		.vulnerabilities = &links.vulnerabilities, .links = &links };
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql_advisories_changed, &r, d, db_int(max),
	    db_int(ADVISORY_BYTES))) < 0)
		return (rc);
	vec_column(&ids, r, 0);
	vec_column(&all, r, 0);
	db_free(r);
	vec_unique(&ids);
	if (ids.n == 0 || (rc = add_siblings(db, &all, d)) < 0 ||
	    (rc = links_refresh(db, &all, &links, d)) < 0 ||
	    (rc = match_anew(db, &all, &touched, d)) < 0 ||
	    (rc = add_packages_of(db, &links.advisories, &touched, d)) < 0)
		goto out;
	vec_unique(&touched);
	if ((rc = refresh_findings(&x, d)) < 0 ||
	    (rc = spread(db, &x.changes, NULL, d)) < 0)
		goto out;
	rc = DB_QUERY(db, sql_advisories_matched, NULL, d, vec_param(&ids));
out:
	if (rc == 0)
		rc = (int)ids.n;
	refresh_done(&x);
	links_done(&links);
	vec_done(&ids);
	vec_done(&all);
	vec_done(&touched);
	return (rc);
}

/* Counts of sets and verdicts of states that have none, at most ${max} of each;
 * returns how many. */
static int
new_states(struct db *db, int max, struct diag *d)
{
	struct vec sets = { 0 }, flipped = { 0 };
	struct db_result *r = NULL;
	int rc, n = 0;

	if ((rc = DB_QUERY(db, sql_sets_unmatched, &r, d, db_int(max))) < 0)
		return (rc);
	vec_column(&sets, r, 0);
	db_free(r);
	if ((rc = summary_sets(db, &sets, &flipped, d)) == 0)
		rc = judge_sets(db, &flipped, NULL, NULL, "new_inventory", d);
	/* of very many sets all first: each look for states that wait for none
	 * of them goes through all that do */
	if (rc == 0 && sets.n < (size_t)max)
		n = rc = verdict_judge_rows(db, sql_states_unmatched, max, d);
	if (rc >= 0)
		rc = (int)sets.n + n;
	vec_done(&sets);
	vec_done(&flipped);
	return (rc);
}

/* Entries of the catalogue of exploited vulnerabilities that came or went: first
 * the sets that hold findings of any, then some of these sets, each once. */
static int
rematch_exploited(struct db *db, struct diag *d)
{
	struct changes changes = { 0 };
	struct vec sets = { 0 }, whys = { 0 };
	struct db_result *r = NULL;
	int rc, n;

	if ((rc = DB_QUERY(db, sql_kev_spread, &r, d, db_int(CVES))) < 0)
		return (rc);
	n = (int)db_col_int(r, 0, 0);
	db_free(r);
	r = NULL;
	if (n > 0)
		return (n);
	if ((rc = DB_QUERY(db, sql_kev_sets_take, &r, d, db_int(SETS))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++)
		changes_add(&changes, (struct change) { .cause = "kev",
		    .reference = db_col(r, i, 2) });
	if ((rc = summary_exploited_sets(db, r, &sets, &whys, d)) == 0)
		rc = judge_sets(db, &sets, &whys, &changes, NULL, d);
	n = (int)db_rows(r);
	db_free(r);
	changes_done(&changes);
	vec_done(&sets);
	vec_done(&whys);
	return (rc < 0 ? rc : n);
}

/* ---------------------------------------------------------------- the steps */

int
rematch_new(struct db *db, struct diag *d)
{
	int rc, n = 0;

	while ((rc = rematch_packages(db, PACKAGES, d)) > 0)
		n += rc;
	return (rc < 0 ? rc : n);
}

int
rematch_judge(struct db *db, struct diag *d)
{
	int a, b, c, k;

	/* what is new must not be judged by what was never decided */
	if ((a = verdict_circumstances(db, d)) < 0)
		return (a);
	if ((b = new_states(db, STATES, d)) < 0)
		return (b);
	if ((c = verdict_judge_rows(db, sql_rejudge_take, STATES, d)) < 0)
		return (c);
	if ((k = rematch_exploited(db, d)) < 0)
		return (k);
	return (a + b + c + k);
}

int
rematch_changed(struct db *db, struct diag *d)
{
	int rc = verdict_circumstances(db, d);

	/* what the batch judges must know which namespaces wait for more */
	return (rc < 0 ? rc : rematch_advisories(db, ADVISORIES, d));
}

int
rematch_repositories(struct db *db, struct diag *d)
{
	return (summary_repositories(db, REPOSITORIES, d));
}

/* See audit.h.  When it is done is auditor.c's business. */
#include <stdlib.h>
#include "affected.h"
#include "audit.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/pool.h"
#include "coordinator/matcher/alias.h"
#include "coordinator/matcher/match.h"
#include "documents.h"
#include "links.h"
#include "rematch.h"
#include "sql.h"
#include "verdict.h"

/* Rows looked at in one piece. */
#define DOCUMENTS 500
#define PACKAGES 2000
#define SETS 20000
#define STATES 20000

const char *const audit_table_names[AUDIT_TABLES] = {
	"advisory", "affected", "advisory_name", "advisory_vulnerability",
	"package_key", "package_set", "match", "finding",
	"set_summary", "verdict", "repository_set", "repository_summary",
};

struct audit {
	struct db *db;
	audit_stop *stop;
	void *arg;
	struct audit_report *report;
	struct alias_classes *classes;
};

void
audit_report_done(struct audit_report *r)
{
	for (size_t i = 0; i < r->ndetails; i++)
		free((void *)(uintptr_t)r->details[i].p);
	*r = (struct audit_report) { 0 };
}

static void
note(struct audit *x, enum audit_table t, struct str key, struct str stored,
    struct str rebuilt)
{
	struct audit_report *r = x->report;
	char *text;

	if (r->ndetails == AUDIT_DETAILS)
		return;
	text = mem_printf("%s: %.*s: stored %.*s, rebuilt %.*s",
	    audit_table_names[t], STR_ARG(key), STR_ARG(stored),
	    STR_ARG(rebuilt));
	r->details[r->ndetails++] = str_of(text);
}

static struct str
or_nothing(struct str s)
{
	return (s.n > 0 ? s : str_of("nothing"));
}

/* Rows of an audit_* statement: how many, key, stored, rebuilt. */
static void
note_rows(struct audit *x, enum audit_table t, const struct db_result *r)
{
	int64_t n = db_rows(r) > 0 ? db_col_int(r, 0, 0) : 0;

	x->report->tables[t] += n;
	x->report->differences += n;
	for (size_t i = 0; i < db_rows(r); i++)
		note(x, t, db_col(r, i, 1), or_nothing(db_col(r, i, 2)),
		    or_nothing(db_col(r, i, 3)));
}

#define COMPARE(x, t, sql, d, ...)					\
	compare((x), (t), (sql), (const struct db_param[]) { __VA_ARGS__ },	\
	    sizeof((const struct db_param[]) { __VA_ARGS__ }) /		\
	    sizeof(struct db_param), (d))

static int
compare(struct audit *x, enum audit_table t, const char *sql,
    const struct db_param *p, size_t n, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if (x->stop != NULL && x->stop(x->arg))
		return (diag_set(d, ERR_TEMPORARY, 0, "the audit was stopped"));
	if ((rc = db_query(x->db, sql, p, n, &r, d)) == 0)
		note_rows(x, t, r);
	db_free(r);
	return (rc);
}

/* The next ids; none at the end. */
static int
next_ids(struct audit *x, const char *sql, int64_t after, int max,
    struct vec *ids, struct db_result **ret, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	ids->n = 0;
	if ((rc = DB_QUERY(x->db, sql, &r, d, db_int(after),
	    db_int(max))) < 0)
		return (rc);
	vec_column(ids, r, 0);
	if (ret != NULL)
		*ret = r;
	else
		db_free(r);
	return (0);
}

/* ---------------------------------------------------------------- documents */

/* What the documents of one piece say. */
struct said {
	struct pool *pool;
	struct vec ids, withdrawn, severities, unmatched;
	uint8_t (*sums)[DIGEST_BYTES];
	struct str *digests;
	struct affected affected;
	struct vec name_ids, name_links;
	struct str *names;
	size_t nnames, names_cap;
};

static void
said_name(struct said *s, int64_t id, bool link, struct str name)
{
	if (name.n == 0)
		return;
	vec_add(&s->name_ids, id);
	vec_add(&s->name_links, link);
	MEM_ADD(s->names, s->nnames, s->names_cap, name);
}

static int
said_names(struct said *s, const struct document *doc,
    const struct advisory *a)
{
	struct advisory about;
	int rc;

	if ((rc = links_names(a, s->pool, &about)) < 0)
		return (rc);
	if (links_counts(&about, doc->gone))
		for (size_t i = 0; i < about.naliases; i++)
			if (!alias_is_bundle(about.aliases[i]))
				said_name(s, doc->id, true, about.aliases[i]);
	for (size_t i = 0; i < about.nupstream; i++)
		if (!str_starts(about.upstream[i], "CVE-"))
			said_name(s, doc->id, false, about.upstream[i]);
	return (0);
}

static int
say(struct said *s, const struct document *doc, const struct advisory *a,
    struct diag *d)
{
	int64_t unmatched = 0;
	size_t i = s->ids.n;
	bool matched;
	int rc;

	digest_of(doc->record.p, doc->record.n, s->sums[i]);
	s->digests[i] = str_n(s->sums[i], DIGEST_BYTES);
	if (doc->gone)	/* it says nothing */
		rc = 0;
	else
		rc = affected_add(&s->affected, doc->id, a, &unmatched,
		    &matched, d);
	vec_add(&s->ids, doc->id);
	vec_add(&s->withdrawn, a->withdrawn.n != 0);
	vec_add(&s->severities, a->severity);
	vec_add(&s->unmatched, unmatched);
	return (rc < 0 ? rc : said_names(s, doc, a));
}

static void
said_done(struct said *s)
{
	vec_done(&s->ids);
	vec_done(&s->withdrawn);
	vec_done(&s->severities);
	vec_done(&s->unmatched);
	vec_done(&s->name_ids);
	vec_done(&s->name_links);
	affected_done(&s->affected);
	free(s->sums);
	free(s->digests);
	free(s->names);
	pool_free(s->pool);
}

static int
compare_said(struct audit *x, const struct said *s, struct diag *d)
{
	int rc;

	if ((rc = COMPARE(x, AUDIT_ADVISORY, sql_audit_documents, d,
	    vec_param(&s->ids), db_blobs(s->digests, s->ids.n),
	    vec_param(&s->withdrawn), vec_param(&s->severities),
	    vec_param(&s->unmatched))) < 0 ||
	    (rc = COMPARE(x, AUDIT_AFFECTED, sql_audit_affected, d,
	    vec_param(&s->ids), vec_param(&s->affected.documents),
	    vec_param(&s->affected.entries),
	    db_texts(s->affected.namespaces, s->affected.n),
	    db_texts(s->affected.names, s->affected.n),
	    db_blobs(s->affected.lo, s->affected.n),
	    db_blobs(s->affected.hi, s->affected.n),
	    vec_param(&s->affected.binaries))) < 0)
		return (rc);
	return (COMPARE(x, AUDIT_ADVISORY_NAME, sql_audit_names, d,
	    vec_param(&s->ids), vec_param(&s->name_ids),
	    vec_param(&s->name_links), db_texts(s->names, s->nnames)));
}

static void
said_init(struct said *s, size_t documents)
{
	*s = (struct said) { .pool = pool_new(2 * LIMIT_ADVISORY_POOL) };
	s->affected.pool = s->pool;
	s->sums = mem_array(documents, sizeof(*s->sums));
	s->digests = mem_array(documents, sizeof(*s->digests));
}

/* Documents ${ids}, compared in pieces that fit. */
static int
audit_piece(struct audit *x, const struct vec *ids, struct diag *d)
{
	struct documents docs;
	struct document doc;
	struct advisory a;
	struct said s;
	int rc;

	said_init(&s, ids->n);
	documents_init(&docs, x->db, ids);
	while ((rc = documents_next(&docs, &doc, &a, d)) > 0) {
		if ((rc = say(&s, &doc, &a, d)) < 0)
			break;
		if (s.affected.n < AFFECTED_BATCH)
			continue;
		if ((rc = compare_said(x, &s, d)) < 0)
			break;
		said_done(&s);
		said_init(&s, ids->n);
	}
	documents_done(&docs);
	if (rc == 0)
		rc = compare_said(x, &s, d);
	said_done(&s);
	return (rc);
}

static int
audit_documents(struct audit *x, struct diag *d)
{
	struct vec ids = { 0 };
	int64_t last = 0;
	int rc;

	while ((rc = next_ids(x, sql_audit_advisory_ids, last, DOCUMENTS, &ids,
	    NULL, d)) == 0 && ids.n > 0) {
		last = ids.v[ids.n - 1];
		if ((rc = audit_piece(x, &ids, d)) < 0)
			break;
	}
	vec_done(&ids);
	return (rc);
}

/* -------------------------------------------------------------------- links */

static int
load_classes(struct audit *x, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	x->classes = alias_new((size_t)1 << 30);
	rc = DB_QUERY(x->db, sql_alias_links, &r, d, db_null());
	for (size_t i = 0; rc == 0 && i < db_rows(r); i++) {
		struct str alias = db_col(r, i, 1);

		if ((rc = alias_add(x->classes, db_col(r, i, 0), &alias,
		    1)) < 0)
			diag_set(d, rc, 0, "more aliases than memory is allowed for");
	}
	db_free(r);
	return (rc);
}

static int
audit_links_piece(struct audit *x, const struct vec *ids, struct diag *d)
{
	struct said s = { .pool = pool_new(2 * LIMIT_ADVISORY_POOL) };
	struct documents docs;
	struct document doc;
	struct advisory a, about;
	struct str *v;
	size_t n;
	int rc;

	documents_init(&docs, x->db, ids);
	while ((rc = documents_next(&docs, &doc, &a, d)) > 0) {
		if ((rc = links_names(&a, s.pool, &about)) < 0 ||
		    (rc = alias_vulnerabilities(x->classes, &about, s.pool, &v,
		    &n)) < 0) {
			diag_set(d, rc, 0, "advisory: too many names");
			break;
		}
		for (size_t i = 0; i < n; i++)
			said_name(&s, doc.id, false, v[i]);
	}
	documents_done(&docs);
	if (rc == 0)
		rc = COMPARE(x, AUDIT_ADVISORY_VULNERABILITY, sql_audit_links,
		    d, vec_param(ids), vec_param(&s.name_ids),
		    db_texts(s.names, s.nnames));
	said_done(&s);
	return (rc);
}

static int
audit_links(struct audit *x, struct diag *d)
{
	struct vec ids = { 0 };
	int64_t last = 0;
	int rc;

	if ((rc = load_classes(x, d)) < 0)
		return (rc);
	while ((rc = next_ids(x, sql_audit_advisory_ids, last, DOCUMENTS, &ids,
	    NULL, d)) == 0 && ids.n > 0) {
		last = ids.v[ids.n - 1];
		if ((rc = audit_links_piece(x, &ids, d)) < 0)
			break;
	}
	vec_done(&ids);
	return (rc);
}

/* ----------------------------------------------------------------- packages */

static int
audit_keys(struct audit *x, const struct vec *ids, const struct db_result *r,
    struct diag *d)
{
	struct said s = { .pool = pool_new(LIMIT_ADVISORY_POOL) };
	struct str *ns = mem_array(MATCH_KEYS_MAX * ids->n, sizeof(*ns));
	struct str *keys = mem_array(MATCH_KEYS_MAX * ids->n, sizeof(*keys));
	struct match_key k[MATCH_KEYS_MAX];
	size_t n;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < db_rows(r); i++) {
		struct match_package p = rematch_package(r, i);

		n = 0;
		rc = match_package_keys(&p, s.pool, k, &n, d);
		for (size_t j = 0; rc == 0 && j < n; j++) {
			ns[s.nnames] = k[j].namespace;
			keys[s.nnames] = k[j].key;
			said_name(&s, ids->v[i], false, k[j].name);
		}
	}
	if (rc == 0)
		rc = COMPARE(x, AUDIT_PACKAGE_KEY, sql_audit_keys, d,
		    vec_param(ids), vec_param(&s.name_ids),
		    db_texts(ns, s.nnames), db_texts(s.names, s.nnames),
		    db_blobs(keys, s.nnames));
	free(ns);
	free(keys);
	said_done(&s);
	return (rc);
}

static int
audit_matches(struct audit *x, const struct vec *ids, struct diag *d)
{
	struct rematch_rows c = { 0 };
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_candidates_of_packages, &r, d,
	    vec_param(ids))) == 0 && (rc = rematch_decide(x->db, r, &c,
	    d)) == 0)
		rc = COMPARE(x, AUDIT_MATCH, sql_audit_matches, d,
		    vec_param(ids), vec_param(&c.i[0]), vec_param(&c.i[1]),
		    vec_param(&c.i[2]), db_texts(c.s[0], c.n),
		    db_texts(c.s[1], c.n), db_texts(c.s[2], c.n),
		    vec_param(&c.i[3]), vec_param(&c.i[4]),
		    db_texts(c.s[3], c.n), vec_param(&c.i[5]));
	db_free(r);
	rematch_rows_done(&c);
	return (rc);
}

static int
audit_findings(struct audit *x, const struct vec *ids, struct diag *d)
{
	struct rematch_rows c = { 0 };
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(x->db, sql_matches_of, &r, d, vec_param(ids),
	    db_null())) == 0) {
		rematch_fold(r, &c);
		rc = COMPARE(x, AUDIT_FINDING, sql_audit_findings, d,
		    vec_param(ids), vec_param(&c.i[0]), vec_param(&c.i[1]),
		    vec_param(&c.i[2]), vec_param(&c.i[3]),
		    db_texts(c.s[0], c.n), db_texts(c.s[1], c.n),
		    db_texts(c.s[2], c.n), vec_param(&c.i[4]),
		    vec_param(&c.i[5]), db_texts(c.s[4], c.n),
		    db_texts(c.s[5], c.n));
	}
	db_free(r);
	rematch_rows_done(&c);
	return (rc);
}

static int
audit_packages(struct audit *x, struct diag *d)
{
	struct db_result *r = NULL;
	struct vec ids = { 0 };
	int64_t last = 0;
	int rc;

	while ((rc = next_ids(x, sql_audit_packages, last, PACKAGES, &ids, &r,
	    d)) == 0 && ids.n > 0) {
		last = ids.v[ids.n - 1];
		if ((rc = audit_keys(x, &ids, r, d)) < 0 ||
		    (rc = audit_matches(x, &ids, d)) < 0 ||
		    (rc = audit_findings(x, &ids, d)) < 0)
			break;
		db_free(r);
		r = NULL;
	}
	db_free(r);
	vec_done(&ids);
	return (rc);
}

/* Rows that no piece above would meet. */
static int
audit_orphans(struct audit *x, struct diag *d)
{
	static const struct {
		enum audit_table table;
		const char *sql;
	} v[] = {
		{ AUDIT_PACKAGE_SET, sql_audit_members },
		{ AUDIT_ADVISORY_VULNERABILITY, sql_audit_orphan_links },
		{ AUDIT_MATCH, sql_audit_orphan_matches },
		{ AUDIT_FINDING, sql_audit_orphan_findings },
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(v) / sizeof(v[0]); i++)
		rc = compare(x, v[i].table, v[i].sql, NULL, 0, d);
	return (rc);
}

/* ---------------------------------------------------------- counts, verdicts */

static int
audit_counts(struct audit *x, struct diag *d)
{
	struct str cases[VERDICT_CASES];
	struct db_result *r = NULL;
	int64_t sets, states;
	int rc;

	if ((rc = db_query0(x->db, sql_audit_range, &r, d)) < 0)
		return (rc);
	sets = db_col_int(r, 0, 0);
	states = db_col_int(r, 0, 1);
	x->report->rows = db_col_int(r, 0, 2);
	db_free(r);
	verdict_cases(cases);
	for (int64_t i = 0; rc == 0 && i <= sets; i += SETS)
		rc = COMPARE(x, AUDIT_SET_SUMMARY, sql_audit_sets, d, db_int(i),
		    db_int(i + SETS));
	for (int64_t i = 0; rc == 0 && i <= states; i += STATES)
		rc = COMPARE(x, AUDIT_VERDICT, sql_audit_verdicts, d,
		    db_int(i), db_int(i + STATES),
		    db_texts(cases, VERDICT_CASES));
	if (rc == 0)
		rc = compare(x, AUDIT_REPOSITORY_SET,
		    sql_audit_repository_sets, NULL, 0, d);
	if (rc == 0)
		rc = compare(x, AUDIT_REPOSITORY_SUMMARY,
		    sql_audit_repositories, NULL, 0, d);
	return (rc);
}

static int
audit_circumstances(struct audit *x, struct diag *d)
{
	bool changed = false;
	int rc;

	if ((rc = verdict_circumstances_changed(x->db, &changed, d)) < 0 ||
	    !changed)
		return (rc);
	/* a feed may have grown too old this very second: not a difference */
	return (diag_set(d, ERR_TEMPORARY, 0,
	    "waiting for the matcher: coverage or policy"));
}

/* What waits makes derived rows late, not wrong. */
static int
settled(struct audit *x, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(x->db, sql_audit_waiting, &r, d)) == 0 &&
	    db_col(r, 0, 0).n > 0)
		rc = diag_set(d, ERR_TEMPORARY, 0, "waiting for the matcher: %.*s",
		    STR_ARG(db_col(r, 0, 0)));
	db_free(r);
	return (rc);
}

int
audit_compare(struct db *db, audit_stop *stop, void *arg,
    struct audit_report *ret, struct diag *d)
{
	struct audit x = { .db = db, .stop = stop, .arg = arg, .report = ret };
	int rc;

	if ((rc = settled(&x, d)) < 0 ||
	    (rc = audit_circumstances(&x, d)) < 0 ||
	    (rc = audit_documents(&x, d)) < 0 ||
	    (rc = audit_links(&x, d)) < 0 ||
	    (rc = audit_packages(&x, d)) < 0 ||
	    (rc = audit_orphans(&x, d)) < 0)
		goto out;
	rc = audit_counts(&x, d);
out:
	alias_free(x.classes);
	return (rc);
}

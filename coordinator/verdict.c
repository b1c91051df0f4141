/* From rows to policy_decide() and back. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "common/pool.h"
#include "common/version.h"
#include "coordinator/matcher/policy.h"
#include "sql.h"
#include "vec.h"
#include "verdict.h"

#define MEMORY (64 * MIB)

static int
load_policy(struct db *db, struct policy *ret, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(db, sql_policy_get, &r, d)) < 0)
		return (rc);
	*ret = policy_default;
	if (db_rows(r) > 0) {
		ret->fail_on = (enum severity)db_col_int(r, 0, 0);
		ret->only_fixed = db_col_bool(r, 0, 1);
		ret->max_feed_age_s = (uint64_t)db_col_int(r, 0, 2);
	}
	db_free(r);
	return (0);
}

static struct policy_finding *
findings_of(const struct db_result *r)
{
	struct policy_finding *f = mem_array(db_rows(r), sizeof(*f));

	for (size_t i = 0; i < db_rows(r); i++)
		f[i] = (struct policy_finding) { db_col(r, i, 0),
			db_col(r, i, 1), db_col(r, i, 2), db_col(r, i, 3),
			db_col(r, i, 4), (enum severity)db_col_int(r, i, 5) };
	return (f);
}

static struct policy_coverage *
coverage_of(const struct db_result *r)
{
	struct policy_coverage *c = mem_array(db_rows(r), sizeof(*c));

	for (size_t i = 0; i < db_rows(r); i++) {
		struct str ns = db_col(r, i, 0);

		c[i] = (struct policy_coverage) { .namespace = ns,
			.type = db_col(r, i, 1),
			.packages = (uint64_t)db_col_int(r, i, 2),
			.ordered = version_scheme_of_ecosystem(ns) != NULL,
			.has_feed = db_col_bool(r, i, 3),
			.feed_age_s = db_is_null(r, i, 4) ? -1 :
			    db_col_int(r, i, 4) };
	}
	return (c);
}

/* Judge ${state} by the farm's policy: by its findings too, or only by what
 * could not be looked at.  *${known} tells whether there is such a state. */
static int
judge(struct db *db, int64_t state, bool with_findings, struct pool *pool,
    struct policy_result *ret, bool *known, struct diag *d)
{
	struct db_result *f = NULL, *c = NULL, *s = NULL;
	struct policy_finding *findings = NULL;
	struct policy_coverage *coverage = NULL;
	struct policy policy;
	struct policy_input in = { 0 };
	struct str reason;
	int rc;

	*known = false;
	if ((rc = load_policy(db, &policy, d)) < 0 ||
	    (rc = DB_QUERY(db, sql_state_get, &s, d, db_int(state))) < 0 ||
	    (with_findings && (rc = DB_QUERY(db, sql_state_findings, &f, d,
	    db_int(state))) < 0) ||
	    (rc = DB_QUERY(db, sql_state_coverage, &c, d, db_int(state))) < 0)
		goto out;
	if (db_rows(s) == 0)
		goto out;
	*known = true;
	coverage = coverage_of(c);
	reason = db_col(s, 0, 1);
	in = (struct policy_input) { NULL, 0, coverage, db_rows(c),
		db_col_bool(s, 0, 0), &reason, reason.n != 0 };
	if (with_findings) {
		findings = findings_of(f);
		in.findings = findings;
		in.nfindings = db_rows(f);
	}
	if ((rc = policy_decide(&policy, &in, pool, ret)) < 0)
		diag_set(d, rc, 0, "too many findings to judge");
out:
	free(findings);
	free(coverage);
	db_free(f);
	db_free(c);
	db_free(s);
	return (rc);
}

int
verdict_refresh(struct db *db, int64_t state, const char *cause,
    const char *reference, struct diag *d)
{
	struct pool *pool = pool_new(MEMORY);
	struct policy_result res = { 0 };
	bool known;
	int rc;

	if ((rc = judge(db, state, true, pool, &res, &known, d)) == 0 &&
	    known)
		rc = DB_QUERY(db, sql_verdict_set, NULL, d, db_int(state),
		    db_text(str_of(verdict_name(res.verdict))),
		    db_texts(res.reasons, res.nreasons), db_text(str_of(cause)),
		    db_text(str_of(reference)));
	pool_free(pool);
	return (rc);
}

int
verdict_covered(struct db *db, int64_t state, bool *ret, struct diag *d)
{
	struct pool *pool = pool_new(MEMORY);
	struct policy_result res = { 0 };
	bool known;
	int rc = judge(db, state, false, pool, &res, &known, d);

	if (rc == 0)
		*ret = known && res.verdict == VERDICT_PASS;
	pool_free(pool);
	return (rc);
}

int
verdict_refresh_uncovered(struct db *db, const char *reference, struct diag *d)
{
	struct db_result *r = NULL;
	struct vec states = { 0 };
	int rc;

	if ((rc = db_query0(db, sql_states_newly_covered, &r, d)) < 0)
		return (rc);
	vec_column(&states, r, 0);
	db_free(r);
	for (size_t i = 0; i < states.n && rc == 0; i++)
		rc = verdict_refresh(db, states.v[i], "new_advisory", reference,
		    d);
	if (rc == 0 && states.n > 0)
		rc = DB_QUERY(db, sql_repository_summaries, NULL, d,
		    vec_param(&states));
	vec_done(&states);
	return (rc);
}

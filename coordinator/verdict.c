/* From counts and coverage to verdicts; see verdict.h. */
#include <stdlib.h>
#include "common/mem.h"
#include "common/version.h"
#include "coordinator/matcher/policy.h"
#include "coordinator/matcher/support.h"
#include "sql.h"
#include "verdict.h"

void
verdict_list_add(struct verdict_list *l, int64_t state, struct str cause,
    struct str reference)
{
	if (l->states.n == l->cap) {
		l->cap = l->cap != 0 ? 2 * l->cap : 64;
		l->causes = mem_realloc(l->causes, l->cap, sizeof(*l->causes));
		l->references = mem_realloc(l->references, l->cap,
		    sizeof(*l->references));
	}
	l->causes[l->states.n] = cause;
	l->references[l->states.n] = reference;
	vec_add(&l->states, state);
}

void
verdict_list_done(struct verdict_list *l)
{
	vec_done(&l->states);
	free(l->causes);
	free(l->references);
	*l = (struct verdict_list) { 0 };
}

void
verdict_cases(struct str ret[VERDICT_CASES])
{
	for (int i = 0; i < VERDICT_CASES; i++)
		ret[i] = str_of(verdict_name(policy_verdict(i & 4, i & 2,
		    i & 1)));
}

int
verdict_judge(struct db *db, const struct verdict_list *l, struct diag *d)
{
	struct str cases[VERDICT_CASES];

	if (l->states.n == 0)
		return (0);
	verdict_cases(cases);
	return (DB_QUERY(db, sql_states_judge, NULL, d, vec_param(&l->states),
	    db_texts(l->causes, l->states.n),
	    db_texts(l->references, l->states.n),
	    db_texts(cases, VERDICT_CASES)));
}

int
verdict_later(struct db *db, const struct verdict_list *l, struct diag *d)
{
	return (DB_QUERY(db, sql_rejudge_states, NULL, d, vec_param(&l->states),
	    db_texts(l->causes, l->states.n),
	    db_texts(l->references, l->states.n)));
}

/* ------------------------------------------------------------ circumstances */

struct circumstances {
	struct db *db;
	bool dry;		/* only look */
	struct policy policy;
	int64_t judged_age;
	int64_t judged_kev;
	int changed;
};

static int
load_policy(struct circumstances *x, char judged[POLICY_CELLS + 1],
    struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = db_query0(x->db, sql_policy_get, &r, d)) < 0)
		return (rc);
	x->policy = policy_default;
	judged[0] = '\0';
	if (db_rows(r) > 0) {
		x->policy.fail_on = (enum severity)db_col_int(r, 0, 0);
		x->policy.only_fixed = db_col_bool(r, 0, 1);
		x->policy.max_feed_age_s = (uint64_t)db_col_int(r, 0, 2);
		snprintf(judged, POLICY_CELLS + 1, "%.*s",
		    STR_ARG(db_col(r, 0, 3)));
		x->judged_age = db_col_int(r, 0, 4);
		x->policy.fail_on_kev = db_col_bool(r, 0, 5);
		x->judged_kev = db_col_int(r, 0, 6);
	}
	db_free(r);
	return (0);
}

/* The policy in words, for the ledger. */
static struct str
policy_text(const struct policy *p, char out[120])
{
	snprintf(out, 120, "fail_on %s%s, only_fixed %s, max_feed_age_s %llu",
	    severity_name(p->fail_on), p->fail_on_kev ? ", fail_on_kev" : "",
	    p->only_fixed ? "true" : "false",
	    (unsigned long long)p->max_feed_age_s);
	return (str_of(out));
}

/* An edited policy: its cells anew, and every state is judged again. */
static int
decide_cells(struct circumstances *x, const char *judged, struct diag *d)
{
	char now[POLICY_CELLS + 1] = "", text[120];
	/* from which set_summary.kev on: 1 = any, 2 = one with a fix */
	int64_t kev = !x->policy.fail_on_kev ? 0 : x->policy.only_fixed ? 2 : 1;
	struct vec cells = { 0 };
	bool edited;
	int rc;

	for (int i = 0; i < POLICY_CELLS; i++) {
		now[i] = policy_fails(&x->policy, i) ? 't' : 'f';
		vec_add(&cells, now[i] == 't');
	}
	edited = strcmp(now, judged) != 0 || kev != x->judged_kev;
	x->changed += edited ||
	    x->judged_age != (int64_t)x->policy.max_feed_age_s;
	if (x->changed == 0 || x->dry) {
		vec_done(&cells);
		return (0);
	}
	if ((rc = DB_QUERY(x->db, sql_policy_judged, NULL, d,
	    vec_param(&cells), db_int((int64_t)x->policy.max_feed_age_s),
	    db_int(kev))) == 0 && edited &&
	    (rc = DB_QUERY(x->db, sql_set_flips, NULL, d, db_null())) == 0)
		rc = DB_QUERY(x->db, sql_rejudge_all, NULL, d,
		    db_text(str_of("policy")),
		    db_text(policy_text(&x->policy, text)));
	vec_done(&cells);
	return (rc);
}

/* One row of sql_coverage_rows. */
static int
decide_coverage(struct circumstances *x, const struct db_result *r, size_t i,
    struct diag *d)
{
	struct str namespace = db_col(r, i, 1);
	struct policy_coverage c = { .namespace = namespace,
		.type = db_col(r, i, 2), .packages = 1,
		.ordered = version_scheme_of_ecosystem(namespace) != NULL,
		.has_feed = db_col_bool(r, i, 3),
		.waits = db_col_bool(r, i, 10),
		.feed_age_s = db_is_null(r, i, 4) ? -1 : db_col_int(r, i, 4),
		.support_ended = support_ended(namespace, db_col(r, i, 8)) };
	struct str kept_on = db_col(r, i, 9);
	bool policy_edited = x->judged_age != (int64_t)x->policy.max_feed_age_s;
	bool weighs;
	char gap[DIAG_TEXT], text[120];
	int rc;

	if (c.support_ended.n == 0)
		c.support_ended = kept_on;
	policy_gap(&x->policy, &c, &weighs, gap);
	if (c.has_feed == db_col_bool(r, i, 5) &&
	    str_eqz(db_col(r, i, 6), gap) && weighs == db_col_bool(r, i, 7))
		return (0);
	x->changed++;
	if (x->dry)
		return (0);
	if ((rc = DB_QUERY(x->db, sql_coverage_set, NULL, d,
	    db_int(db_col_int(r, i, 0)), db_bool(c.has_feed),
	    db_text(str_of(gap)), db_bool(weighs))) < 0 ||
	    weighs == db_col_bool(r, i, 7))
		return (rc);
	return (DB_QUERY(x->db, sql_rejudge_namespace, NULL, d,
	    db_text(namespace), db_text(str_of(policy_edited ? "policy" :
	    c.waits || (c.has_feed && !db_col_bool(r, i, 5)) ?
	    "new_advisory" : !c.has_feed && db_col_bool(r, i, 5) ? "withdrawn" :
	    c.support_ended.n > 0 ? "support_ended" : "feed_age")),
	    db_text(policy_edited ? policy_text(&x->policy, text) : namespace)));
}

static int
circumstances(struct circumstances *x, struct diag *d)
{
	char judged[POLICY_CELLS + 1];
	struct db_result *r = NULL;
	int rc;

	if ((rc = load_policy(x, judged, d)) < 0 ||
	    (rc = decide_cells(x, judged, d)) < 0 ||
	    (!x->dry && (rc = db_query0(x->db, sql_feed_namespaces_matched,
	    NULL, d)) < 0) ||
	    (rc = db_query0(x->db, sql_coverage_rows, &r, d)) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r) && rc == 0; i++)
		rc = decide_coverage(x, r, i, d);
	db_free(r);
	return (rc);
}

int
verdict_circumstances(struct db *db, struct diag *d)
{
	struct circumstances x = { .db = db };
	int rc = circumstances(&x, d);

	return (rc < 0 ? rc : x.changed);
}

int
verdict_circumstances_changed(struct db *db, bool *ret, struct diag *d)
{
	struct circumstances x = { .db = db, .dry = true };
	int rc = circumstances(&x, d);

	if (rc == 0)
		*ret = x.changed > 0;
	return (rc);
}

int
verdict_judge_rows(struct db *db, const char sql[], int max, struct diag *d)
{
	struct verdict_list l = { 0 };
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql, &r, d, db_int(max))) < 0)
		return (rc);
	for (size_t i = 0; i < db_rows(r); i++)
		verdict_list_add(&l, db_col_int(r, i, 0), db_col(r, i, 1),
		    db_col(r, i, 2));
	if ((rc = verdict_judge(db, &l, d)) == 0)
		rc = (int)db_rows(r);
	db_free(r);
	verdict_list_done(&l);
	return (rc);
}

int
verdict_covered(struct db *db, int64_t state, bool *ret, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if ((rc = DB_QUERY(db, sql_state_covered, &r, d, db_int(state))) == 0)
		*ret = db_rows(r) > 0 && db_col_bool(r, 0, 0);
	db_free(r);
	return (rc);
}

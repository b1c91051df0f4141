/* Counts; see summary.h. */
#include "sql.h"
#include "summary.h"

/* Which of the sets are refused now and were not, or the reverse. */
static int
flip(struct db *db, const struct vec *sets, struct vec *flipped, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if (sets->n == 0)
		return (0);
	if ((rc = DB_QUERY(db, sql_set_flips, &r, d, vec_param(sets))) == 0)
		vec_column(flipped, r, 0);
	db_free(r);
	return (rc);
}

/* Of the candidates in ${r} (set, why) those that flipped. */
static int
flip_candidates(struct db *db, const struct db_result *r, struct vec *sets,
    struct vec *whys, struct diag *d)
{
	struct vec candidates = { 0 }, flipped = { 0 };
	size_t k = 0;
	int rc;

	vec_column(&candidates, r, 0);
	if ((rc = flip(db, &candidates, &flipped, d)) == 0)
		vec_unique(&flipped);
	/* both in the order of sets */
	for (size_t i = 0; rc == 0 && i < db_rows(r) && k < flipped.n; i++)
		if (db_col_int(r, i, 0) == flipped.v[k]) {
			vec_add(sets, flipped.v[k++]);
			vec_add(whys, db_col_int(r, i, 1));
		}
	vec_done(&candidates);
	vec_done(&flipped);
	return (rc);
}

int
summary_findings(struct db *db, const struct summary_change *v, size_t n,
    struct vec *sets, struct vec *whys, struct diag *d)
{
	struct vec packages = { 0 }, cells = { 0 }, deltas = { 0 }, why = { 0 };
	struct db_result *r = NULL;
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		for (int after = 0; after < 2; after++) {
			int cell = after ? v[i].after : v[i].before;

			if (cell < 0 || v[i].before == v[i].after)
				continue;
			vec_add(&packages, v[i].package);
			vec_add(&cells, cell);
			vec_add(&deltas, after ? 1 : -1);
			vec_add(&why, (int64_t)i);
		}
	if (packages.n > 0 && (rc = DB_QUERY(db, sql_set_deltas, &r, d,
	    vec_param(&packages), vec_param(&cells), vec_param(&deltas),
	    vec_param(&why))) == 0)
		rc = flip_candidates(db, r, sets, whys, d);
	db_free(r);
	vec_done(&packages);
	vec_done(&cells);
	vec_done(&deltas);
	vec_done(&why);
	return (rc);
}

int
summary_exploited_sets(struct db *db, const struct db_result *due,
    struct vec *sets, struct vec *whys, struct diag *d)
{
	struct vec ids = { 0 };
	int rc;

	if (db_rows(due) == 0)
		return (0);
	vec_column(&ids, due, 0);
	if ((rc = DB_QUERY(db, sql_set_kev, NULL, d, vec_param(&ids))) == 0)
		rc = flip_candidates(db, due, sets, whys, d);
	vec_done(&ids);
	return (rc);
}

int
summary_exploited(struct db *db, const struct vec *packages,
    const struct vec *vulnerabilities, const struct vec *whys_in,
    struct vec *sets, struct vec *whys, struct diag *d)
{
	struct db_result *r = NULL;
	int rc;

	if (packages->n == 0)
		return (0);
	if ((rc = DB_QUERY(db, sql_kev_sets, &r, d, vec_param(packages),
	    vec_param(vulnerabilities), vec_param(whys_in))) == 0)
		rc = summary_exploited_sets(db, r, sets, whys, d);
	db_free(r);
	return (rc);
}

int
summary_sets(struct db *db, const struct vec *sets, struct vec *flipped,
    struct diag *d)
{
	int rc;

	if (sets->n == 0)
		return (0);
	if ((rc = DB_QUERY(db, sql_set_summaries, NULL, d,
	    vec_param(sets))) < 0 ||
	    (rc = DB_QUERY(db, sql_set_kev, NULL, d, vec_param(sets))) < 0)
		return (rc);
	return (flip(db, sets, flipped, d));
}

int
summary_repositories(struct db *db, int max, struct diag *d)
{
	struct db_result *r = NULL;
	struct vec ids = { 0 };
	int rc;

	if ((rc = DB_QUERY(db, sql_repositories_due, &r, d, db_int(max))) < 0)
		return (rc);
	vec_column(&ids, r, 0);
	vec_unique(&ids);
	db_free(r);
	if (ids.n > 0 && (rc = DB_QUERY(db, sql_repository_sets, NULL, d,
	    vec_param(&ids))) == 0)
		rc = DB_QUERY(db, sql_repository_summaries, NULL, d,
		    vec_param(&ids));
	if (rc == 0)
		rc = (int)ids.n;
	vec_done(&ids);
	return (rc);
}

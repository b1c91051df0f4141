/* Packages in rows. */
#include "farm_packages.h"
#include "common/digest.h"
#include "common/pool.h"
#include "coordinator/package_keys.h"
#include "coordinator/rematch.h"
#include "sql.h"

#define COLUMNS 15
#define BATCH 500

int
farm_packages_insert(struct db *db, const struct match_package *p, size_t n,
    struct diag *d)
{
	uint8_t (*sums)[DIGEST_BYTES] = mem_array(n + 1, sizeof(*sums));
	struct str *c[COLUMNS];
	int rc;

	for (size_t k = 0; k < COLUMNS; k++)
		c[k] = mem_array(n + 1, sizeof(*c[k]));
	for (size_t i = 0; i < n; i++) {
		const struct str v[COLUMNS] = { str_n(sums[i], DIGEST_BYTES),
			p[i].namespace, p[i].type, p[i].name, p[i].version,
			p[i].arch, p[i].source_name, p[i].source_version,
			p[i].origin, str_of(""), p[i].module,
			p[i].channels, p[i].owner_namespace,
			p[i].owner_source, p[i].owner_version };
		struct digest *h = digest_new();

		for (size_t k = 1; k < COLUMNS; k++) {
			digest_add(h, v[k].p, v[k].n);
			digest_add(h, "", 1);
		}
		digest_end(h, sums[i]);
		digest_free(h);
		for (size_t k = 0; k < COLUMNS; k++)
			c[k][i] = v[k];
	}
	rc = DB_QUERY(db, sql_packages_insert, NULL, d, db_blobs(c[0], n),
	    db_texts(c[1], n), db_texts(c[2], n), db_texts(c[3], n),
	    db_texts(c[4], n), db_texts(c[5], n), db_texts(c[6], n),
	    db_texts(c[7], n), db_texts(c[8], n), db_texts(c[9], n),
	    db_texts(c[10], n), db_texts(c[11], n), db_texts(c[12], n),
	    db_texts(c[13], n), db_texts(c[14], n));
	for (size_t k = 0; k < COLUMNS; k++)
		free(c[k]);
	free(sums);
	return (rc);
}

/* The keys of the packages in ${r}; *${last} is the last one's id. */
static int
keys_of(struct db *db, const struct db_result *r, int64_t *last, struct diag *d)
{
	struct match_package p[BATCH];
	struct vec ids = { 0 };
	int rc;

	vec_column(&ids, r, 0);
	for (size_t i = 0; i < db_rows(r); i++)
		p[i] = rematch_package(r, i);
	*last = ids.v[ids.n - 1];
	rc = package_keys_insert(db, &ids, p, d);
	vec_done(&ids);
	return (rc);
}

int
farm_packages_keys(struct db *db, struct diag *d)
{
	int64_t last = 0;
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0) {
		struct db_result *r = NULL;

		if ((rc = DB_QUERY(db, sql_audit_packages, &r, d, db_int(last),
		    db_int(BATCH))) < 0)
			break;
		if ((n = db_rows(r)) > 0)
			rc = keys_of(db, r, &last, d);
		db_free(r);
	}
	return (rc);
}

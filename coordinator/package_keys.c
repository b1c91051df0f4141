/* Keys of packages in rows; see package_keys.h. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "package_keys.h"
#include "rematch.h"
#include "sql.h"

int
package_keys_insert(struct db *db, const struct vec *ids,
    const struct match_package *p, struct diag *d)
{
	size_t most = MATCH_KEYS_MAX * ids->n, total = 0, n;
	struct str *ns = mem_array(most + 1, sizeof(*ns));
	struct str *names = mem_array(most + 1, sizeof(*names));
	struct str *keys = mem_array(most + 1, sizeof(*keys));
	/* keys of versions and names that a row may have, twice over */
	struct pool *pool = pool_new((ids->n + 1) * 8 *
	    (LIMIT_PACKAGE_TEXT + LIMIT_VERSION_KEY));
	struct match_key k[MATCH_KEYS_MAX];
	struct vec owners = { 0 };
	int rc = 0;

	for (size_t i = 0; i < ids->n && rc == 0; i++) {
		n = 0;
		rc = match_package_keys(&p[i], pool, k, &n, d);
		for (size_t j = 0; rc == 0 && j < n; j++, total++) {
			ns[total] = k[j].namespace;
			names[total] = k[j].name;
			keys[total] = k[j].key;
			vec_add(&owners, ids->v[i]);
		}
	}
	if (rc == 0 && total > 0)
		rc = DB_QUERY(db, sql_package_keys_insert, NULL, d,
		    vec_param(&owners), db_texts(ns, total),
		    db_texts(names, total), db_blobs(keys, total));
	vec_done(&owners);
	pool_free(pool);
	free(ns);
	free(names);
	free(keys);
	return (rc);
}

int
package_keys_renew(struct db *db, const struct vec *ids, struct diag *d)
{
	struct match_package *p = NULL;
	struct db_result *r = NULL;
	struct vec stale = { 0 };
	int rc;

	if ((rc = DB_QUERY(db, sql_packages_unkeyed, &r, d,
	    vec_param(ids))) < 0)
		return (rc);
	vec_column(&stale, r, 0);
	if (stale.n == 0)
		goto out;
	p = mem_array(stale.n, sizeof(*p));
	for (size_t i = 0; i < stale.n; i++)
		p[i] = rematch_package(r, i);
	if ((rc = DB_QUERY(db, sql_package_keys_delete, NULL, d,
	    vec_param(&stale))) == 0 &&
	    (rc = package_keys_insert(db, &stale, p, d)) == 0)
		rc = DB_QUERY(db, sql_packages_keyed, NULL, d,
		    vec_param(&stale));
out:
	db_free(r);
	vec_done(&stale);
	free(p);
	return (rc);
}

/* Packages and advisories, asked in several ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/limits.h"
#include "coordinator/matcher/index.h"
#include "match_ways.h"

struct caught {
	struct pool *pool;
	struct advisory a;
	int n;
};

static int
catch_advisory(void *arg, const struct advisory *a, struct diag *d)
{
	struct caught *c = arg;
	struct buf b;
	struct cur cur;

	buf_init(&b, 1 * MIB);
	assert_int_equal(advisory_write(&b, a), 0);
	cur = cur_str(buf_view(&b));
	assert_int_equal(advisory_read(&cur, c->pool, &c->a, d), 0);
	c->n++;
	buf_done(&b);
	return (0);
}

struct advisory
match_ways_advisory(const struct feed_importer *kind, struct str document,
    struct pool *pool)
{
	struct caught c = { .pool = pool };
	struct feed_sink sink = { .arg = &c, .advisory = catch_advisory };
	struct feed_count count = { 0 };
	struct diag d = { 0 };

	if (kind->document(document, &sink, &count, &d) < 0)
		fail_msg("%.*s: %s", STR_ARG(document), d.text);
	assert_int_equal(c.n, 1);
	return (c.a);
}

bool
match_ways_rows(const struct match_package *p, const struct advisory *a,
    struct pool *pool)
{
	struct match_key keys[MATCH_KEYS_MAX];
	struct match_range *r;
	size_t nkeys, n;
	bool unmatched, ret = false;
	struct diag d;

	assert_int_equal(match_package_keys(p, pool, keys, &nkeys, &d), 0);
	for (size_t e = 0; e < a->naffected; e++) {
		assert_int_equal(match_entry_ranges(&a->affected[e], pool, &r, &n,
		    &unmatched, &d), 0);
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < nkeys; k++)
				ret |= str_eq(keys[k].namespace, r[i].namespace) &&
				    str_eq(keys[k].name, r[i].name) &&
				    str_cmp(keys[k].key, r[i].lo) >= 0 &&
				    str_cmp(keys[k].key, r[i].hi) < 0;
	}
	return (ret);
}

bool
match_ways_index(const struct match_package *p, const struct advisory *a,
    struct pool *pool, struct str *fixed)
{
	struct index *x = index_new(1 * MIB);
	const struct index_hit *h;
	struct diag d;
	size_t n;

	assert_int_equal(index_package(x, p, &n, &d), 0);
	assert_int_equal(index_advisory(x, NULL, a, &d), 0);
	assert_int_equal(index_finish(x, &h, &n, &d), 0);
	assert_true(n <= 1);
	if (n == 1 && fixed != NULL)
		assert_int_equal(pool_str(pool, h[0].result.fixed_version,
		    fixed), 0);
	index_free(x);
	return (n == 1);
}

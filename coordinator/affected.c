/* Ranges as rows; see affected.h. */
#include "affected.h"
#include "common/limits.h"
#include "common/text.h"
#include "coordinator/matcher/match.h"

/* Longer ones stand in no index, and no package has them (package_keys_insert). */
#define NAMESPACE_MAX 128
#define NAME_MAX_CHARS 500
#define KEY_MAX 2000

static void
grow(struct affected *x, size_t more)
{
	if (x->cap - x->n >= more)
		return;
	x->cap = (x->n + more) * 2;
	x->namespaces = mem_realloc(x->namespaces, x->cap, sizeof(struct str));
	x->names = mem_realloc(x->names, x->cap, sizeof(struct str));
	x->lo = mem_realloc(x->lo, x->cap, sizeof(struct str));
	x->hi = mem_realloc(x->hi, x->cap, sizeof(struct str));
}

/* The ranges of one entry. */
static int
add_entry(struct affected *x, int64_t document, size_t entry,
    const struct advisory_affected *a, bool *lost, struct diag *d)
{
	struct match_range *r = NULL;
	size_t n = 0;
	int rc;

	if ((rc = match_entry_ranges(a, x->pool, &r, &n, lost, d)) < 0)
		return (rc);
	grow(x, n);
	for (size_t i = 0; i < n; i++) {
		struct str ns = text_clean(x->pool, r[i].namespace, 256);
		struct str name = text_clean(x->pool, r[i].name, 1024);

		if (ns.n > NAMESPACE_MAX || name.n > NAME_MAX_CHARS ||
		    r[i].lo.n > KEY_MAX) {
			*lost = true;
			continue;
		}
		vec_add(&x->documents, document);
		vec_add(&x->entries, (int64_t)entry);
		vec_add(&x->binaries, a->by_binary);
		x->namespaces[x->n] = ns;
		x->names[x->n] = name;
		x->lo[x->n] = r[i].lo;
		x->hi[x->n++] = r[i].hi;
	}
	return (0);
}

int
affected_add(struct affected *x, int64_t document, const struct advisory *a,
    int64_t *unmatched, bool *matched, struct diag *d)
{
	size_t before = x->n;
	int rc = 0;

	*unmatched = 0;
	for (size_t e = 0; rc == 0 && e < a->naffected; e++) {
		bool lost = false;

		rc = add_entry(x, document, e, &a->affected[e], &lost, d);
		*unmatched += lost;
		if (rc == 0 && x->n - before > LIMIT_ADVISORY_RANGES)
			rc = diag_set(d, ERR_LIMIT, 0, "more than %d ranges",
			    LIMIT_ADVISORY_RANGES);
	}
	*matched = x->n > before;
	if (rc < 0)
		x->n = x->documents.n = x->entries.n = x->binaries.n = before;
	return (rc);
}

void
affected_done(struct affected *x)
{
	vec_done(&x->documents);
	vec_done(&x->entries);
	vec_done(&x->binaries);
	free(x->namespaces);
	free(x->names);
	free(x->lo);
	free(x->hi);
	*x = (struct affected) { 0 };
}

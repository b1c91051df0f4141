/* Ranges as rows; see affected.h. */
#include "affected.h"
#include "common/text.h"
#include "coordinator/matcher/match.h"

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

int
affected_add(struct affected *x, int64_t document, const struct advisory *a,
    int64_t *unmatched, bool *matched, struct diag *d)
{
	int rc;

	*unmatched = 0;
	*matched = false;
	for (size_t e = 0; e < a->naffected; e++) {
		struct match_range *r = NULL;
		bool lost = false;
		size_t n = 0;

		if ((rc = match_entry_ranges(&a->affected[e], x->pool, &r, &n,
		    &lost, d)) < 0)
			return (rc);
		*unmatched += lost;
		*matched = *matched || n > 0;
		grow(x, n);
		for (size_t i = 0; i < n; i++, x->n++) {
			vec_add(&x->documents, document);
			vec_add(&x->entries, (int64_t)e);
			x->namespaces[x->n] = text_clean(x->pool,
			    r[i].namespace, 256);
			x->names[x->n] = text_clean(x->pool, r[i].name, 1024);
			x->lo[x->n] = r[i].lo;
			x->hi[x->n] = r[i].hi;
		}
	}
	return (0);
}

void
affected_done(struct affected *x)
{
	vec_done(&x->documents);
	vec_done(&x->entries);
	free(x->namespaces);
	free(x->names);
	free(x->lo);
	free(x->hi);
	*x = (struct affected) { 0 };
}

/* A growing list of integers: ids between two statements. */
#ifndef VEC_H
#define VEC_H

#include <stdint.h>
#include <stdlib.h>
#include "common/mem.h"
#include "db.h"

struct vec {
	int64_t *v;
	size_t n, cap;
};

static inline void
vec_add(struct vec *a, int64_t i)
{
	MEM_ADD(a->v, a->n, a->cap, i);
}

static inline void
vec_done(struct vec *a)
{
	free(a->v);
	*a = (struct vec) { 0 };
}

static inline int
vec_cmp(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y ? -1 : x > y);
}

/* Sorted, each once. */
static inline void
vec_unique(struct vec *a)
{
	size_t k = 0;

	if (a->n > 1)
		qsort(a->v, a->n, sizeof(*a->v), vec_cmp);
	for (size_t i = 0; i < a->n; i++)
		if (k == 0 || a->v[k - 1] != a->v[i])
			a->v[k++] = a->v[i];
	a->n = k;
}

/* Column ${col} of all rows. */
static inline void
vec_column(struct vec *a, const struct db_result *r, size_t col)
{
	for (size_t i = 0; i < db_rows(r); i++)
		vec_add(a, db_col_int(r, i, col));
}

static inline struct db_param
vec_param(const struct vec *a)
{
	return (db_ints(a->v, a->n));
}

#endif

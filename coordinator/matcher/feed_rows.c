/* Statements to advisories; see feed_rows.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "feed_rows.h"
#include "vers.h"
#include "common/limits.h"
#include "common/mem.h"

struct feed_row {
	const struct advisory *head;
	struct advisory_affected entry;
	struct advisory_range range;
	bool has_range;
	size_t number;		/* in the order of arrival */
};

void
feed_rows_init(struct feed_rows *r, const char *kind, struct diag *d)
{
	*r = (struct feed_rows) { .kind = kind, .d = d,
		.pool = pool_new(LIMIT_ADVISORY_POOL) };
}

void
feed_rows_done(struct feed_rows *r)
{
	pool_free(r->pool);
	free(r->v);
}

int
feed_rows_malformed(struct feed_rows *r, const char *what)
{
	return (diag_set(r->d, ERR_MALFORMED, 0, "%s document: %s", r->kind,
	    what));
}

static int
too_large(struct feed_rows *r)
{
	return (diag_set(r->d, ERR_LIMIT, 0,
	    "%s document: more than its memory holds", r->kind));
}

int
feed_rows_print(struct feed_rows *r, struct str *ret, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (p = pool_alloc(r->pool, (size_t)n + 1)) == NULL)
		return (too_large(r));
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	*ret = str_n(p, (size_t)n);
	return (0);
}

int
feed_rows_head(struct feed_rows *r, struct str id, struct str vulnerability,
    struct advisory **ret)
{
	struct advisory *a = pool_alloc(r->pool, sizeof(*a));
	struct str *about = pool_alloc(r->pool, sizeof(*about));

	if (id.n == 0 || id.n > LIMIT_ADVISORY_ID)
		return (feed_rows_malformed(r, "an id that is empty or longer "
		    "than allowed"));
	if (a == NULL || about == NULL)
		return (too_large(r));
	*about = vulnerability;
	a->id = id;
	a->upstream = about;
	a->nupstream = vulnerability.n != 0;
	*ret = a;
	return (0);
}

int
feed_rows_upstream(struct feed_rows *r, struct advisory *head,
    const struct str *v, size_t n)
{
	struct str *copy = pool_alloc(r->pool, (n + 1) * sizeof(*copy));

	if (copy == NULL)
		return (too_large(r));
	for (size_t i = 0; i < n; i++)
		copy[i] = v[i];
	head->upstream = copy;
	head->nupstream = n;
	return (0);
}

int
feed_rows_add(struct feed_rows *r, const struct advisory *head,
    const struct advisory_affected *e, const struct advisory_range *range)
{
	struct feed_row *row;

	if ((r->n + 1) * sizeof(*row) > LIMIT_ADVISORY_POOL)
		return (too_large(r));
	MEM_ROOM(r->v, r->n, r->cap);
	row = &r->v[r->n];
	*row = (struct feed_row) { .head = head, .entry = *e,
		.has_range = range != NULL, .number = r->n };
	row->entry.ranges = NULL;
	row->entry.versions = NULL;
	row->entry.nranges = row->entry.nversions = 0;
	if (range != NULL) {
		row->range = *range;
		row->entry.range_type = str_of("ECOSYSTEM");
	}
	r->n++;
	return (0);
}

int
feed_rows_add_vers(struct feed_rows *r, const struct advisory *head,
    const struct advisory_affected *e, struct str vers, struct str type)
{
	struct advisory_range *v = NULL;
	size_t n = 0;
	int rc = vers_read(vers, type, e->ecosystem, r->pool, &v, &n);

	if (rc == ERR_LIMIT)
		return (too_large(r));
	if (rc < 0 || n == 0)	/* said of versions that we cannot tell */
		return (feed_rows_add(r, head, e, NULL));
	for (size_t i = 0; i < n; i++)
		if ((rc = feed_rows_add(r, head, e, &v[i])) < 0)
			return (rc);
	return (0);
}

/* By what is said, then by arrival. */
static int
say_cmp(const struct feed_row *x, const struct feed_row *y)
{
	const struct advisory_affected *a = &x->entry, *b = &y->entry;
	int c;

	if ((c = str_cmp(a->ecosystem, b->ecosystem)) != 0 ||
	    (c = str_cmp(a->name, b->name)) != 0 ||
	    (c = str_cmp(a->module, b->module)) != 0 ||
	    (c = str_cmp(a->source, b->source)) != 0 ||
	    (c = (int)a->by_source - (int)b->by_source) != 0 ||
	    (c = (int)a->by_binary - (int)b->by_binary) != 0 ||
	    (c = str_cmp(a->channels, b->channels)) != 0 ||
	    (c = (int)a->status - (int)b->status) != 0 ||
	    (c = (int)x->has_range - (int)y->has_range) != 0 ||
	    (c = str_cmp(x->range.lo, y->range.lo)) != 0 ||
	    (c = str_cmp(x->range.hi, y->range.hi)) != 0 ||
	    (c = (int)x->range.lo_exclusive -
	    (int)y->range.lo_exclusive) != 0 ||
	    (c = (int)x->range.hi_inclusive - (int)y->range.hi_inclusive) != 0 ||
	    (c = (a->stated > b->stated) - (a->stated < b->stated)) != 0 ||
	    (c = str_cmp(a->status_reason, b->status_reason)) != 0 ||
	    (c = (int)a->severity - (int)b->severity) != 0)
		return (c);
	return (str_cmp(a->cvss, b->cvss));
}

static int
row_cmp(const void *a, const void *b)
{
	const struct feed_row *x = a, *y = b;
	int c = str_cmp(x->head->id, y->head->id);

	if (c != 0 || (c = say_cmp(x, y)) != 0)
		return (c);
	return (x->number < y->number ? -1 : x->number > y->number);
}

/* The one that was added first. */
static const struct advisory *
first_head(const struct feed_rows *r, size_t from, size_t to)
{
	size_t first = from;

	for (size_t i = from; i < to; i++)
		if (r->v[i].number < r->v[first].number)
			first = i;
	return (r->v[first].head);
}

/* Rows [from, to), of one id. */
static int
give(struct feed_rows *r, size_t from, size_t to, const struct feed_sink *sink,
    struct feed_count *count)
{
	struct advisory a = *first_head(r, from, to);
	bool severity = a.severity != SEVERITY_UNKNOWN || a.cvss.n != 0;
	int rc;

	a.affected = mem_array(to - from, sizeof(*a.affected));
	for (size_t i = from; i < to; i++) {
		struct feed_row *row = &r->v[i];
		struct advisory_affected *e = &a.affected[a.naffected];

		if (i > from && say_cmp(row, row - 1) == 0)
			continue;
		*e = row->entry;
		e->ranges = row->has_range ? &row->range : NULL;
		e->nranges = row->has_range;
		a.naffected++;
		severity |= row->entry.severity != SEVERITY_UNKNOWN ||
		    row->entry.cvss.n != 0;
		count->ranges += row->has_range;
		count->ranges_ecosystem += row->has_range;
	}
	count->documents++;
	count->withdrawn += a.withdrawn.n != 0;
	count->with_severity += severity;
	count->affected += a.naffected;
	rc = sink->advisory(sink->arg, &a, r->d);
	free(a.affected);
	return (rc);
}

int
feed_rows_give(struct feed_rows *r, const struct feed_sink *sink,
    struct feed_count *count)
{
	size_t from = 0, to;
	int rc = 0;

	if (r->n > 0)
		qsort(r->v, r->n, sizeof(*r->v), row_cmp);
	for (; rc >= 0 && from < r->n; from = to) {
		for (to = from + 1; to < r->n && str_eq(r->v[to].head->id,
		    r->v[from].head->id); to++)
			;
		rc = give(r, from, to, sink, count);
	}
	return (rc < 0 ? rc : 0);
}

/* ${n} digits at ${from}; -1 when there are others. */
static int64_t
number(struct str s, size_t from, size_t n)
{
	uint64_t v;

	return (from + n <= s.n && str_u64(str_sub(s, from, from + n), &v) ?
	    (int64_t)v : -1);
}

static int64_t
days_before(int64_t year, int64_t month, int64_t day)
{
	/* of a year that begins in March; Howard Hinnant's days_from_civil
	 * (timegm() may open files, which readers must not) */
	int64_t y = year - (month <= 2), m = (month + 9) % 12;

	return (y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    719469);
}

int64_t
feed_time(struct str s)
{
	int64_t f[6] = { 0 }, zone = 0, us = 0, scale = 100000;
	size_t i, n = s.n == strlen("2024-01-01") ? 3 : 6;

	f[0] = number(s, 0, 4);
	for (i = 1; i < n; i++)
		f[i] = number(s, 2 + 3 * i, 2);
	for (i = 0; i < n; i++)
		if (f[i] < 0)
			return (1);
	i = 19;
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
			us += (s.p[i] - '0') * scale;
			scale /= 10;
		}
	if (i + 6 == s.n && (s.p[i] == '+' || s.p[i] == '-') &&
	    number(s, i + 1, 2) >= 0 && number(s, i + 4, 2) >= 0)
		zone = (number(s, i + 1, 2) * 60 + number(s, i + 4, 2)) *
		    (s.p[i] == '-' ? -60 : 60);
	us += (((days_before(f[0], f[1], f[2]) * 24 + f[3]) * 60 + f[4]) * 60 +
	    f[5] - zone) * 1000000;
	return (us > 0 ? us : 1);
}

struct str
feed_summary(struct str s)
{
	if (s.n > LIMIT_ADVISORY_SUMMARY) {
		s.n = LIMIT_ADVISORY_SUMMARY;
		while (s.n > 0 && (s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	return (s);
}

struct advisory_range
feed_range_all(void)
{
	return ((struct advisory_range) { .lo = STR_LIT("0") });
}

struct advisory_range
feed_range_exact(struct str version)
{
	return ((struct advisory_range) { .lo = version, .hi = version,
		.hi_inclusive = true });
}

struct advisory_range
feed_range_below(struct str fixed)
{
	return ((struct advisory_range) { .lo = STR_LIT("0"), .hi = fixed,
		.fixed = fixed });
}

/* Version ranges of VEX documents; see vers.h. */
#include <stdlib.h>
#include "vers.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/purl.h"
#include "common/version.h"

enum comparator { BELOW, UP_TO, ABOVE, FROM, EXACTLY, NOT };

struct constraint {
	enum comparator is;
	struct str version;
	const struct version_scheme *scheme;	/* for the sort */
};

/* What has been made of the constraints so far; where ${open}, a range begins at
 * ${lo}. */
struct sweep {
	struct advisory_range *v;
	size_t n;
	struct str lo;
	bool lo_exclusive, open;
};

static bool
is_upper(enum comparator c)
{
	return (c == BELOW || c == UP_TO);
}

static bool
is_lower(enum comparator c)
{
	return (c == ABOVE || c == FROM);
}

static bool
is_sign(char c)
{
	return (c == '<' || c == '>' || c == '=' || c == '!' || c == '*');
}

/* Does the order of ${s} hold for an expression of type ${own} about packages of
 * ${type}? */
static bool
is_ordered_by(struct str own, struct str type, const struct version_scheme *s)
{
	return (str_eq(own, type) || str_eqz(own, "generic") ||
	    str_eqz(own, "intdot") || (str_eqz(own, "semver") &&
	    s == &version_semver) || (str_eqz(own, "alpine") &&
	    str_eqz(type, "apk")));
}

/* ${s} in the pool without the blanks between its signs. */
static int
without_blanks(struct str s, struct pool *pool, struct str *ret)
{
	char *p = pool_alloc(pool, s.n + 1);
	size_t n = 0;

	if (p == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			p[n++] = s.p[i];
	*ret = str_n(p, n);
	return (0);
}

static int
take_constraint(struct str s, const struct version_scheme *scheme,
    struct pool *pool, struct constraint *ret)
{
	static const struct {
		const char *sign;
		enum comparator is;
	} t[] = {
		{ ">=", FROM }, { "<=", UP_TO }, { "!=", NOT }, { "<", BELOW },
		{ ">", ABOVE }, { "=", EXACTLY },
	};
	struct constraint c = { .is = EXACTLY, .scheme = scheme };
	int order, rc;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_starts(s, t[i].sign)) {
			c.is = t[i].is;
			s = str_sub(s, strlen(t[i].sign), s.n);
			break;
		}
	if (s.n == 0 || is_sign(s.p[0]))
		return (ERR_MALFORMED);
	if ((rc = purl_decode(s, pool, &c.version)) < 0)
		return (rc);
	if (version_cmp(scheme, c.version, c.version, &order, NULL) < 0)
		return (ERR_UNSUPPORTED);
	*ret = c;
	return (0);
}

static int
constraint_cmp(const void *a, const void *b)
{
	const struct constraint *x = a, *y = b;
	int r = 0;

	/* each was compared with itself before: it has an order */
	(void)version_cmp(x->scheme, x->version, y->version, &r, NULL);
	return (r);
}

static void
add(struct sweep *w, struct str hi, bool hi_inclusive)
{
	w->v[w->n++] = (struct advisory_range) { .lo = w->lo, .hi = hi,
		.hi_inclusive = hi_inclusive, .lo_exclusive = w->lo_exclusive };
}

/* What lies below the first bound is meant where that is an upper one, or where there
 * are only versions that are not meant. */
static bool
begins_open(const struct constraint *v, size_t n)
{
	bool excludes = false;

	for (size_t i = 0; i < n; i++) {
		if (is_upper(v[i].is) || is_lower(v[i].is))
			return (is_upper(v[i].is));
		excludes |= v[i].is == NOT;
	}
	return (excludes);
}

/* Along the version line; 0 or ERR_MALFORMED for two lower or two upper bounds in a
 * row, or a version that is named twice. */
static int
sweep(const struct constraint *v, size_t n, struct sweep *w)
{
	w->lo = str_of("0");
	w->open = begins_open(v, n);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && constraint_cmp(&v[i - 1], &v[i]) == 0)
			return (ERR_MALFORMED);
		if ((is_upper(v[i].is) && !w->open) ||
		    (is_lower(v[i].is) && w->open))
			return (ERR_MALFORMED);
		if (v[i].is == EXACTLY && !w->open) {
			w->lo = v[i].version;
			w->lo_exclusive = false;
			add(w, v[i].version, true);
		} else if (w->open && v[i].is != EXACTLY) {
			add(w, v[i].version, v[i].is == UP_TO);
			w->open = v[i].is == NOT;
			w->lo = v[i].version;
			w->lo_exclusive = true;
		} else if (is_lower(v[i].is)) {
			w->open = true;
			w->lo = v[i].version;
			w->lo_exclusive = v[i].is == ABOVE;
		}
	}
	if (w->open)
		add(w, (struct str) { NULL, 0 }, false);
	return (0);
}

/* The constraints ${list} of an order that holds for them. */
static int
read_list(struct str list, const struct version_scheme *s, struct pool *pool,
    struct advisory_range **ret, size_t *n)
{
	struct constraint *v = NULL;
	struct sweep w = { .n = 0 };
	size_t count = 0, cap = 0;
	struct constraint c;
	struct str one;
	int rc = 0;

	while (rc == 0 && str_split(&list, '|', &one)) {
		if (one.n == 0)
			continue;
		if (count == LIMIT_ADVISORY_EVENTS)
			rc = ERR_LIMIT;
		else if ((rc = take_constraint(one, s, pool, &c)) == 0)
			MEM_ADD(v, count, cap, c);
	}
	if (rc == 0 && count == 0)
		rc = ERR_MALFORMED;
	if (rc < 0)
		goto out;
	qsort(v, count, sizeof(*v), constraint_cmp);
	if ((w.v = pool_alloc(pool, (count + 1) * sizeof(*w.v))) == NULL)
		rc = ERR_LIMIT;
	else
		rc = sweep(v, count, &w);
	*ret = w.v;
	*n = w.n;
out:
	free(v);
	return (rc);
}

int
vers_read(struct str text, struct str type, struct str ecosystem,
    struct pool *pool, struct advisory_range **ret, size_t *n)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(ecosystem);
	struct str list = str_trim(text), own = type;
	struct advisory_range *v = NULL;
	size_t count = 0, slash;
	int rc;

	if (str_starts(list, "vers:")) {
		if ((rc = without_blanks(list, pool, &list)) < 0)
			return (rc);
		slash = str_find(list, '/');
		own = str_sub(list, strlen("vers:"), slash);
		list = str_sub(list, slash + 1, list.n);
	} else if (list.n == 0 || !is_sign(list.p[0])) {
		return (ERR_MALFORMED);	/* "all versions before 2.0" */
	}
	if (str_eqz(list, "*")) {
		if ((v = pool_alloc(pool, sizeof(*v))) == NULL)
			return (ERR_LIMIT);
		v[count].lo = str_of("0");
		count = str_eqz(own, "none") ? 0 : 1;
	} else if (s == NULL || !is_ordered_by(own, type, s)) {
		return (ERR_UNSUPPORTED);
	} else if ((rc = read_list(list, s, pool, &v, &count)) < 0) {
		return (rc);
	}
	*ret = v;
	*n = count;
	return (0);
}

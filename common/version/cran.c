/*
 * cran: numbers separated by "." or "-"; what is shorter is less (1.0 < 1.0.0).
 * Source: R's package_version; Haskell's Data.Version orders the same way.
 */
#include "../version.h"
#include "../version_num.h"

#define CRAN_END 0x01
#define CRAN_NUM 0x02

static int
check(struct str v, struct diag *d)
{
	bool digit = false;

	for (size_t i = 0; i < v.n; i++) {
		if (!version_is_digit(v.p[i]) &&
		    ((v.p[i] != '.' && v.p[i] != '-') || !digit))
			break;
		digit = version_is_digit(v.p[i]);
		if (i + 1 == v.n && digit)
			return (0);
	}
	return (diag_set(d, ERR_MALFORMED, 0,
	    "version: not numbers between dots or hyphens"));
}

/* The next number; false at the end. */
static bool
next(struct str *v, struct str *ret)
{
	if (v->n == 0)
		return (false);
	*ret = version_num_take(v);
	*v = str_sub(*v, 1, v->n);
	return (true);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct str x, y;
	bool more_a, more_b;
	int rc, r = 0;

	a = str_trim(a);
	b = str_trim(b);
	if ((rc = check(a, d)) < 0 || (rc = check(b, d)) < 0)
		return (rc);
	do {
		more_a = next(&a, &x);
		more_b = next(&b, &y);
		r = more_a && more_b ? version_num_cmp(x, y) : more_a - more_b;
	} while (r == 0 && more_a);
	*ret = r;
	return (0);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct str x;
	int rc;

	v = str_trim(v);
	if ((rc = check(v, d)) < 0)
		return (rc);
	while (next(&v, &x))
		if ((rc = buf_byte(ret, CRAN_NUM)) < 0 ||
		    (rc = version_num_key(ret, x)) < 0)
			return (diag_set(d, rc, 0, "version: key too long"));
	if ((rc = buf_byte(ret, CRAN_END)) < 0)
		return (diag_set(d, rc, 0, "version: key too long"));
	return (0);
}

const struct version_scheme version_cran = {
	.name = "cran",
	.cmp = cmp,
	.key = key,
};

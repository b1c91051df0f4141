/* rpmvercmp: one string as rpm orders it, without epoch and release. */
#include "../version.h"
#include "../version_rpm.h"

static int
check(struct str v, struct diag *d)
{
	if (v.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0, "rpm version: empty"));
	return (0);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	int rc;

	if ((rc = check(a, d)) == 0 && (rc = check(b, d)) == 0)
		*ret = version_rpm_cmp(a, b);
	return (rc);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	int rc;

	if ((rc = check(v, d)) < 0)
		return (rc);
	if ((rc = version_rpm_key(v, ret)) < 0)
		return (diag_set(d, rc, 0, "rpm version: key too long"));
	return (0);
}

const struct version_scheme version_rpmvercmp = {
	.name = "rpmvercmp",
	.cmp = cmp,
	.key = key,
};

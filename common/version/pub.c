/*
 * pub: Dart's packages: semver 2.0.0-rc.1, in which build metadata counts:
 * 1.0.0-a < 1.0.0-a+b < 1.0.0 < 1.0.0+b.  Source: package pub_semver.
 */
#include "../version.h"
#include "../version_semver.h"

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct semver x, y;
	int rc, r;

	if ((rc = version_semver_parse(a, 3, &x, d)) < 0 ||
	    (rc = version_semver_parse(b, 3, &y, d)) < 0)
		return (rc);
	if ((r = version_semver_cmp(&x, &y)) == 0) {
		if (x.build.n == 0 || y.build.n == 0)
			r = (x.build.n > 0) - (y.build.n > 0);
		else
			r = version_semver_cmp_labels(x.build, y.build);
	}
	*ret = r;
	return (0);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct semver x;
	int rc;

	if ((rc = version_semver_parse(v, 3, &x, d)) < 0)
		return (rc);
	if ((rc = version_semver_key(&x, 3, ret)) == 0)
		rc = x.build.n > 0 ? version_semver_key_label(x.build, ret) :
		    buf_byte(ret, 0);
	return (rc < 0 ? diag_set(d, rc, 0, "version: key too long") : 0);
}

const struct version_scheme version_pub = {
	.name = "pub",
	.cmp = cmp,
	.key = key,
};

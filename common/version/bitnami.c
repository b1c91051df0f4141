/*
 * bitnami: semver of the program, with the revision of Bitnami's packaging
 * behind a hyphen: 1.2.3-4 is the fourth packaging of 1.2.3, no pre-release, and
 * advisories speak about 1.2.3.
 */
#include "../version.h"
#include "../version_num.h"
#include "../version_semver.h"

static struct str
without_revision(struct str v)
{
	size_t at = str_rfind(v, '-');
	struct str rest = str_sub(v, at + 1, v.n);
	size_t digits = rest.n;

	(void)version_num_take(&rest);
	return (at < v.n && digits > 0 && rest.n == 0 ? str_sub(v, 0, at) : v);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	return (version_semver_scheme_cmp(without_revision(str_trim(a)),
	    without_revision(str_trim(b)), ret, d));
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	return (version_semver_scheme_key(without_revision(str_trim(v)), ret, d));
}

const struct version_scheme version_bitnami = {
	.name = "bitnami",
	.cmp = cmp,
	.key = key,
};

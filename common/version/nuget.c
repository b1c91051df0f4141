/*
 * nuget: semver with a fourth number, whose labels know no case.  Source: the
 * NuGet documentation "Package versioning".
 */
#include "../version.h"
#include "../version_semver.h"

#define TEXT 1100	/* longer than any version */

/* ${lower} holds the label; it must live as long as *${ret}. */
static int
parse(struct str v, struct semver *ret, char lower[TEXT], struct diag *d)
{
	int rc;

	if ((rc = version_semver_parse(v, 4, ret, d)) < 0)
		return (rc);
	for (size_t i = 0; i < ret->label.n && i < TEXT; i++) {
		char c = ret->label.p[i];

		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	ret->label.p = lower;
	return (0);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	char la[TEXT], lb[TEXT];
	struct semver x, y;
	int rc;

	if ((rc = parse(a, &x, la, d)) == 0 && (rc = parse(b, &y, lb, d)) == 0)
		*ret = version_semver_cmp(&x, &y);
	return (rc);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	char label[TEXT];
	struct semver x;
	int rc;

	if ((rc = parse(v, &x, label, d)) < 0)
		return (rc);
	if ((rc = version_semver_key(&x, 4, ret)) < 0)
		return (diag_set(d, rc, 0, "version: key too long"));
	return (0);
}

const struct version_scheme version_nuget = {
	.name = "nuget",
	.cmp = cmp,
	.key = key,
};

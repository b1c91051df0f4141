/*
 * go: module versions, and those of the toolchain ("stdlib").  Source: Go's
 * semver and version packages' documentation.  A pseudo-version is an ordinary
 * pre-release, "+incompatible" is build metadata; the toolchain writes
 * "1.21rc2" for 1.21.0-rc.2, and what it was built with behind "-X:" or a blank.
 */
#include "../version.h"
#include "../version_num.h"
#include "../version_semver.h"

/* "1.21rc2" or "1.20beta1": the word and its number behind the second number. */
static bool
toolchain(struct str v, struct str *numbers, struct str *word, struct str *count)
{
	static const char *const words[] = { "rc", "beta" };
	struct str rest = v;

	while (rest.n > 0 && (version_is_digit(rest.p[0]) || rest.p[0] == '.'))
		rest = str_sub(rest, 1, rest.n);
	*numbers = str_sub(v, 0, v.n - rest.n);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_starts(rest, words[i]))
			continue;
		*word = str_of(words[i]);
		*count = str_sub(rest, word->n, rest.n);
		rest = *count;
		(void)version_num_take(&rest);
		return (count->n > 0 && rest.n == 0 && numbers->n > 0);
	}
	return (false);
}

/* ${label} gets "rc.2"; it must live as long as *${ret}. */
static int
parse(struct str v, struct semver *ret, char label[], size_t size, struct diag *d)
{
	struct str numbers, word, count;
	int rc;

	v = str_trim(v);
	if (str_starts(v, "go"))
		v = str_sub(v, 2, v.n);
	v = str_sub(v, 0, str_find(v, ' '));
	for (size_t i = 0; i + 3 <= v.n; i++)
		if (str_starts(str_sub(v, i, v.n), "-X:"))
			v = str_sub(v, 0, i);
	if (!toolchain(v, &numbers, &word, &count))
		return (version_semver_parse(v, 3, ret, d));
	if ((rc = version_semver_parse(numbers, 3, ret, d)) < 0)
		return (rc);
	snprintf(label, size, "%.*s.%.*s", STR_ARG(word), STR_ARG(count));
	ret->pre = true;
	ret->label = str_of(label);
	return (0);
}

#define LABEL 1100	/* longer than any version */

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	char la[LABEL], lb[LABEL];
	struct semver x, y;
	int rc;

	if ((rc = parse(a, &x, la, sizeof(la), d)) == 0 &&
	    (rc = parse(b, &y, lb, sizeof(lb), d)) == 0)
		*ret = version_semver_cmp(&x, &y);
	return (rc);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	char label[LABEL];
	struct semver x;
	int rc;

	if ((rc = parse(v, &x, label, sizeof(label), d)) < 0)
		return (rc);
	if ((rc = version_semver_key(&x, 3, ret)) < 0)
		return (diag_set(d, rc, 0, "version: key too long"));
	return (0);
}

const struct version_scheme version_go = {
	.name = "go",
	.cmp = cmp,
	.key = key,
};

/* The table of version schemes and what is common to them. */
#include "version.h"
#include "limits.h"

static const struct version_scheme *const schemes[] = {
#define VERSION_SCHEME(name) &version_##name,
#include "version_list.h"
#undef VERSION_SCHEME
};

/*
 * OSV ecosystems (the part before the colon) that we can order.  Every other
 * one is imported and never matched, which the coverage says.
 */
static const struct {
	const char *base;
	const struct version_scheme *scheme;
} ecosystems[] = {
	{ "Debian", &version_deb },
	{ "Ubuntu", &version_deb },
	{ "Echo", &version_deb },
	{ "Alpine", &version_apk },
	{ "Wolfi", &version_apk },
	{ "Chainguard", &version_apk },
	{ "Alpaquita", &version_apk },
	{ "BellSoft Hardened Containers", &version_apk },
	{ "MinimOS", &version_apk },
	{ "CleanStart", &version_apk },
	{ "Arch Linux", &version_pacman },
	{ "Manjaro", &version_pacman },
	{ "PyPI", &version_pep440 },
	{ "Red Hat", &version_rpm },
	{ "Rocky Linux", &version_rpm },
	{ "AlmaLinux", &version_rpm },
	{ "SUSE", &version_rpm },
	{ "openSUSE", &version_rpm },
	{ "openEuler", &version_rpm },
	{ "Mageia", &version_rpm },
	{ "Photon OS", &version_rpm },
	{ "Azure Linux", &version_rpm },
	{ "Oracle Linux", &version_rpm },
	{ "Amazon Linux", &version_rpm },
	{ "Fedora", &version_rpm },
	{ "npm", &version_semver },
	{ "crates.io", &version_semver },
	{ "SwiftURL", &version_semver },
	{ "Julia", &version_semver },
	{ "GitHub Actions", &version_semver },
	{ "VSCode", &version_semver },
	{ "Go", &version_go },
	{ "Maven", &version_maven },
	{ "RubyGems", &version_gem },
	{ "NuGet", &version_nuget },
	{ "Packagist", &version_composer },
	{ "Hex", &version_hex },
	{ "Pub", &version_pub },
	{ "CRAN", &version_cran },
	{ "Hackage", &version_cran },
	{ "GHC", &version_cran },
	{ "Bioconductor", &version_cran },
	{ "Bitnami", &version_bitnami },
	{ "ConanCenter", &version_generic },
};

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

const struct version_scheme *
version_scheme_at(size_t i)
{
	return (i < NELEM(schemes) ? schemes[i] : NULL);
}

const struct version_scheme *
version_scheme_find(struct str name)
{
	for (size_t i = 0; i < NELEM(schemes); i++)
		if (str_eqz(name, schemes[i]->name))
			return (schemes[i]);
	return (NULL);
}

const struct version_scheme *
version_scheme_of_ecosystem(struct str ecosystem)
{
	struct str base = str_sub(ecosystem, 0, str_find(ecosystem, ':'));

	for (size_t i = 0; i < NELEM(ecosystems); i++)
		if (str_eqz(base, ecosystems[i].base))
			return (ecosystems[i].scheme);
	return (NULL);
}

static int
check_length(struct str v, struct diag *d)
{
	if (v.n > LIMIT_VERSION)
		return (diag_set(d, ERR_LIMIT, 0,
		    "version longer than %zu bytes", (size_t)LIMIT_VERSION));
	return (0);
}

int
version_cmp(const struct version_scheme *scheme, struct str a, struct str b,
    int *ret, struct diag *d)
{
	int rc;

	if ((rc = check_length(a, d)) < 0 || (rc = check_length(b, d)) < 0)
		return (rc);
	return (scheme->cmp(a, b, ret, d));
}

int
version_key(const struct version_scheme *scheme, struct str v, struct buf *ret,
    struct diag *d)
{
	size_t before = ret->n;
	int rc;

	if (scheme->key == NULL)
		return (diag_set(d, ERR_UNSUPPORTED, 0,
		    "versions of scheme %s have no keys", scheme->name));
	if ((rc = check_length(v, d)) < 0)
		return (rc);
	if ((rc = scheme->key(v, ret, d)) < 0)
		ret->n = before;
	return (rc);
}

static bool
from_beginning(struct str lo)
{
	return (lo.n == 0 || str_eqz(lo, "0"));
}

static bool
has_local(struct str v)
{
	return (str_find(v, '+') < v.n);
}

/* "1-" states none, as rpm reads it, which does not see white space around. */
static bool
has_release(struct str v)
{
	v = str_trim(v);
	return (str_rfind(v, '-') + 1 < v.n);
}

static int
upper_key(const struct version_scheme *scheme, struct str hi, bool inclusive,
    struct buf *ret, struct diag *d)
{
	int rc;

	if (hi.n == 0)
		return (buf_byte(ret, VERSION_KEY_INFINITY));
	if ((rc = version_key(scheme, hi, ret, d)) < 0 ||
	    (!inclusive && !scheme->coarse_keys))
		return (rc);
	if (scheme->optional_release && !has_release(hi))
		return (buf_byte(ret, 0xFF));
	if (scheme->local_parts && !has_local(hi)) {
		ret->p[ret->n - 1] = 0x04;
		return (0);
	}
	return (buf_byte(ret, 0x00));
}

int
version_range_keys(const struct version_scheme *scheme, struct str lo,
    struct str hi, bool hi_inclusive, struct buf *ret_lo, struct buf *ret_hi,
    struct diag *d)
{
	size_t before_lo = ret_lo->n, before_hi = ret_hi->n;
	int rc = 0;

	if (!from_beginning(lo))
		rc = version_key(scheme, lo, ret_lo, d);
	if (rc == 0)
		rc = upper_key(scheme, hi, hi_inclusive, ret_hi, d);
	if (rc < 0) {
		ret_lo->n = before_lo;
		ret_hi->n = before_hi;
	}
	return (rc);
}

int
version_in_range(const struct version_scheme *scheme, struct str v,
    struct str lo, struct str hi, bool hi_inclusive, bool *ret, struct diag *d)
{
	int c, rc;

	/* against itself first: an unordered version is in no range */
	if ((rc = version_cmp(scheme, v, v, &c, d)) < 0)
		return (rc);
	c = 0;
	if (!from_beginning(lo) &&
	    (rc = version_cmp(scheme, v, lo, &c, d)) < 0)
		return (rc);
	if (c < 0 || hi.n == 0) {
		*ret = c >= 0;
		return (0);
	}
	if (hi_inclusive && scheme->local_parts && !has_local(hi))
		v = str_sub(v, 0, str_find(v, '+'));
	if ((rc = version_cmp(scheme, v, hi, &c, d)) < 0)
		return (rc);
	*ret = hi_inclusive ? c <= 0 : c < 0;
	return (0);
}

int
version_name_key(struct str ecosystem, struct str name, struct buf *ret)
{
	bool pypi = str_eqz(ecosystem, "PyPI"), separator = false;
	char c;
	int rc = 0;

	if (!pypi && !str_eqz(ecosystem, "NuGet") &&
	    !str_starts(ecosystem, "Packagist"))
		return (buf_str(ret, name));
	for (size_t i = 0; i < name.n && rc == 0; i++) {
		c = name.p[i];
		if (pypi && (c == '-' || c == '_' || c == '.')) {
			if (!separator)
				rc = buf_byte(ret, '-');
			separator = true;
			continue;
		}
		separator = false;
		rc = buf_byte(ret, (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c));
	}
	return (rc);
}

/*
 * The names and versions by which a package is looked for among advisories: its
 * own, its source's, that of what it signs or of the package that owns it.
 */
#include "match.h"
#include "match_parts.h"
#include "common/limits.h"
#include "common/version.h"

/* The first byte of the key of a text that no order knows: such keys lie
 * above "no upper end", so only an enumerated text can meet them. */
#define KEY_UNORDERED VERSION_KEY_INFINITY

/* Ecosystems whose advisories name the source (apk: origin) package. */
static bool
by_source(struct str namespace)
{
	return (str_starts(namespace, "Debian:") ||
	    str_starts(namespace, "Ubuntu:") || str_eqz(namespace, "Echo") ||
	    str_starts(namespace, "Alpine:") ||
	    str_starts(namespace, "Alpaquita:") ||
	    str_starts(namespace, "BellSoft Hardened Containers:"));
}

/* Ecosystems whose advisories name either; MinimOS's, Azure Linux's, Rocky's, SUSE's,
 * openEuler's and Mageia's mostly sources, Red Hat's binaries for what is fixed and
 * sources for what is not. */
static bool
by_name_and_source(struct str namespace)
{
	return (str_eqz(namespace, "Wolfi") ||
	    str_eqz(namespace, "Chainguard") ||
	    str_eqz(namespace, "MinimOS") ||
	    str_eqz(namespace, "CleanStart") ||
	    str_starts(namespace, "Azure Linux:") ||
	    str_starts(namespace, "Rocky Linux:") ||
	    str_starts(namespace, "SUSE:") ||
	    str_starts(namespace, "openSUSE:") ||
	    str_starts(namespace, "openEuler:") ||
	    str_starts(namespace, "Mageia:") ||
	    str_starts(namespace, "Red Hat:"));
}

/* A rebuild without changes, `1.2-3+b1`, has no source version of its own. */
static struct str
without_binnmu(struct str v)
{
	size_t n = v.n;

	while (n > 0 && v.p[n - 1] >= '0' && v.p[n - 1] <= '9')
		n--;
	if (n < v.n && n >= 2 && v.p[n - 1] == 'b' && v.p[n - 2] == '+')
		return (str_sub(v, 0, n - 2));
	return (v);
}

/* The version under which the source of ${p} is compared. */
static struct str
source_version(const struct match_package *p, const struct version_scheme *s)
{
	if (p->source_version.n != 0)
		return (p->source_version);
	return (s == &version_deb ? without_binnmu(p->version) : p->version);
}

int
match_keep(struct buf *b, struct pool *pool, struct str *ret)
{
	int rc = pool_str(pool, buf_view(b), ret);

	buf_clear(b);
	return (rc);
}

int
match_text_key(const struct version_scheme *s, struct str v, struct buf *ret)
{
	int rc = version_key(s, v, ret, NULL);

	if (rc == 0)
		return (0);
	if ((rc = buf_byte(ret, KEY_UNORDERED)) < 0)
		return (rc);
	return (buf_str(ret, v));
}

struct str
match_without_epoch(struct str v)
{
	size_t colon = str_find(v, ':');

	return (colon < v.n ? str_sub(v, colon + 1, v.n) : v);
}

/* A database of rpm's writes an epoch where there is one; a bill of material may
 * leave it out. */
static bool
may_lack_epoch(const struct match_package *p, struct str version)
{
	return (str_eqz(p->type, "rpm") && str_eqz(p->origin, "sbom") &&
	    str_find(version, ':') == version.n);
}

static int
add_key(const struct match_package *p, const struct version_scheme *s,
    struct str name, struct str version, struct pool *pool,
    struct match_key *ret)
{
	struct match_key k = { .version = version,
		.no_epoch = may_lack_epoch(p, version) };
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_PACKAGE_TEXT + LIMIT_VERSION_KEY);
	if ((rc = pool_str(pool, p->namespace, &k.namespace)) < 0 ||
	    (rc = version_name_key(p->namespace, name, &b)) < 0 ||
	    (rc = match_keep(&b, pool, &k.name)) < 0 ||
	    (rc = match_text_key(s, version, &b)) < 0 ||
	    (rc = match_keep(&b, pool, &k.key)) < 0)
		goto out;
	*ret = k;
out:
	buf_done(&b);
	return (rc);
}

/* The name of a source rpm states no epoch: it is that of a binary of the same
 * version, else not known. */
static int
add_source_key(const struct match_package *p, const struct version_scheme *s,
    struct str source, struct pool *pool, struct match_key *ret)
{
	struct str version = source_version(p, s);
	bool rpm = str_eqz(p->type, "rpm");
	int rc;

	if (rpm && str_eq(match_without_epoch(p->version), version))
		version = p->version;
	if ((rc = add_key(p, s, source, version, pool, ret)) == 0 && rpm &&
	    !str_eq(version, p->version) && str_find(version, ':') == version.n)
		ret->no_epoch = true;
	return (rc);
}

/* Kernels signed for UEFI are packed by a source of their own, of which nobody
 * speaks: Debian's linux-signed-6.12-amd64 of what linux-6.12 built, Ubuntu's
 * linux-signed-aws of linux-aws.  Append what is signed to ${ret}; nothing where
 * ${source} is no such source. */
static int
signed_source(struct str namespace, struct str source, struct buf *ret)
{
	static const char *const arches[] = { "-amd64", "-arm64", "-i386" };
	static const char name[] = "linux-signed";
	struct str rest = str_sub(source, sizeof(name) - 1, source.n);
	bool found = str_starts(namespace, "Ubuntu:");
	int rc;

	if (!str_starts(source, name) || (rest.n > 0 && rest.p[0] != '-'))
		return (0);
	for (size_t i = 0; i < 3 && str_starts(namespace, "Debian:"); i++)
		if (str_ends(rest, arches[i])) {
			rest.n -= strlen(arches[i]);
			found = true;
			break;
		}
	if (!found || (rc = buf_str(ret, str_of("linux"))) < 0)
		return (found ? rc : 0);
	return (buf_str(ret, rest));
}

/* So are Debian's boot loaders: grub-efi-amd64-signed, shim-signed, the helpers of shim's
 * in shim-helpers-amd64-signed.  What is signed; "" where ${source} is no such source. */
static struct str
signed_loader(struct str namespace, struct str source)
{
	static const char *const t[][2] = {
		{ "grub-efi-", "grub2" }, { "shim-helpers-", "shim" },
	};

	if (!str_starts(namespace, "Debian:") || !str_ends(source, "-signed"))
		return (str_of(""));
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_starts(source, t[i][0]))
			return (str_of(t[i][1]));
	return (str_of(str_eqz(source, "shim-signed") ? "shim" : ""));
}

/* The version of what is signed, behind that of the source: "1.51~1+16.1-2" of shim-signed
 * 1.51~1.  Or with a '+' for the '-' before its revision: "1+2.06+13+deb12u2" is of
 * 2.06-13+deb12u2.  "" where the version is of neither form. */
static int
signed_loader_version(const struct match_package *p, struct pool *pool,
    struct str *ret)
{
	struct str v = p->version, source = p->source_version;
	struct buf b;
	size_t i = 0;
	int rc;

	*ret = str_of("");
	if (source.n > 0 && v.n > source.n && v.p[source.n] == '+' &&
	    str_eq(str_sub(v, 0, source.n), source)) {
		*ret = str_sub(v, source.n + 1, v.n);
		return (0);
	}
	if (!str_starts(v, "1+"))
		return (0);
	v = str_sub(v, 2, v.n);
	while (i + 1 < v.n && !(v.p[i] == '+' && v.p[i + 1] >= '0' &&
	    v.p[i + 1] <= '9'))
		i++;
	if (i + 1 >= v.n)
		return (0);
	buf_init(&b, LIMIT_PACKAGE_TEXT);
	if ((rc = buf_str(&b, str_sub(v, 0, i))) == 0 &&
	    (rc = buf_byte(&b, '-')) == 0 &&
	    (rc = buf_str(&b, str_sub(v, i + 1, v.n))) == 0)
		rc = match_keep(&b, pool, ret);
	buf_done(&b);
	return (rc);
}

/* The source of a kernel that is signed has another version than the kernel (6.1.76+1 of
 * 6.1.76-1), a binary has the same. */
static int
add_signed_key(const struct match_package *p, const struct version_scheme *s,
    struct str source, struct pool *pool, struct match_key *ret, size_t *n)
{
	struct str name = signed_loader(p->namespace, source), version;
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_PACKAGE_TEXT);
	if (name.n > 0) {
		rc = signed_loader_version(p, pool, &version);
	} else {
		rc = signed_source(p->namespace, source, &b);
		name = buf_view(&b);
		version = without_binnmu(p->version);
	}
	if (rc == 0 && name.n > 0 && version.n > 0)
		rc = add_key(p, s, name, version, pool, &ret[(*n)++]);
	buf_done(&b);
	return (rc);
}

/* The owner's, which is looked up below every version. */
static int
add_owner_key(const struct match_package *p, struct pool *pool,
    struct match_key *ret, size_t *n)
{
	const struct match_package owner = { .namespace = p->owner_namespace };
	const struct version_scheme *s =
	    version_scheme_of_ecosystem(owner.namespace);
	int rc;

	if (s == NULL || p->owner_source.n == 0)
		return (0);
	if ((rc = add_key(&owner, s, p->owner_source, p->owner_version, pool,
	    &ret[*n])) < 0)
		return (rc);
	ret[*n].key = (struct str) { NULL, 0 };
	ret[(*n)++].owner = true;
	return (0);
}

int
match_package_keys(const struct match_package *p, struct pool *pool,
    struct match_key ret[MATCH_KEYS_MAX], size_t *n, struct diag *d)
{
	const struct version_scheme *s = version_scheme_of_ecosystem(p->namespace);
	struct str source = p->source_name.n != 0 ? p->source_name : p->name;
	size_t count = 0;
	int rc = 0;

	if (s == NULL)
		goto out;
	if (by_source(p->namespace)) {
		rc = add_key(p, s, source, source_version(p, s), pool,
		    &ret[count++]);
		if (rc == 0)
			rc = add_signed_key(p, s, source, pool, ret, &count);
		goto out;
	}
	rc = add_key(p, s, p->name, p->version, pool, &ret[count++]);
	if (rc == 0 && by_name_and_source(p->namespace) &&
	    !str_eq(source, p->name))
		rc = add_source_key(p, s, source, pool, &ret[count++]);
	else if (rc == 0)
		rc = add_owner_key(p, pool, ret, &count);
out:
	if (rc < 0)
		return (diag_set(d, rc, 0, "package: texts longer than allowed"));
	*n = count;
	return (0);
}

bool
match_has_binary_name(const struct match_package *p)
{
	return (str_eqz(p->type, "deb") || str_eqz(p->type, "apk"));
}

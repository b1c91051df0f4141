/* Products of VEX documents; see feed_product.h. */
#include <stdio.h>
#include "feed_product.h"
#include "channel.h"
#include "distribution.h"
#include "namespace.h"
#include "ubuntu.h"
#include "common/purl.h"

static int
join(struct pool *pool, struct str *ret, struct str a, const char *between,
    struct str b)
{
	size_t n = a.n + strlen(between) + b.n;
	char *p = pool_alloc(pool, n + 1);

	if (p == NULL)
		return (ERR_LIMIT);
	snprintf(p, n + 1, "%.*s%s%.*s", STR_ARG(a), between, STR_ARG(b));
	*ret = str_n(p, n);
	return (0);
}

bool
feed_product_module(struct str label, struct str *ret)
{
	struct str rest = label, name, stream;

	if (!str_split(&rest, ':', &name) || !str_split(&rest, ':', &stream) ||
	    name.n == 0 || stream.n == 0)
		return (false);
	*ret = str_sub(label, 0, name.n + 1 + stream.n);
	return (true);
}

/* -------------------------------------------------------------------- package URLs */

/* By the ids of os-release what purls call redhat, suse and oracle. */
static struct str
id_of(struct str space)
{
	static const char *const t[][2] = {
		{ "redhat", "rhel" }, { "suse", "sles" }, { "oracle", "ol" },
		{ "oraclelinux", "ol" }, { "amazon", "amzn" },
		{ "opensuse", "opensuse-leap" }, { "rockylinux", "rocky" },
		{ "alma", "almalinux" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(space, t[i][0]))
			return (str_of(t[i][1]));
	return (space);
}

static void
distribution(const struct purl *p, struct pool *pool, struct distribution *ret)
{
	struct str distro = purl_qualifier(p, "distro", pool);
	struct package package = { .type = p->type, .version = p->version };
	size_t at = str_rfind(distro, '-');

	*ret = (struct distribution) { .id = id_of(p->space) };
	if (distribution_of_codename(distro, ret))
		return;
	if (at < distro.n) {
		ret->id = id_of(str_sub(distro, 0, at));
		ret->version = str_sub(distro, at + 1, distro.n);
	} else if (distro.n > 0 && distro.p[0] >= '0' && distro.p[0] <= '9') {
		ret->version = distro;	/* as trivy writes Alpine's */
	} else if (distro.n == 0) {
		if (str_eqz(p->space, "redhat"))
			package.vendor = str_of("Red Hat");
		(void)distribution_of_package(&package, ret);
	}
}

/* The name under which the type's advisories go. */
static int
name_of(const struct purl *p, struct pool *pool, struct str *ret)
{
	struct str upstream = purl_qualifier(p, "upstream", pool);

	if (str_eqz(p->type, "deb") || str_eqz(p->type, "apk")) {
		*ret = upstream.n != 0 ?
		    str_sub(upstream, 0, str_find(upstream, '@')) : p->name;
		return (0);
	}
	if (str_eqz(p->type, "rpm") || p->space.n == 0) {
		*ret = p->name;
		return (0);
	}
	return (join(pool, ret, p->space, str_eqz(p->type, "maven") ? ":" : "/",
	    p->name));
}

/* Of Ubuntu's channels: "esm-infra/jammy", "trusty/esm", "jammy". */
static bool
ubuntu_distro(struct str distro, char ecosystem[NAMESPACE_TEXT])
{
	static const struct {
		const char *word;
		enum ubuntu_channel channel;
	} t[] = {
		{ "", UBUNTU_BASE }, { "ubuntu", UBUNTU_BASE },
		{ "esm", UBUNTU_PRO }, { "esm-infra", UBUNTU_PRO },
		{ "esm-infra-legacy", UBUNTU_PRO }, { "esm-apps", UBUNTU_PRO },
		{ "esm-apps-legacy", UBUNTU_PRO }, { "fips", UBUNTU_FIPS },
		{ "fips-preview", UBUNTU_FIPS },
		{ "fips-updates", UBUNTU_FIPS_UPDATES },
		{ "realtime", UBUNTU_REALTIME },
		{ "bluefield", UBUNTU_BLUEFIELD },
	};
	size_t slash = str_find(distro, '/');
	struct str word = str_sub(distro, 0, slash);
	struct str name = str_sub(distro, slash + 1, distro.n);
	struct distribution os;

	if (slash == distro.n || distribution_of_codename(word, &os)) {
		word = name;
		name = str_sub(distro, 0, slash);
	}
	if (!distribution_of_codename(name, &os) || !str_eqz(os.id, "ubuntu"))
		return (false);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(word, t[i].word))
			return (ubuntu_ecosystem(t[i].channel, os.version,
			    ecosystem) > 0);
	return (false);
}

int
feed_product_of_purl(struct str text, struct pool *pool,
    struct feed_product *ret)
{
	char namespace[NAMESPACE_TEXT];
	struct feed_product f = { .ecosystem = { NULL, 0 } };
	struct distribution os;
	struct str label, epoch;
	struct purl p;
	int rc;

	if ((rc = purl_read(text, pool, &p)) < 0)
		return (rc);
	if (!str_eqz(p.type, "deb") || !str_eqz(p.space, "ubuntu") ||
	    !ubuntu_distro(purl_qualifier(&p, "distro", pool), namespace)) {
		distribution(&p, pool, &os);
		namespace_of(&os, p.type, namespace);
	}
	f.version = p.version;
	f.type = p.type;
	if (f.version.n == 0)
		f.vers = purl_qualifier(&p, "vers", pool);
	f.arch = purl_qualifier(&p, "arch", pool);
	if (str_eqz(f.arch, "source"))
		f.arch = str_of("src");
	else if (str_eqz(p.type, "deb") || str_eqz(p.type, "apk"))
		f.binary = p.name;
	/* only a binary is of an architecture, or has a source */
	f.either = f.binary.n != 0 && f.arch.n == 0 &&
	    purl_qualifier(&p, "upstream", pool).n == 0;
	label = purl_qualifier(&p, "rpmmod", pool);
	if (label.n != 0 && !feed_product_module(label, &f.module))
		return (ERR_MALFORMED);
	epoch = purl_qualifier(&p, "epoch", pool);
	if ((rc = pool_str(pool, str_of(namespace), &f.ecosystem)) < 0 ||
	    (rc = name_of(&p, pool, &f.name)) < 0)
		return (rc);
	if (str_eqz(p.type, "rpm") && epoch.n != 0 && f.version.n != 0 &&
	    (rc = join(pool, &f.version, epoch, ":", f.version)) < 0)
		return (rc);
	*ret = f;
	return (0);
}

/* ----------------------------------------------------------------------------- CPE */

/* What stands behind "cpe:/o:" or "cpe:2.3:o:"; false when it is no CPE. */
static bool
cut_cpe(struct str s, struct str *ret)
{
	struct str part;

	if (str_starts(s, "cpe:2.3:"))
		s = str_sub(s, strlen("cpe:2.3:"), s.n);
	else if (str_starts(s, "cpe:/"))
		s = str_sub(s, strlen("cpe:/"), s.n);
	else
		return (false);
	if (!str_split(&s, ':', &part))
		return (false);
	*ret = s;
	return (true);
}

/* Vendor, product, version and update of "suse:sles:15:sp5:...". */
static void
take_parts(struct str s, struct str ret[4])
{
	for (int i = 0; i < 4; i++) {
		if (!str_split(&s, ':', &ret[i]))
			ret[i] = (struct str) { NULL, 0 };
		if (str_eqz(ret[i], "*") || str_eqz(ret[i], "-"))
			ret[i].n = 0;
	}
}

/* SLES, how it is called with longer support, and what it is made of. */
static bool
is_sles(struct str product)
{
	static const char *const beginnings[] = { "sles", "suse_sles",
		"sle-module-", "sle-sdk", "sle-we", "sle-ha", "sle-live-patching",
		"sle-rt", "sle_rt", "packagehub" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (str_starts(product, beginnings[i]))
			return (true);
	return (false);
}

/* Service packs are "15.5" in os-release; modules of SLE are what SLES takes. */
static int
suse(const struct str part[4], struct pool *pool, struct str *ret)
{
	struct distribution os = { .version = part[2] };
	char namespace[NAMESPACE_TEXT];
	int rc;

	if (str_eqz(part[0], "opensuse"))
		os.id = str_of(str_eqz(part[1], "tumbleweed") ?
		    "opensuse-tumbleweed" : str_eqz(part[1], "leap") ?
		    "opensuse-leap" : "");
	else if (str_eqz(part[1], "suse-microos"))
		os.id = str_of("sle-micro");	/* as it was called before */
	else if (str_eqz(part[1], "sle-micro") || str_eqz(part[1], "sl-micro"))
		os.id = part[1];
	else if (str_eqz(part[1], "sled") || str_eqz(part[1], "suse_sled"))
		os.id = str_of("sled");
	else if (is_sles(part[1]))
		os.id = str_of("sles");
	if (str_starts(part[3], "sp") && (rc = join(pool, &os.version, part[2],
	    ".", str_sub(part[3], 2, part[3].n))) < 0)
		return (rc);
	namespace_of(&os, str_of("rpm"), namespace);
	return (pool_str(pool, str_of(namespace), ret));
}

int
feed_product_of_cpe(struct str cpe, struct pool *pool, struct str *ecosystem,
    struct str *channel)
{
	struct str part[4], rest;

	*ecosystem = *channel = (struct str) { NULL, 0 };
	if (!cut_cpe(cpe, &rest))
		return (0);
	take_parts(rest, part);
	if (str_eqz(part[0], "suse") || str_eqz(part[0], "opensuse"))
		return (suse(part, pool, ecosystem));
	if (str_eqz(part[0], "redhat"))
		return (channel_of_redhat(str_sub(rest, part[0].n + 1, rest.n),
		    pool, ecosystem, channel));
	return (0);
}

int
feed_product_of_name(struct str name, struct pool *pool, struct str *ecosystem)
{
	static const char *const vendors[] = { "SUSE ", "openSUSE " };
	struct str vendor;

	*ecosystem = (struct str) { NULL, 0 };
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		vendor = str_of(vendors[i]);
		if (!str_starts(name, vendors[i]))
			continue;
		return (join(pool, ecosystem, str_sub(vendor, 0, vendor.n - 1),
		    ":", str_sub(name, vendor.n, name.n)));
	}
	return (0);
}

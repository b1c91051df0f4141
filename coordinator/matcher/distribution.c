/* Tables over os-release(5) IDs and the texts of older release files. */
#include <ctype.h>
#include <string.h>
#include "coordinator/matcher/distribution.h"

/* ID in os-release, and the purl type of its packages.  An ID that is not here
 * may have any. */
static const struct {
	const char *id, *type;
} types[] = {
	{ "debian", "deb" }, { "ubuntu", "deb" }, { "echo", "deb" },
	{ "alpine", "apk" }, { "wolfi", "apk" }, { "chainguard", "apk" },
	{ "alpaquita", "apk" }, { "bellsoft-hardened-containers", "apk" },
	{ "minimos", "apk" }, { "cleanstart", "apk" }, { "clnstrt", "apk" },
	{ "rhel", "rpm" }, { "centos", "rpm" }, { "rocky", "rpm" },
	{ "almalinux", "rpm" }, { "ol", "rpm" }, { "fedora", "rpm" },
	{ "amzn", "rpm" }, { "sles", "rpm" }, { "sled", "rpm" },
	{ "sles_sap", "rpm" },
	{ "sle-micro", "rpm" }, { "sl-micro", "rpm" },
	{ "sle-micro-rancher", "rpm" },
	{ "opensuse-leap", "rpm" }, { "opensuse-tumbleweed", "rpm" },
	{ "photon", "rpm" }, { "mariner", "rpm" }, { "azurelinux", "rpm" },
	{ "mageia", "rpm" }, { "openeuler", "rpm" },
	{ "arch", "alpm" }, { "manjaro", "alpm" }, { "gentoo", "ebuild" },
};

bool
distribution_is_os_type(struct str type)
{
	static const char *const t[] = { "deb", "apk", "rpm", "alpm", "ebuild",
	    "opkg" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(type, t[i]))
			return (true);
	return (false);
}

bool
distribution_has_type(struct str id, struct str type)
{
	bool known = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!str_caseeqz(id, types[i].id))
			continue;
		if (str_eqz(type, types[i].type))
			return (true);
		known = true;
	}
	return (!known);
}

/* The first number with dots in ${s}: "6.10" of "CentOS release 6.10 (Final)". */
static struct str
number_in(struct str s)
{
	size_t i = 0, k;

	while (i < s.n && !isdigit((unsigned char)s.p[i]))
		i++;
	for (k = i; k < s.n && (isdigit((unsigned char)s.p[k]) ||
	    s.p[k] == '.'); k++)
		;
	return (str_sub(s, i, k));
}

bool
distribution_of_line(struct str file, struct str line, struct distribution *ret)
{
	/* By how the line begins; more special ones first. */
	static const struct {
		const char *file, *line, *id;
	} t[] = {
		{ "debian_version", "", "debian" },
		{ "alpine-release", "", "alpine" },
		{ "centos-release", "CentOS", "centos" },
		{ "rocky-release", "Rocky", "rocky" },
		{ "almalinux-release", "AlmaLinux", "almalinux" },
		{ "fedora-release", "Fedora", "fedora" },
		{ "redhat-release", "CentOS", "centos" },
		{ "redhat-release", "Rocky", "rocky" },
		{ "redhat-release", "AlmaLinux", "almalinux" },
		{ "redhat-release", "Fedora", "fedora" },
		{ "redhat-release", "Oracle", "ol" },
		{ "redhat-release", "Red Hat", "rhel" },
		{ "oracle-release", "Oracle", "ol" },
		{ "system-release", "Amazon Linux", "amzn" },
		{ "SuSE-release", "openSUSE", "opensuse-leap" },
		{ "SuSE-release", "SUSE Linux Enterprise Server", "sles" },
		{ "photon-release", "VMware Photon", "photon" },
		{ "mariner-release", "CBL-Mariner", "mariner" },
		{ "azurelinux-release", "Azure", "azurelinux" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!str_eqz(file, t[i].file) || !str_starts(line, t[i].line))
			continue;
		*ret = (struct distribution) { .id = str_of(t[i].id),
		    .version = number_in(line), .name = line,
		    .pretty_name = line };
		/* "bookworm/sid" is no release, and stands in Ubuntu 22.04 too */
		return (str_eqz(file, "debian_version") || ret->version.n > 0);
	}
	return (false);
}

bool
distribution_of_lsb(struct str id, struct str release, struct distribution *ret)
{
	static const struct {
		const char *lsb, *id;
	} t[] = {
		{ "Ubuntu", "ubuntu" }, { "Debian", "debian" },
		{ "Arch", "arch" }, { "Gentoo", "gentoo" },
		{ "VMware Photon OS", "photon" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(id, t[i].lsb)) {
			*ret = (struct distribution) { .id = str_of(t[i].id),
			    .version = number_in(release) };
			return (true);
		}
	return (false);
}

/* Does a distribution carry release files of the one that it stands on? */
static bool
stands_on(struct str id, struct str base)
{
	static const struct {
		const char *id, *base;
	} t[] = {
		{ "ubuntu", "debian" }, { "echo", "debian" },
		{ "wolfi", "alpine" }, { "chainguard", "alpine" },
		{ "alpaquita", "alpine" },
		{ "bellsoft-hardened-containers", "alpine" },
		{ "minimos", "alpine" }, { "cleanstart", "alpine" },
		{ "clnstrt", "alpine" }, { "ol", "rhel" },
		{ "sled", "sles" }, { "sles_sap", "sles" },
		{ "sle-micro", "sles" }, { "sl-micro", "sles" },
		{ "sle-micro-rancher", "sles" },
		/* both called openSUSE in SuSE-release */
		{ "opensuse-tumbleweed", "opensuse-leap" },
		{ "manjaro", "arch" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_caseeqz(id, t[i].id) && str_caseeqz(base, t[i].base))
			return (true);
	return (false);
}

/* As the table spells it, or NULL. */
static const char *
known_id(struct str id)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_caseeqz(id, types[i].id))
			return (types[i].id);
	return (NULL);
}

/* Are the first ${parts} numbers of both the same, as far as both have them? */
static bool
same_release(struct str a, struct str b, int parts)
{
	struct str x, y;

	while (parts-- > 0 && str_split(&a, '.', &x) && str_split(&b, '.', &y)) {
		x = number_in(x);
		y = number_in(y);
		if (x.n > 0 && y.n > 0 && !str_eq(x, y))
			return (false);
	}
	return (true);
}

bool
distribution_contradicts(const struct distribution *os,
    const struct distribution *said)
{
	/* a release of these is two numbers, of others one */
	bool two = str_caseeqz(os->id, "alpine") || str_caseeqz(os->id, "ubuntu");
	const char *x = known_id(os->id), *y = known_id(said->id);

	if (x == NULL || y == NULL || stands_on(os->id, said->id))
		return (false);
	return (strcmp(x, y) != 0 || !same_release(os->version, said->version, two ? 2 : 1));
}

/* What comes after ${mark} in ${s}, "" when it has none. */
static struct str
after(struct str s, const char *mark)
{
	const char *at = s.n > 0 ? memmem(s.p, s.n, mark, strlen(mark)) : NULL;

	return (at == NULL ? str_of("") :
	    str_sub(s, (size_t)(at - s.p) + strlen(mark), s.n));
}

/* The digits right after ${mark} in ${s}. */
static bool
digits_after(struct str s, const char *mark, struct str *ret)
{
	struct str rest = after(s, mark);
	size_t n;

	for (n = 0; n < rest.n && isdigit((unsigned char)rest.p[n]); n++)
		;
	*ret = str_sub(rest, 0, n);
	return (n > 0);
}

/* "22.04" of "1.34-1ubuntu0.22.04.2" and "2.4-1ubuntu1~22.04"; nothing of
 * "1:8.9p1-3ubuntu0.10". */
static struct str
ubuntu_release(struct str version)
{
	version = after(version, "ubuntu");
	for (size_t i = 1; i + 5 <= version.n; i++) {
		struct str r = str_sub(version, i, i + 5);

		if ((version.p[i - 1] == '.' || version.p[i - 1] == '~') &&
		    isdigit((unsigned char)r.p[0]) &&
		    isdigit((unsigned char)r.p[1]) &&
		    (str_ends(r, ".04") || str_ends(r, ".10")) &&
		    (i + 5 == version.n ||
		    !isdigit((unsigned char)version.p[i + 5])))
			return (r);
	}
	return (str_of(""));
}

bool
distribution_of_package(const struct package *p, struct distribution *ret)
{
	static const struct {
		const char *type, *mark, *vendor, *id;
	} t[] = {
		{ "deb", "+deb", "", "debian" },
		{ "deb", "~deb", "", "debian" },
		{ "rpm", ".fc", "", "fedora" },
		{ "rpm", ".amzn", "", "amzn" },
		{ "rpm", ".azl", "", "azurelinux" },
		{ "rpm", ".cm", "Microsoft", "mariner" },
		{ "rpm", ".ph", "VMware", "photon" },
		{ "rpm", ".mga", "", "mageia" },
		{ "rpm", ".el", "Red Hat", "rhel" },
		{ "rpm", ".el", "CentOS", "centos" },
		{ "rpm", ".el", "Rocky", "rocky" },
		{ "rpm", ".el", "AlmaLinux", "almalinux" },
		{ "rpm", ".el", "Oracle", "ol" },
	};
	struct str version;

	if (str_eqz(p->type, "deb") &&
	    digits_after(p->version, "ubuntu", &version)) {
		*ret = (struct distribution) { .id = str_of("ubuntu"),
		    .version = ubuntu_release(p->version) };
		return (true);
	}
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (!str_eqz(p->type, t[i].type) ||
		    !str_starts(p->vendor, t[i].vendor) ||
		    !digits_after(p->version, t[i].mark, &version))
			continue;
		*ret = (struct distribution) { .id = str_of(t[i].id),
		    .version = version };
		return (true);
	}
	return (false);
}

bool
distribution_of_codename(struct str codename, struct distribution *ret)
{
	static const struct {
		const char *codename, *id, *version;
	} t[] = {
		{ "squeeze", "debian", "6" }, { "wheezy", "debian", "7" },
		{ "jessie", "debian", "8" }, { "stretch", "debian", "9" },
		{ "buster", "debian", "10" }, { "bullseye", "debian", "11" },
		{ "bookworm", "debian", "12" }, { "trixie", "debian", "13" },
		{ "forky", "debian", "14" }, { "duke", "debian", "15" },
		{ "precise", "ubuntu", "12.04" }, { "trusty", "ubuntu", "14.04" },
		{ "xenial", "ubuntu", "16.04" }, { "bionic", "ubuntu", "18.04" },
		{ "focal", "ubuntu", "20.04" }, { "jammy", "ubuntu", "22.04" },
		{ "noble", "ubuntu", "24.04" }, { "oracular", "ubuntu", "24.10" },
		{ "plucky", "ubuntu", "25.04" },
		{ "questing", "ubuntu", "25.10" },
		{ "resolute", "ubuntu", "26.04" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(codename, t[i].codename)) {
			*ret = (struct distribution) { .id = str_of(t[i].id),
			    .version = str_of(t[i].version),
			    .codename = codename };
			return (true);
		}
	return (false);
}

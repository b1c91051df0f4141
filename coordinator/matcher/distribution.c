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

/* The digits right after ${mark} in ${s}. */
static bool
digits_after(struct str s, const char *mark, struct str *ret)
{
	const char *at = s.n > 0 ? memmem(s.p, s.n, mark, strlen(mark)) : NULL;
	size_t from, to;

	if (at == NULL)
		return (false);
	from = (size_t)(at - s.p) + strlen(mark);
	for (to = from; to < s.n && isdigit((unsigned char)s.p[to]); to++)
		;
	*ret = str_sub(s, from, to);
	return (to > from);
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

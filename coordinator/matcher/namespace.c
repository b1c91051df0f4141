/* The exact strings of OSV's ecosystems, as their bulk exports spell them. */
#include <stdio.h>
#include "coordinator/matcher/distribution.h"
#include "coordinator/matcher/namespace.h"
#include "coordinator/matcher/ubuntu.h"

/* How much of VERSION_ID is part of the name. */
enum part { ROLLING, MAJOR, MINOR, WHOLE };

static const struct {
	const char *id, *type, *name;
	enum part part;
} distributions[] = {
	{ "debian", "deb", "Debian:", MAJOR },
	{ "echo", "deb", "Echo", ROLLING },
	{ "wolfi", "apk", "Wolfi", ROLLING },
	{ "chainguard", "apk", "Chainguard", ROLLING },
	{ "minimos", "apk", "MinimOS", ROLLING },
	{ "cleanstart", "apk", "CleanStart", ROLLING },
	{ "clnstrt", "apk", "CleanStart", ROLLING },
	/* a number or the word "stream" */
	{ "alpaquita", "apk", "Alpaquita:", WHOLE },
	{ "bellsoft-hardened-containers", "apk",
	  "BellSoft Hardened Containers:", WHOLE },
	{ "rhel", "rpm", "Red Hat:enterprise_linux:", MAJOR },
	{ "rocky", "rpm", "Rocky Linux:", MAJOR },
	{ "almalinux", "rpm", "AlmaLinux:", MAJOR },
	{ "opensuse-leap", "rpm", "openSUSE:Leap ", WHOLE },
	{ "opensuse-tumbleweed", "rpm", "openSUSE:Tumbleweed", ROLLING },
	{ "sle-micro", "rpm", "SUSE:Linux Enterprise Micro ", WHOLE },
	{ "sl-micro", "rpm", "SUSE:Linux Micro ", WHOLE },
	{ "photon", "rpm", "Photon OS:", MINOR },
	{ "mariner", "rpm", "Azure Linux:", MAJOR },
	{ "azurelinux", "rpm", "Azure Linux:", MAJOR },
	{ "mageia", "rpm", "Mageia:", MAJOR },
	/* not OSV's: named in its style */
	{ "ol", "rpm", "Oracle Linux:", MAJOR },
	{ "amzn", "rpm", "Amazon Linux:", MAJOR },
	{ "fedora", "rpm", "Fedora:", MAJOR },
	{ "arch", "alpm", "Arch Linux", ROLLING },
	{ "manjaro", "alpm", "Manjaro", ROLLING },
	{ "gentoo", "ebuild", "Gentoo", ROLLING },
};

static const struct {
	const char *type, *name;
} languages[] = {
	{ "pypi", "PyPI" }, { "npm", "npm" }, { "maven", "Maven" },
	{ "golang", "Go" }, { "cargo", "crates.io" }, { "gem", "RubyGems" },
	{ "composer", "Packagist" }, { "nuget", "NuGet" }, { "hex", "Hex" },
	{ "pub", "Pub" }, { "cran", "CRAN" }, { "hackage", "Hackage" },
	{ "conan", "ConanCenter" }, { "swift", "SwiftURL" },
	{ "julia", "Julia" }, { "opam", "opam" }, { "bitnami", "Bitnami" },
};

/* Leading "X.Y" of a version, or just "X". */
static struct str
cut_version(struct str v, unsigned dots)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if ((v.p[i] == '.' && dots-- == 0) ||
		    !((v.p[i] >= '0' && v.p[i] <= '9') || v.p[i] == '.'))
			break;
	return (str_sub(v, 0, i));
}

static size_t
print(char *out, const char *name, struct str version, const char *after)
{
	int n = snprintf(out, NAMESPACE_TEXT, "%s%.*s%s", name,
	    STR_ARG(version), after);

	return (n > 0 && n < NAMESPACE_TEXT ? (size_t)n : 0);
}

/* "15.5" is sold as "15 SP5", "15.0" as "15"; the product is part of it. */
static size_t
suse(struct str id, struct str version, char *out)
{
	struct str major = cut_version(version, 0), minor;
	char after[40];

	minor = str_sub(version, major.n + 1, version.n);
	snprintf(after, sizeof(after), "%s%.*s",
	    minor.n == 0 || str_eqz(minor, "0") ? "" : " SP",
	    STR_ARG(str_eqz(minor, "0") ? str_of("") : minor));
	return (major.n == 0 ? 0 : print(out, str_eqz(id, "sles") ?
	    "SUSE:Linux Enterprise Server " : "SUSE:Linux Enterprise Desktop ",
	    major, after));
}

/* PRETTY_NAME "openEuler 24.03 (LTS-SP1)" is "openEuler:24.03-LTS-SP1". */
static size_t
openeuler(const struct distribution *os, struct str version, char *out)
{
	size_t open = str_find(os->pretty_name, '(');
	size_t shut = str_find(os->pretty_name, ')');
	char after[64] = "";

	if (open < shut && shut < os->pretty_name.n)
		snprintf(after, sizeof(after), "-%.*s", STR_ARG(str_sub(
		    os->pretty_name, open + 1, shut)));
	for (char *p = after; *p != '\0'; p++)
		if (*p == ' ')
			*p = '-';
	return (print(out, "openEuler:", cut_version(version, 1), after));
}

/* Those whose names follow rules of their own; true when ${os} is one. */
static bool
special(const struct distribution *os, struct str version, struct str type,
    char *out, size_t *n)
{
	struct str major = cut_version(version, 0), minor = cut_version(version, 1);

	if (str_eqz(os->id, "ubuntu") && str_eqz(type, "deb")) {
		*n = ubuntu_ecosystem(UBUNTU_BASE, minor, out);
	} else if (str_eqz(os->id, "alpine") && str_eqz(type, "apk")) {
		if (str_eqz(version, "edge") ||
		    str_find(version, '_') < version.n)
			*n = print(out, "Alpine:edge", str_of(""), "");
		else if (str_find(minor, '.') < minor.n)
			*n = print(out, "Alpine:v", minor, "");
	} else if (!str_eqz(type, "rpm")) {
		return (false);
	} else if (str_eqz(os->id, "centos")) {
		/* Stream runs ahead of Red Hat's releases, so that their fixed
		 * versions are wrong for it in both directions. */
		if (str_starts(os->name, "CentOS Stream"))
			*n = print(out, "CentOS Stream:", major, "");
		else if (major.n > 0)
			*n = print(out, "Red Hat:enterprise_linux:", major, "");
	} else if (str_eqz(os->id, "sles") || str_eqz(os->id, "sled")) {
		*n = suse(os->id, version, out);
	} else if (str_caseeqz(os->id, "openEuler")) {
		*n = openeuler(os, version, out);
	} else {
		return (false);
	}
	return (true);
}

size_t
namespace_of(const struct distribution *os, struct str type,
    char out[NAMESPACE_TEXT])
{
	struct str version = os->version;
	size_t n = 0;

	out[0] = '\0';
	if (version.n > 32)	/* no release is called like that */
		version = str_of("");
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (str_eqz(type, languages[i].type))
			return (print(out, languages[i].name, str_of(""), ""));
	if (special(os, version, type, out, &n))
		return (n);
	for (size_t i = 0; i < sizeof(distributions) /
	    sizeof(distributions[0]); i++) {
		if (!str_eqz(os->id, distributions[i].id) ||
		    !str_eqz(type, distributions[i].type))
			continue;
		switch (distributions[i].part) {
		case ROLLING:
			return (print(out, distributions[i].name, str_of(""), ""));
		case MAJOR:
			version = cut_version(version, 0);
			break;
		case MINOR:
			version = cut_version(version, 1);
			break;
		case WHOLE:
			break;
		}
		/* testing and sid state no version */
		return (version.n == 0 ? 0 :
		    print(out, distributions[i].name, version, ""));
	}
	return (0);
}

struct str
namespace_spoken_of(struct str ecosystem, char out[NAMESPACE_TEXT])
{
	enum ubuntu_channel channel;

	return (ubuntu_release(ecosystem, &channel, out) ? str_of(out) :
	    ecosystem);
}

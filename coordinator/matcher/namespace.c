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
	{ "sle-micro-rancher", "rpm", "SUSE:Linux Enterprise Micro ", WHOLE },
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

/* Of types that no operating system's database states; NULL = nobody has advisories
 * for them.  Each type that an analyzer gives is here or is an operating system's:
 * what is neither would be judged as a language's by omission. */
static const struct {
	const char *type, *name;
} languages[] = {
	{ "pypi", "PyPI" }, { "npm", "npm" }, { "maven", "Maven" },
	{ "golang", "Go" }, { "cargo", "crates.io" }, { "gem", "RubyGems" },
	{ "composer", "Packagist" }, { "nuget", "NuGet" }, { "hex", "Hex" },
	{ "pub", "Pub" }, { "cran", "CRAN" }, { "hackage", "Hackage" },
	{ "conan", "ConanCenter" }, { "swift", "SwiftURL" },
	{ "julia", "Julia" }, { "opam", "opam" }, { "bitnami", "Bitnami" },
	{ "bioconductor", NULL }, { "brew", NULL }, { "conda", NULL },
	{ "cpan", NULL }, { "flatpak", NULL }, { "generic", NULL },
	{ "luarocks", NULL }, { "nix", NULL }, { "otp", NULL },
	{ "pear", NULL }, { "pecl", NULL }, { "snap", NULL },
	{ "vscode", NULL }, { "wordpress-plugin", NULL },
	{ "wordpress-theme", NULL },
	/* which bills state, and nothing else here */
	{ "bitbucket", NULL }, { "chrome-extension", NULL },
	{ "cocoapods", NULL }, { "elm", NULL }, { "github", NULL },
	{ "helm", NULL }, { "huggingface", NULL }, { "mlflow", NULL },
	{ "p2", NULL }, { "qpkg", NULL }, { "swid", NULL }, { "vcpkg", NULL },
	{ "vscode-extension", NULL }, { "yocto", NULL },
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

/* "15.5" is sold as "15 SP5", "15.0" as "15", from 16.0 on as it is; the product
 * is part of it. */
static size_t
suse(struct str id, struct str version, char *out)
{
	static const char server[] = "SUSE:Linux Enterprise Server ";
	struct str major = cut_version(version, 0), minor;
	uint64_t number;
	char after[40];

	if (str_u64(major, &number) && number >= 16)
		return (print(out, server, cut_version(version, 1), ""));
	minor = str_sub(version, major.n + 1, version.n);
	snprintf(after, sizeof(after), "%s%.*s",
	    minor.n == 0 || str_eqz(minor, "0") ? "" : " SP",
	    STR_ARG(str_eqz(minor, "0") ? str_of("") : minor));
	return (major.n == 0 ? 0 : print(out, str_eqz(id, "sled") ?
	    "SUSE:Linux Enterprise Desktop " : server, major, after));
}

/* "15 SP5" at the end of "Linux Enterprise Module for Basesystem 15 SP5", also
 * when more follows behind a hyphen (LTSS); false when there is none. */
static bool
suse_version(struct str name, struct str *ret)
{
	size_t to = str_find(name, '-'), at;
	struct str word;

	name = str_sub(name, 0, to);
	at = str_rfind(name, ' ');
	word = str_sub(name, at + 1, name.n);
	if (str_starts(word, "SP") && at < name.n) {
		if (word.n < 3 || cut_version(str_sub(word, 2, word.n), 0).n !=
		    word.n - 2)
			return (false);
		at = str_rfind(str_sub(name, 0, at), ' ');
		word = str_sub(name, at + 1, str_rfind(name, ' '));
	}
	*ret = str_sub(name, at + 1, name.n);
	return (at < name.n && word.n > 0 && cut_version(word, 1).n == word.n);
}

/* What SLES is made of, and what is sold to keep it longer, has products of its
 * own in SUSE's data: all of them are about packages of the one release. */
static bool
suse_spoken_of(struct str ecosystem, char *out)
{
	static const char *const products[] = {
		"Linux Enterprise Module for ", "Linux Enterprise Server ",
		"Linux Enterprise Live Patching ",
		"Linux Enterprise Software Development Kit ",
		"Linux Enterprise Workstation Extension ",
		"Linux Enterprise High Availability Extension ",
		"Linux Enterprise Real Time ", "Package Hub " };
	struct str name = str_sub(ecosystem, strlen("SUSE:"), ecosystem.n);
	struct str version;

	if (!str_starts(ecosystem, "SUSE:") || !suse_version(name, &version))
		return (false);
	for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++)
		if (str_starts(name, products[i]))
			return (print(out, "SUSE:Linux Enterprise Server ",
			    version, "") > 0);
	return (false);
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
	} else if (str_eqz(os->id, "amzn") && major.n == 4) {
		/* the first one, which counted by years until 2018.03 */
		*n = print(out, "Amazon Linux:", str_cmp(major,
		    str_of("2018")) < 0 ? str_of("2018") : major, "");
	} else if (str_eqz(os->id, "amzn") && str_eqz(major, "1")) {
		*n = print(out, "Amazon Linux:2018", str_of(""), "");
	} else if (str_eqz(os->id, "sles") || str_eqz(os->id, "sled") ||
	    str_eqz(os->id, "sles_sap")) {
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
		if (languages[i].name != NULL &&
		    str_eqz(type, languages[i].type))
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

bool
namespace_knows_type(struct str type)
{
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (str_eqz(type, languages[i].type))
			return (true);
	return (distribution_is_os_type(type));
}

bool
namespace_is_release(struct str namespace)
{
	/* those whose names follow rules of their own */
	static const char *const others[] = { "Ubuntu:", "Alpine:v",
		"CentOS Stream:", "SUSE:Linux Enterprise Server ",
		"SUSE:Linux Enterprise Desktop ", "openEuler:" };
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_starts(namespace, others[i]))
			name = others[i];
	for (size_t i = 0; i < sizeof(distributions) /
	    sizeof(distributions[0]); i++)
		if (distributions[i].part != ROLLING &&
		    str_starts(namespace, distributions[i].name))
			name = distributions[i].name;
	/* not "stream" */
	return (name != NULL && cut_version(str_sub(namespace, strlen(name),
	    namespace.n), 0).n > 0);
}

/* Repositories beside the one that an ecosystem is named after.  What is installed
 * does not say from which it came, and names in these are one owner's in both. */
static bool
repository_spoken_of(struct str ecosystem, char *out)
{
	static const char *const t[][2] = {
		{ "Packagist:https://packages.drupal.org/8", "Packagist" },
		{ "Maven:https://maven.google.com", "Maven" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(ecosystem, t[i][0]))
			return (print(out, t[i][1], str_of(""), "") > 0);
	return (false);
}

struct str
namespace_spoken_of(struct str ecosystem, char out[NAMESPACE_TEXT])
{
	enum ubuntu_channel channel;

	return (ubuntu_release(ecosystem, &channel, out) ||
	    suse_spoken_of(ecosystem, out) ||
	    repository_spoken_of(ecosystem, out) ? str_of(out) : ecosystem);
}

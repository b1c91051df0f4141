/* The exact strings of OSV's ecosystems, as their bulk exports spell them. */
#include <stdio.h>
#include "coordinator/matcher/namespace.h"

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

/* Ubuntu's long-term releases: April of even years. */
static bool
ubuntu_lts(struct str v)
{
	uint64_t year;
	size_t dot = str_find(v, '.');

	return (str_u64(str_sub(v, 0, dot), &year) && year % 2 == 0 &&
	    str_eqz(str_sub(v, dot, v.n), ".04"));
}

static size_t
deb_namespace(struct str id, struct str version, char *out, size_t size)
{
	struct str major = cut_version(version, 0), minor = cut_version(version, 1);

	/* testing and sid state no version: OSV has no ecosystem for them */
	if (str_eqz(id, "debian") && major.n > 0)
		return ((size_t)snprintf(out, size, "Debian:%.*s", STR_ARG(major)));
	if (str_eqz(id, "ubuntu") && minor.n > 0)
		return ((size_t)snprintf(out, size, "Ubuntu:%.*s%s",
		    STR_ARG(minor), ubuntu_lts(minor) ? ":LTS" : ""));
	if (str_eqz(id, "echo"))
		return ((size_t)snprintf(out, size, "Echo"));
	return (0);
}

static size_t
apk_namespace(struct str id, struct str version, char *out, size_t size)
{
	static const struct { const char *id, *name; } rolling[] = {
		{ "wolfi", "Wolfi" }, { "chainguard", "Chainguard" },
		{ "minimos", "MinimOS" },
	};
	/* VERSION_ID is a number or the word "stream" */
	static const struct { const char *id, *name; } whole[] = {
		{ "alpaquita", "Alpaquita" },
		{ "bellsoft-hardened-containers", "BellSoft Hardened Containers" },
	};
	struct str minor = cut_version(version, 1);

	/* "3.21.0_alpha20240606" is edge, which is no release's branch */
	if (str_eqz(id, "alpine") && str_find(minor, '.') < minor.n &&
	    str_find(version, '_') == version.n)
		return ((size_t)snprintf(out, size, "Alpine:v%.*s", STR_ARG(minor)));
	for (size_t i = 0; i < sizeof(rolling) / sizeof(rolling[0]); i++)
		if (str_eqz(id, rolling[i].id))
			return ((size_t)snprintf(out, size, "%s", rolling[i].name));
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (str_eqz(id, whole[i].id) && version.n > 0)
			return ((size_t)snprintf(out, size, "%s:%.*s",
			    whole[i].name, STR_ARG(version)));
	return (0);
}

size_t
namespace_of(struct str os_id, struct str os_version, struct str type,
    char out[NAMESPACE_TEXT])
{
	size_t n = 0;

	out[0] = '\0';
	if (os_version.n > 32)	/* no release is called like that */
		os_version = str_of("");
	if (str_eqz(type, "deb"))
		n = deb_namespace(os_id, os_version, out, NAMESPACE_TEXT);
	else if (str_eqz(type, "apk"))
		n = apk_namespace(os_id, os_version, out, NAMESPACE_TEXT);
	else if (str_eqz(type, "pypi"))
		n = (size_t)snprintf(out, NAMESPACE_TEXT, "PyPI");
	return (n);
}

/* Ubuntu's channels; see ubuntu.h. */
#include <stdio.h>
#include <strings.h>
#include "alias.h"
#include "ubuntu.h"

/* How OSV spells them around the version. */
static const struct {
	const char *before, *after;
	enum ubuntu_channel channel;
} spellings[] = {
	{ "", "", UBUNTU_BASE },
	{ "Pro:", "", UBUNTU_PRO },
	{ "Pro:FIPS-updates:", "", UBUNTU_FIPS_UPDATES },
	{ "Pro:FIPS:", "", UBUNTU_FIPS },
	{ "Pro:FIPS-preview:", "", UBUNTU_FIPS },
	{ "Pro:Realtime:", "", UBUNTU_REALTIME },
	{ "Pro:", ":Realtime:Kernel", UBUNTU_REALTIME },
	{ "Nvidia-BlueField:", "", UBUNTU_BLUEFIELD },
	{ "", ":for:NVIDIA:BlueField", UBUNTU_BLUEFIELD },
};

/* Long-term releases: April of even years. */
static bool
is_lts(struct str v)
{
	uint64_t year;
	size_t dot = str_find(v, '.');

	return (str_u64(str_sub(v, 0, dot), &year) && year % 2 == 0 &&
	    str_eqz(str_sub(v, dot, v.n), ".04"));
}

static bool
is_version(struct str v)
{
	if (v.n != strlen("22.04") || v.p[2] != '.')
		return (false);
	for (size_t i = 0; i < v.n; i++)
		if (i != 2 && (v.p[i] < '0' || v.p[i] > '9'))
			return (false);
	return (true);
}

size_t
ubuntu_ecosystem(enum ubuntu_channel channel, struct str version,
    char out[NAMESPACE_TEXT])
{
	size_t i = 0;
	int n;

	out[0] = '\0';
	if (!is_version(version))
		return (0);
	while (spellings[i].channel != channel)
		i++;
	n = snprintf(out, NAMESPACE_TEXT, "Ubuntu:%s%.*s%s%s",
	    spellings[i].before, STR_ARG(version),
	    is_lts(version) ? ":LTS" : "", spellings[i].after);
	return ((size_t)n);
}

bool
ubuntu_release(struct str ecosystem, enum ubuntu_channel *channel,
    char out[NAMESPACE_TEXT])
{
	struct str rest, version, after;

	if (!str_starts(ecosystem, "Ubuntu:"))
		return (false);
	ecosystem = str_sub(ecosystem, strlen("Ubuntu:"), ecosystem.n);
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		if (!str_starts(ecosystem, spellings[i].before))
			continue;
		rest = str_sub(ecosystem, strlen(spellings[i].before),
		    ecosystem.n);
		version = str_sub(rest, 0, str_find(rest, ':'));
		after = str_sub(rest, version.n, rest.n);
		if (str_starts(after, ":LTS"))
			after = str_sub(after, strlen(":LTS"), after.n);
		if (!is_version(version) || !str_eqz(after, spellings[i].after))
			continue;
		*channel = spellings[i].channel;
		return (ubuntu_ecosystem(UBUNTU_BASE, version, out) > 0);
	}
	return (false);
}

static bool
has(struct str s, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = 0; i + n <= s.n; i++)
		if (strncasecmp(s.p + i, what, n) == 0)
			return (true);
	return (false);
}

/* The channels that a build is judged by, the first one's word before the next. */
struct judges {
	enum ubuntu_channel c[2];
	size_t n;
};

static struct judges
judges_of(const struct match_package *p, const struct ubuntu_results *all)
{
	static const struct judges fips = { { UBUNTU_FIPS_UPDATES, UBUNTU_FIPS },
	    2 }, realtime = { { UBUNTU_REALTIME }, 1 },
	    bluefield = { { UBUNTU_BLUEFIELD }, 1 },
	    pro = { { UBUNTU_PRO, UBUNTU_BASE }, 2 },
	    base = { { UBUNTU_BASE }, 1 };
	struct str source = p->source_name.n != 0 ? p->source_name : p->name;
	const struct judges *own = has(source, "fips") ||
	    has(p->version, "fips") ? &fips : has(source, "realtime") ?
	    &realtime : has(source, "bluefield") ? &bluefield : NULL;

	for (size_t i = 0; own != NULL && i < own->n; i++)
		if (all->listed[own->c[i]])
			return (*own);
	/* FIPS builds and such come with a subscription */
	return (own != NULL || has(p->version, "~esm") ||
	    has(p->version, "+esm") ? pro : base);
}

static bool
denies(const struct match_result *r)
{
	enum vex_status s = VEX_AFFECTED;

	(void)vex_status_of(r->status, &s);
	return (r->applies && vex_status_denies(s));
}

void
ubuntu_decide(const struct match_package *p, const struct advisory *a,
    const struct ubuntu_results *all, struct match_result *ret)
{
	const struct judges j = judges_of(p, all);
	const struct match_result *said = NULL;
	bool outside = false;

	for (size_t i = 0; i < j.n; i++) {
		const struct match_result *r = &all->r[j.c[i]];

		if (denies(r)) {
			*ret = *r;
			return;
		}
		outside |= all->listed[j.c[i]] && !r->applies;
		if (said == NULL && r->applies)
			said = r;
	}
	if (outside) {
		ret->rule = "outside";
	} else if (said != NULL) {
		*ret = *said;
	} else if (all->r[UBUNTU_PRO].applies && j.c[0] == UBUNTU_BASE &&
	    !denies(&all->r[UBUNTU_PRO]) && !alias_is_bundle(a->id)) {
		*ret = all->r[UBUNTU_PRO];
		ret->rule = "Ubuntu Pro only";
		ret->reason = str_of("will not fix");
		ret->fixed_version = (struct str) { NULL, 0 };
	}
}

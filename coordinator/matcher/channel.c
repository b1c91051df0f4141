/* Lines of a release; see channel.h. */
#include <stdio.h>
#include <stdlib.h>
#include "channel.h"

static const char space[] = "Red Hat:";

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* The digits that ${s} begins with. */
static struct str
digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return (str_sub(s, 0, n));
}

static int
print(struct pool *pool, struct str *ret, const char *before, struct str a,
    const char *between, struct str b)
{
	size_t n = strlen(before) + a.n + strlen(between) + b.n;
	char *p = pool_alloc(pool, n + 1);

	if (p == NULL)
		return (ERR_LIMIT);
	snprintf(p, n + 1, "%s%.*s%s%.*s", before, STR_ARG(a), between,
	    STR_ARG(b));
	*ret = str_n(p, n);
	return (0);
}

/* Lines of the release itself, by the name of the product. */
static bool
is_release(struct str product)
{
	static const char *const t[] = { "enterprise_linux",
		"enterprise_linux_eus", "rhel_eus", "rhel_aus", "rhel_e4s",
		"rhel_tus", "rhel_els", "rhel_eus_long_life",
		"rhel_mission_critical", "rhel_extras", "rhel_extras_other",
		"rhel_extras_rt", "rhel_extras_sap", "rhel_extras_sap_hana" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(product, t[i]))
			return (true);
	return (false);
}

bool
channel_is_release(struct str channel)
{
	return (is_release(str_sub(channel, 0, str_find(channel, ':'))));
}

/* "9" of "el9" in any of the parts behind the version. */
static struct str
release_of(struct str rest)
{
	struct str part, n;

	while (str_split(&rest, ':', &part)) {
		n = digits(str_sub(part, 2, part.n));
		if (str_starts(part, "el") && n.n != 0)
			return (n);
	}
	return ((struct str) { NULL, 0 });
}

static bool
has_part(struct str rest)
{
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] != ':' && rest.p[i] != '*')
			return (true);
	return (false);
}

int
channel_of_redhat(struct str text, struct pool *pool, struct str *ecosystem,
    struct str *channel)
{
	struct str rest = text, product, version, release, major;
	int rc;

	*ecosystem = *channel = (struct str) { NULL, 0 };
	if (!str_split(&rest, ':', &product) ||
	    !str_split(&rest, ':', &version) || version.n == 0)
		return (0);
	major = digits(version);
	release = is_release(product) ? major : release_of(rest);
	if (release.n == 0)
		return (print(pool, ecosystem, space, product, ":", version));
	if ((rc = print(pool, ecosystem, "Red Hat:enterprise_linux:", release,
	    "", str_of(""))) < 0)
		return (rc);
	if (!str_eqz(product, "enterprise_linux"))
		return (print(pool, channel, "", product, ":", version));
	/* minor releases of the main line follow one another: "10.1" */
	if (version.n == major.n && !has_part(rest))
		return (0);
	return (print(pool, channel, "", product, ":", major));
}

struct str
channel_main(struct str namespace)
{
	return (str_starts(namespace, "Red Hat:enterprise_linux:") ?
	    str_sub(namespace, sizeof(space) - 1, namespace.n) :
	    (struct str) { NULL, 0 });
}

static int
word_cmp(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return (str_cmp(*x, *y));
}

int
channels_join(struct str *v, size_t n, struct pool *pool, struct str *ret)
{
	size_t room = 0, at = 0;
	char *p;

	if (n > 1)
		qsort(v, n, sizeof(*v), word_cmp);
	for (size_t i = 0; i < n; i++)
		room += v[i].n + 1;
	if ((p = pool_alloc(pool, room + 1)) == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < n; i++) {
		if (v[i].n == 0 || (i > 0 && str_eq(v[i], v[i - 1])))
			continue;
		at += (size_t)snprintf(p + at, room + 1 - at, "%s%.*s",
		    at > 0 ? " " : "", STR_ARG(v[i]));
	}
	*ret = str_n(p, at);
	return (0);
}

/* ---------------------------------------------------------------------------- reach */

static bool
has_word(struct str list, struct str word)
{
	struct str one;

	while (str_split(&list, ' ', &one))
		if (one.n != 0 && str_eq(one, word))
			return (true);
	return (false);
}

/* "9.2" of "rhel_eus:9.2"; "" of the main line and of what is sold on top. */
static struct str
minor_of(struct str channel)
{
	size_t colon = str_find(channel, ':');
	struct str version = str_sub(channel, colon + 1, channel.n);

	return (is_release(str_sub(channel, 0, colon)) &&
	    str_find(version, '.') < version.n ? version :
	    (struct str) { NULL, 0 });
}

/* Is that build of ${minor} "9.2", named ".el9_2"? */
static bool
is_build_of(struct str version, struct str minor)
{
	size_t dot = str_find(minor, '.');
	struct str rest;

	for (size_t i = 0; i + minor.n + 3 <= version.n; i++) {
		rest = str_sub(version, i, version.n);
		if (!str_starts(rest, ".el"))
			continue;
		rest = str_sub(rest, 3, rest.n);
		if (str_eq(str_sub(rest, 0, dot), str_sub(minor, 0, dot)) &&
		    str_starts(str_sub(rest, dot, rest.n), "_") &&
		    str_eq(digits(str_sub(rest, dot + 1, rest.n)),
		    str_sub(minor, dot + 1, minor.n)))
			return (true);
	}
	return (false);
}

/* Which lines of the release an image has, and which of them a build is of. */
struct lines {
	bool main;		/* the main line is one */
	bool minor;		/* a minor release is one */
	struct str build;	/* the minor release whose build it is, or "" */
};

static struct lines
lines_of(struct str has, struct str main, struct str version)
{
	struct lines l = { .main = has_word(has, main) };
	struct str one, minor, list = has;

	while (str_split(&list, ' ', &one)) {
		minor = minor_of(one);
		l.minor |= minor.n != 0;
		if (minor.n != 0 && is_build_of(version, minor))
			l.build = minor;
	}
	l.main |= !l.minor && !has_word(has, main);
	return (l);
}

/* Does the build come from that line of the image's? */
static bool
is_own(const struct lines *l, struct str channel, struct str main)
{
	struct str minor = minor_of(channel);

	if (minor.n != 0)
		return (l->build.n != 0 ? str_eq(minor, l->build) : !l->main);
	return (!str_eq(channel, main) || l->build.n == 0);
}

enum channel_reach
channels_reach(struct str said, struct str has, struct str namespace,
    struct str version)
{
	struct str main = channel_main(namespace), one;
	enum channel_reach reach = REACH_NONE;
	struct lines l;

	if (main.n == 0)
		return (REACH_OWN);
	if (said.n == 0)
		return (REACH_RELEASE);
	l = lines_of(has, main, version);
	while (str_split(&said, ' ', &one)) {
		if ((has_word(has, one) || (str_eq(one, main) && l.main)) &&
		    is_own(&l, one, main))
			return (REACH_OWN);
		if (str_eq(one, main))
			reach = REACH_OTHER;
	}
	return (reach);
}

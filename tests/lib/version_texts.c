/* The alphabets, and texts made of them; see version_texts.h. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "tests/lib/version_texts.h"

#define PIECES 40

/* begin: what most versions begin with, behind a number of one digit. */
static const struct {
	const char *scheme, *begin[4];
	const char *pieces[PIECES];
} alphabets[] = {
	{ "deb", { "", ".1", "1:", ".2-" },
	  { "0", "1", "2", "9", "10", "00", "007", "47", "48", "300", ".", "-",
	    "~", "+", "a", "b", "Z", ":", "1:", "rc", "dfsg", ".0", "-1", "+b1",
	    "~rc1", "255", "256", "65535", "65536", "99999999999999999999",
	    "18446744073709551615", "18446744073709551616", "+really", "~~" } },
	{ "rpm", { "", ".1", "1:", ".2-" },
	  { "0", "1", "2", "9", "10", "01", ".", ".0", ".1", "~", "^", "~rc1",
	    "^git", "a", "B", "+", "_", "1:", ".el9", "el", "-", "-1", "199",
	    "200", "201", "255", "256", "99999999999999999999", "..", "~~",
	    "18446744073709551615", "18446744073709551616", ".module+el8" } },
	{ "rpmvercmp", { "", ".1", "a", "." },
	  { "0", "1", "2", "9", "10", "01", ".", ".0", ".1", "~", "^", "~rc1",
	    "^git", "a", "B", "+", "_", "el9", "199", "200", "255", "256", "..",
	    "99999999999999999999", "18446744073709551616" } },
	{ "pacman", { "", ".1", "1:", ".2-" },
	  { "0", "1", "2", "10", "01", "00", ".", ".0", ".1", "-", "-1", "a",
	    "B", "rc", "_", "..", "1:", ":", "~", "^", "+", "beta", "alpha",
	    "99999999999999999999", ".a", "-a" } },
	{ "apk", { "", ".1", ".2.3", ".0" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", ".01", ".10", "_",
	    "_rc", "_p", "_alpha", "_beta2", "_pre", "_foo", "-r1", "-r", "-r0",
	    "a", "b", "~ab", "~1", "-", "A", "99999999999999999999", "_git",
	    "_cvs", "_svn1", "_hg" } },
	{ "pep440", { "", ".1", ".0.0", ".1" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", ".10", "a", "a1", "b1",
	    "b", "rc", "rc2", "c3", ".dev", "dev1", ".dev2", ".post", ".post1",
	    "-1", "+", "+ab", "+1", "+ab.1", "1!", "v", "_", "-", "_beta",
	    "rev2", "99999999999999999999", "preview", "+0", "RC1" } },
	{ "semver", { ".0.0", ".1.0", ".0.1-", ".1.0" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", "-", "-a", "-rc.1",
	    "-0", "+", "+b", "a", "B", ".2.3", ".0.0-", ".0.0", "v", "--", ".a",
	    ".11", "-beta", ".beta", "99999999999999999999", "-1" } },
	{ "hex", { ".0.0", ".1.0", ".0.1-", ".1.0" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", "-", "-a", "-rc.1",
	    "-0", "+", "+b", "a", "B", ".2.3", ".0.0", "--", ".a", ".11",
	    "-beta", ".beta", "99999999999999999999", "-1" } },
	{ "go", { ".0.0", ".21", ".0.1-", ".20." },
	  { "0", "1", "2", "10", ".", ".0", ".1", "-", "-a", "-rc.1", "a",
	    "+incompatible", "rc1", "beta2", "rc10", ".0.0", "-0.2020010100-ab",
	    "-20200101000000-abcdef012345", "99999999999999999999", "B", ".11",
	    "-X:a", " X:b" } },
	{ "maven", { "", ".1", ".0.0", "-" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", ".2", "-", "-1", "a",
	    "b", "m", "rc", "cr", "ga", "final", "sp", "foo", "SNAPSHOT",
	    "alpha", "x", "-SNAPSHOT", ".Final", "-alpha", "-beta", ".RC",
	    "milestone", "-jre", "99999999999999999999", "_", ".0.0", "-0",
	    "4294967295", "2147483648" } },
	{ "gem", { "", ".1", ".0.0", ".1" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", "-", "-1", "-a", "a",
	    "B", ".a", ".b", ".rc1", "pre", ".pre", ".0.0", ".0.a", ".10",
	    "99999999999999999999" } },
	{ "nuget", { ".0.0", ".1", ".0.1-", ".1.0.0" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", "-", "-a", "-A",
	    "-rc.1", "+", "+b", ".0.0.0", ".0.0-b", "--", "b", "B", ".11" } },
	{ "composer", { ".0.0", ".1", ".0", "" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", "-", "-1", "a", "b2",
	    "beta", "-RC1", "RC", ".RC", "p1", "-patch2", "-dev", "dev", ".x",
	    "+b", "2019", "-01", "01", "stable", "@beta", "-alpha", "v" } },
	{ "pub", { ".0.0", ".1.0", ".0.1-", ".1.0+" },
	  { "0", "1", "2", "10", ".", ".0", ".1", "-", "-a", "-rc.1", "+",
	    "+b", "+1", ".0.0", ".0.0-a", ".0.0+a.b", "--", "a", ".11" } },
	{ "cran", { "", ".1", ".0", "-1" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", "-", "-1", "-0",
	    "99999999999999999999", ".2.3", "2147483647", "a" } },
	{ "bitnami", { ".0.0", ".1.0", ".0.1-", ".1.0-1" },
	  { "0", "1", "2", "10", ".", ".0", ".1", "-", "-1", "-a", "-rc.1",
	    "+b", ".0.0", ".0.0-2" } },
	{ "generic", { "", ".1", ".0", "-" },
	  { "0", "1", "2", "10", "01", ".", ".0", ".1", "-", "-1", "a", "B",
	    "rc", "~", "+b", ".0.0", "dev", "beta", "Final", "v", "p1", "Foo",
	    "99999999999999999999" } },
};

/* Whose originals take semver's grammar only, which random pieces hardly meet. */
static const char *const strict[] = { "semver", "hex", "go", "nuget", "pub",
	"bitnami" };

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

unsigned
version_texts_below(uint64_t *seed, unsigned below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return ((unsigned)(*seed >> 11) % below);
}

static size_t
alphabet_of(const char *scheme)
{
	size_t i = 0;

	while (i < NELEM(alphabets) &&
	    strcmp(alphabets[i].scheme, scheme) != 0)
		i++;
	return (i);
}

bool
version_texts_have(const char *scheme)
{
	return (alphabet_of(scheme) < NELEM(alphabets));
}

static void
add(char *out, size_t size, const char *piece, size_t n)
{
	size_t have = strlen(out);

	if (have + n >= size)
		return;
	memcpy(out + have, piece, n);
	out[have + n] = '\0';
}

/* A piece of the alphabet, seldom any printable byte or a long number. */
static void
add_piece(size_t which, uint64_t *seed, char *out, size_t size)
{
	const char *const *pieces = alphabets[which].pieces;
	unsigned n = 0, count;
	char c;

	while (n < PIECES && pieces[n] != NULL)
		n++;
	switch (version_texts_below(seed, 64)) {
	case 0:
		c = (char)('!' + version_texts_below(seed, '~' - '!' + 1));
		add(out, size, &c, 1);
		break;
	case 1:
		count = version_texts_below(seed, 30);
		for (unsigned i = 0; i < count; i++) {
			c = (char)('0' + version_texts_below(seed, 10));
			add(out, size, &c, 1);
		}
		break;
	default:
		n = version_texts_below(seed, n);
		add(out, size, pieces[n], strlen(pieces[n]));
	}
}

static bool
is_strict(const char *scheme)
{
	for (size_t i = 0; i < NELEM(strict); i++)
		if (strcmp(strict[i], scheme) == 0)
			return (true);
	return (false);
}

static void
add_one_of(const char *const *v, unsigned n, uint64_t *seed, char *out,
    size_t size)
{
	n = version_texts_below(seed, n);
	add(out, size, v[n], strlen(v[n]));
}

/* As semver wants it. */
static void
draw_strict(uint64_t *seed, char *out, size_t size)
{
	static const char *const numbers[] = { "0", "1", "2", "9", "10", "11",
		"1000000000000" };
	static const char *const words[] = { "0", "1", "2", "10", "11", "a",
		"b", "B", "alpha", "beta", "rc", "rc1", "x-y", "-", "1a", "0a",
		"a0", "20200101000000" };
	unsigned n, marks = version_texts_below(seed, 6);

	out[0] = '\0';
	for (unsigned i = 0; i < 3; i++) {
		add(out, size, ".", i > 0);
		add_one_of(numbers, i < 2 ? 3 : NELEM(numbers), seed, out, size);
	}
	for (unsigned mark = 0; mark < 2; mark++) {
		if (mark == 0 ? marks < 2 : marks % 3 != 0)
			continue;
		n = 1 + version_texts_below(seed, 4);
		for (unsigned i = 0; i < n; i++) {
			add(out, size, i > 0 ? "." : mark == 0 ? "-" : "+", 1);
			add_one_of(words, NELEM(words), seed, out, size);
		}
	}
}

void
version_texts_draw(const char *scheme, uint64_t *seed, char *out, size_t size)
{
	size_t which = alphabet_of(scheme);
	unsigned pieces = version_texts_below(seed, 6);
	const char *begin;

	assert(which < NELEM(alphabets) && size > 8);
	if (is_strict(scheme) && version_texts_below(seed, 8) != 0) {
		draw_strict(seed, out, size);
		return;
	}
	out[0] = '\0';
	/* most versions begin with a number; leave some that do not */
	if (version_texts_below(seed, 16) != 0)
		snprintf(out, size, "%u", version_texts_below(seed, 3));
	else
		pieces++;
	begin = alphabets[which].begin[version_texts_below(seed, 4)];
	if (version_texts_below(seed, 4) != 0)
		add(out, size, begin, strlen(begin));
	for (unsigned i = 0; i < pieces; i++)
		add_piece(which, seed, out, size);
	if (out[0] == '\0')
		add(out, size, "1", 1);
}

void
version_texts_change(const char *scheme, uint64_t *seed, const char *from,
    char *out, size_t size)
{
	size_t which = alphabet_of(scheme), n = strlen(from);
	unsigned at = version_texts_below(seed, (unsigned)n + 1);
	unsigned gone = version_texts_below(seed, 3);

	assert(which < NELEM(alphabets));
	out[0] = '\0';
	add(out, size, from, at);
	if (version_texts_below(seed, 4) != 0)
		add_piece(which, seed, out, size);
	if (at + gone <= n)
		add(out, size, from + at + gone, n - at - gone);
	if (out[0] == '\0')
		add(out, size, "1", 1);
}

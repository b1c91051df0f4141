/*
 * composer: PHP packages.  Source: the documentation of composer/semver and of
 * PHP's version_compare(), as observed with Debian 12's.  A version is first
 * written in full (1.2-beta1 is 1.2.0.0-beta1), then compared part by part.
 * Branches by name ("dev-main") are in no order: only their text can match.
 */
#include "../limits.h"
#include "../version.h"
#include "../version_num.h"

/* What may stand at one place, in its order.  The end counts as a number that
 * is not there: above pre-releases, below any number and below a patch. */
#define COMPOSER_DEV 0x10
#define COMPOSER_ALPHA 0x11
#define COMPOSER_BETA 0x12
#define COMPOSER_RC 0x13
#define COMPOSER_END 0x14
#define COMPOSER_NUM 0x15
#define COMPOSER_PATCH 0x16

/* Stands for x and * in a branch: above all real numbers. */
#define ANY "9999999"

struct part {
	uint8_t kind;
	struct str digits;	/* of COMPOSER_NUM */
};

/* Every part takes a byte of text at least, and four are always there. */
#define PARTS (LIMIT_VERSION + 8)

struct composer {
	struct part part[PARTS];
	size_t n;
};

static void
add(struct composer *c, uint8_t kind, struct str digits)
{
	c->part[c->n++] = (struct part) { kind, digits };
}

static char
lower(char c)
{
	return ((char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
}

/* Take ${word}, whatever its case, from the front. */
static bool
take(struct str *s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++)
		if (i == s->n || lower(s->p[i]) != word[i])
			return (false);
	*s = str_sub(*s, n, s->n);
	return (true);
}

static bool
take_one_of(struct str *s, const char *set)
{
	if (s->n == 0 || strchr(set, s->p[0]) == NULL || s->p[0] == '\0')
		return (false);
	*s = str_sub(*s, 1, s->n);
	return (true);
}

static bool
ends_in(struct str s, const char *word)
{
	size_t n = strlen(word);
	struct str tail = str_sub(s, s.n < n ? 0 : s.n - n, s.n);

	return (s.n >= n && take(&tail, word));
}

/* "1.0 as 1.1" and "1.0@beta" are notes of who asks for it. */
static struct str
without_notes(struct str v)
{
	static const char *const flags[] = { "@stable", "@rc", "@beta",
	    "@alpha", "@dev" };

	for (size_t i = 0; i + 4 <= v.n; i++)
		if (str_starts(str_sub(v, i, v.n), " as ")) {
			v = str_sub(v, 0, i);
			break;
		}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (ends_in(v, flags[i])) {
			v = str_sub(v, 0, v.n - strlen(flags[i]));
			break;
		}
	return (str_trim(v));
}

/* One to four numbers, the first of at most five digits. */
static bool
take_numbers(struct str *s, struct composer *c)
{
	struct str rest = *s, more, n = version_num_take(&rest);
	size_t count = 1;

	if (n.n == 0 || n.n > 5)
		return (false);
	add(c, COMPOSER_NUM, n);
	while (count < 4 && rest.n > 1 && rest.p[0] == '.') {
		more = str_sub(rest, 1, rest.n);
		if ((n = version_num_take(&more)).n == 0)
			break;
		add(c, COMPOSER_NUM, n);
		rest = more;
		count++;
	}
	for (; count < 4; count++)
		add(c, COMPOSER_NUM, str_of("0"));
	*s = rest;
	return (true);
}

/* Exactly ${n} digits at the front, or none. */
static struct str
take_digits(struct str *s, size_t n)
{
	struct str rest = *s, d = version_num_take(&rest);

	if (d.n < n)
		return (str_of(""));
	d = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return (d);
}

/*
 * A date: 4 digits, up to six groups of two and one of one to three.  Groups
 * without a separator are one part with what stands before them.
 */
static bool
take_date(struct str *s, struct composer *c)
{
	struct str rest = *s, begin = *s, year, d, next;
	size_t groups = 0, before = c->n;
	bool apart;

	if ((year = take_digits(&rest, 4)).n == 0)
		return (false);
	for (; groups < 6; groups++) {
		next = rest;
		apart = take_one_of(&next, ".:-");
		if (take_digits(&next, 2).n == 0)
			break;
		if (apart) {
			add(c, COMPOSER_NUM, str_sub(begin, 0,
			    begin.n - rest.n));
			begin = str_sub(rest, 1, rest.n);
		}
		rest = next;
	}
	if (groups == 0) {
		c->n = before;
		return (false);
	}
	next = rest;
	apart = take_one_of(&next, ".:-");
	d = version_num_take(&next);
	if (d.n >= 1 && d.n <= 3) {
		if (apart) {
			add(c, COMPOSER_NUM, str_sub(begin, 0,
			    begin.n - rest.n));
			begin = str_sub(rest, 1, rest.n);
		}
		rest = next;
	}
	add(c, COMPOSER_NUM, str_sub(begin, 0, begin.n - rest.n));
	*s = rest;
	return (true);
}

/* What may follow the numbers; true when nothing is left. */
static bool
take_modifier(struct str s, struct composer *c)
{
	static const struct {
		const char *word;
		uint8_t kind;
	} words[] = {
		{ "stable", 0 }, { "alpha", COMPOSER_ALPHA },
		{ "a", COMPOSER_ALPHA }, { "beta", COMPOSER_BETA },
		{ "b", COMPOSER_BETA }, { "rc", COMPOSER_RC },
		{ "patch", COMPOSER_PATCH }, { "pl", COMPOSER_PATCH },
		{ "p", COMPOSER_PATCH },
	};
	struct str n, next;
	bool stable = false;

	(void)take_one_of(&s, "._-");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!take(&s, words[i].word))
			continue;
		stable = words[i].kind == 0;
		if (!stable)
			add(c, words[i].kind, str_of(""));
		for (;;) {
			next = s;
			(void)take_one_of(&next, ".-");
			if ((n = version_num_take(&next)).n == 0)
				break;
			if (!stable)
				add(c, COMPOSER_NUM, n);
			s = next;
		}
		break;
	}
	next = s;
	(void)take_one_of(&next, ".-");
	if (take(&next, "dev")) {
		if (!stable)
			add(c, COMPOSER_DEV, str_of(""));
		s = next;
	}
	return (s.n == 0);
}

/* "1.x-dev": up to four numbers or placeholders. */
static bool
take_branch(struct str s, struct composer *c)
{
	struct str n;
	size_t count = 0;

	if (!ends_in(s, "dev"))
		return (false);
	s = str_sub(s, 0, s.n - 3);
	if (s.n > 0 && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == '-'))
		s = str_sub(s, 0, s.n - 1);
	do {
		if ((n = version_num_take(&s)).n == 0) {
			if (count == 0 || !take_one_of(&s, "xX*"))
				return (false);
			n = str_of(ANY);
		}
		add(c, COMPOSER_NUM, n);
	} while (++count < 4 && take_one_of(&s, "."));
	for (; count < 4; count++)
		add(c, COMPOSER_NUM, str_of(ANY));
	add(c, COMPOSER_DEV, str_of(""));
	return (s.n == 0);
}

static int
parse(struct str v, struct composer *ret, struct diag *d)
{
	struct str s = without_notes(str_trim(v)), rest;
	size_t plus = str_find(s, '+');

	/* "1.0+" states no build, and is no version */
	if (plus + 1 < s.n && str_find(str_sub(s, plus, s.n), ' ') ==
	    s.n - plus)
		s = str_sub(s, 0, plus);
	if (s.n > 1 && lower(s.p[0]) == 'v')
		s = str_sub(s, 1, s.n);
	ret->n = 0;
	rest = s;
	if (take_numbers(&rest, ret) && take_modifier(rest, ret))
		return (0);
	ret->n = 0;
	rest = s;
	if (take_date(&rest, ret) && take_modifier(rest, ret))
		return (0);
	ret->n = 0;
	if (take_branch(s, ret))
		return (0);
	return (diag_set(d, ERR_MALFORMED, 0,
	    "composer version: neither numbers nor a numbered branch"));
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct composer x, y;
	uint8_t k, l;
	int rc, r = 0;

	if ((rc = parse(a, &x, d)) < 0 || (rc = parse(b, &y, d)) < 0)
		return (rc);
	for (size_t i = 0; r == 0 && (i < x.n || i < y.n); i++) {
		k = i < x.n ? x.part[i].kind : COMPOSER_END;
		l = i < y.n ? y.part[i].kind : COMPOSER_END;
		r = k - l;
		if (r == 0 && k == COMPOSER_NUM)
			r = version_num_cmp(x.part[i].digits, y.part[i].digits);
	}
	*ret = r < 0 ? -1 : r > 0;
	return (0);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct composer x;
	int rc;

	if ((rc = parse(v, &x, d)) < 0)
		return (rc);
	for (size_t i = 0; rc == 0 && i < x.n; i++)
		if ((rc = buf_byte(ret, x.part[i].kind)) == 0 &&
		    x.part[i].kind == COMPOSER_NUM)
			rc = version_num_key(ret, x.part[i].digits);
	if (rc == 0)
		rc = buf_byte(ret, COMPOSER_END);
	return (rc < 0 ? diag_set(d, rc, 0, "composer version: key too long") : 0);
}

const struct version_scheme version_composer = {
	.name = "composer",
	.cmp = cmp,
	.key = key,
};

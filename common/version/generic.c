/*
 * generic: for what states no order of its own.  No tool is followed to the
 * letter; this is what numbers, words and customs have in common:
 *
 *	1 = 1.0 < 1.0.1 < 1.10		numbers, of which zeros may be missing
 *	1.0-dev < 1.0a1 < 1.0-beta < 1.0-rc.2 < 1.0		before a release
 *	1.0~5 < 1.0						below everything
 *	1.0 = 1.0.Final = 1.0+build				the release
 *	1.0.2 < 1.0.2a < 1.0.2k < 1.0.2p1 < 1.0.3		behind it
 *	1.0-1 = 1.0.1			any other byte only separates
 *
 * Letters know no case; a, b and c are alpha, beta and rc only directly before a
 * digit.  What does not begin with a digit (behind a v) is no version: names of
 * branches and digests have no order.
 */
#include "../version.h"
#include "../version_num.h"

/* What may stand at one place, in its order; also the bytes of the key. */
enum kind {
	TILDE = 0x01,
	DEV, ALPHA, BETA, MILESTONE, CANDIDATE,
	END,
	WORD,
	NUMBER,
};

struct element {
	enum kind kind;
	struct str text;	/* of WORD as written, of NUMBER */
};

/* Zeros are given out only when a number above zero follows them. */
struct place {
	struct str rest;
	size_t zeros;
	struct element held;	/* what stands behind the zeros */
	bool holds;
};

static char
lower(char c)
{
	return ((char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
}

static bool
is_letter(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z');
}

static int
begin(struct str v, struct place *ret, struct diag *d)
{
	struct str s = str_trim(v);

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return (diag_set(d, ERR_MALFORMED, i,
			    "version: a blank or a byte outside ASCII"));
	if (s.n > 1 && lower(s.p[0]) == 'v')
		s = str_sub(s, 1, s.n);
	if (s.n == 0 || !version_is_digit(s.p[0]))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "version: does not begin with a number"));
	*ret = (struct place) { .rest = str_sub(s, 0, str_find(s, '+')) };
	return (0);
}

/* END for a word that says nothing. */
static enum kind
kind_of_word(struct str word, bool before_digit)
{
	static const struct {
		const char *word;
		enum kind kind;
	} t[] = {
		{ "dev", DEV }, { "snapshot", DEV }, { "alpha", ALPHA },
		{ "beta", BETA }, { "milestone", MILESTONE }, { "m", MILESTONE },
		{ "rc", CANDIDATE }, { "cr", CANDIDATE }, { "pre", CANDIDATE },
		{ "preview", CANDIDATE }, { "final", END }, { "ga", END },
		{ "release", END }, { "a", ALPHA }, { "b", BETA },
		{ "c", CANDIDATE },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_caseeqz(word, t[i].word) &&
		    (t[i].word[1] != '\0' || before_digit))
			return (t[i].kind);
	return (WORD);
}

static struct element
take(struct str *s)
{
	struct element e = { .kind = END };
	size_t n;
	char c;

	while (s->n > 0 && e.kind == END) {
		c = s->p[0];
		if (version_is_digit(c))
			return ((struct element) { NUMBER,
			    version_num_strip(version_num_take(s)) });
		for (n = 0; n < s->n && is_letter(s->p[n]); )
			n++;
		e.text = str_sub(*s, 0, n);
		*s = str_sub(*s, n > 0 ? n : 1, s->n);
		if (n > 0)
			e.kind = kind_of_word(e.text,
			    s->n > 0 && version_is_digit(s->p[0]));
		else if (c == '~')
			e.kind = TILDE;
	}
	return (e);
}

static struct element
next(struct place *p)
{
	if (!p->holds) {
		while ((p->held = take(&p->rest)).kind == NUMBER &&
		    p->held.text.n == 0)
			p->zeros++;
		if (p->held.kind != NUMBER)
			p->zeros = 0;
	}
	p->holds = p->zeros > 0;
	if (!p->holds)
		return (p->held);
	p->zeros--;
	return ((struct element) { .kind = NUMBER });
}

static int
word_cmp(struct str a, struct str b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < a.n && i < b.n; i++)
		r = lower(a.p[i]) - lower(b.p[i]);
	return (r != 0 ? r : (a.n > b.n) - (a.n < b.n));
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct element x, y;
	struct place p, q;
	int rc, r;

	if ((rc = begin(a, &p, d)) < 0 || (rc = begin(b, &q, d)) < 0)
		return (rc);
	do {
		x = next(&p);
		y = next(&q);
		r = (int)x.kind - (int)y.kind;
		if (r == 0 && x.kind == NUMBER)
			r = version_num_cmp(x.text, y.text);
		else if (r == 0 && x.kind == WORD)
			r = word_cmp(x.text, y.text);
	} while (r == 0 && x.kind != END);
	*ret = (r > 0) - (r < 0);
	return (0);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct element x;
	struct place p;
	int rc;

	if ((rc = begin(v, &p, d)) < 0)
		return (rc);
	do {
		x = next(&p);
		rc = buf_byte(ret, (uint8_t)x.kind);
		if (x.kind == NUMBER && rc == 0)
			rc = version_num_key(ret, x.text);
		if (x.kind != WORD)
			continue;
		for (size_t i = 0; rc == 0 && i < x.text.n; i++)
			rc = buf_byte(ret, (uint8_t)lower(x.text.p[i]));
		if (rc == 0)
			rc = buf_byte(ret, 0);
	} while (rc == 0 && x.kind != END);
	return (rc < 0 ? diag_set(d, rc, 0, "version: key too long") : 0);
}

const struct version_scheme version_generic = {
	.name = "generic",
	.cmp = cmp,
	.key = key,
};

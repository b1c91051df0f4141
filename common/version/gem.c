/*
 * gem: RubyGems.  Source: the documentation of Gem::Version, as observed with
 * Ruby 3.1.  "-" means ".pre."; numbers are above words, and a missing part is
 * 0, repeated for ever; zeros at the end of the numbers before the first word,
 * and at the end of the whole, do not count.
 */
#include "../version.h"
#include "../version_num.h"

#define GEM_WORD 0x01		/* a word; 02 = after zeros */
#define GEM_ZEROS_WORD 0x02
#define GEM_END 0x03		/* zeros for ever */
#define GEM_NUM 0x04

static bool
is_letter(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
}

/* [0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?, or nothing at
 * all, which RubyGems takes for 0 and we for no version. */
static int
check(struct str v, struct diag *d)
{
	bool after_hyphen = false, empty = true;

	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (c == '.' || (c == '-' && !after_hyphen)) {
			if (empty)
				goto bad;
			after_hyphen |= c == '-';
			empty = true;
		} else if (version_is_digit(c) || (is_letter(c) && i > 0) ||
		    c == '-') {
			empty = false;
		} else {
			goto bad;
		}
	}
	/* the first part is a number as a whole */
	for (size_t i = 0; i < v.n && v.p[i] != '.' && v.p[i] != '-'; i++)
		if (!version_is_digit(v.p[i]))
			goto bad;
	if (!empty)
		return (0);
bad:
	return (diag_set(d, ERR_MALFORMED, 0, "gem version: not parts of "
	    "letters and digits between dots"));
}

/* A walk over the parts: runs of digits, runs of letters, "pre" for "-". */
struct walk {
	struct str rest;
};

struct part {
	struct str text;
	bool word;
};

static bool
next(struct walk *w, struct part *ret)
{
	size_t n = 0;

	while (w->rest.n > 0 && w->rest.p[0] == '.')
		w->rest = str_sub(w->rest, 1, w->rest.n);
	if (w->rest.n == 0)
		return (false);
	if (w->rest.p[0] == '-') {
		w->rest = str_sub(w->rest, 1, w->rest.n);
		*ret = (struct part) { str_of("pre"), true };
		return (true);
	}
	ret->word = is_letter(w->rest.p[0]);
	while (n < w->rest.n && (ret->word ? is_letter(w->rest.p[n]) :
	    version_is_digit(w->rest.p[n])))
		n++;
	ret->text = str_sub(w->rest, 0, n);
	w->rest = str_sub(w->rest, n, w->rest.n);
	return (true);
}

static bool
is_zero(const struct part *p)
{
	return (!p->word && version_num_strip(p->text).n == 0);
}

/*
 * The key: parts with the zeros before each counted instead of written, so that
 * zeros at the end vanish.  Zeros at the end of the head, before the first word,
 * vanish too (1.0.a = 1.a).
 */
static int
build(struct str v, struct buf *ret)
{
	struct walk w = { .rest = str_trim(v) };
	struct part p;
	size_t zeros = 0;
	bool seen_word = false;
	int rc = 0;

	while (rc == 0 && next(&w, &p)) {
		if (is_zero(&p)) {
			zeros++;
			continue;
		}
		if (p.word && !seen_word)
			zeros = 0;
		seen_word |= p.word;
		if (zeros > 250)
			return (ERR_LIMIT);
		if (p.word && zeros > 0)
			rc = buf_byte(ret, GEM_ZEROS_WORD) < 0 ? ERR_LIMIT :
			    buf_byte(ret, (uint8_t)zeros);
		else if (p.word)
			rc = buf_byte(ret, GEM_WORD);
		else if ((rc = buf_byte(ret, GEM_NUM)) == 0)
			rc = buf_byte(ret, (uint8_t)(255 - zeros));
		if (rc == 0 && p.word && (rc = buf_str(ret, p.text)) == 0)
			rc = buf_byte(ret, 0);
		else if (rc == 0 && !p.word)
			rc = version_num_key(ret, p.text);
		zeros = 0;
	}
	return (rc < 0 ? rc : buf_byte(ret, GEM_END));
}

/* The next part, or 0 for ever; zeros before the first word are none. */
struct side {
	struct walk w;
	bool seen_word;
};

static bool
part_of(struct side *s, struct part *ret)
{
	struct side ahead = *s;
	struct part p;

	if (!next(&s->w, ret)) {
		*ret = (struct part) { str_of("0"), false };
		return (false);
	}
	s->seen_word |= ret->word;
	if (!is_zero(ret) || s->seen_word)
		return (true);
	/* do only zeros stand between here and the first word? */
	while (next(&ahead.w, &p)) {
		if (is_zero(&p))
			continue;
		if (p.word) {
			while (next(&s->w, ret) && !ret->word)
				;
			s->seen_word = true;
		}
		break;
	}
	return (true);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct side x = { .w.rest = str_trim(a) }, y = { .w.rest = str_trim(b) };
	struct part p, q;
	bool more_x, more_y;
	int rc, r = 0;

	if ((rc = check(x.w.rest, d)) < 0 || (rc = check(y.w.rest, d)) < 0)
		return (rc);
	do {
		more_x = part_of(&x, &p);
		more_y = part_of(&y, &q);
		if (p.word != q.word)
			r = p.word ? -1 : 1;
		else
			r = p.word ? str_cmp(p.text, q.text) :
			    version_num_cmp(p.text, q.text);
	} while (r == 0 && (more_x || more_y));
	*ret = r < 0 ? -1 : r > 0;
	return (0);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	int rc;

	if ((rc = check(str_trim(v), d)) < 0)
		return (rc);
	if ((rc = build(v, ret)) < 0)
		return (diag_set(d, rc, 0, "gem version: key too long"));
	return (0);
}

const struct version_scheme version_gem = {
	.name = "gem",
	.cmp = cmp,
	.key = key,
};

/*
 * pep440: [N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local].  Source: PEP 440 and
 * pypa/packaging's version.py as observed, spellings included (any case,
 * separators left out or written `-_.`, `alpha`, `c`, `rev`, `1.0-1`).
 */
#include "../version.h"
#include "../version_num.h"

enum pre {
	PRE_DEV,	/* .devN with neither pre-release nor post-release */
	PRE_A,
	PRE_B,
	PRE_RC,
	PRE_NONE,
};

struct pep440 {
	struct str epoch;
	struct str release;	/* N(.N)*, without trailing zero parts */
	enum pre pre;
	struct str pre_n;
	bool has_post, has_dev, has_local;
	struct str post_n, dev_n;
	struct str local;	/* segments separated by - _ or . */
};

static const struct {
	const char *word;
	enum pre pre;
} pre_words[] = {	/* longer words first */
	{ "alpha", PRE_A }, { "beta", PRE_B }, { "preview", PRE_RC },
	{ "pre", PRE_RC }, { "rc", PRE_RC }, { "a", PRE_A }, { "b", PRE_B },
	{ "c", PRE_RC },
};
static const char *const post_words[] = { "post", "rev", "r" };

static bool
is_separator(char c)
{
	return (c == '-' || c == '_' || c == '.');
}

static bool
is_alnum(char c)
{
	return (version_is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z'));
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
}

/* [sep] word [sep] [digits]; moves *${s} and sets *${num} only on success. */
static bool
take_word(struct str *s, const char *word, struct str *num)
{
	struct str t = *s;
	size_t n = strlen(word);

	if (t.n > 0 && is_separator(t.p[0]))
		t = str_sub(t, 1, t.n);
	if (!str_caseeqz(str_sub(t, 0, n), word))
		return (false);
	t = str_sub(t, n, t.n);
	if (t.n > 0 && is_separator(t.p[0]))
		t = str_sub(t, 1, t.n);
	*num = version_num_take(&t);
	*s = t;
	return (true);
}

static bool
take_release(struct str *s, struct str *ret)
{
	struct str start = *s, part, next;
	size_t used, kept = 0;

	part = version_num_take(s);
	if (part.n == 0)
		return (false);
	used = part.n;
	if (version_num_strip(part).n != 0)
		kept = used;
	while (s->n > 1 && s->p[0] == '.' && version_is_digit(s->p[1])) {
		next = str_sub(*s, 1, s->n);
		part = version_num_take(&next);
		*s = next;
		used += 1 + part.n;
		if (version_num_strip(part).n != 0)
			kept = used;
	}
	*ret = str_sub(start, 0, kept);
	return (true);
}

static void
take_pre(struct str *s, struct pep440 *r)
{
	r->pre = PRE_NONE;
	for (size_t i = 0; i < sizeof(pre_words) / sizeof(pre_words[0]); i++)
		if (take_word(s, pre_words[i].word, &r->pre_n)) {
			r->pre = pre_words[i].pre;
			return;
		}
}

static void
take_post(struct str *s, struct pep440 *r)
{
	if (s->n > 1 && s->p[0] == '-' && version_is_digit(s->p[1])) {
		*s = str_sub(*s, 1, s->n);
		r->post_n = version_num_take(s);
		r->has_post = true;
		return;
	}
	for (size_t i = 0; i < sizeof(post_words) / sizeof(post_words[0]); i++)
		if (take_word(s, post_words[i], &r->post_n)) {
			r->has_post = true;
			return;
		}
}

/* `+` and segments of letters and digits, each non-empty, up to the end. */
static bool
take_local(struct str *s, struct pep440 *r)
{
	bool was_separator = true;

	r->local = str_sub(*s, 1, s->n);
	for (size_t i = 0; i < r->local.n; i++) {
		char c = r->local.p[i];

		if (!is_alnum(c) && (!is_separator(c) || was_separator))
			return (false);
		was_separator = is_separator(c);
	}
	r->has_local = true;
	*s = (struct str) { NULL, 0 };
	return (!was_separator);
}

static bool
is_blank(char c)
{
	return (c == ' ' || (c >= '\t' && c <= '\r'));
}

static int
parse(struct str v, struct pep440 *ret, struct diag *d)
{
	struct pep440 r = { .pre = PRE_NONE };
	struct str s = v, t, num;

	for (; s.n > 0 && is_blank(s.p[0]); s = str_sub(s, 1, s.n))
		;
	for (; s.n > 0 && is_blank(s.p[s.n - 1]); s.n--)
		;
	if (s.n > 0 && lower(s.p[0]) == 'v')
		s = str_sub(s, 1, s.n);
	t = s;
	num = version_num_take(&t);
	if (num.n > 0 && t.n > 0 && t.p[0] == '!') {
		r.epoch = num;
		s = str_sub(t, 1, t.n);
	}
	if (!take_release(&s, &r.release))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "pep440 version: no release number"));
	take_pre(&s, &r);
	take_post(&s, &r);
	r.has_dev = take_word(&s, "dev", &r.dev_n);
	if (s.n > 0 && s.p[0] == '+' && !take_local(&s, &r))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "pep440 version: malformed local part"));
	if (s.n > 0)
		return (diag_set(d, ERR_MALFORMED, v.n - s.n,
		    "pep440 version: text that belongs to no part"));
	if (r.pre == PRE_NONE && r.has_dev && !r.has_post)
		r.pre = PRE_DEV;
	*ret = r;
	return (0);
}

/* The next part of a release; false at its end. */
static bool
release_part(struct str *s, struct str *ret)
{
	return (s->n > 0 && str_split(s, '.', ret));
}

static int
release_cmp(struct str a, struct str b)
{
	struct str x = { NULL, 0 }, y = { NULL, 0 };
	bool more_a, more_b;
	int r;

	do {
		more_a = release_part(&a, &x);
		more_b = release_part(&b, &y);
		if (more_a != more_b)
			return (more_a ? 1 : -1);
		if (more_a && (r = version_num_cmp(x, y)) != 0)
			return (r);
	} while (more_a);
	return (0);
}

/* The next segment of a local part; false at its end. */
static bool
local_segment(struct str *s, struct str *ret, bool *number)
{
	size_t n = 0;

	if (s->n == 0)
		return (false);
	*number = true;
	for (; n < s->n && !is_separator(s->p[n]); n++)
		if (!version_is_digit(s->p[n]))
			*number = false;
	*ret = str_sub(*s, 0, n);
	*s = str_sub(*s, n + 1, s->n);
	return (true);
}

static int
text_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return (lower(a.p[i]) < lower(b.p[i]) ? -1 : 1);
	return (a.n < b.n ? -1 : a.n > b.n);
}

static int
local_cmp(struct str a, struct str b)
{
	struct str x, y;
	bool more_a, more_b, na = false, nb = false;
	int r;

	for (;;) {
		more_a = local_segment(&a, &x, &na);
		more_b = local_segment(&b, &y, &nb);
		if (more_a != more_b)
			return (more_a ? 1 : -1);
		if (!more_a)
			return (0);
		if (na != nb)
			return (na ? 1 : -1);
		r = na ? version_num_cmp(x, y) : text_cmp(x, y);
		if (r != 0)
			return (r);
	}
}

static int
parsed_cmp(const struct pep440 *x, const struct pep440 *y)
{
	int r;

	if ((r = version_num_cmp(x->epoch, y->epoch)) != 0 ||
	    (r = release_cmp(x->release, y->release)) != 0)
		return (r);
	if (x->pre != y->pre)
		return (x->pre < y->pre ? -1 : 1);
	if ((r = version_num_cmp(x->pre_n, y->pre_n)) != 0)
		return (r);
	if (x->has_post != y->has_post)
		return (x->has_post ? 1 : -1);
	if ((r = version_num_cmp(x->post_n, y->post_n)) != 0)
		return (r);
	if (x->has_dev != y->has_dev)
		return (x->has_dev ? -1 : 1);
	if ((r = version_num_cmp(x->dev_n, y->dev_n)) != 0)
		return (r);
	if (x->has_local != y->has_local)
		return (x->has_local ? 1 : -1);
	return (local_cmp(x->local, y->local));
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct pep440 x, y;
	int rc;

	if ((rc = parse(a, &x, d)) < 0 || (rc = parse(b, &y, d)) < 0)
		return (rc);
	*ret = parsed_cmp(&x, &y);
	return (0);
}

/* The byte before a number, and the number. */
static int
marked_num(struct buf *ret, uint8_t mark, struct str num)
{
	int rc = buf_byte(ret, mark);

	return (rc < 0 ? rc : version_num_key(ret, num));
}

static int
local_key(struct str s, struct buf *ret)
{
	struct str seg;
	bool number;
	int rc;

	while (local_segment(&s, &seg, &number)) {
		if (number) {
			rc = marked_num(ret, 0x03, seg);
		} else {
			rc = buf_byte(ret, 0x02);
			for (size_t i = 0; rc == 0 && i < seg.n; i++)
				rc = buf_byte(ret, (uint8_t)lower(seg.p[i]));
			if (rc == 0)
				rc = buf_byte(ret, 0x00);
		}
		if (rc < 0)
			return (rc);
	}
	return (buf_byte(ret, 0x01));
}

static int
parsed_key(const struct pep440 *x, struct buf *ret)
{
	struct str release = x->release, part;
	int rc;

	if ((rc = version_num_key(ret, x->epoch)) < 0)
		return (rc);
	while (release_part(&release, &part))
		if ((rc = marked_num(ret, 0x02, part)) < 0)
			return (rc);
	if ((rc = buf_byte(ret, 0x01)) < 0 ||
	    (rc = buf_byte(ret, (uint8_t)x->pre)) < 0)
		return (rc);
	if (x->pre != PRE_DEV && x->pre != PRE_NONE &&
	    (rc = version_num_key(ret, x->pre_n)) < 0)
		return (rc);
	rc = x->has_post ? marked_num(ret, 0x01, x->post_n) :
	    buf_byte(ret, 0x00);
	if (rc < 0)
		return (rc);
	rc = x->has_dev ? marked_num(ret, 0x00, x->dev_n) :
	    buf_byte(ret, 0x01);
	if (rc < 0)
		return (rc);
	return (local_key(x->local, ret));
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct pep440 x;
	int rc;

	if ((rc = parse(v, &x, d)) < 0)
		return (rc);
	if ((rc = parsed_key(&x, ret)) < 0)
		return (diag_set(d, rc, 0, "pep440 version: key too long"));
	return (0);
}

const struct version_scheme version_pep440 = {
	.name = "pep440",
	.cmp = cmp,
	.key = key,
	.local_parts = true,
};

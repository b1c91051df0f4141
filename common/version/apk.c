/*
 * apk: digits{.digits}[letter]{_suffix[digits]}[~hex][-rdigits].  Source:
 * apk-tools version.c and test/unit/version.data as observed.
 *
 * Databases and advisories hold texts outside that grammar, and apk-tools
 * orders them nevertheless: so does the tokenizer here, which never fails.
 * What fits no rule is one `invalid` token that ends the version, below the
 * end of a well formed one.
 */
#include "../version.h"
#include "../version_num.h"

/* In the order of rank: at one position the greater token wins. */
enum token {
	TOK_PRE,	/* pre-release suffix: makes its side smaller */
	TOK_INVALID,
	TOK_END,
	TOK_REVISION,
	TOK_HASH,
	TOK_SUFFIX_NUMBER,
	TOK_SUFFIX,	/* post-release suffix */
	TOK_EMPTY,	/* component without digits: `0..8` */
	TOK_LETTER,
	TOK_NUMBER,	/* a component behind the first */
	TOK_FIRST,
};

struct token_value {
	enum token kind;
	struct str text;	/* digits or hex */
	int rank;		/* of a suffix, or the letter */
};

/* A reading position and what came before it. */
struct reader {
	struct str left;
	enum token prev;
	bool begun;
};

static const char *const pre_words[] = { "alpha", "beta", "pre", "rc" };
static const char *const post_words[] = { "cvs", "svn", "git", "hg", "p" };
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_lower(char c)
{
	return (c >= 'a' && c <= 'z');
}

static bool
is_hex(char c)
{
	return (version_is_digit(c) || (c >= 'a' && c <= 'f'));
}

static void
drop(struct reader *r, size_t n)
{
	r->left = str_sub(r->left, n, r->left.n);
}

/* `_word`: true and *${ret} filled if the word is a suffix we know. */
static bool
take_suffix(struct reader *r, struct token_value *ret)
{
	size_t n = 1;
	struct str w;

	while (n < r->left.n && is_lower(r->left.p[n]))
		n++;
	w = str_sub(r->left, 1, n);
	for (size_t i = 0; i < NELEM(pre_words); i++)
		if (str_eqz(w, pre_words[i]))
			*ret = (struct token_value) { .kind = TOK_PRE,
			    .rank = (int)i };
	for (size_t i = 0; i < NELEM(post_words); i++)
		if (str_eqz(w, post_words[i]))
			*ret = (struct token_value) { .kind = TOK_SUFFIX,
			    .rank = (int)i };
	if (ret->kind == TOK_INVALID)
		return (false);
	drop(r, n);
	return (true);
}

static bool
take_hash(struct reader *r, struct token_value *ret)
{
	size_t n = 1;

	while (n < r->left.n && is_hex(r->left.p[n]))
		n++;
	if (n == 1)
		return (false);
	*ret = (struct token_value) { .kind = TOK_HASH,
	    .text = str_sub(r->left, 1, n) };
	drop(r, n);
	return (true);
}

/* `-r` and digits up to the end of the text. */
static bool
take_revision(struct reader *r, struct token_value *ret)
{
	struct str rest;

	if (!str_starts(r->left, "-r"))
		return (false);
	rest = str_sub(r->left, 2, r->left.n);
	*ret = (struct token_value) { .kind = TOK_INVALID };
	ret->text = version_num_take(&rest);
	if (rest.n != 0)
		return (false);
	ret->kind = TOK_REVISION;
	r->left = rest;
	return (true);
}

static struct token_value
next_value(struct reader *r)
{
	struct token_value t = { .kind = TOK_INVALID };
	bool number = r->prev == TOK_FIRST || r->prev == TOK_NUMBER;
	bool component = number || r->prev == TOK_EMPTY;
	bool late = r->prev == TOK_HASH || r->prev == TOK_REVISION;
	char c;

	if (!r->begun)
		return ((struct token_value) { .kind = TOK_FIRST,
		    .text = version_num_take(&r->left) });
	if (r->left.n == 0)
		return ((struct token_value) { .kind = TOK_END });
	c = r->left.p[0];
	if (c == '.' && component) {
		drop(r, 1);
		t.text = version_num_take(&r->left);
		t.kind = t.text.n != 0 ? TOK_NUMBER : TOK_EMPTY;
	} else if (version_is_digit(c) && r->prev == TOK_LETTER) {
		t.text = version_num_take(&r->left);
		t.kind = TOK_NUMBER;
	} else if (version_is_digit(c) &&
	    (r->prev == TOK_PRE || r->prev == TOK_SUFFIX)) {
		t.text = version_num_take(&r->left);
		t.kind = TOK_SUFFIX_NUMBER;
	} else if (is_lower(c) && component) {
		t.kind = TOK_LETTER;
		t.rank = c;
		drop(r, 1);
	} else if ((c == '_' && !late && take_suffix(r, &t)) ||
	    (c == '~' && !late && take_hash(r, &t)) ||
	    (c == '-' && r->prev != TOK_REVISION && take_revision(r, &t))) {
		;
	} else {
		t = (struct token_value) { .kind = TOK_INVALID };
	}
	return (t);
}

static struct token_value
next(struct reader *r)
{
	struct token_value t = next_value(r);

	r->begun = true;
	r->prev = t.kind;
	return (t);
}

static bool
leading_zero(struct str s)
{
	return (s.n > 0 && s.p[0] == '0');
}

/* Two tokens of one kind. */
static int
value_cmp(const struct token_value *a, const struct token_value *b)
{
	int r;

	switch (a->kind) {
	case TOK_NUMBER:
		if (!leading_zero(a->text) && !leading_zero(b->text))
			return (version_num_cmp(a->text, b->text));
		r = str_cmp(a->text, b->text);
		break;
	case TOK_FIRST:
	case TOK_SUFFIX_NUMBER:
	case TOK_REVISION:
		return (version_num_cmp(a->text, b->text));
	case TOK_HASH:
		r = str_cmp(a->text, b->text);
		break;
	case TOK_PRE:
	case TOK_SUFFIX:
	case TOK_LETTER:
		r = a->rank - b->rank;
		break;
	default:
		r = 0;
	}
	return (r < 0 ? -1 : r > 0);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct reader x = { .left = a }, y = { .left = b };
	struct token_value s, t;
	int r;

	(void)d;
	do {
		s = next(&x);
		t = next(&y);
		if (s.kind != t.kind)
			r = s.kind < t.kind ? -1 : 1;
		else
			r = value_cmp(&s, &t);
	} while (r == 0 && s.kind != TOK_END && s.kind != TOK_INVALID);
	*ret = r;
	return (0);
}

/* Text without NUL, closed by one; digits and hex only get here. */
static int
text_key(struct buf *ret, struct str s)
{
	int rc = buf_str(ret, s);

	return (rc < 0 ? rc : buf_byte(ret, 0x00));
}

static int
token_key(struct buf *ret, const struct token_value *t)
{
	/* Marker bytes, in the order of enum token; 0 = none. */
	static const uint8_t marker[] = {
		[TOK_PRE] = 0x10, [TOK_INVALID] = 0x1f, [TOK_END] = 0x20,
		[TOK_REVISION] = 0x2b, [TOK_HASH] = 0x2c,
		[TOK_SUFFIX_NUMBER] = 0x2d, [TOK_SUFFIX] = 0x2e,
		[TOK_EMPTY] = 0x2e, [TOK_LETTER] = 0x2f, [TOK_NUMBER] = 0x30, [TOK_FIRST] = 0,
	};
	uint8_t m = marker[t->kind];
	int rc;

	if (t->kind == TOK_PRE)
		m = (uint8_t)(m + t->rank);
	if (t->kind != TOK_FIRST && (rc = buf_byte(ret, m)) < 0)
		return (rc);
	switch (t->kind) {
	case TOK_FIRST:
	case TOK_SUFFIX_NUMBER:
	case TOK_REVISION:
		return (version_num_key(ret, t->text));
	case TOK_NUMBER:
		if (!leading_zero(t->text)) {
			rc = buf_byte(ret, 0x02);
			return (rc < 0 ? rc : version_num_key(ret, t->text));
		}
		rc = buf_byte(ret, 0x01);
		return (rc < 0 ? rc : text_key(ret, t->text));
	case TOK_HASH:
		return (text_key(ret, t->text));
	case TOK_EMPTY:		/* shares its marker with suffixes, above all */
		return (buf_byte(ret, 0xff));
	case TOK_LETTER:
	case TOK_SUFFIX:
		return (buf_byte(ret, (uint8_t)t->rank));
	default:
		return (0);
	}
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct reader r = { .left = v };
	struct token_value t;
	int rc;

	do {
		t = next(&r);
		if ((rc = token_key(ret, &t)) < 0)
			return (diag_set(d, rc, 0, "apk version: key too long"));
	} while (t.kind != TOK_END && t.kind != TOK_INVALID);
	return (0);
}

const struct version_scheme version_apk = {
	.name = "apk",
	.cmp = cmp,
	.key = key,
};

/*
 * maven: the order of Maven 3.8.  Source: the documentation of
 * ComparableVersion, as observed with Maven 3.8.7.
 *
 * A version is a list of numbers and words whose last item may be a list again,
 * and so on: here one array, cut into lists.  Numbers are above lists, lists
 * above words.  What is missing counts as 0, "" or nothing, depending on what
 * it is compared with; hence there is no byte key that has this order.  The key
 * is a coarse one, of the first three numbers, and who finds a candidate by it
 * has to compare.
 */
#include "../limits.h"
#include "../version.h"
#include "../version_num.h"

struct item {
	struct str text;	/* digits without leading zeros, or a word */
	bool number;
};

/* Of each byte of text at most one item and one list are made. */
#define ITEMS (2 * LIMIT_VERSION + 4)

struct maven {
	char lower[LIMIT_VERSION];
	struct item item[ITEMS];
	size_t n;
	size_t begin[ITEMS];	/* of each list, in item */
	size_t end[ITEMS];
	size_t lists;
};

static bool
list_is_empty(const struct maven *m)
{
	return (m->begin[m->lists - 1] == m->n);
}

/* Open a list as the last item of the one at work. */
static void
open_list(struct maven *m)
{
	m->end[m->lists - 1] = m->n;
	m->begin[m->lists++] = m->n;
}

static void
add_number(struct maven *m, struct str digits)
{
	m->item[m->n++] = (struct item) { version_num_strip(digits), true };
}

static void
add_word(struct maven *m, struct str word, bool before_digit)
{
	static const struct {
		const char *word, *means;
		bool before_digit;
	} t[] = {
		{ "a", "alpha", true }, { "b", "beta", true },
		{ "m", "milestone", true }, { "cr", "rc", false },
		{ "ga", "", false }, { "final", "", false },
		{ "release", "", false },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if ((before_digit || !t[i].before_digit) &&
		    str_eqz(word, t[i].word)) {
			word = str_of(t[i].means);
			break;
		}
	m->item[m->n++] = (struct item) { word, false };
}

static bool
is_null(const struct item *i)
{
	return (i->text.n == 0);	/* the number 0 or a word that says nothing */
}

/*
 * From the innermost list on: what says nothing at a list's end goes, and a
 * list that holds nothing any more goes from its own list.  As a list is the
 * last item of another, an empty one leaves no trace.
 */
static void
normalise(struct maven *m)
{
	for (size_t i = m->lists; i-- > 0; )
		while (m->end[i] > m->begin[i] &&
		    is_null(&m->item[m->end[i] - 1]))
			m->end[i]--;
	while (m->lists > 1 && m->begin[m->lists - 1] == m->end[m->lists - 1])
		m->lists--;
}

static int
parse(struct str v, struct maven *m, struct diag *d)
{
	struct str s = str_trim(v), piece;
	size_t start = 0;
	bool digits = false, is_digit;

	if (s.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0, "maven version: empty"));
	m->n = 0;
	m->lists = 1;
	m->begin[0] = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((unsigned char)c <= ' ')
			return (diag_set(d, ERR_MALFORMED, i,
			    "maven version: a blank or control byte"));
		m->lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	s.p = m->lower;
	for (size_t i = 0; i < s.n; i++) {
		piece = str_sub(s, start, i);
		is_digit = version_is_digit(s.p[i]);
		if (s.p[i] == '.' || s.p[i] == '-') {
			if (piece.n == 0 || digits)
				add_number(m, piece);
			else
				add_word(m, piece, false);
			start = i + 1;
			if (s.p[i] == '-')
				open_list(m);
			continue;
		}
		if (is_digit != digits && piece.n > 0) {
			if (is_digit) {
				if (!list_is_empty(m))
					open_list(m);
				add_word(m, piece, true);
			} else {
				add_number(m, piece);
			}
			start = i;
			open_list(m);
		}
		digits = is_digit;
	}
	piece = str_sub(s, start, s.n);
	if (piece.n > 0 && digits)
		add_number(m, piece);
	if (piece.n > 0 && !digits) {
		if (!list_is_empty(m))
			open_list(m);
		add_word(m, piece, false);
	}
	m->end[m->lists - 1] = m->n;
	normalise(m);
	return (0);
}

/* Of a word: 0 alpha ... 5 nothing, 6 sp, 7 any other. */
static int
rank(struct str word)
{
	static const char *const known[] = { "alpha", "beta", "milestone", "rc",
	    "snapshot", "", "sp" };

	for (int i = 0; i < 7; i++)
		if (str_eqz(word, known[i]))
			return (i);
	return (7);
}

static int
word_cmp(struct str a, struct str b)
{
	int r = rank(a) - rank(b);

	return (r != 0 || rank(a) < 7 ? r : str_cmp(a, b));
}

/* An item against nothing. */
static int
item_cmp_null(const struct item *i)
{
	return (i->number ? i->text.n > 0 : word_cmp(i->text, str_of("")));
}

/* The list ${l}, from its item ${at} on and with all lists in it, against
 * nothing. */
static int
rest_cmp_null(const struct maven *m, size_t l, size_t at)
{
	int r = 0;

	for (; r == 0 && l < m->lists; l++, at = 0)
		for (size_t i = m->begin[l] + at; r == 0 && i < m->end[l]; i++)
			r = item_cmp_null(&m->item[i]);
	return (r);
}

/* What stands at one place, in its order; the end is compared apart. */
enum kind { END = -1, WORD, LIST, NUMBER };

static enum kind
kind_at(const struct maven *m, size_t l, size_t at)
{
	if (m->begin[l] + at < m->end[l])
		return (m->item[m->begin[l] + at].number ? NUMBER : WORD);
	return (m->begin[l] + at == m->end[l] && l + 1 < m->lists ? LIST : END);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct maven x, y;
	const struct item *i, *k;
	enum kind p, q;
	size_t l = 0, at = 0;
	int rc, r = 0;

	if ((rc = parse(a, &x, d)) < 0 || (rc = parse(b, &y, d)) < 0)
		return (rc);
	for (; r == 0; at++) {
		p = kind_at(&x, l, at);
		q = kind_at(&y, l, at);
		if (p == END || q == END) {
			r = q == END ? rest_cmp_null(&x, l, at) :
			    -rest_cmp_null(&y, l, at);
			break;
		}
		if (p != q) {
			r = p < q ? -1 : 1;
		} else if (p == LIST) {
			l++;
			at = (size_t)-1;	/* becomes the first place */
		} else {
			i = &x.item[x.begin[l] + at];
			k = &y.item[y.begin[l] + at];
			r = p == NUMBER ? version_num_cmp(i->text, k->text) :
			    word_cmp(i->text, k->text);
		}
	}
	*ret = r < 0 ? -1 : r > 0;
	return (0);
}

/* The first three numbers, four bytes each; those above are all the same. */
#define LARGEST 0xFEFFFFFF
static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct maven m;
	uint64_t n;
	uint8_t b[12] = { 0 };
	int rc;

	if ((rc = parse(v, &m, d)) < 0)
		return (rc);
	for (size_t i = 0; i < 3 && kind_at(&m, 0, i) == NUMBER; i++) {
		struct str digits = m.item[i].text;

		if (digits.n == 0)
			continue;
		if (!str_u64(digits, &n) || n > LARGEST)
			n = LARGEST;
		for (unsigned k = 0; k < 4; k++)
			b[4 * i + k] = (uint8_t)(n >> (24 - 8 * k));
		if (n == LARGEST)
			break;	/* what follows decides nothing any more */
	}
	if ((rc = buf_add(ret, b, sizeof(b))) < 0)
		return (diag_set(d, rc, 0, "maven version: key too long"));
	return (0);
}

const struct version_scheme version_maven = {
	.name = "maven",
	.coarse_keys = true,
	.cmp = cmp,
	.key = key,
};

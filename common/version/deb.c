/*
 * deb: [epoch:]upstream[-revision].  Source: deb-version(7), libdpkg's
 * parseversion and verrevcmp as observed.
 *
 * What dpkg refuses (empty parts, embedded blanks, an epoch that is no number
 * of 31 bits) is no version here; what it only warns about (a first character
 * that is no digit, odd punctuation) is ordered as dpkg orders it.  Bytes
 * outside printable ASCII are refused: dpkg's order of them depends on the
 * signedness of char.
 */
#include "../version.h"
#include "../version_num.h"

struct deb {
	struct str epoch;	/* digits, may be empty */
	struct str upstream;
	struct str revision;	/* may be empty, which equals "0" */
};

#define DEB_END 0x02		/* closes a part: above ~, below everything */
#define DEB_NUM_BASE 0x03
#define DEB_NUM_SMALL 48
#define DEB_EPOCH_SMALL 200

/* dpkg takes a sign before the epoch: +1 is 1, -0 is 0. */
static bool
take_epoch(struct str s, struct str *ret)
{
	bool minus = str_starts(s, "-");
	uint64_t epoch;

	if (minus || str_starts(s, "+"))
		s = str_sub(s, 1, s.n);
	*ret = s;
	return (str_u64(s, &epoch) && epoch <= (minus ? 0 : INT32_MAX));
}

static int
parse(struct str v, struct deb *ret, struct diag *d)
{
	struct deb r = { .upstream = str_trim(v) };
	size_t at;

	if (r.upstream.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0, "deb version: empty"));
	for (size_t i = 0; i < r.upstream.n; i++)
		if (r.upstream.p[i] <= ' ' || r.upstream.p[i] > '~')
			return (diag_set(d, ERR_MALFORMED, i,
			    "deb version: blank or byte outside ASCII"));
	at = str_find(r.upstream, ':');
	if (at < r.upstream.n) {
		if (!take_epoch(str_sub(r.upstream, 0, at), &r.epoch))
			return (diag_set(d, ERR_MALFORMED, 0,
			    "deb version: the epoch is no number of 31 bits"));
		r.upstream = str_sub(r.upstream, at + 1, r.upstream.n);
	}
	at = str_rfind(r.upstream, '-');
	if (at < r.upstream.n) {
		r.revision = str_sub(r.upstream, at + 1, r.upstream.n);
		r.upstream = str_sub(r.upstream, 0, at);
		if (r.revision.n == 0)
			return (diag_set(d, ERR_MALFORMED, at,
			    "deb version: empty revision"));
	}
	if (r.upstream.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "deb version: empty upstream version"));
	*ret = r;
	return (0);
}

/* Weight of the character at the front, 0 for a digit and for the end. */
static int
weight(struct str s)
{
	char c;

	if (s.n == 0 || version_is_digit(s.p[0]))
		return (0);
	c = s.p[0];
	if (c == '~')
		return (-1);
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return (c);
	return (c + 256);
}

static bool
at_text(struct str s)
{
	return (s.n > 0 && !version_is_digit(s.p[0]));
}

static int
part_cmp(struct str a, struct str b)
{
	int r, wa, wb;

	while (a.n > 0 || b.n > 0) {
		while (at_text(a) || at_text(b)) {
			wa = weight(a);
			wb = weight(b);
			if (wa != wb)
				return (wa < wb ? -1 : 1);
			a = str_sub(a, 1, a.n);
			b = str_sub(b, 1, b.n);
		}
		r = version_num_cmp(version_num_take(&a), version_num_take(&b));
		if (r != 0)
			return (r);
	}
	return (0);
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct deb x, y;
	int rc, r;

	if ((rc = parse(a, &x, d)) < 0 || (rc = parse(b, &y, d)) < 0)
		return (rc);
	if ((r = version_num_cmp(x.epoch, y.epoch)) == 0 &&
	    (r = part_cmp(x.upstream, y.upstream)) == 0)
		r = part_cmp(x.revision, y.revision);
	*ret = r;
	return (0);
}

static uint8_t
text_byte(char c)
{
	if (c == '~')
		return (0x01);
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return ((uint8_t)c);
	return ((uint8_t)(0x80 | c));
}

/*
 * Text and number by turns; the number's first byte (0x03..0x3B) doubles as
 * the end of the text, because it sorts above ~ and below all other text.
 */
static int
part_key(struct str s, struct buf *ret)
{
	int rc;

	do {
		for (; at_text(s); s = str_sub(s, 1, s.n))
			if ((rc = buf_byte(ret, text_byte(s.p[0]))) < 0)
				return (rc);
		if ((rc = version_num_key_small(ret, version_num_take(&s),
		    DEB_NUM_BASE, DEB_NUM_SMALL)) < 0)
			return (rc);
	} while (s.n > 0);
	return (buf_byte(ret, DEB_END));
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct deb x;
	int rc;

	if ((rc = parse(v, &x, d)) < 0)
		return (rc);
	if ((rc = version_num_key_small(ret, x.epoch, 0, DEB_EPOCH_SMALL)) < 0 ||
	    (rc = part_key(x.upstream, ret)) < 0 ||
	    (rc = part_key(x.revision, ret)) < 0)
		return (diag_set(d, rc, 0, "deb version: key too long"));
	return (0);
}

const struct version_scheme version_deb = {
	.name = "deb",
	.cmp = cmp,
	.key = key,
};

/*
 * pacman: [epoch:]version[-release].  Source: vercmp(8), libalpm 13 as observed.
 *
 * Like rpm's order of old, without ~ and ^: letters directly behind a number are
 * below its end (1.0a < 1.0 < 1.0.a).  How many separators stand before a part
 * decides before the part does.  Separators at the end make it no order:
 * 1.1 < 1..a < 1. < 1.1, so there is no byte key that has it.  The key is a
 * coarse one, of epoch and first part, and who finds a candidate by it has to
 * compare.  A version without any letter or digit, which would close such a
 * circle around everything, is refused.
 */
#include "../version.h"
#include "../version_num.h"

/* What a version may begin with, in its order. */
#define PACMAN_WORD 0x01
#define PACMAN_NUM 0x02
#define PACMAN_SEPARATOR 0x03

struct pacman {
	struct str epoch;	/* digits, may be empty, which is 0 */
	struct str version;
	struct str release;
	bool released;		/* a release is stated, be it empty */
};

static bool
is_letter(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
}

static bool
is_separator(char c)
{
	return (!is_letter(c) && !version_is_digit(c));
}

static struct str
take_separators(struct str *s)
{
	struct str all = *s;
	size_t n = 0;

	while (n < all.n && is_separator(all.p[n]))
		n++;
	*s = str_sub(all, n, all.n);
	return (str_sub(all, 0, n));
}

static struct str
take_word(struct str *s)
{
	struct str all = *s;
	size_t n = 0;

	while (n < all.n && is_letter(all.p[n]))
		n++;
	*s = str_sub(all, n, all.n);
	return (str_sub(all, 0, n));
}

static int
parse(struct str v, struct pacman *ret, struct diag *d)
{
	struct pacman r = { .version = str_trim(v) };
	struct str rest = r.version;
	size_t at;

	if (str_find(v, '\0') < v.n)
		return (diag_set(d, ERR_MALFORMED, str_find(v, '\0'),
		    "pacman version: a NUL byte"));
	r.epoch = version_num_take(&rest);
	if (rest.n > 0 && rest.p[0] == ':')
		r.version = str_sub(rest, 1, rest.n);
	else
		r.epoch = str_of("");
	at = str_rfind(r.version, '-');
	if (at < r.version.n) {
		r.released = true;
		r.release = str_sub(r.version, at + 1, r.version.n);
		r.version = str_sub(r.version, 0, at);
	}
	rest = r.version;
	(void)take_separators(&rest);
	if (rest.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "pacman version: no letter or digit"));
	*ret = r;
	return (0);
}

/* One side has ended, perhaps with separators the other has not. */
static int
rest_cmp(struct str a, struct str b)
{
	if (a.n == 0 && b.n == 0)
		return (0);
	if (a.n == 0)
		return (is_letter(b.p[0]) ? 1 : -1);
	return (is_letter(a.p[0]) ? -1 : 1);
}

static int
part_cmp(struct str a, struct str b)
{
	size_t x, y;
	int r;

	while (a.n > 0 && b.n > 0) {
		x = take_separators(&a).n;
		y = take_separators(&b).n;
		if (a.n == 0 || b.n == 0)
			break;
		if (x != y)
			return (x < y ? -1 : 1);
		if (is_letter(a.p[0]) != is_letter(b.p[0]))
			return (is_letter(a.p[0]) ? -1 : 1);
		r = is_letter(a.p[0]) ? str_cmp(take_word(&a), take_word(&b)) :
		    version_num_cmp(version_num_take(&a), version_num_take(&b));
		if (r != 0)
			return (r < 0 ? -1 : 1);
	}
	return (rest_cmp(a, b));
}

static int
cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct pacman x, y;
	int rc, r;

	if ((rc = parse(a, &x, d)) < 0 || (rc = parse(b, &y, d)) < 0)
		return (rc);
	if ((r = version_num_cmp(x.epoch, y.epoch)) == 0 &&
	    (r = part_cmp(x.version, y.version)) == 0 &&
	    x.released && y.released)
		r = part_cmp(x.release, y.release);
	*ret = r;
	return (0);
}

static int
key(struct str v, struct buf *ret, struct diag *d)
{
	struct pacman x;
	int rc;

	if ((rc = parse(v, &x, d)) < 0)
		return (rc);
	if ((rc = version_num_key(ret, x.epoch)) < 0)
		goto out;
	if (is_separator(x.version.p[0])) {
		rc = buf_byte(ret, PACMAN_SEPARATOR);
	} else if (is_letter(x.version.p[0])) {
		if ((rc = buf_byte(ret, PACMAN_WORD)) == 0 &&
		    (rc = buf_str(ret, take_word(&x.version))) == 0)
			rc = buf_byte(ret, 0);
	} else if ((rc = buf_byte(ret, PACMAN_NUM)) == 0) {
		rc = version_num_key(ret, version_num_take(&x.version));
	}
out:
	return (rc < 0 ? diag_set(d, rc, 0, "version: key too long") : 0);
}

const struct version_scheme version_pacman = {
	.name = "pacman",
	.coarse_keys = true,
	.cmp = cmp,
	.key = key,
};

/* semver 2.0.0, section 11, and a key for it; see version_semver.h. */
#include "version_num.h"
#include "version_semver.h"

#define SEMVER_END 0x01
#define SEMVER_NUM 0x02
#define SEMVER_WORD 0x03
#define SEMVER_RELEASE 0x04

int
version_semver_parse(struct str v, size_t max, struct semver *ret,
    struct diag *d)
{
	struct semver r = { .n = 0 };
	struct str s = str_trim(v);
	size_t at;

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] > '~')
			return (diag_set(d, ERR_MALFORMED, i,
			    "version: a blank or a byte outside ASCII"));
	if (s.n > 1 && (s.p[0] == 'v' || s.p[0] == 'V' || s.p[0] == '='))
		s = str_sub(s, 1, s.n);
	at = str_find(s, '+');
	r.build = str_sub(s, at + 1, s.n);
	s = str_sub(s, 0, at);
	at = str_find(s, '-');
	r.pre = at < s.n;
	r.label = str_sub(s, at + 1, s.n);
	s = str_sub(s, 0, at);
	do {
		if (r.n == max || s.n == 0 || !version_is_digit(s.p[0]))
			return (diag_set(d, ERR_MALFORMED, 0,
			    "version: not one to %zu numbers", max));
		r.number[r.n++] = version_num_take(&s);
		if (s.n == 0)
			break;
		if (s.p[0] != '.')
			return (diag_set(d, ERR_MALFORMED, 0,
			    "version: letters in a number"));
		s = str_sub(s, 1, s.n);
	} while (true);
	*ret = r;
	return (0);
}

static bool
is_number(struct str s)
{
	struct str rest = s;

	(void)version_num_take(&rest);
	return (s.n > 0 && rest.n == 0);
}

/* An empty identifier counts as "-". */
static struct str
identifier(struct str s)
{
	return (s.n > 0 ? s : str_of("-"));
}

int
version_semver_cmp_labels(struct str a, struct str b)
{
	struct str x, y;
	bool more_a, more_b;
	int r;

	for (;;) {
		more_a = str_split(&a, '.', &x);
		more_b = str_split(&b, '.', &y);
		if (!more_a || !more_b)
			return (more_a - more_b);
		x = identifier(x);
		y = identifier(y);
		if (is_number(x) != is_number(y))
			return (is_number(x) ? -1 : 1);
		r = is_number(x) ? version_num_cmp(x, y) : str_cmp(x, y);
		if (r != 0)
			return (r < 0 ? -1 : 1);
	}
}

int
version_semver_cmp(const struct semver *a, const struct semver *b)
{
	int r = 0;

	for (size_t i = 0; i < SEMVER_NUMBERS && r == 0; i++)
		r = version_num_cmp(a->number[i], b->number[i]);
	if (r != 0 || (!a->pre && !b->pre))
		return (r);
	if (a->pre != b->pre)
		return (a->pre ? -1 : 1);
	return (version_semver_cmp_labels(a->label, b->label));
}

int
version_semver_key_label(struct str label, struct buf *ret)
{
	struct str x;
	int rc;

	while (str_split(&label, '.', &x)) {
		x = identifier(x);
		if (is_number(x)) {
			if ((rc = buf_byte(ret, SEMVER_NUM)) < 0 ||
			    (rc = version_num_key(ret, x)) < 0)
				return (rc);
			continue;
		}
		if ((rc = buf_byte(ret, SEMVER_WORD)) < 0 ||
		    (rc = buf_str(ret, x)) < 0 || (rc = buf_byte(ret, 0)) < 0)
			return (rc);
	}
	return (buf_byte(ret, SEMVER_END));
}

int
version_semver_key(const struct semver *v, size_t numbers, struct buf *ret)
{
	int rc;

	for (size_t i = 0; i < numbers; i++)
		if ((rc = version_num_key(ret, v->number[i])) < 0)
			return (rc);
	return (v->pre ? version_semver_key_label(v->label, ret) :
	    buf_byte(ret, SEMVER_RELEASE));
}

int
version_semver_scheme_cmp(struct str a, struct str b, int *ret, struct diag *d)
{
	struct semver x, y;
	int rc;

	if ((rc = version_semver_parse(a, 3, &x, d)) == 0 &&
	    (rc = version_semver_parse(b, 3, &y, d)) == 0)
		*ret = version_semver_cmp(&x, &y);
	return (rc);
}

int
version_semver_scheme_key(struct str v, struct buf *ret, struct diag *d)
{
	struct semver x;
	int rc;

	if ((rc = version_semver_parse(v, 3, &x, d)) < 0)
		return (rc);
	if ((rc = version_semver_key(&x, 3, ret)) < 0)
		return (diag_set(d, rc, 0, "version: key too long"));
	return (0);
}

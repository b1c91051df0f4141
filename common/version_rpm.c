/* rpmvercmp and its key; see version_rpm.h. */
#include "version_num.h"
#include "version_rpm.h"

/* In the order of what may come next at one place: ~ is below the end, ^ right
 * above it, words are below numbers. */
#define RPM_TILDE 0x01
#define RPM_END 0x02
#define RPM_CARET 0x03
#define RPM_WORD 0x04
#define RPM_NUM_BASE 0x05
#define RPM_NUM_SMALL 200

static bool
is_letter(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
}

static struct str
skip_separators(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_letter(s.p[n]) && !version_is_digit(s.p[n]) &&
	    s.p[n] != '~' && s.p[n] != '^')
		n++;
	return (str_sub(s, n, s.n));
}

static struct str
take_word(struct str *s)
{
	size_t n = 0;
	struct str word;

	while (n < s->n && is_letter(s->p[n]))
		n++;
	word = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return (word);
}

/* What comes next: one of the bytes above, numbers as RPM_NUM_BASE. */
static int
next_kind(struct str s)
{
	if (s.n == 0)
		return (RPM_END);
	if (s.p[0] == '~')
		return (RPM_TILDE);
	if (s.p[0] == '^')
		return (RPM_CARET);
	return (is_letter(s.p[0]) ? RPM_WORD : RPM_NUM_BASE);
}

int
version_rpm_cmp(struct str a, struct str b)
{
	int x, y, r;

	for (;;) {
		a = skip_separators(a);
		b = skip_separators(b);
		x = next_kind(a);
		y = next_kind(b);
		if (x != y)
			return (x < y ? -1 : 1);
		switch (x) {
		case RPM_END:
			return (0);
		case RPM_WORD:
			r = str_cmp(take_word(&a), take_word(&b));
			break;
		case RPM_NUM_BASE:
			r = version_num_cmp(version_num_take(&a),
			    version_num_take(&b));
			break;
		default:
			a = str_sub(a, 1, a.n);
			b = str_sub(b, 1, b.n);
			r = 0;
		}
		if (r != 0)
			return (r < 0 ? -1 : 1);
	}
}

int
version_rpm_key(struct str s, struct buf *ret)
{
	int kind, rc;

	for (;;) {
		s = skip_separators(s);
		kind = next_kind(s);
		switch (kind) {
		case RPM_END:
			return (buf_byte(ret, RPM_END));
		case RPM_WORD:
			if ((rc = buf_byte(ret, RPM_WORD)) < 0 ||
			    (rc = buf_str(ret, take_word(&s))) < 0 ||
			    (rc = buf_byte(ret, 0)) < 0)
				return (rc);
			break;
		case RPM_NUM_BASE:
			if ((rc = version_num_key_small(ret,
			    version_num_take(&s), RPM_NUM_BASE,
			    RPM_NUM_SMALL)) < 0)
				return (rc);
			break;
		default:
			if ((rc = buf_byte(ret, (uint8_t)kind)) < 0)
				return (rc);
			s = str_sub(s, 1, s.n);
		}
	}
}

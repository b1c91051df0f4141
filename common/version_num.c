/* Numbers inside versions; see version_num.h. */
#include "version_num.h"

struct str
version_num_take(struct str *s)
{
	size_t n = 0;
	struct str num;

	while (n < s->n && version_is_digit(s->p[n]))
		n++;
	num = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return (num);
}

struct str
version_num_strip(struct str d)
{
	size_t n = 0;

	while (n < d.n && d.p[n] == '0')
		n++;
	return (str_sub(d, n, d.n));
}

int
version_num_cmp(struct str a, struct str b)
{
	int r;

	a = version_num_strip(a);
	b = version_num_strip(b);
	if (a.n != b.n)
		return (a.n < b.n ? -1 : 1);
	r = str_cmp(a, b);
	return (r < 0 ? -1 : r > 0);
}

int
version_num_key(struct buf *ret, struct str digits)
{
	struct str d = version_num_strip(digits);
	uint8_t head[3] = { 0xFE, (uint8_t)(d.n >> 8), (uint8_t)d.n };
	uint8_t len = (uint8_t)d.n;
	int rc;

	if (d.n > UINT16_MAX)
		return (ERR_LIMIT);
	if (d.n < 0xFE)
		rc = buf_byte(ret, len);
	else
		rc = buf_add(ret, head, sizeof(head));
	return (rc < 0 ? rc : buf_str(ret, d));
}

int
version_num_key_small(struct buf *ret, struct str digits, uint8_t base,
    uint8_t nsmall)
{
	struct str d = version_num_strip(digits);
	uint64_t v = 0;
	uint8_t out[9];
	size_t n = 0;
	int rc;

	if (d.n != 0 && !str_u64(d, &v)) {
		if (d.n > UINT16_MAX)
			return (ERR_LIMIT);
		out[0] = (uint8_t)(base + nsmall + 8);
		out[1] = (uint8_t)(d.n >> 8);
		out[2] = (uint8_t)d.n;
		rc = buf_add(ret, out, 3);
		return (rc < 0 ? rc : buf_str(ret, d));
	}
	if (v < nsmall)
		return (buf_byte(ret, (uint8_t)(base + v)));
	while (n < 8 && (n == 0 || v >> (8 * n) != 0))
		n++;
	out[0] = (uint8_t)(base + nsmall + (n - 1));
	for (size_t i = 0; i < n; i++)
		out[1 + i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	return (buf_add(ret, out, n + 1));
}

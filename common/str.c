/* Borrowed strings: comparison and cutting, nothing that allocates. */
#include "str.h"

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n != 0 ? memcmp(a.p, b.p, n) : 0;

	if (r != 0)
		return (r);
	return (a.n < b.n ? -1 : a.n > b.n);
}

bool
str_caseeqz(struct str a, const char *z)
{
	return (a.n == strlen(z) && (a.n == 0 || strncasecmp(a.p, z, a.n) == 0));
}

static bool
is_space(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return (s);
}

size_t
str_find(struct str s, char c)
{
	const char *q = s.n != 0 ? memchr(s.p, c, s.n) : NULL;

	return (q != NULL ? (size_t)(q - s.p) : s.n);
}

size_t
str_rfind(struct str s, char c)
{
	const char *q = s.n != 0 ? memrchr(s.p, c, s.n) : NULL;

	return (q != NULL ? (size_t)(q - s.p) : s.n);
}

bool
str_split(struct str *s, char sep, struct str *ret)
{
	size_t at;

	if (s->p == NULL)
		return (false);
	at = str_find(*s, sep);
	*ret = str_sub(*s, 0, at);
	if (at == s->n)
		*s = (struct str) { NULL, 0 };
	else
		*s = str_sub(*s, at + 1, s->n);
	return (true);
}

bool
str_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return (false);
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - '0';

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return (false);
		v = v * 10 + d;
	}
	*ret = v;
	return (true);
}

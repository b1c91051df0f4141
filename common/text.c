/* UTF-8 by the table of RFC 3629. */
#include <assert.h>
#include "text.h"

size_t
text_utf8_len(const unsigned char *p, size_t left)
{
	unsigned lo = 0x80, hi = 0xBF;
	size_t n;

	if (left == 0)
		return (0);
	if (p[0] < 0x80)
		return (1);
	if (p[0] >= 0xC2 && p[0] <= 0xDF)
		n = 2;
	else if (p[0] >= 0xE0 && p[0] <= 0xEF)
		n = 3;
	else if (p[0] >= 0xF0 && p[0] <= 0xF4)
		n = 4;
	else
		return (0);
	if (left < n)
		return (0);
	if (p[0] == 0xE0)
		lo = 0xA0;
	else if (p[0] == 0xED)
		hi = 0x9F;
	else if (p[0] == 0xF0)
		lo = 0x90;
	else if (p[0] == 0xF4)
		hi = 0x8F;
	if (p[1] < lo || p[1] > hi)
		return (0);
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return (0);
	return (n);
}

bool
text_is_utf8(struct str s)
{
	for (size_t i = 0, n; i < s.n; i += n)
		if ((n = text_utf8_len((const unsigned char *)s.p + i,
		    s.n - i)) == 0)
			return (false);
	return (true);
}

/* Does the character of ${n} bytes at ${i} steer a terminal, or turn the order of
 * what is shown around: C1, line ends, marks of direction (UAX 9)? */
static bool
is_control(struct str s, size_t i, size_t n)
{
	static const char *const marks[] = { "\xd8\x9c", "\xe2\x80\x8e",
	    "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9",
	    "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac",
	    "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6",
	    "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", NULL };
	struct str c = str_sub(s, i, i + n);

	if (n == 2 && c.p[0] == '\xc2' && (unsigned char)c.p[1] < 0xa0)
		return (true);
	for (size_t k = 0; n > 1 && marks[k] != NULL; k++)
		if (str_eqz(c, marks[k]))
			return (true);
	return (false);
}

/* The length of the character at ${i}, 0 where its first byte is escaped. */
static size_t
shown_len(struct str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];
	size_t n = text_utf8_len((const unsigned char *)s.p + i, s.n - i);

	return (c < 0x20 || c == 0x7F || is_control(s, i, n) ? 0 : n);
}

size_t
text_escape(struct str s, char *out, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t o = 0;

	assert(size > 0);
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = shown_len(s, i);

		if (n == 0) {
			if (o + 4 >= size)
				break;
			out[o++] = '\\';
			out[o++] = 'x';
			out[o++] = hex[c >> 4];
			out[o++] = hex[c & 15];
			i++;
			continue;
		}
		if (o + n >= size)
			break;
		memcpy(out + o, s.p + i, n);
		o += n;
		i += n;
	}
	out[o] = '\0';
	return (o);
}

struct str
text_clean(struct pool *pool, struct str s, size_t max)
{
	size_t size = 1, n;
	char *p;

	s = str_sub(s, 0, max);
	for (size_t i = 0; i < s.n; i += n != 0 ? n : 1) {
		n = shown_len(s, i);
		size += n != 0 ? n : 4;
	}
	if (s.n == 0 || (p = pool_alloc(pool, size)) == NULL)
		return ((struct str) { "", 0 });
	return (str_n(p, text_escape(s, p, size)));
}

/* See purl.h. */
#include "purl.h"

static int
hex(char c)
{
	return (c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1);
}

/* ${s} in the pool, %XX replaced; a '%' that begins none stays. */
static int
decode(struct str s, struct pool *pool, struct str *ret)
{
	char *to = pool_alloc(pool, s.n + 1);
	size_t n = 0;

	if (to == NULL)
		return (ERR_LIMIT);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && i + 2 < s.n &&
		    hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			to[n++] = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
			i += 2;
		} else {
			to[n++] = s.p[i];
		}
	}
	*ret = str_n(to, n);
	return (0);
}

int
purl_read(struct str s, struct pool *pool, struct purl *ret)
{
	struct purl p = { .qualifiers = STR_LIT("") };
	struct str type, version = { NULL, 0 };
	size_t at;
	char *lower;

	if (!str_caseeqz(str_sub(s, 0, 4), "pkg:"))
		return (ERR_MALFORMED);
	s = str_sub(s, 4, str_find(s, '#'));
	at = str_find(s, '?');
	p.qualifiers = str_sub(s, at + 1, s.n);
	s = str_sub(s, 0, at);
	while (str_starts(s, "/"))
		s = str_sub(s, 1, s.n);
	at = str_find(s, '/');
	type = str_sub(s, 0, at);
	s = str_sub(s, at + 1, s.n);
	/* an '@' of a name is encoded, but "pkg:npm/@scope/x" is seen too */
	at = str_rfind(s, '@');
	if (at > 0 && at < s.n && (str_rfind(s, '/') == s.n ||
	    at > str_rfind(s, '/'))) {
		version = str_sub(s, at + 1, s.n);
		s = str_sub(s, 0, at);
	}
	while (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	at = str_rfind(s, '/');
	if (type.n == 0 || s.n == 0)
		return (ERR_MALFORMED);
	if ((lower = pool_alloc(pool, type.n + 1)) == NULL ||
	    decode(at < s.n ? str_sub(s, 0, at) : str_of(""), pool,
	    &p.space) < 0 ||
	    decode(at < s.n ? str_sub(s, at + 1, s.n) : s, pool, &p.name) < 0 ||
	    decode(version, pool, &p.version) < 0)
		return (ERR_LIMIT);
	for (size_t i = 0; i < type.n; i++)
		lower[i] = type.p[i] >= 'A' && type.p[i] <= 'Z' ?
		    (char)(type.p[i] | ('a' - 'A')) : type.p[i];
	p.type = str_n(lower, type.n);
	*ret = p;
	return (0);
}

struct str
purl_qualifier(const struct purl *p, const char *key, struct pool *pool)
{
	struct str rest = p->qualifiers, part, ret;
	size_t at;

	while (str_split(&rest, '&', &part)) {
		at = str_find(part, '=');
		if (str_eqz(str_sub(part, 0, at), key) &&
		    decode(str_sub(part, at + 1, part.n), pool, &ret) == 0)
			return (ret);
	}
	return (str_of(""));
}

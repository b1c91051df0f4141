/* See purl.h. */
#include "purl.h"

static int
hex(char c)
{
	return (c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1);
}

int
purl_decode(struct str s, struct pool *pool, struct str *ret)
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
	    purl_decode(at < s.n ? str_sub(s, 0, at) : str_of(""), pool,
	    &p.space) < 0 ||
	    purl_decode(at < s.n ? str_sub(s, at + 1, s.n) : s, pool, &p.name) < 0 ||
	    purl_decode(version, pool, &p.version) < 0)
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
		    purl_decode(str_sub(part, at + 1, part.n), pool, &ret) == 0)
			return (ret);
	}
	return (str_of(""));
}

/* ------------------------------------------------------------------------- writing */

/* "." to "~" and ':' stand for themselves, purl-spec "Character encoding"; so does
 * what is in ${keep}. */
static int
encode(struct buf *b, struct str s, const char *keep)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    (c != '\0' && (strchr(".-_~:", c) != NULL ||
		    strchr(keep, c) != NULL)))
			rc = buf_byte(b, c);
		else
			rc = buf_printf(b, "%%%02X", c);
	}
	return (rc);
}

/* "?KEY=VALUE", or "&KEY=VALUE" behind others; nothing without a value. */
static int
qualifier(struct buf *b, char *mark, const char *key, struct str value,
    struct str more)
{
	int rc;

	if (value.n == 0)
		return (0);
	if ((rc = buf_printf(b, "%c%s=", *mark, key)) < 0 ||
	    (rc = encode(b, value, "")) < 0)
		return (rc);
	*mark = '&';
	if (more.n == 0)
		return (0);
	/* "NAME@VERSION" or "ID-VERSION": the mark is part of the value */
	if ((rc = buf_str(b, str_of(strcmp(key, "upstream") == 0 ? "%40" :
	    "-"))) < 0)
		return (rc);
	return (encode(b, more, ""));
}

static bool
is_packed_by_distribution(struct str type)
{
	return (str_eqz(type, "deb") || str_eqz(type, "rpm") ||
	    str_eqz(type, "apk") || str_eqz(type, "alpm"));
}

static int
write_qualifiers(struct buf *b, const struct package *p, struct str epoch,
    struct str os_id, struct str os_version)
{
	bool renamed = p->source_name.n != 0 &&
	    !str_eq(p->source_name, p->name);
	char mark = '?';
	int rc;

	if ((rc = qualifier(b, &mark, "arch", p->arch, str_of(""))) < 0 ||
	    (rc = qualifier(b, &mark, "distro", os_id, os_version)) < 0 ||
	    (rc = qualifier(b, &mark, "epoch", epoch, str_of(""))) < 0)
		return (rc);
	return (renamed ? qualifier(b, &mark, "upstream", p->source_name,
	    p->source_version) : 0);
}

int
purl_write(struct buf *b, const struct package *p, struct str os_id,
    struct str os_version)
{
	bool system = is_packed_by_distribution(p->type);
	struct str space = os_id, name = p->name, version = p->version;
	struct str epoch = { NULL, 0 };
	size_t at;
	int rc;

	if (!system) {
		at = str_rfind(name, str_eqz(p->type, "maven") ? ':' : '/');
		space = str_sub(name, 0, at < name.n ? at : 0);
		name = at < name.n ? str_sub(name, at + 1, name.n) : name;
	}
	if (str_eqz(p->type, "rpm") && (at = str_find(version, ':')) <
	    version.n) {
		epoch = str_sub(version, 0, at);
		version = str_sub(version, at + 1, version.n);
	}
	if ((rc = buf_str(b, str_of("pkg:"))) < 0 ||
	    (rc = encode(b, p->type, "")) < 0 ||
	    (rc = buf_byte(b, '/')) < 0 ||
	    (rc = encode(b, space, "/")) < 0 ||
	    (space.n > 0 && (rc = buf_byte(b, '/')) < 0) ||
	    (rc = encode(b, name, "")) < 0 ||
	    (version.n > 0 && (rc = buf_byte(b, '@')) < 0) ||
	    (rc = encode(b, version, "")) < 0)
		return (rc);
	return (system ? write_qualifiers(b, p, epoch, os_id, os_version) : 0);
}

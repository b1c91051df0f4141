/*
 * Challenges and tokens.  Followed: RFC 7235 for the header's grammar, and
 * distribution's token specification.  Values of credentials appear in no
 * diag and are wiped when they are done with.
 */
#include <stdlib.h>
#include <time.h>
#include <openssl/evp.h>
#include "json.h"
#include "limits.h"
#include "mem.h"
#include "pack.h"
#include "registry.h"
#include "registry_auth.h"

/* A token lives this long when its server does not say, and at most that long,
 * whatever it says. */
#define TOKEN_S 60
#define TOKEN_MAX_S 86400

void
registry_auth_done(struct registry_auth *a)
{
	if (a->value != NULL)
		explicit_bzero(a->value, strlen(a->value));
	free(a->value);
	*a = (struct registry_auth) { 0 };
}

char *
registry_basic_header(struct str s)
{
	char *b64 = mem_alloc(4 * (s.n / 3 + 2)), *ret;

	EVP_EncodeBlock((unsigned char *)b64, (const unsigned char *)s.p,
	    (int)s.n);
	ret = mem_printf("Basic %s", b64);
	explicit_bzero(b64, strlen(b64));
	free(b64);
	return (ret);
}

/* --------------------------------------------------------------- challenges */

static bool
token_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' &&
	    strchr("!#$%&'*+-.^_`|~/:?@", c) != NULL));
}

static void
skip(struct str *s, const char *set)
{
	while (s->n > 0 && strchr(set, s->p[0]) != NULL)
		*s = str_sub(*s, 1, s->n);
}

static struct str
take_token(struct str *s)
{
	size_t n = 0;
	struct str t;

	while (n < s->n && token_char(s->p[n]))
		n++;
	t = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return (t);
}

/* A token or a quoted string, unescaped into ${pool}. */
static int
take_value(struct str *s, struct pool *pool, struct str *ret)
{
	size_t n = 0, i = 1;
	char *p;

	if (s->n == 0 || s->p[0] != '"') {
		*ret = take_token(s);
		return (pool_str(pool, *ret, ret));
	}
	if ((p = pool_alloc(pool, s->n + 1)) == NULL)
		return (ERR_LIMIT);
	while (i < s->n && s->p[i] != '"') {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		p[n++] = s->p[i++];
	}
	if (i == s->n)
		return (ERR_MALFORMED);
	*s = str_sub(*s, i + 1, s->n);
	*ret = str_n(p, n);
	return (0);
}

static int
take_parameter(struct str name, struct str *s, struct pool *pool,
    struct registry_challenge *c)
{
	struct str v;
	int rc;

	if ((rc = take_value(s, pool, &v)) < 0)
		return (rc);
	if (str_caseeqz(name, "realm"))
		c->realm = v;
	else if (str_caseeqz(name, "service"))
		c->service = v;
	else if (str_caseeqz(name, "scope"))
		c->scope = v;
	else if (str_caseeqz(name, "error"))
		c->error = v;
	return (0);
}

/* One challenge: a scheme and its parameters, up to the next scheme. */
static int
take_challenge(struct str *s, struct pool *pool, struct registry_challenge *c)
{
	struct str scheme = take_token(s), name, look;
	int rc;

	*c = (struct registry_challenge) { 0 };
	if (scheme.n == 0)
		return (ERR_MALFORMED);
	if (str_caseeqz(scheme, "bearer"))
		c->kind = REGISTRY_BEARER;
	else if (str_caseeqz(scheme, "basic"))
		c->kind = REGISTRY_BASIC;
	for (;;) {
		/* = is left of a token68's padding (Negotiate abc==) */
		skip(s, " \t,=");
		look = *s;
		name = take_token(&look);
		skip(&look, " \t");
		/* a name without = is the next challenge's scheme */
		if (name.n == 0 || look.n == 0 || look.p[0] != '=')
			return (0);
		*s = str_sub(look, 1, look.n);
		skip(s, " \t");
		if ((rc = take_parameter(name, s, pool, c)) < 0)
			return (rc);
	}
}

int
registry_challenge_read(struct str header, struct pool *pool,
    struct registry_challenge *ret, struct diag *d)
{
	struct registry_challenge best = { 0 }, c;
	bool no_realm = false;

	skip(&header, " \t,");
	while (header.n > 0) {
		if (take_challenge(&header, pool, &c) < 0)
			break;
		if (c.kind == REGISTRY_BEARER && c.realm.n == 0)
			no_realm = true;
		else if (c.kind > best.kind)
			best = c;
	}
	if (best.kind == REGISTRY_ANONYMOUS)
		return (no_realm ? diag_set(d, ERR_MALFORMED, 0,
		    "the registry asks for a token but names no realm") :
		    diag_set(d, ERR_UNSUPPORTED, 0,
		    "the registry asks for authentication of a kind that is not known"));
	*ret = best;
	return (0);
}

/* ------------------------------------------------------------------- documents */

static int
read_list(const struct json *j, const char *key, struct buf *out,
    struct diag *d)
{
	const struct json *list = json_get(j, key);
	size_t n = json_len(list), real = 0;
	/* Of an empty list all that is known is gone: it has to be one.  Tags may be
	 * left out where there are none. */
	bool said = list != NULL || (strcmp(key, "tags") == 0 &&
	    json_get(j, "errors") == NULL);

	if (!json_is_object(j) || !said || (list != NULL &&
	    !json_is_array(list) && !json_is_null(list)))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "answer has no list \"%s\"", key));
	for (size_t i = 0; i < n; i++)
		real += json_is_string(json_at(list, i));
	if (pack_array(out, (uint32_t)real) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "list too long"));
	for (size_t i = 0; i < n; i++)
		if (json_is_string(json_at(list, i)) &&
		    pack_str(out, json_str(json_at(list, i))) < 0)
			return (diag_set(d, ERR_LIMIT, 0, "list too long"));
	return (0);
}

static int
read_token(const struct json *j, struct buf *out, struct diag *d)
{
	struct str token = json_get_str(j, "token");
	int64_t s = json_get_int(j, "expires_in", TOKEN_S);

	if (token.n == 0)
		token = json_get_str(j, "access_token");
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] >= 0x7F)
			token.n = 0;	/* would break out of the header */
	if (token.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "the token server's answer holds no token"));
	if (pack_array(out, 2) < 0 || pack_str(out, token) < 0 ||
	    pack_i64(out, s) < 0)
		return (diag_set(d, ERR_LIMIT, 0, "token too long"));
	return (0);
}

int
registry_document_read(enum registry_document kind, struct str body,
    struct buf *out, struct diag *d)
{
	struct json *j = NULL;
	int rc;

	if ((rc = json_parse(body, kind == REGISTRY_TOKEN ? LIMIT_TOKEN_BYTES :
	    LIMIT_LIST_BYTES, &j, d)) < 0)
		return (rc);
	if (kind == REGISTRY_TOKEN)
		rc = read_token(j, out, d);
	else
		rc = read_list(j, kind == REGISTRY_TAGS ? "tags" :
		    "repositories", out, d);
	json_free(j);
	return (rc);
}

/* ---------------------------------------------------------------------- tokens */

static int
add_query(struct buf *b, char sep, const char *key, struct str v)
{
	static const char hex[] = "0123456789ABCDEF";
	int rc;

	if (v.n == 0)
		return (0);
	if ((rc = buf_printf(b, "%c%s=", sep, key)) < 0)
		return (rc);
	for (size_t i = 0; i < v.n && rc == 0; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL)
			rc = buf_byte(b, c);
		else {
			uint8_t e[3] = { '%', (uint8_t)hex[c >> 4],
				(uint8_t)hex[c & 15] };

			rc = buf_add(b, e, 3);
		}
	}
	return (rc);
}

/* The realm must be an absolute URL that this registry may send us to. */
static int
check_realm(const struct registry_credentials *c, struct str realm,
    struct diag *d)
{
	char origin[300], own[300];

	if (!http_origin(realm, origin, sizeof(origin)) ||
	    !http_origin(str_of(c->url), own, sizeof(own)))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "the registry's token realm is no URL"));
	if (!c->insecure && !str_starts(realm, "https://"))
		return (diag_set(d, ERR_DENIED, 0,
		    "the registry's token realm is http; that needs --insecure"));
	if (http_is_private(realm) && strcmp(origin, own) != 0 &&
	    !c->insecure && !http_is_private(str_of(c->url)))
		return (diag_set(d, ERR_DENIED, 0,
		    "the registry's token realm %s is a private address",
		    origin));
	return (0);
}

static int
fetch_token(struct http *h, const struct registry_credentials *c,
    const char *url, struct http_response *r, struct diag *d)
{
	struct http_request q = { .method = "GET", .url = url,
		.insecure = c->insecure, .max_body = LIMIT_TOKEN_BYTES,
		.allow_private = c->insecure || http_is_private(str_of(c->url)) };
	char *pair = NULL, *header = NULL;
	int rc;

	if (c->username.n != 0) {
		pair = mem_printf("%.*s:%.*s", STR_ARG(c->username),
		    STR_ARG(c->password));
		header = registry_basic_header(str_of(pair));
		q.authorization = header;
	}
	rc = http_send(h, &q, r, d);
	if (pair != NULL) {
		explicit_bzero(pair, strlen(pair));
		explicit_bzero(header, strlen(header));
	}
	free(pair);
	free(header);
	if (rc == 0 && r->status != 200)
		rc = diag_set(d, r->status == 400 || http_status_error(
		    r->status) == 0 ? ERR_DENIED : (enum err)http_status_error(
		    r->status), 0, "the token server answers %ld%s", r->status,
		    r->status == 401 || r->status == 403 ?
		    ": check the registry's username and password" : "");
	return (rc);
}

static int
bearer(struct http *h, const struct registry_credentials *c,
    const struct registry_challenge *ch, const char *repository,
    registry_reader *reader, void *arg, struct registry_auth *ret,
    struct diag *d)
{
	char scope[320];
	struct http_response r = { 0 };
	struct buf url, out;
	struct str token;
	struct cur cur;
	int64_t seconds;
	uint32_t n;
	int rc;

	buf_init(&url, 8192);
	buf_init(&out, 2 * LIMIT_TOKEN_BYTES);
	if ((rc = check_realm(c, ch->realm, d)) < 0)
		goto out;
	snprintf(scope, sizeof(scope), repository[0] != '\0' ?
	    "repository:%s:pull" : "registry:catalog:*", repository);
	if (buf_str(&url, ch->realm) < 0 || add_query(&url, str_find(ch->realm,
	    '?') < ch->realm.n ? '&' : '?', "client_id",
	    str_of("scanfarm")) < 0 ||
	    add_query(&url, '&', "service", ch->service) < 0 ||
	    add_query(&url, '&', "scope", str_of(scope)) < 0 ||
	    buf_byte(&url, 0) < 0) {
		rc = diag_set(d, ERR_LIMIT, 0, "token realm too long");
		goto out;
	}
	if ((rc = fetch_token(h, c, (char *)url.p, &r, d)) < 0)
		goto out;
	rc = reader != NULL ? reader(arg, REGISTRY_TOKEN, buf_view(&r.body),
	    &out, d) : registry_document_read(REGISTRY_TOKEN,
	    buf_view(&r.body), &out, d);
	if (rc < 0)
		goto out;
	cur = cur_of(out.p, out.n);
	if (!unpack_array(&cur, &n) || n != 2 || !unpack_str(&cur, &token) ||
	    !unpack_i64(&cur, &seconds)) {
		rc = diag_set(d, ERR_MALFORMED, 0, "token breaks its format");
		goto out;
	}
	ret->kind = REGISTRY_BEARER;
	ret->value = mem_strndup(token);
	if (seconds <= 0)
		seconds = TOKEN_S;
	ret->expires_at = (int64_t)time(NULL) +
	    (seconds < TOKEN_MAX_S ? seconds : TOKEN_MAX_S);
out:
	if (r.body.p != NULL)
		explicit_bzero(r.body.p, r.body.n);
	if (out.p != NULL)
		explicit_bzero(out.p, out.n);
	http_response_done(&r);
	buf_done(&url);
	buf_done(&out);
	return (rc);
}

/* The challenge of the registry itself, at /v2/, into ${ret}; "" when it asks
 * for nothing. */
static int
ask_challenge(struct http *h, const struct registry_credentials *c, char *ret,
    size_t size, struct diag *d)
{
	char *url = mem_printf("%s/v2/", c->url);
	struct http_request q = { .method = "GET", .url = url,
		.insecure = c->insecure, .max_body = LIMIT_TOKEN_BYTES };
	struct http_response r = { 0 };
	int rc;

	ret[0] = '\0';
	if ((rc = http_send(h, &q, &r, d)) == 0) {
		if (r.status == 401 && !r.elsewhere)
			snprintf(ret, size, "%s", r.challenge);
		else if (r.status == 401 || http_status_error(r.status) < 0)
			rc = diag_set(d, http_status_error(r.status), 0,
			    "%s/v2/ answers %ld", c->url, r.status);
	}
	http_response_done(&r);
	free(url);
	return (rc);
}

int
registry_token(struct http *h, const struct registry_credentials *c,
    const char *challenge, const char *repository, registry_reader *reader,
    void *reader_arg, struct registry_auth *ret, struct diag *d)
{
	struct pool *pool = pool_new(64 * KIB);
	struct registry_challenge ch;
	char own[4096];
	int rc;

	*ret = (struct registry_auth) { 0 };
	if (challenge == NULL) {
		if ((rc = ask_challenge(h, c, own, sizeof(own), d)) < 0 ||
		    own[0] == '\0')
			goto out;
		challenge = own;
	}
	if ((rc = registry_challenge_read(str_of(challenge), pool, &ch,
	    d)) < 0)
		goto out;
	if (ch.kind == REGISTRY_BEARER) {
		rc = bearer(h, c, &ch, repository, reader, reader_arg, ret, d);
		goto out;
	}
	if (c->username.n == 0) {
		rc = diag_set(d, ERR_DENIED, 0,
		    "%s asks for a username and password: scanfarm registry add ... --user --password-file",
		    c->url);
		goto out;
	}
	ret->kind = REGISTRY_BASIC;
	ret->value = mem_printf("%.*s:%.*s", STR_ARG(c->username),
	    STR_ARG(c->password));
out:
	pool_free(pool);
	return (rc);
}

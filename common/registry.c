/* Requests to a registry; tokens are in registry_auth.c, lists below. */
#include <stdlib.h>
#include "digest.h"
#include "limits.h"
#include "mem.h"
#include "oci.h"
#include "pack.h"
#include "ref.h"
#include "registry.h"
#include "registry_auth.h"

void
registry_conn_done(struct registry_conn *c)
{
	registry_auth_done(&c->have);
}

void
registry_manifest_done(struct registry_manifest *m)
{
	buf_done(&m->body);
}

/* The enum err of a status, with what a registry's status means to a person. */
static int
status_diag(const struct registry_conn *c, const char *what,
    const struct http_response *r, struct diag *d)
{
	int code = http_status_error(r->status);
	const char *hint = "";

	if (code == 0)
		return (0);
	if (r->status == 401 || r->status == 403)
		hint = ": access denied, check the registry's credentials (scanfarm registry check)";
	else if (r->status == 404)
		hint = ": not found";
	else if (r->status == 412)
		hint = ": the registry's own pull policy stops scanfarm";
	else if (r->status == 429)
		hint = ": the registry's rate limit";
	return (diag_set(d, code, 0, "%s%s answers %ld%s", c->url, what,
	    r->status, hint));
}

/* The Authorization value of ${a}, malloced; NULL for anonymous. */
static char *
auth_header(const struct registry_auth *a)
{
	if (a->kind == REGISTRY_BEARER)
		return (mem_printf("Bearer %s", a->value));
	if (a->kind == REGISTRY_BASIC)
		return (registry_basic_header(str_of(a->value)));
	return (NULL);
}

static void
wipe(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

/* Send ${q} with what we have for the repository; on 401 ask for a token once. */
static int
send_authorized(struct registry_conn *c, const char *repository,
    struct http_request *q, struct http_response *r, struct diag *d)
{
	char *header;
	int rc;

	if (strcmp(c->have_for, repository) != 0)
		registry_auth_done(&c->have);
	header = auth_header(&c->have);
	q->authorization = header;
	q->insecure = c->insecure;
	q->allow_private = c->insecure || http_is_private(str_of(c->url));
	rc = http_send(c->http, q, r, d);
	wipe(header);
	c->retry_after_s = r->retry_after_s;
	/* another origin's 401 gets no answer: it would name its own realm */
	if (rc < 0 || r->status != 401 || c->auth == NULL || r->elsewhere)
		return (rc);
	registry_auth_done(&c->have);
	if ((rc = c->auth(c->auth_arg, r->challenge, repository, &c->have,
	    d)) < 0)
		return (rc);
	snprintf(c->have_for, sizeof(c->have_for), "%s", repository);
	if ((header = auth_header(&c->have)) == NULL)
		return (0);	/* the 401 stands */
	q->authorization = header;
	http_response_done(r);
	rc = http_send(c->http, q, r, d);
	wipe(header);
	c->retry_after_s = r->retry_after_s;
	return (rc);
}

/* Names go into URLs: only what the grammar allows. */
static int
check_names(const char *repository, const char *reference, struct diag *d)
{
	if (!ref_name_ok(str_of(repository)) ||
	    (!oci_digest_ok(str_of(reference)) &&
	    !ref_tag_ok(str_of(reference))))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "%.200s:%.150s is no repository and reference", repository,
		    reference));
	return (0);
}

int
registry_get_manifest(struct registry_conn *c, const char *repository,
    const char *reference, struct registry_manifest *ret, struct diag *d)
{
	struct http_request q = { .method = "GET",
		.headers = { "Accept: " OCI_ACCEPT },
		.max_body = LIMIT_MANIFEST_BYTES };
	struct http_response r = { 0 };
	char computed[DIGEST_TEXT];
	char *url = NULL;
	const char *claim;
	int rc;

	if ((rc = check_names(repository, reference, d)) < 0)
		return (rc);
	url = mem_printf("%s/v2/%s/manifests/%s", c->url, repository,
	    reference);
	q.url = url;
	if ((rc = send_authorized(c, repository, &q, &r, d)) < 0 ||
	    (rc = status_diag(c, "", &r, d)) < 0)
		goto out;
	digest_of(r.body.p, r.body.n, ret->sha256);
	digest_format(ret->sha256, computed);
	claim = oci_digest_ok(str_of(reference)) ? reference :
	    oci_digest_ok(str_of(r.content_digest)) ? r.content_digest :
	    computed;
	/* schema 1 is signed: its digest is not of the bytes served; as
	 * oci.c goes by the same type, nothing else passes as it */
	if (strcmp(claim, computed) != 0 && !str_starts(str_of(r.content_type),
	    "application/vnd.docker.distribution.manifest.v1+")) {
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "%s: the manifest's digest is %s, not %s as asked for",
		    c->url, computed, claim);
		goto out;
	}
	snprintf(ret->content_type, sizeof(ret->content_type), "%s",
	    r.content_type);
	ret->body = r.body;	/* handed over */
	memset(&r.body, 0, sizeof(r.body));
out:
	http_response_done(&r);
	free(url);
	return (rc);
}

int
registry_head_manifest(struct registry_conn *c, const char *repository,
    const char *tag, const char *known, char ret[72], struct diag *d)
{
	struct http_request q = { .method = "HEAD",
		.headers = { "Accept: " OCI_ACCEPT } };
	struct http_response r = { 0 };
	char *url = NULL, *match = NULL;
	int rc;

	if ((rc = check_names(repository, tag, d)) < 0)
		return (rc);
	url = mem_printf("%s/v2/%s/manifests/%s", c->url, repository, tag);
	q.url = url;
	if (known[0] != '\0') {
		match = mem_printf("If-None-Match: \"%s\"", known);
		q.headers[1] = match;
	}
	if ((rc = send_authorized(c, repository, &q, &r, d)) < 0 ||
	    (rc = status_diag(c, "", &r, d)) < 0)
		goto out;
	if (r.status == 304) {
		rc = 1;
		goto out;
	}
	if (!oci_digest_ok(str_of(r.content_digest))) {
		rc = diag_set(d, ERR_UNSUPPORTED, 0,
		    "%s names no sha256 digest for %s:%s", c->url, repository,
		    tag);
		goto out;
	}
	snprintf(ret, 72, "%s", r.content_digest);
	rc = strcmp(ret, known) == 0;
out:
	http_response_done(&r);
	free(url);
	free(match);
	return (rc);
}

/* -------------------------------------------------------------------- blobs */

struct blob {
	struct digest *digest;
	int64_t size;
	uint64_t n;
	int (*sink)(void *arg, const uint8_t *, size_t, struct diag *);
	void *arg;
};

static int
on_blob(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	struct blob *b = arg;

	b->n += n;
	if (b->size >= 0 && b->n > (uint64_t)b->size)
		return (diag_set(d, ERR_MALFORMED, (uint64_t)b->size,
		    "blob is larger than the %lld bytes its manifest says",
		    (long long)b->size));
	if (b->n > LIMIT_LAYER_BYTES)
		return (diag_set(d, ERR_LIMIT, LIMIT_LAYER_BYTES,
		    "blob is larger than %llu bytes",
		    (unsigned long long)LIMIT_LAYER_BYTES));
	digest_add(b->digest, p, n);
	return (b->sink(b->arg, p, n, d));
}

int
registry_get_blob(struct registry_conn *c, const char *repository,
    const char *digest, int64_t size,
    int (*sink)(void *arg, const uint8_t *, size_t, struct diag *), void *arg,
    uint64_t *ret, struct diag *d)
{
	struct blob b = { .size = size, .sink = sink, .arg = arg };
	struct http_request q = { .method = "GET", .sink = on_blob,
		.sink_arg = &b };
	struct http_response r = { 0 };
	char computed[DIGEST_TEXT];
	uint8_t sha[32];
	char *url = NULL;
	int rc;

	*ret = 0;
	if ((rc = check_names(repository, digest, d)) < 0)
		return (rc);
	b.digest = digest_new();
	url = mem_printf("%s/v2/%s/blobs/%s", c->url, repository, digest);
	q.url = url;
	if ((rc = send_authorized(c, repository, &q, &r, d)) < 0 ||
	    (rc = status_diag(c, "", &r, d)) < 0)
		goto out;
	if (size >= 0 && b.n != (uint64_t)size) {
		rc = diag_set(d, ERR_MALFORMED, b.n,
		    "blob has %llu bytes, its manifest says size %lld",
		    (unsigned long long)b.n, (long long)size);
		goto out;
	}
	digest_end(b.digest, sha);
	digest_format(sha, computed);
	if (strcmp(computed, digest) != 0)
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "blob's digest is %s, not %s as its manifest says",
		    computed, digest);
out:
	*ret = b.n;
	digest_free(b.digest);
	http_response_done(&r);
	free(url);
	return (rc);
}

/* -------------------------------------------------------------------- lists */

/* One element of a Link header, from its < on: is its rel "next"?  *${p} moves
 * behind it. */
static bool
is_next(struct str *p, struct str *target)
{
	size_t end = str_find(*p, '>');
	bool quoted = false, next = false;
	struct str rest, one;
	size_t n = 0;

	*target = str_sub(*p, 1, end);
	rest = str_sub(*p, end + 1, p->n);
	while (n < rest.n && (quoted || rest.p[n] != ','))
		quoted ^= rest.p[n++] == '"';
	*p = str_sub(rest, n + 1, rest.n);
	rest = str_sub(rest, 0, n);
	while (str_split(&rest, ';', &one)) {
		size_t eq = str_find(one, '=');
		struct str v = str_trim(str_sub(one, eq + 1, one.n)), word;

		if (!str_caseeqz(str_trim(str_sub(one, 0, eq)), "rel"))
			continue;
		if (v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"')
			v = str_sub(v, 1, v.n - 1);
		while (str_split(&v, ' ', &word))
			next = next || str_caseeqz(word, "next");
	}
	return (next);
}

int
registry_next_page(const char *link, const char *base, char *ret, size_t size,
    struct diag *d)
{
	char from[300], to[300], text[HTTP_URL], next[HTTP_URL];
	struct str p = str_of(link), target;

	for (;;) {
		p = str_sub(p, str_find(p, '<'), p.n);
		if (p.n == 0 || str_find(p, '>') == p.n)
			return (0);
		if (is_next(&p, &target))
			break;
	}
	/* not silently the end: what follows would count as gone */
	if ((size_t)snprintf(text, sizeof(text), "%.*s", STR_ARG(target)) >=
	    sizeof(text) || !http_resolve(base, text, next, sizeof(next)) ||
	    !http_origin(str_of(base), from, sizeof(from)) ||
	    !http_origin(str_of(next), to, sizeof(to)) ||
	    strcmp(from, to) != 0 || strcmp(base, next) == 0 ||
	    strlen(next) >= size)
		return (diag_set(d, ERR_DENIED, 0,
		    "the list's next page (%.200s) is none of this registry's",
		    text));
	snprintf(ret, size, "%s", next);
	return (1);
}

static int
hand_out(struct str packed, int (*each)(void *, struct str), void *arg,
    struct diag *d)
{
	struct cur c = cur_str(packed);
	struct str name;
	uint32_t n;
	int rc;

	if (!unpack_array(&c, &n))
		return (diag_set(d, ERR_MALFORMED, 0, "list breaks its format"));
	while (n-- > 0) {
		if (!unpack_str(&c, &name))
			return (diag_set(d, ERR_MALFORMED, 0,
			    "list breaks its format"));
		if ((rc = each(arg, name)) < 0)
			return (rc);
	}
	return (0);
}

static int
in_place(void *arg, enum registry_document kind, struct str body,
    struct buf *out, struct diag *d)
{
	(void)arg;
	return (registry_document_read(kind, body, out, d));
}

int
registry_list(struct registry_conn *c, const char *repository,
    registry_reader *reader, void *reader_arg,
    int (*each)(void *arg, struct str name), void *arg, struct diag *d)
{
	enum registry_document kind = repository != NULL ? REGISTRY_TAGS :
	    REGISTRY_CATALOG;
	struct http_request q = { .method = "GET", .max_body = LIMIT_LIST_BYTES };
	struct http_response r = { 0 };
	char url[HTTP_URL], next[HTTP_URL];
	unsigned n = repository != NULL ? 1000 : 100, pages = 0;
	struct buf out;
	int rc;

	if (reader == NULL)
		reader = in_place;
	if (repository != NULL && !ref_name_ok(str_of(repository)))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "%.200s is no repository", repository));
	buf_init(&out, LIMIT_LIST_BYTES);
	next[0] = '\0';
	for (;;) {
		if (next[0] != '\0')
			snprintf(url, sizeof(url), "%s", next);
		else if (repository != NULL)
			snprintf(url, sizeof(url), "%s/v2/%s/tags/list?n=%u",
			    c->url, repository, n);
		else
			snprintf(url, sizeof(url), "%s/v2/_catalog?n=%u",
			    c->url, n);
		q.url = url;
		http_response_done(&r);
		if ((rc = send_authorized(c, repository != NULL ? repository :
		    "", &q, &r, d)) < 0)
			break;
		/* a registry with a smaller page refuses a larger n */
		if (r.status == 400 && next[0] == '\0' && n > 1) {
			n /= 2;
			continue;
		}
		if ((rc = status_diag(c, repository != NULL ? " (tags)" :
		    " (catalog)", &r, d)) < 0)
			break;
		buf_clear(&out);
		if ((rc = reader(reader_arg, kind, buf_view(&r.body), &out,
		    d)) < 0 ||
		    (rc = hand_out(buf_view(&out), each, arg, d)) < 0 ||
		    (rc = registry_next_page(r.link, url, next, sizeof(next),
		    d)) <= 0)
			break;
		if (++pages == LIMIT_LIST_PAGES) {
			rc = diag_set(d, ERR_LIMIT, 0, "%s: more than %d pages",
			    c->url, LIMIT_LIST_PAGES);
			break;
		}
	}
	http_response_done(&r);
	buf_done(&out);
	return (rc);
}

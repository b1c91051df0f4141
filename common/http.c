/* HTTP over libcurl. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "http.h"
#include "limits.h"
#include "mem.h"

#define REDIRECTS 5
/* A transfer that brings less than this in each of STALL_S seconds is dead, or
 * from a server that feeds a byte at a time to hold whoever reads. */
#define STALL_S 30
#define STALL_BYTES 1024L
#define CONNECT_MS 15000L
/* A document of at most LIMIT_LIST_BYTES; against a server that feeds a byte
 * at a time.  Blobs have no such end: their size and STALL_BYTES decide. */
#define DOCUMENT_MS 300000L
/* All header lines of one answer; libcurl bounds only a single line. */
#define HEADER_BYTES (256 * KIB)

struct http {
	CURL *c;
	/* of the transfer in progress */
	const struct http_request *rq;
	struct http_response *rs;
	struct diag *d;
	int error;			/* of a callback */
	bool private_ok;
	bool private_refused;
	bool private_peer;		/* of the last connection used */
	size_t sent;
	size_t header_bytes;
	bool (*stop)(void *arg);
	void *stop_arg;
};

struct http *
http_new(void)
{
	struct http *h = mem_alloc(sizeof(*h));

	/* counted inside libcurl; thread-safe in Debian's build */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    (h->c = curl_easy_init()) == NULL)
		_exit(EXIT_NO_MEMORY);
	return (h);
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->c);
	free(h);
}

void
http_set_stop(struct http *h, bool (*stop)(void *arg), void *arg)
{
	h->stop = stop;
	h->stop_arg = arg;
}

void
http_response_done(struct http_response *r)
{
	buf_done(&r->body);
}

/* ---------------------------------------------------------------------- urls */

bool
http_origin(struct str url, char *ret, size_t size)
{
	size_t colon = str_find(url, ':'), end;
	struct str rest;

	if (!str_starts(url, "http://") && !str_starts(url, "https://"))
		return (false);
	rest = str_sub(url, colon + 3, url.n);
	end = 0;
	while (end < rest.n && strchr("/?#", rest.p[end]) == NULL)
		end++;
	rest = str_sub(rest, 0, end);
	if (rest.n == 0 || rest.n > 255 || str_find(rest, '@') < rest.n)
		return (false);
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] <= ' ' || rest.p[i] >= 0x7F ||
		    strchr("\\\"'<>", rest.p[i]) != NULL)
			return (false);
	return ((size_t)snprintf(ret, size, "%.*s://%.*s", (int)colon, url.p,
	    STR_ARG(rest)) < size);
}

static bool
private_v4(uint32_t a)
{
	return (a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127 ||
	    a >> 16 == 0xA9FE || a >> 20 == 0xAC1 || a >> 16 == 0xC0A8 ||
	    a >> 22 == 0x191 || a >> 28 >= 0xE);
}

static bool
private_v6(const uint8_t a[16])
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	uint32_t v4;

	if (memcmp(a, mapped, 12) == 0) {
		memcpy(&v4, a + 12, 4);
		return (private_v4(ntohl(v4)));
	}
	for (int i = 0; i < 15; i++)
		if (a[i] != 0)
			return ((a[0] & 0xFE) == 0xFC || a[0] == 0xFF ||
			    (a[0] == 0xFE && (a[1] & 0xC0) == 0x80));
	return (true);	/* :: and ::1 */
}

bool
http_is_private(struct str url)
{
	char origin[300], host[300];
	struct in6_addr a6;
	struct in_addr a4;
	char *p, *end;

	if (!http_origin(url, origin, sizeof(origin)))
		return (false);
	p = strstr(origin, "://") + 3;
	if (*p == '[') {
		snprintf(host, sizeof(host), "%s", p + 1);
		if ((end = strchr(host, ']')) != NULL)
			*end = '\0';
		return (inet_pton(AF_INET6, host, &a6) == 1 &&
		    private_v6(a6.s6_addr));
	}
	snprintf(host, sizeof(host), "%s", p);
	if ((end = strchr(host, ':')) != NULL)
		*end = '\0';
	if (strcmp(host, "localhost") == 0)
		return (true);
	return (inet_pton(AF_INET, host, &a4) == 1 &&
	    private_v4(ntohl(a4.s_addr)));
}

bool
http_resolve(const char *base, const char *ref, char *ret, size_t size)
{
	char origin[300];

	if (strncmp(ref, "http://", 7) == 0 || strncmp(ref, "https://", 8) == 0)
		return ((size_t)snprintf(ret, size, "%s", ref) < size);
	if (ref[0] == '/' && ref[1] != '/' &&
	    http_origin(str_of(base), origin, sizeof(origin)))
		return ((size_t)snprintf(ret, size, "%s%s", origin, ref) < size);
	if (ref[0] == '?') {
		size_t n = strcspn(base, "?#");

		return ((size_t)snprintf(ret, size, "%.*s%s", (int)n, base,
		    ref) < size);
	}
	return (false);
}

int
http_status_error(long status)
{
	if ((status >= 200 && status < 300) || status == 304)
		return (0);
	if (status == 401 || status == 403 || status == 412)
		return (ERR_DENIED);
	if (status == 404 || status == 410)
		return (ERR_NOT_FOUND);
	if (status == 408 || status == 429 || status >= 500)
		return (ERR_TEMPORARY);
	return (ERR_UNSUPPORTED);
}

/* ----------------------------------------------------------------- callbacks */

static void
keep(char *to, size_t size, struct str v)
{
	snprintf(to, size, "%.*s", (int)(v.n < size ? v.n : size - 1), v.p);
}

/* Retry-After: seconds, or a date. */
static uint32_t
retry_after(struct str v)
{
	char text[64];
	uint64_t s;
	time_t at;

	if (str_u64(v, &s))
		return (s > 86400 ? 86400 : (uint32_t)s);
	keep(text, sizeof(text), v);
	if ((at = curl_getdate(text, NULL)) < 0 || at <= time(NULL))
		return (1);
	return (at - time(NULL) > 86400 ? 86400 : (uint32_t)(at - time(NULL)));
}

/* One more line of what is of no use when it is cut. */
static bool
keep_whole(struct http *h, const char *name, char *to, size_t size, struct str v)
{
	size_t n = strlen(to);

	if (v.n < size - n && (size_t)snprintf(to + n, size - n, "%s%.*s",
	    n != 0 ? ", " : "", STR_ARG(v)) < size - n)
		return (true);
	h->error = diag_set(h->d, ERR_LIMIT, size,
	    "the answer's %s is longer than %zu bytes", name, size - 1);
	return (false);
}

static size_t
on_header(char *p, size_t size, size_t count, void *arg)
{
	struct str line = str_trim(str_n(p, size * count)), name, v;
	struct http *h = arg;
	struct http_response *r = h->rs;
	size_t colon = str_find(line, ':'), n;
	uint64_t u;

	h->header_bytes += size * count;
	if (h->header_bytes > HEADER_BYTES) {
		h->error = diag_set(h->d, ERR_LIMIT, HEADER_BYTES,
		    "the answer's headers are larger than %zu bytes",
		    (size_t)HEADER_BYTES);
		return (0);
	}
	if (str_starts(line, "HTTP/")) {	/* a new answer (100-continue) */
		r->challenge[0] = r->etag[0] = r->link[0] = '\0';
		r->last_modified[0] = r->content_range[0] = '\0';
		r->location[0] = '\0';
		r->retry_after_s = 0;
		return (size * count);
	}
	if (colon == line.n)
		return (size * count);
	name = str_sub(line, 0, colon);
	v = str_trim(str_sub(line, colon + 1, line.n));
	if (str_caseeqz(name, "content-type"))
		keep(r->content_type, sizeof(r->content_type), v);
	else if (str_caseeqz(name, "docker-content-digest"))
		keep(r->content_digest, sizeof(r->content_digest), v);
	else if (str_caseeqz(name, "etag"))
		keep(r->etag, sizeof(r->etag), v);
	else if (str_caseeqz(name, "last-modified"))
		keep(r->last_modified, sizeof(r->last_modified), v);
	else if (str_caseeqz(name, "content-range"))
		keep(r->content_range, sizeof(r->content_range), v);
	else if (str_caseeqz(name, "link")) {
		if (!keep_whole(h, "Link", r->link, sizeof(r->link), v))
			return (0);
	} else if (str_caseeqz(name, "location")) {
		r->location[0] = '\0';	/* of several the last */
		if (!keep_whole(h, "Location", r->location,
		    sizeof(r->location), v))
			return (0);
	} else if (str_caseeqz(name, "retry-after"))
		r->retry_after_s = retry_after(v);
	else if (str_caseeqz(name, "content-length") && str_u64(v, &u) &&
	    u <= INT64_MAX)
		r->content_length = (int64_t)u;
	else if (str_caseeqz(name, "www-authenticate")) {
		n = strlen(r->challenge);
		snprintf(r->challenge + n, sizeof(r->challenge) - n, "%s%.*s",
		    n != 0 ? ", " : "", STR_ARG(v));
	}
	return (size * count);
}

static size_t
on_body(char *p, size_t size, size_t count, void *arg)
{
	struct http *h = arg;
	size_t n = size * count;
	long status = 0;

	curl_easy_getinfo(h->c, CURLINFO_RESPONSE_CODE, &status);
	if (h->rq->sink != NULL && status >= 200 && status < 300) {
		h->error = h->rq->sink(h->rq->sink_arg, (const uint8_t *)p, n,
		    h->d);
		return (h->error < 0 ? 0 : n);
	}
	if (buf_add(&h->rs->body, p, n) == 0)
		return (n);
	if (status >= 300)	/* the start of an error page is enough */
		return (n);
	h->error = diag_set(h->d, ERR_LIMIT, h->rs->body.max,
	    "answer is larger than %zu bytes", h->rs->body.max);
	return (0);
}

static size_t
on_read(char *p, size_t size, size_t count, void *arg)
{
	struct http *h = arg;
	size_t n = size * count;
	ssize_t got;

	if (h->rq->body_fd > 0) {
		got = pread(h->rq->body_fd, p, n, (off_t)h->sent);
		if (got < 0)
			return (CURL_READFUNC_ABORT);
		n = (size_t)got;
	} else {
		struct str s = str_sub(h->rq->body, h->sent, h->sent + n);

		n = s.n;
		if (n != 0)
			memcpy(p, s.p, n);
	}
	h->sent += n;
	return (n);
}

/* Refuse private addresses where the hop may not reach them; this sees what
 * the name really resolved to. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http *h = arg;
	bool private = false;

	(void)purpose;
	if (a->family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, &a->addr, sizeof(in));
		private = private_v4(ntohl(in.sin_addr.s_addr));
	} else if (a->family == AF_INET6) {
		struct sockaddr_in6 in6;

		if (a->addrlen >= sizeof(in6)) {
			memcpy(&in6, &a->addr, sizeof(in6));
			private = private_v6(in6.sin6_addr.s6_addr);
		}
	}
	if (private && !h->private_ok) {
		h->private_refused = true;
		return (CURL_SOCKET_BAD);
	}
	return (socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol));
}

/* The same for a connection that is used again, which opens no socket; and what
 * the first hop was connected to decides about the later ones. */
static int
on_ready(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct http *h = arg;
	struct in6_addr a6;
	struct in_addr a4;

	(void)local;
	(void)peer_port;
	(void)local_port;
	/* what cannot be read counts as private: it is refused, not let through */
	h->private_peer = inet_pton(AF_INET, peer, &a4) == 1 ?
	    private_v4(ntohl(a4.s_addr)) : inet_pton(AF_INET6, peer, &a6) != 1 ||
	    private_v6(a6.s6_addr);
	h->private_refused = h->private_peer && !h->private_ok;
	return (h->private_refused ? CURL_PREREQFUNC_ABORT :
	    CURL_PREREQFUNC_OK);
}

static int
on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
    curl_off_t up)
{
	struct http *h = arg;

	(void)total;
	(void)now;
	(void)up_total;
	(void)up;
	return (h->stop(h->stop_arg));
}

/* ------------------------------------------------------------------ transfer */

static void
setup(struct http *h, const char *url, struct curl_slist *headers)
{
	const struct http_request *q = h->rq;
	CURL *c = h->c;

	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
	    q->insecure ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
	    q->stall_s > 0 ? q->stall_s : STALL_S);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "scanfarm");
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 65536L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h);
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_ready);
	curl_easy_setopt(c, CURLOPT_PREREQDATA, h);
	if (h->stop != NULL) {
		curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(c, CURLOPT_XFERINFODATA, h);
	}
	if (q->sink == NULL && q->body_fd <= 0)
		curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, DOCUMENT_MS);
	if (q->insecure) {
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (strcmp(q->method, "HEAD") == 0)
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else if (strcmp(q->method, "GET") != 0) {
		bool upload = q->body.n != 0 || q->body_fd > 0;

		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
		if (upload) {
			off_t n = q->body_fd > 0 ?
			    lseek(q->body_fd, 0, SEEK_END) : (off_t)q->body.n;

			curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
			curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
			curl_easy_setopt(c, CURLOPT_READDATA, h);
			curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE,
			    (curl_off_t)n);
		} else if (strcmp(q->method, "POST") == 0)
			curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
	}
}

static int
transport_error(struct http *h, CURLcode rc, const char *url)
{
	char origin[300];

	if (h->error < 0)
		return (h->error);
	if (!http_origin(str_of(url), origin, sizeof(origin)))
		snprintf(origin, sizeof(origin), "(bad URL)");
	if (h->private_refused)
		return (diag_set(h->d, ERR_DENIED, 0,
		    "%s resolves to a private address, which this registry may not redirect to",
		    origin));
	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return (diag_set(h->d, ERR_TEMPORARY, 0,
		    "%s: the transfer was stopped", origin));
	if (rc == CURLE_PARTIAL_FILE)
		return (diag_set(h->d, ERR_TEMPORARY, 0,
		    "%s: the body ended early", origin));
	if (rc == CURLE_UNSUPPORTED_PROTOCOL || rc == CURLE_URL_MALFORMAT)
		return (diag_set(h->d, ERR_USAGE, 0,
		    "%s: not an URL that may be used (http needs --insecure)",
		    origin));
	if (rc == CURLE_PEER_FAILED_VERIFICATION)
		return (diag_set(h->d, ERR_DENIED, 0,
		    "%s: its certificate is not trusted", origin));
	return (diag_set(h->d, ERR_TEMPORARY, 0, "%s: %s", origin,
	    curl_easy_strerror(rc)));
}

/* One hop.  The status is in ${h->rs}. */
static int
hop(struct http *h, const char *url, bool with_auth)
{
	const struct http_request *q = h->rq;
	struct curl_slist *headers = NULL, *more;
	char *auth = NULL;
	CURLcode rc;

	for (size_t i = 0; i < 8 && q->headers[i] != NULL; i++)
		if ((more = curl_slist_append(headers, q->headers[i])) != NULL)
			headers = more;
	if (with_auth && q->authorization != NULL) {
		auth = mem_printf("Authorization: %s", q->authorization);
		if ((more = curl_slist_append(headers, auth)) != NULL)
			headers = more;
	}
	if ((more = curl_slist_append(headers, "Expect:")) != NULL)
		headers = more;
	setup(h, url, headers);
	rc = curl_easy_perform(h->c);
	curl_easy_getinfo(h->c, CURLINFO_RESPONSE_CODE, &h->rs->status);
	curl_slist_free_all(headers);
	free(auth);
	return (rc == CURLE_OK && h->error == 0 ? 0 :
	    transport_error(h, rc, url));
}

static bool
is_redirect(const struct http_response *r)
{
	return ((r->status == 301 || r->status == 302 || r->status == 303 ||
	    r->status == 307 || r->status == 308) && r->location[0] != '\0');
}

int
http_send(struct http *h, const struct http_request *q,
    struct http_response *ret, struct diag *d)
{
	char url[HTTP_URL], next[HTTP_URL], origin[300], to[300];
	bool same = true, inside = false;
	int rc;

	memset(ret, 0, sizeof(*ret));
	buf_init(&ret->body, q->max_body != 0 ? q->max_body : 64 * KIB);
	if ((size_t)snprintf(url, sizeof(url), "%s", q->url) >= sizeof(url) ||
	    !http_origin(str_of(url), origin, sizeof(origin)))
		return (diag_set(d, ERR_USAGE, 0,
		    "\"%.200s\" is no http or https URL", q->url));
	h->rq = q;
	h->rs = ret;
	h->d = d;
	for (int i = 0;; i++) {
		h->error = 0;
		h->sent = 0;
		h->header_bytes = 0;
		h->private_refused = false;
		h->private_ok = same || inside || q->allow_private;
		ret->content_length = -1;
		buf_clear(&ret->body);
		if ((rc = hop(h, url, same)) < 0)
			return (rc);
		if (i == 0)
			inside = h->private_peer;
		if (!is_redirect(ret))
			return (0);
		if (i == REDIRECTS)
			return (diag_set(d, ERR_DENIED, 0,
			    "%s: more than %d redirects", origin, REDIRECTS));
		if (!http_resolve(url, ret->location, next, sizeof(next)) ||
		    !http_origin(str_of(next), to, sizeof(to)))
			return (diag_set(d, ERR_DENIED, 0,
			    "%s: redirects to something that is no URL",
			    origin));
		if (strncmp(url, "https:", 6) == 0 &&
		    strncmp(next, "https:", 6) != 0)
			return (diag_set(d, ERR_DENIED, 0,
			    "%s: redirects from https to http", origin));
		same = same && strcmp(origin, to) == 0;
		ret->elsewhere = !same;
		snprintf(url, sizeof(url), "%s", next);
	}
}

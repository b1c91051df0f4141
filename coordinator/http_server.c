/*
 * HTTP in, by libmicrohttpd: poll mode (epoll with suspended connections
 * stalled under load), a few threads, one database connection each.
 *
 * A webhook is authenticated, bounded, handed to the committer and suspended;
 * it is answered when it is durable.  An upload goes to an unlinked file and
 * runs in a thread of its own meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/digest.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/proc.h"
#include "common/text.h"
#include "feed_import.h"
#include "coordinator/matcher/feed.h"
#include "files.h"
#include "http_request.h"
#include "inbox.h"
#include "sql.h"
#include "wake.h"

#define THREADS 4
/* A page of a large farm takes seconds; a thread must not wait for ever. */
#define PAGE_MS 20000
/* Bodies of webhooks in memory, of all requests: what a burst of a thousand
 * notifications needs and many times more. */
#define BODIES_MAX ((size_t)128 << 20)
#define ANSWER_MAX ((size_t)64 << 20)
#define API_BODY (64 * KIB)
/* Arguments of a request that outlive its head. */
#define ARGS_MAX 8

struct http_server {
	struct MHD_Daemon *daemon;
	struct coordinator *co;
	char token[80];			/* of the administrator */
	_Atomic bool stopping;
	_Atomic int suspended;
	_Atomic size_t bodies;		/* bytes held */
};

/* KIND_SLOW: a handler that waits for others, or works for long, in a thread of
 * its own; so has an upload, and it may have a handler. */
enum kind { KIND_NONE, KIND_WEBHOOK, KIND_UPLOAD, KIND_HANDLER, KIND_SLOW };

struct route {
	const char *method, *prefix;	/* a prefix ending in / takes a rest */
	bool admin;
	enum kind kind;
	http_handler *handler;
};

static const struct route routes[] = {
	{ "GET", "/", false, KIND_HANDLER, page_home },
	{ "GET", "/images/", false, KIND_HANDLER, page_image },
	{ "GET", "/style.css", false, KIND_HANDLER, page_style },
	{ "GET", "/healthz", false, KIND_HANDLER, api_health },
	{ "GET", "/readyz", false, KIND_HANDLER, api_ready },
	{ "GET", "/metrics", false, KIND_HANDLER, api_metrics },
	{ "POST", "/webhooks/", false, KIND_WEBHOOK, NULL },
	{ "GET", "/api/v1/registries", true, KIND_HANDLER, api_registries_list },
	{ "POST", "/api/v1/registries", true, KIND_HANDLER, api_registries_add },
	{ "POST", "/api/v1/registries/", true, KIND_SLOW, api_registries_check },
	{ "DELETE", "/api/v1/registries/", true, KIND_HANDLER, api_registries_remove },
	{ "GET", "/api/v1/notify-targets", true, KIND_HANDLER, api_notify_list },
	{ "POST", "/api/v1/notify-targets", true, KIND_HANDLER, api_notify_add },
	{ "DELETE", "/api/v1/notify-targets/", true, KIND_HANDLER, api_notify_remove },
	{ "GET", "/api/v1/policy", true, KIND_HANDLER, api_policy },
	{ "POST", "/api/v1/policy", true, KIND_HANDLER, api_policy_set },
	{ "GET", "/api/v1/status", true, KIND_HANDLER, api_status },
	{ "GET", "/api/v1/audit", true, KIND_HANDLER, api_audit },
	{ "POST", "/api/v1/audit", true, KIND_HANDLER, api_audit_request },
	{ "GET", "/api/v1/feeds", true, KIND_HANDLER, api_feeds },
	{ "DELETE", "/api/v1/feeds", true, KIND_SLOW, api_feeds_remove },
	{ "POST", "/api/v1/feeds/import", true, KIND_UPLOAD, NULL },
	{ "GET", "/api/v1/feeds/export", true, KIND_SLOW, api_feeds_export },
	{ "POST", "/api/v1/feeds/export", true, KIND_UPLOAD, api_feeds_mirror },
	{ "POST", "/api/v1/feeds/gone", true, KIND_SLOW, api_feeds_gone },
	{ "POST", "/api/v1/feeds/unchanged", true, KIND_HANDLER, api_feeds_unchanged },
	{ "POST", "/api/v1/scans", true, KIND_HANDLER, api_scan },
	{ "GET", "/api/v1/scans", true, KIND_HANDLER, api_scan_state },
	{ "GET", "/api/v1/images", true, KIND_HANDLER, api_image },
	{ "GET", "/api/v1/images/", true, KIND_SLOW, api_explanation },
	{ "GET", "/api/v1/changes", true, KIND_HANDLER, api_changes },
	{ "GET", "/api/v1/verdicts", true, KIND_HANDLER, api_verdict_as_of },
	{ "GET", "/api/v1/vulnerabilities/", true, KIND_HANDLER, api_affected },
};

#define ORIGIN_TEXTS 4

struct request {
	struct http_server *server;
	struct MHD_Connection *connection;
	const struct route *route;
	struct buf body;
	bool too_large;
	int refused;			/* status of a webhook, known from its head;
					   or 503: no room for one more body */
	int fd;				/* of an upload */
	struct inbox_item item;
	bool waiting, done;
	char feed[FEED_NAME_MAX + 1];
	struct feed_options options;	/* of its import; their texts: */
	char origin[ORIGIN_TEXTS][1024];
	char rest[300];			/* of a slow one: the path behind its prefix */
	char *args[ARGS_MAX][2];	/* of a slow one: key and value */
	size_t nargs;
	struct http_answer answer;
};

struct thread_dbs {	/* one a thread, closed when it ends */
	struct db *page, *webhook;
};
static pthread_key_t dbs_key;

static void
dbs_end(void *arg)
{
	struct thread_dbs *t = arg;

	db_close(t->page);
	db_close(t->webhook);
	free(t);
}

/* This thread's connection; NULL when the database is away.  Senders of webhooks
 * wait less patiently than people do for a page. */
static struct db *
thread_db(struct coordinator *co, enum kind kind)
{
	bool webhook = kind == KIND_WEBHOOK;
	struct thread_dbs *t = pthread_getspecific(dbs_key);
	struct db **db;

	if (t == NULL) {
		t = mem_alloc(sizeof(*t));
		pthread_setspecific(dbs_key, t);
	}
	db = webhook ? &t->webhook : &t->page;
	if (*db == NULL) {
		if (db_open(co->database, "scanfarm http", db, NULL) < 0)
			return (NULL);
		db_set_deadline(*db, webhook ? INBOX_WAIT_MS : PAGE_MS);
	}
	return (db_alive(*db) ? *db : NULL);
}

void
http_error(struct http_answer *a, int status, const char *error,
    const char *hint)
{
	struct json_writer w;

	a->status = status;
	a->type = "application/json";
	buf_clear(&a->body);
	json_w_init(&w, &a->body);
	json_w_object(&w);
	json_w_kstr(&w, "error", str_of(error));
	if (hint[0] != '\0')
		json_w_kstr(&w, "hint", str_of(hint));
	json_w_end_object(&w);
}

void
http_error_diag(struct http_answer *a, int rc, const struct diag *d)
{
	http_error(a, rc == ERR_TEMPORARY ? 503 : rc == ERR_NOT_FOUND ? 404 :
	    rc == ERR_DENIED ? 403 : rc == ERR_LIMIT ? 413 : 400, d->text, "");
}

static struct MHD_Response *
response(struct http_answer *a)
{
	struct MHD_Response *r;
	off_t size;

	if (a->fd < 0)
		return (MHD_create_response_from_buffer(a->body.n,
		    a->body.n != 0 ? (void *)a->body.p : (void *)(uintptr_t)"",
		    MHD_RESPMEM_MUST_COPY));
	size = lseek(a->fd, 0, SEEK_END);
	/* it is the response's now */
	r = MHD_create_response_from_fd64(size > 0 ? (uint64_t)size : 0, a->fd);
	a->fd = -1;
	return (r);
}

static enum MHD_Result
queue_answer(struct request *q)
{
	struct MHD_Response *r = response(&q->answer);
	enum MHD_Result rc;

	MHD_add_response_header(r, "Content-Type", q->answer.type != NULL ?
	    q->answer.type : "application/json");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(r, "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; form-action 'self'; "
	    "base-uri 'none'; frame-ancestors 'none'");
	MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(r, "Cache-Control", "no-store");
	if (q->answer.status == 503)
		MHD_add_response_header(r, "Retry-After", "2");
	rc = MHD_queue_response(q->connection, (unsigned)q->answer.status, r);
	MHD_destroy_response(r);
	return (rc);
}

/* ----------------------------------------------------------------- suspension */

static void
suspend(struct request *q)
{
	q->waiting = true;
	atomic_fetch_add(&q->server->suspended, 1);
	MHD_suspend_connection(q->connection);
}

static void
resume(void *arg)
{
	struct request *q = arg;
	struct http_server *s = q->server;

	q->done = true;
	MHD_resume_connection(q->connection);
	atomic_fetch_sub(&s->suspended, 1);
}

/* -------------------------------------------------------------------- webhook */

static bool
name_is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7F)
			return (false);
	return (true);
}

static bool
secret_ok(const char *authorization, struct str want)
{
	const char *p = strncasecmp(authorization, "Bearer ", 7) == 0 ?
	    authorization + 7 : authorization;
	uint8_t got[32];

	digest_of(p, strlen(p), got);
	return (want.n == 32 && CRYPTO_memcmp(got, want.p, 32) == 0);
}

/* Who sent it, and may they.  0 or an HTTP status. */
static int
webhook_check(struct request *q, const char *name)
{
	const char *authorization = MHD_lookup_connection_value(q->connection,
	    MHD_HEADER_KIND, "Authorization");
	struct db *db = thread_db(q->server->co, KIND_WEBHOOK);
	struct db_result *r = NULL;
	int status = 0;

	if (db == NULL || DB_QUERY(db, sql_webhook_registry, &r, NULL,
	    db_text(str_of(name))) < 0)
		return (503);
	if (db_rows(r) == 0)
		status = 404;
	else if (!secret_ok(authorization != NULL ? authorization : "",
	    db_col_bytes(r, 0, 2)))
		status = 401;
	else {
		q->item.registry = db_col_int(r, 0, 0);
		snprintf(q->item.source, sizeof(q->item.source), "%.*s",
		    STR_ARG(db_col(r, 0, 1)));
	}
	db_free(r);
	return (status);
}

static enum MHD_Result
webhook(struct request *q)
{
	struct str body = str_trim(buf_view(&q->body));
	struct digest *h;
	int status;

	if (q->done) {
		http_error(&q->answer, q->item.status, q->item.status == 202 ?
		    "" : "the database is away", "");
		if (q->item.status == 202)
			buf_clear(&q->answer.body);
		return (queue_answer(q));
	}
	status = q->refused != 0 ? q->refused : q->too_large ? 413 : 0;
	if (status == 0 && (body.n == 0 || body.p[0] != '{'))
		status = 400;
	if (status != 0) {
		http_error(&q->answer, status, status == 413 ?
		    "webhook body above 1 MiB" : status == 404 ?
		    "no such webhook" : status == 401 ? "wrong secret" :
		    status == 400 ? "body is no JSON object" :
		    "the database is away, or too many are waiting", status == 401 ?
		    "send the header Authorization: Bearer SECRET of scanfarm registry add" :
		    status == 404 ?
		    "copy the URL that scanfarm registry add printed" : "");
		return (queue_answer(q));
	}
	h = digest_new();
	digest_add(h, &q->item.registry, sizeof(q->item.registry));
	digest_add(h, body.p, body.n);
	digest_end(h, q->item.dedupe);
	digest_free(h);
	q->item.body = body;
	q->item.done = resume;
	q->item.arg = q;
	suspend(q);
	if (!inbox_submit(&q->item)) {
		q->item.status = 503;
		resume(q);
	}
	return (MHD_YES);
}

/* ----------------------------------------------------------- threads of their own */

/* Run ${work} outside the server's few threads; it ends with resume(). */
static void
background(struct request *q, void *(*work)(void *))
{
	pthread_t t;

	suspend(q);
	if (pthread_create(&t, NULL, work, q) != 0) {
		http_error(&q->answer, 503, "no thread for this request",
		    "try again in some seconds");
		resume(q);
	} else
		pthread_detach(t);
}

static const char *
kept_query(const struct http_request_in *r, const char *key)
{
	const struct request *q = r->connection;

	for (size_t i = 0; i < q->nargs; i++)
		if (strcmp(q->args[i][0], key) == 0)
			return (q->args[i][1]);
	return ("");
}

static enum MHD_Result
keep_arg(void *arg, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct request *q = arg;

	(void)kind;
	if (q->nargs == ARGS_MAX)
		return (MHD_NO);
	q->args[q->nargs][0] = mem_strdup(key);
	q->args[q->nargs++][1] = mem_strdup(value != NULL ? value : "");
	return (MHD_YES);
}

static void *
slow_thread(void *arg)
{
	struct request *q = arg;
	struct http_request_in in = { .co = q->server->co,
		.rest = str_of(q->rest), .body = buf_view(&q->body),
		.fd = q->fd, .query = kept_query, .connection = q };
	struct diag d = { 0 };
	int rc;

	if ((rc = db_open(in.co->database, "scanfarm http", &in.db, &d)) < 0)
		http_error_diag(&q->answer, rc, &d);
	else
		q->route->handler(&in, &q->answer);
	db_close(in.db);
	resume(q);
	return (NULL);
}

static enum MHD_Result
slow(struct request *q, const char *path)
{
	const char *rest = path + strlen(q->route->prefix);

	if (q->done)
		return (queue_answer(q));
	if (q->too_large || strlen(rest) >= sizeof(q->rest)) {
		http_error(&q->answer, q->too_large ? 413 : 404, q->too_large ?
		    "body too large, or no room for it" : "no such page", "");
		return (queue_answer(q));
	}
	snprintf(q->rest, sizeof(q->rest), "%s", rest);
	MHD_get_connection_values(q->connection, MHD_GET_ARGUMENT_KIND, keep_arg,
	    q);
	background(q, slow_thread);
	return (MHD_YES);
}

/* --------------------------------------------------------------------- upload */

static void *
upload_thread(void *arg)
{
	struct request *q = arg;
	struct feed_result f = { 0 };
	struct json_writer w;
	struct db *db = NULL;
	struct diag d = { 0 };
	int rc;

	lseek(q->fd, 0, SEEK_SET);
	if ((rc = db_open(q->server->co->database, "scanfarm import", &db,
	    &d)) == 0)
		rc = feed_import_fd(db, q->server->co, q->feed, q->fd,
		    &q->options, &f, &d);
	db_close(db);
	if (rc < 0) {
		http_error_diag(&q->answer, rc, &d);
	} else {
		q->answer.status = 200;
		json_w_init(&w, &q->answer.body);
		json_w_object(&w);
		json_w_kint(&w, "documents", (int64_t)f.documents);
		json_w_kint(&w, "changed", (int64_t)f.changed);
		json_w_kint(&w, "unmatched", (int64_t)f.unmatched);
		json_w_kint(&w, "gone", (int64_t)f.gone);
		json_w_kint(&w, "missing", (int64_t)f.missing);
		json_w_kint(&w, "unknown_products",
		    (int64_t)f.unknown_products);
		json_w_kint(&w, "malformed", (int64_t)f.malformed);
		json_w_key(&w, "malformed_names");
		json_w_array(&w);
		for (size_t i = 0; i < f.nnames; i++)
			json_w_str(&w, str_of(f.names[i]));
		json_w_end_array(&w);
		json_w_end_object(&w);
	}
	feed_result_done(&f);
	wake_up(WAKE_MATCHER);
	resume(q);
	return (NULL);
}

static const char *
argument(struct request *q, const char *key)
{
	const char *v = MHD_lookup_connection_value(q->connection,
	    MHD_GET_ARGUMENT_KIND, key);

	return (v != NULL ? v : "");
}

/* How to import, and where the file is from; false when a text is too long, or
 * no text. */
static bool
take_options(struct request *q)
{
	static const char *const keys[ORIGIN_TEXTS] = { "origin", "etag",
		"last_modified", "watermark" };
	struct feed_origin *o = &q->options.origin;
	struct str *to[ORIGIN_TEXTS] = { &o->url, &o->etag, &o->last_modified,
		&o->watermark };

	for (size_t i = 0; i < ORIGIN_TEXTS; i++) {
		const char *v = argument(q, keys[i]);

		if ((size_t)snprintf(q->origin[i], sizeof(q->origin[i]), "%s",
		    v) >= sizeof(q->origin[i]) || !text_is_utf8(str_of(v)))
			return (false);
		*to[i] = str_of(q->origin[i]);
	}
	q->options.accept_missing = strcmp(argument(q, "accept_missing"), "1") == 0;
	q->options.partial = strcmp(argument(q, "partial"), "1") == 0;
	return (true);
}

static enum MHD_Result
upload(struct request *q)
{
	const char *feed = MHD_lookup_connection_value(q->connection,
	    MHD_GET_ARGUMENT_KIND, "feed");

	if (q->done)
		return (queue_answer(q));
	if (q->too_large || feed == NULL || !feed_name_ok(str_of(feed))) {
		http_error(&q->answer, q->too_large ? 413 : 400,
		    q->too_large ? "upload too large, or no room for it" :
		    "that is no feed's name",
		    "a feed is KIND/NAME, such as osv/Debian, osv/npm, "
		    "secdb/alpine-v3.20-main; or kev, or epss");
		return (queue_answer(q));
	}
	snprintf(q->feed, sizeof(q->feed), "%s", feed);
	if (!take_options(q)) {
		http_error(&q->answer, 400, "origin, etag, last_modified and "
		    "watermark are texts of less than 1,024 bytes", "");
		return (queue_answer(q));
	}
	background(q, upload_thread);
	return (MHD_YES);
}

/* ------------------------------------------------------------------- requests */

static const char *
query(const struct http_request_in *r, const char *key)
{
	const char *v = MHD_lookup_connection_value(r->connection,
	    MHD_GET_ARGUMENT_KIND, key);

	return (v != NULL ? v : "");
}

static const struct route *
find_route(const char *method, const char *path, bool *path_known)
{
	*path_known = false;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		const struct route *r = &routes[i];
		size_t n = strlen(r->prefix);
		bool rest = n > 1 && r->prefix[n - 1] == '/';

		if (rest ? strncmp(path, r->prefix, n) != 0 || path[n] == '\0' :
		    strcmp(path, r->prefix) != 0)
			continue;
		*path_known = true;
		if (strcmp(method, r->method) == 0 ||
		    (strcmp(method, "HEAD") == 0 &&
		    strcmp(r->method, "GET") == 0))
			return (r);
	}
	return (NULL);
}

static bool
is_admin(struct request *q)
{
	const char *a = MHD_lookup_connection_value(q->connection,
	    MHD_HEADER_KIND, "Authorization");
	uint8_t want[32];

	digest_of(q->server->token, strlen(q->server->token), want);
	return (a != NULL && secret_ok(a, str_n(want, 32)));
}

static enum MHD_Result
handle(struct request *q, const char *method, const char *path)
{
	const char *a = MHD_lookup_connection_value(q->connection,
	    MHD_HEADER_KIND, "Authorization");
	struct http_request_in in = { .co = q->server->co, .method = method,
		.path = path, .rest = str_of(path + strlen(q->route->prefix)),
		.body = buf_view(&q->body), .authorization = a != NULL ? a : "",
		.query = query, .connection = q->connection };

	in.db = thread_db(q->server->co, KIND_HANDLER);
	if (q->too_large)
		http_error(&q->answer, 413, "body too large", "");
	else if (in.db == NULL && q->route->handler != api_health)
		http_error(&q->answer, 503, "the database is away",
		    "try again in some seconds");
	else
		q->route->handler(&in, &q->answer);
	return (queue_answer(q));
}

/* The first call of a request: decide by its head alone. */
static struct request *
begin(struct http_server *s, struct MHD_Connection *c, const char *method,
    const char *path)
{
	struct request *q = mem_alloc(sizeof(*q));
	bool known;

	q->server = s;
	q->connection = c;
	q->fd = q->answer.fd = -1;
	q->route = find_route(method, path, &known);
	buf_init(&q->answer.body, ANSWER_MAX);
	buf_init(&q->body, q->route != NULL && q->route->kind == KIND_WEBHOOK ?
	    LIMIT_WEBHOOK_BYTES : API_BODY);
	if (q->route == NULL)
		http_error(&q->answer, known ? 405 : 404, known ?
		    "that method is not offered here" : "no such page", "");
	else if (q->route->admin && !is_admin(q)) {
		http_error(&q->answer, 401, "this needs the administrator's token",
		    "Authorization: Bearer with the content of admin.token in the data directory; scanfarm reads it by --token-file");
		q->route = NULL;
	} else if (q->route->kind == KIND_WEBHOOK) {
		/* a stranger's body is not kept */
		path += strlen(q->route->prefix);
		q->refused = name_is_plain(path) ? webhook_check(q, path) : 404;
	} else if (q->route->kind == KIND_UPLOAD) {
		q->fd = open(s->co->data_dir, O_TMPFILE | O_RDWR | O_CLOEXEC,
		    0600);
		q->too_large = q->fd < 0;
	}
	return (q);
}

static void
receive(struct request *q, const char *p, size_t n)
{
	off_t at;

	if (q->too_large || q->refused != 0 || q->route == NULL)
		return;
	if (q->route->kind != KIND_UPLOAD) {
		q->too_large = buf_add(&q->body, p, n) < 0;
		if (!q->too_large && atomic_fetch_add(&q->server->bodies, n) +
		    n > BODIES_MAX)
			q->refused = 503;
	} else if ((at = lseek(q->fd, 0, SEEK_CUR)) < 0 ||
	    (uint64_t)at + n > LIMIT_FEED_BYTES ||
	    write_all(q->fd, p, n, NULL) < 0)
		q->too_large = true;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *data, size_t *n,
    void **state)
{
	struct http_server *s = arg;
	struct request *q = *state;

	(void)version;
	if (q == NULL) {
		*state = begin(s, c, method, path);
		return (MHD_YES);
	}
	if (*n > 0) {
		receive(q, data, *n);
		*n = 0;
		return (MHD_YES);
	}
	if (q->waiting && !q->done)
		return (MHD_YES);
	if (q->route == NULL)
		return (queue_answer(q));
	if (atomic_load(&s->stopping) && !q->done) {
		http_error(&q->answer, 503, "the coordinator is stopping", "");
		return (queue_answer(q));
	}
	if (q->route->kind == KIND_WEBHOOK)
		return (webhook(q));
	if (q->refused != 0) {		/* half of a body is none */
		http_error(&q->answer, q->refused,
		    "the bodies of other requests fill the memory for them",
		    "try again in some seconds");
		return (queue_answer(q));
	}
	if (q->route->kind == KIND_UPLOAD && q->route->handler == NULL)
		return (upload(q));
	if (q->route->kind == KIND_SLOW || q->route->kind == KIND_UPLOAD)
		return (slow(q, path));
	return (handle(q, method, path));
}

static void
on_completed(void *arg, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct request *q = *state;

	(void)arg;
	(void)c;
	(void)why;
	if (q == NULL)
		return;
	if (q->fd >= 0)
		close(q->fd);
	if (q->answer.fd >= 0)
		close(q->answer.fd);
	for (size_t i = 0; i < q->nargs; i++) {
		free(q->args[i][0]);
		free(q->args[i][1]);
	}
	atomic_fetch_sub(&q->server->bodies, q->body.n);
	buf_done(&q->body);
	buf_done(&q->answer.body);
	free(q);
	*state = NULL;
}

static void
on_log(void *arg, const char *fmt, va_list ap)
{
	char text[400];

	(void)arg;
	vsnprintf(text, sizeof(text), fmt, ap);
	log_warn("http", "reason", "%s", text, NULL);
}

struct http_server *
http_server_start(struct coordinator *co, char *err, size_t errsize)
{
	struct http_server *s = mem_alloc(sizeof(*s));
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)co->http_port) };
	struct diag d;

	s->co = co;
	if (inet_pton(AF_INET, co->http_address, &a.sin_addr) != 1) {
		snprintf(err, errsize, "%s is no IPv4 address",
		    co->http_address);
		free(s);
		return (NULL);
	}
	if (files_read(co->data_dir, "admin.token", s->token, sizeof(s->token),
	    &d) < 0) {
		snprintf(err, errsize, "%s", d.text);
		free(s);
		return (NULL);
	}
	pthread_key_create(&dbs_key, dbs_end);
	s->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD |
	    MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
	    on_request, s,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&a,
	    MHD_OPTION_THREAD_POOL_SIZE, THREADS,
	    MHD_OPTION_CONNECTION_LIMIT, 2048u,
	    MHD_OPTION_CONNECTION_TIMEOUT, 60u,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
	    MHD_OPTION_END);
	if (s->daemon == NULL) {
		snprintf(err, errsize, "cannot listen on %s:%d: %s",
		    co->http_address, co->http_port, strerror(errno));
		free(s);
		return (NULL);
	}
	return (s);
}

void
http_server_stop(struct http_server *s)
{
	if (s == NULL)
		return;
	atomic_store(&s->stopping, true);
	/* libmicrohttpd aborts with suspended connections: they are resumed by
	 * the committer and by uploads; give both time */
	for (int i = 0; i < 600 && atomic_load(&s->suspended) > 0; i++)
		usleep(50000);
	if (atomic_load(&s->suspended) > 0)
		return;	/* an import still runs; it ends with the process */
	MHD_stop_daemon(s->daemon);
	free(s);
}
